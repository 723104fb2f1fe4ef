"""A reset begins a new universe: same symbols, nothing shared, nothing lost."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from tests.store.conftest import UNIVERSE, OpenStore, Rows

from goodsfactory.adapters.store.tables import UNIVERSES
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe

_U = UNIVERSES.c
OLD, NEW = "2026-11-15", "2026-11-29"
WAYPOINT = Waypoint("X1-AA1-A1", "X1-AA1", "PLANET", 1, 2)
MARKET = MarketSnapshot("X1-AA1-A1", frozenset({"IRON"}), frozenset(), frozenset())


def test_the_store_says_where_it_is(opened: OpenStore) -> None:
    """The universe is the one it was opened for until it enters another."""
    assert opened.store.universe == OLD
    opened.store.enter_universe(NEW)
    assert opened.store.universe == NEW


def test_universes_never_mix(opened: OpenStore, rows: Rows, player: Player) -> None:
    """After a reset the same agent, ships, waypoints and markets are new ones; the old are untouched."""

    def fill(t: Any, owner: Any, x: Any) -> None:
        t.ships.save(owner.id, [rows.ship(speed=x)])
        t.waypoints.save([replace(WAYPOINT, x=x)])
        t.markets.save(replace(MARKET, imports=frozenset({f"GOOD_{x}"})))
        assert t.claims.claim(rows.claim(owner.id, f"worker-{x}"))
        t.money.open_intent(rows.intent(owner.id, f"intent-{x}"))

    def look(t: Any) -> Any:
        return (
            [p.id for p in t.players.all()],
            t.players.by_agent("COSMIC").id,
            t.ships.get("COSMIC-1")[1].speed,
            [w.x for w in t.waypoints.in_system("X1-AA1")],
            [sorted(m.imports) for m in t.markets.in_system("X1-AA1")],
            sorted(t.markets.get("X1-AA1-A1").imports),
            t.claims.of_ship("COSMIC-1").container_id,
            t.money.open_intent_of("COSMIC-1").id,
        )

    opened.run(lambda t: fill(t, player, 1))
    opened.store.enter_universe(NEW)
    assert opened.run(lambda t: t.players.all()) == []
    assert opened.run(lambda t: t.players.by_agent("COSMIC")) is None
    assert opened.run(lambda t: t.ships.get("COSMIC-1")) is None
    assert opened.run(lambda t: t.waypoints.in_system("X1-AA1")) == []
    assert opened.run(lambda t: t.markets.in_system("X1-AA1")) == []
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) is None
    assert opened.run(lambda t: t.money.open_intent_of("COSMIC-1")) is None
    newcomer = opened.run(lambda t: rows.player(t, universe=NEW))
    opened.run(lambda t: fill(t, newcomer, 2))
    expected_new = ([newcomer.id], newcomer.id, 2, [2], [["GOOD_2"]], ["GOOD_2"], "worker-2", "intent-2")
    assert opened.run(look) == expected_new
    opened.store.enter_universe(OLD)
    expected_old = ([player.id], player.id, 1, [1], [["GOOD_1"]], ["GOOD_1"], "worker-1", "intent-1")
    assert opened.run(look) == expected_old


def test_agent_may_return_after_a_reset(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A call sign is taken once per universe, and each universe has its own default player."""
    returned = opened.run(lambda t: rows.player(t, universe=NEW))
    assert returned.id != player.id
    assert returned.is_default
    with pytest.raises(UserError, match=f"known already in the universe of {NEW}"):
        opened.run(lambda t: rows.player(t, universe=NEW))
    opened.run(lambda t: t.players.make_default(returned.id))
    assert opened.found(lambda t: t.players.get(player.id)).is_default


def test_history_stays_readable(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """Players and factories of an earlier universe are still found by their id."""
    opened.store.enter_universe(NEW)
    assert opened.run(lambda t: t.players.get(player.id)) == player
    assert opened.run(lambda t: t.factories.get(factory.id, player.id)) == factory


def test_players_of_earlier_universes_are_told_apart(opened: OpenStore, rows: Rows, player: Player) -> None:
    """They are no players of the new one, and the one that was worked for last comes first."""
    assert opened.run(lambda t: t.players.past()) == []
    opened.store.enter_universe(NEW)
    second = opened.run(lambda t: rows.player(t, "TWO", universe=NEW))
    assert opened.run(lambda t: (t.players.past(), t.players.all())) == ([player], [second])
    opened.store.enter_universe("2026-12-06")
    assert opened.run(lambda t: (t.players.past(), t.players.all())) == ([second, player], [])
    opened.run(lambda t: t.events.append(rows.event(player.id, "it is played again")))
    assert opened.run(lambda t: t.players.past()) == [player, second]


def test_container_of_an_old_universe_can_still_end(opened: OpenStore, rows: Rows, player: Player) -> None:
    """After a reset the old containers are stopped, and their claims go with them (law L2)."""
    opened.run(lambda t: t.containers.add(rows.container(player.id)))
    opened.run(lambda t: t.claims.claim(rows.claim(player.id)))
    opened.store.enter_universe(NEW)
    assert opened.run(lambda t: t.containers.end("worker-1", ContainerStatus.STOPPED, rows.now)) == [
        "COSMIC-1"
    ]
    opened.store.enter_universe(OLD)
    assert opened.run(lambda t: t.claims.of_ship("COSMIC-1")) is None


def test_the_universe_that_was_played_last_is_not_the_newest_one(opened: OpenStore, rows: Rows) -> None:
    """A server can go back to an earlier one; one that ended then is marked later, and was left before."""
    server = "http://here/v2"
    assert opened.run(lambda t: t.universes.last_played(server)) is None
    older, newer = (Universe(server, UNIVERSE, rows.now, number) for number in (1, 2))
    ended = Universe(server, "2026-11-08", rows.now, ended_at=rows.now)

    def save(one: Universe) -> None:
        opened.run(lambda t: t.universes.save(one))

    elsewhere = Universe("http://there/v2", UNIVERSE, rows.now)
    for seconds, one in enumerate((newer, older, ended, elsewhere)):
        save(one)
        opened.execute(update(UNIVERSES).where(_U.id == one.id).values(played_at=rows.later(seconds)))
    assert opened.run(lambda t: t.universes.last_played(server)) == older
