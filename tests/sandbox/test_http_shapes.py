"""What successful answers say (api-facts §4 to §15)."""

from collections.abc import Callable
from typing import Any

import pytest

HOME, YARD, MINE, GATE = (f"X1-TINY-{name}" for name in ("A1", "A2", "B3", "C4"))
PLACES = "/systems/X1-TINY/waypoints"


def test_status_stands_outside_the_envelope(play: Callable[..., Any]) -> None:
    """GET / has its fields at the top, with reset date, next reset and health (api-facts §4)."""

    async def story(s: Any) -> None:
        for path in ("http://sandbox/v2", "/"):
            status = (await s.call("GET", path, token=None)).json()
            assert "data" not in status
            assert status["resetDate"] == "2026-03-01"
            assert status["serverResets"] == {"next": "2026-03-08T13:00:00.000Z", "frequency": "weekly"}
            assert status["health"]["lastMarketUpdate"]
        s.clock.advance(8 * 86_400)
        status = (await s.call("GET", "/", token=None)).json()
        assert status["serverResets"]["next"] == "2026-03-15T13:00:00.000Z"

    play(story)


def test_register_answers_old_and_new_clients(play: Callable[..., Any]) -> None:
    """201 with the token, all ships, and the first one alone as older servers sent it."""

    async def story(s: Any) -> None:
        body = {"symbol": "second", "faction": "VOID", "email": "ignored@example.org"}
        response = await s.call("POST", "/register", json=body, token=None)
        data = response.json()["data"]
        assert response.status_code == 201
        assert [ship["symbol"] for ship in data["ships"]] == ["SECOND-1", "SECOND-2", "SECOND-3"]
        assert data["ship"] == data["ships"][0]
        assert data["agent"]["credits"] == 175_000
        assert not data["contract"]["accepted"]
        places = [ship["nav"]["waypointSymbol"] for ship in data["ships"]]
        assert places == [HOME, YARD, HOME]
        assert {ship["nav"]["status"] for ship in data["ships"]} == {"DOCKED"}
        assert (await s.get("/my/agent", token=data["token"]))["symbol"] == "SECOND"

    play(story)


def test_a_parked_ship_has_a_route_of_no_length(play: Callable[..., Any]) -> None:
    """Origin equals destination and both times are equal (api-facts §8.1); departure repeats origin."""

    async def story(s: Any) -> None:
        route = (await s.get("/my/ships/TESTER-1/nav"))["route"]
        assert route["origin"] == route["destination"] == route["departure"]
        assert route["departureTime"] == route["arrival"] == "2026-03-01T13:00:00.000Z"

    play(story)


def test_in_transit_the_waypoint_is_the_destination(play: Callable[..., Any]) -> None:
    """nav names the destination at once; prices there stay hidden until the ship has arrived."""

    async def story(s: Any) -> None:
        market = f"{PLACES}/{MINE}/market"
        assert "tradeGoods" not in await s.get(market)
        await s.post("/my/ships/TESTER-1/orbit")
        answer = await s.post("/my/ships/TESTER-1/navigate", {"waypointSymbol": MINE})
        nav = answer["nav"]
        assert (nav["status"], nav["waypointSymbol"]) == ("IN_TRANSIT", MINE)
        assert (nav["route"]["origin"]["symbol"], nav["route"]["destination"]["symbol"]) == (HOME, MINE)
        assert answer["fuel"]["consumed"] == {"amount": 50, "timestamp": "2026-03-01T13:00:00.000Z"}
        assert answer["events"] == []
        seen = await s.get(market)
        assert "tradeGoods" not in seen
        assert "transactions" not in seen
        s.clock.advance(50)
        assert (await s.get("/my/ships/TESTER-1/nav"))["status"] == "IN_ORBIT"
        assert {good["symbol"] for good in (await s.get(market))["tradeGoods"]} >= {"IRON", "FAB_MATS"}
        assert "tradeGoods" not in await s.get(market, token=None)

    play(story)


def test_market_shows_activity_and_trades(play: Callable[..., Any]) -> None:
    """Exchange goods carry no activity; a trade and a refuelling appear newest first, 20 at most."""

    async def story(s: Any) -> None:
        market = f"{PLACES}/{HOME}/market"
        goods = {good["symbol"]: good for good in (await s.get(market))["tradeGoods"]}
        assert "activity" not in goods["FUEL"]
        assert goods["IRON"]["activity"]
        s.ship("TESTER-1").fuel = 0
        await s.post("/my/ships/TESTER-1/refuel")
        await s.post("/my/ships/TESTER-1/purchase", {"symbol": "IRON", "units": 2}, status=201)
        await s.post("/my/ships/TESTER-1/sell", {"symbol": "IRON", "units": 1}, status=201)
        shown = (await s.get(market))["transactions"]
        assert [(each["type"], each["tradeSymbol"], each["units"]) for each in shown] == [
            ("SELL", "IRON", 1),
            ("PURCHASE", "IRON", 2),
            ("PURCHASE", "FUEL", 4),
        ]
        assert all(each["totalPrice"] == each["units"] * each["pricePerUnit"] for each in shown)
        for _ in range(25):
            await s.post("/my/ships/TESTER-1/purchase", {"symbol": "FUEL", "units": 1}, status=201)
        assert len((await s.get(market))["transactions"]) == 20

    play(story)


def test_a_refuelling_tells_of_the_hold_it_came_from(play: Callable[..., Any]) -> None:
    """The cargo is in the answer only when fuel came out of it (api-facts §9)."""

    async def story(s: Any) -> None:
        s.ship("TESTER-1").fuel = 0
        s.ship("TESTER-1").hold = {"FUEL": 2}
        assert set(await s.post("/my/ships/TESTER-1/refuel", {"units": 100})) == {
            "agent",
            "fuel",
            "transaction",
        }
        filled = await s.post("/my/ships/TESTER-1/refuel", {"units": 100, "fromCargo": True})
        assert filled["cargo"]["units"] == 1

    play(story)


def test_trade_is_charged_at_the_quote_shown_before(play: Callable[..., Any]) -> None:
    """All units of a transaction cost the ask seen before it; only then does the ask rise (§7.3)."""

    async def story(s: Any) -> None:
        market = f"{PLACES}/{HOME}/market"

        async def quote() -> Any:
            return next(g for g in (await s.get(market))["tradeGoods"] if g["symbol"] == "IRON")

        before = await quote()
        order = {"symbol": "IRON", "units": 60}
        answer = await s.post("/my/ships/TESTER-3/purchase", order, status=201)
        assert answer["transaction"]["pricePerUnit"] == before["purchasePrice"]
        assert answer["agent"]["credits"] == 175_000 - 60 * before["purchasePrice"]
        assert answer["cargo"]["inventory"][0]["units"] == 60
        assert (await quote())["purchasePrice"] > before["purchasePrice"]

    play(story)


def test_yards_show_ships_to_those_present(play: Callable[..., Any]) -> None:
    """Types are public, prices need a ship there, and each sale raises the price by 2.5 % (§13)."""

    async def story(s: Any) -> None:
        yard = f"{PLACES}/{YARD}/shipyard"
        public = await s.get(yard, token=None)
        assert "ships" not in public
        assert public["shipTypes"] == [{"type": "SHIP_PROBE"}, {"type": "SHIP_LIGHT_HAULER"}]
        order = {"shipType": "SHIP_PROBE", "waypointSymbol": YARD}
        prices = []
        for number in (4, 5, 6):
            bought = await s.post("/my/ships", order, status=201)
            prices.append(bought["transaction"]["price"])
            assert bought["ship"]["symbol"] == f"TESTER-{number}"
            assert bought["ship"]["nav"]["status"] == "DOCKED"
        assert prices == [20_000, 20_500, 21_012]
        shown = await s.get(yard)
        assert shown["ships"][0]["purchasePrice"] == 21_538
        assert [each["price"] for each in shown["transactions"]] == prices[::-1]
        assert shown["transactions"][0]["shipSymbol"] == "SHIP_PROBE"

    play(story)


def test_ship_symbols_count_in_hexadecimal(play: Callable[..., Any]) -> None:
    """The tenth ship is -A and the sixteenth -10 (api-facts §1.1)."""

    async def story(s: Any) -> None:
        symbols = [ship["symbol"] for page in (1, 2) for ship in await s.get(f"/my/ships?page={page}")]
        assert symbols[8:10] == ["TESTER-9", "TESTER-A"]
        assert symbols[15] == "TESTER-10"

    play(story, starting_fleet=["SHIP_PROBE"] * 14)


def test_paging(play: Callable[..., Any]) -> None:
    """meta tells total, page and limit; a page past the end is empty with 200 (api-facts §1.1)."""

    async def story(s: Any) -> None:
        answer = (await s.call("GET", "/my/ships?page=2&limit=2")).json()
        assert [ship["symbol"] for ship in answer["data"]] == ["TESTER-3"]
        assert answer["meta"] == {"total": 3, "page": 2, "limit": 2}
        answer = (await s.call("GET", "/my/ships?page=9&limit=20")).json()
        assert (answer["data"], answer["meta"]["total"]) == ([], 3)

    play(story)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 5),
        ("?type=JUMP_GATE", 1),
        ("?traits=MARKETPLACE", 3),
        ("?traits=MARKETPLACE&traits=SHIPYARD", 1),
        ("?type=PLANET&traits=SHIPYARD", 0),
        ("?traits=COMMON_METAL_DEPOSITS", 1),
    ],
)
def test_waypoint_filters(play: Callable[..., Any], query: str, expected: int) -> None:
    """type and every one of traits must match; the real traits of uncharted places count (§6)."""

    async def story(s: Any) -> None:
        answer = (await s.call("GET", f"{PLACES}{query}")).json()
        assert (len(answer["data"]), answer["meta"]["total"]) == (expected, expected)

    play(story)


def test_an_uncharted_place_hides_its_traits(play: Callable[..., Any]) -> None:
    """Only UNCHARTED is shown and there is no chart."""

    async def story(s: Any) -> None:
        rock = await s.get(f"{PLACES}/X1-TINY-D5")
        assert [trait["symbol"] for trait in rock["traits"]] == ["UNCHARTED"]
        assert "chart" not in rock

    play(story)


def test_building_sites(play: Callable[..., Any]) -> None:
    """A finished bill ends construction; where nothing is built the bill is empty, with 200 (§14)."""

    async def story(s: Any) -> None:
        assert (await s.get(f"{PLACES}/{GATE}"))["isUnderConstruction"]
        hauler = s.place("TESTER-3", GATE)
        hauler.hold = {"FAB_MATS": 80}
        load = {"shipSymbol": "TESTER-3", "tradeSymbol": "FAB_MATS", "units": 80}
        answer = await s.post(f"{PLACES}/{GATE}/construction/supply", load, status=201)
        assert answer["construction"]["materials"][0] == {
            "tradeSymbol": "FAB_MATS",
            "required": 1600,
            "fulfilled": 80,
        }
        assert answer["cargo"]["units"] == 0
        s.world.universe.constructions[GATE]["FAB_MATS"][1] = 1600
        assert (await s.get(f"{PLACES}/{GATE}/construction"))["isComplete"]
        assert not (await s.get(f"{PLACES}/{GATE}"))["isUnderConstruction"]
        nothing = await s.get(f"{PLACES}/{HOME}/construction")
        assert nothing == {"symbol": HOME, "materials": [], "isComplete": True}

    play(story)


def test_a_contract_pays_twice_and_supplies_the_market(play: Callable[..., Any]) -> None:
    """The advance on acceptance, the rest on fulfilment; the goods reach the destination's stock (§15)."""

    async def story(s: Any) -> None:
        contract = (await s.get("/my/contracts"))[0]
        payment, line = contract["terms"]["payment"], contract["terms"]["deliver"][0]
        path, units = f"/my/contracts/{contract['id']}", line["unitsRequired"]
        accepted = await s.post(f"{path}/accept")
        assert accepted["agent"]["credits"] == 175_000 + payment["onAccepted"]
        assert accepted["contract"]["accepted"]
        stock = s.world.market(HOME).good("IRON_ORE", s.clock.now)
        before = stock.net_supply
        s.ship("TESTER-3").hold["IRON_ORE"] = units
        load = {"shipSymbol": "TESTER-3", "tradeSymbol": "IRON_ORE", "units": units}
        delivered = await s.post(f"{path}/deliver", load)
        assert delivered["contract"]["terms"]["deliver"][0]["unitsFulfilled"] == units
        assert stock.net_supply == before
        done = await s.post(f"{path}/fulfill")
        assert done["agent"]["credits"] == 175_000 + payment["onAccepted"] + payment["onFulfilled"]
        assert stock.net_supply == before + units
        new = await s.post("/my/ships/TESTER-1/negotiate/contract", status=201)
        assert [each["id"] for each in await s.get("/my/contracts")] == [
            contract["id"],
            new["contract"]["id"],
        ]

    play(story)


def test_a_public_agent_hides_its_account(play: Callable[..., Any]) -> None:
    """accountId is shown to the agent itself alone (api-facts §14.1)."""

    async def story(s: Any) -> None:
        own, public = await s.get("/my/agent"), await s.get("/agents/TESTER")
        assert own.pop("accountId")
        assert own == public

    play(story)


def test_cooldown(play: Callable[..., Any]) -> None:
    """204 without a body when idle; 200 with what remains, in whole seconds, while the reactor rests."""

    async def story(s: Any) -> None:
        idle = await s.call("GET", "/my/ships/TESTER-1/cooldown")
        assert (idle.status_code, idle.content) == (204, b"")
        ship = s.ship("TESTER-1")
        s.clock.advance(-9.5)
        ship.cooldown_seconds, ship.cooldown_until = 70, s.clock.now.replace(second=59, microsecond=0)
        assert await s.get("/my/ships/TESTER-1/cooldown") == {
            "shipSymbol": "TESTER-1",
            "totalSeconds": 70,
            "remainingSeconds": 9,
            "expiration": "2026-03-01T12:59:59.000Z",
        }

    play(story)


def test_error_codes_are_listed(play: Callable[..., Any]) -> None:
    """GET /error-codes names every code of the table, in the server's spelling."""

    async def story(s: Any) -> None:
        answer = (await s.call("GET", "/error-codes", token=None)).json()["errorCodes"]
        names = {each["code"]: each["name"] for each in answer}
        assert names[4604] == "marketTradeUnitLimit"
        assert names[4113] == "tokenResetDateMismatch"
        assert len(names) == len(answer) >= 100

    play(story)


def test_the_recipe_map(play: Callable[..., Any]) -> None:
    """The supply chain is the universe's own."""

    async def story(s: Any) -> None:
        recipes = (await s.get("/market/supply-chain"))["exportToImportMap"]
        assert recipes["FAB_MATS"] == ["IRON", "QUARTZ_SAND"]

    play(story)
