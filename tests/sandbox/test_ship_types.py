"""Ship types: what a ship is built of, and how that survives being kept."""

import pickle
from dataclasses import replace
from typing import Any

import pytest
from tests.recorded import recorded

from goodsfactory.sandbox.outfitting import power_drawn
from goodsfactory.sandbox.ship_types import SHIP_TYPES, _type


@pytest.mark.parametrize("symbol", SHIP_TYPES)
def test_a_type_is_the_same_after_it_was_kept(symbol: Any) -> None:
    """A type as built stays one value, so that unchanged ships are still known as such."""
    assert pickle.loads(pickle.dumps(SHIP_TYPES[symbol])) is SHIP_TYPES[symbol]


def test_a_refitted_ship_keeps_its_parts() -> None:
    """What was fitted or removed survives as well."""
    refitted = replace(SHIP_TYPES["SHIP_COMMAND_FRIGATE"], mounts=())
    kept = pickle.loads(pickle.dumps(refitted))
    assert kept == refitted
    assert kept is not SHIP_TYPES["SHIP_COMMAND_FRIGATE"]


def test_a_misspelt_part_is_an_error() -> None:
    """It is neither left out nor taken for another."""
    with pytest.raises(KeyError, match="MODULE_CARGO_HOLD_IX"):
        _type("RAFT", "None.", "NONE", "PROBE", "SOLAR", "IMPULSE_DRIVE_I", "TURRET_I", "CARGO_HOLD_IX")


@pytest.mark.parametrize("symbol", SHIP_TYPES)
def test_every_type_can_power_what_it_is_built_of(symbol: Any) -> None:
    """No yard sells a ship that draws more power than its reactor gives."""
    built = SHIP_TYPES[symbol]
    assert power_drawn(built) <= built.reactor.power_output


@pytest.mark.parametrize("symbol", SHIP_TYPES)
def test_every_type_has_room_for_what_it_is_built_of(symbol: Any) -> None:
    """Modules fit the slots and mounts the mounting points of the hull, and the crew has berths."""
    built = SHIP_TYPES[symbol]
    assert sum(module.slots for module in built.modules) <= built.frame.module_slots
    assert len(built.mounts) <= built.frame.mounting_points
    assert built.crew_required <= built.crew_capacity


@pytest.mark.parametrize(
    ("symbol", "hold", "tank", "modules", "mounts"),
    [
        ("PROBE", 0, 0, [], []),
        ("LIGHT_SHUTTLE", 40, 300, ["CARGO_HOLD_II", "CREW_QUARTERS_I"], ["TURRET_I"]),
        ("LIGHT_HAULER", 80, 600, ["CARGO_HOLD_II"] * 2 + ["CREW_QUARTERS_I"] * 2, ["TURRET_I"]),
        ("MINING_DRONE", 15, 80, ["CARGO_HOLD_I", "MINERAL_PROCESSOR_I"], ["MINING_LASER_I"]),
        ("SIPHON_DRONE", 15, 80, ["CARGO_HOLD_I", "GAS_PROCESSOR_I"], ["GAS_SIPHON_I"]),
        ("SURVEYOR", 0, 80, [], ["SURVEYOR_I"]),
        (
            *("COMMAND_FRIGATE", 40, 400),
            ["CARGO_HOLD_II", *["CREW_QUARTERS_I"] * 2, "MINERAL_PROCESSOR_I", "GAS_PROCESSOR_I"],
            ["SENSOR_ARRAY_II", "GAS_SIPHON_II", "MINING_LASER_II", "SURVEYOR_II"],
        ),
        (
            *("EXPLORER", 40, 800),
            ["CARGO_HOLD_II", *["CREW_QUARTERS_I"] * 2, "WARP_DRIVE_I", "GAS_PROCESSOR_I"],
            ["SENSOR_ARRAY_II", "GAS_SIPHON_II"],
        ),
        (
            *("HEAVY_FREIGHTER", 225, 2300),
            [*["CARGO_HOLD_III"] * 3, *["CREW_QUARTERS_I"] * 4, "WARP_DRIVE_II"],
            ["TURRET_I"] * 3,
        ),
        (
            *("ORE_HOUND", 40, 300),
            ["CARGO_HOLD_II", "MINERAL_PROCESSOR_I", "CREW_QUARTERS_I"],
            ["MINING_LASER_II", "SURVEYOR_I"],
        ),
        (
            *("REFINING_FREIGHTER", 150, 2300),
            [*["CARGO_HOLD_III"] * 2, *["CREW_QUARTERS_I"] * 4, "ORE_REFINERY_I"],
            ["TURRET_I", "TURRET_I", "MISSILE_LAUNCHER_I"],
        ),
        ("INTERCEPTOR", 0, 160, ["CREW_QUARTERS_I"], ["TURRET_I", "MISSILE_LAUNCHER_I"]),
    ],
)
def test_a_type_leaves_the_yard_as_recorded(
    symbol: str, hold: int, tank: int, modules: list[str], mounts: list[str]
) -> None:
    """Hold, tank, modules and mounts of the twelve types that yards sell (operations.md §8.1, §10 S10)."""
    built = SHIP_TYPES[f"SHIP_{symbol}"]
    assert (built.cargo_capacity, built.fuel_capacity) == (hold, tank)
    assert [module.symbol for module in built.modules] == [f"MODULE_{name}" for name in modules]
    assert [mount.symbol for mount in built.mounts] == [f"MOUNT_{name}" for name in mounts]


def test_captured_ships_are_built_of_the_same_parts() -> None:
    """Hulls, drives, modules and mounts of captured yards and of the first fleet, with what they need."""
    yards = [ship for yard in recorded("shipyards") for ship in yard["ships"]]
    first = [{"type": f"SHIP_{kind}", **ship} for kind, ship in _first_fleet()]
    for ship in (*yards, *first):
        built = SHIP_TYPES[ship["type"]]
        frame, drive = ship["frame"], ship["engine"]
        assert built.frame.symbol == frame["symbol"]
        assert (built.frame.fuel_capacity, built.frame.module_slots, built.frame.mounting_points) == (
            frame["fuelCapacity"],
            frame["moduleSlots"],
            frame["mountingPoints"],
        )
        assert (built.frame.power, built.frame.crew) == _needs(frame)
        assert (built.reactor.symbol, built.reactor.power_output) == (
            ship["reactor"]["symbol"],
            ship["reactor"]["powerOutput"],
        )
        assert (built.engine.symbol, built.engine.speed) == (drive["symbol"], drive["speed"])
        assert (built.engine.power, built.engine.crew) == _needs(drive)
        modules = [(part.symbol, (part.power, part.crew), part.slots) for part in built.modules]
        assert modules == [
            (part["symbol"], _needs(part), part["requirements"]["slots"]) for part in ship["modules"]
        ]
        mounts = [(part.symbol, (part.power, part.crew), part.strength) for part in built.mounts]
        assert mounts == [(part["symbol"], _needs(part), part.get("strength")) for part in ship["mounts"]]
    assert len(yards) + len(first) == 9


def _first_fleet() -> list[tuple[str, dict[str, Any]]]:
    probe, frigate = recorded("ships_start")
    return [("PROBE", probe), ("COMMAND_FRIGATE", frigate)]


def _needs(part: dict[str, Any]) -> tuple[int, int]:
    needs = part["requirements"]
    return needs["power"], needs["crew"]
