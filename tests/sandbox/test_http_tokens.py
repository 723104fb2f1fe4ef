"""Tokens: every way in which one can be wrong has its own code."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.tokens import TokenMint
from goodsfactory.sandbox.world import World


def claims_of(token: Any) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def forge(token: Any, **changes: Any) -> str:
    """The token with other claims under the old signature; None removes a claim."""
    claims = {**claims_of(token), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    payload = base64.urlsafe_b64encode(json.dumps(kept).encode()).rstrip(b"=").decode()
    head, _, signature = token.split(".")
    return f"{head}.{payload}.{signature}"


def sign(mint: Any, token: Any, **changes: Any) -> str:
    """The token with other claims and a good signature."""
    signed = forge(token, **changes).rpartition(".")[0]
    return f"{signed}.{mint._sign(signed)}"


def test_a_token_says_what_a_client_reads_in_it(play: Callable[..., Any]) -> None:
    """Claims are identifier, version, reset_date, iat and sub, as on the live server."""

    async def story(s: Any) -> None:
        assert claims_of(s.token) == {
            "identifier": "TESTER",
            "version": "v2.3.0",
            "reset_date": "2026-03-01",
            "iat": 1772370000,
            "sub": "agent-token",
        }

    play(story)


def test_without_a_token(play: Callable[..., Any]) -> None:
    """4103 answers a private endpoint called without a header; a public one needs none."""

    async def story(s: Any) -> None:
        await s.refused(4103, "GET", "/my/agent", status=401, token=None)
        assert await s.get("/systems", token=None)

    play(story)


@pytest.mark.parametrize(
    ("token", "code"),
    [("garbage", 4104), ("a.b.c", 4104), ("a.W10.c", 4104), ("a.e30.c", 4105)],
)
def test_unreadable_tokens(play: Callable[..., Any], token: str, code: int) -> None:
    """An unreadable token is 4104, one of another kind 4105; on public endpoints too."""

    async def story(s: Any) -> None:
        for path in ("/my/agent", "/systems"):
            await s.refused(code, "GET", path, status=401, headers={"authorization": f"Bearer {token}"})
        await s.refused(4104, "GET", "/my/agent", status=401, headers={"authorization": "Basic eA=="})

    play(story)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer   "])
def test_an_empty_token_is_none_at_all(play: Callable[..., Any], header: str) -> None:
    """Where a token is optional; where one is needed it is 4100."""

    async def story(s: Any) -> None:
        headers = {"authorization": header}
        for path in ("/", "/systems", "/factions", "/agents/TESTER"):
            assert (await s.call("GET", path, headers=headers)).status_code == 200
        await s.refused(4100, "GET", "/my/agent", status=401, headers=headers)

    play(story)


def test_the_status_looks_at_no_token(play: Callable[..., Any], new_world: Any, clock: Clock) -> None:
    """A client that asks why its token is refused learns the reset date, whatever it sends along."""
    stale = new_world(clock, seed=7, reset_date="2026-02-22").register("TESTER", "COSMIC").token

    async def story(s: Any) -> None:
        for header in (f"Bearer {stale}", "Bearer garbage", "Basic eA=="):
            answer = await s.call("GET", "/", headers={"authorization": header})
            assert (answer.status_code, answer.json()["resetDate"]) == (200, "2026-03-01")

    play(story)


def test_forged_and_foreign_tokens(play: Callable[..., Any]) -> None:
    """A changed claim breaks the signature (4104); well signed nonsense is told apart."""

    async def story(s: Any) -> None:
        mint = TokenMint(7, "2026-03-01")
        for changes, code in (
            ({"identifier": None}, 4101),
            ({"identifier": 5}, 4102),
            ({"identifier": ""}, 4102),
            ({"identifier": "NOBODY"}, 4107),
            ({"version": "v1.0.0"}, 4109),
            ({"sub": "account-token"}, 4105),
        ):
            token = sign(mint, s.token, **changes)
            await s.refused(code, "GET", "/my/agent", status=401, token=token)
        await s.refused(4104, "GET", "/my/agent", status=401, token=forge(s.token, identifier="OTHER"))
        await s.refused(4104, "GET", "/my/agent", status=401, token=s.token[:-4] + "AAAA")

    play(story)


@pytest.mark.parametrize("old_seed", [7, 8])
def test_a_token_of_an_earlier_reset_is_stale(
    play: Callable[..., Any], new_world: Callable[..., World], clock: Clock, old_seed: int
) -> None:
    """4113 under 401, with what was expected and what came, whichever universe had signed it."""
    old = new_world(clock, seed=old_seed, reset_date="2026-02-22").register("TESTER", "COSMIC").token

    async def story(s: Any) -> None:
        error = await s.refused(4113, "GET", "/my/agent", status=401, token=old)
        assert error["data"] == {"expected": "2026-03-01", "actual": "2026-02-22"}
        await s.refused(4113, "GET", "/systems", status=401, token=old)

    play(story)


def test_a_token_survives_a_restart_of_the_same_universe(
    play: Callable[..., Any], new_world: Callable[..., World], clock: Clock
) -> None:
    """The same seed and reset sign alike: a token from before a restart is good once the agent exists."""
    before = new_world(clock).register("TESTER", "COSMIC").token

    async def story(s: Any) -> None:
        assert (await s.get("/my/agent", token=before))["symbol"] == "TESTER"

    play(story)


def test_any_account_token_may_register(play: Callable[..., Any]) -> None:
    """The sandbox knows no accounts: one account token makes one account, whatever it says."""

    async def story(s: Any) -> None:
        for symbol in ("ONE", "TWO"):
            response = await s.call(
                "POST", "/register", json={"symbol": symbol, "faction": "VOID"}, token="my-account"
            )
            assert response.status_code == 201, response.text
        one, two, tester = (s.world.agents.find(symbol).account for symbol in ("ONE", "TWO", "TESTER"))
        assert one == two != tester
        form = {"symbol": "THREE", "faction": "VOID"}
        await s.refused(4100, "POST", "/register", form, status=401, headers={"authorization": "Bearer "})

    play(story)
