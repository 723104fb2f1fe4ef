"""Players: who we act for, per universe, and what the server last said they own."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.new_key import new_key
from goodsfactory.adapters.store.tables import EVENTS, PLAYERS
from goodsfactory.domain.errors import Bug, UserError
from goodsfactory.domain.player import Balance, Player
from goodsfactory.ports.store import Players

_COLUMNS = [column for column in PLAYERS.columns if column.name not in ("credits", "credits_observed_at")]
_IN_UNIVERSE = PLAYERS.c.universe == bindparam("here")
_BY_ID = select(*_COLUMNS).where(PLAYERS.c.id == bindparam("player_id"))
_BY_AGENT = select(*_COLUMNS).where(_IN_UNIVERSE, PLAYERS.c.agent_symbol == bindparam("agent"))
_ALL = select(*_COLUMNS).where(_IN_UNIVERSE).order_by(PLAYERS.c.id)
_NEWEST_EVENT = select(func.max(EVENTS.c.seq)).where(EVENTS.c.player_id == PLAYERS.c.id).scalar_subquery()
_PAST = (
    select(*_COLUMNS)
    .where(PLAYERS.c.universe != bindparam("here"))
    # Not by instants: a server that begins anew may begin before the last one ended.
    .order_by(func.coalesce(_NEWEST_EVENT, 0).desc(), PLAYERS.c.id.desc())
)
_INSERT = PLAYERS.insert()
_NO_DEFAULT = PLAYERS.update().where(_IN_UNIVERSE).values(is_default=False)
_DEFAULT = PLAYERS.update().where(PLAYERS.c.id == bindparam("player_id")).values(is_default=True)
_BALANCE = select(PLAYERS.c.credits, PLAYERS.c.credits_observed_at).where(
    PLAYERS.c.id == bindparam("player_id")
)
_SET_BALANCE = (
    PLAYERS.update()
    .where(
        PLAYERS.c.id == bindparam("player_id"),
        or_(
            PLAYERS.c.credits_observed_at.is_(None),
            PLAYERS.c.credits_observed_at <= bindparam("seen", type_=PLAYERS.c.credits_observed_at.type),
        ),
    )
    .values(credits=bindparam("amount"), credits_observed_at=bindparam("seen"))
)


def _player(row: Row[Any]) -> Player:
    return Player(**row._mapping)


class SqlPlayers(Players):
    """Agents of the present universe; those of others stay reachable by their id alone."""

    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._universe = universe

    def add(
        self,
        agent_symbol: str,
        *,
        universe: str,
        reset_date: str,
        base_url: str,
        headquarters: str,
        now: datetime,
    ) -> Player:
        agent = agent_symbol.upper()
        known = self._connection.execute(_ALL, {"here": universe}).all()
        if any(row.agent_symbol == agent for row in known):
            raise UserError(
                f"The agent {agent} is known already in the universe of {reset_date}.", kind="exists"
            )
        is_default = not any(row.is_default for row in known)
        row: dict[str, Any] = {
            "agent_symbol": agent,
            "universe": universe,
            "reset_date": reset_date,
            "base_url": base_url,
            "headquarters": headquarters,
            "is_default": is_default,
            "created_at": now,
        }
        result = self._connection.execute(_INSERT, row)
        return Player(id=new_key(result), **row)

    def get(self, player_id: int) -> Player | None:
        known: dict[int, Player] = self._kept.read("players", dict)
        if player_id not in known:
            row = self._connection.execute(_BY_ID, {"player_id": player_id}).first()
            if row is None:
                return None
            known[player_id] = _player(row)
        return known[player_id]

    def by_agent(self, agent_symbol: str) -> Player | None:
        row = self._connection.execute(
            _BY_AGENT, {"here": self._universe, "agent": agent_symbol.upper()}
        ).first()
        return None if row is None else _player(row)

    def all(self) -> list[Player]:
        return [_player(row) for row in self._connection.execute(_ALL, {"here": self._universe})]

    def past(self) -> list[Player]:
        return [_player(row) for row in self._connection.execute(_PAST, {"here": self._universe})]

    def make_default(self, player_id: int) -> None:
        player = self.get(player_id)
        if player is None:
            raise UserError(f"There is no player {player_id}.", kind="not-found")
        self._connection.execute(_NO_DEFAULT, {"here": player.universe})
        self._connection.execute(_DEFAULT, {"player_id": player_id})
        self._kept.drop("players")

    def set_balance(self, player_id: int, balance: Balance) -> None:
        changed = self._connection.execute(
            _SET_BALANCE,
            {"player_id": player_id, "amount": balance.credits, "seen": balance.observed_at},
        ).rowcount
        self._kept.drop(("balance", player_id))
        if not changed and self.get(player_id) is None:
            raise Bug(f"There is no player {player_id} whose balance could be kept.")

    def balance(self, player_id: int) -> Balance | None:
        def read() -> Balance | None:
            row = self._connection.execute(_BALANCE, {"player_id": player_id}).first()
            if row is None or row.credits_observed_at is None:
                return None
            return Balance(row.credits, row.credits_observed_at)

        return self._kept.read(("balance", player_id), read)
