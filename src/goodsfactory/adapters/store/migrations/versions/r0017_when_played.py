"""When each universe was played last, in real time: details of one that is left go once it was long ago.

Revision 0017, after 0016. Those that are known count as played now.
"""

from alembic import op
from sqlalchemy import Column, DateTime, column, table, update

from goodsfactory.adapters.store.database_clock import database_now

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("universes", Column("played_at", DateTime(timezone=True)))
    op.create_index("ix_universes_played_at", "universes", ["played_at"])
    op.execute(update(table("universes", column("played_at"))).values(played_at=database_now()))


def downgrade() -> None:
    op.drop_index("ix_universes_played_at", "universes")
    op.drop_column("universes", "played_at")
