"""The scale bench charges each moment to who uses it, and sets passes beside those without a history."""

import asyncio
import time

import pytest
from bench.scale.__main__ import document_of
from bench.scale.meter import GAME, OTHER, STORE, Meter, count_queries
from bench.scale.run import PASS, TRANSACT, Figures, Milliseconds, ratio, run
from bench.swapping import resolve, swapped
from sqlalchemy import create_engine, text

from goodsfactory.domain import instants
from goodsfactory.production import pulse


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_work_is_charged_to_the_task_that_does_it_and_not_to_the_game_it_asks() -> None:
    """A worker that asks the game is charged with its own work alone, the game with the answer."""
    meter = Meter()

    async def answer(scope: object, receive: object, send: object) -> None:
        busy(0.04)
        await asyncio.sleep(0)

    server = meter.game(answer)

    async def work() -> None:
        busy(0.02)
        await server({}, None, None)

    async def scenario() -> None:
        asyncio.get_running_loop().set_task_factory(meter.task_factory)
        await asyncio.create_task(work(), name="worker-1")

    asyncio.run(scenario())
    assert 0.02 <= meter.cpu["worker"] < 0.04 <= meter.cpu[GAME]


def test_a_transaction_holds_up_no_loop() -> None:
    """It is charged to who asks for it, and ends the stretch for which that held the loop: two remain."""
    meter = Meter()
    with meter.stretch("planner"):
        busy(0.03)
        with meter.transaction():
            busy(0.08)
        busy(0.02)
    first, second = meter.stretches["planner"]
    assert first >= 0.03
    assert second >= 0.02
    assert first + second == pytest.approx(meter.cpu["planner"], abs=0.01)
    assert meter.cpu["planner" + STORE] >= 0.08
    assert meter.spent("planner", "planner" + STORE) >= 0.13


def test_queries_are_counted_for_the_task_that_asks() -> None:
    """Every statement counts once, for the kind of container that runs then, in a transaction or not."""
    meter = Meter()
    connection = create_engine("sqlite://").connect()

    async def ask(number: int) -> None:
        for _ in range(number):
            with meter.transaction():
                connection.execute(text("SELECT 1"))

    async def scenario() -> None:
        asyncio.get_running_loop().set_task_factory(meter.task_factory)
        await asyncio.create_task(ask(2), name="coordinator-a")
        await asyncio.create_task(ask(1), name="planner-b")

    with count_queries(lambda: meter):
        asyncio.run(scenario())
        connection.execute(text("SELECT 1"))
    connection.execute(text("SELECT 1"))
    connection.close()
    assert dict(meter.queries) == {"coordinator": 2, "planner": 1, OTHER: 1}


def test_passes_are_set_against_those_without_history_within_the_same_moments() -> None:
    """The median of the slices: what disturbs one of them, or leaves one empty, moves nothing."""
    assert ratio([[1.0, 3.0], [5.0], [1.0], []], [[3.0], [5.0], [9.0], [7.0]]) == 1.5


def test_two_histories_are_measured_at_work() -> None:
    """Both plan for the same factories with the same ships; the second has legs behind it that have ended."""
    none, some = run(2, 5, (0, 200), warm_up=90, seconds=400, passes=8)
    assert (none.finished_legs, some.finished_legs) == (0, 200)
    for one in (none, some):
        assert (one.factories, one.ships) == (2, 5)
        assert one.passes >= 8
        assert one.legs_flying > 0
        assert one.queries > 1
        took = one.planner_pass_ms
        assert 0 < took.mean <= took.worst
        assert 0 < one.longest_block_ms <= took.worst
    assert none.ratio == 1
    assert some.ratio > 0


def figures(factories: int, ships: int, legs: int, p95: float, block: float, ratio: float) -> Figures:
    return Figures(factories, ships, legs, 100, 40, Milliseconds(9.0, p95, 30.0), block, 12.0, ratio)


def test_the_summary_is_of_ten_factories_and_fifty_ships_with_the_longest_history() -> None:
    """The longest block is that of all sizes; each target is told, met or not."""
    found = [
        figures(10, 50, 0, 20, 30, 1.0),
        figures(10, 50, 50_000, 24, 35, 1.08),
        figures(50, 200, 50_000, 90, 80, 1.5),
    ]
    document = document_of(found)
    assert document["summary"] == {
        "planner_pass_ms": {"mean": 9.0, "p95": 24, "worst": 30.0},
        "pass_ratio_50000": 1.08,
        "longest_block_ms": 80,
        "longest_block_ms_asked": 35,
    }
    assert list(document["met"].values()) == [True, True, False]
    assert [size["finished_legs"] for size in document["sizes"]] == [0, 50_000, 50_000]
    assert list(document_of([figures(10, 50, 50_000, 26, 35, 0.8)])["met"].values()) == [False, False, True]
    assert document_of(found[2:])["summary"]["planner_pass_ms"] is None


def test_a_part_that_is_gone_is_told_at_once() -> None:
    """What a measurement swaps must be there: a module, a class or a name that is gone is named."""
    for path in ("goodsfactory.nowhere:x", f"{PASS}ed", PASS.replace("Planner", "Planer")):
        with pytest.raises(LookupError, match="is gone"), swapped(path, None):
            raise AssertionError("nothing runs with it")
    for path in (PASS, TRANSACT):
        holder, name = resolve(path)
        assert callable(vars(holder)[name])


def test_a_part_is_swapped_wherever_it_was_imported_and_put_back() -> None:
    """A name that another module has imported means the new thing there, too, until the end."""
    holders = [vars(instants), vars(pulse)]
    (old,) = {one["has_passed"] for one in holders}
    with swapped("goodsfactory.domain.instants:has_passed", print):
        assert {one["has_passed"] for one in holders} == {print}
    assert {one["has_passed"] for one in holders} == {old}
