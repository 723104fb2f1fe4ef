"""Stock: goods aboard that belong to no leg any more, with what they cost.

Revision 0007, after 0005.
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
)

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stock",
        Column("reset_date", String(10), nullable=False),
        Column("ship", String(48), nullable=False),
        Column("good", String(64), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("cost", BigInteger, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("factory_id", String(36), nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("reset_date", "ship", "good"),
        Index("ix_stock_player_id", "player_id"),
    )


def downgrade() -> None:
    op.drop_table("stock")
