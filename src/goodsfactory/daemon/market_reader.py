"""Markets as users read them: looked at now where somebody can, else as they were seen last."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from goodsfactory.daemon.factories import default_system
from goodsfactory.daemon.roster import Roster
from goodsfactory.domain.errors import GoodsFactoryError, NotFound, StaleToken, Unavailable, UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.chain.resolver import check_target
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for

_RANK = {"EXPORT": 0, "EXCHANGE": 1, "IMPORT": 2}


@dataclass(frozen=True)
class Traders:
    """The markets of a system that trade the good somebody looked for."""

    good: Good
    system: str
    markets: list[MarketSnapshot]


@dataclass(frozen=True)
class MarketReader:
    """Reads for any player; while nobody can look for it, what is stored of its universe and since when.

    Raises why nobody can look where nothing that was asked for is stored.
    """

    store: Store
    roster: Roster

    async def traders(self, player_id: int, good: str, system: str | None) -> Traders:
        """Markets of a system that list ``good``: exports first, then exchanges, then imports.

        ``system`` None is that of the player's ships. Raises UserError, with near matches, for a good that
        nobody knows, and for a system that there is not.
        """
        player = await self.roster.resolve(player_id, None)
        if not system:
            ships = await self.store.transact(
                lambda tx: tx.in_universe_of(player_id).ships.of_player(player_id)
            )
            system = default_system(player, ships)
        where = system.upper()
        try:
            trouble = await self._attempt(player_id, lambda scout: scout.survey(where))
        except NotFound:
            raise UserError(f"There is no system {where}.", kind="not-found") from None
        markets = await self.store.transact(lambda tx: tx.in_universe_of(player_id).markets.in_system(where))
        if trouble is not None and not markets:
            raise trouble
        good = check_target(good, self.roster.recipes(player_id), markets)
        found = [(_RANK[type_], m.waypoint, m) for m in markets if (type_ := m.type_of(good)) is not None]
        if trouble is not None and not found:
            raise trouble  # a market that was never read may trade it
        return Traders(good, where, [market for _, _, market in sorted(found, key=lambda row: row[:2])])

    async def market(self, player_id: int, waypoint: str) -> MarketSnapshot:
        """A market, looked at afresh; prices are those last seen where no own ship is present.

        Raises UserError where there is none.
        """
        where = waypoint.upper()
        system_of(where)
        none = UserError(f"There is no market at {where}.", kind="not-found")
        try:
            trouble = await self._attempt(player_id, lambda scout: scout.look(where))
        except NotFound:
            raise none from None

        def read(tx: Transaction) -> MarketSnapshot | None:
            return tx.in_universe_of(player_id).markets.get(where)

        stored = await self.store.transact(read)
        if stored is None:
            raise trouble or none
        return stored

    async def _attempt(
        self, player_id: int, look: Callable[[Scout], Awaitable[object]]
    ) -> GoodsFactoryError | None:
        """Let the player's scout look; why it could not, None where it did."""
        try:
            scout = self.roster.crew(player_id).scout
            with waited_for():
                await look(scout)
        except (UserError, Unavailable, StaleToken) as trouble:
            return trouble
        return None
