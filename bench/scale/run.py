"""One size: so many factories, a tenth as many agents with ten ships each, all in one process."""

from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from bench.makespan.cases import TARGETS
from bench.scale.meter import OTHER, Meter
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.factories import Refuse
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy

FACTORIES_PER_AGENT = 10
SHIPS = ("SHIP_LIGHT_HAULER",) * 8
"""Beside the frigate and the probe that every agent starts with: ten ships."""

LOADS = 50
"""Loads that each factory is asked for: none is done before the measurement ends."""

UNLIMITED: dict[str, Any] = {"rate_limit__per_second": 1_000.0, "rate_limit__burst": 1_000}
"""With two requests per second most of a thousand ships would stand still, and planning would cost little."""

PLANNERS = {"coordinator": ContainerType.COORDINATOR, "planner": ContainerType.PLANNER}


@dataclass(frozen=True)
class Passes:
    """Passes of one kind of container. ``queries`` are per pass, milliseconds are of CPU.

    ``mean_ms`` is all the kind's work divided by its passes; ``p95_ms`` and ``worst_ms`` are of the steps
    between two waits. The collection of garbage is in none of them.
    """

    count: int
    queries: float
    mean_ms: float
    p95_ms: float
    worst_ms: float


@dataclass(frozen=True)
class Figures:
    """What a size took in ``seconds`` of game time. Seconds of CPU are noisy; all else repeats exactly."""

    factories: int
    agents: int
    ships: int
    seconds: float
    legs_flying: int
    requests: int
    events: int
    coordinator: Passes
    planner: Passes
    planning_cpu_seconds: float
    cpu_seconds: dict[str, float]

    @property
    def planning_ms_per_second(self) -> float:
        """Milliseconds of planning for each second of game time."""
        return 1_000 * self.planning_cpu_seconds / self.seconds


def run(factories: int, *, warm_up: float, seconds: float) -> Figures:
    """Measure ``seconds`` of game time after ``warm_up`` seconds of it."""

    async def work(clock: VirtualClock) -> Figures:
        meter = Meter()
        loop = clock._loop
        loop.set_task_factory(meter.task_factory)
        agents = -(-factories // FACTORIES_PER_AGENT)
        async with playground(
            clock, ships=SHIPS, credits=100_000_000, rate_limit=False, front=meter.game, **UNLIMITED
        ) as ground:
            await _employ(ground, agents, factories)
            await clock.sleep(warm_up)
            with meter.count_queries(), meter.spare_cleaning():
                before = await _counts(ground)
                meter.reset()
                await clock.sleep(seconds)
                meter.enter(OTHER)
                cpu, steps, queries = dict(meter.cpu), dict(meter.steps), dict(meter.queries)
                meter.leave()
            after = await _counts(ground)
            passes = {
                kind: _passes(after[kind] - before[kind], cpu[kind], steps[kind], queries[kind])
                for kind in PLANNERS
            }
            return Figures(
                factories=factories,
                agents=agents,
                ships=agents * (len(SHIPS) + 2),
                seconds=seconds,
                legs_flying=after["flying"],
                requests=after["requests"] - before["requests"],
                events=after["events"] - before["events"],
                coordinator=passes["coordinator"],
                planner=passes["planner"],
                planning_cpu_seconds=round(sum(cpu[kind] for kind in PLANNERS), 3),
                cpu_seconds={kind: round(spent, 3) for kind, spent in sorted(cpu.items()) if spent > 0.001},
            )

    return run_virtual(work)


async def _employ(ground: Playground, agents: int, factories: int) -> None:
    application = ground.application
    faction = ground.world.universe.factions[0]
    players = [ground.player]
    for number in range(1, agents):
        players.append(await application.register_player(f"AGENT-{number}", faction))
    for number in range(factories):
        player = players[number // FACTORIES_PER_AGENT]
        good = TARGETS[number % FACTORIES_PER_AGENT]
        # More than the holds take, so that all of them are at work to the end.
        request = FactoryRequest(Strategy.PREFER_FABRICATE, units=80 * LOADS)
        await application.start_factory(player.id, good, None, request, refuse=Refuse.NOTHING)


async def _counts(ground: Playground) -> dict[str, int]:
    numbers: dict[str, Any] = await ground.application.statistics()

    def read(tx: Any) -> dict[str, int]:
        planners = {
            kind: sum(row.iteration for row in tx.containers.find(types=(type_,)))
            for kind, type_ in PLANNERS.items()
        }
        workers = tx.containers.find(statuses=(ContainerStatus.RUNNING,), types=(ContainerType.WORKER,))
        lost = tx.factories.find(statuses=(FactoryStatus.FAILED, FactoryStatus.COMPLETED))
        assert not lost, f"{lost[0].target_good} is over: {lost[0].error}"
        return {**planners, "events": tx.events.last_seq(), "flying": len(workers)}

    return {**await ground.application.store.transact(read), "requests": numbers["requests_sent"]}


def _passes(count: int, cpu: float, steps: list[float], queries: int) -> Passes:
    return Passes(
        count=count,
        queries=round(queries / count, 1),
        mean_ms=round(1_000 * cpu / count, 2),
        p95_ms=round(1_000 * quantiles(steps, n=20)[-1], 2),
        worst_ms=round(1_000 * max(steps), 2),
    )
