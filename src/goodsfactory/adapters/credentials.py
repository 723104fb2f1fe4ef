"""Tokens in a file of mode 0600, or the one from the environment."""

import json
import os
import secrets
import stat
from pathlib import Path

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.player import Player
from goodsfactory.ports.store import Credentials

FILE_NAME = "credentials.json"

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class FileCredentials(Credentials):
    """Tokens by universe (reset date) and agent, in ``credentials.json`` of a directory.

    ``environment_token`` is the value of SPACETRADERS_TOKEN, if any: it wins for the default player. Every
    method raises UserError for a file that others may read, that is damaged, or that cannot be reached.
    """

    def __init__(self, directory: Path, *, environment_token: str | None = None) -> None:
        self._file = directory / FILE_NAME
        self._environment_token = (environment_token or "").strip()

    def __repr__(self) -> str:
        return f"FileCredentials({str(self._file)!r})"

    async def token(self, player: Player) -> str | None:
        if player.is_default and self._environment_token:
            return self._environment_token
        return self._read().get(player.reset_date, {}).get(player.agent_symbol.upper())

    async def keep(self, agent_symbol: str, reset_date: str, token: str) -> None:
        token = token.strip()
        if not token:
            raise UserError(f"The token of {agent_symbol} is empty: give the one the server issued.")
        tokens = self._read()
        tokens.setdefault(reset_date, {})[agent_symbol.upper()] = token
        self._write(json.dumps(tokens, indent=2, sort_keys=True) + "\n")

    def _read(self) -> dict[str, dict[str, str]]:
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
        except ValueError:
            # Without the cause: its text could show a part of a token.
            raise self._damaged() from None
        if not _is_token_table(tokens):
            raise self._damaged()
        return dict(tokens)

    def _write(self, text: str) -> None:
        new = self._file.with_name(f".{FILE_NAME}.{secrets.token_hex(4)}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self._file)
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
    """Reset date → agent symbol → token."""
    return isinstance(document, dict) and all(
        isinstance(agents, dict) and all(isinstance(token, str) for token in agents.values())
        for agents in document.values()
    )
