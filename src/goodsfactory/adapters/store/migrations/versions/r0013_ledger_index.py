"""The ledger without an index by factory: nobody reads all rows of one, and it grew with them for ever.

Revision 0013, after 0012.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_ledger_factory_id_number", "ledger")


def downgrade() -> None:
    op.create_index("ix_ledger_factory_id_number", "ledger", ["factory_id", "number"])
