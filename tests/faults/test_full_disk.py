"""Nothing can be written for a while: work pauses, goes on where it was, and nothing is bought twice (L1)."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.daemon.stage import Stage, in_virtual_time, logged, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.doctor import check_disk
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import EventKind

Break = Callable[[Stage], None]


def pragma(one: Stage, sentence: str) -> Any:
    connection: Any = one.application.store
    return connection._connection.connection.driver_connection.execute(f"PRAGMA {sentence}").fetchone()


def fill(one: Stage) -> None:
    """The file may not grow by a page any more: SQLITE_FULL, for whatever needs one."""
    pages = pragma(one, "page_count")[0]
    pragma(one, f"max_page_count = {pages}")


def seal(one: Stage) -> None:
    """Not a byte can be written."""
    pragma(one, "query_only = ON")


def mend(one: Stage) -> None:
    pragma(one, "max_page_count = 1000000")
    pragma(one, "query_only = OFF")


BREAKS = {"full": fill, "read-only": seal}


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("moment", [EventKind.FACTORY_CREATED, EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_half_an_hour_without_a_disk_costs_time_alone(
    clock: VirtualClock, how: str, moment: EventKind
) -> None:
    """Whatever was going on: it goes on afterwards, and the books are right."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(moment)
        BREAKS[how](one)
        await clock.sleep(1800)
        mend(one)
        await completes(one, player, factory)


@pytest.mark.parametrize("call", ["purchase", "sell", "refuel", "navigate"])
@pytest.mark.parametrize("how", BREAKS)
@in_virtual_time
async def test_what_was_done_while_nothing_could_be_written_is_found_out(
    clock: VirtualClock, how: str, call: str
) -> None:
    """The disk fills up while the request is on the wire: its answer cannot be kept, its effect is seen."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        one.line.disturb(f"/{call}$", first=partial(BREAKS[how], one))
        factory = await one.produce(player, GOOD)
        for _ in range(3600):
            if one.line.disturbances[0].seen:
                break
            await clock.sleep(1)
        await clock.sleep(1200)
        mend(one)
        await completes(one, player, factory)


@in_virtual_time
async def test_without_a_disk_few_requests_are_made_and_nothing_is_spent(clock: VirtualClock) -> None:
    """What cannot be written down is not done: no purchase, no flight, and no storm of looks."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        seal(one)
        await clock.sleep(300)
        trades, requests = len(one.trades.all), len(one.line.requests)
        await clock.sleep(3600)
        assert len(one.trades.all) == trades
        assert len(one.line.requests) - requests < 200
        mend(one)
        await completes(one, player, factory)


@in_virtual_time
async def test_the_log_of_the_daemon_says_that_the_disk_is_full(clock: VirtualClock) -> None:
    """The rows cannot say it: the log does, in one sentence, now and then."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        stream = io.StringIO()
        async with logged(one.application, stream) as opened:
            opened("unix:here", "0 containers resumed, 0 lost", ())
            factory = await one.produce(player, GOOD)
            await one.until(EventKind.LEG_ASSIGNED)
            fill(one)
            await clock.sleep(3600)
            mend(one)
            await completes(one, player, factory)
        told = [line for line in stream.getvalue().splitlines() if "kind=DATABASE_UNAVAILABLE" in line]
        assert 1 <= len(told) <= 13
        assert "The disk that holds the database is full: free some space. Work waits" in told[0]


@in_virtual_time
async def test_what_cannot_be_written_is_told_while_it_lasts(clock: VirtualClock) -> None:
    """By `daemon status` and by the doctor, whatever can be read meanwhile; and no longer than that."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        assert await complaints(one) == ([], "ok", "ok")
        fill(one)
        with pytest.raises(Unavailable) as refused:
            await one.produce(player, GOOD)
        for _ in range(2):
            assert await complaints(one) == ([str(refused.value)], "fail", "fail")
        mend(one)
        await one.application.store.transact(lambda tx: tx.players.all())
        assert await complaints(one) == ([str(refused.value)], "fail", "fail")
        await one.produce(player, GOOD)
        assert await complaints(one) == ([], "ok", "ok")


async def complaints(one: Stage) -> tuple[list[str], str, str]:
    """The troubles of `daemon status`, and the doctor's verdicts on the daemon and its database."""
    found = {
        finding.check: finding.verdict.value for finding in await one.application.insight.doctor.examine()
    }
    return (await one.application.statistics())["troubles"], found["daemon"], found["database"]


@pytest.mark.parametrize(
    ("free", "verdict", "amount"),
    [
        (0, "fail", "0.0 MB"),
        (5_600_000, "fail", "5.6 MB"),
        (49_999_999, "fail", "50.0 MB"),
        (50_000_000, "warn", "0.1 GB"),
        (2_000_000_000, "ok", "2.0 GB"),
    ],
)
def test_room_is_told_in_a_unit_that_shows_it(
    free: int, verdict: str, amount: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work may go on while little is left: the doctor does not say that it has ended."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    told = check_disk(tmp_path / "goods.sqlite")
    assert (told.verdict.value, told.text) == (verdict, f"{amount} free below {tmp_path}")
    assert "none is taken" not in told.remedy


@in_virtual_time
async def test_a_wish_that_cannot_be_kept_is_refused(clock: VirtualClock) -> None:
    """Starting, pausing and stopping say that nothing can be written, and change nothing."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        seal(one)
        for wish in (one.application.pause_factory, one.application.stop_factory):
            with pytest.raises(Unavailable, match="read-only"):
                await wish(player.id, factory)
        mend(one)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_daemon_that_cannot_write_can_still_be_stopped(clock: VirtualClock) -> None:
    """It goes down without an error; the next one resumes everything."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_LADEN)
        seal(one)
        await one.application.stop()
        recovery, complaints = await (await one.open()).start()
        assert (recovery.resumed >= 3, recovery.lost, complaints) == (True, 0, [])
        await completes(one, player, factory)
