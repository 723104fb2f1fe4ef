"""Why a ship may or may not be given a leg, in sentences."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.wishes import fabricating

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.dispatch.eligibility import Kept, explain_ship, unmatched_reason
from goodsfactory.planning.dispatch.resting import Rest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ship(
    name: str = "SHIP-1", *, hold: int = 40, system: str = "X1-T", arrives_in: int = 0, **cargo: int
) -> Any:
    nav = Nav(system, f"{system}-A1", NavStatus.DOCKED)
    if arrives_in:
        arrival = NOW + timedelta(seconds=arrives_in)
        nav = Nav(system, f"{system}-A1", NavStatus.IN_TRANSIT, arrival=arrival)
    return Ship(name, "HAULER", nav, Tank(400, 400), Hold(hold, cargo), 30, NOW)


def claim(name: str = "SHIP-1") -> Claim:
    return Claim(name, 1, "worker-7", "a leg of IRON", 1, NOW)


def explain(
    vessel: Ship, *, claimed: Claim | None = None, request: FactoryRequest | None = None, good: Any = None
) -> Any:
    return explain_ship(vessel, claim=claimed, request=request, system="X1-T", now=NOW, good=good)


REASONS = [
    (ship(hold=0), None, None, "SHIP-1 is a probe and carries nothing"),
    (ship(), claim(), None, "SHIP-1 is claimed by worker-7 for a leg of IRON"),
    (ship(), None, fabricating(exclude=("SHIP-1",)), "SHIP-1 is excluded by --exclude"),
    (
        ship(),
        None,
        fabricating(ships=("SHIP-2", "SHIP-3")),
        "SHIP-1 is not among --ships SHIP-2, SHIP-3",
    ),
    (ship(system="X1-U"), None, None, "SHIP-1 is in X1-U, the work is in X1-T"),
    (ship(IRON=12), None, None, "SHIP-1 is laden with 12 IRON: free for legs of IRON only"),
    (ship(IRON=12, COPPER=3), None, None, "SHIP-1 is laden with 3 COPPER and 12 IRON"),
]


@pytest.mark.parametrize(("vessel", "claimed", "request_", "sentence"), REASONS)
def test_each_obstacle_has_its_sentence(vessel: Any, claimed: Any, request_: Any, sentence: Any) -> None:
    """One thing in the way: not eligible, and the reason says which."""
    verdict = explain(vessel, claimed=claimed, request=request_)
    assert not verdict.eligible
    assert verdict.reasons == (sentence,)


def test_every_reason_is_given_at_once() -> None:
    """A user who removes one obstacle should not meet the next one unprepared."""
    verdict = explain(ship(hold=0, system="X1-U"), claimed=claim(), request=fabricating(exclude=("SHIP-1",)))
    assert len(verdict.reasons) == 4


def test_a_ship_laden_with_one_good_serves_that_good_only() -> None:
    """Its cargo is never dropped for something else."""
    assert explain(ship(IRON=12), good="IRON").eligible
    assert not explain(ship(IRON=12), good="COPPER").eligible
    assert not explain(ship(IRON=12, COPPER=3), good="IRON").eligible


def test_an_empty_entry_in_the_hold_is_no_cargo() -> None:
    """Zero units of a good lade nobody."""
    assert explain(ship(IRON=0), good="COPPER").eligible


def test_an_idle_cargo_ship_is_eligible() -> None:
    """Nothing in the way: no reasons, whether or not the request names it."""
    assert explain(ship()).eligible
    assert explain(ship(), request=fabricating(ships=("SHIP-1",))).reasons == ()


def test_a_flight_under_way_is_a_note_and_no_obstacle() -> None:
    """An unclaimed ship may be given its next leg while it flies."""
    verdict = explain(ship(arrives_in=70))
    assert verdict.eligible
    assert verdict.notes == ("SHIP-1 is under way and arrives at X1-T-A1 in 1m10s",)


class TestUnmatchedReason:
    def summary(
        self, *ships: Ship, claimed: tuple[str, ...] = (), good: str | None = None, **request: Any
    ) -> Any:
        claims = {name: claim(name) for name in claimed}
        return unmatched_reason(
            ships, claims=claims, request=fabricating(**request), system="X1-T", good=good
        )

    def test_busy_and_excluded_ships_are_counted(self) -> None:
        """The sentence counts every cargo ship once."""
        fleet = [ship(f"SHIP-{n}") for n in range(1, 6)]
        sentence = self.summary(*fleet, claimed=("SHIP-1", "SHIP-2", "SHIP-3"), exclude=("SHIP-4", "SHIP-5"))
        assert sentence == "3 of 5 ships busy, 2 excluded: no ship is free"

    def test_a_ship_both_busy_and_excluded_counts_as_excluded(self) -> None:
        """What lasts longer is named: when it is free again it will still be excluded."""
        assert self.summary(ship(), claimed=("SHIP-1",), exclude=("SHIP-1",)) == (
            "1 of 1 ships excluded: no ship is free"
        )

    def test_probes_are_not_counted_as_ships(self) -> None:
        """They look at markets and carry nothing."""
        assert self.summary(ship("P", hold=0), ship(), claimed=("SHIP-1",)) == (
            "1 of 1 ships busy: no ship is free"
        )
        assert self.summary(ship("P", hold=0)) == "no ship carries cargo: all are probes"

    def test_a_player_without_ships_is_told_so(self) -> None:
        """No fleet, no leg."""
        assert self.summary() == "the player has no ship"

    def test_laden_and_distant_ships_are_told_apart(self) -> None:
        """Each cause has its own count."""
        fleet = [ship("S-1", IRON=3), ship("S-2", system="X1-U"), ship("S-3")]
        assert self.summary(*fleet, claimed=("S-3",), good="COPPER") == (
            "1 of 3 ships laden with other goods, 1 busy, 1 in another system: no ship is free;"
            " S-1 keeps 3 IRON: `spacetraders ships sell S-1` frees it"
        )

    def test_free_ships_on_other_legs_are_mentioned(self) -> None:
        """A ship that could fly it but flies something of more weight."""
        assert self.summary(ship("S-1"), ship("S-2"), claimed=("S-2",)) == (
            "1 of 2 ships busy, 1 free: other legs go first"
        )
        assert self.summary(ship()) == "1 of 1 ships free: other legs go first"


class TestResting:
    """Ships that failed."""

    REST = Rest(NOW + timedelta(seconds=90), 2, "no route to X1-T-Z9")

    def test_the_last_failure_is_told(self) -> None:
        """How often, until when, and why."""
        verdict = explain_ship(ship(), claim=None, request=None, system="X1-T", now=NOW, rest=self.REST)
        assert verdict.reasons == ("SHIP-1 rests after 2 failures until 00:01:30 UTC: no route to X1-T-Z9",)

    @pytest.mark.parametrize(("failures", "eligible"), [(1, True), (2, False)])
    def test_a_load_that_failed_once_is_tried_again(self, failures: int, eligible: bool) -> None:
        """By the ship that has it: otherwise another one would buy it anew. Other goods have to wait."""
        rest = Rest(NOW + timedelta(seconds=90), failures, "refused")

        def may(good: str, vessel: Ship) -> bool:
            return explain_ship(
                vessel, claim=None, request=None, system="X1-T", now=NOW, good=good, rest=rest
            ).eligible

        assert may("IRON", ship(IRON=12)) is eligible
        assert not may("COPPER", ship(IRON=12))
        assert not may("IRON", ship())

    def test_they_have_their_own_count(self) -> None:
        """They are not free, whoever else is."""
        fleet = [ship("S-1"), ship("S-2"), ship("S-3")]
        sentence = unmatched_reason(
            fleet,
            claims={"S-2": claim("S-2")},
            request=None,
            system="X1-T",
            resting={"S-1": self.REST},
        )
        assert sentence == "1 of 3 ships resting after failures, 1 busy, 1 free: other legs go first"


class TestKept:
    """Cargo that belongs to somebody."""

    KEEPS = Kept("loaded by somebody else", lent=True)

    def explain(self, vessel: Ship, **request: Any) -> Any:
        return explain_ship(
            vessel,
            claim=None,
            request=fabricating(**request),
            system="X1-T",
            now=NOW,
            good="IRON",
            keeps=self.KEEPS,
        ).reasons

    def test_it_is_no_input_of_the_same_good(self) -> None:
        """Nobody asked for it to be sold."""
        assert self.explain(ship(IRON=12)) == (
            "SHIP-1 keeps 12 IRON, loaded by somebody else: `spacetraders ships sell SHIP-1` frees it",
        )

    def test_to_name_the_ship_is_to_give_its_cargo(self) -> None:
        """Only for legs of that good: nothing else fits beside it."""
        assert self.explain(ship(IRON=12), ships=("SHIP-1",)) == ()
        assert self.explain(ship(FOOD=1), ships=("SHIP-1",)) == (
            "SHIP-1 is laden with 1 FOOD: free for legs of FOOD only",
        )

    def test_what_an_order_made_to_be_held_is_given_by_nobody(self) -> None:
        """Nor to whoever names the ship."""
        held: Any = {"claim": None, "system": "X1-T", "now": NOW, "keeps": Kept("made by factory F")}
        told = "SHIP-1 keeps 12 IRON, made by factory F: `spacetraders ships sell SHIP-1` frees it"
        named = fabricating(ships=("SHIP-1",))
        assert explain_ship(ship(IRON=12), request=named, good="IRON", **held).reasons == (told,)

    def test_to_exclude_another_ship_is_no_consent(self) -> None:
        """Only --ships names what may be used."""
        assert self.explain(ship(IRON=12), exclude=("SHIP-2",)) != ()

    def test_a_hold_that_was_emptied_keeps_nothing(self) -> None:
        """Whoever sold it, the ship is free again."""
        assert self.explain(ship()) == ()

    def test_a_summary_tells_it_from_other_goods(self) -> None:
        """A load of the good that is wanted is no other good."""
        fleet = [ship("S-1", IRON=3), ship("S-2", COPPER=3)]
        kept = {"S-1": self.KEEPS, "S-2": self.KEEPS}
        assert unmatched_reason(fleet, claims={}, request=None, system="X1-T", good="IRON", kept=kept) == (
            "1 of 2 ships laden with other goods, 1 keeping what is aboard: no ship is free; "
            "S-1 keeps 3 IRON (and 1 more): `spacetraders ships sell S-1` frees it"
        )
