"""A lean HTTP/1.1 load: connections that stay open and ask the next question when the answer is there.

A general client costs more per request than the server under measurement; this one parses just enough.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

Questions = Iterator[bytes]
"""Whole requests, one after the other; the end of the iterator ends the connection."""


@dataclass
class Tally:
    """What a load came to. ``seconds`` are real; ``statuses`` counts answers by HTTP status."""

    answers: int
    seconds: float
    statuses: dict[int, int]

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {token}\r\n"
    if method != "GET":
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class _Connection(asyncio.Protocol):
    def __init__(self, questions: Questions, statuses: dict[int, int]) -> None:
        self._questions = questions
        self._statuses = statuses
        self._received = b""
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end]
        at = head.find(b"content-length: ")
        size = int(head[at + 16 : (head.find(b"\r", at) + 1 or end + 1) - 1]) if at >= 0 else 0
        if len(self._received) < end + 4 + size:
            return
        status = int(head[9:12])
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self._received = self._received[end + 4 + size :]
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(error or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        question = next(self._questions, None)
        if question is None:
            self.over.set_result(None)
            self._transport.close()
        else:
            self._transport.write(question)


def _connection(make: Callable[[], Questions], statuses: dict[int, int]) -> _Connection:
    return _Connection(make(), statuses)


async def load(host: str, port: int, connections: list[Callable[[], Questions]]) -> Tally:
    """Ask all questions, each connection its own; raises ConnectionError when the server hangs up."""
    loop = asyncio.get_running_loop()
    statuses: dict[int, int] = {}
    began = time.perf_counter()
    opened = [
        (await loop.create_connection(partial(_connection, make, statuses), host, port))[1]
        for make in connections
    ]
    await asyncio.gather(*(connection.over for connection in opened))
    return Tally(sum(statuses.values()), time.perf_counter() - began, statuses)
