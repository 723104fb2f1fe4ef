"""What the victim sees of itself: the repository calls of each transaction, and each request.

Both wrap the real parts and pass everything on; at the armed point they kill the process they are in.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx2

from goodsfactory.domain.money import Intent
from goodsfactory.ports.store import Result, Store, Transaction


class When(StrEnum):
    """The two sides of a commit and the two sides of a request."""

    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"
    BEFORE_SEND = "before sending"
    AFTER_ACT = "after the server acted, before the answer is read"


@dataclass(frozen=True)
class Step:
    """One repository call (``money.open_intent``) or one request (``POST purchase``).

    ``result`` is what the repository answered. ``intent`` is the open intent of the ship that a request is
    about, as far as this process wrote it down, and ``laden`` whether that ship has cargo.
    """

    call: str
    arguments: tuple[Any, ...] = ()
    result: Any = None
    intent: Intent | None = None
    laden: bool = False


@dataclass(frozen=True)
class Point:
    """A place in the program where the daemon dies: the ``nth`` time that ``passes`` says yes.

    ``moment`` completes the sentence "The daemon was killed …"; ``errand`` names what it was doing.
    """

    name: str
    moment: str
    when: When
    passes: Callable[[Step], bool]
    nth: int = 1
    errand: str = "production"


@dataclass
class Trap:
    """Kills this very process with SIGKILL at its point, or freezes it. Without a point it only watches.

    ``note`` is written just before, so that a test knows that the point was reached.
    """

    point: Point | None
    note: Path
    sends: signal.Signals = signal.SIGKILL
    passed: int = 0

    def spring(self, when: When, steps: list[Step]) -> None:
        point = self.point
        if point is None or when is not point.when or not any(point.passes(step) for step in steps):
            return
        self.passed += 1
        if self.passed == point.nth:
            self.note.write_text(json.dumps({"point": point.name}))
            os.kill(os.getpid(), self.sends)


@dataclass
class Memory:
    """What this process has committed that a request alone does not tell."""

    intents: dict[str, Intent] = field(default_factory=dict)
    laden: set[str] = field(default_factory=set)

    def keep(self, step: Step) -> None:
        match step.call:
            case "money.open_intent":
                self.intents[step.arguments[0].ship] = step.arguments[0]
            case "money.close_intent":
                self.intents.pop(step.arguments[0].ship, None)
            case "ships.save":
                for ship in step.arguments[1]:
                    (self.laden.add if ship.hold.units else self.laden.discard)(ship.symbol)


@dataclass
class WatchingStore(Store):
    """The real store, with a trap before and after every commit."""

    store: Store
    trap: Trap
    memory: Memory

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        steps: list[Step] = []

        def watched(tx: Transaction) -> Result:
            steps.clear()
            view: Any = _Watched(tx, steps)
            result = work(view)
            self.trap.spring(When.BEFORE_COMMIT, steps)
            return result

        result = await self.store.transact(watched)
        for step in steps:
            self.memory.keep(step)
        self.trap.spring(When.AFTER_COMMIT, steps)
        return result

    def changed(self, player_id: int | None = None, **unless: Any) -> Any:
        return self.store.changed(player_id, **unless)

    async def close(self) -> None:
        await self.store.close()


class _Watched:
    """A transaction whose repositories note what is asked of them."""

    def __init__(self, tx: Transaction, steps: list[Step]) -> None:
        self._tx = tx
        self._steps = steps

    def __getattr__(self, name: str) -> "_WatchedRepository":
        return _WatchedRepository(name, getattr(self._tx, name), self._steps)


class _WatchedRepository:
    def __init__(self, name: str, repository: Any, steps: list[Step]) -> None:
        self._name = name
        self._repository = repository
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            result = method(*arguments, **options)
            self._steps.append(Step(f"{self._name}.{name}", (*arguments, *options.values()), result))
            return result

        return noted


@dataclass
class WatchingTransport(httpx2.AsyncBaseTransport):
    """The real transport, with a trap before every request and after every success.

    ``latency`` are real seconds that a request takes each way.
    """

    transport: httpx2.AsyncBaseTransport
    trap: Trap
    memory: Memory
    latency: float = 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        parts = request.url.path.removeprefix("/v2").strip("/").split("/")
        ship = parts[2] if parts[:2] == ["my", "ships"] and len(parts) > 2 else ""
        verb = "ship" if ship and len(parts) == 3 else parts[-1]
        step = Step(
            f"{request.method} {verb}",
            (ship,),
            intent=self.memory.intents.get(ship),
            laden=ship in self.memory.laden,
        )
        self.trap.spring(When.BEFORE_SEND, [step])
        await asyncio.sleep(self.latency)
        response = await self.transport.handle_async_request(request)
        if response.is_success:
            self.trap.spring(When.AFTER_ACT, [step])
        await asyncio.sleep(self.latency)
        return response

    async def aclose(self) -> None:
        await self.transport.aclose()


class ListedTransport(httpx2.AsyncBaseTransport):
    """The real transport; each request is a line in ``file``: its instant, its method, its path.

    The instant is real seconds since the machine started, the same for every process on it. It is taken when
    the request is handed over to be sent.
    """

    def __init__(self, transport: httpx2.AsyncBaseTransport, file: Path) -> None:
        self._transport = transport
        self._file = file

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._file.open("a") as lines:
            lines.write(
                f"{time.clock_gettime(time.CLOCK_BOOTTIME):.6f} {request.method} {request.url.path}\n"
            )
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()
