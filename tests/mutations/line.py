"""The line between the application and the sandbox, on which answers are harmed after they were given."""

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.mutations.answers import HTML, JSON, Answer, Mutation, mutate, refusal

_NAMES = [
    (r"/my/ships/[^/]+", "/my/ships/SHIP"),
    (r"/my/contracts/[^/]+", "/my/contracts/CONTRACT"),
    (r"/systems/[^/]+/waypoints/[^/]+", "/systems/SYSTEM/waypoints/WAYPOINT"),
    (r"/systems/[^/]+", "/systems/SYSTEM"),
]
_REFUSED_INSTEAD = 0.08
"""The share of mutations in which the request never reaches the game, which says no."""


def endpoint(method: str, path: str) -> str:
    """A request without the names in it."""
    path = path.removeprefix("/v2") or "/"
    for pattern, name in _NAMES:
        path = re.sub(pattern, name, path, count=1)
    return f"{method} {path}"


@dataclass
class MutatingLine:
    """An ASGI application before another one. While ``rate`` is above 0, that share of answers is harmed.

    ``only`` restricts it to endpoints that match; ``state`` is what the story does meanwhile, and is counted
    with them. ``siege`` replaces every answer that matches with one that cannot be understood.
    """

    application: Callable[..., Awaitable[None]]
    chance: random.Random
    rate: float = 0.0
    only: str = ""
    state: str = "start"
    siege: bool = False
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    tail: list[str] = field(default_factory=list)

    @property
    def mutations(self) -> int:
        return sum(self.pairs.values())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests += 1
        asked = endpoint(scope["method"], scope["path"])
        if not self.rate or not re.search(self.only, asked) or self.chance.random() >= self.rate:
            await self.application(scope, receive, send)
            return
        self.pairs[asked, self.state] += 1
        mutation = await self._harmed(scope, receive)
        self.kinds[mutation.kind] += 1
        self.tail = [*self.tail[-200:], f"{self.state}: {scope['method']} {scope['path']}: {mutation.kind}"]
        await _send(send, mutation.answer)

    async def _harmed(self, scope: Any, receive: Any) -> Mutation:
        if not self.siege and self.chance.random() < _REFUSED_INSTEAD:
            return refusal(self.chance)
        answer = await self._answer(scope, receive)
        if self.siege:
            return Mutation("siege", Answer(200, HTML, b"text/html"))
        return mutate(answer, self.chance)

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        status, parts = 500, []

        async def hear(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self.application(scope, receive, hear)
        return Answer(status, b"".join(parts), JSON)


async def _send(send: Any, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers()})
    await send({"type": "http.response.body", "body": answer.body})
