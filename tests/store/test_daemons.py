"""Daemons that share a database, and their rights to act for agents."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.patience import patience
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store.tables import AGENT_OWNERS, DAEMONS
from goodsfactory.domain.daemon import DaemonRow, DaemonState
from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.player import Player

A = DaemonRow("node-a", "here", 41, "unix:/run/a.sock", "1.0")
B = DaemonRow("node-b", "there", 42, "there:9000", "1.0")
DEAD_AFTER = 10.0


@pytest.fixture
def nodes(opened: OpenStore) -> None:
    """node-a and node-b, both just heard of."""
    for node in (A, B):
        opened.run(lambda t: t.daemons.beat(node))


def acquire(opened: Any, player: Any, node: Any) -> Any:
    return opened.run(lambda t: t.daemons.acquire(player.id, node.node_id, DEAD_AFTER))


def silence(opened: Any, node: Any, seconds: Any) -> None:
    """Let the last heartbeat of a node be ``seconds`` old."""
    this = DAEMONS.c.node_id == node.node_id
    ((heard,),) = opened.execute(select(DAEMONS.c.heartbeat_at).where(this))
    opened.execute(DAEMONS.update().where(this).values(heartbeat_at=heard - timedelta(seconds=seconds)))


def said(row: Any) -> Any:
    return replace(row, started_at=None, heartbeat_at=None, age=0.0)


def test_daemons_are_told_as_they_said_themselves(opened: OpenStore, nodes: Any) -> None:
    """Every daemon is listed by node, with what it said."""
    assert [said(row) for row in opened.run(lambda t: t.daemons.all())] == [A, B]


def instant(value: datetime | None) -> datetime:
    assert value is not None
    return value


def test_instants_are_the_databases_own(opened: OpenStore) -> None:
    """A node with a wrong clock is heard now all the same: its own instants and age are not read."""
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    opened.run(lambda t: t.daemons.beat(replace(A, started_at=long_ago, heartbeat_at=long_ago, age=9e9)))
    (row,) = opened.run(lambda t: t.daemons.all())
    assert abs(datetime.now(UTC) - instant(row.heartbeat_at)) < timedelta(seconds=patience(30))
    assert row.started_at == row.heartbeat_at
    assert 0 <= row.age < patience(30)


def test_age_is_counted_in_seconds(opened: OpenStore, nodes: Any) -> None:
    """The age of a heartbeat is how long the database heard nothing more."""
    silence(opened, A, 2.5)
    first, second = opened.run(lambda t: t.daemons.all())
    assert 2.5 <= first.age < patience(30)
    assert second.age < first.age - 2


def test_a_beat_keeps_the_start_and_brings_the_rest(opened: OpenStore, nodes: Any) -> None:
    """A daemon started once; what it says now counts, its state too."""
    silence(opened, A, 100)
    before = opened.run(lambda t: t.daemons.all())[0]
    now = replace(A, state=DaemonState.DRAINING, address="unix:/run/b.sock")
    opened.run(lambda t: t.daemons.beat(now))
    after = opened.run(lambda t: t.daemons.all())[0]
    assert said(after) == now
    assert after.started_at == before.started_at
    assert instant(after.heartbeat_at) > instant(before.heartbeat_at) + timedelta(seconds=99)


@pytest.mark.parametrize("change", [{"pid": 43}, {"host": "elsewhere"}])
def test_another_process_of_the_same_name_starts_anew(opened: OpenStore, nodes: Any, change: Any) -> None:
    """A node that was started again, perhaps on another machine, says since when it runs."""
    before = opened.run(lambda t: t.daemons.all())[0]
    opened.execute(DAEMONS.update().values(started_at=instant(before.started_at) - timedelta(hours=1)))
    opened.run(lambda t: t.daemons.beat(replace(A, **change)))
    first, second = opened.run(lambda t: t.daemons.all())
    assert instant(first.started_at) >= instant(before.started_at)
    assert instant(second.started_at) < instant(before.started_at)


def test_a_daemon_that_was_down_starts_anew(opened: OpenStore, nodes: Any) -> None:
    """In a container every process may have the same pid: after an end a beat is a new start."""
    before = opened.run(lambda t: t.daemons.all())[0]
    opened.execute(DAEMONS.update().values(started_at=instant(before.started_at) - timedelta(hours=1)))
    assert opened.run(lambda t: t.daemons.set_state("node-a", DaemonState.DOWN))
    opened.run(lambda t: t.daemons.beat(A))
    row = opened.run(lambda t: t.daemons.all())[0]
    assert (row.state, instant(row.started_at) >= instant(before.started_at)) == (DaemonState.UP, True)


def test_state_of_a_silent_daemon_changes_without_a_heartbeat(opened: OpenStore, nodes: Any) -> None:
    """Who finds another one dead says so, and does not make it look alive by that."""
    silence(opened, A, 60)
    assert opened.run(lambda t: t.daemons.set_state("node-a", DaemonState.DOWN))
    row = opened.run(lambda t: t.daemons.all())[0]
    assert row.state is DaemonState.DOWN
    assert row.age >= 60
    assert not opened.run(lambda t: t.daemons.set_state("node-x", DaemonState.DOWN))


def test_forgotten_daemon_is_gone(opened: OpenStore, nodes: Any) -> None:
    """A removed daemon is listed no more; removing it twice is no mistake."""
    for _ in range(2):
        opened.run(lambda t: t.daemons.remove("node-a"))
    assert [row.node_id for row in opened.run(lambda t: t.daemons.all())] == ["node-b"]


def test_free_agent_is_acquired(opened: OpenStore, player: Player, nodes: Any) -> None:
    """The first owner of an agent acts in epoch 1, and everybody can see whose the agent is."""
    owned = acquire(opened, player, A)
    assert (owned.player_id, owned.node_id, owned.epoch) == (player.id, "node-a", 1)
    assert abs(datetime.now(UTC) - owned.acquired_at) < timedelta(seconds=patience(30))
    assert opened.run(lambda t: t.daemons.owner(player.id)) == owned
    assert opened.run(lambda t: t.daemons.owned_by("node-a")) == [owned]
    assert opened.run(lambda t: t.daemons.owned_by("node-b")) == []
    assert opened.run(lambda t: t.daemons.ownerships()) == [owned]


def test_agent_that_nobody_ever_had_has_no_owner(opened: OpenStore, player: Player) -> None:
    """Before anybody asked there is no ownership at all."""
    assert opened.run(lambda t: t.daemons.owner(player.id)) is None
    assert opened.run(lambda t: t.daemons.ownerships()) == []


def test_agent_of_a_living_daemon_is_not_acquired(opened: OpenStore, player: Player, nodes: Any) -> None:
    """One agent, one owner: while that is heard of, nobody else gets it (law L5)."""
    owned = acquire(opened, player, A)
    silence(opened, A, DEAD_AFTER - 8)
    assert acquire(opened, player, B) is None
    assert opened.run(lambda t: t.daemons.owner(player.id)) == owned


def test_draining_daemon_keeps_its_agents_until_it_releases_them(
    opened: OpenStore, player: Player, nodes: Any
) -> None:
    """Handing over is the owner's own step: it may still be finishing one."""
    acquire(opened, player, A)
    opened.run(lambda t: t.daemons.set_state("node-a", DaemonState.DRAINING))
    assert acquire(opened, player, B) is None


def test_own_agent_is_acquired_again_in_the_same_epoch(opened: OpenStore, player: Player, nodes: Any) -> None:
    """Asking again for what is ours changes nothing, however old our heartbeat is."""
    owned = acquire(opened, player, A)
    silence(opened, A, 60)
    assert acquire(opened, player, A) == owned


@pytest.mark.parametrize("end", ["silent", "down", "forgotten"])
def test_agent_of_a_dead_daemon_is_taken_over(
    opened: OpenStore, player: Player, nodes: Any, end: str
) -> None:
    """A daemon without a heartbeat, DOWN or forgotten loses the agent, and the epoch tells it so."""
    before = acquire(opened, player, A)
    if end == "silent":
        silence(opened, A, DEAD_AFTER + 1)
    elif end == "down":
        opened.run(lambda t: t.daemons.set_state("node-a", DaemonState.DOWN))
    else:
        opened.run(lambda t: t.daemons.remove("node-a"))
    after = acquire(opened, player, B)
    assert (after.node_id, after.epoch) == ("node-b", 2)
    assert after.acquired_at >= before.acquired_at
    opened.run(lambda t: t.daemons.beat(A))
    assert acquire(opened, player, A) is None


def test_released_agent_is_free_and_the_epoch_goes_on(opened: OpenStore, player: Player, nodes: Any) -> None:
    """Who comes after a release has a newer epoch than whoever came before, the same node too."""
    acquire(opened, player, A)
    assert opened.run(lambda t: t.daemons.release(player.id, "node-a"))
    free = opened.found(lambda t: t.daemons.owner(player.id))
    assert (free.node_id, free.epoch) == (None, 1)
    assert acquire(opened, player, A).epoch == 2


def test_only_the_owner_releases(opened: OpenStore, player: Player, nodes: Any) -> None:
    """A daemon cannot give away what it does not have."""
    owned = acquire(opened, player, A)
    assert not opened.run(lambda t: t.daemons.release(player.id, "node-b"))
    assert opened.run(lambda t: t.daemons.owner(player.id)) == owned
    assert opened.run(lambda t: t.daemons.release(player.id, "node-a"))
    assert not opened.run(lambda t: t.daemons.release(player.id, "node-a"))


def test_agent_that_does_not_exist_cannot_be_acquired(opened: OpenStore, nodes: Any) -> None:
    """A right belongs to a player that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.daemons.acquire(99, "node-a", DEAD_AFTER))


def test_owners_go_with_their_player(opened: OpenStore, player: Player, nodes: Any) -> None:
    """A deleted player leaves no right behind."""
    acquire(opened, player, A)
    opened.execute("DELETE FROM players")
    assert opened.execute(select(AGENT_OWNERS)) == []


def test_of_many_that_ask_one_gets_the_agent(
    opened: OpenStore, rows: Rows, player: Player, nodes: Any
) -> None:
    """Daemons that find an owner dead at the same time do not both succeed it (law L5)."""
    agents = [opened.run(lambda t: rows.player(t, f"AGENT-{n}")) for n in range(12)]
    ready = threading.Barrier(2, timeout=patience(30))

    def take_all(node: Any) -> Any:
        with opened.another() as other:
            ready.wait()
            return sum(acquire(other, agent, node) is not None for agent in agents)

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(take_all, [A, B])) == len(agents)


def test_the_agents_of_a_dead_daemon_are_acquired_one_by_one(
    opened: OpenStore, rows: Rows, nodes: Any
) -> None:
    """That its first agent has a living owner by now does not make the dead owner of the second alive."""
    first, second = (opened.run(lambda t: rows.player(t, name)) for name in ("FIRST", "SECOND"))
    for player in (first, second):
        acquire(opened, player, A)
    silence(opened, A, DEAD_AFTER + 1)
    assert [acquire(opened, player, B).node_id for player in (first, second)] == ["node-b", "node-b"]
