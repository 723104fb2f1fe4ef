"""A running sum in the ledger: whoever asks for the sum of a player's rows reads one row.

Revision 0010, after 0009.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", Column("player_sum", BigInteger, nullable=False, server_default=text("0")))
    op.execute(
        "UPDATE ledger SET player_sum = found.total FROM (SELECT number, CAST(SUM(amount) OVER"
        " (PARTITION BY player_id ORDER BY number) AS BIGINT) AS total FROM ledger) AS found"
        " WHERE found.number = ledger.number"
    )
    op.drop_index("ix_ledger_player_id_number_amount", "ledger")
    op.create_index("ix_ledger_player_id_number", "ledger", ["player_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_ledger_player_id_number", "ledger")
    op.create_index("ix_ledger_player_id_number_amount", "ledger", ["player_id", "number", "amount"])
    op.drop_column("ledger", "player_sum")
