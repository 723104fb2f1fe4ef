"""Who asked for what: the request counts of a sandbox."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Traffic:
    """Requests answered so far. A route is written ``METHOD /path/{template}``."""

    by_route: Counter[str] = field(default_factory=Counter)
    by_agent: Counter[str] = field(default_factory=Counter)
    refused_by_limit: int = 0
    total: int = 0
    """Requests that reached the game."""

    def answered(self, route: str, agent: str | None) -> None:
        """Count one request that reached the game; without a token it counts for no agent."""
        self.total += 1
        self.by_route[route] += 1
        if agent is not None:
            self.by_agent[agent] += 1

    def limited(self) -> None:
        """Count one request that was answered with 429."""
        self.refused_by_limit += 1
