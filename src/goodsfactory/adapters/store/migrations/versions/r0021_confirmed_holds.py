"""Whether a second reading of the balance has confirmed what stops spending.

Revision 0021, after 0020. What stands already counts as confirmed: the user says when it goes.
"""

from alembic import op
from sqlalchemy import Boolean, Column, true

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spending_holds", Column("confirmed", Boolean, nullable=False, server_default=true()))


def downgrade() -> None:
    op.drop_column("spending_holds", "confirmed")
