"""Ship types: what a ship is built of, and how that survives being kept."""

import pickle
from dataclasses import replace
from typing import Any

import pytest

from goodsfactory.sandbox.outfitting import power_drawn
from goodsfactory.sandbox.ship_types import SHIP_TYPES


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
