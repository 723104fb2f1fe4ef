"""Ships and cargo that are gone: forgotten and written off, so that the books say what is really there."""

from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.planning.decision import in_words
from goodsfactory.ports.store import Transaction


def forget_ship(tx: Transaction, player_id: int, symbol: str, now: datetime) -> None:
    """The game does not know the ship any more: what it had aboard is lost with it."""
    known = tx.ships.get(symbol)
    for leg in _laden(tx, player_id, symbol):
        write_off(tx, leg, leg.aboard, f"{symbol} is gone", now)
    if known is not None:
        tx.ships.remove(symbol)
        aboard = [f"{units} {good}" for good, units in sorted(known[1].hold.inventory.items()) if units]
        cargo = f", and with it {in_words(aboard)}" if aboard else ""
        sentence = f"{symbol} is gone: the game does not know it any more{cargo}"
        tx.events.append(Event(player_id, EventKind.SHIP_LOST, now, sentence, ship=symbol))


def write_off(tx: Transaction, leg: Leg, units: int, why: str, now: datetime) -> None:
    """Take ``units`` that were bought for ``leg`` and are gone out of its books, with what they cost."""
    if units < 1:
        return
    cost = round(leg.cost * units / leg.bought) if leg.bought else 0
    tx.legs.update(replace(leg, bought=leg.bought - units, cost=leg.cost - cost))
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
        )
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


def _laden(tx: Transaction, player_id: int, symbol: str) -> list[Leg]:
    """The legs whose cargo should be aboard: those under way, and the last one of each good in the hold."""
    known = tx.ships.get(symbol)
    found = {leg.id: leg for leg in tx.legs.open_of_player(player_id) if leg.ship == symbol}
    for good in known[1].hold.inventory if known else ():
        last = tx.legs.last_of(symbol, good)
        if last is not None:
            found[last.id] = last
    return [leg for leg in found.values() if leg.aboard > 0]
