"""What watching a market teaches: its pace, and the moment of the half hour at which it ticks."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.planning.forecast.models import TICK, electronics

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.market import Activity, Sighting
from goodsfactory.planning.market.learned import Production, export_phase, learn, next_production
from goodsfactory.planning.market.trend import OwnTrade

START = datetime(2030, 1, 1, tzinfo=UTC)
PLACE, GOOD = "X1-W-E", "ELECTRONICS"
BASE = BASE_PRICES[GOOD]


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def watched(
    moments: Iterable[float], *, bought: tuple[float, int] | None = None, own: float = 0.0
) -> list[Sighting]:
    """A market that ticks 700 s after each half hour, starved so that it makes 4 units a tick."""
    market = electronics(own=own, silicon=-5.0, copper=-5.0, base=BASE, next_tick=700.0)
    looks = []
    for moment in moments:
        looks.append(Sighting(PLACE, market.listings(moment)[0], after(moment)))
        if bought and bought[0] == moment:
            market.buy(GOOD, bought[1], moment)
    return looks


def learned(looks: list[Sighting], *trades: OwnTrade) -> Production:
    found = learn(PLACE, GOOD, looks, trades)
    assert found is not None
    return found


def test_nothing_is_known_of_what_was_never_seen() -> None:
    """Without a look there is no forecast."""
    assert learn(PLACE, GOOD, []) is None


def test_one_look_tells_the_pace_by_the_activity() -> None:
    """A single look gives what its activity lets expect, and no moment."""
    found = learned(watched([0]))
    assert (found.mean, found.samples, found.phase) == (4.0, 0, None)
    assert found.sentence(START) == "produces 4 units per 30 min (by its activity)"
    assert next_production(found.phase, START) is None


def test_polls_find_the_tick() -> None:
    """Looks every minute around one tick tell when in the half hour it comes, to the minute."""
    found = learned(watched(range(0, 1500, 60)))
    assert (found.mean, found.samples) == (4.0, 1)
    tick = found.next_tick(after(1500))
    assert tick is not None
    assert abs((tick - after(700 + TICK)).total_seconds()) <= 45
    assert "next tick in about 17m" in found.sentence(after(1500))


def test_looks_far_apart_narrow_the_moment_down_together() -> None:
    """Two ticks between looks ten minutes apart leave the ten minutes that both allow, or less."""
    found = learned(watched([500, 1100, 2000 + TICK / 3, 2700 + TICK / 3]))
    assert found.phase is not None
    assert found.phase.evidence == 2
    assert found.phase.width <= 620


def test_a_moment_that_is_hardly_known_is_not_planned_on() -> None:
    """Where the tick may be anywhere in half an hour's third, nobody is sent for it."""
    found = learned(watched([0, 1500]))
    assert found.phase is not None
    assert next_production(found.phase, START) is None


def test_our_own_purchase_is_no_production() -> None:
    """What we bought between two looks is taken off; with it alone nothing was produced."""
    looks = watched([0, 300], bought=(0, 20), own=4.0)
    bought = OwnTrade(after(0), -20)
    assert learned(looks, bought).samples == 0
    assert learned(looks, bought).phase is None
    assert learned(looks).samples == 1  # as it would be without the ledger


def test_the_moment_of_an_export_is_told_by_what_rises() -> None:
    """Purchases, whoever's, only lower its stock: they hide a tick at worst, and make none."""
    looks = watched(range(0, 1500, 60), bought=(240, 20), own=4.0)
    phase = export_phase(looks)
    assert phase is not None
    assert phase.evidence == 1
    assert abs(phase.middle - 700) <= 45
    assert export_phase(watched([0, 60, 120], bought=(60, 20), own=4.0)) is None
    assert export_phase([]) is None


def test_looks_close_in_on_the_moment() -> None:
    """Four looks divide the minute in which it comes, and what they find the next half hour's ten seconds."""
    looks = watched(range(0, 1500, 60))
    spans = []
    for number in (1, 2, 3):
        phase = export_phase(looks)
        assert phase is not None
        spans.append(phase.width)
        moments, now = [], 1500.0 + (number - 1) * TICK
        while now < 1500 + number * TICK - 60:
            following = next_production(phase, after(now))
            assert following is not None
            now = (following - START).total_seconds()
            moments.append(now)
        inside = [one for one in moments if abs(one - 700 - number * TICK) <= 90]
        assert 1 <= len(inside) <= 6
        assert len(moments) - len(inside) <= 1
        looks = watched([*range(0, 1500, 60), *(m for m in _so_far(looks) if m >= 1500), *inside])
    assert spans == sorted(spans, reverse=True)
    assert spans[-1] <= 20 < spans[0]


def _so_far(looks: list[Sighting]) -> list[float]:
    return [(look.observed_at - START).total_seconds() for look in looks]


def test_the_moment_drawn_is_one_that_is_possible() -> None:
    """A replay draws the next tick from the moments that are left."""
    phase = learned(watched(range(0, 1500, 60))).phase
    assert phase is not None
    chance = random.Random(1)
    for _ in range(20):
        wait = phase.draw_wait(after(1000), chance)
        assert wait == pytest.approx(700 + TICK - 1000, abs=75)


def test_what_was_made_under_another_activity_does_not_count() -> None:
    """A market that was starved tells nothing of its pace now that it is fed."""
    looks = watched([0, 1000])
    assert learned(looks).mean == 4
    fed = replace(looks[-1].listing, activity=Activity.STRONG)
    found = learned([*looks, Sighting(PLACE, fed, after(1060))])
    assert (found.mean, found.samples) == (20, 0)
