"""Accounts, reserved call signs, and what an agent may read of its own history."""

from collections.abc import Callable
from typing import Any

FORM = {"symbol": "FRESH", "faction": "COSMIC"}


async def opened(s: Any, name: str = "me") -> Any:
    """The token of an account opened through the operator's namespace."""
    response = await s.http.post("http://localhost/sandbox/accounts", json={"name": name})
    assert response.status_code == 201, response.text
    return response.json()["data"]["token"]


def test_a_strict_sandbox_registers_accounts_only(play: Callable[..., Any]) -> None:
    """4116 without a token, 4115 with one that is none, 4106 an unknown account's, 4105 an agent's."""

    async def story(s: Any) -> None:
        register = ("POST", "/register", FORM)
        await s.refused(4116, *register, status=401, token=None)
        for wrong in ("nonsense", "a.b.c", "a.e30.c"):
            await s.refused(4115, *register, status=401, token=wrong)
        token = await opened(s)
        agent = (await s.call("POST", "/register", json=FORM, token=token)).json()["data"]
        await s.refused(4105, "POST", "/register", FORM, status=401, token=agent["token"])
        s.world.accounts._open.clear()
        await s.refused(4106, *register, status=401, token=token)

    play(story, accounts_required=True, register=False)


def test_one_account_has_many_agents(play: Callable[..., Any]) -> None:
    """Agents registered with one account share it, also by a token of a later opening; others do not."""

    async def story(s: Any) -> None:
        first = await opened(s)
        accounts = set()
        for symbol in ("ONE", "TWO"):
            s.clock.advance(5)
            token = await opened(s)
            form = {"symbol": symbol, "faction": "VOID"}
            data = (await s.call("POST", "/register", json=form, token=token)).json()["data"]
            accounts.add(data["agent"]["accountId"])
        assert len(accounts) == 1
        for each in (first, token):
            assert {(await s.get("/my/account", token=each))["account"]["id"]} == accounts
            await s.refused(4105, "GET", "/my/agent", status=401, token=each)
        others = {
            (await s.get("/my/account", token=each))["account"]["id"]
            for each in (s.token, await opened(s, "you"))
        }
        assert len(others - accounts) == 2

    play(story)


def test_an_account_token_is_no_agent_token(play: Callable[..., Any]) -> None:
    """4108 while the account has no agent, 4105 once it has one; 4103, 4104 for /my/account."""

    async def story(s: Any) -> None:
        token = await opened(s)
        await s.refused(4108, "GET", "/my/agent", status=401, token=token)
        await s.call("POST", "/register", json=FORM, token=token)
        await s.refused(4105, "GET", "/my/agent", status=401, token=token)
        await s.refused(4103, "GET", "/my/account", status=401, token=None)
        await s.refused(4104, "GET", "/my/account", status=401, token="garbage")

    play(story)


def test_a_call_sign_may_be_reserved(play: Callable[..., Any]) -> None:
    """4110 answers a reserved call sign, in any case of its letters."""

    async def story(s: Any) -> None:
        for symbol in ("DONOR", "donor"):
            form = {"symbol": symbol, "faction": "COSMIC"}
            error = await s.refused(4110, "POST", "/register", form, token=None)
            assert error["data"] == {"agentSymbol": "DONOR"}

    play(story, reserved_symbols=["DONOR"])


def test_an_agent_reads_its_history(play: Callable[..., Any]) -> None:
    """Registration, purchases, contracts, charts and scrapped ships, newest first, and nobody else's."""

    async def story(s: Any) -> None:
        s.world.register("RIVAL", "VOID")
        contract = (await s.get("/my/contracts"))[0]["id"]
        await s.post(f"/my/contracts/{contract}/accept")
        await s.post("/my/ships", {"shipType": "SHIP_PROBE", "waypointSymbol": "X1-TINY-A2"}, status=201)
        s.place("TESTER-4", "X1-TINY-D5")
        await s.post("/my/ships/TESTER-4/chart", status=201)
        s.place("TESTER-4", "X1-TINY-A2")
        await s.post("/my/ships/TESTER-4/scrap")
        events = await s.get("/my/agent/events")
        assert [event["type"] for event in events] == [
            *("SHIP_SCRAPPED", "CHART", "SHIP_PURCHASED", "CONTRACT_ACCEPTED", "AGENT_REGISTERED")
        ]
        assert {"id", "type", "message", "data", "createdAt"} == set(events[0])
        assert len({event["id"] for event in events}) == 5

    play(story)


def test_reputation_grows_with_fulfilled_contracts(play: Callable[..., Any]) -> None:
    """Every faction starts at 0; a fulfilled contract earns a point with the faction that gave it."""

    async def story(s: Any) -> None:
        before = await s.get("/my/factions")
        assert before[:2] == [{"symbol": "COSMIC", "reputation": 0}, {"symbol": "VOID", "reputation": 0}]
        contract = (await s.get("/my/contracts"))[0]
        terms = contract["terms"]["deliver"][0]
        await s.post(f"/my/contracts/{contract['id']}/accept")
        s.place("TESTER-3", terms["destinationSymbol"]).hold = {terms["tradeSymbol"]: terms["unitsRequired"]}
        load = {
            "shipSymbol": "TESTER-3",
            "tradeSymbol": terms["tradeSymbol"],
            "units": terms["unitsRequired"],
        }
        await s.post(f"/my/contracts/{contract['id']}/deliver", load)
        await s.post(f"/my/contracts/{contract['id']}/fulfill")
        assert (await s.get("/my/factions"))[0] == {"symbol": "COSMIC", "reputation": 1}

    play(story)
