"""The scale bench charges each moment to whoever uses it, and says how a cost grows."""

import asyncio
import time

import pytest
from bench.scale.exponent import exponent
from bench.scale.meter import GAME, OTHER, Meter
from bench.scale.run import run
from sqlalchemy import create_engine, text


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.mark.parametrize(("power", "factor"), [(1, 0.2), (2, 7.0), (0, 3.0)])
def test_a_power_of_the_size_is_told_by_its_exponent(power: int, factor: float) -> None:
    """Cost that grows tenfold with ten times the factories is linear, whatever one of them costs."""
    sizes = [10, 30, 100, 1_000]
    assert exponent(sizes, [factor * size**power for size in sizes]) == pytest.approx(power)


def test_one_size_has_no_exponent() -> None:
    """Growth needs two sizes to be seen."""
    with pytest.raises(ValueError, match="two sizes"):
        exponent([10, 10], [1.0, 2.0])


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


def test_queries_are_counted_for_the_task_that_asks() -> None:
    """Every statement counts once, for the kind of container that runs then."""
    meter = Meter()
    connection = create_engine("sqlite://").connect()

    async def ask(number: int) -> None:
        for _ in range(number):
            connection.execute(text("SELECT 1"))

    async def scenario() -> None:
        asyncio.get_running_loop().set_task_factory(meter.task_factory)
        await asyncio.create_task(ask(2), name="coordinator-a")
        await asyncio.create_task(ask(1), name="planner-b")

    with meter.count_queries():
        asyncio.run(scenario())
        connection.execute(text("SELECT 1"))
    connection.execute(text("SELECT 1"))
    connection.close()
    assert dict(meter.queries) == {"coordinator": 2, "planner": 1, OTHER: 1}


def test_factories_of_several_agents_are_measured_at_work() -> None:
    """Two agents have ten ships each; their factories' passes are counted, and ships fly meanwhile."""
    figures = run(12, warm_up=240, seconds=60)
    assert (figures.agents, figures.ships) == (2, 20)
    assert figures.legs_flying > 0
    assert figures.coordinator.count >= 12 * 60 / 31
    assert figures.planner.count >= 2 * 60 / 16
    assert figures.coordinator.queries > 0
    assert figures.planning_cpu_seconds > 0
