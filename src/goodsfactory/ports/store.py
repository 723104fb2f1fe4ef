"""Durable state as a port: one transaction at a time, several small repositories inside it.

``await store.transact(work)`` runs ``work(transaction)`` in one database transaction on the writer thread:
all of it is kept, or nothing. ``work`` must be quick, synchronous and free of side effects elsewhere.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from goodsfactory.domain.books import Posting
from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.daemon import DaemonRow, DaemonState, Ownership
from goodsfactory.domain.events import ONLY_TOLD, Event, EventKind
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot, Sighting
from goodsfactory.domain.money import Intent, LedgerEntry, SpendingHold
from goodsfactory.domain.player import Balance, Player
from goodsfactory.domain.quote import Quote
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.shipyard import ShipyardSnapshot
from goodsfactory.domain.stock import StockRow
from goodsfactory.domain.supply_chain import NodeProgress
from goodsfactory.domain.universe import Universe

Result = TypeVar("Result")


class Players(Protocol):
    def add(
        self,
        agent_symbol: str,
        *,
        universe: str,
        reset_date: str,
        base_url: str,
        headquarters: str,
        now: datetime,
    ) -> Player:
        """Add a player (the first becomes the default). Raises UserError where the agent is known already."""
        ...

    def get(self, player_id: int) -> Player | None: ...

    def by_agent(self, agent_symbol: str) -> Player | None:
        """The player of that call sign in the present universe, upper or lower case."""
        ...

    def all(self) -> list[Player]: ...

    def past(self) -> list[Player]:
        """Players of other universes, the one that was worked for last first: it has the newest event."""
        ...

    def make_default(self, player_id: int) -> None: ...

    def set_balance(self, player_id: int, balance: Balance) -> None:
        """Keep what the server said last (an older ``observed_at`` than the kept one is ignored)."""
        ...

    def balance(self, player_id: int) -> Balance | None: ...


class Universes(Protocol):
    """The universes that this database has rows of."""

    def get(self, universe: str) -> Universe | None: ...

    def of_server(self, server: str) -> list[Universe]:
        """Newest first: by reset date and number."""
        ...

    def last_played(self, server: str) -> Universe | None:
        """The universe of a server that was played last, by the database's clock; ended ones come last.

        None where the server was never met.
        """
        ...

    def save(self, universe: Universe) -> None:
        """Insert, or replace what the server told and when it ended; ``first_seen`` stays.

        It counts as played now, by the database's clock.
        """
        ...


class Ships(Protocol):
    def save(self, player_id: int, ships: Iterable[Ship]) -> None: ...

    def get(self, symbol: str) -> tuple[int, Ship] | None:
        """(player id, ship), or None."""
        ...

    def of_player(self, player_id: int) -> list[Ship]:
        """Sorted by symbol, hexadecimal counter in number order."""
        ...

    def remove(self, symbol: str) -> None: ...


class Waypoints(Protocol):
    def save(self, waypoints: Iterable[Waypoint]) -> None: ...

    def in_system(self, system: str) -> list[Waypoint]: ...


class Markets(Protocol):
    def save(self, snapshot: MarketSnapshot) -> None:
        """Keep a look at a market; one without prices never erases prices seen before.

        A look with prices also adds to the history: of several that saw the same of a good, the first and the
        last are kept (until ``History.thin`` removes them).
        """
        ...

    def get(self, waypoint: str) -> MarketSnapshot | None: ...

    def in_system(self, system: str) -> list[MarketSnapshot]: ...

    def history(self, waypoint: str, good: Good, *, since: datetime | None = None) -> list[Sighting]:
        """How ``good`` was seen at a market, oldest first, from ``since`` on (in this universe).

        Between two sightings that are alike, every other look saw the same.
        """
        ...


class Shipyards(Protocol):
    def save(self, snapshot: ShipyardSnapshot) -> None:
        """Keep a look at a yard; one without prices never erases prices seen before."""
        ...

    def get(self, waypoint: str) -> ShipyardSnapshot | None: ...

    def in_system(self, system: str) -> list[ShipyardSnapshot]: ...


class Factories(Protocol):
    def add(self, factory: GoodsFactory) -> None: ...

    def get(self, factory_id: str, player_id: int) -> GoodsFactory | None: ...

    def find(
        self, *, player_id: int | None = None, statuses: Collection[FactoryStatus] = ()
    ) -> list[GoodsFactory]:
        """Oldest first; no statuses means all. For those at work: the others are many, see ``newest``."""
        ...

    def newest(
        self,
        player_id: int,
        limit: int,
        *,
        statuses: Collection[FactoryStatus] = (),
        prefix: str = "",
        before: tuple[datetime, str] | None = None,
    ) -> list[GoodsFactory]:
        """The ``limit`` newest of a player, oldest first, whose id begins with ``prefix``.

        ``before`` is the creation and id of a factory: only older ones then. No statuses means all.
        """
        ...

    def update(self, factory: GoodsFactory) -> None: ...

    def save_nodes(self, nodes: Iterable[NodeProgress]) -> None:
        """Insert or replace by (factory, good)."""
        ...

    def nodes(self, factory_id: str) -> list[NodeProgress]: ...


class Quotes(Protocol):
    def save(self, factory_id: str, player_id: int, quote: Quote) -> None:
        """Keep it, in the place of an earlier one of the factory."""
        ...

    def of_factory(self, factory_id: str, player_id: int) -> Quote | None: ...

    def set_requests(self, factory_id: str, player_id: int, requests: int) -> None:
        """Keep how many requests were sent while the factory ran; nothing happens where there is no quote."""
        ...

    def requests(self, factory_id: str, player_id: int) -> int | None:
        """None where they were not counted."""
        ...


class Legs(Protocol):
    def add(self, legs: Iterable[Leg]) -> None: ...

    def get(self, leg_id: str) -> Leg | None: ...

    def update(self, leg: Leg) -> None: ...

    def at_hand(self, factory_id: str) -> list[Leg]:
        """Open legs, and the newest setbacks of each edge, in the order they were added.

        A factory has few of them, however long it works.
        """
        ...

    def totals(self, factory_id: str) -> list[LegTotals]:
        """What the legs that are not at hand any more came to, one for each kind and edge."""
        ...

    def newest(self, factory_id: str, limit: int) -> list[Leg]:
        """The ``limit`` legs that were added last, open or over, in the order they were added."""
        ...

    def open_of_player(self, player_id: int) -> list[Leg]:
        """LOADING and LADEN legs of all the player's factories, in the order they were added."""
        ...

    def last_of(self, ship: str, good: Good) -> Leg | None:
        """The first of ``loads_of``; None where there is none."""
        ...

    def loads_of(self, ship: str, good: Good) -> Sequence[Leg]:
        """The last legs of ``good`` that this ship flew and bought for, the newest first; not all of them.

        A ship of the same symbol in another universe is another ship.
        """
        ...


class Claims(Protocol):
    def claim(self, claim: Claim) -> bool:
        """One conditional write: True when the ship is now (or was already) this container's."""
        ...

    def release(self, ship: str, container_id: str) -> bool: ...

    def release_all(self, container_id: str) -> list[str]:
        """Free every ship of a container; returns their symbols."""
        ...

    def of_ship(self, ship: str) -> Claim | None: ...

    def of_player(self, player_id: int) -> list[Claim]: ...


class Money(Protocol):
    def open_intent(self, intent: Intent) -> None:
        """Write it down. Raises Conflict where its subject has an open intent already."""
        ...

    def open_intents(self, player_id: int) -> list[Intent]: ...

    def open_intent_of(self, subject: str) -> Intent | None:
        """The one that binds a ship, or what else an intent may bind (``Intent.subject``)."""
        ...

    def close_intent(self, intent: Intent) -> None:
        """Store its DONE or VOID state."""
        ...

    def reserved(self, player_id: int) -> int:
        """Credits held back by open intents."""
        ...

    def record(self, entry: LedgerEntry, *, lost: int = 0) -> None:
        """Write a row down; ``lost`` is what the cargo of a WRITE_OFF had cost, in credits."""
        ...

    def ledger(self, player_id: int, *, limit: int | None = None) -> list[LedgerEntry]:
        """In the order they were recorded."""
        ...

    def page(self, player_id: int, limit: int, before: int | None = None) -> list[tuple[int, LedgerEntry]]:
        """The newest ``limit`` entries with their numbers, in the order they were recorded.

        With ``before`` the newest of those numbered below it.
        """
        ...

    def newest_row(self, player_id: int) -> int:
        """The number of the row recorded last; 0 where there is none."""
        ...

    def books(self, player_id: int, factory_id: str) -> list[Posting]:
        """The sums of a factory's ledger rows, by kind and good, however many rows there are."""
        ...

    def realised(self, player_id: int, factory_id: str, since: datetime) -> int:
        """What a factory has realised since an instant, in credits.

        Its sales, less what the units sold had cost on average of their leg, less fuel and written-off cargo.
        A sale whose leg is removed with age counts nothing: its cost is unknown.
        """
        ...

    def ledger_sum(self, player_id: int, before: int | None = None) -> int:
        """Sum of the amounts; for a player with an OPENING row this equals the balance (law L3).

        With ``before`` that of the rows numbered below it: one row tells it, however many there are.
        """
        ...

    def first_row_since(self, player_id: int, moment: datetime) -> int:
        """The least number such that all the player's rows below it are older than ``moment``."""
        ...

    def trades(self, player_id: int, good: Good, since: datetime, limit: int) -> list[LedgerEntry]:
        """The newest ``limit`` purchases and sales of a good since an instant, as they were recorded."""
        ...


class SpendingHolds(Protocol):
    def place(self, hold: SpendingHold) -> None:
        """Keep it, in the place of an earlier one of the player."""
        ...

    def of_player(self, player_id: int) -> SpendingHold | None: ...

    def lift(self, player_id: int) -> bool:
        """False where none stood."""
        ...


class Stock(Protocol):
    def keep(self, row: StockRow) -> None:
        """Insert or replace by (ship, good); a row of no units is removed."""
        ...

    def get(self, ship: str, good: Good) -> StockRow | None: ...

    def of_player(self, player_id: int) -> list[StockRow]:
        """By ship and good."""
        ...


class Containers(Protocol):
    def add(self, container: Container) -> None: ...

    def get(self, container_id: str) -> Container | None: ...

    def find(
        self,
        *,
        player_id: int | None = None,
        statuses: Collection[ContainerStatus] = (),
        types: Collection[ContainerType] = (),
    ) -> list[Container]: ...

    def newest(
        self, player_id: int, status: ContainerStatus, types: Collection[ContainerType], *, limit: int
    ) -> list[Container]:
        """The ``limit`` of them that were added last, newest first."""
        ...

    def completed_since(self, work: Container, types: Collection[ContainerType]) -> Container | None:
        """The newest work of these types that the ship of ``work`` has completed of all begun later."""
        ...

    def over(
        self,
        ends: Collection[ContainerStatus],
        limit: int,
        *,
        player_id: int | None = None,
        before: int | None = None,
    ) -> list[tuple[int, Container]]:
        """The ``limit`` that were added last of those that ended so, with their numbers, in that order.

        With ``before`` only those numbered below it.
        """
        ...

    def begin(self, container_id: str, now: datetime, *, restarted: bool) -> Container:
        """RUNNING with the next epoch; ``restarted`` counts one more restart."""
        ...

    def end(
        self, container_id: str, status: ContainerStatus, now: datetime, *, reason: str | None = None
    ) -> list[str]:
        """End it and free its ships in the same transaction; returns the ships freed."""
        ...

    def heartbeat(self, container_id: str, now: datetime, *, iteration: int, effect: str | None) -> None: ...

    def log(self, line: ContainerLog) -> None: ...

    def logs(self, container_id: str, *, limit: int = 100, level: str | None = None) -> list[ContainerLog]:
        """The newest ``limit`` lines, oldest first; ``level`` filters exactly."""
        ...


class Events(Protocol):
    def append(self, event: Event) -> Event:
        """Number and keep it; watchers wake after the transaction is committed."""
        ...

    def after(
        self, seq: int, *, player_id: int | None = None, factory_id: str | None = None, limit: int = 500
    ) -> list[Event]: ...

    def before(self, moment: datetime, player_id: int) -> int:
        """The number of the player's newest event before ``moment``; 0 where there is none."""
        ...

    def newest_of_factory(self, factory_id: str, limit: int) -> list[Event]:
        """The newest ``limit`` events of a factory, oldest first."""
        ...

    def newest_of_container(self, container_id: str, limit: int) -> list[Event]:
        """The newest ``limit`` events that a container caused, oldest first."""
        ...

    def last_seq(self) -> int: ...


class History(Protocol):
    """Retention: what is left of details once they are old is what was added up."""

    def thin(
        self, before: datetime, most: int, *, now: datetime, settled_before: datetime, looked_before: datetime
    ) -> int:
        """Remove details older than ``before``, after at most ``most`` rows of each kind of them.

        Only those of the present universe: another one has another clock. A row later than ``now`` is by none
        that still goes, and is passed over. Once none is old any more, all details go of a universe that was
        left ``now - before`` ago by the database's clock.

        Intents that were settled go once they are older than ``settled_before``. Of the sightings older than
        ``looked_before`` the last of each hour, of a good at a market, stays until it is older than both.

        Events but those of a factory's life, log lines, legs that are over and folded, containers that ended
        and settled intents. Returns how many rows it went through: 0 where none is old enough any more.
        """
        ...

    def events_gone(self, player_id: int) -> tuple[int, datetime] | None:
        """Up to which number, and before when, a player's events were removed; None where none ever was."""
        ...


class Daemons(Protocol):
    """Who shares this database, and who acts for which agent. Every instant is real time by its clock."""

    def beat(self, node: DaemonRow) -> None:
        """Write down what a daemon says of itself, its state too, with a heartbeat of now.

        ``started_at`` is the first beat of this process (host and pid) or the first one after DOWN.
        """
        ...

    def all(self) -> list[DaemonRow]:
        """By node, with their ``age``."""
        ...

    def set_state(self, node_id: str, state: DaemonState) -> bool:
        """False where there is no such daemon; its heartbeat stays as it was."""
        ...

    def remove(self, node_id: str) -> None:
        """Forget a daemon. What it owned anybody may acquire."""
        ...

    def owner(self, player_id: int) -> Ownership | None:
        """None where nobody ever had the right."""
        ...

    def owned_by(self, node_id: str) -> list[Ownership]: ...

    def ownerships(self) -> list[Ownership]: ...

    def acquire(self, player_id: int, node_id: str, dead_after: float) -> Ownership | None:
        """One conditional write: the right, where it was free, ours already, or its owner is dead.

        Dead is DOWN, forgotten, or without a heartbeat for more than ``dead_after`` real seconds. The epoch
        grows unless the right was ours. None where another daemon has it.
        """
        ...

    def release(self, player_id: int, node_id: str) -> bool:
        """Give the right back; the epoch stays. False where it was not this daemon's."""
        ...


class Tokens(Protocol):
    """Tokens of agents, for daemons that take over from each other. Never shown or logged."""

    def get(self, agent_symbol: str, universe: str) -> str | None: ...

    def put(self, agent_symbol: str, universe: str, token: str) -> None: ...

    def drop(self, agent_symbol: str, universe: str) -> None: ...


class Transaction(Protocol):
    """The repositories of one open transaction."""

    def in_universe_of(self, player_id: int) -> "Transaction":
        """The same transaction as the player's own universe has it, which need not be the present one.

        Ships, stock, claims and markets are kept apart by universe. For reading alone.
        """
        ...

    @property
    def universes(self) -> Universes: ...
    @property
    def players(self) -> Players: ...
    @property
    def ships(self) -> Ships: ...
    @property
    def waypoints(self) -> Waypoints: ...
    @property
    def markets(self) -> Markets: ...
    @property
    def shipyards(self) -> Shipyards: ...
    @property
    def factories(self) -> Factories: ...
    @property
    def quotes(self) -> Quotes: ...
    @property
    def legs(self) -> Legs: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def money(self) -> Money: ...
    @property
    def spending_holds(self) -> SpendingHolds: ...
    @property
    def stock(self) -> Stock: ...
    @property
    def containers(self) -> Containers: ...
    @property
    def events(self) -> Events: ...
    @property
    def history(self) -> History: ...
    @property
    def daemons(self) -> Daemons: ...
    @property
    def tokens(self) -> Tokens: ...


class Store(Protocol):
    """Durable state. ``changed`` wakes whoever waits after a commit that appended an event."""

    async def transact(self, work: Callable[[Transaction], Result]) -> Result: ...

    def changed(
        self, player_id: int | None = None, *, unless: frozenset[EventKind] = ONLY_TOLD
    ) -> asyncio.Event:
        """An event that is set at the next commit with news of the player: events of other kinds than
        ``unless``. Without a player it is set by whatever happens to anybody.

        Ask anew for each wait.
        """
        ...

    async def close(self) -> None: ...


class Credentials(Protocol):
    """Where tokens live: the environment, a 0600 file, or the database that daemons share; never a log."""

    async def token(self, player: Player) -> str | None:
        """None too for a player of another server than the one this daemon talks to (law L12)."""
        ...

    def is_from_environment(self, token: str) -> bool:
        """Whether this is the token of the environment, which stands before the one that is kept."""
        ...

    async def keep(self, agent_symbol: str, universe: Universe, token: str) -> None:
        """Keep the token of an agent of that universe; at once, ``told`` has none for it any more."""
        ...

    async def keep_told(self, agent_symbol: str, token: str) -> None:
        """Keep what the game has just told, and tells once, before anybody knows of which universe it is."""
        ...

    async def told(self, agent_symbol: str) -> str | None:
        """What ``keep_told`` kept for an agent, and nothing has come of."""
        ...

    async def rehearse(self, agent_symbol: str) -> None:
        """Write as ``keep_told`` does, and change nothing. Raises what that would raise."""
        ...

    async def sort(self, players: Iterable[Player]) -> None:
        """Give the tokens of an earlier version, which knew no servers, to the servers that issued them."""
        ...
