"""What a factory cost in ships and market looks, and how parallel it ran.

Revision 0002, after 0001.
"""

from alembic import op
from sqlalchemy import Column, Float, Integer

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("goods_factories") as table:
        table.add_column(Column("ships_used", Integer, nullable=False, server_default="0"))
        table.add_column(Column("market_queries", Integer, nullable=False, server_default="0"))
        table.add_column(Column("parallel_levels", Integer, nullable=False, server_default="0"))
        table.add_column(Column("estimated_speedup", Float, nullable=False, server_default="1.0"))


def downgrade() -> None:
    with op.batch_alter_table("goods_factories") as table:
        table.drop_column("estimated_speedup")
        table.drop_column("parallel_levels")
        table.drop_column("market_queries")
        table.drop_column("ships_used")
