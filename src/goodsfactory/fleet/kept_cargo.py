"""Whose cargo stays aboard, in words."""

from collections import Counter
from collections.abc import Iterable

from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.books import parcels


def kept_cargo(tx: Transaction, ships: Iterable[Ship]) -> dict[str, Kept]:
    """By ship symbol, whose cargo stays aboard, such as ``made by factory F``, and how much of it is whose.

    Ships that are empty, or hold only stock and what a leg of ours is carrying or failed to deliver, are not
    in it.
    """
    kept: dict[str, Kept] = {}
    for ship in ships:
        units: Counter[tuple[Good, str]] = Counter()
        found = parcels(tx, ship)
        for one in found:
            units[one.good, one.whose] += one.units
        told = [f"{n} {good} {whose}" for (good, whose), n in units.items()]
        makers = [one.factory_id for one in found if one.kept]
        if makers:
            owners = {whose for _, whose in units}
            kept[ship.symbol] = Kept(in_words(told if len(owners) > 1 else owners), lent=not any(makers))
    return kept
