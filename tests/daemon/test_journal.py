"""The daemon's log: what stands in it, and what never does."""

import asyncio
import io
import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.daemon.refusals import other_token
from tests.daemon.stage import Stage, in_virtual_time, logged, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.journal import LONGEST_SILENCE, Journal
from goodsfactory.daemon.log import open_log
from goodsfactory.daemon.logs import level_of
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.store import Result, Store, Transaction

LINE = re.compile(
    r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=[A-Z]+ kind=[A-Z_]+ (agent=\S+ )?message=.+"
)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpZGVudGlmaWVyIjoiRkFDVE9SWSJ9.c2lnbmF0dXJl"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fields(line: str) -> dict[str, str]:
    assert LINE.fullmatch(line), line
    return dict(word.split("=", 1) for word in shlex.split(line))


def event(player_id: int, message: str, kind: EventKind = EventKind.SOLD) -> Event:
    return Event(player_id, kind, NOON, message)


@pytest.fixture
def stream() -> io.StringIO:
    """Where the log goes."""
    return io.StringIO()


async def journal_of(
    one: Stage, stream: io.StringIO, *events: Event, complaints: tuple[str, ...] = ()
) -> None:
    """Log a daemon that starts, has these events happen, and stops."""
    await one.clock.sleep(5)  # until its planner runs
    async with logged(one.application, stream) as opened:
        opened("unix:d.sock", "2 containers resumed, 0 lost", complaints)
        await one.clock.sleep(1)
        for happened in events:
            await one.application.store.transact(
                lambda tx: tx.events.append(happened)  # noqa: B023 - used at once
            )
        await one.clock.sleep(1)


@in_virtual_time
async def test_start_events_and_stop_are_a_line_each(clock: VirtualClock, stream: io.StringIO) -> None:
    """Time of the event, level, kind and message; what is amiss is a warning."""
    async with stage(clock) as one:
        player = await one.begin()
        await journal_of(
            *(one, stream, event(player.id, "SHIP-1 sold 3 COPPER")), complaints=("BETA has no token.",)
        )
        lines = [fields(line) for line in stream.getvalue().splitlines()]
        assert [(line["level"], line["kind"]) for line in lines] == [
            ("INFO", "DAEMON_STARTED"),
            ("INFO", "DAEMON_RESUMED"),
            ("WARNING", "DAEMON_COMPLAINT"),
            ("INFO", "SOLD"),
            ("INFO", "DAEMON_STOPPED"),
        ]
        assert lines[0]["message"].endswith("listens on unix:d.sock")
        assert lines[1]["message"] == "2 containers resumed, 0 lost"
        assert lines[3] == {
            "time": "2026-11-23T12:00:00.000Z",
            "level": "INFO",
            "kind": "SOLD",
            "agent": "FACTORY",
            "message": "SHIP-1 sold 3 COPPER",
        }


class AwayOnce(Store):
    """A store whose database is away when it is asked for the first time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._away = True

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        if self._away:
            self._away = False
            raise Unavailable("No database server answers (Connection refused): start it.")
        return await self._store.transact(work)

    def changed(self, player_id: int | None = None, **unless: Any) -> asyncio.Event:
        return self._store.changed(player_id, **unless)

    async def close(self) -> None:
        await self._store.close()


@in_virtual_time
async def test_the_log_goes_on_when_the_database_was_away(clock: VirtualClock, stream: io.StringIO) -> None:
    """A database that does not answer is a warning, and what happened meanwhile is told once it does."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(5)  # until its planner runs
        store = one.application.store
        last = await store.transact(lambda tx: tx.events.append(event(player.id, "told before")).seq)
        await store.transact(lambda tx: tx.events.append(event(player.id, "SHIP-1 sold 3 COPPER")))
        with open_log(stream, level="INFO", now=clock.now):
            following = asyncio.create_task(Journal(AwayOnce(store), clock, last).follow())
            await clock.sleep(LONGEST_SILENCE + 1)
            following.cancel()
        lines = [fields(line) for line in stream.getvalue().splitlines()]
        assert [(line["level"], line["kind"]) for line in lines] == [
            ("WARNING", "DATABASE_UNAVAILABLE"),
            ("INFO", "SOLD"),
        ]
        assert lines[0]["message"] == "No database server answers (Connection refused): start it."


@in_virtual_time
async def test_a_factory_is_told_event_by_event(clock: VirtualClock, stream: io.StringIO) -> None:
    """In the store's order, also of what happens before the address; looks at markets are for DEBUG."""
    async with stage(clock) as one:
        player = await one.begin()
        last = await one.application.store.transact(lambda tx: tx.events.last_seq())
        async with logged(one.application, stream) as opened:
            factory = await one.produce(player, "COPPER", units=5)
            opened("unix:d.sock", "0 containers resumed, 0 lost", ())
            await one.until_over(player, factory)
        happened = [told for told in await one.events() if told.seq > last and level_of(told.kind) != "DEBUG"]
        lines = [fields(line)["kind"] for line in stream.getvalue().splitlines()]
        assert lines[2:-1] == [told.kind.value for told in happened]
        assert "FACTORY_COMPLETED" in lines
        assert "MARKET_OBSERVED" not in lines


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        (
            "DEBUG",
            ["DAEMON_STARTED", "DAEMON_RESUMED", "SOLD", "LEG_FAILED", "FACTORY_FAILED", "DAEMON_STOPPED"],
        ),
        ("WARNING", ["LEG_FAILED", "FACTORY_FAILED"]),
        ("ERROR", ["FACTORY_FAILED"]),
    ],
)
@in_virtual_time
async def test_what_is_below_the_level_is_left_out(
    clock: VirtualClock, level: str, kinds: list[str], stream: io.StringIO
) -> None:
    """The setting log_level decides."""
    async with stage(clock, log_level=level) as one:
        player = await one.begin()
        happened = (EventKind.SOLD, EventKind.LEG_FAILED, EventKind.FACTORY_FAILED)
        await journal_of(one, stream, *(event(player.id, "so it is", kind) for kind in happened))
        assert [fields(line)["kind"] for line in stream.getvalue().splitlines()] == kinds


@in_virtual_time
async def test_no_token_can_appear(clock: VirtualClock, stream: io.StringIO) -> None:
    """Neither an agent's, nor the one of the settings, nor any that looks like one (L12)."""
    async with stage(clock) as one:
        player = await one.begin()
        token = other_token(one, "OTHER")
        application = await one.open(token="a-token-of-another-shape")
        try:
            sentences = (f"refused {token}", f'refused "{TOKEN}".', "refused a-token-of-another-shape today")
            await journal_of(one, stream, *(event(player.id, sentence) for sentence in sentences))
            told = stream.getvalue()
            assert told.count("<token>") == 3
            for secret in (token, TOKEN, "a-token-of-another-shape"):
                assert secret not in told
        finally:
            await application.stop()


@in_virtual_time
async def test_a_daemon_that_never_answered_logs_nothing(clock: VirtualClock, stream: io.StringIO) -> None:
    """Its one sentence stands alone."""
    async with stage(clock) as one:
        await one.begin()
        with pytest.raises(OSError, match="in use"):
            async with logged(one.application, stream):
                raise OSError("in use")
        assert stream.getvalue() == ""


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


@in_virtual_time
async def test_a_reader_that_left_stops_nothing(clock: VirtualClock) -> None:
    """The work is not done for the log's sake."""
    async with stage(clock) as one:
        player = await one.begin()
        await journal_of(one, Gone(), event(player.id, "SHIP-1 sold 3 COPPER"))
        assert await one.events(EventKind.SOLD)
