"""Insert or replace, in the words of the database at hand: the one place that chooses between dialects."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

DialectInsert = sqlite.Insert | postgresql.Insert


def insert_into(dialect: str, table: Table) -> DialectInsert:
    """An INSERT that can say ON CONFLICT on databases of a kind."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def counting(insert: DialectInsert) -> DialectInsert:
    """The same, with a ``rowcount`` that says whether a row was written."""
    # Without the option PostgreSQL's count of an INSERT is not kept.
    return insert.execution_options(preserve_rowcount=True)


def upsert(connection: Connection, table: Table, *, keep: Collection[str] = ()) -> DialectInsert:
    """Insert a row, or replace the one with the same primary key but for the columns in ``keep``."""
    return _upsert(connection.dialect.name, table, frozenset(keep))


@cache
def _upsert(dialect: str, table: Table, keep: frozenset[str]) -> DialectInsert:
    insert = insert_into(dialect, table)
    keys = [column.name for column in table.primary_key]
    replaced = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if column.name not in keys and column.name not in keep
    }
    return insert.on_conflict_do_update(index_elements=keys, set_=replaced)
