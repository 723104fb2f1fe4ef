"""Migrations: up, down, and up again, without losing a row."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import event, inspect, text
from tests.patience import patience
from tests.store.conftest import NEWEST, Rows

from goodsfactory.adapters.store import database, schema
from goodsfactory.adapters.store.tables import METADATA
from goodsfactory.adapters.store.transaction import SqlTransaction
from goodsfactory.domain.container import ContainerType
from goodsfactory.domain.errors import Bug
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.leg import LegState, Peg
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.universe import Universe, universe_id

UNIVERSE = "2026-11-15"
HERE = universe_id("http://here/v2", UNIVERSE, 1)
THERE = universe_id("http://there/v2", UNIVERSE, 1)

FIRST_COLUMNS = [
    # name, type, nullable, default, place in the primary key
    ("id", "VARCHAR(36)", False, None, 1),
    ("player_id", "INTEGER", False, None, 2),
    ("target_good", "VARCHAR(64)", False, None, 0),
    ("system_symbol", "VARCHAR(32)", False, None, 0),
    ("dependency_tree", "TEXT", True, None, 0),
    ("status", "VARCHAR(16)", False, "PENDING", 0),
    ("metadata", "JSON", True, None, 0),
    ("quantity_acquired", "BIGINT", False, "0", 0),
    ("total_cost", "BIGINT", False, "0", 0),
    ("created_at", "DATETIME", False, None, 0),
    ("updated_at", "DATETIME", False, None, 0),
    ("started_at", "DATETIME", True, None, 0),
    ("completed_at", "DATETIME", True, None, 0),
]
LATER_COLUMNS = [
    ("ships_used", "INTEGER", False, "0", 0),
    ("market_queries", "INTEGER", False, "0", 0),
    ("parallel_levels", "INTEGER", False, "0", 0),
    ("estimated_speedup", "FLOAT", False, "1.0", 0),
]


# The same on PostgreSQL, in its own words.
IN_POSTGRESQL = {
    "INTEGER": "BIGINT",
    "DATETIME": "TIMESTAMP WITH TIME ZONE",
    "FLOAT": "DOUBLE PRECISION",
}
IMPATIENT = "options=-c%20lock_timeout%3D100"
COUNTED = ("ships_used", "market_queries", "parallel_levels")


@pytest.fixture
def connection(new_database_url: str) -> Iterator[Any]:
    """A connection to a new database of each kind, without any schema."""
    connection = database.connect(database.database_url(new_database_url))
    yield connection
    database.close(connection)


def columns_of_factories(connection: Any) -> Any:
    with connection.begin():
        found = inspect(connection).get_columns("goods_factories")
        keys = inspect(connection).get_pk_constraint("goods_factories")["constrained_columns"]
    return [
        (
            column["name"],
            column["type"].compile(connection.dialect),
            column["nullable"],
            column["default"] and column["default"].partition("::")[0].strip("'"),
            keys.index(column["name"]) + 1 if column["name"] in keys else 0,
        )
        for column in found
    ]


def expected(connection: Any, columns: Any) -> Any:
    if connection.dialect.name == "sqlite":
        return columns
    return [
        (
            name,
            # Keys outgrow 32 bits, counts do not.
            type_ if name in COUNTED else IN_POSTGRESQL.get(type_, type_),
            nullable,
            default and default.removesuffix(".0"),
            key,
        )
        for name, type_, nullable, default, key in columns
    ]


def counts(connection: Any) -> Any:
    with connection.begin():
        tables = ("players", "goods_factories", "nodes", "legs", "ledger", "events")
        return [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]


def fill(connection: Any, rows: Any) -> Any:
    """A player with a factory, its nodes and legs, money and an event."""
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction)
        factory = rows.factory(player.id, ships_used=4).activate(rows.later(1))
        transaction.factories.add(factory)
        transaction.factories.save_nodes([rows.node(), rows.node(good="COPPER")])
        transaction.legs.add([rows.leg(player.id)])
        transaction.money.record(rows.entry(player.id))
        transaction.events.append(rows.event(player.id))
    return factory


def test_first_revision_has_exactly_the_given_columns(connection: Any) -> None:
    """goods_factories begins with the thirteen columns of the contract, in their order."""
    schema.upgrade(connection, "0001")
    assert schema.revision(connection) == "0001"
    assert columns_of_factories(connection) == expected(connection, FIRST_COLUMNS)


def test_second_revision_adds_four_figures(connection: Any) -> None:
    """The later migration adds ships, market queries, levels and speed-up, and nothing else."""
    schema.upgrade(connection)
    assert schema.revision(connection) == NEWEST
    assert columns_of_factories(connection) == expected(connection, FIRST_COLUMNS + LATER_COLUMNS)


def test_factories_belong_to_players(connection: Any) -> None:
    """player_id refers to players(id) and a deleted player takes its factories along."""
    schema.upgrade(connection)
    with connection.begin():
        (key,) = inspect(connection).get_foreign_keys("goods_factories")
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (
        ["player_id"],
        "players",
        ["id"],
    )
    assert key["options"] == {"ondelete": "CASCADE"}


def test_deleted_player_takes_everything_along(connection: Any, rows: Rows) -> None:
    """With foreign keys on, nothing of a deleted player is left but the events."""
    schema.upgrade(connection)
    fill(connection, rows)
    with connection.begin():
        connection.execute(text("DELETE FROM players"))
    assert counts(connection) == [0, 0, 0, 0, 0, 1]


def test_status_and_amounts_have_defaults(connection: Any, rows: Rows) -> None:
    """A row written with the required columns alone is PENDING, with nothing acquired."""
    schema.upgrade(connection)
    fill(connection, rows)
    with connection.begin():
        connection.execute(
            text(
                "INSERT INTO goods_factories"
                " (id, player_id, target_good, system_symbol, created_at, updated_at)"
                " SELECT 'plain', 1, 'IRON', 'X1-AA1', created_at, created_at FROM players"
            )
        )
        assert SqlTransaction(connection, UNIVERSE).factories.get("plain", 1) == rows.factory(
            1, "plain", target_good="IRON"
        )


def test_down_and_up_again_keeps_every_row(connection: Any, rows: Rows) -> None:
    """Copying the factories' table for a downgrade loses neither factories nor what hangs on them."""
    schema.upgrade(connection)
    factory = fill(connection, rows)
    before = counts(connection)
    schema.downgrade(connection, "0001")
    assert columns_of_factories(connection) == expected(connection, FIRST_COLUMNS)
    assert counts(connection) == before
    schema.upgrade(connection)
    assert counts(connection) == before
    with connection.begin():
        kept = SqlTransaction(connection, UNIVERSE).factories.find()
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert [(f.id, f.status, f.started_at, f.ships_used, f.estimated_speedup) for f in kept] == [
        (factory.id, factory.status, factory.started_at, 0, 1.0)
    ]


def test_factories_of_the_first_revision_get_the_figures(connection: Any, rows: Rows) -> None:
    """A database of the first version opens in this one, its factories with figures of zero."""
    schema.upgrade(connection)
    fill(connection, rows)
    schema.downgrade(connection, "0001")
    schema.upgrade(connection)
    assert schema.revision(connection) == NEWEST
    assert counts(connection) == [1, 1, 2, 1, 1, 1]


def _between(rows: Any, second: float) -> dict[str, Any]:
    """The instants of a leg whose ship had it for half a minute."""
    end = rows.later(second + 30)
    return {"assigned_at": rows.later(second), "traded_at": end, "ended_at": end}


def test_legs_and_ledger_of_an_older_program_are_added_up(connection: Any, rows: Rows) -> None:
    """What a migration finds is added up as if it had been from the start."""
    schema.upgrade(connection)
    fill(connection, rows)
    ends = [("DONE", 40), ("CANCELLED", 0), ("FAILED", 7), ("DONE", 40), ("FAILED", 0), ("FAILED", 3)]
    for number, (state, units) in enumerate(ends):
        leg = rows.leg(1, f"old-{number}", created_at=rows.later(60 * number))
        amounts: dict[str, Any] = {"bought": units, "cost": 9 * units, "delivered": units // 2}
        amounts |= {"revenue": 5 * units, **_between(rows, 60 * number)}
        over = replace(leg, state=LegState(state), ship="S-1", **amounts)
        with connection.begin():
            transaction = SqlTransaction(connection, UNIVERSE)
            transaction.legs.add([leg])
            transaction.legs.update(over if units or state == "FAILED" else replace(over, ship=None))
            transaction.money.record(rows.entry(1, -number))

    def read() -> Any:
        with connection.begin():
            transaction = SqlTransaction(connection, UNIVERSE)
            legs = transaction.legs
            found = [leg.id for leg in legs.at_hand("factory-1")], legs.totals("factory-1")
            return *found, transaction.money.ledger_sum(1)

    before = read()
    # Live, a failure before a success is folded hours later; a migration folds it at once.
    assert before[0] == ["leg-1", "old-2", "old-4", "old-5"]
    schema.downgrade(connection, "0008")
    schema.upgrade(connection)
    at_hand, (totals,), ledger_sum = read()
    assert at_hand == ["leg-1", "old-4", "old-5"]
    folded = rows.leg(1, created_at=rows.later(120), state=LegState.FAILED, ship="S-1")
    folded = replace(folded, bought=7, cost=63, delivered=3, revenue=35, **_between(rows, 120))
    assert totals == before[1][0].plus(folded)
    assert ledger_sum == before[2]


OLD_LEGS = """
id         kind  good output  destination state     ship worker    bought delivered changed
feed       FEED  IRON TOOLS   X1-A-C      DONE      S-1  worker-1  40     40        90
lift       LIFT  TOOLS TOOLS  -           DONE      S-1  worker-2  30     0         200
clear      CLEAR TOOLS TOOLS  X1-A-D      FAILED    S-2  forgotten 20     5         300
laden      FEED  IRON TOOLS   X1-A-C      LADEN     S-2  worker-3  40     0         320
sold       LIFT  TOOLS TOOLS  X1-A-D      LADEN     S-3  worker-4  40     20        330
loading    FEED  IRON TOOLS   X1-A-C      LOADING   S-4  worker-5  0      0         340
waiting    FEED  IRON TOOLS   X1-A-C      READY     -    -         0      0         60
withdrawn  LIFT  TOOLS TOOLS  -           CANCELLED -    -         0      0         350
"""
"""As revision 0017 kept legs; seconds after the beginning, at which all of them were written down."""


def write_old_legs(connection: Any, rows: Any) -> list[dict[str, Any]]:
    """With the workers they know, which began a second after each other, and the totals of two edges."""
    head, *table = (line.split() for line in OLD_LEGS.strip().splitlines())
    legs = [
        {name: None if value == "-" else value for name, value in zip(head, row, strict=True)}
        for row in table
    ]
    now, leg_columns = (
        rows.now.replace(tzinfo=None),
        (
            "id, factory_id, player_id, kind, good, output, source, destination, units, value, reason,"
            " created_at, state, ship, container_id, bought, cost, delivered, revenue, updated_at, at_hand"
        ),
    )
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction)
        transaction.factories.add(rows.factory(player.id))
        for number in range(1, 6):
            transaction.containers.add(
                rows.container(player.id, f"worker-{number}", created_at=rows.later(number))
            )
        for leg in legs:
            values = {**leg, "now": now, "changed": now + timedelta(seconds=int(leg["changed"] or 0))}
            connection.execute(
                text(
                    f"INSERT INTO legs ({leg_columns}) VALUES (:id, 'factory-1', 1, :kind, :good, :output,"
                    " 'X1-A-B', :destination, 40, 900, 'it was wanted', :now, :state, :ship, :worker,"
                    " CAST(:bought AS INTEGER), 400, CAST(:delivered AS INTEGER), 9, :changed, :open)"
                ),
                {**values, "open": leg["state"] not in ("DONE", "CANCELLED")},
            )
        for kind, output, bought in (("FEED", "TOOLS", 40), ("LIFT", "IRON", 30), ("CLEAR", "IRON", 20)):
            connection.execute(
                text(
                    "INSERT INTO leg_totals VALUES ('factory-1', :kind, 'IRON', :output, 1, 1, :bought, 7,"
                    " 6, 5, 1, 0, 0, 60, :now, NULL, '{}', '{}')"
                ),
                {"kind": kind, "output": output, "bought": bought, "now": now},
            )
    return legs


def raw_legs(connection: Any) -> Any:
    """All that revision 0017 keeps of legs and totals."""
    with connection.begin():
        return [
            [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {key}"))]
            for table, key in (("legs", "number"), ("leg_totals", "kind"))
        ]


def test_legs_of_an_older_program_get_the_life_that_is_known(connection: Any, rows: Rows) -> None:
    """What they carry for whom, and when: by their kind and state, their last change, and their worker.

    Of those that no ship flew yet nothing is kept: the plan wants them anew.
    """
    schema.upgrade(connection, "0017")
    write_old_legs(connection, rows)
    before = raw_legs(connection)
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        legs = {leg.id: leg for leg in transaction.legs.newest("factory-1", 100)}
        totals = transaction.legs.totals("factory-1")
        last = transaction.legs.last_of("S-2", "TOOLS")

    def second(moment: Any) -> Any:
        return None if moment is None else (moment - rows.now).total_seconds()

    assert {
        id_: (
            leg.hand_over.value,
            leg.feeds,
            leg.clears,
            *map(second, (leg.assigned_at, leg.laden_at, leg.traded_at, leg.ended_at)),
        )
        for id_, leg in legs.items()
    } == {
        "feed": ("SELL", "TOOLS", False, 1, None, 90, 90),
        "lift": ("KEEP", None, False, 2, 200, 200, 200),
        "clear": ("SELL", None, True, 0, None, 300, 300),
        "laden": ("SELL", "TOOLS", False, 3, 320, 320, None),
        "sold": ("SELL", None, False, 4, None, 330, None),
        "loading": ("SELL", "TOOLS", False, 5, None, None, None),
        "withdrawn": ("KEEP", None, False, None, None, None, 350),
    }
    assert {leg.pegs for leg in legs.values()} == {(Peg("factory-1", 40),)}
    assert last == legs["clear"]
    assert {(one.good, one.feeds, one.clears): one.bought for one in totals} == {
        ("IRON", "TOOLS", False): 40,
        ("IRON", None, False): 30,
        ("IRON", None, True): 20,
    }
    schema.downgrade(connection, "0017")
    after = raw_legs(connection)
    before[0] = [leg for leg in before[0] if leg["state"] != "READY"]
    for leg in (*before[0], *after[0]):
        # When what carries nothing yet was planned anew is lost: nothing hangs on it.
        leg["updated_at"] = leg["updated_at"] if leg["state"] != "LOADING" else None
    assert after == before


def test_legs_without_a_ship_are_no_rows_any_more(connection: Any, rows: Rows) -> None:
    """Revision 0019: those that waited go; what flies, what is over and what is added up stays as it was."""
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction).id
        transaction.factories.add(rows.factory(player))
        states = [*LegState, *LegState]
        for number, state in enumerate(states):
            leg = rows.leg(player, f"leg-{number}", ship="S-1", assigned_at=rows.later(number))
            transaction.legs.add([leg])
            if state is not LegState.LOADING:
                ended = None if state.is_open else rows.later(90)
                after = replace(leg, state=state, bought=40, cost=4_000, ended_at=ended)
                transaction.legs.update(after)
    schema.downgrade(connection, "0018")
    with connection.begin():
        names = [column["name"] for column in inspect(connection).get_columns("legs")]
        columns = ", ".join(name for name in names if name not in ("number", "id", "state", "ship"))
        connection.execute(
            text(
                f"INSERT INTO legs (id, state, {columns})"
                f" SELECT id || '-again', 'READY', {columns} FROM legs WHERE state IN ('LOADING', 'LADEN')"
            )
        )

    def read() -> Any:
        with connection.begin():
            rows_of = connection.execute(text("SELECT * FROM legs WHERE state <> 'READY' ORDER BY number"))
            totals = connection.execute(text("SELECT * FROM leg_totals ORDER BY good"))
            ready = connection.execute(text("SELECT count(*) FROM legs WHERE state = 'READY'")).scalar()
            return [tuple(row) for row in rows_of], [tuple(row) for row in totals], ready

    before = read()
    assert (len(before[0]), before[2]) == (len(states), 4)
    schema.upgrade(connection, "0019")
    assert read() == (before[0], before[1], 0)
    schema.downgrade(connection, "0018")
    assert read() == (before[0], before[1], 0)


def test_a_dispatcher_goes_on_as_a_planner(connection: Any, rows: Rows) -> None:
    """The container that gives ships to work keeps its id and its epoch; an older program finds its own."""
    schema.upgrade(connection, "0018")
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction).id
        for kind in ContainerType:
            transaction.containers.add(rows.container(player, kind.value, type=kind, epoch=7))
        connection.execute(text("UPDATE containers SET type = 'dispatcher' WHERE id = 'planner'"))

    def read() -> Any:
        with connection.begin():
            return sorted(connection.execute(text("SELECT id, type, epoch FROM containers")).all())

    old = [(kind.value, "dispatcher" if kind is ContainerType.PLANNER else kind, 7) for kind in ContainerType]
    new = [(kind.value, kind.value, 7) for kind in ContainerType]
    assert read() == sorted(old)
    schema.upgrade(connection)
    assert read() == sorted(new)
    with connection.begin():
        found = SqlTransaction(connection, UNIVERSE).containers.find(types=(ContainerType.PLANNER,))
    assert [(one.id, one.epoch) for one in found] == [("planner", 7)]
    schema.downgrade(connection, "0018")
    assert read() == sorted(old)


def test_the_ledger_of_an_older_program_is_the_same_and_small(connection: Any, rows: Rows) -> None:
    """Instants to the microsecond and factories are as they were; an older program finds what it wrote."""
    factory = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f0"
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction).id
        for id_ in (factory, "f", None):
            transaction.money.record(rows.entry(player, factory_id=id_, at=rows.later(0.999999)))
        before = transaction.money.ledger(player)
    schema.downgrade(connection, "0014")
    with connection.begin():
        told = connection.execute(text("SELECT CAST(at AS text), factory_id FROM ledger")).all()
    assert [row[1] for row in told] == [factory, "f", None]
    assert all(".999999" in row[0] for row in told)
    schema.upgrade(connection)
    with connection.begin():
        assert SqlTransaction(connection, UNIVERSE).money.ledger(player) == before
        if connection.dialect.name == "sqlite":
            sizes = connection.execute(text("SELECT typeof(at), length(factory_id) FROM ledger")).all()
            assert [tuple(size) for size in sizes] == [("integer", 16), ("integer", 1), ("integer", None)]


def test_down_to_nothing_and_back(connection: Any, rows: Rows) -> None:
    """The first migration can be taken back too, data and all, and applied again."""
    schema.upgrade(connection)
    fill(connection, rows)
    schema.downgrade(connection, "base")
    with connection.begin():
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert schema.revision(connection) is None
    schema.upgrade(connection)
    assert counts(connection) == [0, 0, 0, 0, 0, 0]


def test_failed_migration_leaves_nothing_behind(connection: Any) -> None:
    """An upgrade that fails at its last step is rolled back as a whole, the steps before included."""

    def cut_power(_connection: Any, _cursor: Any, statement: Any, *_rest: Any) -> None:
        if statement.startswith("ALTER TABLE goods_factories"):
            raise RuntimeError("power cut")

    event.listen(connection, "before_cursor_execute", cut_power)
    with pytest.raises(RuntimeError, match="power cut"):
        schema.upgrade(connection)
    event.remove(connection, "before_cursor_execute", cut_power)
    with connection.begin():
        assert inspect(connection).get_table_names() == []
    schema.upgrade(connection)
    assert schema.revision(connection) == NEWEST


@pytest.mark.parametrize("kind", ["sqlite"])
def test_failed_migration_leaves_foreign_keys_on(connection: Any, rows: Rows) -> None:
    """Foreign keys are enforced again after a migration, whether it worked or not."""
    schema.upgrade(connection)
    fill(connection, rows)
    with pytest.raises(CommandError):
        schema.downgrade(connection, "nowhere")
    with connection.begin():
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_no_migration_inside_a_transaction(connection: Any) -> None:
    """A migration needs the connection for itself."""
    schema.upgrade(connection)
    with connection.begin(), pytest.raises(Bug, match="inside a transaction"):
        schema.downgrade(connection, "base")
    assert schema.revision(connection) == NEWEST


def test_migrations_build_what_the_program_expects(connection: Any) -> None:
    """The tables the code names and the tables the migrations make are the same."""
    schema.upgrade(connection)
    with connection.begin():
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_partial_indexes_are_partial(connection: Any) -> None:
    """Open legs and open intents have indexes of their own, which history does not fill."""
    schema.upgrade(connection)
    where = f"{connection.dialect.name}_where"
    with connection.begin():
        indexes = [index for table in ("intents", "legs") for index in inspect(connection).get_indexes(table)]
    partial = {
        index["name"]: (index["unique"], set(re.findall("'([A-Z]+)'", str(index["dialect_options"][where]))))
        for index in indexes
        if where in index["dialect_options"]
    }
    assert partial == {
        "ix_intents_open": (False, {"OPEN"}),
        "ix_intents_settled": (False, set()),
        "ix_legs_at_hand": (False, set()),
        "ix_legs_loads": (False, set()),
        "ix_legs_open": (False, {"READY", "LOADING", "LADEN"}),
        "uq_intents_open_subject": (True, {"OPEN"}),
    }


@pytest.mark.parametrize("kind", ["postgresql"])
def test_daemons_that_start_together_migrate_once(new_database_url: str) -> None:
    """Of several that find an empty database one makes the tables, and all can work."""
    ready = threading.Barrier(3, timeout=patience(30))

    def start(_: Any) -> Any:
        ready.wait()
        connection = database.open_database(new_database_url)
        try:
            return schema.revision(connection)
        finally:
            database.close(connection)

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(start, range(3))) == [NEWEST] * 3


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_start_waits_for_a_migration_under_way(new_database_url: str) -> None:
    """A daemon that starts during another one's long migration is patient, then finds it done."""
    first = database.connect(database.database_url(f"{new_database_url}?{IMPATIENT}"))
    with ThreadPoolExecutor(1) as thread, first.begin():
        second = thread.submit(database.open_database, f"{new_database_url}?{IMPATIENT}")
        with pytest.raises(TimeoutError):
            second.result(0.5)
        first.commit()
        connection = second.result(patience(30))
    with connection.begin():
        settings = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        ]
    assert settings == ["100ms", "15s", "3s"]
    database.close(connection)
    database.close(first)


def test_intents_keep_what_they_bind_down_and_up_again(connection: Any, rows: Rows) -> None:
    """The step of a fleet has no ship: an older program finds it under its subject, and so do we again."""
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, UNIVERSE)
        player = rows.player(transaction)
        transaction.money.open_intent(rows.intent(player.id, "of-a-ship"))
        transaction.money.open_intent(
            rows.intent(player.id, "of-a-fleet", ship=None, kind=MoneyKind.SHIP, good="SHIP_PROBE")
        )
    schema.downgrade(connection, "0003")
    with connection.begin():
        ships = connection.execute(text("SELECT ship FROM intents ORDER BY id DESC")).scalars().all()
    assert ships == ["COSMIC-1", f"fleet:{player.id}"]
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, HERE)
        for subject, id_ in (("COSMIC-1", "of-a-ship"), (f"fleet:{player.id}", "of-a-fleet")):
            intent = transaction.money.open_intent_of(subject)
            assert intent is not None
            assert intent.id == id_
        assert transaction.money.reserved(player.id) == 4400


def play(connection: Any, rows: Any, agent: Any, base_url: Any, date: Any = UNIVERSE) -> None:
    """Rows of an agent as they were kept before servers were told apart: by the reset date alone."""
    values = {
        "agent": agent,
        "date": date,
        "url": base_url,
        "now": rows.now.replace(tzinfo=None),
        "token": f"token of {agent}",
        "ship": f"{agent}-1",
    }
    with connection.begin():
        for statement in (
            "INSERT INTO players (agent_symbol, reset_date, base_url, headquarters, is_default, created_at)"
            " VALUES (:agent, :date, :url, 'X1-AA1-A1', TRUE, :now)",
            "INSERT INTO agent_tokens VALUES (:date, :agent, :token)",
            "INSERT INTO ship_claims"
            " VALUES (:date, :ship, (SELECT max(id) FROM players), 'c', 'haul', 1, :now)",
            "INSERT INTO waypoints VALUES (:date, 'X1-AA1-A1', 'X1-AA1', 'PLANET', 1, 2, '[]', NULL)"
            " ON CONFLICT DO NOTHING",
        ):
            connection.execute(text(statement), values)


def kept(connection: Any, universe: Any) -> Any:
    """Agents, whose token and whose ship is claimed, and the places known, of a universe."""
    with connection.begin():
        transaction = SqlTransaction(connection, universe)
        agents = [player.agent_symbol for player in transaction.players.all()]
        return (
            agents,
            [transaction.tokens.get(agent, universe) for agent in agents],
            [claim.ship for agent in agents if (claim := transaction.claims.of_ship(f"{agent}-1"))],
            [place.symbol for place in transaction.waypoints.in_system("X1-AA1")],
        )


ACME = (["ACME"], ["token of ACME"], ["ACME-1"], ["X1-AA1-A1"])


def test_what_was_kept_by_reset_date_belongs_to_its_server(connection: Any, rows: Rows) -> None:
    """Player, token, claims and places of a database of an earlier version are found in its one universe."""
    schema.upgrade(connection, "0010")
    play(connection, rows, "ACME", "http://here/v2/")
    schema.upgrade(connection)
    assert kept(connection, HERE) == ACME
    with connection.begin():
        [universe] = SqlTransaction(connection, HERE).universes.of_server("http://here/v2")
    assert (universe.id, universe.reset_date, universe.first_seen) == (HERE, UNIVERSE, rows.now)
    schema.downgrade(connection, "0010")
    schema.upgrade(connection)
    assert kept(connection, HERE) == ACME


def test_two_servers_of_one_date_are_parted(connection: Any, rows: Rows) -> None:
    """Each has its own agents, tokens and claims; what both said of the same places is asked for again."""
    schema.upgrade(connection, "0010")
    play(connection, rows, "ACME", "http://here/v2")
    play(connection, rows, "RIVAL", "http://there/v2")
    schema.upgrade(connection)
    assert kept(connection, HERE) == (["ACME"], ["token of ACME"], ["ACME-1"], [])
    assert kept(connection, THERE) == (["RIVAL"], ["token of RIVAL"], ["RIVAL-1"], [])


def test_an_older_program_never_mixes_two_universes_of_one_date(connection: Any, rows: Rows) -> None:
    """After a downgrade the newest has the date; the other is past, whole, and no token is lost or mixed."""
    schema.upgrade(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, HERE)
        for number, (universe, server) in enumerate(((HERE, "http://here/v2"), (THERE, "http://there/v2"))):
            transaction.universes.save(Universe(server, UNIVERSE, rows.later(number)))
            transaction.players.add(
                "ACME",
                universe=universe,
                reset_date=UNIVERSE,
                base_url=server,
                headquarters="X1-AA1-A1",
                now=rows.now,
            )
            transaction.tokens.put("ACME", universe, f"token of {server}")
        transaction.waypoints.save([Waypoint("X1-AA1-A1", "X1-AA1", "PLANET", 1, 2)])
    schema.downgrade(connection, "0010")
    with connection.begin():
        players = connection.execute(text("SELECT reset_date, base_url FROM players ORDER BY id")).all()
        tokens = dict(connection.execute(text("SELECT reset_date, token FROM agent_tokens")).all())
        places = connection.execute(text("SELECT reset_date FROM waypoints")).scalars().all()
    assert [tuple(row) for row in players] == [(HERE, "http://here/v2"), (UNIVERSE, "http://there/v2")]
    assert tokens == {HERE: "token of http://here/v2", UNIVERSE: "token of http://there/v2"}
    assert places == [HERE]


def test_how_far_retention_came_is_known_for_every_universe(connection: Any) -> None:
    """Revision 0016 gives each the marks there were; on the way back, a universe without one counts."""
    schema.upgrade(connection, "0015")
    with connection.begin():
        for statement in (
            "INSERT INTO history_marks (name, number, before) VALUES ('events', 40, '2026-11-01')",
            "INSERT INTO universes (id, server, reset_date, number, told_id, first_seen)"
            " VALUES ('parked', 'here', '2026-11-01', 1, '', '2026-11-01')",
            "INSERT INTO players (agent_symbol, universe, reset_date, base_url, headquarters, is_default,"
            " created_at) VALUES ('COSMIC', 'played', '2026-11-01', 'here', 'X1-A-1', true, '2026-11-01')",
        ):
            connection.execute(text(statement))
    schema.upgrade(connection)
    asked = text("SELECT universe, name, number FROM history_marks ORDER BY universe")
    with connection.begin():
        assert list(connection.execute(asked)) == [("parked", "events", 40), ("played", "events", 40)]
    for done_for, expected in (("played", [("events", 40)]), ("parked", [])):
        schema.upgrade(connection)
        with connection.begin():
            played = connection.execute(
                text("SELECT count(*) FROM universes WHERE played_at IS NULL")
            ).scalar()
            assert played == 0
            if done_for == "parked":
                connection.execute(text("DELETE FROM history_marks WHERE universe = 'played'"))
        schema.downgrade(connection, "0015")
        with connection.begin():
            assert list(connection.execute(text("SELECT name, number FROM history_marks"))) == expected
