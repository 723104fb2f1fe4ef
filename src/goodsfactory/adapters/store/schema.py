"""The version of the schema in a database, and the way to another one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from goodsfactory.adapters.store.foreign_keys import suspended
from goodsfactory.domain.errors import UserError

_MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None where no migration ever ran."""
    with connection.begin():
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to ``target``, all of it or nothing.

    Raises UserError for a database of a newer program or of another one.
    """
    config = _config(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = revision(connection)
    if current is None:
        with connection.begin():
            tables = set(inspect(connection).get_table_names())
        # Taking every migration back leaves the empty table of versions.
        if tables - {"alembic_version"}:
            raise UserError(
                "The database holds tables of another program: give another path.", kind="precondition"
            )
    elif current not in known:
        raise UserError(
            f"The database was written by a newer version of this program (schema {current}): "
            "install that version, or give another path.",
            kind="precondition",
        )
    if current != (scripts.get_current_head() if target == "head" else target):
        with suspended(connection):
            command.upgrade(config, target)


def downgrade(connection: Connection, target: str) -> None:
    """Take the schema down to ``target`` (``base`` removes every table), all of it or nothing."""
    with suspended(connection):
        command.downgrade(_config(connection), target)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
