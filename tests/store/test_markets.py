"""Waypoints and markets."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store.tables import MARKET_HISTORY
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Sighting, Supply, TradeType

LISTS = MarketSnapshot(
    "X1-AA1-B1", exports=frozenset({"IRON"}), imports=frozenset({"IRON_ORE"}), exchange=frozenset({"FUEL"})
)
IRON = Listing("IRON", TradeType.EXPORT, 60, Supply.HIGH, Activity.STRONG, 120, 60)
FUEL = Listing("FUEL", TradeType.EXCHANGE, 180, Supply.MODERATE, None, 72, 68)


@pytest.fixture
def seen(rows: Rows) -> Any:
    """A look with prices."""
    return replace(LISTS, listings=(IRON, FUEL), observed_at=rows.now)


def test_waypoints_of_a_system(opened: OpenStore) -> None:
    """A system's waypoints come back whole, sorted by symbol, without those of other systems."""
    gate = Waypoint("X1-AA1-Z9", "X1-AA1", "JUMP_GATE", -3, 4, frozenset({"SCORCHED"}), orbits="X1-AA1-A1")
    home = Waypoint("X1-AA1-A1", "X1-AA1", "PLANET", 1, 2, frozenset({"MARKETPLACE", "SHIPYARD"}))
    far = Waypoint("X1-BB2-A1", "X1-BB2", "PLANET", 1, 2)
    opened.run(lambda t: t.waypoints.save([gate, far, home]))
    assert opened.run(lambda t: t.waypoints.in_system("X1-AA1")) == [home, gate]
    assert opened.run(lambda t: t.waypoints.in_system("X1-CC3")) == []


def test_waypoint_is_replaced(opened: OpenStore) -> None:
    """A trait that appears later (a chart, a finished gate) is seen."""
    old = Waypoint("X1-AA1-A1", "X1-AA1", "PLANET", 1, 2, frozenset({"UNCHARTED"}))
    new = replace(old, traits=frozenset({"MARKETPLACE"}))
    opened.run(lambda t: t.waypoints.save([old]))
    assert opened.run(lambda t: t.waypoints.in_system("X1-AA1")) == [old]
    opened.run(lambda t: t.waypoints.save([new]))
    assert opened.run(lambda t: t.waypoints.in_system("X1-AA1")) == [new]


def test_saving_no_waypoints_does_nothing(opened: OpenStore) -> None:
    """An empty page of waypoints is not an error."""
    opened.run(lambda t: t.waypoints.save([]))
    assert opened.run(lambda t: t.waypoints.in_system("X1-AA1")) == []


def test_unknown_market_is_none(opened: OpenStore) -> None:
    """A market nobody has looked at is None."""
    assert opened.run(lambda t: t.markets.get("X1-AA1-B1")) is None


def test_market_without_prices_has_its_lists(opened: OpenStore) -> None:
    """The three public lists are known before a ship has looked."""
    opened.run(lambda t: t.markets.save(LISTS))
    assert opened.run(lambda t: t.markets.get("X1-AA1-B1")) == LISTS


def test_prices_survive_a_look_without_prices(opened: OpenStore, seen: Any) -> None:
    """A look from afar never erases prices seen before, but its lists are taken."""
    opened.run(lambda t: t.markets.save(seen))
    afar = replace(LISTS, exports=frozenset({"IRON", "STEEL"}))
    opened.run(lambda t: t.markets.save(afar))
    kept = replace(seen, exports=afar.exports)
    assert opened.run(lambda t: t.markets.get("X1-AA1-B1")) == kept


def test_new_prices_replace_old_ones(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """The newest look with prices is the one that counts."""
    newer = replace(seen, listings=(replace(IRON, ask=121),), observed_at=rows.later(60))
    opened.run(lambda t: t.markets.save(seen))
    assert opened.run(lambda t: t.markets.get("X1-AA1-B1")) == seen
    opened.run(lambda t: t.markets.save(newer))
    assert opened.run(lambda t: t.markets.in_system("X1-AA1")) == [newer]


def test_prices_of_a_rolled_back_look_are_never_seen(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """A value read inside a transaction that failed does not outlive it."""
    opened.run(lambda t: t.markets.save(seen))

    def look_and_fail(t: Any) -> None:
        t.markets.save(replace(seen, listings=(), observed_at=rows.later(60)))
        assert t.markets.get("X1-AA1-B1").listings == ()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        opened.run(look_and_fail)
    assert opened.run(lambda t: t.markets.get("X1-AA1-B1")) == seen


def test_markets_of_a_system(opened: OpenStore, seen: Any) -> None:
    """Markets of a system come sorted, without those of other systems."""
    near = replace(LISTS, waypoint="X1-AA1-A1")
    far = replace(LISTS, waypoint="X1-BB2-A1")
    for market in (seen, far, near):
        opened.run(lambda t: t.markets.save(market))
    assert opened.run(lambda t: t.markets.in_system("X1-AA1")) == [near, seen]


def test_market_at_a_malformed_waypoint_is_refused(opened: OpenStore) -> None:
    """A market's system is read from its symbol: one that has none is refused."""
    with pytest.raises(UserError, match="not a waypoint symbol"):
        opened.run(lambda t: t.markets.save(replace(LISTS, waypoint="NOWHERE")))


def test_each_priced_look_is_history_once(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """Every look with prices adds its listings to the history; the same look told twice adds nothing."""
    for look in (LISTS, seen, seen, LISTS, replace(seen, observed_at=rows.later(60))):
        opened.run(lambda t: t.markets.save(look))
    sightings = opened.run(lambda t: t.markets.history("X1-AA1-B1", "IRON"))
    assert sightings == [
        Sighting("X1-AA1-B1", IRON, rows.now),
        Sighting("X1-AA1-B1", IRON, rows.later(60)),
    ]
    assert len(opened.execute(select(MARKET_HISTORY))) == 4


def test_history_keeps_the_ends_of_what_stays_alike(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """Of looks that saw the same of a good, the first and the last stay: when it changed is still known."""
    dear = replace(IRON, ask=130)
    asked = [IRON, IRON, IRON, IRON, dear, dear, dear, IRON]
    for minute, iron in enumerate(asked):
        look = replace(seen, listings=(iron, FUEL), observed_at=rows.later(60 * minute))
        opened.run(lambda t: t.markets.save(look))
    history = opened.run(lambda t: t.markets.history("X1-AA1-B1", "IRON"))
    assert [(s.listing, (s.observed_at - rows.now).seconds // 60) for s in history] == [
        (IRON, 0),
        (IRON, 3),
        (dear, 4),
        (dear, 6),
        (IRON, 7),
    ]
    fuel = opened.run(lambda t: t.markets.history("X1-AA1-B1", "FUEL"))
    assert [s.observed_at for s in fuel] == [rows.now, rows.later(60 * 7)]


def test_history_may_begin_at_a_moment(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """Asked since a moment, history has what was seen then and later, of that good and market alone."""
    for minute in range(3):
        iron = replace(IRON, ask=100 + minute)
        look = replace(seen, listings=(iron, FUEL), observed_at=rows.later(60 * minute))
        opened.run(lambda t: t.markets.save(look))
        opened.run(lambda t: t.markets.save(replace(look, waypoint="X1-AA1-C1")))
    history = opened.run(lambda t: t.markets.history("X1-AA1-B1", "IRON", since=rows.later(60)))
    assert [(s.waypoint, s.listing.ask) for s in history] == [("X1-AA1-B1", 101), ("X1-AA1-B1", 102)]
    assert opened.run(lambda t: t.markets.history("X1-AA1-B1", "GOLD")) == []


def test_a_late_look_of_the_past_is_history_too(opened: OpenStore, rows: Rows, seen: Any) -> None:
    """A look that is older than the newest one takes nothing out of the history."""
    for minute in (0, 1, 5, 3):
        look = replace(seen, observed_at=rows.later(60 * minute))
        opened.run(lambda t: t.markets.save(look))
    history = opened.run(lambda t: t.markets.history("X1-AA1-B1", "IRON"))
    assert [(s.observed_at - rows.now).seconds // 60 for s in history] == [0, 3, 5]
