"""Several daemons on one database: who they are, who acts for which agent, and the tokens they share.

Revision 0003, after 0002.
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

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_INSTANT = DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "daemons",
        Column("node_id", String(64), nullable=False),
        Column("host", String(255), nullable=False),
        Column("pid", Integer, nullable=False),
        Column("address", String(255), nullable=False),
        Column("version", String(64), nullable=False),
        Column("started_at", _INSTANT, nullable=False),
        Column("heartbeat_at", _INSTANT, nullable=False),
        Column("state", String(16), nullable=False),
        PrimaryKeyConstraint("node_id"),
    )
    op.create_table(
        "agent_owners",
        Column("player_id", _NUMBER, nullable=False, autoincrement=False),
        Column("node_id", String(64)),
        Column("epoch", Integer, server_default="0", nullable=False),
        Column("acquired_at", _INSTANT, nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("player_id"),
    )
    op.create_table(
        "agent_tokens",
        Column("reset_date", String(10), nullable=False),
        Column("agent_symbol", String(32), nullable=False),
        Column("token", Text, nullable=False),
        PrimaryKeyConstraint("reset_date", "agent_symbol"),
    )


def downgrade() -> None:
    for table in ("agent_tokens", "agent_owners", "daemons"):
        op.drop_table(table)
