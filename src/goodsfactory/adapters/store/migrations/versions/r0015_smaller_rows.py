"""A smaller ledger on SQLite, and sightings numbered in the order they were made.

The ledger is kept for ever: its instants become microseconds since 1970, and the ids of factories 16 bytes.
PostgreSQL keeps instants small by itself, and ids as they are.

Revision 0015, after 0014.
"""

import re

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

from goodsfactory.adapters.store.foreign_keys import driver_of

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_KEY = ("universe", "waypoint", "good", "observed_at")
_FIELDS = "universe, waypoint, good, observed_at, type, trade_volume, supply, activity, ask, bid"
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def upgrade() -> None:
    _remake_history(numbered=True)
    if (connection := op.get_bind()).dialect.name == "sqlite":
        driver_of(connection).create_function("short_id", 1, _short, deterministic=True)
        op.execute(
            "UPDATE ledger SET factory_id = short_id(factory_id), at = CAST(substr(at, 21, 6) AS INTEGER)"
            " + 1000000 * CAST(strftime('%s', substr(at, 1, 19)) AS INTEGER)"
        )


def downgrade() -> None:
    if (connection := op.get_bind()).dialect.name == "sqlite":
        driver_of(connection).create_function("long_id", 1, _long, deterministic=True)
        op.execute(
            "UPDATE ledger SET factory_id = long_id(factory_id), at = printf('%s.%06d',"
            " strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch'), at % 1000000)"
        )
    op.execute("DELETE FROM history_marks WHERE name IN ('sightings', 'sightings of hours')")
    _remake_history(numbered=False)


def _remake_history(*, numbered: bool) -> None:
    # The names of its constraints are free only once it is gone.
    op.execute(f"CREATE TEMPORARY TABLE kept_history AS SELECT {_FIELDS} FROM market_history")
    op.drop_table("market_history")
    name = UniqueConstraint(*_KEY) if numbered else PrimaryKeyConstraint(*_KEY)
    op.create_table(
        "market_history",
        *([Column("number", _NUMBER, primary_key=True)] if numbered else []),
        Column("universe", String(10), nullable=False),
        Column("waypoint", String(32), nullable=False),
        Column("good", String(64), nullable=False),
        Column("observed_at", DateTime(timezone=True), nullable=False),
        Column("type", String(16), nullable=False),
        Column("trade_volume", Integer, nullable=False),
        Column("supply", String(16), nullable=False),
        Column("activity", String(16)),
        Column("ask", Integer, nullable=False),
        Column("bid", Integer, nullable=False),
        name,
        sqlite_autoincrement=numbered,
    )
    op.execute(
        f"INSERT INTO market_history ({_FIELDS}) SELECT {_FIELDS} FROM kept_history ORDER BY observed_at"
    )
    op.execute("DROP TABLE kept_history")


def _short(factory_id: str | None) -> str | bytes | None:
    if factory_id is None or not _UUID.fullmatch(factory_id):
        return factory_id
    return bytes.fromhex(factory_id.replace("-", ""))


def _long(factory_id: str | bytes | None) -> str | None:
    if not isinstance(factory_id, bytes):
        return factory_id
    text = factory_id.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
