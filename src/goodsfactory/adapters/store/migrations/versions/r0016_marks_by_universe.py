"""Retention goes through the rows of each universe by itself: each server has a clock of its own.

Revision 0016, after 0015.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, String, text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SETTLED = text("settled_at IS NOT NULL")
_UNIVERSES = "SELECT id AS universe FROM universes UNION SELECT universe FROM players"


def upgrade() -> None:
    _remake_marks(
        f"SELECT universe, name, number, before FROM kept_marks, ({_UNIVERSES}) AS known", by_universe=True
    )
    _index_settled("universe", "settled_at")


def downgrade() -> None:
    _index_settled("settled_at")
    # What one universe was not gone through for is gone through again.
    _remake_marks(
        "SELECT name, min(number), min(before) FROM kept_marks GROUP BY name"
        f" HAVING count(*) >= (SELECT count(*) FROM ({_UNIVERSES}) AS known)",
        by_universe=False,
    )


def _remake_marks(rows: str, *, by_universe: bool) -> None:
    # The name of its key is free only once it is gone.
    op.execute("CREATE TEMPORARY TABLE kept_marks AS SELECT * FROM history_marks")
    op.drop_table("history_marks")
    op.create_table(
        "history_marks",
        *([Column("universe", String(10), primary_key=True)] if by_universe else []),
        Column("name", String(32), primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("before", DateTime(timezone=True), nullable=False),
    )
    names = "universe, name, number, before" if by_universe else "name, number, before"
    op.execute(f"INSERT INTO history_marks ({names}) {rows}")
    op.execute("DROP TABLE kept_marks")


def _index_settled(*columns: str) -> None:
    op.drop_index("ix_intents_settled", "intents")
    op.create_index(
        "ix_intents_settled", "intents", list(columns), sqlite_where=_SETTLED, postgresql_where=_SETTLED
    )
