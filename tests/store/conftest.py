"""An open store to ask, and rows to put into it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Executable, make_url, text
from tests.postgres import ENGLISH, PostgresServer, empty, patient

from goodsfactory.adapters.store import SqlStore, open_store
from goodsfactory.adapters.store.database import close, connect, open_database
from goodsfactory.adapters.store.migrations import versions
from goodsfactory.domain.container import Claim, Container, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import HandOver, Leg, Peg
from goodsfactory.domain.money import Intent, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.ports.store import Transaction

Result = TypeVar("Result")

UNIVERSE = "2026-11-15"


class OpenStore:
    """A store and a loop of its own, so that tests read top down."""

    def __init__(self, url: str, store: SqlStore, runner: asyncio.Runner) -> None:
        self.url = url
        self.store = store
        self._runner = runner

    def run(self, work: Callable[[Transaction], Result]) -> Result:
        return self._runner.run(self.store.transact(work))

    def found(self, work: Callable[[Transaction], Result | None]) -> Result:
        """What is looked for and must be there."""
        result = self.run(work)
        assert result is not None
        return result

    def execute(self, statement: Executable | str) -> list[Any]:
        """Run SQL past the store, on a connection of its own."""
        connection = connect(make_url(self.url))
        try:
            with connection.begin():
                result = connection.execute(text(statement) if isinstance(statement, str) else statement)
                return list(result.all()) if result.returns_rows else []
        finally:
            close(connection)

    @contextmanager
    def another(self) -> "Iterator[OpenStore]":
        """A second store on the same database, for the calling thread."""
        with open_inline(self.url) as opened:
            yield opened


@contextmanager
def open_inline(url: str) -> Iterator[OpenStore]:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(url, universe=UNIVERSE, inline=True))
        try:
            yield OpenStore(url, store, runner)
        finally:
            runner.run(store.close())


class Rows:
    """Rows with sensible content; name what a test is about."""

    now = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)

    def later(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    def player(self, transaction: Transaction, agent: str = "COSMIC", universe: str = UNIVERSE) -> Player:
        return transaction.players.add(
            agent,
            universe=universe,
            reset_date=universe,
            base_url="http://here/v2",
            headquarters="X1-AA1-A1",
            now=self.now,
        )

    def ship(self, symbol: str = "COSMIC-1", **changes: Any) -> Ship:
        ship = Ship(
            symbol=symbol,
            role="HAULER",
            nav=Nav("X1-AA1", "X1-AA1-A1", NavStatus.DOCKED),
            tank=Tank(400, 600),
            hold=Hold(80, {"IRON": 12}),
            speed=15,
            observed_at=self.now,
        )
        return replace(ship, **changes)

    def factory(self, player_id: int, id: str = "factory-1", **changes: Any) -> GoodsFactory:
        factory = GoodsFactory(
            id=id,
            player_id=player_id,
            target_good="MACHINERY",
            system_symbol="X1-AA1",
            created_at=self.now,
            updated_at=self.now,
        )
        return replace(factory, **changes)

    def node(self, factory_id: str = "factory-1", good: str = "IRON", **changes: Any) -> NodeProgress:
        node = NodeProgress(factory_id, good, NodeState.WAITING_SHIP, "no ship is free", self.now)
        return replace(node, **changes)

    def leg(self, player_id: int, id: str = "leg-1", factory_id: str = "factory-1", **changes: Any) -> Leg:
        leg = Leg(
            id=id,
            player_id=player_id,
            good="IRON",
            hand_over=HandOver.SELL,
            feeds="MACHINERY",
            pegs=(Peg(factory_id, 40),),
            source="X1-AA1-B1",
            destination="X1-AA1-C1",
            value=900,
            reason="MACHINERY needs IRON",
            created_at=self.now,
        )
        return replace(leg, **changes)

    def intent(self, player_id: int, id: str = "intent-1", **changes: Any) -> Intent:
        intent = Intent(
            id=id,
            player_id=player_id,
            ship="COSMIC-1",
            container_id="worker-1",
            kind=MoneyKind.PURCHASE,
            good="IRON",
            units=20,
            unit_price=100,
            waypoint="X1-AA1-B1",
            reserved=2200,
            units_before=12,
            credits_before=100_000,
            created_at=self.now,
        )
        return replace(intent, **changes)

    def entry(self, player_id: int, amount: int = -2000, **changes: Any) -> LedgerEntry:
        return replace(LedgerEntry(player_id, MoneyKind.PURCHASE, amount, self.now), **changes)

    def container(self, player_id: int, id: str = "worker-1", **changes: Any) -> Container:
        return replace(Container(id, ContainerType.WORKER, player_id, self.now, self.now), **changes)

    def claim(self, player_id: int, container_id: str = "worker-1", **changes: Any) -> Claim:
        return replace(Claim("COSMIC-1", player_id, container_id, "leg leg-1", 1, self.now), **changes)

    def event(self, player_id: int, message: str = "something happened", **changes: Any) -> Event:
        return replace(Event(player_id, EventKind.NODE_STATE, self.now, message), **changes)


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A folder that takes no files: from the superuser too, who may write wherever a disk is."""
    if os.geteuid() == 0:
        yield Path("/proc/self")
        return
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    yield folder
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)


KINDS = ("sqlite", "postgresql")
NEWEST = max(file.stem[1:5] for file in Path(versions.__path__[0]).glob("r*.py"))
"""The revision that the newest migration leaves."""


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema and no rows. Migrating once and copying saves seconds."""
    file = tmp_path_factory.mktemp("store") / "empty.db"
    close(open_database(file))
    return file


@pytest.fixture(scope="session")
def shared_database(postgres: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with the newest schema, for all tests that leave no more than rows."""
    url = patient(postgres.fresh_database(ENGLISH))
    close(open_database(url))
    yield url
    postgres.drop(url)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of each kind, with the newest schema and no rows."""
    if kind == "sqlite":
        file = shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "opened.db")
        return f"sqlite:///{file}"
    return str(request.getfixturevalue("postgres_store_url"))


@pytest.fixture
def postgres_store_url(shared_database: str) -> str:
    """A database of PostgreSQL with the newest schema and no rows."""
    empty(shared_database)
    return shared_database


@pytest.fixture
def new_database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of each kind, without any table."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return str(request.getfixturevalue("new_postgres_url"))


@pytest.fixture
def opened(database_url: str) -> Iterator[OpenStore]:
    """An empty store in the universe of 2026-11-15."""
    with open_inline(database_url) as opened:
        yield opened


@pytest.fixture
def player(opened: OpenStore, rows: Rows) -> Player:
    """The one player of the open store."""
    return opened.run(rows.player)


@pytest.fixture
def factory(opened: OpenStore, rows: Rows, player: Player) -> GoodsFactory:
    """A pending factory of the player."""
    factory = rows.factory(player.id)
    opened.run(lambda t: t.factories.add(factory))
    return factory
