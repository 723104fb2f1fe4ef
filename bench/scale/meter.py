"""Whose work the processor does: CPU seconds and queries by the kind of container that asks for them."""

import asyncio
import gc
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

GAME = "game"
STORE = " in transactions"
"""What a kind does inside transactions is charged to it with this behind: a daemon does it in a thread."""
OTHER = "other"
CLEANING = "cleaning"
"""Python's search for garbage in cycles: it stops whoever runs then, and grows with the whole process."""


class Meter:
    """Charges each moment to the kind that runs then: the game's own work is not the container's.

    ``stretches`` are the CPU seconds, by kind, for which it held the loop: from one wait of a task to the
    next, its transactions left out.
    """

    def __init__(self) -> None:
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self.queries: Counter[str] = Counter()
        self.stretches: defaultdict[str, list[float]] = defaultdict(list)
        self._running = [OTHER]
        self._begun = [0.0]
        self._since = time.process_time()

    def reset(self) -> None:
        """Forget what was charged so far."""
        self._charge()
        self.cpu.clear()
        self.queries.clear()
        self.stretches.clear()
        self._begun = [0.0] * len(self._begun)

    def spent(self, *kinds: str) -> float:
        """CPU seconds of these kinds until now."""
        self._charge()
        return sum(self.cpu[kind] for kind in kinds)

    def task_factory(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **options: Any,
    ) -> asyncio.Task[Any]:
        """For ``loop.set_task_factory``: a task's kind is the first word of its name."""
        assert isinstance(coroutine, Coroutine)
        return asyncio.Task(_Watched(coroutine, self), loop=loop, **options)

    def game(self, server: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """An ASGI application whose work is charged to the game."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            await _Watched(server(scope, receive, send), self, kind=GAME)  # type: ignore[arg-type]

        return watched

    @contextmanager
    def spare_cleaning(self) -> Iterator[None]:
        """Charge the collection of garbage to nobody who happens to run."""

        def told(phase: str, _: object) -> None:
            if phase == "start":
                self.enter(CLEANING)
            else:
                self.leave()

        gc.callbacks.append(told)
        try:
            yield
        finally:
            gc.callbacks.remove(told)

    @contextmanager
    def stretch(self, kind: str) -> Iterator[None]:
        """Charge what is done here to a kind, as one stretch of it."""
        self.enter(kind)
        self._begun.append(self.cpu[kind])
        try:
            yield
        finally:
            self.leave()
            self.stretches[kind].append(self.cpu[kind] - self._begun.pop())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done here ends the stretch of whoever asked for it, and another begins afterwards."""
        kind = self._running[-1]
        self._charge()
        self.stretches[kind].append(self.cpu[kind] - self._begun[-1])
        self.enter(kind + STORE)
        try:
            yield
        finally:
            self.leave()
            self._begun[-1] = self.cpu[kind]

    def query(self) -> None:
        """Somebody asks the database."""
        self.queries[self._running[-1].removesuffix(STORE)] += 1

    def enter(self, kind: str) -> None:
        self._charge()
        self._running.append(kind)

    def leave(self) -> None:
        self._charge()
        self._running.pop()

    def _charge(self) -> None:
        now = time.process_time()
        self.cpu[self._running[-1]] += now - self._since
        self._since = now


class _Watched(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are charged to its kind."""

    def __init__(self, inner: Coroutine[Any, Any, Any], meter: Meter, kind: str | None = None) -> None:
        self._inner = inner
        self._meter = meter
        self._kind = kind

    def send(self, value: Any) -> Any:
        return self._step(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self._inner.throw, *error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        value: Any = None
        while True:
            try:
                waits_for = self.send(value)
            except StopIteration as end:
                return end.value
            value = yield waits_for

    def _step(self, go_on: Callable[..., Any], *arguments: Any) -> Any:
        meter, kind = self._meter, self._kind
        if kind is None:  # a task gets its name once it was made
            task = asyncio.current_task()
            kind = self._kind = OTHER if task is None else task.get_name().partition("-")[0]
        with meter.stretch(kind):
            return go_on(*arguments)


@contextmanager
def count_queries(meter: Callable[[], Meter]) -> Iterator[None]:
    """Count what every database connection of this process executes meanwhile, by the meter of who asks."""

    def executed(*_: object) -> None:
        meter().query()

    event.listen(Engine, "before_cursor_execute", executed)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", executed)
