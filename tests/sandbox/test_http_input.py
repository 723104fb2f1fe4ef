"""Input that no rule ever sees: wrong shapes, content types, pages and registrations."""

from collections.abc import Callable
from typing import Any

import pytest

SHIP = "/my/ships/TESTER-1"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"symbol": "IRON"}, ["units"]),
        ({"symbol": "IRON", "units": "5"}, ["units"]),
        ({"symbol": "IRON", "units": 0}, ["units"]),
        ({"symbol": "IRON", "units": -3}, ["units"]),
        ({"symbol": "IRON", "units": 1.5}, ["units"]),
        ({"symbol": 5, "units": 5}, ["symbol"]),
        ([], []),
    ],
)
def test_a_wrong_shape_names_the_field(play: Callable[..., Any], body: Any, path: Any) -> None:
    """3001 lists an issue with the path of what is wrong, and nothing is bought."""

    async def story(s: Any) -> None:
        error = await s.refused(3001, "POST", f"{SHIP}/purchase", body, status=422)
        assert [issue["path"] for issue in error["data"]["zodIssues"]] == [path]
        assert (await s.get("/my/agent"))["credits"] == 175_000

    play(story)


def test_malformed_bodies(play: Callable[..., Any]) -> None:
    """3001 answers broken JSON and a body without the fields that are needed; 5000 another content type."""

    async def story(s: Any) -> None:
        json = {"content-type": "application/json"}
        deep = b'{"x": ' + b"[" * 100_000
        for broken in (b"{", b"\xff", b'{"symbol": "IRON", "units": 1} x', deep):
            await s.refused(3001, "POST", f"{SHIP}/purchase", status=422, content=broken, headers=json)
        await s.refused(3001, "POST", f"{SHIP}/orbit", status=422, content=b"{", headers=json)
        await s.refused(3001, "POST", f"{SHIP}/purchase", status=422, content=b"", headers=json)
        text = {"content-type": "text/plain"}
        await s.refused(5000, "POST", f"{SHIP}/purchase", status=415, content=b"{}", headers=text)
        await s.refused(5000, "POST", f"{SHIP}/purchase", status=415, content=b"{}")
        await s.refused(3001, "POST", f"{SHIP}/purchase", status=422)
        for mode in ("WARP", None, 3, ""):
            await s.refused(3001, "PATCH", f"{SHIP}/nav", {"flightMode": mode}, status=422)

    play(story)


def test_a_body_is_optional_where_no_field_is(play: Callable[..., Any]) -> None:
    """orbit, dock and refuel accept no body, even one announced as JSON, and {} as well."""

    async def story(s: Any) -> None:
        announced: dict[str, Any] = {"content": b"", "headers": {"content-type": "application/json"}}
        bodies: list[dict[str, Any]] = [{}, {"json": {}}, announced]
        for options in bodies:
            for action in ("orbit", "dock", "refuel"):
                response = await s.call("POST", f"{SHIP}/{action}", **options)
                assert response.status_code == 200, response.text

    play(story)


def test_a_form_is_a_body_too(play: Callable[..., Any]) -> None:
    """A form-encoded body is read with its numbers as text, and what is wrong in it is named."""

    async def story(s: Any) -> None:
        bought = await s.call("POST", f"{SHIP}/purchase", data={"symbol": "IRON", "units": "5"})
        assert bought.status_code == 201, bought.text
        assert bought.json()["data"]["transaction"]["units"] == 5
        moved = await s.call("PATCH", f"{SHIP}/nav", data={"flightMode": "DRIFT"})
        assert moved.json()["data"]["nav"]["flightMode"] == "DRIFT"
        filled = await s.call("POST", f"{SHIP}/refuel", data={"units": "1", "fromCargo": "false"})
        assert filled.status_code == 200, filled.text
        for wrong in ({"symbol": "IRON", "units": "x"}, {"symbol": "IRON"}, {"symbol": "IRON", "units": "0"}):
            response = await s.call("POST", f"{SHIP}/purchase", data=wrong)
            error = response.json()["error"]
            assert (response.status_code, error["code"]) == (422, 3001)
            assert error["data"]["zodIssues"][0]["path"] == ["units"]

    play(story)


@pytest.mark.parametrize("number", ["1.0", "1e0", "5.5", "-1", "+5", "0x5", "true", "null", "", "9" * 5000])
def test_a_form_counts_as_json_does(play: Callable[..., Any], number: str) -> None:
    """Units are whole numbers, written as such; nothing else is one, in a form or in JSON."""

    async def story(s: Any) -> None:
        headers = {"content-type": "application/json"}
        body = f'{{"symbol": "IRON", "units": {number}}}'.encode()
        if number.strip() == number:
            await s.refused(3001, "POST", f"{SHIP}/purchase", status=422, content=body, headers=headers)
        form = {"symbol": "IRON", "units": number}
        await s.refused(3001, "POST", f"{SHIP}/purchase", status=422, data=form)
        assert (await s.get("/my/agent"))["credits"] == 175_000

    play(story)


@pytest.mark.parametrize(
    "query", ["type=CITY", "type=planet", "type=", "traits=DESERT", "traits=ROCKY&traits=x"]
)
def test_a_filter_knows_the_words_of_the_game(play: Callable[..., Any], query: str) -> None:
    """3001 answers a type or trait that the document does not have: an empty list would hide the mistake."""

    async def story(s: Any) -> None:
        error = await s.refused(3001, "GET", f"/systems/X1-TINY/waypoints?{query}", status=422)
        assert error["data"]["zodIssues"][0]["path"] == [query.partition("=")[0]]

    play(story)


@pytest.mark.parametrize("query", ["page=0", "page=x", "limit=0", "limit=21", "limit=-1", "page=1.5"])
def test_paging_is_checked(play: Callable[..., Any], query: str) -> None:
    """3001 answers a page below 1, a limit outside 1 to 20, and what is no number."""

    async def story(s: Any) -> None:
        error = await s.refused(3001, "GET", f"/my/ships?{query}", status=422)
        assert error["data"]["zodIssues"][0]["path"] == [query.partition("=")[0]]

    play(story)


def test_registration_refusals(play: Callable[..., Any]) -> None:
    """3001 malformed call sign or unknown faction, 4111 taken, 4112 a faction that does not recruit here."""

    async def story(s: Any) -> None:
        def form(symbol: Any, faction: str = "COSMIC") -> Any:
            return {"symbol": symbol, "faction": faction}

        for symbol in ("ab", "a" * 15, "with space", "öäü"):
            await s.refused(3001, "POST", "/register", form(symbol), status=422, token=None)
        await s.refused(3001, "POST", "/register", form("FRESH", "PIRATES"), status=422, token=None)
        await s.refused(3001, "POST", "/register", {"symbol": "FRESH"}, status=422, token=None)
        error = await s.refused(4111, "POST", "/register", form("tester"), status=409, token=None)
        assert error["data"] == {"agentSymbol": "TESTER"}
        await s.refused(4112, "POST", "/register", form("FRESH", "ASTRO"), token=None)
        await s.refused(4105, "POST", "/register", form("FRESH"), status=401)
        assert len(await s.get("/agents")) == 1

    play(story)
