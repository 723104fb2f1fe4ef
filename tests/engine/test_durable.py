"""What is particular to containers on DBOS: what comes back, under which id, and when."""

import asyncio
import json
import threading
from dataclasses import replace

import pytest
from dbos import DBOS
from tests.engine.bodies import Sleeper
from tests.engine.records import Records
from tests.engine.stand import DURABLE, durable, on_dbos
from tests.engine.yard import Yard

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Bug


@on_dbos(*DURABLE)
async def test_what_comes_back_waits_until_its_player_may_work(one: Yard, records: Records) -> None:
    """DBOS runs the workflow again; the body begins with ``resume``, in the same generation."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    again = await one.engine_with(body)
    await records.has_run_again()
    assert len(body.starts) == 1
    assert not again.is_running("worker-1")
    assert (await again.resume()).resumed == 1
    await body.runs()
    assert records.statuses() == {"worker-1:1": "PENDING"}


@on_dbos(*DURABLE)
async def test_a_resumed_container_is_not_run_twice_when_dbos_comes_back_to_it(
    one: Yard, records: Records
) -> None:
    """``resume`` does not wait for DBOS: the workflow that comes later joins the body that runs."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    again = await one.engine_with(body)
    await again.resume()
    await records.has_run_again()
    assert [row.epoch for row in body.starts] == [1, 2]
    assert records.statuses() == {"worker-1:1": "PENDING"}
    await again.stop("worker-1", reason="enough")
    await records.until({"worker-1:1": "SUCCESS"})


@on_dbos()
async def test_a_container_that_ended_meanwhile_does_not_come_back(one: Yard, records: Records) -> None:
    """The process died between the end of the row and that of the workflow: the row is right."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    now = one.clock.now()
    await one.store.transact(lambda tx: tx.containers.end("worker-1", ContainerStatus.STOPPED, now))
    again = await one.engine_with(body)
    await again.resume()
    await records.until({"worker-1:1": "SUCCESS"})
    assert len(body.starts) == 1
    assert (await one.row()).epoch == 1


@on_dbos()
async def test_a_container_stopped_before_its_player_may_work_ends(one: Yard, records: Records) -> None:
    """What came back and waits is not left waiting for ever."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    again = await one.engine_with(body)
    await records.has_run_again()
    assert await again.stop("worker-1", reason="not wanted any more")
    await records.until({"worker-1:1": "SUCCESS"})
    assert (await one.row()).exit_reason == "not wanted any more"
    assert len(body.starts) == 1


@on_dbos(*DURABLE)
async def test_a_dead_node_s_work_is_taken_over(one: Yard, records: Records) -> None:
    """By ``resume``: its workflow is cancelled, the next generation runs here, and it gets nothing back."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    other = durable(records.database, node_id="node-2")
    heir = await replace(one, make=other).engine_with(body)
    one.engines.append(heir)
    assert (await heir.resume([one.player_id])).resumed == 1
    await body.runs()
    assert records.statuses() == {"worker-1:1": "CANCELLED", "worker-1:2": "PENDING"}
    assert records.owners() == {"worker-1:1": "node-1", "worker-1:2": "node-2"}
    await heir.shutdown()
    await one.engine_with(body)
    await asyncio.sleep(1.6)  # DBOS looks once a second for what shall run again
    assert [row.epoch for row in body.starts] == [1, 2]


@on_dbos()
async def test_what_was_let_go_does_not_come_back(one: Yard, records: Records) -> None:
    """Its workflow has ended, so that DBOS runs nothing again here that another node owns."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.let_go([one.player_id])
    await records.until({"worker-1:1": "SUCCESS"})
    assert (await one.row()).status is ContainerStatus.RUNNING


@pytest.mark.parametrize("forgotten", [False, True])
@on_dbos()
async def test_a_takeover_is_no_news_where_it_was_suffered(
    one: Yard, records: Records, caplog: pytest.LogCaptureFixture, forgotten: bool
) -> None:
    """The heir cancels and forgets the workflow; the body here goes, and what DBOS says is not told."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await DBOS.cancel_workflow_async("worker-1:1")
    if forgotten:
        await DBOS.delete_workflow_async("worker-1:1")
    await engine.let_go([one.player_id])
    await asyncio.sleep(0.5)
    assert records.statuses() == ({} if forgotten else {"worker-1:1": "CANCELLED"})
    assert not any(record.name.startswith("goodsfactory") for record in caplog.records)


@on_dbos()
async def test_an_id_that_was_used_is_not_used_again(one: Yard, records: Records) -> None:
    """A workflow that ended before its body began has left the row as it was: the next id is taken."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await records.until({"worker-1:1": "PENDING"})
    await engine.stop("worker-1", reason="only to see it end")
    await records.until({"worker-1:1": "SUCCESS"})
    await one.add(one.container("worker-2"))
    records.write("UPDATE workflow_status SET workflow_uuid = 'worker-2:1'")
    await engine.resume()
    await body.runs()
    assert records.statuses() == {"worker-2:1": "SUCCESS", "worker-2:2": "PENDING"}


@on_dbos()
async def test_of_two_workflows_of_a_container_the_newer_lives(one: Yard, records: Records) -> None:
    """As after a crash between the start of a generation and the end of the one before."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    for table in ("workflow_status", "workflow_input"):
        records.write(
            f"CREATE TEMPORARY TABLE newer AS SELECT * FROM {table}",
            "UPDATE newer SET workflow_uuid = 'worker-1:2'",
            f"INSERT INTO {table} SELECT * FROM newer",
        )
    again = await one.engine_with(body)
    await again.resume()
    await records.until({"worker-1:1": "SUCCESS", "worker-1:2": "PENDING"})
    assert len(body.starts) == 2
    assert body.running == 1


@on_dbos(*DURABLE)
async def test_a_container_may_come_back_any_number_of_times(one: Yard, records: Records) -> None:
    """DBOS counts how often a workflow was run again, and by default gives it up after a hundred times."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    records.write("UPDATE workflow_status SET recovery_attempts = 5000")
    again = await one.engine_with(body)
    await again.resume()
    await records.has_run_again(5001)
    assert records.statuses() == {"worker-1:1": "PENDING"}


@on_dbos()
async def test_what_waits_for_its_player_ends_with_its_row(one: Yard, records: Records) -> None:
    """As when the universe was reset between the launch of DBOS and ``resume``."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    again = await one.engine_with(body)
    await records.has_run_again()
    now = one.clock.now()
    await one.store.transact(lambda tx: tx.containers.end("worker-1", ContainerStatus.STOPPED, now))
    await again.resume()
    await records.until({"worker-1:1": "SUCCESS"})
    assert len(body.starts) == 1


@on_dbos()
async def test_a_fleet_needs_few_threads(one: Yard) -> None:
    """DBOS would take one for each container that starts at the same time."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    for number in range(60):
        await engine.start(replace(one.container(f"worker-{number}"), metadata={}))
    await body.runs(60)
    assert sum(thread.name.startswith("dbos-executor") for thread in threading.enumerate()) <= 16


@on_dbos()
async def test_a_container_that_another_one_starts_is_no_step_of_it(one: Yard, records: Records) -> None:
    """Run again after a crash, a planner starts other workers than before: they all run."""
    born: list[str] = []

    async def worker(container: Container) -> None:
        born.append(container.id)
        await one.clock.sleep(10**9)

    async def planner(container: Container) -> None:
        name = f"worker-of-life-{container.epoch}"
        await engine.start(replace(one.container(name), metadata={}))
        await one.clock.sleep(10**9)

    engine = await one.engine_with(worker)
    engine.register(ContainerType.PLANNER, planner, restarts=None)
    await engine.start(replace(one.container("boss", ContainerType.PLANNER), metadata={}))
    await one.until(lambda: born == ["worker-of-life-1"])
    await engine.shutdown()
    engine = await one.engine_with(worker)
    engine.register(ContainerType.PLANNER, planner, restarts=None)
    await records.has_run_again()
    await engine.resume()
    await one.until(lambda: sorted(born) == ["worker-of-life-1", "worker-of-life-1", "worker-of-life-2"])
    assert records.steps() == 0


@on_dbos()
async def test_a_workflow_delivered_twice_lives_once(one: Yard, records: Records) -> None:
    """Cancelled and resumed by hand, DBOS runs it beside the one that runs: there is one body."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await DBOS.cancel_workflow_async("worker-1:1")
    await DBOS.resume_workflow_async("worker-1:1")
    await records.has_run_again(1)
    assert len(body.starts) == 1
    assert body.running == 1
    await engine.stop("worker-1", reason="enough")
    await records.until({"worker-1:1": "SUCCESS"})


@on_dbos(*DURABLE)
async def test_ended_workflows_are_forgotten(one: Yard, records: Records) -> None:
    """In weeks a fleet ends a hundred thousand; what runs is kept."""

    async def body(container: Container) -> str:
        if container.id == "worker-0":
            await one.clock.sleep(10**9)
        return "done"

    engine = await replace(one, make=durable(records.database, sweep_seconds=0.3)).engine_with(body)
    one.engines.append(engine)
    for number in range(5):
        await engine.start(replace(one.container(f"worker-{number}"), metadata={}))
    for number in range(1, 5):
        await one.ended(f"worker-{number}")
    await records.until({"worker-0:1": "PENDING"})
    assert engine.running() == 1


@on_dbos(*DURABLE)
async def test_nothing_is_pickled(one: Yard, records: Records) -> None:
    """What DBOS keeps of a container is its id, as JSON: whoever can write there can run no code here."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    [kept] = records.inputs()
    assert json.loads(kept)["positionalArgs"] == ["worker-1"]
    await engine.stop("worker-1", reason="enough")
    await records.until({"worker-1:1": "SUCCESS"})
    assert [json.loads(output) for output in records.outputs()] == [None]


@on_dbos()
async def test_the_loop_has_a_working_pool_of_threads_after_shutdown(one: Yard) -> None:
    """DBOS takes the loop's pool and leaves a dead one: threads and name look-ups work again."""
    engine = await one.engine_with(Sleeper(one))
    await engine.start(one.container())
    await engine.shutdown()
    assert await asyncio.to_thread(lambda: "works") == "works"
    assert await asyncio.get_running_loop().getaddrinfo("localhost", 80)


@on_dbos()
async def test_one_engine_at_a_time(one: Yard) -> None:
    """DBOS is one per process: a second engine is refused instead of working on the first one's database."""
    await one.engine()
    with pytest.raises(Bug, match="shut it down first"):
        await one.engine()


@on_dbos()
async def test_dbos_says_nothing_of_its_own(
    one: Yard, records: Records, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A run with a stop, a shutdown and a resume leaves both outputs and the log empty."""
    body = Sleeper(one)
    for life in (1, 2):
        engine = await one.engine_with(body)
        await engine.resume()
        await engine.start(one.container("worker"))
        await engine.start(one.container(f"passer-by-{life}"))
        await body.runs(2)
        await engine.stop(f"passer-by-{life}", reason="enough")
        await records.has_run_again(life)
        await engine.shutdown()
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("goodsfactory")] == []
