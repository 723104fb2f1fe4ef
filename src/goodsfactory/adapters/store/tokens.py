"""Tokens that several daemons share: kept in the database all of them must reach to take over (ADR 11)."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, select

from goodsfactory.adapters.store.tables import AGENT_TOKENS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe, server_name, unplaced
from goodsfactory.ports.store import Credentials, Store, Tokens, Transaction

_T = AGENT_TOKENS.c
_ONE = (_T.universe == bindparam("here"), _T.agent_symbol == bindparam("agent"))
_TOKEN = select(_T.token).where(*_ONE)
_DROP = delete(AGENT_TOKENS).where(*_ONE)


class SqlTokens(Tokens):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keep = upsert(connection, AGENT_TOKENS)

    def get(self, agent_symbol: str, universe: str) -> str | None:
        asked = {"here": universe, "agent": agent_symbol.upper()}
        return self._connection.execute(_TOKEN, asked).scalar_one_or_none()

    def put(self, agent_symbol: str, universe: str, token: str) -> None:
        row = {"universe": universe, "agent_symbol": agent_symbol.upper(), "token": token.strip()}
        self._connection.execute(self._keep, row)

    def drop(self, agent_symbol: str, universe: str) -> None:
        self._connection.execute(_DROP, {"here": universe, "agent": agent_symbol.upper()})


class SharedCredentials(Credentials):
    """Tokens in the database, given out to nobody but ``server``.

    ``environment_token`` is bound to ``server`` and wins for the default player, as with those in a file.
    """

    def __init__(self, store: Store, *, server: str, environment_token: str | None = None) -> None:
        self._store = store
        self._server = server_name(server)
        self._environment_token = (environment_token or "").strip()

    async def token(self, player: Player) -> str | None:
        if server_name(player.base_url) != self._server:
            return None
        if player.is_default and self._environment_token:
            return self._environment_token
        return await self._store.transact(lambda tx: tx.tokens.get(player.agent_symbol, player.universe))

    def is_from_environment(self, token: str) -> bool:
        return bool(self._environment_token) and token.strip() == self._environment_token

    async def keep(self, agent_symbol: str, universe: Universe, token: str) -> None:
        def work(tx: Transaction) -> None:
            tx.tokens.put(agent_symbol, universe.id, token)
            tx.tokens.drop(agent_symbol, unplaced(universe.server))

        await self._store.transact(work)

    async def keep_told(self, agent_symbol: str, token: str) -> None:
        await self._store.transact(lambda tx: tx.tokens.put(agent_symbol, unplaced(self._server), token))

    async def told(self, agent_symbol: str) -> str | None:
        return await self._store.transact(lambda tx: tx.tokens.get(agent_symbol, unplaced(self._server)))

    async def rehearse(self, agent_symbol: str) -> None:
        def work(tx: Transaction) -> None:
            here = unplaced(self._server)
            told = tx.tokens.get(agent_symbol, here)
            tx.tokens.put(agent_symbol, here, told or "none yet")
            if told is None:
                tx.tokens.drop(agent_symbol, here)

        await self._store.transact(work)

    async def sort(self, players: Iterable[Player]) -> None:
        """Nothing to do: a migration has done it."""
