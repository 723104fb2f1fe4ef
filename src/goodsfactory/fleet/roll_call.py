"""What changed without us: ships bought, sold or emptied and credits moved by hand or by another program."""

from datetime import datetime

from goodsfactory.domain.errors import NotFound
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Pilot
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.ledger import correct_balance


class RollCall:
    """Reads fleet and purse of one player, without touching what a container is moving.

    Everything raises Unavailable, StaleToken or Refused where the server does not answer as hoped; what was
    settled until then is.
    """

    def __init__(
        self, api: GameApi, store: Store, clock: Clock, pilot: Pilot, cashier: Cashier, player_id: int
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._pilot = pilot
        self._cashier = cashier
        self._player_id = player_id

    async def call(self) -> list[Ship]:
        """Settle what nobody settles any more, read every ship, and meet the balance; returns the ships."""
        await self.settle()
        ships = await self._api.ships()
        await self._store.transact(lambda tx: self._keep(tx, ships))
        await self._meet_balance()
        return ships

    async def settle(self, *, held_too: bool = False) -> None:
        """Look at every ship that nobody holds and that left a money step open (look first, law L1).

        ``held_too`` is for the start, when those that hold ships do not run yet. What a ship that is gone
        left open is told from the balance, last.
        """

        def left_open(tx: Transaction) -> list[str]:
            intents = tx.money.open_intents(self._player_id)
            return [one.ship for one in intents if held_too or tx.claims.of_ship(one.ship) is None]

        gone = set()
        for ship in await self._store.transact(left_open):
            try:
                await self._pilot.observe(ship)
            except NotFound:
                gone.add(ship)
        for intent in await self._store.transact(lambda tx: tx.money.open_intents(self._player_id)):
            if intent.ship in gone:
                await self._cashier.settle_without_ship(intent)

    def _keep(self, tx: Transaction, ships: list[Ship]) -> None:
        """A ship under claim is newer in the store than in a list asked for before it moved."""
        held = {claim.ship for claim in tx.claims.of_player(self._player_id)}
        known = {ship.symbol for ship in tx.ships.of_player(self._player_id)}
        fresh = [ship for ship in ships if ship.symbol not in held or ship.symbol not in known]
        tx.ships.save(self._player_id, fresh)
        for symbol in sorted(known - held - {ship.symbol for ship in ships}):
            tx.ships.remove(symbol)

    async def _meet_balance(self) -> None:
        """Book what moved the purse from outside, if none of our own trades was under way meanwhile."""
        before = await self._store.transact(self._at_rest)
        if before is None:
            return
        agent = await self._api.agent()
        now = self._clock.now()

        def keep(tx: Transaction) -> None:
            if self._at_rest(tx) == before:
                difference = correct_balance(tx, self._player_id, agent.credits, now)
                if difference:
                    tx.events.append(_told(self._player_id, difference, now))

        await self._store.transact(keep)

    def _at_rest(self, tx: Transaction) -> int | None:
        """The sum of the books while no money step is open; None while one is."""
        if tx.money.open_intents(self._player_id):
            return None
        return tx.money.ledger_sum(self._player_id)


def _told(player_id: int, difference: int, now: datetime) -> Event:
    return Event(
        player_id,
        EventKind.BALANCE_CORRECTED,
        now,
        f"the balance moved by {difference:+,} credits without us",
        data={"amount": difference},
    )
