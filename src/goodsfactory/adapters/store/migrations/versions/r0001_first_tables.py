"""The tables of the first version: players, ships, markets, factories, money, containers and events.

Revision 0001, the first.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_INSTANT = DateTime(timezone=True)
_INTENT_IS_OPEN = text("state = 'OPEN'")
_LEG_IS_OPEN = text("state IN ('READY', 'LOADING', 'LADEN')")

_TABLES = (
    "players",
    "ships",
    "ship_claims",
    "waypoints",
    "markets",
    "market_history",
    "goods_factories",
    "nodes",
    "legs",
    "intents",
    "ledger",
    "containers",
    "container_logs",
    "events",
)


def upgrade() -> None:
    op.create_table(
        "players",
        Column("id", _NUMBER, nullable=False),
        Column("agent_symbol", String(32), nullable=False),
        Column("reset_date", String(10), nullable=False),
        Column("base_url", Text, nullable=False),
        Column("headquarters", String(32), nullable=False),
        Column("is_default", Boolean, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("credits", BigInteger),
        Column("credits_observed_at", _INSTANT),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("reset_date", "agent_symbol"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ships",
        Column("reset_date", String(10), nullable=False),
        Column("symbol", String(48), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("role", String(32), nullable=False),
        Column("frame", String(48), nullable=False),
        Column("speed", Integer, nullable=False),
        Column("system_symbol", String(32), nullable=False),
        Column("waypoint_symbol", String(32), nullable=False),
        Column("nav_status", String(16), nullable=False),
        Column("flight_mode", String(16), nullable=False),
        Column("origin", String(32)),
        Column("departed_at", _INSTANT),
        Column("arrival", _INSTANT),
        Column("fuel", Integer, nullable=False),
        Column("fuel_capacity", Integer, nullable=False),
        Column("cargo", Text, nullable=False),
        Column("cargo_capacity", Integer, nullable=False),
        Column("cooldown_until", _INSTANT),
        Column("observed_at", _INSTANT, nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("reset_date", "symbol"),
    )
    op.create_index(op.f("ix_ships_player_id"), "ships", ["player_id"])
    op.create_table(
        "ship_claims",
        Column("reset_date", String(10), nullable=False),
        Column("ship", String(48), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("container_id", String(96), nullable=False),
        Column("operation", String(64), nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("claimed_at", _INSTANT, nullable=False),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("reset_date", "ship"),
    )
    op.create_index(op.f("ix_ship_claims_container_id"), "ship_claims", ["container_id"])
    op.create_index(op.f("ix_ship_claims_player_id"), "ship_claims", ["player_id"])
    op.create_table(
        "waypoints",
        Column("reset_date", String(10), nullable=False),
        Column("symbol", String(32), nullable=False),
        Column("system_symbol", String(32), nullable=False),
        Column("type", String(48), nullable=False),
        Column("x", Integer, nullable=False),
        Column("y", Integer, nullable=False),
        Column("traits", Text, nullable=False),
        Column("orbits", String(32)),
        PrimaryKeyConstraint("reset_date", "symbol"),
    )
    op.create_index(
        op.f("ix_waypoints_reset_date_system_symbol"), "waypoints", ["reset_date", "system_symbol"]
    )
    op.create_table(
        "markets",
        Column("reset_date", String(10), nullable=False),
        Column("waypoint", String(32), nullable=False),
        Column("system_symbol", String(32), nullable=False),
        Column("exports", Text, nullable=False),
        Column("imports", Text, nullable=False),
        Column("exchange", Text, nullable=False),
        Column("listings", Text, nullable=False),
        Column("observed_at", _INSTANT),
        PrimaryKeyConstraint("reset_date", "waypoint"),
    )
    op.create_index(op.f("ix_markets_reset_date_system_symbol"), "markets", ["reset_date", "system_symbol"])
    op.create_table(
        "market_history",
        Column("reset_date", String(10), nullable=False),
        Column("waypoint", String(32), nullable=False),
        Column("good", String(64), nullable=False),
        Column("observed_at", _INSTANT, nullable=False),
        Column("type", String(16), nullable=False),
        Column("trade_volume", Integer, nullable=False),
        Column("supply", String(16), nullable=False),
        Column("activity", String(16)),
        Column("ask", Integer, nullable=False),
        Column("bid", Integer, nullable=False),
        PrimaryKeyConstraint("reset_date", "waypoint", "good", "observed_at"),
    )
    op.create_table(
        "goods_factories",
        Column("id", String(36), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("target_good", String(64), nullable=False),
        Column("system_symbol", String(32), nullable=False),
        Column("dependency_tree", Text),
        Column("status", String(16), server_default="PENDING", nullable=False),
        Column("metadata", JSON),
        Column("quantity_acquired", BigInteger, server_default="0", nullable=False),
        Column("total_cost", BigInteger, server_default="0", nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("updated_at", _INSTANT, nullable=False),
        Column("started_at", _INSTANT),
        Column("completed_at", _INSTANT),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("id", "player_id"),
    )
    op.create_index(
        op.f("ix_goods_factories_player_id_status_created_at_id"),
        "goods_factories",
        ["player_id", "status", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_goods_factories_status_created_at_id"), "goods_factories", ["status", "created_at", "id"]
    )
    op.create_table(
        "nodes",
        Column("factory_id", String(36), nullable=False),
        Column("good", String(64), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("state", String(16), nullable=False),
        Column("reason", Text, nullable=False),
        Column("since", _INSTANT, nullable=False),
        Column("next_check", _INSTANT),
        Column("quantity", BigInteger, nullable=False),
        Column("cost", BigInteger, nullable=False),
        Column("checks", Integer, nullable=False),
        Column("ships", Text, nullable=False),
        Column("look_at", Text, nullable=False),
        ForeignKeyConstraint(
            ["factory_id", "player_id"],
            ["goods_factories.id", "goods_factories.player_id"],
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("factory_id", "good"),
    )
    op.create_table(
        "legs",
        Column("number", _NUMBER, nullable=False),
        Column("id", String(96), nullable=False),
        Column("factory_id", String(36), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("good", String(64), nullable=False),
        Column("output", String(64), nullable=False),
        Column("source", String(32), nullable=False),
        Column("destination", String(32)),
        Column("units", BigInteger, nullable=False),
        Column("value", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("state", String(16), nullable=False),
        Column("ship", String(48)),
        Column("container_id", String(96)),
        Column("bought", BigInteger, nullable=False),
        Column("cost", BigInteger, nullable=False),
        Column("delivered", BigInteger, nullable=False),
        Column("revenue", BigInteger, nullable=False),
        Column("failure", Text),
        Column("not_before", _INSTANT),
        Column("updated_at", _INSTANT),
        ForeignKeyConstraint(
            ["factory_id", "player_id"],
            ["goods_factories.id", "goods_factories.player_id"],
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("number"),
        UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_legs_factory_id_number"), "legs", ["factory_id", "number"])
    op.create_index(op.f("ix_legs_ship_good"), "legs", ["ship", "good"])
    op.create_index(
        "ix_legs_open",
        "legs",
        ["player_id", "number"],
        sqlite_where=_LEG_IS_OPEN,
        postgresql_where=_LEG_IS_OPEN,
    )
    op.create_table(
        "intents",
        Column("id", String(96), nullable=False),
        Column("reset_date", String(10), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("ship", String(48), nullable=False),
        Column("container_id", String(96), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("good", String(64), nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("unit_price", BigInteger, nullable=False),
        Column("waypoint", String(32), nullable=False),
        Column("reserved", BigInteger, nullable=False),
        Column("units_before", BigInteger, nullable=False),
        Column("credits_before", BigInteger, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("state", String(16), nullable=False),
        Column("factory_id", String(36)),
        Column("leg_id", String(96)),
        Column("settled_at", _INSTANT),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_intents_open",
        "intents",
        ["player_id"],
        sqlite_where=_INTENT_IS_OPEN,
        postgresql_where=_INTENT_IS_OPEN,
    )
    op.create_index(
        "uq_intents_open_ship",
        "intents",
        ["reset_date", "ship"],
        unique=True,
        sqlite_where=_INTENT_IS_OPEN,
        postgresql_where=_INTENT_IS_OPEN,
    )
    op.create_table(
        "ledger",
        Column("number", _NUMBER, nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("ship", String(48)),
        Column("good", String(64)),
        Column("units", BigInteger, nullable=False),
        Column("unit_price", BigInteger, nullable=False),
        Column("waypoint", String(32)),
        Column("factory_id", String(36)),
        Column("leg_id", String(96)),
        Column("intent_id", String(96)),
        Column("balance_after", BigInteger),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ledger_factory_id_number"), "ledger", ["factory_id", "number"])
    op.create_index(op.f("ix_ledger_player_id_number_amount"), "ledger", ["player_id", "number", "amount"])
    op.create_table(
        "containers",
        Column("number", _NUMBER, nullable=False),
        Column("id", String(96), nullable=False),
        Column("type", String(48), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("status", String(16), nullable=False),
        Column("metadata", JSON, nullable=False),
        Column("iteration", Integer, nullable=False),
        Column("max_iterations", Integer, nullable=False),
        Column("restart_count", Integer, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("updated_at", _INSTANT, nullable=False),
        Column("heartbeat_at", _INSTANT),
        Column("last_effect", Text),
        Column("exit_reason", Text),
        ForeignKeyConstraint(["player_id"], ["players.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("number"),
        UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_containers_player_id_status_number"), "containers", ["player_id", "status", "number"]
    )
    op.create_index(op.f("ix_containers_status_number"), "containers", ["status", "number"])
    op.create_table(
        "container_logs",
        Column("number", _NUMBER, nullable=False),
        Column("container_id", String(96), nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("level", String(16), nullable=False),
        Column("message", Text, nullable=False),
        Column("metadata", JSON, nullable=False),
        ForeignKeyConstraint(["container_id"], ["containers.id"], ondelete="CASCADE"),
        PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_container_logs_container_id_level_number"),
        "container_logs",
        ["container_id", "level", "number"],
    )
    op.create_index(
        op.f("ix_container_logs_container_id_number"), "container_logs", ["container_id", "number"]
    )
    op.create_table(
        "events",
        Column("seq", _NUMBER, nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("message", Text, nullable=False),
        Column("factory_id", String(36)),
        Column("good", String(64)),
        Column("ship", String(48)),
        Column("container_id", String(96)),
        Column("data", JSON, nullable=False),
        PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_container_id_seq"), "events", ["container_id", "seq"])
    op.create_index(op.f("ix_events_factory_id_seq"), "events", ["factory_id", "seq"])
    op.create_index(op.f("ix_events_player_id_seq"), "events", ["player_id", "seq"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
