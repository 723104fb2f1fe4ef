"""The request limit in front of the API, and the headers it puts on every answer."""

from datetime import timedelta

from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.http.protocol import Headers, Reply, Request, bearer, refusal_reply
from goodsfactory.sandbox.rate_limit import BURST, PER_SECOND, RateLimit, Verdict
from goodsfactory.sandbox.timestamps import Calendar, timestamp
from goodsfactory.sandbox.world import World

_TOO_MANY = 429


class Throttle:
    """Answers 429 in place of the API when a request has no point left (api-facts §2), in sandbox time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limit = RateLimit()

    def check(self, request: Request) -> tuple[Headers, Reply | None]:
        """Count one request: the headers of its answer, and the answer itself when it is refused."""
        token = bearer(request.authorization) if request.authorization else None
        agent = self._world.agents.holder(token) if token else None
        verdict = self._limit.check(
            request.address or "unknown", agent.account if agent else None, self._world.now()
        )
        return limit_headers(verdict, self._world.calendar), None if verdict.allowed else too_many(
            self._world, verdict
        )


def too_many(world: World, verdict: Verdict) -> Reply:
    """The 429 a verdict asks for, without its headers."""
    world.traffic.limited()
    calendar = world.calendar
    retry_after = _retry_after(verdict, calendar)
    refusal = Refusal(
        _TOO_MANY,
        f"You have reached your API limit ({verdict.type}). Retry in {retry_after} seconds.",
        {
            "type": verdict.type,
            "retryAfter": retry_after,
            "limitBurst": BURST,
            "limitPerSecond": PER_SECOND,
            "remaining": verdict.remaining,
            "reset": timestamp(calendar.told(verdict.reset)),
        },
    )
    reply = refusal_reply(refusal, f"limited-{world.traffic.refused_by_limit:x}")
    reply.status = _TOO_MANY
    return reply


def limit_headers(verdict: Verdict, calendar: Calendar) -> Headers:
    """What every answer tells of the limit (api-facts §2)."""
    headers = [
        (b"x-ratelimit-type", verdict.type.encode()),
        (b"x-ratelimit-limit", str(PER_SECOND).encode()),
        (b"x-ratelimit-limit-burst", str(BURST).encode()),
        (b"x-ratelimit-limit-per-second", str(PER_SECOND).encode()),
        (b"x-ratelimit-remaining", str(verdict.remaining).encode()),
        (b"x-ratelimit-reset", timestamp(calendar.told(verdict.reset)).encode()),
    ]
    if not verdict.allowed:
        headers.append((b"retry-after", str(_retry_after(verdict, calendar)).encode()))
    return headers


def _retry_after(verdict: Verdict, calendar: Calendar) -> int:
    return calendar.seconds(timedelta(seconds=verdict.retry_after))
