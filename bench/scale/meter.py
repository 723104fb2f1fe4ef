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
OTHER = "other"
CLEANING = "cleaning"
"""Python's search for garbage in cycles: it stops whoever runs then, and grows with the whole process."""


class Meter:
    """Charges each moment to the kind that runs then: the game's own work is not the container's.

    ``steps`` are the CPU seconds between two waits of a task, by kind; a pass of a planner or coordinator
    that asks the game nothing is one step.
    """

    def __init__(self) -> None:
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self.queries: Counter[str] = Counter()
        self.steps: defaultdict[str, list[float]] = defaultdict(list)
        self._running = [OTHER]
        self._since = time.process_time()

    def reset(self) -> None:
        """Forget what was charged so far."""
        self._charge()
        self.cpu.clear()
        self.queries.clear()
        self.steps.clear()

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
    def count_queries(self) -> Iterator[None]:
        """Count what every database connection of this process executes meanwhile."""

        def executed(*_: object) -> None:
            self.queries[self._running[-1]] += 1

        event.listen(Engine, "before_cursor_execute", executed)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", executed)

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
        before = meter.cpu[kind]
        meter.enter(kind)
        try:
            return go_on(*arguments)
        finally:
            meter.leave()
            meter.steps[kind].append(meter.cpu[kind] - before)
