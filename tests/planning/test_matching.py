"""Which ship flies which lot."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.flow_world import charted
from tests.wishes import fabricating

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch import matching
from goodsfactory.planning.dispatch.eligibility import explain_ship
from goodsfactory.planning.dispatch.matching import held_back, match_lots
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.value import Worth

CHART = charted(**{f"X1-T-{name}": 100 * i for i, name in enumerate("ABCDE")})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ship(name: str, at: str = "A", *, hold: int = 40, system: str = "X1-T", **cargo: int) -> Ship:
    nav = Nav(system, f"{system}-{at}", NavStatus.DOCKED)
    return Ship(name, "HAULER", nav, Tank(400, 400), Hold(hold, cargo), 30, NOW)


def lot(
    name: str,
    *,
    good: str = "IRON",
    source: str = "A",
    destination: str | None = "B",
    units: int = 40,
    value: int = 1000,
    asked: int = 1,
    factory: str = "f1",
    **fields: Any,
) -> Lot:
    """A lot that is told apart by its ``name``: the output that it is an input of."""
    return Lot(
        order_id=factory,
        good=good,
        feeds=name,
        source=f"X1-T-{source}",
        destination=destination and f"X1-T-{destination}",
        units=units,
        worth=Worth(value, loss=asked),
        reason="wanted",
        since=fields.pop("since", NOW),
        **fields,
    )


def late(lots: list[Lot], ships: list[Ship], *soon_free: Ship, **facts: Any) -> list[str | None]:
    """The lots that get a ship and wait for another one all the same."""
    names = {one.symbol for one in soon_free}
    matches = match_lots(lots, ships, {}, CHART, NOW, claims={}, **facts)
    hoped = match_lots(lots, [*ships, *soon_free], {}, CHART, NOW, claims={}, **facts)
    return [each.lot.feeds for each in held_back(matches, hoped, names)]


def match(
    lots: list[Lot], ships: list[Ship], claimed: tuple[str, ...] = (), **requests: FactoryRequest
) -> Any:
    claims = {name: Claim(name, 1, "worker", "a leg", 1, NOW) for name in claimed}
    matches = match_lots(lots, ships, requests, CHART, NOW, claims=claims)
    return {each.lot.feeds: each.ship.symbol for each in matches}


class TestHeldBack:
    """A ship whose look is all but over at the source is there sooner than one that has to fly there."""

    def test_a_lot_waits_for_the_ship_that_flies_it_sooner(self) -> None:
        assert late([lot("l1")], [ship("FAR", "E")]) == []
        assert late([lot("l1")], [ship("FAR", "E")], ship("NEAR", "A")) == ["l1"]
        assert late([lot("l1")], [ship("NEAR", "A")], ship("FAR", "E")) == []

    def test_each_ship_keeps_one_lot_from_others_at_most(self) -> None:
        """The other one is flown at once."""
        two = [lot("l1"), lot("l2")]
        assert len(late(two, [ship("S1", "E"), ship("S2", "D")], ship("NEAR", "A"))) == 1
        assert late(two, [ship("S1", "A"), ship("S2", "A")], ship("NEAR", "A")) == []

    def test_what_it_would_not_be_given_does_not_wait_for_it(self) -> None:
        """It is laden with something else, rests, or another one suits the lot better once both are free."""
        rest = {"NEAR": Rest(NOW + timedelta(seconds=30), 1, "no fuel")}
        assert late([lot("l1")], [ship("FAR", "E")], ship("NEAR", "A", TOOLS=1)) == []
        assert late([lot("l1")], [ship("FAR", "E")], ship("NEAR", "A"), resting=rest) == []
        assert late([lot("l1", units=80)], [ship("BIG", "E", hold=80)], ship("SMALL", "A", hold=5)) == []

    def test_seconds_are_not_waited_for(self) -> None:
        """What is gained must be more than the look may take."""
        near = ship("NEAR", "A")
        flying = replace(near.nav, status=NavStatus.IN_TRANSIT, arrival=NOW + timedelta(seconds=40))
        assert late([lot("l1")], [ship("NEXT", "B")], near) == ["l1"]
        assert late([lot("l1")], [ship("NEXT", "B")], replace(near, nav=flying)) == []


class TestNoMatch:
    def test_nothing_to_match_gives_nothing(self) -> None:
        """No lots or no ships is an empty answer."""
        assert match([], [ship("S1")]) == {}
        assert match([lot("l1")], []) == {}

    def test_an_ineligible_ship_is_left_alone(self) -> None:
        """Probe, claimed, excluded, elsewhere, laden with another good: none of them flies."""
        fleet = [
            ship("PROBE", hold=0),
            ship("CLAIMED"),
            ship("EXCLUDED"),
            ship("AWAY", system="X1-U"),
            ship("LADEN", COPPER=5),
            ship("MIXED", COPPER=5, IRON=5),
        ]
        assert match([lot("l1")], fleet, ("CLAIMED",), f1=fabricating(exclude=("EXCLUDED",))) == {}

    def test_a_lot_that_is_held_waits(self) -> None:
        """Before the time has come no ship is sent."""
        later = lot("later", not_before=NOW + timedelta(seconds=1))
        assert match([later], [ship("S1"), ship("S2")]) == {}
        assert match([lot("now", not_before=NOW)], [ship("S1")]) == {"now": "S1"}

    def test_what_nobody_sells_now_is_flown_by_the_ship_that_has_it_aboard(self) -> None:
        """An empty ship would find nothing to buy there, however near it is."""
        fleet = [ship("S1"), ship("S2", "B", IRON=20)]
        assert match([lot("l1", aboard=True)], fleet) == {"l1": "S2"}
        assert match([lot("l1", aboard=True)], fleet, ("S2",)) == {}

    def test_a_lift_to_keep_needs_room_in_the_hold(self) -> None:
        """Where the good stays aboard, a full hold cannot take it."""
        lift = lot("lift", good="FAB_MATS", destination=None)
        assert match([lift], [ship("FULL", hold=40, FAB_MATS=40)]) == {}
        assert match([lift], [ship("ROOM", hold=40, FAB_MATS=39)]) == {"lift": "ROOM"}

    def test_unknown_places_match_nobody(self) -> None:
        """Without coordinates a flight cannot be weighed."""
        assert match([lot("l1", source="Q")], [ship("S1")]) == {}
        assert match([lot("l1", destination="Q")], [ship("S1")]) == {}

    def test_a_ship_reserved_by_one_factory_still_serves_another(self) -> None:
        """--exclude is the wish of one factory, not of all."""
        requests: dict[str, Any] = {"f1": fabricating(exclude=("S1",)), "f2": fabricating()}
        lots = [lot("one", factory="f1", value=9999), lot("two", factory="f2", value=1)]
        assert match(lots, [ship("S1")], **requests) == {"two": "S1"}

    def test_a_resting_ship_flies_nothing(self) -> None:
        """It failed and would fail again: another ship goes, or nobody."""
        rest = {"S1": Rest(NOW + timedelta(seconds=30), 1, "no fuel")}
        fleet = [ship("S1"), ship("S2", "E")]
        found = match_lots([lot("l1")], fleet, {}, CHART, NOW, claims={}, resting=rest)
        assert [each.ship.symbol for each in found] == ["S2"]
        assert match_lots([lot("l1")], fleet[:1], {}, CHART, NOW, claims={}, resting=rest) == []

    def test_a_ship_that_cannot_get_there_is_not_sent(self) -> None:
        """An empty tank where no fuel is sold; the farther ship that can flies instead."""
        dry = replace(ship("DRY", "B"), tank=Tank(0, 400))
        lots = [lot("l1", source="C", destination="D")]

        def sent(*fleet: Ship, fuel: str) -> list[str]:
            found = match_lots(lots, fleet, {}, replace(CHART, stations={fuel}), NOW, claims={})
            return [each.ship.symbol for each in found]

        assert sent(dry, fuel="X1-T-E") == []
        assert sent(dry, ship("S2", "A"), fuel="X1-T-E") == ["S2"]
        assert sent(dry, fuel="X1-T-B") == ["DRY"]

    def test_the_way_to_the_destination_counts_too(self) -> None:
        """A ship that would be stranded with its load is not sent for it."""
        low = replace(ship("LOW", "A"), tank=Tank(2, 400))
        lots = [lot("l1", source="A", destination="B"), lot("l2", source="B", destination="C")]
        found = match_lots(lots, [low], {}, CHART, NOW, claims={})
        assert [each.lot.feeds for each in found] == ["l1"]


class TestChoice:
    def test_as_many_legs_as_possible_fly(self) -> None:
        """A laden ship takes the only lot it can, the free ship the other, whatever it is worth."""
        lots = [lot("iron", value=1), lot("copper", good="COPPER", value=1)]
        assert match(lots, [ship("S1", IRON=4), ship("S2")]) == {"iron": "S1", "copper": "S2"}

    def test_a_far_lot_of_little_value_still_flies_when_a_ship_is_idle(self) -> None:
        """An idle ship earns nothing, so a negative weight is no reason to stay."""
        assert match([lot("l1", source="E", value=0)], [ship("S1")]) == {"l1": "S1"}

    def test_what_brings_less_than_its_fuel_flies_only_where_it_was_asked_for(self) -> None:
        """A sale without end is made to earn; a number of units is made because somebody wants them."""
        assert match([lot("l1", source="E", value=100, asked=0)], [ship("S1")]) == {}
        assert match([lot("l1", source="E", value=1000, asked=0)], [ship("S1")]) == {"l1": "S1"}

    def test_the_more_valuable_lot_gets_the_only_ship(self) -> None:
        """Value is urgency on the critical path."""
        assert match([lot("l1", value=1000), lot("l2", value=5000)], [ship("S1")]) == {"l2": "S1"}

    def test_priority_weighs_the_legs_of_a_factory(self) -> None:
        """R6: two factories share a fleet by priority."""
        lots = [lot("low", factory="f1", value=1000), lot("high", factory="f2", value=900)]
        requests: dict[str, Any] = {"f1": fabricating(priority=1.0), "f2": fabricating(priority=2.0)}
        assert match(lots, [ship("S1")], **requests) == {"high": "S1"}
        assert match(lots, [ship("S1")]) == {"low": "S1"}

    def test_the_nearer_ship_flies(self) -> None:
        """Travel decides between equal ships."""
        assert match([lot("l1", source="C")], [ship("S1", "A"), ship("S2", "C")]) == {"l1": "S2"}

    def test_ships_are_spread_so_that_the_sum_of_travel_is_least(self) -> None:
        """Not greedy: the ship in the middle leaves the near lot to one that has no other."""
        lots = [lot("at-a", source="A", destination="A"), lot("at-e", source="E", destination="E")]
        fleet = [ship("S1", "B"), ship("S2", "A")]
        assert match(lots, fleet) == {"at-a": "S2", "at-e": "S1"}

    def test_the_ship_that_has_the_good_aboard_goes_first(self) -> None:
        """It spares a purchase, even from far away."""
        assert match([lot("l1")], [ship("S1", "A"), ship("S2", "E", IRON=20)]) == {"l1": "S2"}

    @pytest.mark.parametrize(("aboard", "flies"), [(20, "S2"), (21, "S1"), (40, "S1")])
    def test_what_stays_aboard_goes_where_some_is_aboard_already(self, aboard: int, flies: str) -> None:
        """That ship can fly nothing else, and an empty one is kept for other work; where all of it fits."""
        fleet = [ship("S1", "A"), ship("S2", "E", IRON=aboard)]
        assert match([lot("l1", units=20, destination=None)], fleet) == {"l1": flies}

    def test_a_large_demand_gets_the_large_hold(self) -> None:
        """A small demand does not take the freighter, and a large one is not cut to the shuttle."""
        lots = [lot("small", units=15), lot("large", units=80)]
        fleet = [ship("S1", hold=15), ship("S2", hold=80)]
        assert match(lots, fleet) == {"small": "S1", "large": "S2"}

    def test_equals_are_served_oldest_lot_first_by_the_lowest_ship(self) -> None:
        """Where all is equal the order is fixed."""
        lots = [lot("young"), lot("old", since=NOW - timedelta(minutes=1))]
        assert match(lots, [ship("S2"), ship("S1")]) == {"old": "S1", "young": "S2"}
        assert match(lots, [ship("S2")]) == {"old": "S2"}

    def test_the_reason_says_what_the_ship_will_do(self) -> None:
        """The planner's log reads like a plan."""
        matches = match_lots([lot("l1")], [ship("S1", "B")], {}, CHART, NOW, claims={})
        assert matches[0].reason == (
            "S1 carries IRON from X1-T-A to X1-T-B: about 1m54s, room for 40 of the 40 units wanted"
        )
        single = match_lots([lot("l1", units=1)], [ship("S1", "B")], {}, CHART, NOW, claims={})
        assert single[0].reason.endswith("room for 40 of the 1 unit wanted")
        laden = match_lots([lot("l1")], [ship("S1", "B", IRON=7)], {}, CHART, NOW, claims={})
        assert laden[0].reason == "S1 has 7 IRON aboard already and takes it to X1-T-B: about 0s"
        lift = match_lots([lot("l1", destination=None)], [ship("S1")], {}, CHART, NOW, claims={})
        assert lift[0].reason.startswith("S1 carries IRON from X1-T-A, to stay aboard: about 0s")

    def test_weights_are_whole_numbers(self) -> None:
        """A fractional priority is rounded, so that runs can be compared."""
        matches = match_lots(
            [lot("l1", value=333)], [ship("S1")], {"f1": fabricating(priority=1.5)}, CHART, NOW, claims={}
        )
        assert isinstance(matches[0].weight, int)


GOODS = st.sampled_from(["IRON", "COPPER"])
SPOTS = st.sampled_from("ABCDE")


@st.composite
def fleets(draw: Any) -> list[Ship]:
    cargo = st.dictionaries(GOODS, st.integers(0, 20), max_size=2)
    return [
        ship(f"S{n}", draw(SPOTS), hold=draw(st.sampled_from([0, 15, 40, 80])), **draw(cargo))
        for n in range(draw(st.integers(0, 7)))
    ]


@st.composite
def demands(draw: Any) -> list[Lot]:
    return [
        lot(
            f"l{n}",
            good=draw(GOODS),
            source=draw(SPOTS),
            destination=draw(st.none() | SPOTS),
            units=draw(st.integers(1, 80)),
            value=draw(st.integers(0, 3000)),
            factory=draw(st.sampled_from(["f1", "f2"])),
            number=n,
            not_before=draw(st.sampled_from([None, NOW, NOW + timedelta(seconds=1)])),
        )
        for n in range(draw(st.integers(0, 8)))
    ]


@given(lots=demands(), ships=fleets(), claimed=st.sets(st.sampled_from(["S0", "S1", "S2"])), mix=st.randoms())
def test_a_matching_is_sound_and_repeatable(lots: Any, ships: Any, claimed: Any, mix: Any) -> None:
    """No ship and no lot twice, nobody who is not eligible, and the same answer for any order of input."""
    requests = {"f1": fabricating(exclude=("S3",)), "f2": fabricating(priority=2.0)}
    claims = {name: Claim(name, 1, "worker", "a leg", 1, NOW) for name in claimed}
    matches = match_lots(lots, ships, requests, CHART, NOW, claims=claims)
    assert len({each.lot.key for each in matches}) == len(matches)
    assert len({each.ship.symbol for each in matches}) == len(matches)
    for each in matches:
        verdict = explain_ship(
            each.ship,
            claim=claims.get(each.ship.symbol),
            request=requests[each.lot.order_id],
            system="X1-T",
            now=NOW,
            good=each.lot.good,
        )
        assert verdict.eligible, verdict.reasons
        assert not each.lot.waits(NOW)
        assert each.lot.destination or each.ship.hold.free
    other_lots, other_ships = list(lots), list(ships)
    mix.shuffle(other_lots)
    mix.shuffle(other_ships)
    again = match_lots(other_lots, other_ships, requests, CHART, NOW, claims=claims)
    assert again == matches


@given(lots=demands(), ships=fleets())
def test_no_eligible_ship_idles_beside_a_lot_it_could_fly(lots: Any, ships: Any) -> None:
    """The matching is maximal: one more lot for a ship left over would have been taken."""
    matches = match_lots(lots, ships, {}, CHART, NOW, claims={})
    flown = {each.lot.key for each in matches}
    used = {each.ship.symbol for each in matches}
    idle = [vessel for vessel in ships if vessel.symbol not in used]
    for left in (each for each in lots if each.key not in flown):
        for vessel in idle:
            assert match_lots([left], [vessel], {}, CHART, NOW, claims={}) == []


def test_twenty_ships_and_sixty_legs_get_twenty_matches() -> None:
    """A large fleet is served in one pass."""
    fleet = [ship(f"S{n:02d}", "ABCDE"[n % 5], hold=(15, 40, 80)[n % 3]) for n in range(20)]
    lots = [lot(f"l{n:02d}", source="ABCDE"[n % 4], units=n + 1, value=n * 10) for n in range(60)]
    assert len(match(lots, fleet)) == 20
    assert len(match([replace(each, worth=Worth(0, loss=1)) for each in lots], fleet)) == 20


def _large(seed: int) -> tuple[list[Lot], list[Ship], Chart]:
    """Sixty lots and sixty ships at places in clusters, where all lots want the same ships."""
    chance = random.Random(seed)
    names = [f"W{n}" for n in range(16)]
    centres = [chance.randrange(600) for _ in range(4)]
    chart = charted(**{f"X1-T-{name}": centres[n % 4] + n // 4 for n, name in enumerate(names)})
    lots = [
        lot(
            f"l{n:02d}",
            good=chance.choice(["IRON", "COPPER", "FOOD"]),
            source=chance.choice(names[:8]),
            destination=chance.choice(names[8:]),
            units=chance.choice([20, 40, 80]),
            value=chance.randrange(4_000, 140_000),
        )
        for n in range(60)
    ]
    return (
        lots,
        [ship(f"S{n:02d}", chance.choice(names), hold=chance.choice([40, 80])) for n in range(60)],
        chart,
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_large_fleet_is_matched_nearly_as_well_as_can_be(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a percent of the best of all matchings, every lot once, every ship once, whatever the order."""
    lots, ships, chart = _large(seed)
    quick = match_lots(lots, ships, {}, chart, NOW, claims={})
    assert len({one.lot.key for one in quick}) == len({one.ship.symbol for one in quick}) == len(quick) == 60
    shuffled = match_lots(lots[::-1], ships[::-1], {}, chart, NOW, claims={})
    assert shuffled == quick
    monkeypatch.setattr(matching, "MOST_PAIRS", 10_000)
    best = match_lots(lots, ships, {}, chart, NOW, claims={})
    assert sum(one.weight for one in quick) >= 0.99 * sum(one.weight for one in best)


def test_ships_alike_are_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pass asks the chart grows with classes of ships and with ways, not with ships and lots."""
    asked = []

    def seconds(chart: Chart, vessel: Ship, stops: tuple[str, ...], now: datetime) -> int | None:
        asked.append(vessel.symbol)
        return None

    monkeypatch.setattr(Chart, "seconds", seconds)
    lots = [lot(f"l{n:03d}", source="AB"[n % 2]) for n in range(200)]
    ships = [ship(f"S{n:03d}", "AB"[n % 2], hold=(40, 80)[n % 4 // 2]) for n in range(200)]
    assert match_lots(lots, ships, {}, CHART, NOW, claims={}) == []
    assert len(asked) == 4 * 2


def test_a_ship_that_is_named_is_not_alike_to_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a large fleet each factory gets only ships it may use."""
    monkeypatch.setattr(matching, "MOST_PAIRS", 0)
    lots = [lot("mine", value=9_000), lot("other", factory="f2")]
    fleet = [ship("S1"), ship("S2")]
    chosen = match(lots, fleet, f1=fabricating(ships=("S2",)), f2=fabricating(exclude=("S2",)))
    assert chosen == {"mine": "S2", "other": "S1"}


class TestPatience:
    def test_a_lot_that_waited_long_goes_first(self) -> None:
        """What has waited for eight hours counts twice."""
        newer, older = lot("newer", value=1900), lot("older", value=1000)
        older = replace(older, since=NOW - timedelta(hours=7))
        assert match([newer, older], [ship("S1")]) == {"newer": "S1"}
        older = replace(older, since=NOW - timedelta(hours=8))
        assert match([newer, older], [ship("S1")]) == {"older": "S1"}

    def test_a_pause_after_a_failure_is_no_waiting(self) -> None:
        """Seconds before a lot may be tried again do not count."""
        newer = lot("newer", value=3000)
        older = lot("older", value=1000, since=NOW - timedelta(hours=9), not_before=NOW)
        assert match([newer, older], [ship("S1")]) == {"newer": "S1"}
