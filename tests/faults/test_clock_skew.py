"""The bot's clock or the server's is wrong: ships are waited for all the same, and work goes on."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.daemon.stage import Fate, Stage, in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes

from goodsfactory.adapters.clocks import ScaledClock, VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.factory_table import factory_table
from goodsfactory.cli.layout import plain
from goodsfactory.cli.quote_view import report_lines
from goodsfactory.daemon.universe_reset import ASK_AGAIN, Doubts, UniverseWatch
from goodsfactory.domain.events import EventKind
from goodsfactory.planning.situation import Order
from goodsfactory.production.looks import Looks
from goodsfactory.sandbox.faults import FaultKind


def wear_a_watch(one: Stage, *, off: float = 0.0) -> ScaledClock:
    """Applications tell the time by a clock of their own, ``off`` seconds wrong, that follows the server."""
    watch = ScaledClock(
        start=one.clock.now() + timedelta(seconds=off), monotonic=asyncio.get_running_loop().time
    )
    one.watch = watch
    return watch


@pytest.mark.parametrize("off", [-7200.0, -90.0, 45.0, 7200.0])
@in_virtual_time
async def test_a_machine_whose_clock_is_wrong_follows_the_server(clock: VirtualClock, off: float) -> None:
    """Hours late or early: the first answer sets it right, and the run goes as any other."""
    async with stage(clock, ships=ONE_SHIP) as one:
        watch = wear_a_watch(one, off=off)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        assert abs((watch.now() - clock.now()).total_seconds()) < 1


@in_virtual_time
async def test_what_lasted_while_the_clock_went_back_is_not_told(clock: VirtualClock) -> None:
    """The order ends hours before it began: no time, no ship-hours and no error, rather than wrong ones."""
    async with stage(clock, ships=ONE_SHIP, quote_at_start=True) as one:
        wear_a_watch(one)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_LADEN)
        one.faults.add(FaultKind.SKEW, seconds=-72_000.0)
        await completes(one, player, factory)
        row = await one.application.factory(player.id, factory)
        assert row.factory.completed_at is not None
        assert row.factory.completed_at < row.factory.created_at
        assert row.to_json()["books"]["profit_per_hour"] is None
        view = own.Factory(document=json.dumps(row.to_json()), now=row.factory.created_at.isoformat())
        assert "  ?  " in plain(factory_table([view]))
        report = (await one.application.quotes.report(player.id, factory)).to_json()
        assert (report["taken"]["seconds"], report["taken"]["ship_hours"]) == (None, None)
        told = {each["figure"]: each for each in report["comparisons"]}
        for name in ("seconds", "ship_hours"):
            assert (told[name]["came"], told[name]["error"], told[name]["within_band"]) == (None, None, None)
        lines = [line.split() for line in plain(report_lines(report)).splitlines()]
        assert [line[-1] for line in lines if line[:1] in (["time"], ["ship-hours"])] == ["?", "?"]


@pytest.mark.parametrize("seconds", [-40.0, 40.0])
@in_virtual_time
async def test_a_server_that_tells_the_wrong_time_is_believed_and_asked_again(
    clock: VirtualClock, seconds: float
) -> None:
    """Ships seem to arrive late or early by its word: they are read until they are there, without haste."""
    async with stage(clock, ships=ONE_SHIP) as one:
        wear_a_watch(one)
        one.faults.add(FaultKind.SKEW, seconds=seconds)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_server_whose_time_jumps_to_and_fro(clock: VirtualClock) -> None:
    """Every tenth answer is a minute ahead: no purchase is made on an old price, and none is made twice."""
    async with stage(clock, ships=ONE_SHIP) as one:
        wear_a_watch(one)
        for number in range(5, 300, 10):
            one.faults.add(FaultKind.SKEW, seconds=60.0, skip=number, count=1)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_clock_that_is_set_back_puts_off_no_question_which_universe_there_is(
    clock: VirtualClock,
) -> None:
    """A minute lies between two of them, whatever the time is by then."""
    async with stage(clock) as one:
        time, doubts, asked = wear_a_watch(one), Doubts(), list[datetime]()
        doubts.expect("the universe worked in")

        async def turn_over() -> bool:
            asked.append(clock.now())
            return False

        store = (await one.open()).store
        watch = UniverseWatch(doubts, store, time, turn_over, lambda player: None, lambda player: False)
        time.follow(clock.now(), speed=1, round_trip=0)
        for _ in range(2):
            doubts.is_ours("another one")
            await watch.look()
            time.follow(clock.now() - timedelta(hours=1), speed=1, round_trip=0)
        assert (asked[1] - asked[0]).total_seconds() == ASK_AGAIN


@in_virtual_time
async def test_a_clock_that_is_set_back_puts_off_no_look(clock: VirtualClock) -> None:
    """One that was in vain is taken again after seconds, whatever the time is by then."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_ASSIGNED)
        crew, time, warnings = one.application.roster.crew(player.id), wear_a_watch(one), list[str]()

        async def warn(sentence: str) -> None:
            warnings.append(sentence)

        looks = Looks(crew.scout, time, one.application.settings.policy, "container", warn)
        time.follow(clock.now(), speed=1, round_trip=0)
        ships = [ship for ship, _ in await one.application.ships(player.id)]
        report, place = await one.application.factory(player.id, factory), ships[-1].nav.waypoint
        node = replace(next(iter(report.nodes.values())), look_at=(place,))
        orders = [Order(report.factory, {node.good: node})]
        one.line.disturb(rf"GET .*/{place}/market$", Fate.FAILS_BEFORE, on=True)
        assert looks.begin(orders, {}, ships)
        await looks.over.wait()
        assert len(warnings) == 1
        assert not looks.begin(orders, {}, ships)
        one.line.disturbances.clear()
        time.follow(clock.now() - timedelta(hours=1), speed=1, round_trip=0)
        assert looks.begin(orders, {}, ships)
        await looks.over.wait()
        assert len(warnings) == 1
        await looks.close()
