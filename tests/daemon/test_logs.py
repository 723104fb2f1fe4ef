"""Logs of containers: what a coordinator and its workers did can be read from them."""

from tests.playground import playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.container import ContainerType


def test_a_coordinators_log_tells_the_whole_factory() -> None:
    """Tree, ships, start, nodes and completion with units and credits stand in it, in order of time."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            report = await ground.until_over(await ground.produce("CLOTHING", fabricating(units=40)))
            containers = await ground.application.containers(ground.player.id, None)
            coordinator = next(c for c in containers if c.type is ContainerType.COORDINATOR)
            log = await ground.application.container_logs(coordinator.id, 1_000, None)
            kinds = [line.metadata["kind"] for line in log]
            assert [line.at for line in log] == sorted(line.at for line in log)
            assert kinds.index("FACTORY_CREATED") < kinds.index("LEG_ASSIGNED") < kinds.index("LEG_DONE")
            done = next(line for line in log if line.metadata["kind"] == "FACTORY_COMPLETED")
            assert done.message == f"40 CLOTHING made for {report.spent:,} credits"
            assert {"FABRICS", "FERTILIZERS"} <= {line.metadata["good"] for line in log}

    run_virtual(work)


def test_a_workers_log_holds_its_own_purchases_only() -> None:
    """What other workers did does not stand in it, and a level filters exactly."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            await ground.until_over(await ground.produce("CLOTHING", fabricating(units=40)))
            containers = await ground.application.containers(ground.player.id, None)
            workers = [c for c in containers if c.type is ContainerType.WORKER]
            for worker in workers:
                log = await ground.application.container_logs(worker.id, 100, None)
                ships = {line.metadata["ship"] for line in log if line.metadata["kind"] == "PURCHASED"}
                assert ships == {worker.metadata["ship"]}
                assert await ground.application.container_logs(worker.id, 100, "ERROR") == []

    run_virtual(work)
