"""Tokens in a file of mode 0600, or the one from the environment."""

import json
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe, server_name, unplaced
from goodsfactory.ports.store import Credentials

FILE_NAME = "credentials.json"

COPY_NAME = f"{FILE_NAME}.before"
"""The file as an earlier version left it: that one cannot read the new one."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


_Tokens = dict[str, dict[str, dict[str, str]]]
"""Server → universe → agent symbol → token."""

_UNSORTED = "no known server"
"""Under it stay tokens of an earlier version that belong to no player; they are never sent anywhere."""


class FileCredentials(Credentials):
    """Tokens by server, universe and agent, in ``credentials.json`` of a directory; for ``server`` alone.

    ``environment_token`` is the value of SPACETRADERS_TOKEN, if any: it is bound to ``server`` and wins for
    the default player. Every method raises UserError for a file that others may read, that is damaged, or
    that cannot be reached.
    """

    def __init__(self, directory: Path, *, server: str, environment_token: str | None = None) -> None:
        self._file = directory / FILE_NAME
        self._server = server_name(server)
        self._environment_token = (environment_token or "").strip()

    def __repr__(self) -> str:
        return f"FileCredentials({str(self._file)!r})"

    async def token(self, player: Player) -> str | None:
        if server_name(player.base_url) != self._server:
            return None
        if player.is_default and self._environment_token:
            return self._environment_token
        agents = self._read().get(self._server, {}).get(player.universe, {})
        return agents.get(player.agent_symbol.upper())

    def is_from_environment(self, token: str) -> bool:
        return bool(self._environment_token) and token.strip() == self._environment_token

    async def keep(self, agent_symbol: str, universe: Universe, token: str) -> None:
        tokens = self._with(agent_symbol, universe.server, universe.id, token)
        by_universe = tokens[server_name(universe.server)]
        told = by_universe.pop(unplaced(universe.server), {})
        told.pop(agent_symbol.upper(), None)
        if told:
            by_universe[unplaced(universe.server)] = told
        self._write(tokens)

    async def keep_told(self, agent_symbol: str, token: str) -> None:
        self._write(self._with(agent_symbol, self._server, unplaced(self._server), token))

    async def told(self, agent_symbol: str) -> str | None:
        by_universe = self._read().get(self._server, {})
        return by_universe.get(unplaced(self._server), {}).get(agent_symbol.upper())

    async def rehearse(self, agent_symbol: str) -> None:
        self._write(self._read())

    async def sort(self, players: Iterable[Player]) -> None:
        """As the port says; the file of the earlier version stays beside the new one, as ``COPY_NAME``."""
        document = self._load()
        if not _is_unsorted(document):
            return
        by_date: dict[str, dict[str, str]] = {date: dict(agents) for date, agents in document.items()}
        tokens: _Tokens = {}
        for player in players:
            agent = player.agent_symbol.upper()
            token = by_date.get(player.reset_date, {}).pop(agent, None)
            if token is not None:
                universes = tokens.setdefault(server_name(player.base_url), {})
                universes.setdefault(player.universe, {})[agent] = token
        left = {date: agents for date, agents in by_date.items() if agents}
        self._write(document, COPY_NAME)
        self._write({**tokens, **({_UNSORTED: left} if left else {})})

    def _with(self, agent_symbol: str, server: str, universe: str, token: str) -> _Tokens:
        token = token.strip()
        if not token:
            raise UserError(f"The token of {agent_symbol} is empty: give the one the server issued.")
        tokens = self._read()
        agents = tokens.setdefault(server_name(server), {}).setdefault(universe, {})
        agents[agent_symbol.upper()] = token
        return tokens

    def _read(self) -> _Tokens:
        document = self._load()
        if not _is_token_table(document):
            raise self._damaged()
        return dict(document)

    def _load(self) -> Any:
        try:
            with self._file.open(encoding="utf-8") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                    raise UserError(
                        f"Other users can read the tokens in {self._file}: run chmod 600 {self._file}",
                        kind="precondition",
                    )
                tokens = json.load(file)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UserError(
                f"The tokens in {self._file} cannot be read ({error.strerror}).", kind="precondition"
            ) from error
        except (ValueError, RecursionError):
            # Without the cause: its text could show a part of a token.
            raise self._damaged() from None
        if not (_is_token_table(tokens) or _is_unsorted(tokens)):
            raise self._damaged()
        return tokens

    def _write(self, tokens: Any, name: str = FILE_NAME) -> None:
        text = json.dumps(tokens, indent=2, sort_keys=True) + "\n"
        new = self._file.with_name(f".{name}.{secrets.token_hex(4)}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self._file.with_name(name))
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(
                f"The token cannot be kept in {self._file} ({error.strerror}): "
                f"make {self._file.parent} writable for you.",
                kind="precondition",
            ) from error

    def _damaged(self) -> UserError:
        return UserError(
            f"{self._file} is not a file of tokens: move it away and add the player again.",
            kind="precondition",
        )


def _is_token_table(document: object) -> bool:
    return isinstance(document, dict) and all(_is_by_agent(universes) for universes in document.values())


def _is_unsorted(document: object) -> bool:
    """Whether it is of an earlier version: reset date → agent symbol → token. An empty one is not."""
    return bool(document) and _is_by_agent(document)


def _is_by_agent(document: object) -> bool:
    return isinstance(document, dict) and all(
        isinstance(agents, dict) and all(isinstance(token, str) for token in agents.values())
        for agents in document.values()
    )
