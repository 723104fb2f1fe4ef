"""What a settled step leaves behind, in one transaction: ledger row, balance, ship, leg and event."""

from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.money import Intent, IntentState, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Balance
from goodsfactory.domain.ship import Ship
from goodsfactory.ports.game_api import Trade
from goodsfactory.ports.store import Transaction

_EVENT_OF = {
    MoneyKind.PURCHASE: EventKind.PURCHASED,
    MoneyKind.SALE: EventKind.SOLD,
    MoneyKind.REFUEL: EventKind.REFUELLED,
    MoneyKind.SHIP: EventKind.SHIP_BOUGHT,
    MoneyKind.ACCEPTANCE: EventKind.CONTRACT_ACCEPTED,
    MoneyKind.DELIVERY: EventKind.CARGO_DELIVERED,
    MoneyKind.FULFILMENT: EventKind.CONTRACT_FULFILLED,
    MoneyKind.SUPPLY: EventKind.SITE_SUPPLIED,
    MoneyKind.JETTISON: EventKind.CARGO_JETTISONED,
}
_HANDED_OVER = (MoneyKind.SALE, MoneyKind.DELIVERY, MoneyKind.SUPPLY)


def book(tx: Transaction, intent: Intent, trade: Trade, now: datetime) -> None:
    """Close ``intent`` as done and write down all that ``trade`` changed.

    Raises Conflict where somebody settled it before: then nothing is kept.
    """
    amount = trade.total * intent.step.money
    player = tx.players.get(intent.player_id)
    if trade.bought is not None and player is not None and not trade.bought.belongs_to(player.agent_symbol):
        trade = replace(trade, bought=None)  # it was bought, and the next roll call says which it is
    tx.money.close_intent(replace(intent, state=IntentState.DONE, settled_at=now))
    tx.money.record(
        LedgerEntry(
            player_id=intent.player_id,
            kind=intent.kind,
            amount=amount,
            at=trade.at,
            ship=trade.bought.symbol if trade.bought else intent.ship,
            good=intent.good,
            units=trade.units,
            unit_price=trade.unit_price,
            waypoint=intent.waypoint,
            factory_id=intent.factory_id,
            leg_id=intent.leg_id,
            intent_id=intent.id,
            balance_after=trade.balance,
        )
    )
    if trade.balance is not None:
        tx.players.set_balance(intent.player_id, Balance(trade.balance, trade.at))
    if trade.bought is not None:
        tx.ships.save(intent.player_id, [trade.bought])
    known = tx.ships.get(intent.ship) if intent.ship else None
    if known is not None:
        owner, ship = known
        tx.ships.save(owner, [_after(ship, trade, now)])
    leg = tx.legs.get(intent.leg_id) if intent.leg_id else None
    if leg is not None:
        tx.legs.update(_counted(leg, intent.kind, trade, now))
    if intent.kind is MoneyKind.JETTISON and intent.ship is not None:
        _thrown_away(tx, intent.ship, intent.good, trade.units, now)
    tx.events.append(_told(intent, trade, amount, now))


def void(tx: Transaction, intent: Intent, now: datetime) -> None:
    """Close ``intent`` as not happened; what it reserved is free again."""
    tx.money.close_intent(replace(intent, state=IntentState.VOID, settled_at=now))


def write_off(tx: Transaction, leg: Leg, units: int, why: str, now: datetime) -> None:
    """Take ``units`` that were bought for ``leg`` and are gone out of its books, with what they cost."""
    if units < 1:
        return
    cost = leg.cost_of(units)
    tx.legs.update(leg.write_off(units, cost))
    tx.money.record(
        LedgerEntry(
            player_id=leg.player_id,
            kind=MoneyKind.WRITE_OFF,
            amount=0,
            at=now,
            ship=leg.ship,
            good=leg.good,
            units=units,
            unit_price=cost // units,
            factory_id=leg.factory_id,
            leg_id=leg.id,
        ),
        lost=cost,
    )
    tx.events.append(
        Event(
            leg.player_id,
            EventKind.CARGO_LOST,
            now,
            f"{units} {leg.good} that cost {cost:,} credits are written off: {why}",
            factory_id=leg.factory_id,
            good=leg.good,
            ship=leg.ship,
            container_id=leg.container_id,
            data={"units": units, "cost": cost, "leg_id": leg.id},
        )
    )


def _thrown_away(tx: Transaction, ship: str, good: Good, units: int, now: datetime) -> None:
    """Units that were thrown away are no stock, and no leg's any more.

    A leg that came to its end keeps its books: what it made was made.
    """
    row = tx.stock.get(ship, good)
    if row is not None:
        gone = min(units, row.units)
        tx.stock.keep(replace(row, units=row.units - gone, cost=row.cost - row.cost_of(gone)))
    last = tx.legs.last_of(ship, good)
    if last is not None and last.state is not LegState.DONE:
        write_off(tx, last, min(units, last.aboard), f"they were thrown away by {ship}", now)


def _after(ship: Ship, trade: Trade, now: datetime) -> Ship:
    return replace(ship, hold=trade.hold or ship.hold, tank=trade.tank or ship.tank, observed_at=now)


def _counted(leg: Leg, kind: MoneyKind, trade: Trade, now: datetime) -> Leg:
    if kind is MoneyKind.PURCHASE:
        return leg.buy(trade.units, trade.total, now)
    return leg.deliver(trade.units, trade.total, now) if kind in _HANDED_OVER else leg


def _told(intent: Intent, trade: Trade, amount: int, now: datetime) -> Event:
    return Event(
        intent.player_id,
        _EVENT_OF[intent.kind],
        now,
        _sentence(intent, trade),
        factory_id=intent.factory_id,
        good=intent.good,
        ship=trade.bought.symbol if trade.bought else intent.ship,
        container_id=intent.container_id,
        data={
            "units": trade.units,
            "unit_price": trade.unit_price,
            "amount": amount,
            "waypoint": intent.waypoint,
            "leg_id": intent.leg_id,
            **({"contract_id": intent.reference} if intent.reference else {}),
        },
    )


def _sentence(intent: Intent, trade: Trade) -> str:
    match intent.kind:
        case MoneyKind.SHIP:
            name = trade.bought.symbol if trade.bought else "a ship"
            return f"bought {name}, a {intent.good}, at {intent.waypoint} for {trade.total:,} credits"
        case MoneyKind.ACCEPTANCE:
            return f"accepted contract {intent.reference} for an advance of {trade.total:,} credits"
        case MoneyKind.FULFILMENT:
            return f"fulfilled contract {intent.reference} for {trade.total:,} credits"
        case MoneyKind.DELIVERY:
            return f"{intent.ship} delivered {trade.units} {intent.good} to contract {intent.reference}"
        case MoneyKind.SUPPLY:
            return f"{intent.ship} supplied {trade.units} {intent.good} to the site at {intent.waypoint}"
        case MoneyKind.JETTISON:
            return f"{intent.ship} threw {trade.units} {intent.good} away at {intent.waypoint}"
    verb = {MoneyKind.PURCHASE: "bought", MoneyKind.SALE: "sold"}.get(intent.kind, "refuelled with")
    return (
        f"{intent.ship} {verb} {trade.units} {intent.good} at {intent.waypoint} for {trade.unit_price:,} each"
        f" ({trade.total:,} credits)"
    )
