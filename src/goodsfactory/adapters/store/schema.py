"""The version of the schema in a database, and the way to another one."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from goodsfactory.adapters.store.foreign_keys import suspended
from goodsfactory.domain.errors import UserError

_MIGRATIONS = Path(__file__).parent / "migrations"
# Alembic keeps the migration under way in globals: two threads that open databases would mix theirs up.
_ONE_AT_A_TIME = threading.Lock()


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None where no migration ever ran."""
    with connection.begin():
        return current(connection)


def current(connection: Connection) -> str | None:
    """The same, inside a transaction that is open."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to ``target``, all of it or nothing; of several that try, the first does it.

    Raises UserError for a database of a newer program or of another one.
    """
    config = _config(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    # One transaction: between two another process could create what then looks like foreign tables.
    with connection.begin():
        current = MigrationContext.configure(connection).get_current_revision()
        tables = set(inspect(connection).get_table_names()) if current is None else set()
    # Taking every migration back leaves the empty table of versions.
    if tables - {"alembic_version"}:
        raise UserError(
            "The database holds tables of another program: name another one.", kind="precondition"
        )
    if current is not None and current not in known:
        raise UserError(
            f"The database was written by a newer version of this program (schema {current}): "
            "install that version, or name another database.",
            kind="precondition",
        )
    if current != (scripts.get_current_head() if target == "head" else target):
        with _ONE_AT_A_TIME, suspended(connection):
            command.upgrade(config, target)


def downgrade(connection: Connection, target: str) -> None:
    """Take the schema down to ``target`` (``base`` removes every table), all of it or nothing."""
    with _ONE_AT_A_TIME, suspended(connection):
        command.downgrade(_config(connection), target)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
