"""Wear of frame, reactor and engine: condition events, and what they do to a ship's speed (api-facts §16)."""

from dataclasses import dataclass, field
from typing import Literal

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ships import COMPONENTS, Component, ConditionEvent, Ship

Work = Literal["flight", "mining"]

_EVENTS: dict[Work, tuple[tuple[str, str], ...]] = {
    "flight": (
        ("HULL_MICROMETEORITE_STRIKES", "FRAME"),
        ("SPACE_DEBRIS_COLLISION", "FRAME"),
        ("SOLAR_FLARE_INTERFERENCE", "REACTOR"),
        ("COOLANT_LEAK", "REACTOR"),
        ("THRUSTER_NOZZLE_WEAR", "ENGINE"),
        ("EXHAUST_PORT_CLOGGING", "ENGINE"),
    ),
    "mining": (
        ("IMPACT_WITH_EXTRACTED_DEBRIS", "FRAME"),
        ("VIBRATION_DAMAGE_FROM_DRILLING", "FRAME"),
        ("ENERGY_SPIKE_FROM_MINERAL", "REACTOR"),
        ("CORROSIVE_MINERAL_CONTAMINATION", "FRAME"),
    ),
}


@dataclass(frozen=True)
class Wear:
    """Wears the ships of one universe; which work of a ship brings an event follows from the seed."""

    seed: int = 0
    parameters: ShipParameters = field(default_factory=ShipParameters)

    def work(self, ship: Ship, kind: Work) -> tuple[ConditionEvent, ...]:
        """What a voyage or an extraction did to the ship: no event mostly, one sometimes."""
        ship.works += 1
        if draws.chance(draws.key(self.seed, ship.symbol, "wear"), ship.works) >= self.parameters.wear_chance:
            return ()
        dice = draws.source(self.seed, ship.symbol, "condition event", ship.works)
        symbol, component = dice.choice(_EVENTS[kind])
        state = ship.worn.setdefault(component, Component())
        low, high = self.parameters.wear_loss
        state.condition = max(0.0, round(state.condition - dice.uniform(low, high), 4))
        return (ConditionEvent(symbol, component),)

    def speed(self, ship: Ship) -> float:
        """The engine's speed, less what a poor frame or engine costs; a ship is never disabled."""
        speed = ship.type.engine.speed
        if not ship.worn:
            return speed
        poorest = min(ship.component(name).condition for name in ("FRAME", "ENGINE"))
        return speed * (1 - (1 - self.parameters.slowest) * (1 - poorest))


def damage(ship: Ship) -> dict[str, float]:
    """The condition each component has lost, from 0 to 1."""
    return {name: 1 - ship.component(name).condition for name in COMPONENTS}
