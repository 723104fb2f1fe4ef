"""Watching a factory until it is over: a live tree on a terminal, lines of events in a pipe."""

import json
import queue
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.cli.durations import game_time, when
from goodsfactory.cli.factory_view import OVER, FactoryView
from goodsfactory.cli.failure import INTERRUPTED, Failure
from goodsfactory.cli.layout import Cell, Line, coloured
from goodsfactory.cli.options import hint
from goodsfactory.cli.screen import ascii_only, is_terminal, say, show, tell
from goodsfactory.cli.tree import factory_lines

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.api.goodsfactory_pb2 import Event, Factory

REDRAW = 0.25
"""Real seconds between two pictures of the live tree while something happens."""

QUIET = 0.75
"""Real seconds more until it is drawn anew although nothing happened."""

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}

RECENT = 5
"""Events shown below the live tree."""

_LAST_EVENTS = frozenset(f"FACTORY_{status}" for status in OVER)


class Detached(Exception):
    """The user stopped watching; the factory goes on."""

    exit_code = INTERRUPTED

    def __init__(self, again: str) -> None:
        super().__init__(f"Detached; the factory keeps running. Watch it again with {again}.")


@dataclass(frozen=True)
class Beginning:
    """Which events are shown first: those after ``after_seq``, or of the last ``seconds`` of game time.

    With neither: those after the report that the watcher has already.
    """

    after_seq: int | None = None
    seconds: float | None = None

    def of(self, factory: "Factory") -> dict[str, Any]:
        """The arguments of ``client.events``."""
        if self.seconds is not None:
            return {"since_seconds": self.seconds}
        return {"after_seq": factory.as_of_seq if self.after_seq is None else self.after_seq}


NOW = Beginning()
WHOLE = Beginning(after_seq=0)


def beginning(text: str | None) -> Beginning:
    """What ``--since`` says: ``90s``, ``30m``, ``2h``, ``3d``, or ``0`` for all there is."""
    if text is None:
        return NOW
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip().lower())
    if match is None or (not match[2] and int(match[1])):
        raise Failure(
            f"--since takes a time such as 90s, 30m, 2h or 3d, or 0 for all there is, not {text!r}.",
            code="usage",
        )
    if not int(match[1]):
        return WHOLE
    return Beginning(seconds=int(match[1]) * _SECONDS[match[2]])


def watch(
    client: "Client",
    factory: "Factory",
    *,
    begins: Beginning = NOW,
    verbose: bool = False,
    quiet: bool = False,
) -> "Factory":
    """Show a factory until it is over, and return its last report; ``quiet`` shows nothing.

    Raises Detached on Ctrl-C.
    """
    try:
        if quiet:
            for _ in _until_over(client, factory, begins):
                pass
        elif is_terminal():
            _watch_live(client, factory, begins, verbose=verbose)
        else:
            _watch_plain(client, factory, begins)
        return client.factory(factory.factory_id)
    except KeyboardInterrupt:
        raise Detached(hint(f"goods status {factory.factory_id} --watch", client)) from None


def _until_over(client: "Client", factory: "Factory", begins: Beginning) -> "Iterator[Event]":
    over = factory.status in OVER
    with client.events(factory.factory_id, stored_only=over, **begins.of(factory)) as events:
        news = _Reader(events)
        while not news.ended:
            for event in news.wait(None):
                yield event
                if event.kind in _LAST_EVENTS:
                    return


def _watch_plain(client: "Client", watched: "Factory", begins: Beginning) -> None:
    if watched.status not in OVER and begins != WHOLE:
        _say_tree(watched)
        say("")
    for event in _until_over(client, watched, begins):
        say(event_line(event, watched.now))
    say("")
    _say_tree(client.factory(watched.factory_id))


def _say_tree(factory: "Factory") -> None:
    for line in factory_lines(view(factory), game_time(factory.now), ascii_only=ascii_only()):
        say("".join(cell.text for cell in line).rstrip())


def event_line(event: "Event", now: str) -> str:
    """``14:03:22  LEG_DONE         SHIP-1 delivered 40 COPPER to X1-GZ7-B2.``, with its day if not today."""
    return f"{when(event.at, now)}  {event.kind:<17}  {event.message}"


def _watch_live(client: "Client", factory: "Factory", begins: Beginning, *, verbose: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    recent: deque[str] = deque(maxlen=RECENT)
    console = Console(highlight=False)
    # Asked before the live view takes standard output over, which then knows no encoding.
    ascii_tree = ascii_only()
    over = factory.status in OVER
    stream = client.events(factory.factory_id, stored_only=over, **begins.of(factory))
    lines: list[Line] = []
    # The other screen: a terminal that is resized lays the lines of its first one anew, and the next picture
    # would be drawn over something else. The last picture stays on the first one.
    try:
        with stream as events, Live(console=console, auto_refresh=False, screen=True) as live:
            news = _Reader(events)
            over = False
            while not over:
                came = news.wait(REDRAW) or news.wait(QUIET)
                recent.extend(event_line(event, factory.now) for event in came)
                factory = client.factory(factory.factory_id)
                over = view(factory).is_over
                lines = picture(
                    view(factory),
                    game_time(factory.now),
                    () if over else recent,
                    verbose=verbose,
                    ascii_tree=ascii_tree,
                )
                live.update(coloured(lines, console.width), refresh=True)
    finally:
        # Also of somebody who detaches: what was seen last stays.
        show(lines)


def picture(
    factory: FactoryView,
    now: datetime | None,
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
    """Reads a stream in a thread of its own, so that the picture can move while nothing happens.

    And so that Ctrl-C never meets the program inside gRPC, which may not give back a lock then.
    """

    def __init__(self, events: "Iterator[Event]") -> None:
        self.ended = False
        self._queue: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(events,), daemon=True).start()

    def _read(self, events: "Iterator[Event]") -> None:
        from goodsfactory.api.errors import DaemonError

        try:
            for event in events:
                self._queue.put(event)
        except DaemonError as error:
            self._queue.put(error)
        finally:
            self._queue.put(None)  # whatever it was: nobody waits for more

    def wait(self, seconds: float | None) -> "list[Event]":
        """What came within so many seconds (None: as long as it takes), and everything already there.

        Raises what broke the stream off.
        """
        news: list[Event] = []
        try:
            item = self._queue.get(timeout=seconds)
            while item is not None:
                if isinstance(item, Exception):
                    if not news:
                        raise item
                    self._queue.put(item)  # it comes after what was told before it
                    return news
                news.append(item)
                item = self._queue.get_nowait()
            self.ended = True
        except queue.Empty:
            pass
        return news


def view(factory: "Factory") -> FactoryView:
    return FactoryView.read(json.loads(factory.document))


def end_code(status: str) -> int:
    """The exit code of having watched a factory to its end: 1 when it FAILED."""
    return 1 if status == "FAILED" else 0


def tell_detached(detached: Detached) -> int:
    tell(str(detached))
    return detached.exit_code
