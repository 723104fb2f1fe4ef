"""Output that stays aboard: cargo that a factory made for its user is no other factory's input."""

from collections.abc import Iterable

from goodsfactory.domain.leg import LegKind, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.ports.store import Transaction


def kept_cargo(tx: Transaction, ships: Iterable[Ship]) -> dict[str, str]:
    """By ship symbol, the id of the factory whose finished lift is still in the hold."""
    kept = {}
    for ship in ships:
        for good, units in ship.hold.inventory.items():
            leg = tx.legs.last_of(ship.symbol, good) if units else None
            if leg is not None and leg.kind is LegKind.LIFT and leg.state is LegState.DONE:
                kept[ship.symbol] = leg.factory_id
    return kept
