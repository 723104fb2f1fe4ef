"""The request limit in front of the API, and the headers every answer carries."""

from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.http.protocol import (
    Headers,
    Message,
    Receive,
    RulesApp,
    Scope,
    Send,
    bearer,
    clock_headers,
    error_body,
    request_headers,
    respond,
)
from goodsfactory.sandbox.rate_limit import BURST, PER_SECOND, RateLimit, Verdict
from goodsfactory.sandbox.timestamps import timestamp
from goodsfactory.sandbox.world import World

_TOO_MANY = 429


class Throttle:
    """Answers 429 in place of the API when a request has no point left (api-facts §2).

    The limit runs in sandbox time. ``enabled=False`` lets everything pass and sends the clock headers alone.
    """

    def __init__(self, inner: RulesApp, world: World, *, enabled: bool, speed: float) -> None:
        self._inner = inner
        self._world = world
        self._limit = RateLimit() if enabled else None
        self._speed = speed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        headers = clock_headers(self._world, self._speed)
        if self._limit is not None:
            verdict = self._check(self._limit, scope)
            headers += _limit_headers(verdict)
            if not verdict.allowed:
                await self._refuse(verdict, headers, send)
                return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await self._inner(scope, receive, send_with_headers)

    def _check(self, limit: RateLimit, scope: Scope) -> Verdict:
        authorization = request_headers(scope).get(b"authorization")
        token = bearer(authorization) if authorization else None
        agent = self._world.agents.holder(token) if token else None
        client = scope.get("client")
        address = client[0] if client else "unknown"
        return limit.check(address, agent.account if agent else None, self._world.now())

    async def _refuse(self, verdict: Verdict, headers: Headers, send: Send) -> None:
        self._world.traffic.limited()
        refusal = Refusal(
            _TOO_MANY,
            f"You have reached your API limit ({verdict.type}). Retry in {verdict.retry_after} seconds.",
            {
                "type": verdict.type,
                "retryAfter": verdict.retry_after,
                "limitBurst": BURST,
                "limitPerSecond": PER_SECOND,
                "remaining": verdict.remaining,
                "reset": timestamp(verdict.reset),
            },
        )
        body = error_body(refusal, f"limited-{self._world.traffic.refused_by_limit:x}")
        await respond(send, _TOO_MANY, body, headers)


def _limit_headers(verdict: Verdict) -> Headers:
    headers = [
        (b"x-ratelimit-type", verdict.type.encode()),
        (b"x-ratelimit-limit", str(PER_SECOND).encode()),
        (b"x-ratelimit-limit-burst", str(BURST).encode()),
        (b"x-ratelimit-limit-per-second", str(PER_SECOND).encode()),
        (b"x-ratelimit-remaining", str(verdict.remaining).encode()),
        (b"x-ratelimit-reset", timestamp(verdict.reset).encode()),
    ]
    if not verdict.allowed:
        headers.append((b"retry-after", str(verdict.retry_after).encode()))
    return headers
