"""Books of factories: sums of their ledger rows by kind and good.

Revision 0008, after 0007.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    text,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_FILL = """
INSERT INTO factory_books (factory_id, player_id, kind, good, units, amount)
SELECT factory_id, player_id, kind, COALESCE(good, ''), SUM(units),
       SUM(CASE WHEN kind = 'WRITE_OFF' THEN units * unit_price ELSE amount END)
FROM ledger WHERE factory_id IS NOT NULL GROUP BY factory_id, player_id, kind, COALESCE(good, '')
"""


def upgrade() -> None:
    op.create_table(
        "factory_books",
        Column("factory_id", String(36), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("good", String(64), nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("amount", BigInteger, nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("factory_id", "player_id", "kind", "good"),
    )
    op.execute(text(_FILL))


def downgrade() -> None:
    op.drop_table("factory_books")
