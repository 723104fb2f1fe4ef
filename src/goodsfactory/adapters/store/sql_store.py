"""Durable state on one SQL connection: on a writer thread of its own, or inline in virtual time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from goodsfactory.adapters.store import database
from goodsfactory.adapters.store.failures import NotSynced, transaction_failed
from goodsfactory.adapters.store.schema import current
from goodsfactory.adapters.store.transaction import SqlTransaction
from goodsfactory.domain.errors import Bug, Unavailable
from goodsfactory.domain.events import ONLY_TOLD, EventKind
from goodsfactory.ports.store import Result, Store, Transaction


async def open_store(url_or_path: str | Path, *, universe: str, inline: bool = False) -> "SqlStore":
    """Open the database at a path, ``:memory:`` or a URL, and bring its schema up to date.

    A URL begins with ``sqlite:`` or ``postgresql:``; the latter needs the extra ``postgres``.

    ``universe`` is the id of one (``Universe.id``): players, ships, waypoints and markets are kept apart by
    it. ``inline`` runs every transaction on the calling thread, for virtual time. Raises UserError
    with the reason where the database cannot be used.
    """
    if inline:
        return SqlStore(database.open_database(url_or_path), universe=universe)
    writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
    try:
        loop = asyncio.get_running_loop()
        connection = await loop.run_in_executor(writer, database.open_database, url_or_path)
    except BaseException:
        writer.shutdown(wait=False)
        raise
    return SqlStore(connection, universe=universe, writer=writer)


class SqlStore(Store):
    """One transaction at a time over one connection. Made by ``open_store``.

    On PostgreSQL that holds for all processes that share the database, as it does on a file of SQLite.

    ``transact`` raises what ``work`` raised, Conflict where a rule of the database was broken, and
    Unavailable where it cannot be written now (disk full, locked, server away); nothing is kept then and
    nobody wakes. When it returns or raises, cancelled or not, the transaction is over. ``work`` never runs
    twice for one call.

    What wrote an intent or a ledger row has outlived a power cut when it returns; the rest a crash of this
    process, and a power cut once anything later was synced.

    Two cases leave the outcome open: the connection is lost in the moment of the commit, or the disk does not
    take what was committed. Then Unavailable has ``maybe_done`` set. The caller reads its rows again before
    it decides, as after a crash; doing the same ``work`` again is right only where it decides from rows that
    it reads itself (an intent that is closed already, a container that has ended, a claim that is ours).
    Watchers of whatever was kept wake with the next commit.

    A lost connection is replaced by the next ``transact``, which is Unavailable for as long as that fails.
    """

    def __init__(
        self, connection: Connection, *, universe: str, writer: ThreadPoolExecutor | None = None
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._universe = universe
        self._transaction = SqlTransaction(connection, universe)
        self._driver_error: type[Exception] = connection.dialect.loaded_dbapi.Error
        self._watched: defaultdict[int | None, dict[frozenset[EventKind], asyncio.Event]] = defaultdict(dict)
        self._untold: dict[int, frozenset[EventKind]] = {}
        self._closed = False
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing could be kept when it was tried last, a sentence; None once something was written."""
        return self._trouble

    @property
    def universe(self) -> str:
        """The id of the universe whose rows transactions read and write."""
        return self._universe

    async def schema(self) -> str | None:
        """The revision of the schema that the rows are kept in."""
        return await self.transact(lambda _: current(self._connection))

    def enter_universe(self, universe: str) -> None:
        """Read and write the rows of another universe from the next transaction on; the old ones stay."""
        if universe != self._universe:
            self._universe = universe
            self._transaction = SqlTransaction(self._connection, universe)

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        if self._closed:
            raise Bug("The store is closed: nothing can be kept any more.")
        if self._writer is None:
            return self._run(work, self._wake)
        loop = asyncio.get_running_loop()

        def tell(news: _News) -> None:
            loop.call_soon_threadsafe(self._wake, news)

        job = self._writer.submit(self._run, work, tell)
        done = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            # A transaction under way cannot be called back: leave only once its outcome is certain.
            if not job.cancel():
                await asyncio.wait([done])
            raise

    def changed(
        self, player_id: int | None = None, *, unless: frozenset[EventKind] = ONLY_TOLD
    ) -> asyncio.Event:
        quiet: frozenset[EventKind] = frozenset() if player_id is None else unless
        return self._watched[player_id].setdefault(quiet, asyncio.Event())

    async def close(self) -> None:
        """Wait for the transaction under way and close the database. Closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._writer is None:
            database.close(self._connection)
            return
        await asyncio.get_running_loop().run_in_executor(self._writer, database.close, self._connection)
        self._writer.shutdown()

    def _run(self, work: Callable[[Transaction], Result], tell: Callable[["_News"], object]) -> Result:
        transaction = self._transaction
        transaction.events.appended.clear()
        transaction.money.written = False
        committing = mended = False
        try:
            with self._connection.begin():
                transaction.kept.begin(database.version(self._connection))
                before = self._written()
                result = work(transaction)
                mended = self._written() != before
                committing = True
            if transaction.money.written:
                database.sync(self._connection)
        # A transaction that cannot even begin fails with the driver's own error.
        except (SQLAlchemyError, self._driver_error, NotSynced) as error:
            failure = transaction_failed(error, committing=committing)
            if isinstance(failure, Unavailable) and failure.maybe_done:
                self._untold = _both(self._untold, transaction.events.appended)
            if isinstance(failure, Unavailable):
                self._trouble = str(failure)
            transaction.kept.forget()
            raise failure from error
        except BaseException:
            transaction.kept.undo()
            raise
        if mended:
            self._trouble = None
        if transaction.events.appended or self._untold:
            news = _both(self._untold, transaction.events.appended)
            self._untold = {}
            tell(news)
        return result

    def _written(self) -> int:
        """Changes with what is written, while there is trouble: reading says nothing of a full disk."""
        return 0 if self._trouble is None else database.written(self._connection)

    def _wake(self, news: "_News") -> None:
        for watched in self._watched.pop(None, {}).values():
            watched.set()
        for player in sorted(news.keys() & self._watched.keys()):
            waiting = self._watched[player]
            for quiet in [quiet for quiet in waiting if not news[player] <= quiet]:
                waiting.pop(quiet).set()


_News = Mapping[int, Set[EventKind]]
"""The kinds of events that were committed, by player."""


def _both(one: _News, other: _News) -> dict[int, frozenset[EventKind]]:
    return {player: frozenset((*one.get(player, ()), *other.get(player, ()))) for player in {*one, *other}}
