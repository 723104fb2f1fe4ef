"""Legs say what becomes of their load, what it feeds, and when each step of their life was.

Revision 0018, after 0017. Legs there are get the instants that are known: a ship was given to one when its
worker was started, and the last change of one that is over was its end.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INSTANT = DateTime(timezone=True)
_INSTANTS = ("assigned_at", "laden_at", "ended_at", "traded_at")
_BOUGHT = text("bought > 0")
# Copying a table of SQLite would forget that no number of a leg is given twice.
_NUMBERED = {"sqlite_autoincrement": True}
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_COUNTS = ("legs", "bought", "cost", "delivered", "revenue", "arrived", "troubled", "failures", "seconds")
_KEPT = f"factory_id, player_id, good, {', '.join(_COUNTS)}, moved_at, delivered_at, ships, taken"


def upgrade() -> None:
    for name in _INSTANTS:
        op.add_column("legs", Column(name, _INSTANT))
    op.add_column("legs", Column("feeds", String(64)))
    op.add_column("legs", Column("clears", Boolean))
    op.add_column("legs", Column("hand_over", String(16)))
    op.execute(
        "UPDATE legs SET clears = (kind = 'CLEAR'), feeds = CASE kind WHEN 'FEED' THEN output END,"
        " hand_over = CASE WHEN destination IS NULL THEN 'KEEP' ELSE 'SELL' END,"
        " assigned_at = CASE WHEN ship IS NOT NULL THEN coalesce((SELECT worker.created_at"
        " FROM containers AS worker WHERE worker.id = container_id), created_at) END,"
        " laden_at = CASE WHEN state IN ('LADEN', 'DONE') AND delivered = 0 THEN updated_at END,"
        " ended_at = CASE WHEN state IN ('DONE', 'FAILED', 'CANCELLED')"
        " THEN coalesce(updated_at, created_at) END,"
        " traded_at = CASE WHEN bought > 0 THEN updated_at END"
    )
    op.drop_index("ix_legs_loads", "legs")
    with op.batch_alter_table("legs", table_kwargs=_NUMBERED) as table:
        table.alter_column("clears", existing_type=Boolean(), nullable=False)
        table.alter_column("hand_over", existing_type=String(16), nullable=False)
        for name in ("kind", "output", "updated_at"):
            table.drop_column(name)
    _index_loads("assigned_at")
    _remake_totals(
        "feeds, clears",
        "CASE kind WHEN 'FEED' THEN output ELSE '' END, kind = 'CLEAR'",
        Column("feeds", String(64), nullable=False),
        Column("clears", Boolean, nullable=False),
    )


def downgrade() -> None:
    op.add_column("legs", Column("kind", String(16)))
    op.add_column("legs", Column("output", String(64)))
    op.add_column("legs", Column("updated_at", _INSTANT))
    op.execute(
        "UPDATE legs SET kind = CASE WHEN clears THEN 'CLEAR' WHEN feeds IS NULL THEN 'LIFT' ELSE 'FEED' END,"
        " output = coalesce(feeds, good),"
        " updated_at = CASE WHEN state IN ('FAILED', 'CANCELLED') THEN ended_at"
        " WHEN delivered > 0 THEN traded_at"
        " ELSE coalesce(laden_at, traded_at, assigned_at, created_at) END"
    )
    op.drop_index("ix_legs_loads", "legs")
    with op.batch_alter_table("legs", table_kwargs=_NUMBERED) as table:
        table.alter_column("kind", existing_type=String(16), nullable=False)
        table.alter_column("output", existing_type=String(64), nullable=False)
        for name in (*_INSTANTS, "feeds", "clears", "hand_over"):
            table.drop_column(name)
    _index_loads("updated_at")
    _remake_totals(
        "kind, output",
        "CASE WHEN clears THEN 'CLEAR' WHEN feeds = '' THEN 'LIFT' ELSE 'FEED' END,"
        " CASE WHEN feeds = '' THEN good ELSE feeds END",
        Column("kind", String(16), nullable=False),
        Column("output", String(64), nullable=False),
    )


def _index_loads(moment: str) -> None:
    op.create_index(
        "ix_legs_loads",
        "legs",
        ["ship", "good", moment, "number"],
        sqlite_where=_BOUGHT,
        postgresql_where=_BOUGHT,
    )


def _remake_totals(names: str, values: str, *columns: Column[object]) -> None:
    # The name of its key is free only once it is gone.
    op.execute("CREATE TEMPORARY TABLE kept_totals AS SELECT * FROM leg_totals")
    op.drop_table("leg_totals")
    op.create_table(
        "leg_totals",
        Column("factory_id", String(36), nullable=False),
        Column("good", String(64), nullable=False),
        *columns,
        Column("player_id", _NUMBER, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in _COUNTS),
        Column("moved_at", _INSTANT),
        Column("delivered_at", _INSTANT),
        Column("ships", Text, nullable=False),
        Column("taken", Text, nullable=False),
        ForeignKeyConstraint(
            ["factory_id", "player_id"],
            ["goods_factories.id", "goods_factories.player_id"],
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("factory_id", "good", *(column.name for column in columns)),
    )
    op.execute(f"INSERT INTO leg_totals ({_KEPT}, {names}) SELECT {_KEPT}, {values} FROM kept_totals")
    op.execute("DROP TABLE kept_totals")
