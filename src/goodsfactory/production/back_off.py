"""How long somebody waits before trying again what the world refused."""

from goodsfactory.planning.policy import Policy

UNREADABLE_ATTEMPTS = 3
"""How often a ship or market that the game cannot put into words is tried before others take over."""

_DOUBLINGS = 16
"""More of them reach every limit long before; without an end the power outgrows a float."""


class BackOff:
    """Pauses that double from ``retry_initial`` to ``retry_limit`` game seconds while nothing goes well."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.failures = 0

    def next(self) -> float:
        """Count one more failure; how long to wait after it."""
        wait = self._policy.retry_initial * 2.0 ** min(self.failures, _DOUBLINGS)
        self.failures += 1
        return min(self._policy.retry_limit, wait)

    def well(self) -> None:
        """Something went well: the next failure is the first one again."""
        self.failures = 0
