"""Standing scouts: who keeps which markets fresh, and where each looks next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.flow_world import POLICY, START, after, charted, listing, ship

from goodsfactory.domain.market import Sighting
from goodsfactory.domain.ship import NavStatus, Ship
from goodsfactory.planning.looking.rounds import (
    LONGEST_PAUSE,
    LOOKS_PER_MINUTE,
    Interest,
    NextLook,
    Share,
    divide,
    looks_interval,
    next_look,
    price_swing,
)

NAMES = [f"X1-W-{letter}" for letter in "ABCDEFGH"]
CHART = charted(**{name: 50 * at for at, name in enumerate(NAMES)})
A, B, C, D, E, F, G, H = NAMES


def probe(name: str, at: str = A) -> Ship:
    return ship(name, at, hold=0)


def used(waypoint: str, *, seen: float | None = 0, wanted: bool = False, swing: float = 0.1) -> Interest:
    moment = None if seen is None else after(seen)
    return Interest(waypoint, ("COPPER",), wanted, moment, swing)


def idle(waypoint: str, *, seen: float | None = 0) -> Interest:
    return Interest(waypoint, seen=None if seen is None else after(seen))


def markets(shares: dict[str, Share]) -> dict[str, tuple[str, ...]]:
    return {name: share.markets for name, share in shares.items()}


class TestShares:
    """Every market has one scout, and every scout knows its own markets."""

    def test_with_a_probe_for_each_market_all_are_parked(self) -> None:
        """Each at the nearest; a parked probe reads with one request and no flight."""
        shares = divide([used(A), idle(C)], [probe("P1", D), probe("P2", A)], CHART)
        assert markets(shares) == {"P1": (C,), "P2": (A,)}
        assert all(share.parked for share in shares.values())

    def test_a_probe_too_many_has_nothing_to_do(self) -> None:
        """It is told so, and is not lost."""
        shares = divide([used(A)], [probe("P1", B), probe("P2", A)], CHART)
        assert markets(shares) == {"P1": (), "P2": (A,)}
        assert shares["P1"].reason == "every market has a scout already"

    def test_markets_of_factories_get_a_probe_each_and_the_rest_is_toured(self) -> None:
        """Three probes, two markets that matter: two park, the third tours the others."""
        interests = [used(B), used(F), idle(A), idle(C), idle(D)]
        shares = divide(interests, [probe("P1"), probe("P2", F), probe("P3", D)], CHART)
        assert markets(shares) == {"P1": (B,), "P2": (F,), "P3": (A, C, D)}
        assert [shares[name].parked for name in ("P1", "P2", "P3")] == [True, True, False]
        assert shares["P1"].reason == f"parked at {B}, where factories trade COPPER"

    def test_with_too_few_probes_the_markets_that_matter_are_toured_by_themselves(self) -> None:
        """Three of them and two probes: one goes round between the three, the other sees all the rest."""
        interests = [used(B), used(C), used(D), idle(A), idle(F), idle(H)]
        shares = divide(interests, [probe("P1", C), probe("P2", H)], CHART)
        assert {name: set(share.markets) for name, share in shares.items()} == {
            "P1": {B, C, D},
            "P2": {A, F, H},
        }
        assert shares["P1"].reason == f"tours 3 markets, first {B}, {C} and {D}, where factories trade"

    def test_one_probe_tours_everything(self) -> None:
        """What matters comes first by the worth of its looks, not by leaving the rest out."""
        [share] = divide([used(B), idle(A), idle(H)], [probe("P1")], CHART).values()
        assert set(share.markets) == {A, B, H}

    def test_fewer_probes_than_markets_that_matter_tour_them_all(self) -> None:
        """Two probes cut the system in two, each half in one piece."""
        shares = divide([used(name) for name in NAMES], [probe("P1", A), probe("P2", H)], CHART)
        assert {name: set(share.markets) for name, share in shares.items()} == {
            "P1": {A, B, C, D},
            "P2": {E, F, G, H},
        }

    def test_without_factories_everything_is_toured(self) -> None:
        """One probe sees the whole system."""
        [share] = divide([idle(name) for name in NAMES], [probe("P1")], CHART).values()
        assert (set(share.markets), share.parked) == (set(NAMES), False)

    @pytest.mark.parametrize("interests", [[], [used("X1-W-UNKNOWN")]], ids=["no market", "no known place"])
    def test_without_a_market_nobody_flies(self, interests: list[Interest]) -> None:
        """The share is empty and says why."""
        [share] = divide(interests, [probe("P1")], CHART).values()
        assert share == Share((), False, "there is no market to look at")

    @given(
        st.lists(st.sampled_from(NAMES), unique=True, min_size=1),
        st.integers(0, 8),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=6),
    )
    def test_every_market_has_exactly_one_scout(self, places: list[str], matter: int, at: list[str]) -> None:
        """However many there are of both, and wherever the scouts are."""
        interests = [used(name) if number < matter else idle(name) for number, name in enumerate(places)]
        ships = [probe(f"P{number}", name) for number, name in enumerate(at)]
        shares = divide(interests, ships, CHART)
        assert sorted(market for share in shares.values() for market in share.markets) == sorted(places)
        assert set(shares) == {one.symbol for one in ships}
        assert all(len(share.markets) == 1 for share in shares.values() if share.parked)

    @given(
        st.lists(st.sampled_from(NAMES), unique=True, min_size=1),
        st.integers(0, 8),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=6),
    )
    def test_scouts_that_follow_their_share_keep_it(
        self, places: list[str], matter: int, at: list[str]
    ) -> None:
        """Wherever in its share a scout is, the next division gives it the same: nobody swaps for ever."""
        interests = [used(name) if number < matter else idle(name) for number, name in enumerate(places)]
        ships = [probe(f"P{number}", name) for number, name in enumerate(at)]
        shares = divide(interests, ships, CHART)
        for pick in (0, -1):
            moved = [
                probe(one.symbol, share.markets[pick] if share.markets else one.nav.waypoint)
                for one in ships
                if (share := shares[one.symbol])
            ]
            # One without a share may stand at somebody's market and take it: it is left out here.
            busy = [one for one in moved if shares[one.symbol].markets]
            if len(busy) == len(moved):
                assert markets(divide(interests, moved, CHART)) == markets(shares)


def looks(
    share: Iterable[str], scout: Ship, *interests: Interest, at: float = 0, parked: int = 0
) -> NextLook:
    names = tuple(share)
    return next_look(
        Share(names, len(names) == 1, ""),
        scout,
        {one.waypoint: one for one in interests},
        CHART,
        after(at),
        POLICY,
        parked=parked,
    )


class TestNextLook:
    """Where a look is worth most for the time it takes."""

    def test_a_parked_probe_waits_for_its_timer(self) -> None:
        """Five minutes where factories trade; it works its share out anew in between."""
        assert looks([A], probe("P1"), used(A), at=290).pause == 10
        assert looks([A], probe("P1"), used(A), at=100).pause == LONGEST_PAUSE
        assert looks([A], probe("P1"), used(A), at=300).waypoint == A

    def test_where_nobody_trades_the_timer_is_slower(self) -> None:
        """Prices there stay good for as long as anybody may plan on them."""
        assert looks([A], probe("P1"), idle(A), at=899).waypoint is None
        assert looks([A], probe("P1"), idle(A), at=900).waypoint == A

    def test_many_parked_probes_look_more_rarely(self) -> None:
        """All together keep to a tenth of the requests the game allows."""
        crowd = 10 * LOOKS_PER_MINUTE
        assert looks_interval(1, True, POLICY) == POLICY.scout_interval
        assert looks_interval(crowd, True, POLICY) == 600
        assert looks([A], probe("P1"), used(A), at=599, parked=crowd).waypoint is None

    def test_a_market_never_seen_goes_before_one_that_was(self) -> None:
        """Nothing is known there at all."""
        assert looks([B, C], probe("P1"), used(B, seen=-400), used(C, seen=None)).waypoint == C

    def test_a_market_a_node_waits_for_goes_before_others(self) -> None:
        """Even where its prices are younger and it lies farther away."""
        near, far = used(B, seen=-3600), used(D, seen=-1200, wanted=True)
        assert looks([B, D], probe("P1"), near, far).waypoint == D
        assert looks([B, D], probe("P1"), near, replace(far, wanted=False)).waypoint == B

    def test_wilder_prices_go_first(self) -> None:
        """Of two markets seen at the same time the one that moves more may be more wrong."""
        calm, wild = used(B, seen=-3600, swing=0.05), used(C, seen=-3600, swing=0.8)
        assert looks([B, C], probe("P1"), calm, wild).waypoint == C

    def test_older_prices_go_first(self) -> None:
        """Equal in everything else."""
        assert looks([B, C], probe("P1", A), used(B, seen=-600), used(C, seen=-7200)).waypoint == C

    def test_a_market_of_a_factory_goes_before_one_of_nobody(self) -> None:
        """The same age, the same way."""
        assert looks([A, C], probe("P1", B), idle(A, seen=-3600), used(C, seen=-3600)).waypoint == C

    def test_what_is_due_on_arrival_is_flown_to_now(self) -> None:
        """The flight counts: a probe does not wait for a timer before it takes off."""
        flown = looks([H], probe("P1", A), used(H, seen=-250))
        assert flown.waypoint == H

    def test_nothing_due_is_a_short_wait(self) -> None:
        """Never longer than until the shares may have changed."""
        calm = looks([A, B], probe("P1"), used(A), used(B))
        assert calm.waypoint is None
        assert 0 < calm.pause <= LONGEST_PAUSE

    def test_a_want_at_the_own_post_is_left_to_whoever_wants_it(self) -> None:
        """The planner looks itself through a ship that is there: two would ask the same."""
        assert looks([A], probe("P1"), used(A, wanted=True), at=60).waypoint is None

    def test_an_empty_share_waits(self) -> None:
        """For the next division."""
        assert looks([], probe("P1")) == NextLook(None, LONGEST_PAUSE, "")

    def test_a_ship_under_way_is_timed_from_its_arrival(self) -> None:
        """It cannot turn round in flight."""
        flying = probe("P1", B)
        nav = replace(flying.nav, status=NavStatus.IN_TRANSIT, arrival=after(200))
        look = looks([C], replace(flying, nav=nav), used(C, seen=-120))
        assert look.waypoint == C, "it arrives late enough for C to be due"

    def test_a_ship_that_flies_to_a_market_counts_as_there(self) -> None:
        """Its next look there is timed by the prices alone."""
        flying = probe("P1", C)
        nav = replace(flying.nav, status=NavStatus.IN_TRANSIT, arrival=after(200))
        look = looks([C], replace(flying, nav=nav), used(C, seen=-280))
        assert (look.waypoint, look.pause) == (None, 20)


class TestSwing:
    """How wild a price is, from what was seen of it."""

    @staticmethod
    def seen(*asks: int, every: float = 30) -> list[Sighting]:
        return [
            Sighting(A, replace(listing("COPPER"), ask=ask), START + timedelta(minutes=every * number))
            for number, ask in enumerate(asks)
        ]

    def test_ups_and_downs_add_up(self) -> None:
        """A tenth up and back within an hour is a fifth an hour."""
        assert price_swing(self.seen(100, 110, 99)) == pytest.approx(0.2)

    @pytest.mark.parametrize("asks", [(), (100,)], ids=["never seen", "seen once"])
    def test_too_little_tells_nothing(self, asks: tuple[int, ...]) -> None:
        """The usual swing is assumed then."""
        assert price_swing(self.seen(*asks)) is None

    def test_two_looks_in_a_minute_tell_nothing(self) -> None:
        """Our own tranches move a price within seconds; that is no hourly swing."""
        assert price_swing(self.seen(100, 150, every=1)) is None
