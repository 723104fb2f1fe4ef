"""Ships that are gone: forgotten, and their cargo written off, so that the books say what is there."""

from collections.abc import Iterable
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import in_words
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.bookkeeping import write_off


def own_ships(tx: Transaction, player_id: int, ships: Iterable[Ship]) -> list[Ship]:
    """Those of a fleet that was told which can be the player's: the others exist in that answer alone."""
    player = tx.players.get(player_id)
    return [ship for ship in ships if player is None or ship.belongs_to(player.agent_symbol)]


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


def _laden(tx: Transaction, player_id: int, symbol: str) -> list[Leg]:
    """The legs whose cargo should be aboard: those under way, and the last one of each good in the hold."""
    known = tx.ships.get(symbol)
    found = {leg.id: leg for leg in tx.legs.open_of_player(player_id) if leg.ship == symbol}
    for good in known[1].hold.inventory if known else ():
        last = tx.legs.last_of(symbol, good)
        if last is not None:
            found[last.id] = last
    return [leg for leg in found.values() if leg.aboard > 0]
