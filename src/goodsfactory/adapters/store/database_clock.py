"""Real time as the database tells it: one clock for all who share it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from goodsfactory.adapters.store.column_types import UtcDateTime


class database_now(FunctionElement[datetime]):
    """The instant at which the statement (not its transaction) began: one and the same throughout it."""

    type = UtcDateTime()
    inherit_cache = True


class seconds_since(FunctionElement[float]):
    """Seconds from an instant to ``database_now``."""

    type = Float()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _now_of_sqlite(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    # Milliseconds, written like every other instant so that texts compare as instants do.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(database_now, "postgresql")
def _now_of_postgresql(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return "statement_timestamp()"


@compiles(seconds_since, "sqlite")
def _since_of_sqlite(element: seconds_since, compiler: SQLCompiler, **options: Any) -> str:
    return f"((julianday('now') - julianday({compiler.process(element.clauses, **options)})) * 86400.0)"


@compiles(seconds_since, "postgresql")
def _since_of_postgresql(element: seconds_since, compiler: SQLCompiler, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"CAST(EXTRACT(EPOCH FROM statement_timestamp() - {instant}) AS DOUBLE PRECISION)"
