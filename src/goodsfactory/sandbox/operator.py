"""The operator of a running sandbox, seen from outside: faults, time, books, accounts, resets.

It needs nothing but the address, so that it works for a sandbox in another process as well.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

_PATIENCE_SECONDS = 10.0


class SandboxRefused(Exception):
    """The sandbox said no; the text is its sentence."""


class SandboxUnreachable(Exception):
    """No sandbox answers there; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Books:
    """What a sandbox knows of an agent: credits, and the units of each good in the hold of each ship.

    ``transactions`` are its trades from the first to the last, each with ``number``, ``type``,
    ``tradeSymbol``, ``units``, ``pricePerUnit``, ``totalPrice`` and where, who and when.
    """

    credits: int
    starting_credits: int
    transactions: Sequence[Mapping[str, Any]]
    holds: Mapping[str, Mapping[str, int]]


class Operator:
    """Operates the sandbox at a base URL. Every method raises SandboxRefused or SandboxUnreachable."""

    def __init__(self, url: str, *, accounts_required: bool = False) -> None:
        self._accounts_required = accounts_required
        self.url = url
        """The base URL of the game, which clients are told: ``http://127.0.0.1:PORT/v2``."""

    def register(self, symbol: str, faction: str | None = None, *, account_token: str | None = None) -> str:
        """Register an agent, with the first faction that recruits unless one is named; its token.

        Where accounts are required it is, unless a token of one is given, of an account of its own name.
        """
        if account_token is None and self._accounts_required:
            account_token = self.account(symbol)
        if faction is None:
            factions = self._send("GET", f"{self.url}/factions?limit=20")
            faction = next(each["symbol"] for each in factions if each["isRecruiting"])
        form = {"symbol": symbol, "faction": faction}
        told = self._send("POST", f"{self.url}/register", form, token=account_token)
        return str(told["token"])

    def account(self, name: str) -> str:
        """Open an account (again); its token may register agents, and is needed where accounts are strict."""
        return str(self.ask("POST", "/accounts", {"name": name})["token"])

    def fault(self, kind: str, **matters: Any) -> int:
        """Arm a fault and return its number: ``fault("slow", path="/my/ships/*", seconds=3, count=1)``.

        The kinds and fields are those of ``POST /sandbox/faults``; ``duration_seconds`` is sandbox time.
        """
        if "duration_seconds" in matters:
            matters["durationSeconds"] = matters.pop("duration_seconds")
        return int(self.ask("POST", "/faults", {"kind": kind, **matters})["id"])

    def clear_faults(self) -> None:
        """Disarm every fault; markets work again."""
        self.ask("DELETE", "/faults")

    def jump(self, seconds: float) -> str:
        """Move the sandbox's time ahead; returns the time it is now, in RFC 3339."""
        return str(self.ask("POST", "/time", {"jumpSeconds": seconds})["time"])

    def books(self, agent: str) -> Books:
        """Credits, trades and holds of an agent, in one moment."""
        told = self.ask("GET", f"/transactions?agent={agent}")
        return Books(told["credits"], told["startingCredits"], told["transactions"], told["holds"])

    def reset(self) -> str:
        """Begin a fresh universe; returns its reset date. Agent tokens are void, account tokens not."""
        return str(self.ask("POST", "/reset")["resetDate"])

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request to the operator's namespace; its ``data``."""
        return self._send(method, f"{self.url.rstrip('/').removesuffix('/v2')}/sandbox{path}", body)

    def _send(
        self, method: str, address: str, body: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        headers = {"content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        # A proxy that the machine uses for the rest of the world knows nothing of this one.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            request = urllib.request.Request(address, data, headers, method=method)
            with opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
                return _data(json.load(answer), address)
        except urllib.error.HTTPError as error:
            with error:
                told = _sentence(error.read())
            raise SandboxRefused(told or f"{address} answers {error.code}: is it a sandbox?") from None
        except (OSError, ValueError, HTTPException) as error:
            raise SandboxUnreachable(str(getattr(error, "reason", error))) from None


def _data(told: Any, address: str) -> Any:
    if not isinstance(told, dict) or "data" not in told:
        raise SandboxUnreachable(f"{address} answers without data: is it a sandbox?")
    return told["data"]


def _sentence(body: bytes) -> str:
    try:
        told: str = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return told
