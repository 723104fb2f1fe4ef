"""Whose stock a leg took over, so that whoever tells of it can say so.

Revision 0020, after 0019. Of earlier legs it is not known.
"""

from alembic import op
from sqlalchemy import Column, String

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legs", Column("stock_of", String(36)))


def downgrade() -> None:
    op.drop_column("legs", "stock_of")
