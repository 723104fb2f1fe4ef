"""Ship types a yard sells or an agent starts with (api-facts §13).

Twelve types are as recorded (api-facts §13, operations.md §8.1): hulls, holds, tanks, modules and mounts.
The hold of EXPLORER and all of BULK_FREIGHTER, which no yard sells, are our choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, SupportsIndex

from goodsfactory.sandbox.ship_parts import (
    ENGINES,
    FRAMES,
    MODULES,
    MOUNTS,
    REACTORS,
    Engine,
    Frame,
    Module,
    Mount,
    Reactor,
)


@dataclass(frozen=True, slots=True)
class ShipType:
    """What a ship of this type is built of when it leaves the yard."""

    symbol: str
    name: str
    description: str
    role: str
    frame: Frame
    reactor: Reactor
    engine: Engine
    modules: tuple[Module, ...]
    mounts: tuple[Mount, ...]

    @property
    def cargo_capacity(self) -> int:
        """Units of cargo: the sum of the hold modules (api-facts §11)."""
        return sum(module.cargo for module in self.modules)

    @property
    def fuel_capacity(self) -> int:
        """Ship fuel units; 0 means that the ship flies without fuel (api-facts §8.3)."""
        return self.frame.fuel_capacity

    @property
    def crew_capacity(self) -> int:
        """People the crew quarters house."""
        return sum(module.berths for module in self.modules)

    @property
    def crew_required(self) -> int:
        """People the parts need; negative for a drone whose hull needs fewer than none."""
        hull = self.frame.crew + self.reactor.crew + self.engine.crew
        inside = sum(module.crew for module in self.modules)
        return hull + inside + sum(mount.crew for mount in self.mounts)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # A kept universe must know its unchanged ships again by identity: that is how they are told apart.
        if SHIP_TYPES.get(self.symbol) is self:
            return as_built, (self.symbol,)
        return object.__reduce_ex__(self, protocol)


def as_built(symbol: str) -> ShipType:
    """A type as it leaves the yard; raises KeyError for an unknown one."""
    return SHIP_TYPES[symbol]


def _type(
    symbol: str, description: str, role: str, frame: str, reactor: str, engine: str, *parts: str
) -> ShipType:
    return ShipType(
        symbol=f"SHIP_{symbol}",
        name=symbol.replace("_", " ").title(),
        description=description,
        role=role,
        frame=FRAMES[f"FRAME_{frame}"],
        reactor=REACTORS[f"REACTOR_{reactor}_I"],
        engine=ENGINES[f"ENGINE_{engine}"],
        modules=tuple(MODULES[f"MODULE_{part}"] for part in parts if f"MOUNT_{part}" not in MOUNTS),
        mounts=tuple(MOUNTS[f"MOUNT_{part}"] for part in parts if f"MOUNT_{part}" in MOUNTS),
    )


SHIP_TYPES = {
    ship_type.symbol: ship_type
    for ship_type in (
        _type("PROBE", "Looks around for others.", "SATELLITE", "PROBE", "SOLAR", "IMPULSE_DRIVE_I"),
        _type(
            *("LIGHT_SHUTTLE", "Small loads over short ways.", "TRANSPORT"),
            *("SHUTTLE", "CHEMICAL", "ION_DRIVE_I", "CARGO_HOLD_II", "CREW_QUARTERS_I", "TURRET_I"),
        ),
        _type(
            *("LIGHT_HAULER", "The working horse of trade.", "HAULER"),
            *("LIGHT_FREIGHTER", "CHEMICAL", "ION_DRIVE_I", "CARGO_HOLD_II", "CARGO_HOLD_II"),
            *("CREW_QUARTERS_I", "CREW_QUARTERS_I", "TURRET_I"),
        ),
        _type(
            *("MINING_DRONE", "Mines without a crew.", "EXCAVATOR", "DRONE", "CHEMICAL", "IMPULSE_DRIVE_I"),
            *("CARGO_HOLD_I", "MINERAL_PROCESSOR_I", "MINING_LASER_I"),
        ),
        _type(
            *("SIPHON_DRONE", "Siphons without a crew.", "EXCAVATOR", "DRONE", "CHEMICAL", "IMPULSE_DRIVE_I"),
            *("CARGO_HOLD_I", "GAS_PROCESSOR_I", "GAS_SIPHON_I"),
        ),
        _type(
            *("SURVEYOR", "Tells miners where to dig.", "SURVEYOR", "DRONE", "CHEMICAL", "IMPULSE_DRIVE_I"),
            "SURVEYOR_I",
        ),
        _type(
            *("COMMAND_FRIGATE", "The ship every agent starts with.", "COMMAND"),
            *("FRIGATE", "FISSION", "ION_DRIVE_II", "CARGO_HOLD_II", "CREW_QUARTERS_I", "CREW_QUARTERS_I"),
            *("MINERAL_PROCESSOR_I", "GAS_PROCESSOR_I"),
            *("SENSOR_ARRAY_II", "GAS_SIPHON_II", "MINING_LASER_II", "SURVEYOR_II"),
        ),
        _type(
            *("EXPLORER", "Goes where no gate leads.", "EXPLORER", "EXPLORER", "FUSION", "ION_DRIVE_II"),
            *("CARGO_HOLD_II", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "WARP_DRIVE_I", "GAS_PROCESSOR_I"),
            *("SENSOR_ARRAY_II", "GAS_SIPHON_II"),
        ),
        _type(
            *("HEAVY_FREIGHTER", "Big loads over any way.", "HAULER"),
            *("HEAVY_FREIGHTER", "FUSION", "ION_DRIVE_II", "CARGO_HOLD_III", "CARGO_HOLD_III"),
            *("CARGO_HOLD_III", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I"),
            *("WARP_DRIVE_II", "TURRET_I", "TURRET_I", "TURRET_I"),
        ),
        _type(
            *("ORE_HOUND", "Mines with a crew.", "EXCAVATOR", "MINER", "FISSION", "ION_DRIVE_I"),
            *("CARGO_HOLD_II", "MINERAL_PROCESSOR_I", "CREW_QUARTERS_I", "MINING_LASER_II", "SURVEYOR_I"),
        ),
        _type(
            *("REFINING_FREIGHTER", "Smelts what others mine.", "REFINERY"),
            *("HEAVY_FREIGHTER", "FUSION", "ION_DRIVE_II", "CARGO_HOLD_III", "CARGO_HOLD_III"),
            *("CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "ORE_REFINERY_I"),
            *("TURRET_I", "TURRET_I", "MISSILE_LAUNCHER_I"),
        ),
        _type(
            *("INTERCEPTOR", "Fast and armed.", "INTERCEPTOR", "INTERCEPTOR", "CHEMICAL", "ION_DRIVE_I"),
            *("CREW_QUARTERS_I", "TURRET_I", "MISSILE_LAUNCHER_I"),
        ),
        _type(
            *("BULK_FREIGHTER", "The biggest loads.", "HAULER", "BULK_FREIGHTER", "FUSION", "ION_DRIVE_II"),
            *("CARGO_HOLD_III", "CARGO_HOLD_III", "CARGO_HOLD_III", "CARGO_HOLD_III"),
            *("CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I", "CREW_QUARTERS_I"),
        ),
    )
}


def require_ship_types(symbols: Iterable[str]) -> None:
    """Raises ValueError, with the types there are, where one of them is not."""
    for symbol in symbols:
        if symbol not in SHIP_TYPES:
            raise ValueError(f"unknown ship type {symbol}; known are {', '.join(sorted(SHIP_TYPES))}")
