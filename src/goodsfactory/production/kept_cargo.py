"""Whose cargo is aboard: what a leg of ours left unfinished may be taken up, all the rest is kept."""

from collections.abc import Iterable

from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.eligibility import cargo_aboard
from goodsfactory.ports.store import Transaction

FOREIGN = "loaded by somebody else"
"""What is said of cargo that no leg of ours accounts for: it may wait for a contract of the user."""


def kept_cargo(tx: Transaction, ships: Iterable[Ship]) -> dict[str, str]:
    """By ship symbol, whose cargo stays aboard, such as ``made by factory F``.

    Ships that are empty, or hold only stock and what a leg of ours is carrying or failed to deliver, are not
    in it.
    """
    kept = {}
    for ship in ships:
        loose = [good for good in cargo_aboard(ship) if tx.stock.get(ship.symbol, good) is None]
        owners = [_owner(tx.legs.last_of(ship.symbol, good)) for good in loose]
        told = dict.fromkeys(owner for owner in owners if owner is not None)
        if told:
            kept[ship.symbol] = in_words(told)
    return kept


def _owner(last: Leg | None) -> str | None:
    """Whose the cargo is, by the last leg that loaded such on the ship; None where it is ours to use."""
    if last is None:
        return FOREIGN
    if last.state.is_open:
        return None
    if last.hand_over is HandOver.KEEP:
        return f"made by factory {last.factory_id}"
    delivered_all = last.state is LegState.DONE and last.aboard <= 0
    return FOREIGN if delivered_all else None
