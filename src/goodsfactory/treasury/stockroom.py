"""Stock as rows: what is put there, what is taken out, and that they tell what is really aboard.

Rows are written in the transaction of what causes them where that is known: a lift that ends as stock, a leg
that takes stock over. What a factory that is over left aboard is found by looking, so that nothing is missed
whatever was killed when.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory, Terminal
from goodsfactory.domain.leg import HandOver, Leg
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.books import parcels


def put_by(tx: Transaction, leg: Leg, now: datetime) -> None:
    """A lift has ended with its load aboard: it becomes stock where its factory makes stock."""
    factory = tx.factories.get(leg.factory_id, leg.player_id)
    if factory is None or factory.request.terminal is not Terminal.STOCK or not leg.ship or not leg.bought:
        return
    kept = tx.stock.get(leg.ship, leg.good)
    units, cost = (kept.units, kept.cost) if kept is not None else (0, 0)
    units, cost = units + leg.bought, cost + leg.cost
    row = StockRow(leg.player_id, leg.ship, leg.good, units, cost, StockKind.OUTPUT, leg.factory_id, now)
    tx.stock.keep(row)
    tx.events.append(_event(row, f"{leg.bought} {leg.good} aboard {leg.ship} are stock, {_worth(row)}", now))


def adopt(tx: Transaction, leg: Leg, ship: Ship, units: int, now: datetime) -> None:
    """Units that were aboard before ``leg`` count as loaded, for what they had cost: they were paid for once.

    Books of what was made to be kept stay as they are; whoever left the rest paid for it in vain. What is not
    taken stays stock of its owner.
    """
    found, rests, missing = [], [], units
    for parcel in sorted(parcels(tx, ship), key=lambda one: one.unfinished is None):
        if parcel.good == leg.good:
            one, rest = parcel.split(missing)
            missing -= one.units
            found += [one] if one.units else []
            rests += [rest] if rest.units and rest.factory_id else []
    others = [one for one in found if one.factory_id not in (None, leg.factory_id)]
    for one in found:
        if one.unfinished is not None:
            tx.legs.update(one.unfinished.write_off(0, one.cost))
    for one in others:
        worth = f"for {one.cost:,} credits ({one.cost / one.units:,.0f} each)"
        sentence = f"{ship.symbol} takes {one.units} {leg.good} over, {one.whose}, {worth}"
        data = {"units": one.units, "cost": one.cost, "stock_of": one.factory_id}
        about = (leg.factory_id, leg.good, ship.symbol, leg.container_id, data)
        tx.events.append(Event(leg.player_id, EventKind.STOCK_TAKEN, now, sentence, *about))
    row = tx.stock.get(ship.symbol, leg.good)
    if row is not None:
        tx.stock.keep(replace(row, units=0))
    for one in rests[:1]:
        kind = StockKind.OUTPUT if one.unfinished is None else StockKind.LEFTOVER
        left, cost = sum(rest.units for rest in rests), sum(rest.cost for rest in rests)
        owner, since = str(one.factory_id), now if row is None else row.since
        tx.stock.keep(StockRow(leg.player_id, ship.symbol, leg.good, left, cost, kind, owner, since))
    stock_of = others[0].factory_id if others else None
    tx.legs.update(leg.take_over(units, sum(one.cost for one in found), stock_of))


def take_stock(tx: Transaction, player_id: int, ships: Iterable[Ship], now: datetime) -> list[StockRow]:
    """Make the rows say what is aboard, with what factories that are over left there; returns them."""
    held = {claim.ship for claim in tx.claims.of_player(player_id)}
    known = {(row.ship, row.good): row for row in tx.stock.of_player(player_id)}
    fleet = {ship.symbol: ship for ship in ships}
    for row in known.values():
        ship = fleet.get(row.ship)
        aboard = ship.hold.of(row.good) if ship is not None else 0
        if row.ship not in held and aboard < row.units:
            tx.stock.keep(replace(row, units=aboard, cost=row.cost_of(aboard)))
    for ship in fleet.values():
        if ship.symbol in held:
            continue
        for good in cargo_aboard(ship):
            found = None if (ship.symbol, good) in known else _left_over(tx, ship, good, now)
            if found is not None:
                tx.stock.keep(found)
                left = f"{found.units} {good} were left aboard {ship.symbol} and are stock, {_worth(found)}"
                tx.events.append(_event(found, left, now))
    return tx.stock.of_player(player_id)


def _left_over(tx: Transaction, ship: Ship, good: str, now: datetime) -> StockRow | None:
    """What a leg bought and did not bring to its end, once its factory is over or has no more use for it."""
    last = tx.legs.last_of(ship.symbol, good)
    if last is None or last.state.is_open or last.hand_over is HandOver.KEEP or last.aboard < 1:
        return None
    factory = tx.factories.get(last.factory_id, last.player_id)
    if factory is None or not (factory.status.is_over or _needs_no_more(factory, good)):
        return None
    units = min(last.aboard, ship.hold.of(good))
    cost = last.cost_of(units)
    return StockRow(last.player_id, ship.symbol, good, units, cost, StockKind.LEFTOVER, last.factory_id, now)


def _needs_no_more(factory: GoodsFactory, good: str) -> bool:
    """True where a going factory once used ``good`` and has decided otherwise."""
    if factory.tree is None or good == factory.target_good:
        return False
    return all(child.good != good for child, _ in factory.tree.edges())


def _worth(row: StockRow) -> str:
    return f"for {row.cost:,} credits ({row.basis:,.0f} each)"


def _event(row: StockRow, sentence: str, now: datetime) -> Event:
    return Event(
        row.player_id,
        EventKind.STOCKED,
        now,
        sentence,
        factory_id=row.factory_id,
        good=row.good,
        ship=row.ship,
        data={"units": row.units, "cost": row.cost, "kind": row.kind.value},
    )
