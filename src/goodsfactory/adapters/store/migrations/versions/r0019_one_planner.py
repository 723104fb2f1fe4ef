"""Loads that wait for a ship are lines of the plan, and no rows; a planner takes the place of the dispatcher.

Revision 0019, after 0018. Legs that waited had no ship and bought nothing: the plan wants them again where
they are still worth it.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM legs WHERE state = 'READY'")
    op.execute("UPDATE containers SET type = 'planner' WHERE type = 'dispatcher'")


def downgrade() -> None:
    op.execute("UPDATE containers SET type = 'dispatcher' WHERE type = 'planner'")
