"""How far retention has gone through each table, and settled intents by when they were settled.

Revision 0012, after 0011.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, PrimaryKeyConstraint, String, text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_marks",
        Column("name", String(32), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("before", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("name"),
    )
    op.create_index(
        "ix_intents_settled",
        "intents",
        ["settled_at"],
        sqlite_where=text("settled_at IS NOT NULL"),
        postgresql_where=text("settled_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_intents_settled", "intents")
    op.drop_table("history_marks")
