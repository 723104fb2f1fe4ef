"""Money steps of any kind: what an intent binds, shipyards as last seen, and holds on spending.

Revision 0004, after 0003.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_INSTANT = DateTime(timezone=True)
_OPEN = text("state = 'OPEN'")


def upgrade() -> None:
    _drop_indexes("uq_intents_open_ship")
    with op.batch_alter_table("intents") as table:
        table.alter_column("ship", existing_type=String(48), nullable=True)
        table.add_column(Column("subject", String(96), nullable=False, server_default=text("''")))
        table.add_column(Column("reference", String(64)))
        table.add_column(Column("ledger_row", BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE intents SET subject = ship")
    _create_indexes("uq_intents_open_subject", "subject")
    op.create_table(
        "shipyards",
        Column("reset_date", String(10), nullable=False),
        Column("waypoint", String(32), nullable=False),
        Column("system_symbol", String(32), nullable=False),
        Column("types", Text, nullable=False),
        Column("offers", Text, nullable=False),
        Column("observed_at", _INSTANT),
        PrimaryKeyConstraint("reset_date", "waypoint"),
        Index("ix_shipyards_reset_date_system_symbol", "reset_date", "system_symbol"),
    )
    op.create_table(
        "spending_holds",
        Column("player_id", _NUMBER, nullable=False, autoincrement=False),
        Column("amount", BigInteger, nullable=False),
        Column("since", _INSTANT, nullable=False),
        Column("reason", Text, nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("player_id"),
    )


def downgrade() -> None:
    op.drop_table("spending_holds")
    op.drop_table("shipyards")
    _drop_indexes("uq_intents_open_subject")
    op.execute("UPDATE intents SET ship = substr(subject, 1, 48) WHERE ship IS NULL")
    with op.batch_alter_table("intents") as table:
        table.alter_column("ship", existing_type=String(48), nullable=False)
        table.drop_column("subject")
        table.drop_column("reference")
        table.drop_column("ledger_row")
    _create_indexes("uq_intents_open_ship", "ship")


def _drop_indexes(unique: str) -> None:
    # Copying a table of SQLite would forget that these two are partial.
    op.drop_index(unique, "intents")
    op.drop_index("ix_intents_open", "intents")


def _create_indexes(unique: str, column: str) -> None:
    op.create_index(
        unique,
        "intents",
        ["reset_date", column],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_intents_open", "intents", ["player_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
