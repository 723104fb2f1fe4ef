"""Refitting, repair and scrap at a shipyard over HTTP, and what wear does to a ship."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import MODULES, MOUNTS
from goodsfactory.sandbox.ships import Component

HOME, YARD, MINE = (f"X1-TINY-{name}" for name in ("A1", "A2", "B3"))
SHIP, HAULER = "/my/ships/TESTER-1", "/my/ships/TESTER-3"
ACTIONS = [f"{kind}/{action}" for kind in ("mounts", "modules") for action in ("install", "remove")]


def test_a_mount_comes_from_the_hold_and_goes_back(play: Callable[..., Any]) -> None:
    """Installing takes it out of the cargo for the yard's fee, removing puts it back for another fee."""

    async def story(s: Any) -> None:
        s.place("TESTER-1", YARD).hold = {"MOUNT_TURRET_I": 1}
        done = await s.post(f"{SHIP}/mounts/install", {"symbol": "MOUNT_TURRET_I"}, status=201)
        assert "MOUNT_TURRET_I" in [mount["symbol"] for mount in done["mounts"]]
        assert done["cargo"]["units"] == 0
        assert done["transaction"]["totalPrice"] == 100
        assert done["agent"]["credits"] == 174_900
        assert await s.get(f"{SHIP}/mounts") == done["mounts"] == (await s.get(SHIP))["mounts"]
        back = await s.post(f"{SHIP}/mounts/remove", {"symbol": "MOUNT_TURRET_I"}, status=201)
        assert [item["symbol"] for item in back["cargo"]["inventory"]] == ["MOUNT_TURRET_I"]
        assert back["agent"]["credits"] == 174_800
        assert len(await s.get(f"{SHIP}/mounts")) == 4

    play(story)


def test_a_module_changes_what_the_ship_is(play: Callable[..., Any]) -> None:
    """The hold grows with a cargo module, and the fee counts its slots; without it the hold shrinks again."""

    async def story(s: Any) -> None:
        ship = s.place("TESTER-1", YARD)
        ship.type = replace(ship.type, modules=ship.type.modules[:3])
        ship.hold = {"MODULE_CARGO_HOLD_II": 1}
        done = await s.post(f"{SHIP}/modules/install", {"symbol": "MODULE_CARGO_HOLD_II"}, status=201)
        assert done["cargo"]["capacity"] == 80
        assert done["transaction"]["totalPrice"] == 200
        ship.hold = {"IRON": 40}
        await s.refused(4217, "POST", f"{SHIP}/modules/remove", {"symbol": "MODULE_CARGO_HOLD_II"})
        ship.hold = {"IRON": 39}
        back = await s.post(f"{SHIP}/modules/remove", {"symbol": "MODULE_CARGO_HOLD_II"}, status=201)
        assert back["cargo"] == await s.get(f"{SHIP}/cargo")
        assert (back["cargo"]["capacity"], back["cargo"]["units"]) == (40, 40)

    play(story)


@pytest.mark.parametrize("action", [*ACTIONS, "repair", "scrap"])
def test_yard_work_needs_a_dock_at_a_yard(play: Callable[..., Any], action: Any) -> None:
    """4214 under way, 4244 in orbit, and a code of its own where there is no shipyard."""
    code = {"mounts": 4246, "modules": 4266, "repair": 4264, "scrap": 4263}[action.partition("/")[0]]

    async def story(s: Any) -> None:
        body = {"symbol": "MOUNT_TURRET_I"}
        s.place("TESTER-1", HOME)
        error = await s.refused(code, "POST", f"{SHIP}/{action}", body)
        assert error["data"] == {"waypointSymbol": HOME}
        s.place("TESTER-1", YARD).docked = False
        await s.refused(4244, "POST", f"{SHIP}/{action}", body)
        await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        await s.refused(4214, "POST", f"{SHIP}/{action}", body)
        assert len(await s.get("/my/ships")) == 3

    play(story)


def test_refitting_refusals(play: Callable[..., Any]) -> None:
    """4247, 4267 not fitted; 4218 not aboard; 3001 no such part; 4248, 4268 too poor; 4217 a full hold."""

    async def story(s: Any) -> None:
        ship = s.place("TESTER-1", YARD)
        turret, cabin = {"symbol": "MOUNT_TURRET_I"}, {"symbol": "MODULE_PASSENGER_CABIN_I"}
        await s.refused(4247, "POST", f"{SHIP}/mounts/remove", turret)
        await s.refused(4267, "POST", f"{SHIP}/modules/remove", cabin)
        await s.refused(4218, "POST", f"{SHIP}/mounts/install", turret)
        await s.refused(4218, "POST", f"{SHIP}/modules/install", cabin)
        await s.refused(3001, "POST", f"{SHIP}/mounts/install", cabin, status=422)
        await s.refused(3001, "POST", f"{SHIP}/modules/install", turret, status=422)
        ship.hold = {"IRON": 40}
        await s.refused(4217, "POST", f"{SHIP}/mounts/remove", {"symbol": "MOUNT_MINING_LASER_II"})
        ship.type = replace(ship.type, modules=ship.type.modules[:4])
        ship.hold = turret_and_cabin()
        s.world.agents.find("TESTER").credits = 99
        await s.refused(4248, "POST", f"{SHIP}/mounts/install", turret)
        await s.refused(4248, "POST", f"{SHIP}/mounts/remove", {"symbol": "MOUNT_MINING_LASER_II"})
        await s.refused(4268, "POST", f"{SHIP}/modules/install", cabin)
        await s.refused(4268, "POST", f"{SHIP}/modules/remove", {"symbol": "MODULE_MINERAL_PROCESSOR_I"})
        assert ship.hold == turret_and_cabin()

    play(story)


def turret_and_cabin() -> Any:
    """A hold with one part of either kind."""
    return {"MOUNT_TURRET_I": 1, "MODULE_PASSENGER_CABIN_I": 1}


def test_a_hull_bears_only_so_much(play: Callable[..., Any]) -> None:
    """4249 power, 4250 slots, 4251 mounting points, 4252 crew: each limit refuses, with what was needed."""

    async def story(s: Any) -> None:
        frigate, hauler = s.place("TESTER-1", YARD), s.place("TESTER-3", YARD)
        frigate.hold = {"MOUNT_SURVEYOR_III": 1, "MODULE_CARGO_HOLD_I": 1}
        error = await s.refused(4249, "POST", f"{SHIP}/mounts/install", {"symbol": "MOUNT_SURVEYOR_III"})
        assert error["data"] == {"shipSymbol": "TESTER-1", "required": 33, "available": 31}
        await s.refused(4250, "POST", f"{SHIP}/modules/install", {"symbol": "MODULE_CARGO_HOLD_I"})
        hauler.hold = {"MOUNT_TURRET_I": 1}
        hauler.type = replace(hauler.type, modules=hauler.type.modules[:3])
        await s.refused(4251, "POST", f"{HAULER}/mounts/install", {"symbol": "MOUNT_TURRET_I"})
        crewless = tuple(each for each in hauler.type.modules if not each.berths)
        hauler.type = replace(hauler.type, modules=crewless, mounts=())
        await s.refused(4252, "POST", f"{HAULER}/mounts/install", {"symbol": "MOUNT_TURRET_I"})

    play(story)


def test_repair_mends_and_leaves_a_scar(play: Callable[..., Any]) -> None:
    """The quote is paid; the condition is whole again, the integrity a little lower; 4265 when too poor."""

    async def story(s: Any) -> None:
        ship = s.place("TESTER-1", YARD)
        assert (await s.get(f"{SHIP}/repair"))["transaction"]["totalPrice"] == 0
        ship.worn = {"FRAME": Component(0.5, 0.9), "ENGINE": Component(0.8, 1.0)}
        assert (await s.get(SHIP))["frame"]["condition"] == 0.5
        quote = (await s.get(f"{SHIP}/repair"))["transaction"]
        assert quote["totalPrice"] == round(0.5 * 5 * 5400 + 0.2 * 5 * 5600)
        agent = s.world.agents.find("TESTER")
        agent.credits = quote["totalPrice"] - 1
        error = await s.refused(4265, "POST", f"{SHIP}/repair", {})
        assert error["data"]["creditsNeeded"] == quote["totalPrice"]
        agent.credits += 1
        done = await s.post(f"{SHIP}/repair")
        assert done["agent"]["credits"] == 0
        assert done["ship"]["frame"]["condition"] == done["ship"]["engine"]["condition"] == 1
        assert done["ship"]["frame"]["integrity"] == 0.875
        assert done["transaction"] == quote

    play(story)


def test_scrap_ends_a_ship(play: Callable[..., Any]) -> None:
    """The quote is paid, ship and cargo are gone, its symbol is never given again."""

    async def story(s: Any) -> None:
        s.place("TESTER-3", YARD).hold = {"IRON": 5}
        quote = (await s.get(f"{HAULER}/scrap"))["transaction"]
        done = await s.post(f"{HAULER}/scrap")
        assert done["transaction"] == quote
        assert 0 < quote["totalPrice"] < 50_000
        assert done["agent"]["credits"] == 175_000 + quote["totalPrice"]
        assert done["agent"]["shipCount"] == 2
        await s.refused(404, "GET", HAULER, status=404)
        s.place("TESTER-1", HOME)
        s.place("TESTER-2", YARD)
        new = await s.post("/my/ships", {"shipType": "SHIP_PROBE", "waypointSymbol": YARD}, status=201)
        assert new["ship"]["symbol"] == "TESTER-4"

    play(story)


def test_wear_is_told_and_slows_a_poor_ship_down(play: Callable[..., Any]) -> None:
    """A voyage may lower a condition, and says so; a wholly worn engine takes half as long again, no more."""

    async def story(s: Any) -> None:
        ship = s.ship("TESTER-1")
        await s.post(f"{SHIP}/orbit")
        done = await s.post(f"{SHIP}/navigate", {"waypointSymbol": MINE})
        (event,) = done["events"]
        assert event["component"] in {"FRAME", "REACTOR", "ENGINE"}
        assert event["name"]
        assert (await s.get(SHIP))[event["component"].lower()]["condition"] < 1
        assert done["nav"]["route"]["arrival"] == "2026-03-01T13:00:50.000Z"
        s.clock.advance(50)
        ship.worn = {"ENGINE": Component(0.0, 1.0)}
        back = await s.post(f"{SHIP}/navigate", {"waypointSymbol": HOME})
        assert back["nav"]["route"]["arrival"] == "2026-03-01T13:01:57.000Z"

    play(story, ship_parameters=ShipParameters(wear_chance=1.0))


def test_every_part_of_the_game_is_known() -> None:
    """All mounts and modules of the official schema have a place in the catalogue."""
    assert (len(MODULES), len(MOUNTS)) == (20, 15)
