"""Containers, their epochs, ends and logs."""

from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.container import ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Bug, Conflict, IllegalTransition
from goodsfactory.domain.player import Player

RUNNING, STOPPED, FAILED = ContainerStatus.RUNNING, ContainerStatus.STOPPED, ContainerStatus.FAILED


@pytest.fixture
def container(opened: OpenStore, rows: Rows, player: Player) -> Any:
    """A pending worker container."""
    container = rows.container(player.id, metadata={"leg_id": "leg-1", "waypoints": ["X1-AA1-A1"]})
    opened.run(lambda t: t.containers.add(container))
    return container


def test_container_comes_back(opened: OpenStore, container: Any) -> None:
    """A container is read as it was added."""
    assert opened.run(lambda t: t.containers.get("worker-1")) == container
    assert opened.run(lambda t: t.containers.get("nothing")) is None


def test_container_is_added_once(opened: OpenStore, rows: Rows, player: Player, container: Any) -> None:
    """A second container of the same id is refused."""
    with pytest.raises(Conflict, match=r"(?i)unique"):
        opened.run(lambda t: t.containers.add(rows.container(player.id)))


def test_epoch_grows_with_every_start(opened: OpenStore, rows: Rows, container: Any) -> None:
    """Each start is a new epoch; only restarts are counted as such."""
    first = opened.run(lambda t: t.containers.begin("worker-1", rows.later(1), restarted=False))
    assert (first.status, first.epoch, first.restart_count) == (RUNNING, 1, 0)
    second = opened.run(lambda t: t.containers.begin("worker-1", rows.later(2), restarted=True))
    assert (second.status, second.epoch, second.restart_count) == (RUNNING, 2, 1)
    assert second.updated_at == second.heartbeat_at == rows.later(2)
    assert opened.run(lambda t: t.containers.get("worker-1")) == second


def test_unknown_container_cannot_begin(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Starting what does not exist is a conflict."""
    with pytest.raises(Conflict, match="no container nothing"):
        opened.run(lambda t: t.containers.begin("nothing", rows.now, restarted=False))


def test_ended_container_never_runs_again(opened: OpenStore, rows: Rows, container: Any) -> None:
    """A start that comes after the stop is refused and changes nothing."""
    opened.run(lambda t: t.containers.end("worker-1", STOPPED, rows.later(1), reason="asked to"))
    stopped = opened.run(lambda t: t.containers.get("worker-1"))
    with pytest.raises(IllegalTransition, match="is STOPPED"):
        opened.run(lambda t: t.containers.begin("worker-1", rows.later(2), restarted=True))
    assert opened.run(lambda t: t.containers.get("worker-1")) == stopped


def test_end_frees_the_ships_with_it(opened: OpenStore, rows: Rows, player: Player, container: Any) -> None:
    """The end of a container and the freedom of its ships are one step (law L2)."""
    opened.run(lambda t: t.containers.begin("worker-1", rows.now, restarted=False))
    for ship in ("COSMIC-A", "COSMIC-2"):
        assert opened.run(lambda t: t.claims.claim(rows.claim(player.id, ship=ship)))
    freed = opened.run(lambda t: t.containers.end("worker-1", FAILED, rows.later(5), reason="no fuel"))
    assert freed == ["COSMIC-2", "COSMIC-A"]
    ended = opened.found(lambda t: t.containers.get("worker-1"))
    assert (ended.status, ended.exit_reason, ended.updated_at) == (FAILED, "no fuel", rows.later(5))
    assert opened.run(lambda t: t.claims.of_player(player.id)) == []


def test_end_that_is_rolled_back_frees_nothing(
    opened: OpenStore, rows: Rows, player: Player, container: Any
) -> None:
    """When the end is not kept, the ships are still claimed."""
    opened.run(lambda t: t.claims.claim(rows.claim(player.id)))

    def end_and_fail(t: Any) -> None:
        assert t.containers.end("worker-1", STOPPED, rows.now) == ["COSMIC-1"]
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        opened.run(end_and_fail)
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == rows.claim(player.id)
    assert not opened.found(lambda t: t.containers.get("worker-1")).status.is_over


def test_first_ending_counts(opened: OpenStore, rows: Rows, container: Any) -> None:
    """Ending a container that is over keeps its first reason."""
    opened.run(lambda t: t.containers.end("worker-1", FAILED, rows.later(1), reason="no fuel"))
    assert opened.run(lambda t: t.containers.end("worker-1", STOPPED, rows.later(2), reason="asked")) == []
    ended = opened.found(lambda t: t.containers.get("worker-1"))
    assert (ended.status, ended.exit_reason) == (FAILED, "no fuel")


def test_running_is_not_an_end(opened: OpenStore, rows: Rows, container: Any) -> None:
    """A container ends COMPLETED, FAILED or STOPPED; anything else is our own mistake."""
    with pytest.raises(Bug, match="RUNNING is not how"):
        opened.run(lambda t: t.containers.end("worker-1", RUNNING, rows.now))


def test_heartbeat_keeps_the_last_effect(opened: OpenStore, rows: Rows, container: Any) -> None:
    """A pass without an effect does not hide what the container last changed."""
    opened.run(lambda t: t.containers.heartbeat("worker-1", rows.later(1), iteration=1, effect="bought"))
    opened.run(lambda t: t.containers.heartbeat("worker-1", rows.later(2), iteration=2, effect=None))
    beating = opened.found(lambda t: t.containers.get("worker-1"))
    assert (beating.iteration, beating.last_effect, beating.heartbeat_at) == (2, "bought", rows.later(2))


def test_ended_container_has_no_pulse(opened: OpenStore, rows: Rows, container: Any) -> None:
    """A late heartbeat changes nothing in a container that is over."""
    opened.run(lambda t: t.containers.end("worker-1", STOPPED, rows.later(1)))
    ended = opened.found(lambda t: t.containers.get("worker-1"))
    opened.run(lambda t: t.containers.heartbeat("worker-1", rows.later(2), iteration=9, effect="ghost"))
    assert opened.run(lambda t: t.containers.get("worker-1")) == ended


def test_find_filters(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Containers are found by owner, state and type, in the order they were added."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    for owner, id, type_ in (
        (player.id, "z", ContainerType.PLANNER),
        (player.id, "b", ContainerType.WORKER),
        (other.id, "a", ContainerType.WORKER),
    ):
        opened.run(lambda t: t.containers.add(rows.container(owner, id, type=type_)))
    opened.run(lambda t: t.containers.begin("b", rows.now, restarted=False))

    def ids(**filters: Any) -> Any:
        return [c.id for c in opened.run(lambda t: t.containers.find(**filters))]

    assert ids() == ["z", "b", "a"]
    assert ids(player_id=player.id) == ["z", "b"]
    assert ids(statuses=[RUNNING]) == ["b"]
    assert ids(types={ContainerType.WORKER}) == ["b", "a"]
    assert ids(player_id=other.id, statuses=[ContainerStatus.PENDING], types=[ContainerType.WORKER]) == ["a"]
    assert ids(player_id=other.id, statuses=[RUNNING]) == []


def test_logs_show_the_newest_oldest_first(opened: OpenStore, rows: Rows, container: Any) -> None:
    """A limited log shows its end, in reading order; a level filters exactly."""
    lines = [
        ContainerLog("worker-1", rows.later(n), level, f"line {n}", {"n": n})
        for n, level in enumerate(["INFO", "ERROR", "WARNING", "INFO"])
    ]
    for line in lines:
        opened.run(lambda t: t.containers.log(line))
    assert opened.run(lambda t: t.containers.logs("worker-1")) == lines
    assert opened.run(lambda t: t.containers.logs("worker-1", limit=2)) == lines[2:]
    assert opened.run(lambda t: t.containers.logs("worker-1", level="INFO")) == [lines[0], lines[3]]
    assert opened.run(lambda t: t.containers.logs("worker-1", level="INFO", limit=1)) == [lines[3]]
    assert opened.run(lambda t: t.containers.logs("nothing")) == []


def test_log_of_an_unknown_container_is_refused(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A line belongs to a container that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.containers.log(ContainerLog("nothing", rows.now, "INFO", "hello")))


def test_the_newest_ends_are_told_first_and_no_more_than_asked_for(
    opened: OpenStore, rows: Rows, player: Player
) -> None:
    """Of one player, one state and some types; what was added last counts as newest, whatever its times."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    worker, scout, coordinator = ContainerType.WORKER, ContainerType.SCOUT, ContainerType.COORDINATOR
    added = [
        rows.container(player.id, "old", status=FAILED, updated_at=rows.later(9)),
        rows.container(player.id, "well", status=ContainerStatus.COMPLETED),
        rows.container(player.id, "look", type=scout, status=FAILED, updated_at=rows.later(1)),
        rows.container(player.id, "factory", type=coordinator, status=FAILED),
        rows.container(other.id, "foreign", status=FAILED),
        rows.container(player.id, "new", status=FAILED),
    ]
    for container in added:
        opened.run(lambda t: t.containers.add(container))

    def newest(limit: Any) -> Any:
        found = opened.run(lambda t: t.containers.newest(player.id, FAILED, (worker, scout), limit=limit))
        return [container.id for container in found]

    assert newest(9) == ["new", "look", "old"]
    assert newest(2) == ["new", "look"]
    assert opened.run(lambda t: t.containers.newest(player.id, RUNNING, (worker,), limit=9)) == []
