"""What is asked all the time is found by an index, so that it does not slow down as history grows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from goodsfactory.adapters.store.database import close, open_database
from goodsfactory.adapters.store.transaction import SqlTransaction
from goodsfactory.adapters.store.universes import SqlUniverses
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryStatus

SOME_DAY = datetime(2026, 11, 1, tzinfo=UTC)
QUESTIONS: dict[str, Callable[[SqlTransaction], object]] = {
    "events after a number": lambda t: t.events.after(7),
    "events of a player": lambda t: t.events.after(7, player_id=1),
    "events of a factory": lambda t: t.events.after(7, factory_id="f"),
    "last event": lambda t: t.events.last_seq(),
    "open legs": lambda t: t.legs.open_of_player(1),
    "a leg": lambda t: t.legs.get("leg-1"),
    "legs at hand of a factory": lambda t: t.legs.at_hand("f"),
    "newest legs of a factory": lambda t: t.legs.newest("f", 10),
    "totals of a factory's legs": lambda t: t.legs.totals("f"),
    "last load of a ship": lambda t: t.legs.last_of("COSMIC-1", "IRON"),
    "open intent of a ship": lambda t: t.money.open_intent_of("COSMIC-1"),
    "credits reserved": lambda t: t.money.reserved(1),
    "hold on spending": lambda t: t.spending_holds.of_player(1),
    "a shipyard": lambda t: t.shipyards.get("X1-AA1-B1"),
    "shipyards of a system": lambda t: t.shipyards.in_system("X1-AA1"),
    "number of the newest ledger row": lambda t: t.money.newest_row(1),
    "newest ledger rows": lambda t: t.money.ledger(1, limit=10),
    "books of a factory": lambda t: t.money.books(1, "f"),
    "sum of a player's ledger": lambda t: t.money.ledger_sum(1),
    "running containers of a player": lambda t: t.containers.find(
        player_id=1, statuses=[ContainerStatus.RUNNING]
    ),
    "newest failures of ships": lambda t: t.containers.newest(
        1, ContainerStatus.FAILED, (ContainerType.WORKER, ContainerType.SCOUT), limit=10
    ),
    "running containers": lambda t: t.containers.find(statuses=[ContainerStatus.RUNNING]),
    "newest log lines": lambda t: t.containers.logs("worker-1"),
    "newest log lines of a level": lambda t: t.containers.logs("worker-1", level="ERROR"),
    "factories at work": lambda t: t.factories.find(statuses=[FactoryStatus.ACTIVE]),
    "newest factories": lambda t: t.factories.newest(1, 10),
    "factories by the beginning of their id": lambda t: t.factories.newest(1, 10, prefix="0f"),
    "older factories": lambda t: t.factories.newest(1, 10, before=(datetime(2026, 11, 1, tzinfo=UTC), "f")),
    "containers that are over": lambda t: t.containers.over([ContainerStatus.COMPLETED], 10),
    "containers of a player that are over": lambda t: t.containers.over(
        [ContainerStatus.FAILED], 10, player_id=1, before=9
    ),
    "what a factory realised": lambda t: t.money.realised(1, "f", datetime(2026, 11, 1, tzinfo=UTC)),
    "the ledger's sum at a row": lambda t: t.money.ledger_sum(1, before=9),
    "where a time begins in the ledger": lambda t: t.money.first_row_since(
        1, datetime(2026, 11, 1, tzinfo=UTC)
    ),
    "trades of a good": lambda t: t.money.trades(1, "IRON", datetime(2026, 11, 1, tzinfo=UTC), 10),
    "older ledger rows": lambda t: t.money.page(1, 10, before=9),
    "newest events of a factory": lambda t: t.events.newest_of_factory("f", 10),
    "newest events of a container": lambda t: t.events.newest_of_container("worker-1", 10),
    "what is too old": lambda t: t.history.thin(
        SOME_DAY, 10, now=SOME_DAY, settled_before=SOME_DAY, looked_before=SOME_DAY
    ),
    "what was left long ago": lambda t: SqlUniverses(t.history._connection).left("u", timedelta(days=30)),
    "which events are gone": lambda t: t.history.events_gone(1),
    "where a time begins in the events": lambda t: t.events.before(datetime(2026, 11, 1, tzinfo=UTC), 1),
    "stock of a player": lambda t: t.stock.of_player(1),
    "a factory": lambda t: t.factories.get("f", 1),
    "quote of a factory": lambda t: t.quotes.of_factory("f", 1),
    "nodes of a factory": lambda t: t.factories.nodes("f"),
    "ships of a player": lambda t: t.ships.of_player(1),
    "claims of a player": lambda t: t.claims.of_player(1),
    "claims of a container": lambda t: t.claims.release_all("worker-1"),
    "history of a good": lambda t: t.markets.history("X1-AA1-B1", "IRON"),
    "markets of a system": lambda t: t.markets.in_system("X1-AA1"),
    "waypoints of a system": lambda t: t.waypoints.in_system("X1-AA1"),
    "owner of an agent": lambda t: t.daemons.owner(1),
    "token of an agent": lambda t: t.tokens.get("COSMIC", "2026-11-15"),
}


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    connection = open_database(":memory:")
    yield connection
    close(connection)


@pytest.fixture(scope="module")
def server(shared_database: str) -> Iterator[Any]:
    connection = open_database(shared_database)
    yield connection
    close(connection)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_come_from_an_index(connection: Any, question: Any) -> None:
    """No table is read whole and nothing is sorted by hand."""
    asked = []

    def remember(_connection: Any, _cursor: Any, statement: Any, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", remember)
    with connection.begin():
        QUESTIONS[question](SqlTransaction(connection, "2026-11-15"))
    event.remove(connection, "before_cursor_execute", remember)
    assert asked
    for statement, parameters in asked:
        with connection.begin():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        steps = [row[-1] for row in plan]
        assert all(step.startswith(("SEARCH", "SCALAR SUBQUERY", "LIST SUBQUERY")) for step in steps), steps


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("open legs", "ix_legs_open"),
        ("open intent of a ship", "uq_intents_open_subject"),
        ("credits reserved", "ix_intents_open"),
        ("running containers", "ix_containers_status_number"),
    ],
)
def test_what_is_over_is_not_even_searched(connection: Any, question: str, index: str) -> None:
    """Open legs, open intents and running containers come from indexes that leave history out."""
    asked = []

    def remember(_connection: Any, _cursor: Any, statement: Any, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", remember)
    with connection.begin():
        QUESTIONS[question](SqlTransaction(connection, "2026-11-15"))
    event.remove(connection, "before_cursor_execute", remember)
    ((statement, parameters),) = asked
    with connection.begin():
        ((*_, step),) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert f"INDEX {index} " in step


@pytest.mark.parametrize("question", QUESTIONS)
def test_postgresql_has_an_index_for_them_too(server: Any, question: Any) -> None:
    """Where a table is long, PostgreSQL need not read it whole either."""
    asked = []

    def remember(_connection: Any, _cursor: Any, statement: Any, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(server, "before_cursor_execute", remember)
    with server.begin():
        QUESTIONS[question](SqlTransaction(server, "2026-11-15"))
    event.remove(server, "before_cursor_execute", remember)
    assert asked
    for statement, parameters in asked:
        with server.begin():
            # The tables here are short: only where it has no other way does it still read them whole.
            server.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = server.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        assert any("Index" in step for step in plan), plan
        assert not any("Seq Scan" in step for step in plan), plan
