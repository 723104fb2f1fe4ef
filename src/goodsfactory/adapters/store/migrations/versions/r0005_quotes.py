"""What factories were expected to take.

Revision 0005, after 0004.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "quotes",
        Column("factory_id", String(36), nullable=False),
        Column("player_id", _NUMBER, nullable=False, autoincrement=False),
        Column("taken_at", DateTime(timezone=True), nullable=False),
        Column("document", Text, nullable=False),
        Column("requests", BigInteger),
        ForeignKeyConstraint(
            ["factory_id", "player_id"],
            ["goods_factories.id", "goods_factories.player_id"],
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("factory_id", "player_id"),
    )


def downgrade() -> None:
    op.drop_table("quotes")
