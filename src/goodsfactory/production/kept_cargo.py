"""Whose the cargo aboard is, and what it cost: stock and unfinished loads may be taken up, nothing else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.eligibility import cargo_aboard
from goodsfactory.ports.store import Transaction

FOREIGN = "loaded by somebody else"
"""What is said of cargo that no leg of ours accounts for: it may wait for a contract of the user."""


@dataclass(frozen=True)
class Parcel:
    """``units`` of a good aboard, for which ``factory_id`` paid ``cost`` credits; None where no books tell.

    ``whose`` says so for people. Nobody else may take up what is ``kept``. ``unfinished`` is the leg that
    bought the units and did not bring them to its end.
    """

    good: Good
    units: int
    whose: str
    kept: bool
    cost: int = 0
    factory_id: str | None = None
    unfinished: Leg | None = None


def parcels(tx: Transaction, ship: Ship) -> list[Parcel]:
    """All that is aboard: stock first, then what the last legs left there, the newest first."""
    cargo = cargo_aboard(ship).items()
    return [one for good, units in cargo for one in _of_good(tx, ship.symbol, good, units)]


def _of_good(tx: Transaction, ship: str, good: Good, units: int) -> Iterator[Parcel]:
    row, legs = tx.stock.get(ship, good), tx.legs.loads_of(ship, good)
    if row is not None:
        by, there = row.factory_id, min(units, row.units)
        bought = (leg for leg in legs if leg.factory_id == by and leg.hand_over is not HandOver.KEEP)
        left = next(bought, None) if row.kind is StockKind.LEFTOVER else None
        yield Parcel(good, there, f"stock of factory {by}", False, row.cost_of(there), by, left)
        units -= there
    for leg in legs:
        by, made = leg.factory_id, leg.hand_over is HandOver.KEEP
        kept = made and not leg.state.is_open
        if units < 1 or (not made and leg.state is LegState.DONE and leg.aboard < 1):
            break  # whatever was aboard before went with it
        if kept and _is_stock(tx, leg):
            continue
        there = min(units, leg.aboard) if made else units
        cost = round(leg.cost * min(there, leg.bought) / leg.bought)
        whose = f"{'made by' if made else 'loaded for'} factory {by}"
        yield Parcel(good, there, whose, kept, cost, by, None if made else leg)
        units -= there
    if units > 0:
        yield Parcel(good, units, FOREIGN, True)


def _is_stock(tx: Transaction, leg: Leg) -> bool:
    factory = tx.factories.get(leg.factory_id, leg.player_id)
    return factory is not None and factory.request.terminal is Terminal.STOCK


def kept_cargo(tx: Transaction, ships: Iterable[Ship]) -> dict[str, str]:
    """By ship symbol, whose cargo stays aboard, such as ``made by factory F``, and how much of it is whose.

    Ships that are empty, or hold only stock and what a leg of ours is carrying or failed to deliver, are not
    in it.
    """
    kept = {}
    for ship in ships:
        units: Counter[tuple[Good, str]] = Counter()
        found = parcels(tx, ship)
        for one in found:
            units[one.good, one.whose] += one.units
        told = [f"{n} {good} {whose}" for (good, whose), n in units.items()]
        if any(one.kept for one in found):
            owners = {whose for _, whose in units}
            kept[ship.symbol] = in_words(told if len(owners) > 1 else owners)
    return kept
