"""Every refusal of the rules, through HTTP: the right code, the right status, and nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest

SHIP = "/my/ships/TESTER-1"
HAULER = "/my/ships/TESTER-3"
HOME, YARD, MINE, GATE, ROCK = (f"X1-TINY-{name}" for name in ("A1", "A2", "B3", "C4", "D5"))
SITE = f"/systems/X1-TINY/waypoints/{GATE}/construction/supply"


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("POST", "orbit", {}),
        ("POST", "dock", {}),
        ("POST", "navigate", {"waypointSymbol": HOME}),
        ("POST", "purchase", {"symbol": "FUEL", "units": 1}),
        ("POST", "sell", {"symbol": "FUEL", "units": 1}),
        ("POST", "refuel", {}),
        ("POST", "refuel", {"fromCargo": True}),
        ("POST", "jettison", {"symbol": "FUEL", "units": 1}),
        ("POST", "transfer", {"tradeSymbol": "FUEL", "units": 1, "shipSymbol": "TESTER-3"}),
        ("POST", "negotiate/contract", {}),
    ],
)
def test_a_travelling_ship_can_do_nothing(
    play: Callable[..., Any], method: str, action: str, body: Any
) -> None:
    """4214 answers every action of a ship in transit, with where it is and when it arrives."""

    async def story(s: Any) -> None:
        await s.post(f"{SHIP}/orbit")
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        error = await s.refused(4214, method, f"{SHIP}/{action}", body)
        assert error["data"] == {
            "departureSymbol": HOME,
            "destinationSymbol": MINE,
            "arrival": "2026-03-01T13:00:50.000Z",
            "departureTime": "2026-03-01T13:00:00.000Z",
            "secondsToArrival": 50,
        }

    play(story)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("purchase", {"symbol": "FUEL", "units": 1}),
        ("sell", {"symbol": "FUEL", "units": 1}),
        ("refuel", {}),
        ("negotiate/contract", {}),
    ],
)
def test_trade_needs_a_dock(play: Callable[..., Any], action: str, body: Any) -> None:
    """4244 answers trade, refuelling and negotiation in orbit."""

    async def story(s: Any) -> None:
        await s.post(f"{SHIP}/orbit")
        error = await s.refused(4244, "POST", f"{SHIP}/{action}", body)
        assert error["data"] == {"waypointSymbol": HOME}

    play(story)


def test_navigation_refusals(play: Callable[..., Any]) -> None:
    """A docked ship (4236), an unknown (4201), foreign (4202) or same (4204) destination: no departure."""

    async def story(s: Any) -> None:
        error = await s.refused(4236, "POST", f"{SHIP}/navigate", {"waypointSymbol": MINE})
        assert error["data"] == {"waypointSymbol": HOME}
        await s.post(f"{SHIP}/orbit")
        await s.refused(4201, "POST", f"{SHIP}/navigate", {"waypointSymbol": "X1-TINY-Z9"})
        await s.refused(4201, "POST", f"{SHIP}/navigate", {"waypointSymbol": "nonsense"})
        await s.refused(4202, "POST", f"{SHIP}/navigate", {"waypointSymbol": "X1-FAR-A1"})
        await s.refused(4204, "POST", f"{SHIP}/navigate", {"waypointSymbol": HOME})
        ship = await s.get(SHIP)
        assert (ship["nav"]["status"], ship["fuel"]["current"]) == ("IN_ORBIT", 400)

    play(story)


def test_too_little_fuel_is_refused_before_moving(play: Callable[..., Any]) -> None:
    """4203 tells what is needed and what is there, and the tank keeps it."""

    async def story(s: Any) -> None:
        await s.post(f"{SHIP}/orbit")
        await s.call("PATCH", f"{SHIP}/nav", json={"flightMode": "BURN"})
        error = await s.refused(4203, "POST", f"{SHIP}/navigate", {"waypointSymbol": GATE})
        assert error["data"] == {"shipSymbol": "TESTER-1", "fuelRequired": 1000, "fuelAvailable": 400}
        assert (await s.get(SHIP))["fuel"]["current"] == 400

    play(story)


def test_nobody_slows_down_in_transit(play: Callable[..., Any]) -> None:
    """4269 answers a slower flight mode under way; a faster one costs fuel, and 4203 if it is missing."""

    async def story(s: Any) -> None:
        await s.post(f"{SHIP}/orbit")
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        for slower in ("DRIFT", "STEALTH"):
            await s.refused(4269, "PATCH", f"{SHIP}/nav", {"flightMode": slower})
        s.ship("TESTER-1").fuel = 3
        await s.refused(4203, "PATCH", f"{SHIP}/nav", {"flightMode": "BURN"})
        assert (await s.get(f"{SHIP}/nav"))["flightMode"] == "CRUISE"

    play(story)


def test_market_refusals(play: Callable[..., Any]) -> None:
    """4601 unlisted to buy, 4602 unlisted to sell, 4604 over the trade volume, 4603 no market at all."""

    async def story(s: Any) -> None:
        error = await s.refused(4601, "POST", f"{SHIP}/purchase", {"symbol": "DIAMONDS", "units": 1})
        assert error["data"] == {"waypointSymbol": HOME, "tradeSymbol": "DIAMONDS"}
        await s.refused(4602, "POST", f"{SHIP}/sell", {"symbol": "DIAMONDS", "units": 1})
        error = await s.refused(4604, "POST", f"{HAULER}/purchase", {"symbol": "IRON", "units": 61})
        assert error["data"] == {
            "waypointSymbol": HOME,
            "tradeSymbol": "IRON",
            "units": 61,
            "tradeVolume": 60,
        }
        await s.refused(4604, "POST", f"{HAULER}/sell", {"symbol": "IRON", "units": 61})
        probe = "/my/ships/TESTER-2"
        await s.refused(4603, "POST", f"{probe}/purchase", {"symbol": "IRON", "units": 1}, status=404)
        await s.refused(4603, "POST", f"{probe}/sell", {"symbol": "IRON", "units": 1}, status=404)
        await s.refused(4601, "POST", f"{probe}/refuel", {})

    play(story)


def test_the_purse_and_the_hold_are_limits(play: Callable[..., Any]) -> None:
    """4600 tells the price that was too high, 4217 the room that was too small; nothing is charged."""

    async def story(s: Any) -> None:
        error = await s.refused(4217, "POST", f"{SHIP}/purchase", {"symbol": "IRON", "units": 41})
        assert error["data"] == {
            "shipSymbol": "TESTER-1",
            "cargoCapacity": 40,
            "cargoUnits": 0,
            "unitsToAdd": 41,
        }
        s.place("TESTER-3", MINE)
        price = s.world.market(MINE).good("SHIP_PARTS", s.clock.now).ask
        error = await s.refused(4600, "POST", f"{HAULER}/purchase", {"symbol": "SHIP_PARTS", "units": 60})
        assert error["data"] == {
            "agentCredits": 175_000,
            "totalPrice": 60 * price,
            "tradeSymbol": "SHIP_PARTS",
            "units": 60,
            "purchasePrice": price,
        }
        assert (await s.get("/my/agent"))["credits"] == 175_000
        assert s.world.market(MINE).good("SHIP_PARTS", s.clock.now).net_supply == 0

    play(story)


def test_an_empty_purse_cannot_refuel(play: Callable[..., Any]) -> None:
    """4600 answers refuelling without credits; the tank stays as it was."""

    async def story(s: Any) -> None:
        s.ship("TESTER-1").fuel = 0
        s.world.agents.find("TESTER").credits = 100
        error = await s.refused(4600, "POST", f"{SHIP}/refuel", {})
        assert error["data"]["units"] == 4
        assert s.ship("TESTER-1").fuel == 0

    play(story)


@pytest.mark.parametrize(
    ("action", "key"), [("sell", "symbol"), ("jettison", "symbol"), ("transfer", "tradeSymbol")]
)
def test_what_is_not_aboard_cannot_leave(play: Callable[..., Any], action: str, key: str) -> None:
    """4218 when the good is not aboard, 4219 when too few units are, with the units that are."""

    async def story(s: Any) -> None:
        extra = {"shipSymbol": "TESTER-3"} if action == "transfer" else {}
        await s.refused(4218, "POST", f"{SHIP}/{action}", {key: "IRON", "units": 1, **extra})
        await s.post(f"{SHIP}/purchase", {"symbol": "IRON", "units": 3}, status=201)
        error = await s.refused(4219, "POST", f"{SHIP}/{action}", {key: "IRON", "units": 4, **extra})
        assert (error["data"]["cargoUnits"], error["data"]["tradeSymbol"]) == (3, "IRON")
        assert (await s.get(f"{SHIP}/cargo"))["units"] == 3

    play(story)


def test_fuel_in_the_hold_must_be_there_to_be_used(play: Callable[..., Any]) -> None:
    """Refuelling from cargo refuses 4218 without FUEL aboard and 4219 with too little of it."""

    async def story(s: Any) -> None:
        s.ship("TESTER-1").fuel = 0
        await s.refused(4218, "POST", f"{SHIP}/refuel", {"fromCargo": True})
        await s.post(f"{SHIP}/purchase", {"symbol": "FUEL", "units": 3}, status=201)
        await s.refused(4219, "POST", f"{SHIP}/refuel", {"fromCargo": True})
        await s.post(f"{SHIP}/refuel", {"fromCargo": True, "units": 300})
        assert (s.ship("TESTER-1").fuel, s.ship("TESTER-1").hold) == (300, {})

    play(story)


def test_transfer_refusals(play: Callable[..., Any]) -> None:
    """4231 unknown, 4232 foreign, 4233 same ship, 4234 elsewhere, 4271 one docked, 4217 no room."""

    async def story(s: Any) -> None:
        s.world.register("OTHER", "VOID")
        await s.post(f"{SHIP}/purchase", {"symbol": "IRON", "units": 10}, status=201)

        def to(ship: Any) -> Any:
            return {"tradeSymbol": "IRON", "units": 5, "shipSymbol": ship}

        await s.refused(4231, "POST", f"{SHIP}/transfer", to("TESTER-9"))
        await s.refused(4232, "POST", f"{SHIP}/transfer", to("OTHER-1"))
        await s.refused(4233, "POST", f"{SHIP}/transfer", to("TESTER-1"))
        await s.refused(4234, "POST", f"{SHIP}/transfer", to("TESTER-2"))
        await s.post(f"{HAULER}/orbit")
        await s.refused(4271, "POST", f"{SHIP}/transfer", to("TESTER-3"))
        await s.post(f"{HAULER}/dock")
        s.ship("TESTER-3").hold["IRON"] = 76
        await s.refused(4217, "POST", f"{SHIP}/transfer", to("TESTER-3"))
        assert s.ship("TESTER-1").hold == {"IRON": 10}

    play(story)


def test_yard_refusals(play: Callable[..., Any]) -> None:
    """404 no yard, 4245 no own ship there, 4605 type not sold there, 4216 too dear; no ship appears."""

    async def story(s: Any) -> None:
        await s.refused(
            404, "POST", "/my/ships", {"shipType": "SHIP_PROBE", "waypointSymbol": HOME}, status=404
        )
        order = {"shipType": "SHIP_MINING_DRONE", "waypointSymbol": MINE}
        await s.refused(4245, "POST", "/my/ships", order)
        await s.refused(4605, "POST", "/my/ships", {"shipType": "SHIP_X", "waypointSymbol": YARD})
        dear = {"shipType": "SHIP_LIGHT_HAULER", "waypointSymbol": YARD}
        error = await s.refused(4216, "POST", "/my/ships", dear)
        assert error["data"] == {"creditsAvailable": 175_000, "creditsNeeded": 270_000}
        await s.post(f"{SHIP}/orbit")
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        await s.refused(4245, "POST", "/my/ships", order)
        assert (await s.get("/my/agent"))["shipCount"] == 3

    play(story)


def test_construction_refusals(play: Callable[..., Any]) -> None:
    """4802 elsewhere, 4244 in orbit, 4800 not needed, 4801 complete, 4218 not aboard, 404 no site."""

    async def story(s: Any) -> None:
        def load(good: Any, units: int = 10) -> Any:
            return {"shipSymbol": "TESTER-3", "tradeSymbol": good, "units": units}

        await s.refused(4802, "POST", SITE, load("FAB_MATS"))
        hauler = s.place("TESTER-3", GATE)
        await s.post(f"{HAULER}/orbit")
        await s.refused(4244, "POST", SITE, load("FAB_MATS"))
        await s.post(f"{HAULER}/dock")
        await s.refused(4800, "POST", SITE, load("IRON"))
        await s.refused(4801, "POST", SITE, load("QUANTUM_STABILIZERS", 1))
        await s.refused(4801, "POST", SITE, load("FAB_MATS", 1601))
        await s.refused(4218, "POST", SITE, load("FAB_MATS"))
        hauler.hold["FAB_MATS"] = 5
        await s.refused(4219, "POST", SITE, load("FAB_MATS"))
        elsewhere = f"/systems/X1-TINY/waypoints/{HOME}/construction/supply"
        await s.refused(404, "POST", elsewhere, load("FAB_MATS"), status=404)
        assert (await s.get(SITE.removesuffix("/supply")))["materials"][0]["fulfilled"] == 0

    play(story)


def test_contract_refusals(play: Callable[..., Any]) -> None:
    """4505 not accepted, 4501 accepted twice, 4508, 4510, 4509, 4502, 4500, 4506, 404 and 4511."""

    async def story(s: Any) -> None:
        other = s.world.register("OTHER", "VOID")
        contract = (await s.get("/my/contracts"))[0]
        path = f"/my/contracts/{contract['id']}"
        line = contract["terms"]["deliver"][0]
        good, needed = line["tradeSymbol"], line["unitsRequired"]
        assert (good, line["destinationSymbol"]) == ("IRON_ORE", HOME)

        def load(symbol: Any, units: Any, ship: str = "TESTER-3") -> Any:
            return {"shipSymbol": ship, "tradeSymbol": symbol, "units": units}

        await s.refused(4505, "POST", f"{path}/deliver", load(good, 1))
        await s.refused(4505, "POST", f"{path}/fulfill", {})
        await s.refused(4500, "POST", f"/my/contracts/{other.contract.id}/accept", {})
        await s.refused(4506, "POST", f"/my/contracts/{other.contract.id}/fulfill", {})
        await s.refused(404, "POST", "/my/contracts/none/accept", {}, status=404)
        await s.refused(4511, "POST", f"{SHIP}/negotiate/contract", {})
        await s.post(f"{path}/accept")
        await s.refused(4501, "POST", f"{path}/accept", {})
        await s.refused(4508, "POST", f"{path}/deliver", load("IRON", 1))
        await s.refused(4510, "POST", f"{path}/deliver", load(good, 1, "TESTER-2"))
        await s.refused(4218, "POST", f"{path}/deliver", load(good, 1))
        s.ship("TESTER-3").hold[good] = needed + 1
        await s.refused(4509, "POST", f"{path}/deliver", load(good, needed + 1))
        await s.refused(4502, "POST", f"{path}/fulfill", {})
        await s.post(f"{HAULER}/orbit")
        await s.refused(4244, "POST", f"{path}/deliver", load(good, 1))
        await s.post(f"{HAULER}/dock")
        await s.post(f"{path}/deliver", load(good, needed))
        await s.refused(4509, "POST", f"{path}/deliver", load(good, 1))
        await s.post(f"{path}/fulfill")
        await s.refused(4504, "POST", f"{path}/fulfill", {})
        await s.refused(4504, "POST", f"{path}/accept", {})

    play(story)


def test_a_missed_deadline_takes_the_advance_back(play: Callable[..., Any]) -> None:
    """Before anything else is answered, into debt if need be, and an event tells it; then 4503."""

    async def story(s: Any) -> None:
        contract = (await s.get("/my/contracts"))[0]
        path = f"/my/contracts/{contract['id']}"
        paid = (await s.post(f"{path}/accept"))["agent"]["credits"] - 175_000
        assert paid == contract["terms"]["payment"]["onAccepted"]
        s.world.agents.find("TESTER").credits = 0
        s.clock.advance(7 * 86_400 + 1)
        # A bot that never reads its contracts keeps nothing.
        assert (await s.get("/my/agent"))["credits"] == -paid
        told = (await s.get("/my/agent/events"))[0]
        assert (told["type"], told["data"]) == ("CONTRACT_FAILED", {"contractId": contract["id"]})
        assert told["createdAt"] == contract["terms"]["deadline"]
        body = {"shipSymbol": "TESTER-3", "tradeSymbol": "IRON_ORE", "units": 1}
        await s.refused(4503, "POST", f"{path}/deliver", body)
        await s.refused(4503, "POST", f"{path}/fulfill", {})
        assert (await s.get("/my/agent"))["credits"] == -paid
        await s.post(f"{SHIP}/negotiate/contract", status=201)

    play(story)


def test_an_offer_nobody_accepts_vanishes(play: Callable[..., Any]) -> None:
    """24 h after the offer it is unknown (404), and where no faction is nobody makes another (4700)."""

    async def story(s: Any) -> None:
        contract = (await s.get("/my/contracts"))[0]
        s.clock.advance(86_401)
        await s.refused(404, "POST", f"/my/contracts/{contract['id']}/accept", {}, status=404)
        s.place("TESTER-3", ROCK)
        await s.refused(4700, "POST", f"{HAULER}/negotiate/contract", {})

    play(story)


@pytest.mark.parametrize(
    "path",
    [
        "/my/ships/TESTER-9",
        "/my/ships/OTHER-1",
        "/my/contracts/none",
        "/agents/NOBODY",
        "/factions/NOBODY",
        "/systems/X1-NONE",
        "/systems/X1-NONE/waypoints",
        "/systems/X1-TINY/waypoints/X1-TINY-Z9",
        "/systems/X1-FAR/waypoints/X1-TINY-A1",
        "/systems/X1-TINY/waypoints/X1-TINY-A1/shipyard",
        "/systems/X1-TINY/waypoints/X1-TINY-A1/jump-gate",
        "/nowhere",
        "/my/ships/TESTER-1/nowhere",
    ],
)
def test_what_does_not_exist_is_404(play: Callable[..., Any], path: str) -> None:
    """404 in the envelope answers unknown ships, another agent's ships, places, parts and routes."""

    async def story(s: Any) -> None:
        s.world.register("OTHER", "VOID")
        await s.refused(404, "GET", path, status=404)

    play(story)


def test_outside_the_api_there_is_nothing(play: Callable[..., Any]) -> None:
    """A path outside /v2 and a method a route does not know get the 404 envelope too."""

    async def story(s: Any) -> None:
        await s.refused(404, "GET", "http://sandbox/other", status=404)
        await s.refused(404, "DELETE", "/my/agent", status=404)

    play(story)


def test_no_market_and_no_view(play: Callable[..., Any]) -> None:
    """4603 where there is no market; 4001 at an uncharted place until an own ship is there."""

    async def story(s: Any) -> None:
        await s.refused(4603, "GET", f"/systems/X1-TINY/waypoints/{YARD}/market", status=404)
        market = f"/systems/X1-TINY/waypoints/{ROCK}/market"
        await s.refused(4001, "GET", market)
        await s.post(f"{SHIP}/orbit")
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": ROCK})
        await s.refused(4001, "GET", market)
        s.clock.advance(3600)
        assert "tradeGoods" in await s.get(market)

    play(story)
