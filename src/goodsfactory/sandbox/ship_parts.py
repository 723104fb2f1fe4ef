"""Frames, reactors, engines, modules and mounts of ships (api-facts §13).

What the twelve ship types of yards are built of is recorded, requirements included, but for the third cargo
hold: its 75 units follow from the holds of the freighters (operations.md §8.1), its two slots and the power
of two from what their hulls and reactors leave it. Other parts of the second and third class, the micro and
fuel refineries and the bulk freighter are our choice.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A hull; ``fuel_capacity`` in ship fuel units."""

    symbol: str
    name: str
    description: str
    fuel_capacity: int
    module_slots: int
    mounting_points: int
    power: int
    crew: int


@dataclass(frozen=True, slots=True)
class Reactor:
    """A power plant; ``power_output`` bounds what may be mounted."""

    symbol: str
    name: str
    description: str
    power_output: int
    crew: int


@dataclass(frozen=True, slots=True)
class Engine:
    """A drive; ``speed`` divides travel time (api-facts §8.2)."""

    symbol: str
    name: str
    description: str
    speed: int
    power: int
    crew: int


@dataclass(frozen=True, slots=True)
class Module:
    """A part inside the hull; ``capacity`` is cargo units of a hold, people of crew quarters."""

    symbol: str
    name: str
    description: str
    power: int
    crew: int
    slots: int
    capacity: int | None = None
    range: int | None = None

    @property
    def cargo(self) -> int:
        """Cargo units this module holds."""
        return self.capacity or 0 if self.symbol.startswith("MODULE_CARGO_HOLD") else 0

    @property
    def berths(self) -> int:
        """Crew members this module houses."""
        return self.capacity or 0 if self.symbol.startswith("MODULE_CREW_QUARTERS") else 0


@dataclass(frozen=True, slots=True)
class Mount:
    """A part outside the hull."""

    symbol: str
    name: str
    description: str
    power: int
    crew: int
    strength: int | None = None
    deposits: tuple[str, ...] = ()


FRAMES = {
    frame.symbol: frame
    for frame in (
        Frame("FRAME_PROBE", "Probe", "A hull too small for people or cargo.", 0, 0, 0, 1, 0),
        Frame("FRAME_DRONE", "Drone", "A small hull that flies itself.", 80, 3, 2, 1, -4),
        Frame("FRAME_SHUTTLE", "Shuttle", "A light hull for short hops.", 300, 3, 1, 1, 10),
        Frame("FRAME_LIGHT_FREIGHTER", "Light Freighter", "A small hull built for cargo.", 600, 6, 1, 5, 40),
        Frame("FRAME_FRIGATE", "Frigate", "A versatile hull of medium size.", 400, 8, 5, 8, 25),
        Frame("FRAME_EXPLORER", "Explorer", "A hull with range for far stars.", 800, 8, 2, 5, 30),
        Frame("FRAME_MINER", "Miner", "A sturdy hull for work at asteroids.", 300, 5, 3, 5, 15),
        Frame("FRAME_HEAVY_FREIGHTER", "Heavy Freighter", "A large cargo hull.", 2300, 12, 3, 10, 100),
        Frame("FRAME_BULK_FREIGHTER", "Bulk Freighter", "The largest cargo hull.", 1200, 16, 3, 12, 150),
        Frame("FRAME_INTERCEPTOR", "Interceptor", "A narrow hull made for pursuit.", 160, 2, 2, 1, 5),
    )
}

REACTORS = {
    reactor.symbol: reactor
    for reactor in (
        Reactor("REACTOR_SOLAR_I", "Solar Reactor I", "Turns starlight into a little power.", 3, 0),
        Reactor("REACTOR_CHEMICAL_I", "Chemical Reactor I", "Burns chemicals for modest power.", 15, 3),
        Reactor("REACTOR_FISSION_I", "Fission Reactor I", "Splits atoms for solid power.", 31, 8),
        Reactor("REACTOR_FUSION_I", "Fusion Reactor I", "Fuses atoms for ample power.", 40, 12),
    )
}

ENGINES = {
    engine.symbol: engine
    for engine in (
        Engine("ENGINE_IMPULSE_DRIVE_I", "Impulse Drive I", "A slow drive of low power.", 9, 1, 0),
        Engine("ENGINE_ION_DRIVE_I", "Ion Drive I", "A plain ion drive.", 15, 3, 3),
        Engine("ENGINE_ION_DRIVE_II", "Ion Drive II", "A fast ion drive.", 36, 6, 8),
    )
}

MODULES = {
    module.symbol: module
    for module in (
        Module("MODULE_CARGO_HOLD_I", "Cargo Hold", "Room for cargo.", 1, 0, 1, capacity=15),
        Module("MODULE_CARGO_HOLD_II", "Expanded Cargo Hold", "More room for cargo.", 2, 2, 2, capacity=40),
        Module("MODULE_CARGO_HOLD_III", "Large Cargo Hold", "Most room for cargo.", 2, 4, 2, capacity=75),
        Module("MODULE_CREW_QUARTERS_I", "Crew Quarters", "Berths for the crew.", 1, 2, 1, capacity=40),
        Module("MODULE_MINERAL_PROCESSOR_I", "Mineral Processor", "Crushes and sorts ore.", 1, 0, 2),
        Module("MODULE_GAS_PROCESSOR_I", "Gas Processor", "Filters and bottles gas.", 1, 0, 2),
        Module("MODULE_ORE_REFINERY_I", "Ore Refinery", "Smelts ore into metal.", 12, 20, 4),
        Module("MODULE_MICRO_REFINERY_I", "Micro Refinery", "Smelts ore in a small hull.", 4, 1, 2),
        Module("MODULE_FUEL_REFINERY_I", "Fuel Refinery", "Makes fuel of hydrocarbon.", 6, 1, 3),
        Module(
            "MODULE_ENVOY_QUARTERS_I", "Envoy Quarters", "Berths for guests of rank.", 2, 5, 1, capacity=1
        ),
        Module("MODULE_PASSENGER_CABIN_I", "Passenger Cabin", "Berths for guests.", 2, 2, 1, capacity=30),
        Module("MODULE_SCIENCE_LAB_I", "Science Lab", "Room for research.", 2, 6, 2),
        Module("MODULE_JUMP_DRIVE_I", "Jump Drive I", "A drive of former days.", 4, 10, 1, range=500),
        Module("MODULE_JUMP_DRIVE_II", "Jump Drive II", "A drive of former days.", 5, 12, 2, range=1000),
        Module("MODULE_JUMP_DRIVE_III", "Jump Drive III", "A drive of former days.", 6, 14, 3, range=2000),
        Module("MODULE_SHIELD_GENERATOR_I", "Shield Generator I", "Keeps dust away.", 3, 2, 1),
        Module("MODULE_SHIELD_GENERATOR_II", "Shield Generator II", "Keeps rocks away.", 5, 2, 1),
        Module("MODULE_WARP_DRIVE_I", "Warp Drive I", "Carries a ship to near stars.", 3, 2, 1, range=2000),
        Module("MODULE_WARP_DRIVE_II", "Warp Drive II", "Carries a ship to far stars.", 5, 8, 2, range=6000),
        Module("MODULE_WARP_DRIVE_III", "Warp Drive III", "Carries a ship anywhere.", 7, 4, 3, range=20000),
    )
}

_COMMON_DEPOSITS = (
    "QUARTZ_SAND",
    "SILICON_CRYSTALS",
    "PRECIOUS_STONES",
    "ICE_WATER",
    "AMMONIA_ICE",
    "IRON_ORE",
    "COPPER_ORE",
    "SILVER_ORE",
    "ALUMINUM_ORE",
    "GOLD_ORE",
    "PLATINUM_ORE",
)

MOUNTS = {
    mount.symbol: mount
    for mount in (
        Mount("MOUNT_TURRET_I", "Rotary Cannon", "Keeps unfriendly company away.", 1, 1),
        Mount("MOUNT_LASER_CANNON_I", "Laser Cannon", "A beam weapon.", 2, 1),
        Mount("MOUNT_MISSILE_LAUNCHER_I", "Missile Launcher", "Keeps trouble far away.", 1, 2),
        Mount("MOUNT_SENSOR_ARRAY_III", "Sensor Array III", "Scans what is very far.", 4, 4, strength=9),
        Mount(
            "MOUNT_GAS_SIPHON_III", "Gas Siphon III", "Draws gas from giants, at its best.", 4, 4, strength=30
        ),
        Mount("MOUNT_MINING_LASER_III", "Mining Laser III", "Cuts ore from any rock.", 4, 4, strength=7),
        Mount("MOUNT_SENSOR_ARRAY_I", "Sensor Array I", "Scans what is near.", 1, 0, strength=1),
        Mount("MOUNT_SENSOR_ARRAY_II", "Sensor Array II", "Scans what is far.", 2, 2, strength=4),
        Mount("MOUNT_GAS_SIPHON_I", "Gas Siphon I", "Draws gas from giants.", 1, 0, strength=10),
        Mount("MOUNT_GAS_SIPHON_II", "Gas Siphon II", "Draws gas from giants, faster.", 2, 2, strength=20),
        Mount("MOUNT_MINING_LASER_I", "Mining Laser I", "Cuts ore from rock.", 1, 1, strength=3),
        Mount("MOUNT_MINING_LASER_II", "Mining Laser II", "Cuts ore from rock, faster.", 2, 2, strength=5),
        Mount("MOUNT_SURVEYOR_I", "Surveyor I", "Finds deposits.", 1, 1, 1, _COMMON_DEPOSITS),
        Mount(
            "MOUNT_SURVEYOR_II",
            "Surveyor II",
            "Finds deposits, rare ones too.",
            3,
            4,
            2,
            (*_COMMON_DEPOSITS, "DIAMONDS", "URANITE_ORE"),
        ),
        Mount(
            "MOUNT_SURVEYOR_III",
            "Surveyor III",
            "Finds whatever there is.",
            4,
            4,
            3,
            (*_COMMON_DEPOSITS, "DIAMONDS", "URANITE_ORE", "MERITIUM_ORE"),
        ),
    )
}
