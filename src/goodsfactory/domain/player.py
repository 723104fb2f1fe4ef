"""Players: one agent in one universe. The token lives elsewhere (a 0600 file), never here."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Player:
    """``reset_date`` names the universe the agent belongs to (YYYY-MM-DD), ``base_url`` its server."""

    id: int
    agent_symbol: str
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
