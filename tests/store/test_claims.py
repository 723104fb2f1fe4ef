"""Claims on ships."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.patience import patience
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.player import Player


@pytest.fixture
def claimed(opened: OpenStore, rows: Rows, player: Player) -> Any:
    """COSMIC-1 claimed by worker-1 in its first epoch."""
    claim = rows.claim(player.id)
    assert opened.run(lambda t: t.claims.claim(claim))
    return claim


def test_free_ship_is_claimed(opened: OpenStore, player: Player, claimed: Any) -> None:
    """A free ship becomes the container's, and everybody can see whose it is."""
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == claimed
    assert opened.run(lambda t: t.claims.of_player(player.id)) == [claimed]


def test_two_containers_never_hold_one_ship(
    opened: OpenStore, rows: Rows, player: Player, claimed: Any
) -> None:
    """The second container is told no, and the claim stays with the first (law L5)."""
    assert not opened.run(lambda t: t.claims.claim(rows.claim(player.id, "worker-2", epoch=9)))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == claimed


def test_own_claim_is_repeated_freely(opened: OpenStore, rows: Rows, player: Player, claimed: Any) -> None:
    """A body started again claims its ship again, and the claim carries the new epoch."""
    again = rows.claim(player.id, epoch=2, claimed_at=rows.later(60), operation="leg leg-2")
    assert opened.run(lambda t: t.claims.claim(again))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == again


def test_older_body_of_the_same_container_is_refused(
    opened: OpenStore, rows: Rows, player: Player, claimed: Any
) -> None:
    """An epoch that has passed cannot take the claim back."""
    newer = rows.claim(player.id, epoch=2)
    assert opened.run(lambda t: t.claims.claim(newer))
    assert not opened.run(lambda t: t.claims.claim(rows.claim(player.id, epoch=1)))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == newer


def test_outlived_epoch_cannot_claim_a_free_ship(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A body whose container was started again has lost the right to claim anything."""
    opened.run(lambda t: t.containers.add(rows.container(player.id)))
    for _ in range(2):
        opened.run(lambda t: t.containers.begin("worker-1", rows.now, restarted=True))
    assert not opened.run(lambda t: t.claims.claim(rows.claim(player.id, epoch=1)))
    assert opened.run(lambda t: t.claims.claim(rows.claim(player.id, epoch=2)))


@pytest.mark.parametrize("status", [s for s in ContainerStatus if s.is_over])
def test_ended_container_cannot_claim(opened: OpenStore, rows: Rows, player: Player, status: Any) -> None:
    """A ship claimed by a container that has ended would never be free again (law L2)."""
    opened.run(lambda t: t.containers.add(rows.container(player.id)))
    opened.run(lambda t: t.containers.begin("worker-1", rows.now, restarted=False))
    opened.run(lambda t: t.containers.end("worker-1", status, rows.now))
    assert not opened.run(lambda t: t.claims.claim(rows.claim(player.id)))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) is None


def test_only_the_holder_releases(opened: OpenStore, claimed: Any) -> None:
    """A container cannot free a ship that another one holds."""
    assert not opened.run(lambda t: t.claims.release("COSMIC-1", "worker-2"))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) == claimed
    assert opened.run(lambda t: t.claims.release("COSMIC-1", "worker-1"))
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) is None
    assert not opened.run(lambda t: t.claims.release("COSMIC-1", "worker-1"))


def test_all_ships_of_a_container_are_released(
    opened: OpenStore, rows: Rows, player: Player, claimed: Any
) -> None:
    """Releasing all names the ships that became free, and leaves those of others alone."""
    for ship, container in (("COSMIC-10", "worker-1"), ("COSMIC-2", "worker-1"), ("COSMIC-3", "worker-2")):
        opened.run(lambda t: t.claims.claim(rows.claim(player.id, container, ship=ship)))
    assert opened.run(lambda t: t.claims.release_all("worker-1")) == ["COSMIC-1", "COSMIC-2", "COSMIC-10"]
    assert opened.run(lambda t: t.claims.release_all("worker-1")) == []
    assert [c.ship for c in opened.run(lambda t: t.claims.of_player(player.id))] == ["COSMIC-3"]


def test_claim_for_nobody_is_refused(opened: OpenStore, rows: Rows) -> None:
    """A claim belongs to a player that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.claims.claim(rows.claim(99)))


def test_two_processes_racing_for_one_ship(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Of two connections that claim at the same time exactly one gets the ship (law L5)."""
    ready = threading.Barrier(2, timeout=patience(30))

    def claim_all(container: str) -> int:
        with opened.another() as other:
            ready.wait()
            claims = [rows.claim(player.id, container, ship=f"COSMIC-{number:X}") for number in range(30)]
            return sum(other.run(lambda t: t.claims.claim(claim)) for claim in claims)

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(claim_all, ["worker-1", "worker-2"])) == 30
