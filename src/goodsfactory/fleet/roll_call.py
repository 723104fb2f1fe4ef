"""What changed without us: ships bought, sold or emptied and credits moved by hand or by another program."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from goodsfactory.domain.errors import ContractGone, Refused, ShipGone, StaleToken, Unavailable
from goodsfactory.domain.money import Intent
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.losses import own_ships
from goodsfactory.fleet.pilot import Pilot
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.auditor import Auditor
from goodsfactory.treasury.bookkeeping import write_off
from goodsfactory.treasury.cashier import Cashier


class RollCall:
    """Reads fleet and purse of one player, without touching what a container is moving.

    Everything raises Unavailable, StaleToken or Refused where the server does not answer as hoped; what was
    settled until then is.
    """

    def __init__(
        self,
        api: GameApi,
        store: Store,
        clock: Clock,
        pilot: Pilot,
        cashier: Cashier,
        auditor: Auditor,
        player_id: int,
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._pilot = pilot
        self._cashier = cashier
        self._auditor = auditor
        self._player_id = player_id
        self._unread: dict[str, str] = {}

    def why_unread(self, symbol: str) -> str | None:
        """Why a ship could not be read last time, without a full stop; None where it could."""
        why = self._unread.get(symbol)
        return None if why is None else why.rstrip(".")

    def unread(self) -> list[str]:
        """A sentence for each ship or contract that could not be read last time."""
        return [
            f"{subject.replace(':', ' ')} cannot be read: {why.rstrip('.')}. It is looked at again."
            for subject, why in sorted(self._unread.items())
        ]

    async def look(self, symbols: Iterable[str]) -> None:
        """Look at ships one by one; one that cannot be read harms no other, and is told (law L9).

        Only what the game denies is gone.
        """
        for symbol in symbols:
            with suppress(ShipGone):
                await self._observe(symbol)

    async def _observe(
        self, symbol: str, without_ship: Intent | None = None, *, held_too: bool = False
    ) -> None:
        """``without_ship`` is a step that no ship makes: it is looked at, and ``symbol`` is its subject."""
        try:
            if without_ship is not None:
                await self._cashier.settle(without_ship)
            else:
                await self._pilot.observe(symbol, held=held_too)
        except (ShipGone, ContractGone):
            self._unread.pop(symbol, None)
            raise
        except StaleToken:
            raise
        except (Unavailable, Refused) as trouble:
            self._unread[symbol] = str(trouble)
        else:
            self._unread.pop(symbol, None)

    async def call(self) -> list[Ship]:
        """Settle money steps left open by workers that are gone, read every ship, and count the purse.

        Ships may be given to work meanwhile. Returns the ships.
        """
        await self.settle()
        before, stuck = await self._store.transact(lambda tx: (self._known(tx), self._stuck(tx)))
        ships = await self._api.ships()
        read = {ship.symbol for ship in ships} - stuck
        doubted = await self._store.transact(lambda tx: self._keep(tx, ships, before))
        self._unread = {ship: why for ship, why in self._unread.items() if ship not in read}
        await self.look(doubted)
        await self._auditor.count()
        return ships

    async def settle(self, *, held_too: bool = False) -> None:
        """Look at everything that nobody holds and that a money step was left open for (look first, law L1).

        ``held_too`` is for the start, when those that hold ships do not run yet. A step whose ship or
        contract is gone is told from the balance, last; one that cannot be looked at stays open, and with it
        those that only the balance could tell.
        """

        def left_open(tx: Transaction) -> list[Intent]:
            intents = tx.money.open_intents(self._player_id)
            return [one for one in intents if held_too or tx.claims.of_ship(one.subject) is None]

        gone = []
        for intent in await self._store.transact(left_open):
            try:
                shipless = intent if intent.ship is None else None
                await self._observe(intent.subject, shipless, held_too=held_too)
            except (ShipGone, ContractGone):
                gone.append(intent)
        if not gone:
            return
        settled = await self._cashier.settle_without_ship(gone)
        for intent in settled:
            await self._store.transact(partial(self._lose_cargo, intent))
        waiting = {intent.id for intent in gone} - {intent.id for intent in settled}
        for intent in (one for one in gone if one.id in waiting):
            self._unread[intent.subject] = "it is gone, and other steps that move credits are still open"

    def _lose_cargo(self, intent: Intent, tx: Transaction) -> None:
        """What a ship that is gone bought last went with it."""
        leg = tx.legs.get(intent.leg_id) if intent.leg_id else None
        if leg is not None and leg.aboard > 0:
            write_off(tx, leg, leg.aboard, f"{intent.ship} is gone", self._clock.now())

    def _keep(self, tx: Transaction, ships: list[Ship], before: Mapping[str, Ship]) -> list[str]:
        """Store a list of ships and return those to look at: missing in it, or there without cargo they had.

        ``before`` was known when it was asked for.
        A ship under claim is newer in the store than in the list. So is one that was stored, or forgotten,
        since: it was moved, bought or sold meanwhile.
        """
        held = {claim.ship for claim in tx.claims.of_player(self._player_id)}
        known = self._known(tx)

        def is_news(symbol: str) -> bool:
            unheld = symbol not in held or symbol not in known
            return unheld and known.get(symbol) == before.get(symbol)

        listed = {ship.symbol: ship for ship in own_ships(tx, self._player_id, ships)}
        news = [ship for name, ship in listed.items() if is_news(name)]
        emptied = {
            one.symbol for one in news if one.symbol in known and one.hold.lacks(known[one.symbol].hold)
        }
        tx.ships.save(self._player_id, [ship for ship in news if ship.symbol not in emptied])
        return sorted(emptied.union(filter(is_news, known.keys() - listed.keys())))

    def _stuck(self, tx: Transaction) -> set[str]:
        """The ships with a step of which nobody can tell yet whether it happened."""
        return {one.subject for one in tx.money.open_intents(self._player_id)}

    def _known(self, tx: Transaction) -> dict[str, Ship]:
        return {ship.symbol: ship for ship in tx.ships.of_player(self._player_id)}
