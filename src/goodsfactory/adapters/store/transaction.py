"""The repositories of one open transaction."""

from sqlalchemy import Connection

from goodsfactory.adapters.store.claims import SqlClaims
from goodsfactory.adapters.store.containers import SqlContainers
from goodsfactory.adapters.store.daemons import SqlDaemons
from goodsfactory.adapters.store.events import SqlEvents
from goodsfactory.adapters.store.factories import SqlFactories
from goodsfactory.adapters.store.history import SqlHistory
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.legs import SqlLegs
from goodsfactory.adapters.store.markets import SqlMarkets
from goodsfactory.adapters.store.money import SqlMoney
from goodsfactory.adapters.store.players import SqlPlayers
from goodsfactory.adapters.store.quotes import SqlQuotes
from goodsfactory.adapters.store.ships import SqlShips
from goodsfactory.adapters.store.shipyards import SqlShipyards
from goodsfactory.adapters.store.spending_holds import SqlSpendingHolds
from goodsfactory.adapters.store.stock import SqlStock
from goodsfactory.adapters.store.tokens import SqlTokens
from goodsfactory.adapters.store.universes import SqlUniverses
from goodsfactory.adapters.store.waypoints import SqlWaypoints


class SqlTransaction:
    """All repositories over one connection and one universe; made once and used for every transaction."""

    def __init__(self, connection: Connection, universe: str) -> None:
        self._connection, self._universe = connection, universe
        self.kept = kept = KeptReads()
        self.universes = SqlUniverses(connection)
        self.players = SqlPlayers(connection, universe, kept)
        self.ships = SqlShips(connection, universe, kept)
        self.waypoints = SqlWaypoints(connection, universe, kept)
        self.markets = SqlMarkets(connection, universe, kept)
        self.shipyards = SqlShipyards(connection, universe)
        self.factories = SqlFactories(connection, kept)
        self.quotes = SqlQuotes(connection)
        self.legs = SqlLegs(connection, universe, kept)
        self.claims = SqlClaims(connection, universe, kept)
        self.money = SqlMoney(connection, universe, kept)
        self.spending_holds = SqlSpendingHolds(connection, kept)
        self.stock = SqlStock(connection, universe, kept)
        self.containers = SqlContainers(connection, self.claims, kept)
        self.events = SqlEvents(connection)
        self.history = SqlHistory(connection, universe, kept)
        self.daemons = SqlDaemons(connection)
        self.tokens = SqlTokens(connection)

    def in_universe_of(self, player_id: int) -> "SqlTransaction":
        player = self.players.get(player_id)
        if player is None or player.universe == self._universe:
            return self
        return SqlTransaction(self._connection, player.universe)
