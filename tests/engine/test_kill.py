"""Processes are killed, as by a power cut, and others take their place."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.mortal import ROOT, Mortal
from tests.engine.records import Records
from tests.engine.stand import DURABLE, POSTGRESQL, SQLITE, Stand

COMES_BACK = 1.6


@pytest.fixture
def mortal(stand: Stand, tmp_path: Path) -> Iterator[Mortal]:
    assert stand.database is not None
    one = Mortal(tmp_path, stand.database)
    yield one
    one.kill_all()


@pytest.mark.parametrize("stand", DURABLE, indirect=True)
def test_a_killed_process_loses_no_container(mortal: Mortal, records: Records) -> None:
    """Killed at work, killed while it came up, and up again: each container runs once, in a new epoch."""
    chance = random.Random(4)
    first = mortal.live()
    mortal.wait_for("acts", first, 2 * mortal.containers)
    mortal.kill(first)
    second = mortal.live()
    mortal.wait_for("launches", second, 1)
    time.sleep(chance.uniform(0.0, 0.3))
    mortal.kill(second)
    third = mortal.live()
    [resumed] = mortal.wait_for("resumed", third, 1)
    mortal.wait_for("begins", third, mortal.containers)
    time.sleep(COMES_BACK)
    mortal.kill(third)

    assert resumed.epoch == mortal.containers
    begun = mortal.notes("begins")
    assert len({(note.container, note.epoch) for note in begun}) == len(begun)
    for pid in (first, third):
        here = {note.container: note.epoch for note in begun if note.pid == pid}
        assert len(here) == len([note for note in begun if note.pid == pid]) == mortal.containers
        assert all(here[note.container] == note.epoch for note in mortal.notes("acts", pid))
    [launched] = mortal.notes("launches", third)
    slowest = max(note.at for note in mortal.notes("begins", third)) - launched.at
    assert slowest < 10.0
    assert set(records.statuses().values()) == {"PENDING"}
    assert len(records.statuses()) == mortal.containers
    assert mortal.words() == ""


@pytest.mark.parametrize("stand", [SQLITE], indirect=True)
def test_a_lost_engine_file_costs_nothing(mortal: Mortal, records: Records) -> None:
    """It holds nothing but which containers ran: the rows know what shall run."""
    first = mortal.live()
    mortal.wait_for("begins", first, mortal.containers)
    mortal.kill(first)
    for file in Path(records.database).parent.glob("store-engine.sqlite*"):
        file.unlink()
    second = mortal.live()
    begun = mortal.wait_for("begins", second, mortal.containers)
    assert {note.epoch for note in begun} == {2}


@pytest.mark.parametrize("stand", [SQLITE], indirect=True)
def test_another_version_of_the_program_goes_on(mortal: Mortal, records: Records, tmp_path: Path) -> None:
    """DBOS itself would strand the work of a program whose workflows read differently."""
    first = mortal.live()
    mortal.wait_for("begins", first, mortal.containers)
    mortal.kill(first)
    shutil.copytree(ROOT / "src", tmp_path / "src")
    module = tmp_path / "src/goodsfactory/adapters/engine/workflows.py"
    before = module.read_text()
    after = before.replace(
        "            await host(container_id,",
        "            await asyncio.sleep(0)\n            await host(container_id,",
    )
    assert after != before
    module.write_text(after)
    second = mortal.live(source=tmp_path / "src")
    mortal.wait_for("begins", second, mortal.containers)
    time.sleep(COMES_BACK)
    assert records.attempts() == {f"COSMIC-{number}:1": 2 for number in range(mortal.containers)}
    assert set(records.statuses().values()) == {"PENDING"}


@pytest.mark.parametrize("stand", [POSTGRESQL], indirect=True)
def test_a_node_s_work_comes_back_to_it_and_to_no_other(mortal: Mortal, records: Records) -> None:
    """DBOS hands what it brings back to any process of an application: each node is one of its own."""
    dead = mortal.live("node-1", "COSMIC")
    other = mortal.live("node-2", "OTHER")
    for pid in (dead, other):
        mortal.wait_for("begins", pid, mortal.containers)
    mortal.kill(dead)
    # What node-1 does first when it is back, here while only node-2 is there to be quicker.
    records.write(
        "UPDATE workflow_status SET status = 'ENQUEUED', queue_name = '_dbos_internal_queue'"
        " WHERE executor_id = 'node-1'"
    )
    time.sleep(COMES_BACK)
    again = mortal.live("node-1", "COSMIC")
    mortal.wait_for("begins", again, mortal.containers)
    time.sleep(COMES_BACK)
    for number in range(mortal.containers):
        assert records.owners()[f"COSMIC-{number}:1"] == "node-1"
        assert records.owners()[f"OTHER-{number}:1"] == "node-2"
    assert {note.container.partition("-")[0] for note in mortal.notes("begins", other)} == {"OTHER"}
    assert set(records.statuses().values()) == {"PENDING"}
