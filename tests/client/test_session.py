"""The calls of an agent: what is sent, and what the answers become."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.recorded import recorded

from goodsfactory.adapters.spacetraders import exchange
from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.daemon.log import open_log
from goodsfactory.domain.errors import NotFound, Refused, Unavailable, UserError
from goodsfactory.domain.geography import FlightMode, Waypoint
from goodsfactory.domain.market import Activity, Listing, Supply, TradeType
from goodsfactory.domain.ship import NavStatus, Tank
from goodsfactory.ports.game_api import AgentState, ServerStatus

START = datetime(2026, 1, 1, tzinfo=UTC)


def pages(elements: list[Any], broken: frozenset[int] = frozenset()) -> Any:
    """A paged endpoint; a page that holds an element at a ``broken`` position (from 0) is a 500/3000."""

    def answer(request: Request) -> Response:
        page, limit = int(request.query_params["page"]), int(request.query_params["limit"])
        start = (page - 1) * limit
        if broken & set(range(start, start + limit)):
            error = {"message": "Response serialization failed.", "code": 3000}
            return JSONResponse({"error": error}, 500)
        meta = {"total": len(elements), "page": page, "limit": limit}
        return JSONResponse({"data": elements[start : start + limit], "meta": meta})

    return answer


def test_status_is_read_without_an_envelope_and_without_the_token(stage: Any) -> None:
    """``GET /`` has its fields at top level and must work with a stale token."""
    status = {
        "status": "SpaceTraders is currently online",
        "version": "v2.3.0",
        "resetDate": "2025-12-28",
        "serverResets": {"next": "2026-01-11T13:00:00.000Z", "frequency": "weekly"},
        "leaderboards": {"mostCredits": []},
    }
    stage.app.on("GET /", JSONResponse(status))
    reset = datetime(2026, 1, 11, 13, tzinfo=UTC)
    assert stage.call(lambda s: s.status()) == ServerStatus(
        "SpaceTraders is currently online", "v2.3.0", "2025-12-28", reset
    )
    assert "authorization" not in stage.app.seen[0].headers


@pytest.mark.parametrize("resets", [{}, {"serverResets": {}}, {"serverResets": {"next": "soon"}}])
def test_a_status_without_a_next_reset_is_still_a_status(stage: Any, resets: dict[str, Any]) -> None:
    """The announced reset is optional, and never worth failing for."""
    stage.app.on("GET /", JSONResponse({"status": "up", "version": "1", "resetDate": "2025-12-28"} | resets))
    assert stage.call(lambda s: s.status()).next_reset is None


def test_every_request_names_us_and_the_agent(stage: Any, make: Any) -> None:
    """The token goes into the Authorization header, our name into User-Agent."""
    stage.app.on("GET /my/agent", make.ok(make.agent(-250)))
    agent = stage.call(lambda s: s.agent(), token="ABC")
    assert agent == AgentState("ME", "X1-A1-B1", -250, "COSMIC", 2)
    headers = stage.app.seen[0].headers
    assert headers["authorization"] == "Bearer ABC"
    assert headers["user-agent"].startswith("goods-factory/")


@pytest.mark.parametrize("then", ["refused", "not asked again"])
def test_what_was_not_understood_is_not_told_for_ever(stage: Any, make: Any, then: str) -> None:
    """It is told until the game answers otherwise, also with a no, or for six hours if nobody asks again."""
    gone = make.refusal(404, "There is no such waypoint.", 404)
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok([]), gone)

    async def ask(server: Any, clock: Any) -> None:
        session = server.session("TOKEN")
        with pytest.raises(Unavailable):
            await session.market("X1-A1-B1")
        await clock.sleep(5 * 3600)
        [told] = session.statistics().unreadable
        assert "X1-A1-B1/market: the answer cannot be understood" in told
        if then == "refused":
            with pytest.raises(NotFound):
                await session.market("X1-A1-B1")
        else:
            await clock.sleep(2 * 3600)
        assert session.statistics().unreadable == server.statistics().unreadable == ()

    stage.run(ask)


@pytest.mark.parametrize(("reader", "status"), [("error_of", 400), ("pause_told", 429)])
def test_a_bug_in_reading_an_answer_has_a_traceback_in_the_log(
    stage: Any, make: Any, reader: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call has an end all the same, in a sentence; the log says once where the bug is."""

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(exchange, reader, broken)
    stage.app.on("GET /my/agent", make.refusal(4000, "No.", status))
    stage.policy = RetryPolicy(attempts=2)
    lines = io.StringIO()
    with (
        open_log(lines, level="WARNING", now=lambda: START),
        pytest.raises(Unavailable),
    ):
        stage.run(lambda server, clock: server.session("TOKEN").agent())
    assert lines.getvalue().count("Traceback") == 1


def test_a_ship_becomes_a_domain_ship(stage: Any, make: Any) -> None:
    """Position, tank, hold, speed, role and cooldown, observed at the clock's now."""
    cooldown = {"remainingSeconds": 70, "expiration": "2026-01-01T00:01:10.000Z"}
    stage.app.on("GET /my/ships/ME-1A", make.ok(make.ship("ME-1A", cooldown=cooldown)))
    ship = stage.call(lambda s: s.ship("ME-1A"))
    assert (ship.symbol, ship.role, ship.speed, ship.frame) == ("ME-1A", "COMMAND", 36, "FRAME_FRIGATE")
    assert (ship.tank, dict(ship.hold.inventory), ship.hold.capacity) == (Tank(300, 400), {"IRON_ORE": 3}, 40)
    assert ship.cooldown_until == START + timedelta(seconds=70)
    assert ship.observed_at == START
    assert ship.nav.arrival is None


def test_a_ship_in_transit_is_at_its_destination_with_an_arrival(stage: Any, make: Any) -> None:
    """While IN_TRANSIT the waypoint is the destination; origin and arrival come from the route."""
    stage.app.on("GET /my/ships/ME-1", make.ok(make.ship(nav=make.nav(status="IN_TRANSIT"))))
    nav = stage.call(lambda s: s.ship("ME-1")).nav
    assert (nav.status, nav.waypoint, nav.origin) == (NavStatus.IN_TRANSIT, "X1-A1-B1", "X1-A1-C2")
    assert nav.departed_at == START
    assert nav.arrival == START + timedelta(seconds=100.5)


def test_an_older_route_calls_its_origin_departure(stage: Any, make: Any) -> None:
    """Both names are read (api-facts §14.1)."""
    route = {"departure": {"symbol": "X1-A1-Z9"}, "arrival": "2026-01-01T02:00:00+02:00"}
    stage.app.on("POST /my/ships/ME-1/orbit", make.ok({"nav": make.nav(status="IN_TRANSIT", route=route)}))
    nav = stage.call(lambda s: s.orbit("ME-1"))
    assert (nav.origin, nav.arrival, nav.departed_at) == ("X1-A1-Z9", START, None)


def test_what_a_ship_may_lack(stage: Any, make: Any) -> None:
    """Registration, frame, cooldown and route are optional; an unknown mode or trait is no reason to fail."""
    bare = make.ship(
        nav={"systemSymbol": "X1-A1", "waypointSymbol": "X1-A1-B1", "status": "IN_ORBIT"}, novelty={"a": 1}
    )
    bare["nav"]["flightMode"] = "HYPER"
    for key in ("registration", "frame", "cooldown"):
        del bare[key]
    stage.app.on("GET /my/ships/ME-1", make.ok(bare))
    ship = stage.call(lambda s: s.ship("ME-1"))
    assert (ship.role, ship.frame, ship.cooldown_until, ship.nav.flight_mode) == (
        "",
        "",
        None,
        FlightMode.CRUISE,
    )


@pytest.mark.parametrize("route", [None, {"departure": {"symbol": "X1-A1-Z9"}}])
def test_a_flight_may_be_told_without_its_arrival(stage: Any, make: Any, route: Any) -> None:
    """The ship can be read all the same: whoever waits for it asks again."""
    nav = {"systemSymbol": "X1-A1", "waypointSymbol": "X1-A1-B1", "status": "IN_TRANSIT"}
    if route is not None:
        nav["route"] = route
    stage.app.on("GET /my/ships/ME-1", make.ok(make.ship(nav=nav)))
    ship = stage.call(lambda s: s.ship("ME-1"))
    assert (ship.nav.status, ship.nav.arrival) == (NavStatus.IN_TRANSIT, None)


@pytest.mark.parametrize(
    "change",
    [
        {"nav": {"systemSymbol": "X1-A1", "waypointSymbol": "X1-A1-B1", "status": "LOST_IN_SPACE"}},
        {"fuel": None},
        {"fuel": {"current": 401, "capacity": 400}},
        {"fuel": {"current": -1, "capacity": 400}},
        {"engine": {}},
        {"engine": {"speed": 0}},
        {"engine": {"speed": 36.0}},
        {"cargo": {"capacity": 40, "units": 3, "inventory": None}},
        {"cargo": {"capacity": 40, "units": 3, "inventory": []}},
        {"cargo": {"capacity": 40, "inventory": [{"symbol": "IRON", "units": 41}]}},
        {"cargo": {"capacity": 40, "inventory": [{"symbol": "IRON", "units": 10**30}]}},
        {"symbol": "ME-2"},
        {"symbol": "ME-1\x1b[2J"},
    ],
)
def test_a_ship_that_makes_no_sense_is_an_error_in_one_sentence(stage: Any, make: Any, change: Any) -> None:
    """An unknown status must not become a guess."""
    stage.app.on("GET /my/ships/ME-1", make.ok(make.ship(**change)))
    with pytest.raises(Unavailable, match=r"^The game server's answer to GET /my/ships/ME-1 cannot be") as no:
        stage.call(lambda s: s.ship("ME-1"))
    assert not no.value.maybe_done
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 45])
def test_all_pages_of_the_fleet_are_read(stage: Any, make: Any, count: int) -> None:
    """Twenty at a time until a page is not full."""
    stage.app.on("GET /my/ships", pages([make.ship(f"ME-{n:X}") for n in range(count)]))
    ships = stage.call(lambda s: s.ships())
    assert [ship.symbol for ship in ships] == [f"ME-{n:X}" for n in range(count)]
    assert len(stage.app.seen) == count // 20 + 1
    assert {seen.query["limit"] for seen in stage.app.seen} == {"20"}


@pytest.mark.parametrize(
    "bad",
    [{0}, {7}, {19}, {20}, {44}, {3, 4, 25}, {43, 44}, set(range(20)), set(range(20, 40)), set(range(44))],
)
def test_one_ship_the_server_cannot_write_down_does_not_hide_the_fleet(
    stage: Any, make: Any, bad: set[int]
) -> None:
    """A page that fails with code 3000 is read one by one and only the bad ships are left out, and told."""
    stage.app.on("GET /my/ships", pages([make.ship(f"ME-{n:X}") for n in range(45)], frozenset(bad)))
    if len(bad) < 44:
        ships = stage.call(lambda s: s.ships())
        assert [ship.symbol for ship in ships] == [f"ME-{n:X}" for n in range(45) if n not in bad]
        told = [f"ship number {n + 1} cannot be told by the server" for n in sorted(bad)]
        assert list(ships.unreadable) == told
    else:  # two pages without one ship: then it is not about single ships
        with pytest.raises(Unavailable):
            stage.call(lambda s: s.ships())


def test_a_fleet_of_which_nothing_can_be_read_is_an_error(stage: Any, make: Any) -> None:
    """When every single ship fails it is not about one bad ship, and nobody may believe in an empty fleet."""
    stage.app.on("GET /my/ships", make.refusal(3000, "Response serialization failed.", 500))
    with pytest.raises(Unavailable, match="code 3000"):
        stage.call(lambda s: s.ships())


def test_a_ship_we_cannot_understand_does_not_hide_the_fleet(stage: Any, make: Any, caplog: Any) -> None:
    """Odd ships are left out and told; the log names them once, and not at every look (law L9)."""
    odd = make.ship("ME-2", nav=make.nav(status="FOLDED"))
    stage.app.on("GET /my/ships", pages([make.ship("ME-1"), odd, {"symbol": "ME-3"}, make.ship("ME-4")]))

    async def three_times(session: Any) -> Any:
        for _ in range(3):
            ships = await session.ships()
        return ships

    ships = stage.call(three_times)
    assert [ship.symbol for ship in ships] == ["ME-1", "ME-4"]
    assert [sentence.split(":")[0] for sentence in ships.unreadable] == [
        "ship ME-2 cannot be understood",
        "ship ME-3 cannot be understood",
    ]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("meta", [None, {}, {"total": "many"}, {"total": 0}, {"total": 20}, {"total": -1}, 7])
def test_pages_are_read_while_they_are_full_whatever_meta_says(stage: Any, make: Any, meta: Any) -> None:
    """Forty-five ships are forty-five, with a total that lies and without one."""
    fleet = [make.ship(f"ME-{n:X}") for n in range(45)]

    def page(request: Request) -> Response:
        start = (int(request.query_params["page"]) - 1) * 20
        body = {"data": fleet[start : start + 20]} | ({} if meta is None else {"meta": meta})
        return JSONResponse(body)

    stage.app.on("GET /my/ships", page)
    assert len(stage.call(lambda s: s.ships())) == 45


def test_a_server_that_gives_fewer_at_once_is_asked_on(stage: Any, make: Any) -> None:
    """Ten a page, although twenty were asked for: its own limit and its total say that there are more."""
    fleet = [make.ship(f"ME-{n:X}") for n in range(25)]

    def page(request: Request) -> Response:
        number = int(request.query_params["page"])
        body = fleet[(number - 1) * 10 : number * 10]
        return JSONResponse({"data": body, "meta": {"total": 25, "page": number, "limit": 10}})

    stage.app.on("GET /my/ships", page)
    assert len(stage.call(lambda s: s.ships())) == 25


@pytest.mark.parametrize("first", [0, 1, 20])
def test_a_list_that_is_shorter_than_its_total_is_an_error(stage: Any, make: Any, first: int) -> None:
    """An empty page while the server names 90 ships is no end of the fleet."""
    meta = {"total": 90, "page": 1, "limit": 20}
    some = JSONResponse({"data": [make.ship(f"ME-{n:X}") for n in range(first)], "meta": meta})
    stage.app.on("GET /my/ships", some, JSONResponse({"data": [], "meta": meta}))
    with pytest.raises(Unavailable, match=f"names 90 elements of GET /my/ships and tells {first} of them"):
        stage.call(lambda s: s.ships())


def test_a_server_that_always_gives_the_same_page_is_left_after_two(stage: Any, make: Any) -> None:
    """It knows no pages: what it gives is the list."""
    stage.app.on("GET /my/ships", make.ok([make.ship(f"ME-{n:X}") for n in range(20)]))
    assert len(stage.call(lambda s: s.ships())) == 20
    assert len(stage.app.seen) == 2


@pytest.mark.parametrize(("total", "requests"), [(30, 1 + 1 + 10), (1_000_000, 1 + 2 * 21)])
def test_a_list_of_which_nothing_more_can_be_told_is_not_asked_for_without_end(
    stage: Any, make: Any, total: int, requests: int
) -> None:
    """Behind its first page all fails: where the server names no more it is told, else not believed."""

    def page(request: Request) -> Response:
        if (request.query_params["page"], request.query_params["limit"]) != ("1", "20"):
            return cast(Response, make.refusal(3000, "Response serialization failed.", 500))
        body = [make.ship(f"ME-{n:X}") for n in range(20)]
        return JSONResponse({"data": body, "meta": {"total": total, "page": 1, "limit": 20}})

    stage.app.on("GET /my/ships", page)
    if total == 30:
        ships = stage.call(lambda s: s.ships())
        assert (len(ships), len(ships.unreadable)) == (20, 10)
    else:
        with pytest.raises(Unavailable, match="code 3000"):
            stage.call(lambda s: s.ships())
    assert len(stage.app.seen) == requests


def test_a_list_without_end_is_given_up(stage: Any, make: Any) -> None:
    """Every page is full of ships that no other page has: nobody reads more of it than a stated bound."""

    def page(request: Request) -> Response:
        first = (int(request.query_params["page"]) - 1) * 20
        return cast(Response, make.ok([make.ship(f"ME-{n:X}") for n in range(first, first + 20)]))

    stage.app.on("GET /my/ships", page)
    with pytest.raises(Unavailable, match="has no end within 250 pages"):
        stage.call(lambda s: s.ships())
    assert len(stage.app.seen) == 250


def test_waypoints_of_all_pages(stage: Any) -> None:
    """Symbol, type, place, traits and parent; the system is derived where it is not told."""
    body = {
        "symbol": "X1-A1-B1",
        "type": "MOON",
        "x": -3,
        "y": 4,
        "orbits": "X1-A1-B",
        "traits": [],
        "isUnderConstruction": False,
    }
    many = [
        body | {"symbol": f"X1-A1-C{n}", "traits": [{"symbol": "MARKETPLACE", "name": "M"}]}
        for n in range(24)
    ]
    stage.app.on("GET /systems/X1-A1/waypoints", pages([body, *many]))
    waypoints = stage.call(lambda s: s.waypoints("X1-A1"))
    assert len(waypoints) == 25
    assert waypoints[0] == Waypoint("X1-A1-B1", "X1-A1", "MOON", -3, 4, frozenset(), "X1-A1-B")
    assert waypoints[24].is_market
    assert len(stage.app.seen) == 2


PLACE = {"symbol": "X1-A1-B1", "type": "MOON", "x": 1, "y": 1, "traits": []}


@pytest.mark.parametrize(
    "odd",
    [
        PLACE | {"symbol": "NOWHERE"},
        PLACE | {"symbol": "X1-OTHER-B1"},
        PLACE | {"x": None},
        PLACE | {"y": 10**20},
        PLACE | {"traits": None},
        {"symbol": "X1-A1-B1"},
        7,
        None,
    ],
)
def test_a_waypoint_that_makes_no_sense_is_left_out_and_told(stage: Any, odd: Any) -> None:
    """The other places can be flown to all the same; a map of which nothing makes sense is an error."""
    stage.app.on("GET /systems/X1-A1/waypoints", pages([odd, PLACE | {"symbol": "X1-A1-C2"}]))
    places = stage.call(lambda s: s.waypoints("X1-A1"))
    assert [place.symbol for place in places] == ["X1-A1-C2"]
    assert len(places.unreadable) == 1
    stage.app.on("GET /systems/X1-A1/waypoints", pages([odd]))
    with pytest.raises(Unavailable, match="cannot be understood"):
        stage.call(lambda s: s.waypoints("X1-A1"))


def test_a_page_of_waypoints_that_the_server_cannot_tell_hides_only_itself(stage: Any) -> None:
    """Waypoints 21 to 40 of 45 are missing, and told."""
    places = [PLACE | {"symbol": f"X1-A1-C{n}"} for n in range(45)]
    stage.app.on("GET /systems/X1-A1/waypoints", pages(places, frozenset(range(20, 40))))
    found = stage.call(lambda s: s.waypoints("X1-A1"))
    assert (len(found), len(found.unreadable)) == (25, 20)


MARKET = {
    "symbol": "X1-A1-B1",
    "exports": [{"symbol": "IRON", "name": "Iron", "description": ""}],
    "imports": [{"symbol": "IRON_ORE"}],
    "exchange": [{"symbol": "FUEL"}],
}


def listing(symbol: str, type: str, supply: str, activity: str | None, ask: int, bid: int) -> dict[str, Any]:
    shape = {"symbol": symbol, "type": type, "tradeVolume": 60, "supply": supply}
    shape |= {"purchasePrice": ask, "sellPrice": bid}
    return shape | ({"activity": activity} if activity else {})


def test_a_market_without_a_ship_shows_its_lists_alone(stage: Any, make: Any) -> None:
    """No prices, and observed_at None: nobody has looked."""
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(MARKET))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert view.snapshot.type_of("IRON") is TradeType.EXPORT
    assert view.snapshot.type_of("IRON_ORE") is TradeType.IMPORT
    assert view.snapshot.type_of("FUEL") is TradeType.EXCHANGE
    assert (view.snapshot.listings, view.snapshot.observed_at, view.recent) == ((), None, ())


def test_a_market_with_a_ship_shows_prices_and_history(stage: Any, make: Any) -> None:
    """purchasePrice is our ask, sellPrice our bid; exchange goods carry no activity."""
    goods = [
        listing("IRON", "EXPORT", "HIGH", "STRONG", 85, 41),
        listing("FUEL", "EXCHANGE", "MODERATE", None, 72, 68),
        listing("MYSTERY", "EXPORT", "OVERFLOWING", "STRONG", 1, 1),
        listing("RIDDLE", "BARTER", "HIGH", "STRONG", 1, 1),
        listing("IRON_ORE", "IMPORT", "SCARCE", "FRANTIC", 40, 19),
    ]
    told = (
        "the listing of MYSTERY cannot be understood: nobody knows the supply level OVERFLOWING",
        "the listing of RIDDLE cannot be understood: nobody knows the type BARTER",
        "nobody knows the activity FRANTIC of IRON_ORE",
    )
    history = [make.receipt(units=4), make.receipt("FUEL", type="SELL")]
    market = MARKET | {"tradeGoods": goods, "transactions": history}
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(market))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert view.snapshot.observed_at == START
    assert view.snapshot.listings == (
        Listing("IRON", TradeType.EXPORT, 60, Supply.HIGH, Activity.STRONG, 85, 41),
        Listing("FUEL", TradeType.EXCHANGE, 60, Supply.MODERATE, None, 72, 68),
        Listing("IRON_ORE", TradeType.IMPORT, 60, Supply.SCARCE, None, 40, 19),
    )
    assert view.unreadable == told
    first, second = view.recent
    assert (first.ship, first.good, first.purchase, first.units, first.total) == (
        "ME-1",
        "IRON_ORE",
        True,
        4,
        200,
    )
    assert first.at == START + timedelta(seconds=5.25)
    assert not second.purchase


def test_a_market_that_prices_nothing_was_not_looked_at(stage: Any, make: Any) -> None:
    """A market sells what is in its lists: no price is no observation, and prices seen before stay."""
    market = MARKET | {"tradeGoods": [], "transactions": []}
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(market))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert (view.snapshot.observed_at, view.unreadable) == (None, ("FUEL, IRON, IRON_ORE have no price",))


@pytest.mark.parametrize(
    "odd",
    [
        {"tradeVolume": 0},
        {"tradeVolume": -60},
        {"tradeVolume": 60.0},
        {"tradeVolume": None},
        {"purchasePrice": 0},
        {"purchasePrice": -5},
        {"purchasePrice": 10**20},
        {"purchasePrice": "85"},
        {"sellPrice": 0},
        {"sellPrice": 86},
        {"supply": None},
        {"supply": "HIGH\x1b[31m"},
        {"type": "IMPORT"},
        {"symbol": None},
    ],
)
def test_a_listing_that_makes_no_sense_is_left_out_and_told(
    stage: Any, make: Any, odd: dict[str, Any]
) -> None:
    """It has no price for anybody; the rest of the market is used."""
    goods = [
        listing("IRON", "EXPORT", "HIGH", "STRONG", 85, 41) | odd,
        listing("FUEL", "EXCHANGE", "MODERATE", None, 72, 68),
        listing("IRON_ORE", "IMPORT", "SCARCE", "WEAK", 40, 19),
    ]
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(MARKET | {"tradeGoods": goods}))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert [one.good for one in view.snapshot.listings] == ["FUEL", "IRON_ORE"]
    assert view.snapshot.observed_at == START
    assert view.snapshot.type_of("IRON") is TradeType.EXPORT
    assert len(view.unreadable) == (2 if odd == {"symbol": None} else 1)
    assert "\x1b" not in "".join(view.unreadable)


@pytest.mark.parametrize(
    "lists",
    [
        {"exports": [], "imports": [], "exchange": []},
        {"exports": None},
        {"imports": {}},
        {"exports": [{"symbol": ""}], "imports": [], "exchange": []},
        {"symbol": "X1-A1-C2"},
    ],
)
def test_a_market_whose_lists_make_no_sense_is_not_known(
    stage: Any, make: Any, lists: dict[str, Any]
) -> None:
    """A market always trades something: one without goods is asked again, and nothing is believed of it."""
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(MARKET | lists))
    with pytest.raises(Unavailable, match="cannot be understood"):
        stage.call(lambda s: s.market("X1-A1-B1"))


def test_a_market_with_one_odd_good_in_its_lists_is_known_in_part(stage: Any, make: Any) -> None:
    """Whoever wants to say never must look again: the lists are not complete."""
    market = MARKET | {"exports": [{"symbol": "IRON"}, {"symbol": None}, "COPPER"]}
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(market))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert (view.snapshot.exports, view.lists_complete, len(view.unreadable)) == ({"IRON"}, False, 2)


def test_a_line_of_history_that_makes_no_sense_hides_no_other(stage: Any, make: Any) -> None:
    """Nor does it hide the prices."""
    goods = [listing("IRON", "EXPORT", "HIGH", "STRONG", 85, 41)]
    odd = [make.receipt(timestamp="2099-01-01T00:00:00Z"), make.receipt(units=-1), make.receipt(shipSymbol=7)]
    market = MARKET | {"tradeGoods": goods, "transactions": [*odd, make.receipt(), None]}
    stage.app.on("GET /systems/X1-A1/waypoints/X1-A1-B1/market", make.ok(market))
    view = stage.call(lambda s: s.market("X1-A1-B1"))
    assert (len(view.recent), len(view.snapshot.listings)) == (1, 1)


@pytest.mark.parametrize(
    "status", [{}, {"status": "maintenance"}, {"resetDate": None}, {"resetDate": "soon"}]
)
def test_a_status_without_a_reset_date_says_nothing(stage: Any, status: dict[str, Any]) -> None:
    """It is Unavailable, and never another universe."""
    stage.app.on("GET /", JSONResponse(status))
    with pytest.raises(Unavailable, match="cannot be understood"):
        stage.call(lambda s: s.status())


@pytest.mark.parametrize("date", ["2026-13-01", "2026-02-30", "2021-12-31", "2027-06-01", "2099-12-31"])
def test_a_reset_date_is_a_day_of_the_calendar(stage: Any, date: str) -> None:
    """Digits in the right places are not enough: it lies in the life of the game, a year ahead at most."""
    stage.app.on("GET /", JSONResponse({"resetDate": date}))
    with pytest.raises(Unavailable, match="cannot be understood"):
        stage.call(lambda s: s.status())


@pytest.mark.parametrize("arrival", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_arrival_is_no_later_than_the_flight_can_take(stage: Any, make: Any, arrival: str) -> None:
    """Distance 123 at speed 36 takes 100 s; who waits for the ship reads it after twice that and a minute."""
    flying = make.nav(status="IN_TRANSIT")
    flying["route"]["arrival"] = arrival
    stage.app.on("GET /my/ships/ME-1", make.ok(make.ship()))
    answer = {"nav": flying, "fuel": {"current": 12, "capacity": 400}}
    stage.app.on("POST /my/ships/ME-1/navigate", make.ok(answer))

    async def fly(session: Any) -> Any:
        await session.ship("ME-1")
        return await session.navigate("ME-1", "X1-A1-B1")

    assert stage.call(fly).nav.arrival == START + timedelta(seconds=2 * 100 + 60)


def test_a_waypoint_symbol_that_is_none_asks_nobody(stage: Any) -> None:
    """What a user mistyped costs no request."""
    with pytest.raises(UserError, match="not a waypoint symbol"):
        stage.call(lambda s: s.market("MARKET"))
    assert stage.app.seen == []


def test_a_symbol_never_leads_to_another_path(stage: Any, make: Any) -> None:
    """A slash in what somebody typed stays inside its part of the path."""
    stage.app.on("GET /my/ships/../agent", make.refusal(404, "No such ship.", 404))
    with pytest.raises(Refused):
        stage.call(lambda s: s.ship("../agent"))
    assert stage.app.asked == ["GET /my/ships/../agent"]


def test_recipes_come_from_the_server(stage: Any, make: Any) -> None:
    """The supply chain of the game becomes a recipe map."""
    stage.app.on("GET /market/supply-chain", make.ok({"exportToImportMap": {"IRON": ["IRON_ORE"]}}))
    assert stage.call(lambda s: s.recipes()).inputs("IRON") == ("IRON_ORE",)


@pytest.mark.parametrize("data", [{}, {"exportToImportMap": {}}, {"exportToImportMap": {"IRON": 3}}])
def test_recipes_that_make_no_sense_are_unavailable(stage: Any, make: Any, data: Any) -> None:
    """The caller falls back on a file or the bundled copy."""
    stage.app.on("GET /market/supply-chain", make.ok(data))
    with pytest.raises(Unavailable, match="supply-chain cannot be understood"):
        stage.call(lambda s: s.recipes())


@pytest.mark.parametrize(("action", "status"), [("orbit", "IN_ORBIT"), ("dock", "DOCKED")])
def test_orbit_and_dock_send_an_empty_object(stage: Any, make: Any, action: str, status: str) -> None:
    """An empty body would be refused with 3001 (api-facts §0.1)."""
    stage.app.on(f"POST /my/ships/ME-1/{action}", make.ok({"nav": make.nav(status=status)}))
    nav = stage.call(lambda s: getattr(s, action)("ME-1"))
    assert nav.status is NavStatus(status)
    assert stage.app.seen[0].body == b"{}"
    assert stage.app.seen[0].headers["content-type"] == "application/json"


def test_navigate_sends_the_destination(stage: Any, make: Any) -> None:
    """The answer is the route and what is left in the tank."""
    answer = {"nav": make.nav(status="IN_TRANSIT"), "fuel": {"current": 12, "capacity": 400}, "events": []}
    stage.app.on("POST /my/ships/ME-1/navigate", make.ok(answer))
    flight = stage.call(lambda s: s.navigate("ME-1", "X1-A1-B1"))
    assert (flight.tank, flight.nav.arrival) == (Tank(12, 400), START + timedelta(seconds=100.5))
    assert json.loads(stage.app.seen[0].body) == {"waypointSymbol": "X1-A1-B1"}


def test_a_flight_mode_is_patched(stage: Any, make: Any) -> None:
    """PATCH nav carries the mode, and its answer tells the tank too."""
    answer = {"nav": make.nav(flightMode="DRIFT"), "fuel": {"current": 1, "capacity": 400}}
    stage.app.on("PATCH /my/ships/ME-1/nav", make.ok(answer))
    assert (
        stage.call(lambda s: s.set_flight_mode("ME-1", FlightMode.DRIFT)).nav.flight_mode is FlightMode.DRIFT
    )
    assert json.loads(stage.app.seen[0].body) == {"flightMode": "DRIFT"}


@pytest.mark.parametrize("action", ["purchase", "sell"])
def test_a_trade_tells_units_price_balance_and_hold(stage: Any, make: Any, action: str) -> None:
    """All that the ledger and the ship's row need is in the one answer."""
    answer = {"agent": make.agent(900), "cargo": make.cargo(40, IRON_ORE=10), "transaction": make.receipt()}
    stage.app.on(f"POST /my/ships/ME-1/{action}", make.ok(answer, 201))
    trade = stage.call(lambda s: getattr(s, action)("ME-1", "IRON_ORE", 10))
    assert (trade.good, trade.units, trade.unit_price, trade.total, trade.balance) == (
        "IRON_ORE",
        10,
        50,
        500,
        900,
    )
    assert trade.at == START + timedelta(seconds=5.25)
    assert trade.hold is not None
    assert trade.hold.of("IRON_ORE") == 10
    assert trade.tank is None
    assert json.loads(stage.app.seen[0].body) == {"symbol": "IRON_ORE", "units": 10}


@pytest.mark.parametrize(("units", "body"), [(None, {}), (150, {"units": 150})])
def test_a_refuel_tells_market_units_and_the_tank(stage: Any, make: Any, units: Any, body: Any) -> None:
    """Two market units fill 150 of a tank; without a number it is filled up."""
    receipt = make.receipt("FUEL", 2, 72)
    answer = {"agent": make.agent(856), "fuel": {"current": 400, "capacity": 400}, "transaction": receipt}
    stage.app.on("POST /my/ships/ME-1/refuel", make.ok(answer))
    trade = stage.call(lambda s: s.refuel("ME-1", units))
    assert (trade.good, trade.units, trade.total, trade.balance, trade.tank) == (
        "FUEL",
        2,
        144,
        856,
        Tank(400, 400),
    )
    assert trade.hold is None
    assert json.loads(stage.app.seen[0].body) == body


@pytest.mark.parametrize("sold", [False, True])
def test_refuelling_a_full_tank_is_a_trade_of_nothing(stage: Any, make: Any, sold: bool) -> None:
    """The server answers for itself; with or without an empty receipt nothing was paid."""
    answer = {"agent": make.agent(1000), "fuel": {"current": 400, "capacity": 400}}
    if sold:
        answer["transaction"] = make.receipt("FUEL", 0, 72)
    stage.app.on("POST /my/ships/ME-1/refuel", make.ok(answer))
    trade = stage.call(lambda s: s.refuel("ME-1"))
    assert (trade.units, trade.total, trade.balance) == (0, 0, 1000)


def test_a_hold_adds_up_what_comes_in_parts(stage: Any, make: Any) -> None:
    """Two lines of one good are one good, and a line of nothing is no good."""
    lines = [{"symbol": "IRON", "units": 2}, {"symbol": "IRON", "units": 3}, {"symbol": "FUEL", "units": 0}]
    stage.app.on(
        "GET /my/ships/ME-1", make.ok(make.ship(cargo={"capacity": 40, "units": 5, "inventory": lines}))
    )
    assert dict(stage.call(lambda s: s.ship("ME-1")).hold.inventory) == {"IRON": 5}


def test_a_captured_universe_is_understood(stage: Any, make: Any) -> None:
    """Every ship, waypoint and market recorded from the live game is read, none left out."""

    ships, waypoints, markets = (
        recorded("ships_start"),
        recorded("waypoints"),
        recorded("markets"),
    )
    stage.app.on("GET /my/ships", pages(ships)).on("GET /systems/X1-AD75/waypoints", pages(waypoints))
    for market in markets:
        stage.app.on(f"GET /systems/X1-AD75/waypoints/{market['symbol']}/market", make.ok(market))

    async def work(server: Any, _clock: Any) -> Any:
        session = server.session("T")
        return (
            await session.ships(),
            await session.waypoints("X1-AD75"),
            [await session.market(market["symbol"]) for market in markets],
        )

    seen_ships, seen_waypoints, views = stage.run(work)
    assert (len(seen_ships), len(seen_waypoints)) == (len(ships), len(waypoints))
    assert sum(len(view.snapshot.listings) for view in views) == 147
