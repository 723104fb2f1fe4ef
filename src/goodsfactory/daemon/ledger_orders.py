"""The ledger as users read it, and as they accept what it cannot explain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.daemon.roster import Roster
from goodsfactory.domain.money import LedgerEntry, SpendingHold
from goodsfactory.domain.player import Balance
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockRow
from goodsfactory.ports.store import Store, Transaction


@dataclass(frozen=True)
class LedgerView:
    """The newest rows in their order, the sum of all rows, and the balance as the server said it last.

    ``stock_cost`` is what the goods in stock cost, in credits.
    """

    entries: Sequence[LedgerEntry]
    ledger_sum: int
    balance: Balance | None
    hold: SpendingHold | None
    stock_cost: int = 0
    older: int | None = None
    """numbers below it are older rows; None where there are none"""

    closing: int | None = None
    """the sum of the rows up to the last one shown; None where that is the newest"""

    trouble: str | None = None
    """why nobody works for the player now, or not well, as ``Roster.trouble`` says it"""

    @property
    def difference(self) -> int | None:
        """Balance minus sum, in credits; None while no balance is known."""
        return None if self.balance is None else self.balance.credits - self.ledger_sum


@dataclass(frozen=True)
class Accepted:
    """``booked`` credits were corrected (0: nothing was to be); ``resumed`` when a hold was lifted."""

    booked: int
    resumed: bool
    view: LedgerView


@dataclass(frozen=True)
class LedgerOrders:
    store: Store
    roster: Roster

    async def show(
        self, player_id: int, limit: int, before: int | None = None, *, until: datetime | None = None
    ) -> LedgerView:
        """The newest ``limit`` rows (of those numbered below ``before``), and how the books stand.

        Of those before ``until`` where that is given and ``before`` is not.
        """

        def read(tx: Transaction) -> LedgerView:
            below = before
            if below is None and until is not None:
                below = tx.money.first_row_since(player_id, until)
            return _view(tx, player_id, limit, below)

        view = await self.store.transact(read)
        return replace(view, trouble=self.roster.trouble(player_id))

    async def stock(self, player_id: int) -> list[tuple[StockRow, Ship | None]]:
        """Goods aboard that belong to no leg any more, by ship and good, each with the ship.

        Raises UserError, with what to do, where no ship of the player is known and nobody works for it.
        """

        def read(tx: Transaction) -> tuple[dict[str, Ship], list[StockRow]]:
            theirs = tx.in_universe_of(player_id)
            ships = {ship.symbol: ship for ship in theirs.ships.of_player(player_id)}
            return ships, theirs.stock.of_player(player_id)

        ships, rows = await self.store.transact(read)
        if not ships:
            self.roster.crew_at_work(player_id)
        return [(row, ships.get(row.ship)) for row in rows]

    async def accept(self, player_id: int) -> Accepted:
        """Book the difference as a correction and let spending go on. Raises Unavailable where it cannot."""
        auditor = self.roster.crew(player_id).auditor
        before = await self.store.transact(lambda tx: tx.spending_holds.of_player(player_id))
        booked = await auditor.accept()
        view = await self.show(player_id, 1)
        return Accepted(booked, before is not None and view.hold is None, view)


def _view(tx: Transaction, player_id: int, limit: int, before: int | None) -> LedgerView:
    page = tx.money.page(player_id, limit, before)
    return LedgerView(
        [entry for _, entry in page],
        tx.money.ledger_sum(player_id),
        tx.players.balance(player_id),
        tx.spending_holds.of_player(player_id),
        sum(row.cost for row in tx.in_universe_of(player_id).stock.of_player(player_id)),
        page[0][0] if len(page) == limit else None,
        None if before is None else tx.money.ledger_sum(player_id, before),
    )
