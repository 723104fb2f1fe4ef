"""The books of an order and of the cargo aboard: whose it is, who paid for it, and how much.

Stock and what a leg left unfinished may be taken up by whoever needs it; all the rest is kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from goodsfactory.domain.books import FactoryBooks, books_of
from goodsfactory.domain.factory import GoodsFactory, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
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

    def split(self, units: int) -> tuple["Parcel", "Parcel"]:
        """So many of its units at most, and the rest: together they cost what it cost."""
        part = min(units, self.units)
        cost = round(self.cost * part / self.units) if part else 0
        rest = replace(self, units=self.units - part, cost=self.cost - cost)
        return replace(self, units=part, cost=cost), rest


def parcels(tx: Transaction, ship: Ship) -> list[Parcel]:
    """All that is aboard: stock first, then what the last legs left there, the newest first."""
    cargo = cargo_aboard(ship).items()
    return [one for good, units in cargo for one in _of_good(tx, ship.symbol, good, units)]


def _of_good(tx: Transaction, ship: str, good: Good, units: int) -> Iterator[Parcel]:
    row, legs = tx.stock.get(ship, good), tx.legs.loads_of(ship, good)
    left = None
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
        if (kept and _is_stock(tx, leg)) or leg is left:
            continue  # the row tells of it
        there = min(units, leg.aboard) if made else units
        cost = leg.cost_of(there)
        whose = f"{'made by' if made else 'loaded for'} factory {by}"
        yield Parcel(good, there, whose, kept, cost, by, None if made else leg)
        units -= there
    if units > 0:
        yield Parcel(good, units, FOREIGN, True)


def _is_stock(tx: Transaction, leg: Leg) -> bool:
    factory = tx.factories.get(leg.factory_id, leg.player_id)
    return factory is not None and factory.request.terminal is Terminal.STOCK


def paid_for(tx: Transaction, ship: Ship) -> dict[Good, float]:
    """What a unit of each good aboard cost, in credits, where our own books tell."""
    told = [one for one in parcels(tx, ship) if one.factory_id is not None]
    units, cost = Counter[Good](), Counter[Good]()
    for one in told:
        units[one.good] += one.units
        cost[one.good] += one.cost
    return {good: cost[good] / units[good] for good in units}


def in_work(tx: Transaction, player_id: int) -> Counter[str]:
    """By factory, what the cargo aboard the player's ships cost that it paid for, in credits."""
    found: Counter[str] = Counter()
    for ship in tx.ships.of_player(player_id):
        for one in parcels(tx, ship):
            if one.factory_id is not None:
                found[one.factory_id] += one.cost
    return found


def read_books(
    tx: Transaction, factory: GoodsFactory, *, in_work: int = 0, seconds: float = 0.0
) -> FactoryBooks:
    """What a factory paid, earned and used; what its goods cost is what its legs say, also out of stock."""
    flown: list[Leg | LegTotals] = [*tx.legs.totals(factory.id), *tx.legs.at_hand(factory.id)]
    return books_of(
        tx.money.books(factory.player_id, factory.id),
        acquired=sum(one.cost for one in flown),
        in_work=in_work,
        seconds=seconds,
    )


def aboard_by_legs(legs: Iterable[Leg]) -> int:
    """What the cargo cost that legs have aboard by our own books, in credits."""
    return sum(leg.cost_of(leg.aboard) for leg in legs)
