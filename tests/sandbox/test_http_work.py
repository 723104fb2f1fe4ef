"""Ships at work over HTTP: what each job gives, and every refusal with nothing changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.recorded import official_document

from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import MODULES
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.ships import Component
from goodsfactory.sandbox.universe import Waypoint

HOME, YARD, MINE, GATE, ROCK = (f"X1-TINY-{name}" for name in ("A1", "A2", "B3", "C4", "D5"))
SHIP, PROBE, HAULER = (f"/my/ships/TESTER-{number}" for number in (1, 2, 3))
PLACE = f"/systems/X1-TINY/waypoints/{ROCK}"
REACTOR_WORK = ("extract", "siphon", "survey", "scan/systems", "scan/waypoints", "scan/ships")


def at_rock(s: Any, symbol: str = "TESTER-1") -> Any:
    """A ship in orbit of the asteroid."""
    ship = s.place(symbol, ROCK)
    ship.docked = False
    return ship


def test_the_chart_of_a_gate_pays_ten_thousand(play: Callable[..., Any]) -> None:
    """Whatever else there is (operations.md §7.1); nothing for a misspelt trait."""

    async def story(s: Any) -> None:
        place = s.world.universe.waypoint(ROCK)
        s._put(replace(place, type="JUMP_GATE"))
        s.place("TESTER-2", ROCK)
        done = await s.post(f"{PROBE}/chart", status=201)
        assert done["transaction"]["totalPrice"] == 10_000
        traits = set(official_document()["components"]["schemas"]["WaypointTraitSymbol"]["enum"])
        assert set(ShipParameters().chart_bonus) <= traits

    play(story)


def test_a_chart_reveals_a_waypoint_and_pays_once(play: Callable[..., Any]) -> None:
    """Before it 4001 and the trait UNCHARTED alone; after it real traits, a chart and credits; then 4230."""

    async def story(s: Any) -> None:
        before = await s.get(PLACE)
        assert [trait["symbol"] for trait in before["traits"]] == ["UNCHARTED"]
        assert "chart" not in before
        await s.refused(4001, "GET", f"{PLACE}/market", token=None)
        s.place("TESTER-2", ROCK)
        done = await s.post(f"{PROBE}/chart", status=201)
        reward = done["transaction"]["totalPrice"]
        assert reward > 0
        assert done["agent"]["credits"] == 175_000 + reward
        assert done["chart"]["submittedBy"] == "TESTER"
        after = await s.get(PLACE, token=None)
        assert {trait["symbol"] for trait in after["traits"]} == {"MARKETPLACE", "COMMON_METAL_DEPOSITS"}
        assert after["chart"] == done["chart"]
        assert await s.get(f"{PLACE}/market", token=None)
        error = await s.refused(4230, "POST", f"{PROBE}/chart", {})
        assert error["data"] == {"waypointSymbol": ROCK}
        status = (await s.call("GET", "/")).json()
        assert status["leaderboards"]["mostSubmittedCharts"] == [{"agentSymbol": "TESTER", "chartCount": 1}]

    play(story)


def test_extraction_fills_the_hold_and_heats_the_reactor(play: Callable[..., Any]) -> None:
    """A good that lies there, as much as fits; rest is 60 s, 10 a power of the lasers, and 5 for wear."""

    async def story(s: Any) -> None:
        at_rock(s)
        done = await s.post(f"{SHIP}/extract", status=201)
        drawn = done["extraction"]["yield"]
        assert drawn["symbol"] in {
            *("ALUMINUM_ORE", "COPPER_ORE", "IRON_ORE", "ICE_WATER", "SILICON_CRYSTALS", "QUARTZ_SAND")
        }
        assert 3 <= drawn["units"] <= 7
        assert done["cargo"]["units"] == drawn["units"]
        assert done["cooldown"]["totalSeconds"] == done["cooldown"]["remainingSeconds"] == 80
        error = await s.refused(4000, "POST", f"{SHIP}/extract", {}, status=409)
        assert error["data"] == {"cooldown": done["cooldown"]}
        s.clock.advance(79)
        assert (await s.get(f"{SHIP}/cooldown"))["remainingSeconds"] == 1
        s.clock.advance(1)
        assert (await s.call("GET", f"{SHIP}/cooldown")).status_code == 204
        s.ship("TESTER-1").hold = {"IRON": 39}
        s.ship("TESTER-1").worn["REACTOR"] = Component(0.0, 1.0)
        last = await s.post(f"{SHIP}/extract", status=201)
        assert last["extraction"]["yield"]["units"] == 1
        assert last["cooldown"]["totalSeconds"] == 85

    play(story)


def test_the_same_seed_digs_up_the_same(play: Callable[..., Any]) -> None:
    """Yields follow from the seed and the requests, not from chance (L13)."""

    async def story(s: Any) -> Any:
        at_rock(s)
        found = []
        for _ in range(3):
            found.append((await s.post(f"{SHIP}/extract", status=201))["extraction"]["yield"])
            s.rest("TESTER-1")
        return found

    assert play(story) == play(story)


def test_extraction_refusals(play: Callable[..., Any]) -> None:
    """4236, 4243, 4242, 4205, 4206, 4228, 4261; the hold stays as it was."""

    async def story(s: Any) -> None:
        ship = s.place("TESTER-1", ROCK)
        await s.refused(4236, "POST", f"{SHIP}/extract", {})
        at_rock(s, "TESTER-3")
        await s.refused(4243, "POST", f"{HAULER}/extract", {})
        built = ship.type
        modules = tuple(each for each in built.modules if "MINERAL" not in each.symbol)
        at_rock(s).type = replace(built, modules=modules)
        await s.refused(4242, "POST", f"{SHIP}/extract", {})
        ship.type = built
        s.place("TESTER-1", HOME).docked = False
        await s.refused(4205, "POST", f"{SHIP}/extract", {})
        s.place("TESTER-1", MINE).docked = False
        await s.refused(4206, "POST", f"{SHIP}/extract", {})
        at_rock(s).hold = {"IRON": 40}
        await s.refused(4228, "POST", f"{SHIP}/extract", {})
        ship.hold = {}
        waypoints = s.world.universe.systems["X1-TINY"].waypoints
        waypoints[ROCK] = replace(waypoints[ROCK], traits=("UNCHARTED",))
        await s.refused(4261, "POST", f"{SHIP}/extract", {})
        assert (await s.get(f"{SHIP}/cargo"))["units"] == 0

    play(story)


def test_a_survey_narrows_what_is_found_until_it_ends(play: Callable[..., Any]) -> None:
    """The deposits of the survey alone; 4220 changed, 4221 expired, 4224 exhausted, 4270 elsewhere."""

    async def story(s: Any) -> None:
        at_rock(s)
        made = (await s.post(f"{SHIP}/survey", status=201))["surveys"]
        assert len(made) == 2
        survey = made[0]
        listed = {deposit["symbol"] for deposit in survey["deposits"]}
        assert survey["symbol"] == ROCK
        assert survey["size"] in {"SMALL", "MODERATE", "LARGE"}
        path = f"{SHIP}/extract/survey"
        for way in (path, f"{SHIP}/extract"):
            s.rest("TESTER-1")
            body = survey if way == path else {"survey": survey}
            found = await s.post(way, body, status=201)
            assert found["extraction"]["yield"]["symbol"] in listed
        s.rest("TESTER-1")
        for change in (
            {"signature": "X1-TINY-D5-000000"},
            {"deposits": [{"symbol": "DIAMONDS"}]},
            {"size": "HUGE"},
            {"expiration": "2030-01-01T00:00:00.000Z"},
        ):
            await s.refused(4220, "POST", path, {**survey, **change})
        await s.refused(3001, "POST", path, {**survey, "expiration": "soon"}, status=422)
        other = Waypoint("X1-TINY-F7", "ASTEROID", "X1-TINY", 1, 1, traits=("MINERAL_DEPOSITS",))
        s.world.universe.systems["X1-TINY"].waypoints[other.symbol] = other
        s.place("TESTER-1", other.symbol).docked = False
        await s.refused(4270, "POST", path, survey)
        at_rock(s)
        s.world.surveys._known[survey["signature"]].units = 0
        await s.refused(4224, "POST", path, survey, status=409)
        s.clock.now += timedelta(hours=2)
        await s.refused(4221, "POST", path, survey)

    play(story)


def test_a_survey_may_come_back_in_another_spelling_of_its_time(play: Callable[..., Any]) -> None:
    """A client that parses the expiration and writes it again is still believed."""

    async def story(s: Any) -> None:
        at_rock(s)
        survey = (await s.post(f"{SHIP}/survey", status=201))["surveys"][0]
        s.rest("TESTER-1")
        survey["expiration"] = survey["expiration"].replace(".000Z", "+00:00")
        await s.post(f"{SHIP}/extract/survey", survey, status=201)

    play(story)


def test_survey_refusals(play: Callable[..., Any]) -> None:
    """4223 docked, 4240 without a surveyor, 4222 where there is nothing to survey."""

    async def story(s: Any) -> None:
        s.place("TESTER-1", ROCK)
        await s.refused(4223, "POST", f"{SHIP}/survey", {})
        at_rock(s, "TESTER-3")
        await s.refused(4240, "POST", f"{HAULER}/survey", {})
        s.place("TESTER-1", HOME).docked = False
        await s.refused(4222, "POST", f"{SHIP}/survey", {})

    play(story)


def test_too_much_mining_ruins_an_asteroid_and_time_heals_it(play: Callable[..., Any]) -> None:
    """Ten a minute are borne; more bring CRITICAL_LIMIT, then UNSTABLE and 4253; an hour heals it."""

    async def story(s: Any) -> None:
        ship = at_rock(s)

        async def dig() -> Any:
            ship.cooldown_until, ship.hold = None, {}
            return await s.post(f"{SHIP}/extract", status=201)

        for _ in range(30):
            assert (await dig())["modifiers"] == []
            s.clock.advance(6)
        marks = []
        for _ in range(39):
            marks = [mark["symbol"] for mark in (await dig())["modifiers"]]
        assert marks == ["CRITICAL_LIMIT"]
        assert [mark["symbol"] for mark in (await s.get(PLACE))["modifiers"]] == ["CRITICAL_LIMIT"]
        assert [mark["symbol"] for mark in (await dig())["modifiers"]] == ["CRITICAL_LIMIT", "UNSTABLE"]
        ship.cooldown_until, ship.hold = None, {}
        error = await s.refused(4253, "POST", f"{SHIP}/extract", {})
        assert error["data"]["modifiers"] == ["CRITICAL_LIMIT", "UNSTABLE"]
        s.clock.advance(3600)
        assert (await s.get(PLACE))["modifiers"] == []
        assert (await dig())["modifiers"] == []

    play(story)


def test_a_siphon_draws_gas_from_a_giant(play: Callable[..., Any]) -> None:
    """One of three gases; 4259 elsewhere, 4258 without a siphon, 4257 without a processor, 4228 when full."""

    async def story(s: Any) -> None:
        at_rock(s)
        await s.refused(4259, "POST", f"{SHIP}/siphon", {})
        giant = s.add_gas_giant()
        s.place("TESTER-3", giant).docked = False
        await s.refused(4258, "POST", f"{HAULER}/siphon", {})
        ship = s.place("TESTER-1", giant)
        await s.refused(4236, "POST", f"{SHIP}/siphon", {})
        ship.docked = False
        built = ship.type
        modules = tuple(each for each in built.modules if "GAS" not in each.symbol)
        ship.type = replace(built, modules=modules)
        await s.refused(4257, "POST", f"{SHIP}/siphon", {})
        ship.type, ship.hold = built, {"IRON": 40}
        await s.refused(4228, "POST", f"{SHIP}/siphon", {})
        ship.hold = {}
        drawn = (await s.post(f"{SHIP}/siphon", status=201))["siphon"]["yield"]
        assert drawn["symbol"] in {"HYDROCARBON", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"}
        assert 18 <= drawn["units"] <= 22

    play(story)


def test_refining_turns_a_hundred_into_ten(play: Callable[..., Any]) -> None:
    """4237 no such product, 4239 no refinery, 4238 the wrong one, 4218, 4219; then 100 become 10."""

    async def story(s: Any) -> None:
        path = f"{HAULER}/refine"
        await s.refused(4237, "POST", path, {"produce": "DIAMONDS"})
        await s.refused(4239, "POST", path, {"produce": "IRON"})
        ship = s.ship("TESTER-3")
        ship.type = SHIP_TYPES["SHIP_REFINING_FREIGHTER"]
        await s.refused(4238, "POST", path, {"produce": "FUEL"})
        await s.refused(4218, "POST", path, {"produce": "IRON"})
        ship.hold = {"IRON_ORE": 99}
        error = await s.refused(4219, "POST", path, {"produce": "IRON"})
        assert (error["data"]["cargoUnits"], error["data"]["unitsToRemove"]) == (99, 100)
        ship.hold = {"IRON_ORE": 130}
        done = await s.post(path, {"produce": "IRON"}, status=201)
        assert done["consumed"] == [{"tradeSymbol": "IRON_ORE", "units": 100}]
        assert done["produced"] == [{"tradeSymbol": "IRON", "units": 10}]
        assert ship.hold == {"IRON_ORE": 30, "IRON": 10}
        assert done["cargo"]["capacity"] == 150
        await s.refused(4000, "POST", path, {"produce": "IRON"}, status=409)

    play(story)


def test_scans_see_what_is_around(play: Callable[..., Any]) -> None:
    """Systems and distances, traits though uncharted, ships of other agents; 4215 without sensors."""

    async def story(s: Any) -> None:
        s.world.register("RIVAL", "VOID")
        for kind in ("systems", "waypoints", "ships"):
            await s.refused(4215, "POST", f"{HAULER}/scan/{kind}", {})
        systems = (await s.post(f"{SHIP}/scan/systems", status=201))["systems"]
        assert [(each["symbol"], each["distance"]) for each in systems] == [("X1-FAR", 900)]
        await s.refused(4000, "POST", f"{SHIP}/scan/ships", {}, status=409)
        s.rest("TESTER-1")
        waypoints = (await s.post(f"{SHIP}/scan/waypoints", status=201))["waypoints"]
        rock = next(each for each in waypoints if each["symbol"] == ROCK)
        assert {trait["symbol"] for trait in rock["traits"]} == {"MARKETPLACE", "COMMON_METAL_DEPOSITS"}
        assert "chart" not in rock
        s.rest("TESTER-1")
        ships = (await s.post(f"{SHIP}/scan/ships", status=201))["ships"]
        assert {each["symbol"] for each in ships} >= {"RIVAL-1", "TESTER-2"}
        assert "TESTER-1" not in {each["symbol"] for each in ships}

    play(story)


def test_a_jump_costs_antimatter_and_rest(play: Callable[..., Any]) -> None:
    """At once in the other system for one antimatter; 60 s and the distance of rest, 4000 before that."""

    async def story(s: Any) -> None:
        far = s.open_gates()
        s.place("TESTER-1", GATE).docked = False
        done = await s.post(f"{SHIP}/jump", {"waypointSymbol": far})
        assert (done["nav"]["waypointSymbol"], done["nav"]["systemSymbol"]) == (far, "X1-FAR")
        assert done["nav"]["status"] == "IN_ORBIT"
        paid = done["transaction"]
        assert (paid["tradeSymbol"], paid["units"], paid["waypointSymbol"]) == ("ANTIMATTER", 1, GATE)
        assert done["agent"]["credits"] == 175_000 - paid["totalPrice"]
        assert done["cooldown"]["totalSeconds"] == 960
        await s.refused(4000, "POST", f"{SHIP}/jump", {"waypointSymbol": GATE}, status=409)
        s.rest("TESTER-1")
        await s.refused(4601, "POST", f"{SHIP}/jump", {"waypointSymbol": GATE})

    play(story)


def test_jump_refusals(play: Callable[..., Any]) -> None:
    """4236, 4254 not at a gate, 4255 not connected, 4256, 4262 unfinished gates, 4600 too poor: no jump."""

    async def story(s: Any) -> None:
        jump = f"{SHIP}/jump"
        ship = s.place("TESTER-1", GATE)
        await s.refused(4236, "POST", jump, {"waypointSymbol": HOME})
        s.place("TESTER-1", HOME).docked = False
        await s.refused(4254, "POST", jump, {"waypointSymbol": GATE})
        s.place("TESTER-1", GATE).docked = False
        error = await s.refused(4255, "POST", jump, {"waypointSymbol": HOME})
        assert error["data"]["connections"] == ["X1-FAR-G1"]
        far = s.open_gates()
        bill = s.world.universe.constructions
        bill[GATE]["FAB_MATS"][1] = 0
        await s.refused(4256, "POST", jump, {"waypointSymbol": far})
        bill[GATE]["FAB_MATS"][1], bill[far] = 1600, {"FAB_MATS": [10, 0]}
        await s.refused(4262, "POST", jump, {"waypointSymbol": far})
        del bill[far]
        s.world.agents.find("TESTER").credits = 10
        await s.refused(4600, "POST", jump, {"waypointSymbol": far})
        assert (ship.waypoint, ship.cooldown_until) == (GATE, None)

    play(story)


def test_supplying_the_last_material_opens_the_gate(play: Callable[..., Any]) -> None:
    """A gate under construction refuses jumps until its bill is complete, and the waypoint says so."""

    async def story(s: Any) -> None:
        far = s.open_gates()
        s.world.universe.constructions[GATE]["FAB_MATS"][1] = 1599
        s.place("TESTER-3", GATE).hold = {"FAB_MATS": 1}
        s.place("TESTER-1", GATE).docked = False
        await s.refused(4256, "POST", f"{SHIP}/jump", {"waypointSymbol": far})
        place = f"/systems/X1-TINY/waypoints/{GATE}"
        assert (await s.get(place))["isUnderConstruction"]
        order = {"shipSymbol": "TESTER-3", "tradeSymbol": "FAB_MATS", "units": 1}
        done = await s.post(f"{place}/construction/supply", order, status=201)
        assert done["construction"]["isComplete"]
        assert not (await s.get(place))["isUnderConstruction"]
        await s.post(f"{SHIP}/jump", {"waypointSymbol": far})

    play(story)


def test_warp_flies_to_another_system(play: Callable[..., Any]) -> None:
    """The distance in fuel, 50 s a unit over the speed; 4241 no drive, 4235 same system, 4201, 4203."""

    async def story(s: Any) -> None:
        warp = f"{HAULER}/warp"
        ship = s.place("TESTER-3", HOME)
        await s.refused(4236, "POST", warp, {"waypointSymbol": "X1-FAR-A1"})
        ship.docked = False
        await s.refused(4241, "POST", warp, {"waypointSymbol": "X1-FAR-A1"})
        await s.refused(4201, "POST", warp, {"waypointSymbol": "X1-FAR-Z9"})
        await s.refused(4235, "POST", warp, {"waypointSymbol": GATE})
        ship.type = SHIP_TYPES["SHIP_HEAVY_FREIGHTER"]
        error = await s.refused(4203, "POST", warp, {"waypointSymbol": "X1-FAR-A1"})
        assert error["data"] == {"shipSymbol": "TESTER-3", "fuelRequired": 900, "fuelAvailable": 600}
        ship.fuel = 1000
        done = await s.post(warp, {"waypointSymbol": "X1-FAR-A1"})
        assert (done["nav"]["status"], done["nav"]["systemSymbol"]) == ("IN_TRANSIT", "X1-FAR")
        assert done["fuel"]["current"] == 100
        s.clock.advance(round(900 * 50 / 36 + 15) - 1)
        assert (await s.get(f"{HAULER}/nav"))["status"] == "IN_TRANSIT"
        s.clock.advance(1)
        assert (await s.get(f"{HAULER}/nav"))["status"] == "IN_ORBIT"

    play(story)


def test_a_drive_has_a_reach(play: Callable[..., Any]) -> None:
    """Even drifting, nobody warps farther than the drive reaches: 4203."""

    async def story(s: Any) -> None:
        ship = s.place("TESTER-3", HOME)
        ship.docked = False
        short = replace(MODULES["MODULE_WARP_DRIVE_I"], range=800)
        ship.type = replace(SHIP_TYPES["SHIP_EXPLORER"], modules=(short,))
        await s.call("PATCH", f"{HAULER}/nav", json={"flightMode": "DRIFT"})
        await s.refused(4203, "POST", f"{HAULER}/warp", {"waypointSymbol": "X1-FAR-A1"})

    play(story)


@pytest.mark.parametrize("action", [*REACTOR_WORK, "chart", "refine", "jump", "warp"])
def test_no_ship_works_on_the_way(play: Callable[..., Any], action: Any) -> None:
    """4214 answers every kind of work of a ship in transit."""

    async def story(s: Any) -> None:
        await s.post(f"{SHIP}/orbit")
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        body = {
            "refine": {"produce": "IRON"},
            "jump": {"waypointSymbol": GATE},
            "warp": {"waypointSymbol": GATE},
        }
        await s.refused(4214, "POST", f"{SHIP}/{action}", body.get(action, {}))

    play(story)
