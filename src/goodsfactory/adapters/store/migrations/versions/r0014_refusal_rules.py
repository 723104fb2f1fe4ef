"""The guard that refused a leg its purchase: what its node waits for hangs on it, not on the sentence.

Revision 0014, after 0013. A leg that waits already learns its guard when it is tried again.
"""

from alembic import op
from sqlalchemy import Column, String

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legs", Column("rule", String(16)))


def downgrade() -> None:
    op.drop_column("legs", "rule")
