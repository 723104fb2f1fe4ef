"""The request limit: two pools per IP address and two per account (api-facts §2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

PER_SECOND = 2
BURST = 30
BURST_WINDOW = timedelta(seconds=60)
_SECOND = timedelta(seconds=1)


class Pool:
    """``points`` requests per window; a window begins with its first use (a fixed window, not a bucket)."""

    def __init__(self, points: int, window: timedelta) -> None:
        self.points = points
        self._window = window
        self._used = 0
        self._opened: datetime | None = None

    def remaining(self, now: datetime) -> int:
        """Points left at ``now``."""
        if self._opened is None or now >= self._opened + self._window:
            return self.points
        return self.points - self._used

    def refills_at(self, now: datetime) -> datetime:
        """When the pool is full again; ``now`` when it already is."""
        if self._opened is None:
            return now
        return max(now, self._opened + self._window)

    def take(self, now: datetime) -> None:
        """Use one point; the caller has seen that one is left."""
        if self._opened is None or now >= self._opened + self._window:
            self._opened, self._used = now, 0
        self._used += 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what the headers say about it."""

    allowed: bool
    type: str
    remaining: int
    reset: datetime
    retry_after: int
    """Whole seconds until another request can pass; 0 when this one may."""


class Allowance:
    """The two pools of one IP address or account: the static one first, the burst one when it is empty."""

    def __init__(self, type_: str) -> None:
        self._type = type_
        self._static = Pool(PER_SECOND, _SECOND)
        self._burst = Pool(BURST, BURST_WINDOW)

    def look(self, now: datetime) -> Verdict:
        """What would happen to a request at ``now``."""
        static, burst = self._static.remaining(now), self._burst.remaining(now)
        allowed = static + burst > 0
        left = static + burst - (1 if allowed else 0)
        refills = [pool.refills_at(now) for pool in (self._static, self._burst)]
        reset = min((at for at in refills if at > now), default=now + _SECOND)
        retry_after = 0 if allowed else ceil((reset - now) / _SECOND)
        return Verdict(allowed, self._type, left, reset, retry_after)

    def take(self, now: datetime) -> None:
        """Let one request pass; the caller has seen that it may."""
        pool = self._static if self._static.remaining(now) else self._burst
        pool.take(now)


class RateLimit:
    """The limit of a server: a request needs a point of its IP address and of its account.

    A refused request costs nothing. All times are the server's own, so a fast clock gives more requests.
    """

    def __init__(self) -> None:
        self._allowances: dict[tuple[str, str], Allowance] = {}

    def check(self, ip: str, account: str | None, now: datetime) -> Verdict:
        """Decide about one request and count it when it may pass; the tighter verdict is told."""
        allowances = [self._allowance("IP Address", ip)]
        if account is not None:
            allowances.append(self._allowance("Account", account))
        verdicts = [allowance.look(now) for allowance in allowances]
        if all(verdict.allowed for verdict in verdicts):
            for allowance in allowances:
                allowance.take(now)
        return min(verdicts, key=lambda verdict: (verdict.allowed, verdict.remaining))

    def _allowance(self, type_: str, key: str) -> Allowance:
        return self._allowances.setdefault((type_, key), Allowance(type_))
