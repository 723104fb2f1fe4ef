"""Watching a factory until it is over: a live tree on a terminal, lines of events in a pipe."""

import json
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.cli.durations import clock_time, instant
from goodsfactory.cli.factory_view import OVER, FactoryView
from goodsfactory.cli.failure import INTERRUPTED
from goodsfactory.cli.layout import Cell, Line, coloured
from goodsfactory.cli.screen import ascii_only, is_terminal, say, tell
from goodsfactory.cli.tree import factory_lines

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.api.goodsfactory_pb2 import Event, Factory

REDRAW = 0.25
"""Real seconds between two pictures of the live tree."""

RECENT = 5
"""Events shown below the live tree."""

_LAST_EVENTS = frozenset(f"FACTORY_{status}" for status in OVER)


class Detached(Exception):
    """The user stopped watching; the factory goes on."""

    exit_code = INTERRUPTED

    def __init__(self, factory_id: str) -> None:
        super().__init__(
            f"Detached; the factory keeps running. Watch it again with "
            f"`spacetraders goods status {factory_id} --watch`."
        )


def watch(client: "Client", factory_id: str, *, verbose: bool = False, quiet: bool = False) -> "Factory":
    """Show a factory until it is over, and return its last report; ``quiet`` shows nothing.

    Raises Detached on Ctrl-C.
    """
    try:
        if quiet:
            for _ in _until_over(client, factory_id):
                pass
        elif is_terminal():
            _watch_live(client, factory_id, verbose=verbose)
        else:
            _watch_plain(client, factory_id)
        return client.factory(factory_id)
    except KeyboardInterrupt:
        raise Detached(factory_id) from None


def _until_over(client: "Client", factory_id: str) -> "Iterator[Event]":
    with client.events(factory_id) as events:
        for event in events:
            yield event
            if event.kind in _LAST_EVENTS:
                return


def _watch_plain(client: "Client", factory_id: str) -> None:
    for event in _until_over(client, factory_id):
        say(event_line(event))
    factory = client.factory(factory_id)
    say("")
    lines = factory_lines(view(factory), instant(factory.now), ascii_only=ascii_only())
    for line in lines:
        say("".join(cell.text for cell in line).rstrip())


def event_line(event: "Event") -> str:
    """``14:03:22  LEG_DONE         SHIP-1 delivered 40 COPPER to X1-GZ7-B2.``"""
    return f"{clock_time(event.at)}  {event.kind:<17}  {event.message}"


def _watch_live(client: "Client", factory_id: str, *, verbose: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    recent: deque[str] = deque(maxlen=RECENT)
    console = Console(highlight=False)
    # Asked before the live view takes standard output over, which then knows no encoding.
    ascii_tree = ascii_only()
    with client.events(factory_id) as events, Live(console=console, auto_refresh=False) as live:
        news = _Reader(events)
        over = False
        while not over:
            recent.extend(event_line(event) for event in news.wait(REDRAW))
            factory = client.factory(factory_id)
            over = view(factory).is_over
            lines = picture(
                view(factory),
                instant(factory.now),
                () if over else recent,
                verbose=verbose,
                ascii_tree=ascii_tree,
            )
            live.update(coloured(lines), refresh=True)


def picture(
    factory: FactoryView,
    now: datetime,
    recent: Iterable[str],
    *,
    verbose: bool = False,
    ascii_tree: bool = False,
) -> list[Line]:
    """The live view: the tree, and the latest events below it."""
    lines = factory_lines(factory, now, verbose=verbose, ascii_only=ascii_tree)
    tail = list(recent)
    if tail:
        lines.append([])
        lines += [[Cell(text, "dim")] for text in tail]
    return lines


class _Reader:
    """Reads a stream in a thread of its own, so that the picture can move while nothing happens."""

    def __init__(self, events: "Iterator[Event]") -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(events,), daemon=True).start()

    def _read(self, events: "Iterator[Event]") -> None:
        from goodsfactory.api.errors import DaemonError

        try:
            for event in events:
                self._queue.put(event)
        except DaemonError as error:
            self._queue.put(error)

    def wait(self, seconds: float) -> "list[Event]":
        """What came within so many seconds, and everything already there. Raises what ended the stream."""
        news: list[Event] = []
        try:
            item = self._queue.get(timeout=seconds)
            while True:
                if isinstance(item, Exception):
                    raise item
                news.append(item)
                item = self._queue.get_nowait()
        except queue.Empty:
            return news


def view(factory: "Factory") -> FactoryView:
    return FactoryView.read(json.loads(factory.document))


def end_code(status: str) -> int:
    """The exit code of having watched a factory to its end: 1 when it FAILED."""
    return 1 if status == "FAILED" else 0


def tell_detached(detached: Detached) -> int:
    tell(str(detached))
    return detached.exit_code
