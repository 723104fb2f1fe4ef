"""The tables, as the newest migration leaves them.

What belongs to a universe is keyed by its id (``universes``): after a reset, or at another server, the same
call sign, waypoints and ship symbols exist again, and old rows stay without ever being mixed with new ones.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from goodsfactory.adapters.store.column_types import (
    Document,
    Number,
    SmallId,
    SmallInstant,
    UtcDateTime,
    Whole,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Written out rather than bound: a partial index serves a query only where both say the very same words.
INTENT_IS_OPEN = text("state = 'OPEN'")
INTENT_IS_SETTLED = text("settled_at IS NOT NULL")
LEG_IS_OPEN = text("state IN ('READY', 'LOADING', 'LADEN')")
LEG_IS_AT_HAND = text("at_hand")
LEG_HAS_BOUGHT = text("bought > 0")


def _universe() -> Column[str]:
    return Column("universe", String(10), primary_key=True)


def _player(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "player_id",
        Number,
        ForeignKey("players.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


UNIVERSES = Table(
    "universes",
    METADATA,
    Column("id", String(10), primary_key=True),
    Column("server", Text, nullable=False),
    Column("reset_date", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("told_id", String(64), nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("played_at", UtcDateTime),
    UniqueConstraint("server", "reset_date", "number"),
    Index(None, "played_at"),
)

PLAYERS = Table(
    "players",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("agent_symbol", String(32), nullable=False),
    Column("universe", String(10), nullable=False),
    Column("reset_date", String(10), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("headquarters", String(32), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("credits", Whole),
    Column("credits_observed_at", UtcDateTime),
    UniqueConstraint("universe", "agent_symbol"),
    sqlite_autoincrement=True,
)

SHIPS = Table(
    "ships",
    METADATA,
    _universe(),
    Column("symbol", String(48), primary_key=True),
    _player(),
    Column("role", String(32), nullable=False),
    Column("frame", String(48), nullable=False),
    Column("speed", Integer, nullable=False),
    Column("system_symbol", String(32), nullable=False),
    Column("waypoint_symbol", String(32), nullable=False),
    Column("nav_status", String(16), nullable=False),
    Column("flight_mode", String(16), nullable=False),
    Column("origin", String(32)),
    Column("departed_at", UtcDateTime),
    Column("arrival", UtcDateTime),
    Column("fuel", Integer, nullable=False),
    Column("fuel_capacity", Integer, nullable=False),
    Column("cargo", Text, nullable=False),
    Column("cargo_capacity", Integer, nullable=False),
    Column("cooldown_until", UtcDateTime),
    Column("observed_at", UtcDateTime, nullable=False),
    Index(None, "player_id"),
)

SHIP_CLAIMS = Table(
    "ship_claims",
    METADATA,
    _universe(),
    Column("ship", String(48), primary_key=True),
    _player(),
    Column("container_id", String(96), nullable=False),
    Column("operation", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Index(None, "container_id"),
    Index(None, "player_id"),
)

WAYPOINTS = Table(
    "waypoints",
    METADATA,
    _universe(),
    Column("symbol", String(32), primary_key=True),
    Column("system_symbol", String(32), nullable=False),
    Column("type", String(48), nullable=False),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("traits", Text, nullable=False),
    Column("orbits", String(32)),
    Index(None, "universe", "system_symbol"),
)

MARKETS = Table(
    "markets",
    METADATA,
    _universe(),
    Column("waypoint", String(32), primary_key=True),
    Column("system_symbol", String(32), nullable=False),
    Column("exports", Text, nullable=False),
    Column("imports", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("listings", Text, nullable=False),
    Column("observed_at", UtcDateTime),
    Index(None, "universe", "system_symbol"),
)

SHIPYARDS = Table(
    "shipyards",
    METADATA,
    _universe(),
    Column("waypoint", String(32), primary_key=True),
    Column("system_symbol", String(32), nullable=False),
    Column("types", Text, nullable=False),
    Column("offers", Text, nullable=False),
    Column("observed_at", UtcDateTime),
    Index(None, "universe", "system_symbol"),
)

MARKET_HISTORY = Table(
    "market_history",
    METADATA,
    Column("number", Number, primary_key=True),
    Column("universe", String(10), nullable=False),
    Column("waypoint", String(32), nullable=False),
    Column("good", String(64), nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("type", String(16), nullable=False),
    Column("trade_volume", Integer, nullable=False),
    Column("supply", String(16), nullable=False),
    Column("activity", String(16)),
    Column("ask", Integer, nullable=False),
    Column("bid", Integer, nullable=False),
    UniqueConstraint("universe", "waypoint", "good", "observed_at"),
    sqlite_autoincrement=True,
)

GOODS_FACTORIES = Table(
    "goods_factories",
    METADATA,
    Column("id", String(36), primary_key=True),
    _player(primary_key=True),
    Column("target_good", String(64), nullable=False),
    Column("system_symbol", String(32), nullable=False),
    Column("dependency_tree", Text),
    Column("status", String(16), nullable=False, server_default="PENDING"),
    Column("metadata", Document),
    Column("quantity_acquired", Whole, nullable=False, server_default="0"),
    Column("total_cost", Whole, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("ships_used", Integer, nullable=False, server_default="0"),
    Column("market_queries", Integer, nullable=False, server_default="0"),
    Column("parallel_levels", Integer, nullable=False, server_default="0"),
    Column("estimated_speedup", Float, nullable=False, server_default="1.0"),
    Index(None, "player_id", "status", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
)

NODES = Table(
    "nodes",
    METADATA,
    Column("factory_id", String(36), primary_key=True),
    Column("good", String(64), primary_key=True),
    Column("player_id", Number, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("next_check", UtcDateTime),
    Column("quantity", Whole, nullable=False),
    Column("cost", Whole, nullable=False),
    Column("checks", Integer, nullable=False),
    Column("ships", Text, nullable=False),
    Column("look_at", Text, nullable=False),
    ForeignKeyConstraint(
        ["factory_id", "player_id"], ["goods_factories.id", "goods_factories.player_id"], ondelete="CASCADE"
    ),
)

QUOTES = Table(
    "quotes",
    METADATA,
    Column("factory_id", String(36), primary_key=True),
    Column("player_id", Number, primary_key=True, autoincrement=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    Column("requests", Whole),
    ForeignKeyConstraint(
        ["factory_id", "player_id"], ["goods_factories.id", "goods_factories.player_id"], ondelete="CASCADE"
    ),
)

LEGS = Table(
    "legs",
    METADATA,
    Column("number", Number, primary_key=True),
    Column("id", String(96), nullable=False),
    Column("factory_id", String(36), nullable=False),
    Column("player_id", Number, nullable=False),
    Column("good", String(64), nullable=False),
    Column("feeds", String(64)),
    Column("clears", Boolean, nullable=False),
    Column("source", String(32), nullable=False),
    Column("destination", String(32)),
    Column("hand_over", String(16), nullable=False),
    Column("units", Whole, nullable=False),
    Column("value", Whole, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("ship", String(48)),
    Column("container_id", String(96)),
    Column("bought", Whole, nullable=False),
    Column("cost", Whole, nullable=False),
    Column("delivered", Whole, nullable=False),
    Column("revenue", Whole, nullable=False),
    Column("failure", Text),
    Column("rule", String(16)),
    Column("not_before", UtcDateTime),
    Column("assigned_at", UtcDateTime),
    Column("laden_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("traded_at", UtcDateTime),
    Column("at_hand", Boolean, nullable=False, server_default=true()),
    Column("stock_of", String(36)),
    UniqueConstraint("id"),
    ForeignKeyConstraint(
        ["factory_id", "player_id"], ["goods_factories.id", "goods_factories.player_id"], ondelete="CASCADE"
    ),
    Index(None, "factory_id", "number"),
    Index(
        "ix_legs_at_hand",
        "factory_id",
        "number",
        sqlite_where=LEG_IS_AT_HAND,
        postgresql_where=LEG_IS_AT_HAND,
    ),
    Index(
        "ix_legs_loads",
        "ship",
        "good",
        "assigned_at",
        "number",
        sqlite_where=LEG_HAS_BOUGHT,
        postgresql_where=LEG_HAS_BOUGHT,
    ),
    Index("ix_legs_open", "player_id", "number", sqlite_where=LEG_IS_OPEN, postgresql_where=LEG_IS_OPEN),
    sqlite_autoincrement=True,
)

LEG_TOTALS = Table(
    "leg_totals",
    METADATA,
    Column("factory_id", String(36), primary_key=True),
    Column("good", String(64), primary_key=True),
    Column("feeds", String(64), primary_key=True),
    Column("clears", Boolean, primary_key=True),
    Column("player_id", Number, nullable=False),
    Column("legs", Whole, nullable=False),
    Column("bought", Whole, nullable=False),
    Column("cost", Whole, nullable=False),
    Column("delivered", Whole, nullable=False),
    Column("revenue", Whole, nullable=False),
    Column("arrived", Whole, nullable=False),
    Column("troubled", Whole, nullable=False),
    Column("failures", Whole, nullable=False),
    Column("seconds", Whole, nullable=False),
    Column("moved_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("ships", Text, nullable=False),
    Column("taken", Text, nullable=False),
    ForeignKeyConstraint(
        ["factory_id", "player_id"], ["goods_factories.id", "goods_factories.player_id"], ondelete="CASCADE"
    ),
)

INTENTS = Table(
    "intents",
    METADATA,
    Column("id", String(96), primary_key=True),
    Column("universe", String(10), nullable=False),
    _player(),
    Column("ship", String(48)),
    Column("container_id", String(96), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("good", String(64), nullable=False),
    Column("units", Whole, nullable=False),
    Column("unit_price", Whole, nullable=False),
    Column("waypoint", String(32), nullable=False),
    Column("reserved", Whole, nullable=False),
    Column("units_before", Whole, nullable=False),
    Column("credits_before", Whole, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("factory_id", String(36)),
    Column("leg_id", String(96)),
    Column("settled_at", UtcDateTime),
    Column("subject", String(96), nullable=False, server_default=text("''")),
    Column("reference", String(64)),
    Column("ledger_row", Whole, nullable=False, server_default="0"),
    Index(
        "uq_intents_open_subject",
        "universe",
        "subject",
        unique=True,
        sqlite_where=INTENT_IS_OPEN,
        postgresql_where=INTENT_IS_OPEN,
    ),
    Index("ix_intents_open", "player_id", sqlite_where=INTENT_IS_OPEN, postgresql_where=INTENT_IS_OPEN),
    Index(
        "ix_intents_settled",
        "universe",
        "settled_at",
        sqlite_where=INTENT_IS_SETTLED,
        postgresql_where=INTENT_IS_SETTLED,
    ),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("number", Number, primary_key=True),
    _player(),
    Column("kind", String(16), nullable=False),
    Column("amount", Whole, nullable=False),
    Column("at", SmallInstant, nullable=False),
    Column("ship", String(48)),
    Column("good", String(64)),
    Column("units", Whole, nullable=False),
    Column("unit_price", Whole, nullable=False),
    Column("waypoint", String(32)),
    Column("factory_id", SmallId),
    Column("leg_id", String(96)),
    Column("intent_id", String(96)),
    Column("balance_after", Whole),
    # The sum of the player's rows up to this one: whoever asks for it reads one row.
    Column("player_sum", Whole, nullable=False, server_default=text("0")),
    Index(None, "player_id", "number"),
    sqlite_autoincrement=True,
)

FACTORY_BOOKS = Table(
    "factory_books",
    METADATA,
    Column("factory_id", String(36), primary_key=True),
    _player(primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("good", String(64), primary_key=True),
    Column("units", Whole, nullable=False),
    Column("amount", Whole, nullable=False),
)
"""Sums of the ledger rows of a factory, kept up to date with them: reading them costs the same for ever."""

STOCK = Table(
    "stock",
    METADATA,
    _universe(),
    Column("ship", String(48), primary_key=True),
    Column("good", String(64), primary_key=True),
    _player(),
    Column("units", Whole, nullable=False),
    Column("cost", Whole, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("factory_id", String(36), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "player_id"),
)

SPENDING_HOLDS = Table(
    "spending_holds",
    METADATA,
    _player(primary_key=True),
    Column("amount", Whole, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confirmed", Boolean, nullable=False, server_default=true()),
)

CONTAINERS = Table(
    "containers",
    METADATA,
    Column("number", Number, primary_key=True),
    Column("id", String(96), nullable=False),
    Column("type", String(48), nullable=False),
    _player(),
    Column("status", String(16), nullable=False),
    Column("metadata", Document, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("max_iterations", Integer, nullable=False),
    Column("restart_count", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime),
    Column("last_effect", Text),
    Column("exit_reason", Text),
    UniqueConstraint("id"),
    Index(None, "status", "number"),
    Index(None, "player_id", "status", "number"),
    sqlite_autoincrement=True,
)

CONTAINER_LOGS = Table(
    "container_logs",
    METADATA,
    Column("number", Number, primary_key=True),
    Column("container_id", String(96), ForeignKey("containers.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("level", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("metadata", Document, nullable=False),
    Index(None, "container_id", "number"),
    Index(None, "container_id", "level", "number"),
    sqlite_autoincrement=True,
)

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", Number, primary_key=True),
    Column("player_id", Number, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("message", Text, nullable=False),
    Column("factory_id", String(36)),
    Column("good", String(64)),
    Column("ship", String(48)),
    Column("container_id", String(96)),
    Column("data", Document, nullable=False),
    Index(None, "player_id", "seq"),
    Index(None, "factory_id", "seq"),
    Index(None, "container_id", "seq"),
    sqlite_autoincrement=True,
)

HISTORY_MARKS = Table(
    "history_marks",
    METADATA,
    _universe(),
    Column("name", String(32), primary_key=True),
    Column("number", Whole, nullable=False),
    Column("before", UtcDateTime, nullable=False),
)
"""Up to which number retention has gone through a table for a universe, and before when rows were removed."""

# The instants of these two are real time by the database's clock: those of several machines differ.
DAEMONS = Table(
    "daemons",
    METADATA,
    Column("node_id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("address", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
)

AGENT_OWNERS = Table(
    "agent_owners",
    METADATA,
    _player(primary_key=True),
    Column("node_id", String(64)),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("acquired_at", UtcDateTime, nullable=False),
)

AGENT_TOKENS = Table(
    "agent_tokens",
    METADATA,
    _universe(),
    Column("agent_symbol", String(32), primary_key=True),
    Column("token", Text, nullable=False),
)
