"""Players: one agent in one universe. The token lives elsewhere (a 0600 file), never here."""

from dataclasses import dataclass
from datetime import datetime


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
