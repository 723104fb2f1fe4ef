"""Events: numbers and filters."""

from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Bug
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.player import Player


def test_events_are_numbered_in_order(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Each event gets the next number, and is told apart from what was handed in by that alone."""
    first, second = opened.run(
        lambda t: [t.events.append(rows.event(player.id, word)) for word in ("one", "two")]
    )
    assert (first.seq, second.seq) == (1, 2)
    assert opened.run(lambda t: t.events.after(0)) == [first, second]
    assert opened.run(lambda t: t.events.last_seq()) == 2


def test_no_events_yet(opened: OpenStore) -> None:
    """An empty store's last number is 0."""
    assert opened.run(lambda t: t.events.last_seq()) == 0
    assert opened.run(lambda t: t.events.after(0)) == []


def test_event_that_was_rolled_back_never_was(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Watchers read committed events only, and whoever read to the last number misses none of the next."""

    def append_and_fail(t: Any) -> None:
        t.events.append(rows.event(player.id))
        raise RuntimeError("power cut")

    kept = opened.run(lambda t: t.events.append(rows.event(player.id, "kept")))

    with pytest.raises(RuntimeError, match="power cut"):
        opened.run(append_and_fail)
    assert opened.run(lambda t: t.events.last_seq()) == kept.seq
    later = opened.run(lambda t: t.events.append(rows.event(player.id, "later")))
    assert opened.run(lambda t: t.events.after(kept.seq)) == [later]


def test_after_filters(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A watcher gets what is new for its player and its factory, oldest first, at most so many."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    told = [
        rows.event(player.id, factory_id="f1", kind=EventKind.FACTORY_CREATED, good="IRON", ship="COSMIC-1"),
        rows.event(player.id, factory_id="f2", container_id="worker-1", data={"units": [1, 2]}),
        rows.event(other.id, factory_id="f3"),
        rows.event(player.id, factory_id="f1"),
    ]
    told = opened.run(lambda t: [t.events.append(event) for event in told])

    def after(seq: Any, **filters: Any) -> Any:
        return opened.run(lambda t: t.events.after(seq, **filters))

    assert after(0) == told
    assert after(2) == told[2:]
    assert after(0, player_id=player.id) == [told[0], told[1], told[3]]
    assert after(1, factory_id="f1") == [told[3]]
    assert after(0, player_id=player.id, factory_id="f2") == [told[1]]
    assert after(0, player_id=other.id, factory_id="f2") == []
    assert after(0, limit=2) == told[:2]
    assert after(4) == []


def test_event_with_unstorable_data_is_a_bug(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Data that is no JSON is refused with the whole transaction."""
    with pytest.raises(Bug, match="not JSON serializable"):
        opened.run(lambda t: t.events.append(rows.event(player.id, data={"at": rows.now})))
    assert opened.run(lambda t: t.events.last_seq()) == 0


def test_instant_without_a_zone_is_a_bug(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Every stored instant says its zone: a naive one is refused."""
    with pytest.raises(Bug, match="no time zone"):
        opened.run(lambda t: t.events.append(rows.event(player.id, at=rows.now.replace(tzinfo=None))))
