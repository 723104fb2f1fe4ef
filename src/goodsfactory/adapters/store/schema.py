"""The version of the schema in a database, and the way to another one."""

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_mock_engine, inspect, text
from sqlalchemy.schema import ExecutableDDLElement

from goodsfactory.adapters.store.foreign_keys import suspended
from goodsfactory.adapters.store.tables import METADATA
from goodsfactory.domain.errors import UserError

# Alembic takes a tenth of a second to load, and a database that is up to date needs nothing of it.
if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = "alembic_version"
# Alembic keeps the migration under way in globals: two threads that open databases would mix theirs up.
_ONE_AT_A_TIME = threading.Lock()


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None where no migration ever ran."""
    with connection.begin():
        return current(connection)


def current(connection: Connection) -> str | None:
    """The same, inside a transaction that is open."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
    return found


def bring_up_to_date(connection: Connection) -> None:
    """Give a new database the newest schema at once, and any other one what it lacks, step by step.

    All of it or nothing; of several that try, the first does it. Raises UserError for a database of a newer
    program or of another one.
    """
    with connection.begin():
        if current(connection) is None and not inspect(connection).get_table_names():
            for statement in _newest(connection.engine.url.drivername):
                connection.exec_driver_sql(statement)
            return
    upgrade(connection)


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to ``target`` by its migrations, all of it or nothing; of several that try, the
    first does it.

    Raises UserError for a database of a newer program or of another one.
    """
    # One transaction: between two another process could create what then looks like foreign tables.
    with connection.begin():
        found = current(connection)
        tables = set(inspect(connection).get_table_names()) if found is None else set()
    # Taking every migration back leaves the empty table of versions.
    if tables - {_VERSIONS}:
        raise UserError(
            "The database holds tables of another program: name another one.", kind="precondition"
        )
    known = _revisions()
    if found is not None and found not in known:
        raise UserError(
            f"The database was written by a newer version of this program (schema {found}): "
            "install that version, or name another database.",
            kind="precondition",
        )
    if found != (known[-1] if target == "head" else target):
        from alembic import command

        with _ONE_AT_A_TIME, suspended(connection):
            command.upgrade(_config(connection), target)


def downgrade(connection: Connection, target: str) -> None:
    """Take the schema down to ``target`` (``base`` removes every table), all of it or nothing."""
    from alembic import command

    with _ONE_AT_A_TIME, suspended(connection):
        command.downgrade(_config(connection), target)


@cache
def _revisions() -> tuple[str, ...]:
    """Every revision, oldest first: a file of migrations is named after the one it leaves."""
    return tuple(sorted(file.stem[1:5] for file in (_MIGRATIONS / "versions").glob("r*.py")))


@cache
def _newest(driver: str) -> tuple[str, ...]:
    """Statements that give an empty database of a kind what all migrations would."""
    statements: list[str] = []

    def note(ddl: ExecutableDDLElement, *_: object, **__: object) -> None:
        statements.append(str(ddl.compile(dialect=scribe.dialect)))

    scribe = create_mock_engine(f"{driver}://", note)
    METADATA.create_all(scribe, checkfirst=False)
    return (
        *statements,
        f"CREATE TABLE {_VERSIONS}"
        f" (version_num VARCHAR(32) NOT NULL, CONSTRAINT {_VERSIONS}_pkc PRIMARY KEY (version_num))",
        f"INSERT INTO {_VERSIONS} VALUES ('{_revisions()[-1]}')",
    )


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
