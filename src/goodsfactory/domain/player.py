"""Players: one agent in one universe. The token lives elsewhere (a 0600 file), never here."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.errors import UserError

_SYMBOL_LENGTHS = range(3, 15)
_SYMBOL_EXTRA = frozenset("-_")


@dataclass(frozen=True)
class Player:
    """``universe`` is the id of the one the agent belongs to; ``reset_date`` (YYYY-MM-DD) and ``base_url``
    are those of its server.
    """

    id: int
    agent_symbol: str
    universe: str
    reset_date: str
    base_url: str
    created_at: datetime
    headquarters: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class Balance:
    """The agent's credits (may be negative) as the server last said them."""

    credits: int
    observed_at: datetime


def sound_agent_symbol(agent: str) -> str:
    """The call sign in capitals. Raises UserError where the game could never take it (api-facts §5)."""
    symbol = agent.strip().upper()
    allowed = symbol.isascii() and all(c.isalnum() or c in _SYMBOL_EXTRA for c in symbol)
    if len(symbol) not in _SYMBOL_LENGTHS or not allowed:
        raise UserError(f"{agent!r} is no call sign; use 3 to 14 letters, digits, hyphens or underscores.")
    return symbol
