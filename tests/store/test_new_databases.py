"""A new database has the newest schema at once, and nobody can tell it from one that came all the way."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, inspect, text
from tests.store.conftest import NEWEST, Rows

from goodsfactory.adapters.store import database, schema
from goodsfactory.adapters.store.transaction import SqlTransaction


@pytest.fixture
def connection(new_database_url: str) -> Iterator[Any]:
    """A connection to a new database of each kind, without any schema."""
    connection = database.connect(database.database_url(new_database_url))
    yield connection
    database.close(connection)


IN_POSTGRESQL = (
    "SELECT table_name, column_name, column_default, is_nullable, data_type, character_maximum_length,"
    " is_identity, identity_generation FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "SELECT sequencename, data_type::text, start_value, increment_by, cycle FROM pg_sequences",
)


def shape(connection: Any) -> Any:
    """All that the database itself says of its tables, but for the order of columns."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            return [sorted(connection.exec_driver_sql(one).all(), key=str) for one in IN_POSTGRESQL]
        found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
    return sorted((kind, name, clauses(sql)) for kind, name, sql in found)


def clauses(sql: str | None) -> list[str]:
    """The columns and constraints of a CREATE TABLE, what comes before and after them included."""
    plain = re.sub(r"\s+", " ", (sql or "").replace('"', "")).replace("( ", "(").replace(" )", ")")
    head, _, rest = plain.partition("(")
    body, _, tail = rest.rpartition(")")
    if not head.startswith("CREATE TABLE"):
        return [plain]
    return [head.strip(), tail.strip(), *sorted(re.split(r", (?![^()]*\))", body))]


def test_a_new_database_is_what_all_migrations_make(connection: Any) -> None:
    """Columns, types, defaults, keys, indexes and the revision are the same."""
    schema.upgrade(connection)
    migrated = shape(connection)
    schema.downgrade(connection, "base")
    with connection.begin():
        connection.execute(text("DROP TABLE alembic_version"))
    schema.bring_up_to_date(connection)
    assert schema.revision(connection) == NEWEST
    assert shape(connection) == migrated


def test_a_new_database_holds_no_rows_but_its_revision(connection: Any) -> None:
    """No migration leaves rows of its own, so the short way owes none."""
    for way in (schema.upgrade, schema.bring_up_to_date):
        way(connection)
        with connection.begin():
            full = [
                table
                for table in inspect(connection).get_table_names()
                if connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            ]
        assert full == ["alembic_version"]
        schema.downgrade(connection, "base")
        with connection.begin():
            connection.execute(text("DROP TABLE alembic_version"))


def test_a_new_database_can_be_taken_down_for_an_older_program(connection: Any, rows: Rows) -> None:
    """Every migration can be taken back from it and applied again, and its rows stay."""
    schema.bring_up_to_date(connection)
    with connection.begin():
        transaction = SqlTransaction(connection, "2026-11-15")
        player = rows.player(transaction)
        transaction.factories.add(rows.factory(player.id))
    schema.downgrade(connection, "0001")
    assert schema.revision(connection) == "0001"
    schema.bring_up_to_date(connection)
    assert schema.revision(connection) == NEWEST
    with connection.begin():
        assert [f.id for f in SqlTransaction(connection, "2026-11-15").factories.find()] == ["factory-1"]


def test_a_power_cut_while_the_tables_are_made_leaves_none(connection: Any) -> None:
    """All of it or nothing: the next start finds an empty database, and makes them."""

    def cut_power(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO alembic_version"):
            raise RuntimeError("power cut")

    event.listen(connection, "before_cursor_execute", cut_power)
    with pytest.raises(RuntimeError, match="power cut"):
        schema.bring_up_to_date(connection)
    event.remove(connection, "before_cursor_execute", cut_power)
    with connection.begin():
        assert inspect(connection).get_table_names() == []
    schema.bring_up_to_date(connection)
    assert schema.revision(connection) == NEWEST
