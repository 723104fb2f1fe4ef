"""What the game's refusals become, and that no secret travels with them (law L12)."""

import logging
import traceback
from typing import Any

import httpx2
import pytest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.domain.errors import (
    GoodsFactoryError,
    NotFound,
    Refused,
    StaleToken,
    Unavailable,
    UserError,
)

SECRET = "eyJhbGciOiJSUzI1NiJ9.eyJpZGVudGlmaWVyIjoiTUUifQ.c2lnbmF0dXJl"


def fail(stage: Any, answer: Response) -> GoodsFactoryError:
    """The error of a purchase that is answered so."""
    stage.app.on("POST /my/ships/ME-1/purchase", answer)
    with pytest.raises(GoodsFactoryError) as caught:
        stage.call(lambda s: s.purchase("ME-1", "IRON_ORE", 5), token=SECRET)
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "data"),
    [
        (4214, 400, {"secondsToArrival": 12}),
        (4600, 400, {"agentCredits": 10, "totalPrice": 500}),
        (4604, 400, {"tradeVolume": 20, "units": 40}),
        (4244, 400, None),
        (4217, 409, None),
        (3001, 422, {"zodIssues": [{"path": ["units"]}]}),
        (4000, 409, {"cooldown": {"remainingSeconds": 3}}),
    ],
)
def test_a_refusal_keeps_code_status_and_data(
    stage: Any, make: Any, code: int, status: int, data: Any
) -> None:
    """Whoever catches it branches on the code and reads the data."""
    error = fail(stage, make.refusal(code, "The game says no.", status, data))
    assert type(error) is Refused
    assert (error.code, error.status, error.data) == (code, status, data or {})
    assert str(error) == f"The game says no. (code {code})"


@pytest.mark.parametrize(("code", "status"), [(404, 404), (4603, 400), (4603, 404), (3000, 404)])
def test_what_the_game_does_not_know(stage: Any, make: Any, code: Any, status: int) -> None:
    """404 is NotFound under whatever code, except the server's own trouble."""
    error = fail(stage, make.refusal(code, "Ship ME-1 not found.", status))
    assert type(error) is (NotFound if code != 3000 else type(error))
    assert isinstance(error, Unavailable if code == 3000 else NotFound)


@pytest.mark.parametrize(
    ("code", "status"),
    [(401, 401), *[(code, 401) for code in range(4100, 4110)], (4113, 401), (4113, 400)],
)
def test_a_token_of_another_universe(stage: Any, make: Any, code: Any, status: int) -> None:
    """Both generations of the reset's 401 are a stale token (api-facts §4)."""
    data = {"expected": "2026-01-11", "actual": "2026-01-04"}
    error = fail(stage, make.refusal(code, "Token reset_date does not match.", status, data))
    assert type(error) is StaleToken
    assert error.data == data


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (401, StaleToken), (400, Refused)])
def test_a_read_is_refused_without_a_code_too(
    stage: Any, make: Any, status: int, kind: type[Refused]
) -> None:
    """Whether a 404 has a code is not established (api-facts §3); a read may be believed without one."""
    stage.app.on("GET /my/ships/ME-1", make.refusal(None, "There is none.", status))
    with pytest.raises(Refused) as caught:
        stage.call(lambda s: s.ship("ME-1"))
    assert (type(caught.value), caught.value.code) == (kind, status)


@pytest.mark.parametrize(
    ("code", "status"), [(4110, 400), (4111, 409), (4112, 400), (4114, 401), (4115, 401), (4116, 401)]
)
def test_a_refused_registration_is_no_stale_token(stage: Any, make: Any, code: int, status: int) -> None:
    """A taken call sign or a wrong account token says nothing about any agent's token."""
    stage.app.on("POST /register", make.refusal(code, "Cannot register.", status))
    with pytest.raises(Refused) as caught:
        stage.run(lambda server, _clock: server.register("ME", "COSMIC", account_token="ACCOUNT"))
    assert type(caught.value) is Refused
    assert caught.value.code == code


@pytest.mark.parametrize(("code", "status"), [(3100, 400), (3200, 400), (3002, 400), (503, 503)])
def test_the_servers_own_trouble_is_unavailable(stage: Any, make: Any, code: int, status: int) -> None:
    """Maintenance and reset are nobody's fault, whatever status they come under."""
    assert isinstance(fail(stage, make.refusal(code, "Back soon", status)), Unavailable)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HTMLResponse("<html>Not here</html>", 404), Unavailable),
        (HTMLResponse("<html>Forbidden</html>", 403), Unavailable),
        (HTMLResponse("<html>Slow down</html>", 429), Unavailable),
        (Response(status_code=401), Unavailable),
        (JSONResponse({"message": "Request timeout", "code": 408}, 408), Unavailable),
        (JSONResponse({"error": "conflict"}, 409), Unavailable),
        (JSONResponse(["odd"], 400), Unavailable),
        (JSONResponse({"error": {"message": 7, "code": "x"}}, 400), Unavailable),
        (JSONResponse({"error": {"message": "No.", "code": None}}, 400), Unavailable),
        (JSONResponse({"error": {"message": "No.", "code": True}}, 400), Unavailable),
        (JSONResponse({"error": {"message": "No.", "code": 10**20}}, 400), Unavailable),
        (JSONResponse({"error": {"code": 4600}}, 400), Unavailable),
        (Response(b'{"error": ' + b"[" * 100_000, 400), Unavailable),
        (Response(b'{"data": ' + b"[" * 100_000, 200), Unavailable),
        (RedirectResponse("/elsewhere", 302), Unavailable),
        (HTMLResponse("<html>Bad gateway</html>", 502), Unavailable),
        (Response(b"", 500), Unavailable),
        (HTMLResponse("<html>Hello</html>", 200), Unavailable),
        (Response(b"", 204), Unavailable),
        (JSONResponse({"data": None}), Unavailable),
    ],
)
def test_answers_that_are_not_the_games(stage: Any, answer: Response, kind: type[Exception]) -> None:
    """A login page, a proxy's complaint or an empty answer is one sentence, and leaves the purchase in doubt.

    Only the game's own envelope is its no: whatever else comes back, the purchase may have happened.
    """
    error = fail(stage, answer)
    assert type(error) is kind
    assert isinstance(error, Unavailable)
    assert error.maybe_done
    assert len(stage.app.seen) == 1
    assert "<" not in str(error)
    assert "\n" not in str(error)


def test_a_long_or_broken_message_becomes_one_short_line(stage: Any, make: Any) -> None:
    """What the server says is shown, flattened and cut."""
    error = fail(stage, make.refusal(4600, "Too  dear.\n\n" + "very " * 200))
    assert "\n" not in str(error)
    assert str(error).startswith("Too dear. very very")
    assert len(str(error)) < 330


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_a_server_that_repeats_the_token_is_not_quoted(stage: Any, make: Any, status: int) -> None:
    """Neither message nor data nor representation of an error contains the token, or any other JWT."""
    other = SECRET.replace("c2ln", "b3Ro")
    data = {"token": SECRET, "nested": [{"value": f"Bearer {other}"}]}
    error = fail(stage, make.refusal(4104, f"Cannot parse {SECRET}, nor {other}", status, data))
    shown = f"{error} {error!r} {vars(error)} {''.join(traceback.format_exception(error))}"
    assert SECRET not in shown
    assert other not in shown


def test_a_token_of_any_shape_is_hidden(stage: Any, make: Any) -> None:
    """A token need not be a JWT to be a secret."""
    answer = make.refusal(4104, "Cannot parse plain-secret-7.", 401, {"token": "plain-secret-7"})
    stage.app.on("GET /my/agent", answer)
    with pytest.raises(StaleToken) as caught:
        stage.call(lambda s: s.agent(), token="plain-secret-7")
    assert "plain-secret-7" not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("network", [httpx2.ReadTimeout, httpx2.ConnectError])
def test_no_object_and_no_log_shows_the_token(
    stage: Any, make: Any, network: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Representations of client, session and registration, and all logs at DEBUG, stay silent about it."""
    caplog.set_level(logging.DEBUG)
    stage.policy = RetryPolicy(attempts=1)
    stage.app.on("GET /my/agent", make.ok(make.agent()))
    stage.app.on("POST /register", make.ok({"token": SECRET, "agent": make.agent(), "ships": []}, 201))

    async def work(server: Any, _clock: Any) -> str:
        session = server.session(SECRET)
        registration = await server.register("ME", "COSMIC", account_token=SECRET)
        await session.agent()
        stage.before.append(network)
        try:
            await session.agent()
        except Unavailable as error:
            lines = traceback.format_exception(error)
        return f"{server!r} {session!r} {registration!r} {lines}"

    assert SECRET not in stage.run(work)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ümlaut", "nul\x00"])
def test_a_token_that_cannot_be_one_is_refused_before_it_is_sent(stage: Any, token: str) -> None:
    """The complaint does not repeat it, and no request is made."""
    with pytest.raises(UserError, match="copy it once more") as caught:
        stage.call(lambda s: s.agent(), token=token)
    assert not token.strip() or token not in str(caught.value)
    assert stage.app.seen == []


def test_blanks_around_a_token_are_dropped(stage: Any, make: Any) -> None:
    """A token read from a file ends in a line break."""
    stage.app.on("GET /my/agent", make.ok(make.agent()))
    stage.call(lambda s: s.agent(), token=" TOKEN\n")
    assert stage.app.seen[0].headers["authorization"] == "Bearer TOKEN"
