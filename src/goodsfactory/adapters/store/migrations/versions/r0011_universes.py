"""Universes: a server and a reset, where the reset date alone named them before.

Revision 0011, after 0010.
"""

import hashlib
from urllib.parse import urlsplit

from alembic import op
from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint, text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = DateTime(timezone=True)
# Copying a table of SQLite would forget that no number of a player is given twice.
_NUMBERED = {"sqlite_autoincrement": True}
_OF_PLAYERS = ("ships", "ship_claims", "stock", "intents")
_OF_PLACES = ("waypoints", "markets", "shipyards", "market_history")
_TABLES = (*_OF_PLAYERS, *_OF_PLACES, "agent_tokens")


def upgrade() -> None:
    op.create_table(
        "universes",
        Column("id", String(10), nullable=False),
        Column("server", Text, nullable=False),
        Column("reset_date", String(10), nullable=False),
        Column("number", Integer, nullable=False),
        Column("told_id", String(64), nullable=False),
        Column("first_seen", _INSTANT, nullable=False),
        Column("ended_at", _INSTANT),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("server", "reset_date", "number"),
    )
    op.add_column("players", Column("universe", String(10)))
    _name_universes()
    _rename("reset_date", "universe")
    _rekey()
    with op.batch_alter_table("players", table_kwargs=_NUMBERED) as table:
        table.alter_column("universe", existing_type=String(10), nullable=False)
        table.drop_constraint("uq_players_reset_date_agent_symbol", type_="unique")
        table.create_unique_constraint("uq_players_universe_agent_symbol", ["universe", "agent_symbol"])


def _name_universes() -> None:
    database = op.get_bind()
    rows = database.execute(
        text("SELECT base_url, reset_date, min(created_at) FROM players GROUP BY base_url, reset_date")
    ).all()
    for base_url, reset_date, first_seen in rows:
        server = _server_name(base_url)
        universe = {"id": _id(server, reset_date), "server": server, "date": reset_date, "seen": first_seen}
        # Addresses that differ in nothing but a slash at the end are one server.
        if not database.execute(text("SELECT 1 FROM universes WHERE id = :id"), universe).first():
            database.execute(
                text("INSERT INTO universes VALUES (:id, :server, :date, 1, '', :seen, NULL)"), universe
            )
        database.execute(
            text("UPDATE players SET universe = :id WHERE base_url = :base_url AND reset_date = :date"),
            {**universe, "base_url": base_url},
        )


def _rekey() -> None:
    for table in _OF_PLAYERS:
        op.execute(
            f"UPDATE {table} SET universe = (SELECT p.universe FROM players p WHERE p.id = {table}.player_id)"
        )
    owner = (
        "(SELECT p.universe FROM players p"
        " WHERE p.reset_date = agent_tokens.universe AND p.agent_symbol = agent_tokens.agent_symbol)"
    )
    # Whose server issued it nobody knows any more: such a token could only be sent to a wrong one.
    op.execute(f"DELETE FROM agent_tokens WHERE {owner} IS NULL")
    op.execute(f"UPDATE agent_tokens SET universe = {owner}")
    alone = "SELECT reset_date FROM universes GROUP BY reset_date HAVING count(*) = 1"
    for table in _OF_PLACES:
        # What two servers with one date said of their places got mixed: it is asked for again.
        op.execute(f"DELETE FROM {table} WHERE universe NOT IN ({alone})")
        op.execute(
            f"UPDATE {table} SET universe ="
            f" (SELECT u.id FROM universes u WHERE u.reset_date = {table}.universe)"
        )


def downgrade() -> None:
    # The newest universe of a date gets the date back; an older program takes the others for past ones.
    newer = (
        "v.first_seen > universes.first_seen OR (v.first_seen = universes.first_seen AND v.id > universes.id)"
    )
    op.execute(
        "UPDATE universes SET reset_date = id WHERE EXISTS (SELECT 1 FROM universes v"
        f" WHERE v.reset_date = universes.reset_date AND ({newer}))"
    )
    for table, column in (("players", "reset_date"), *((table, "universe") for table in _TABLES)):
        op.execute(
            f"UPDATE {table} SET {column} = coalesce((SELECT u.reset_date FROM universes u"
            f" WHERE u.id = {table}.universe), {column})"
        )
    with op.batch_alter_table("players", table_kwargs=_NUMBERED) as players:
        players.drop_constraint("uq_players_universe_agent_symbol", type_="unique")
        players.create_unique_constraint("uq_players_reset_date_agent_symbol", ["reset_date", "agent_symbol"])
        players.drop_column("universe")
    _rename("universe", "reset_date")
    op.drop_table("universes")


def _rename(old: str, new: str) -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    for table in ("waypoints", "markets", "shipyards"):
        op.drop_index(f"ix_{table}_{old}_system_symbol", table)
        op.create_index(f"ix_{table}_{new}_system_symbol", table, [new, "system_symbol"])


def _server_name(base_url: str) -> str:
    address = urlsplit(base_url.strip())
    return f"{address.scheme}://{address.netloc}".lower() + address.path.rstrip("/")


def _id(server: str, reset_date: str) -> str:
    return hashlib.sha256(f"{server} {reset_date} 1".encode()).hexdigest()[:10]
