"""The steps of a voyage, as a table: how far a leg is, what is known, and what is done next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from tests.planning.flow_world import LEFT, POLICY, START, TARGET, after, charted, listing, market, ship

from goodsfactory.domain.errors import SpendRefused, SpendRule
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.domain.ship import NavStatus, Ship
from goodsfactory.planning.market.loading import Purse
from goodsfactory.planning.voyage import (
    Buy,
    Carry,
    Divert,
    End,
    GiveBack,
    Go,
    Keep,
    Look,
    Sell,
    Sight,
    Step,
    Wait,
    after_refusal,
    miscount,
    next_step,
)

SOURCE, SINK, OTHER = "X1-W-S", "X1-W-D", "X1-W-O"
IMPORT, EXPORT = TradeType.IMPORT, TradeType.EXPORT
LOADING, LADEN = LegState.LOADING, LegState.LADEN

AT_SOURCE = market(SOURCE, listing(LEFT))
AT_SINK = market(SINK, listing(LEFT, IMPORT))
SCARCE_THERE = market(OTHER, listing(LEFT, IMPORT, Supply.SCARCE))
RICH = Purse(free=1_000_000)
CEILING = 5 * 2200
"""What a source that cannot be compared with another one may ask: five times the base price."""


def feed(state: LegState = LOADING, **facts: Any) -> Leg:
    """A leg that carries an input from the source to the sink."""
    places = {"source": SOURCE, "destination": SINK}
    pegs = (Peg("F", facts.pop("units", 40)),)
    fields: dict[str, Any] = {**places, "hand_over": HandOver.SELL, "feeds": TARGET, "pegs": pegs}
    return Leg(
        id="L",
        player_id=1,
        good=LEFT,
        value=1,
        reason="by hand",
        created_at=START,
        state=state,
        **(fields | facts),
    )


def lift(state: LegState = LOADING, **facts: Any) -> Leg:
    """A leg that takes an output to where it is sold."""
    return feed(state, feeds=None, **facts)


def clear(state: LegState = LOADING, **facts: Any) -> Leg:
    """A leg that sells what a factory left aboard."""
    return feed(state, feeds=None, clears=True, **facts)


def at(
    place: str, aboard: int = 0, *, status: NavStatus = NavStatus.DOCKED, hold: int = 40, other: int = 0
) -> Ship:
    """The ship, with units of the good and of other cargo aboard."""
    cargo = {LEFT: aboard, "FOOD": other}
    there = ship("S", place, hold=hold, cargo={good: units for good, units in cargo.items() if units})
    return replace(there, nav=replace(there.nav, status=status))


def sight(*markets: MarketSnapshot, looked: bool = False, legs: Iterable[Leg] = ()) -> Sight:
    chart = charted(**{SOURCE: 0, SINK: 20, OTHER: 40})
    return Sight(looked, {one.waypoint: one for one in markets}, chart, list(legs))


SEEN = sight(AT_SOURCE, AT_SINK)
LOOKED = replace(SEEN, looked=True)
WAY = "X1-W-A"


class Line(NamedTuple):
    """One line of the table."""

    when: str
    leg: Leg
    ship: Ship
    sight: Sight
    then: Step
    purse: Purse = RICH
    now: datetime = START


def unpriced(place: str, type: TradeType) -> MarketSnapshot:
    """A market just looked at that trades the good and leaves its price out."""
    return replace(market(place, listing(LEFT, type)), listings=())


def unknown(place: str) -> MarketSnapshot:
    """A market that does not trade the good."""
    return market(place, listing("FOOD"))


TABLE = [
    # Loading
    Line("it is elsewhere", feed(), at(WAY), SEEN, Go(SOURCE)),
    Line("it is in orbit", feed(), at(SOURCE, status=NavStatus.IN_ORBIT), SEEN, Go(SOURCE)),
    Line("it is under way", feed(), at(SOURCE, status=NavStatus.IN_TRANSIT), SEEN, Go(SOURCE)),
    Line("it is there", feed(), at(SOURCE), SEEN, Look(SOURCE)),
    Line("it has looked", feed(), at(SOURCE), LOOKED, Buy(20, CEILING)),
    Line("it bought a tranche", feed(bought=20), at(SOURCE, 20), SEEN, Look(SOURCE)),
    Line("it looked again", feed(bought=20, units=25), at(SOURCE, 20), LOOKED, Buy(5, CEILING)),
    Line("it bought all", feed(bought=40), at(SOURCE, 40), SEEN, Look(SOURCE)),
    Line(
        "it bought all and looked what that did",
        feed(bought=40),
        at(SOURCE, 40),
        LOOKED,
        Carry(f"wanted reached: no more {LEFT} is needed"),
    ),
    Line(
        "its hold is full",
        feed(bought=30, units=60),
        at(SOURCE, 30, other=10),
        LOOKED,
        Carry(f"hold full: no room for {LEFT}"),
    ),
    Line(
        "all was aboard before",
        feed(bought=40),
        at(WAY, 40),
        SEEN,
        Carry(f"40 {LEFT} were aboard already"),
    ),
    Line(
        "all is aboard and the source hides its price",
        feed(bought=40),
        at(SOURCE, 40),
        sight(unpriced(SOURCE, EXPORT), looked=True),
        Carry(f"{SOURCE} does not show its price of {LEFT}."),
    ),
    Line(
        "other cargo fills the hold",
        feed(),
        at(WAY, other=40),
        SEEN,
        End(LegState.FAILED, "S has no cargo space: 40 of 40 units are full."),
    ),
    Line(
        "spending is held",
        feed(),
        at(WAY),
        SEEN,
        GiveBack("ledger: why", SpendRule.LEDGER),
        Purse(1_000_000, held="ledger: why"),
    ),
    Line(
        "spending is held once something is aboard",
        feed(bought=20),
        at(WAY, 20),
        SEEN,
        Go(SOURCE),
        Purse(0, held="ledger: why"),
    ),
    Line(
        "the purse is empty",
        feed(),
        at(SOURCE),
        LOOKED,
        GiveBack(f"budget: 0 credits to spend, one {LEFT} may cost 2328 (ask 2024)", SpendRule.FLOOR),
        Purse(0),
    ),
    Line(
        "the purse is empty once something is aboard",
        feed(bought=20),
        at(SOURCE, 20),
        LOOKED,
        Carry(f"budget: 0 credits to spend, one {LEFT} may cost 2328 (ask 2024)"),
        Purse(0),
    ),
    Line(
        "the source was drained under way",
        feed(),
        at(SOURCE),
        sight(market(SOURCE, listing(LEFT, supply=Supply.SCARCE)), AT_SINK, looked=True),
        End(
            LegState.CANCELLED,
            f"S bought nothing at {SOURCE}: supply SCARCE: {LEFT} is bought from LIMITED up",
        ),
    ),
    Line(
        "the source only takes the good",
        feed(),
        at(SOURCE),
        sight(market(SOURCE, listing(LEFT, IMPORT)), looked=True),
        End(LegState.FAILED, f"{SOURCE} does not sell {LEFT}."),
    ),
    Line(
        "the ship is where it was loaded by another leg, and nobody sells the good there",
        feed(bought=20, units=20),
        at(SOURCE, 20),
        sight(market(SOURCE, listing("FOOD")), AT_SINK, looked=True),
        Carry(f"{SOURCE} does not sell {LEFT}."),
    ),
    Line(
        "the source hides its price",
        feed(),
        at(SOURCE),
        sight(unpriced(SOURCE, EXPORT), looked=True),
        GiveBack(f"{SOURCE} does not show its price of {LEFT}.", SpendRule.PRICE_UNKNOWN),
    ),
    Line(
        "the source hides its price after a tranche",
        feed(bought=20),
        at(SOURCE, 20),
        sight(unpriced(SOURCE, EXPORT), looked=True),
        Carry(f"{SOURCE} does not show its price of {LEFT}."),
    ),
    Line(
        "the look showed nothing and what was seen before is old",
        feed(),
        at(SOURCE),
        LOOKED,
        GiveBack(f"{SOURCE} does not show its price of {LEFT}.", SpendRule.PRICE_UNKNOWN),
        now=after(61),
    ),
    Line(
        "what is sold must bring a margin",
        lift(),
        at(SOURCE),
        sight(market(SOURCE, listing(LEFT, volume=50)), AT_SINK, looked=True),
        GiveBack(f"no longer pays: {LEFT} asks 2,024, {SINK} would pay 2,376", SpendRule.PRICE),
        Purse(1_000_000, continuous=True),
    ),
    Line(
        "nothing is left to clear",
        clear(),
        at(WAY),
        SEEN,
        End(LegState.CANCELLED, f"S bought nothing at {SOURCE}: 0 {LEFT} were left aboard"),
    ),
    Line(
        "there is something to clear", clear(bought=7), at(WAY, 7), SEEN, Carry(f"7 {LEFT} were left aboard")
    ),
    # Laden
    Line(
        "it is to be kept",
        lift(LADEN, destination=None, hand_over=HandOver.KEEP, bought=40),
        at(SOURCE, 40),
        SEEN,
        Keep(f"40 {LEFT} are in the hold of S"),
    ),
    Line(
        "its load is gone",
        feed(LADEN, bought=40),
        at(WAY),
        SEEN,
        End(LegState.FAILED, f"S should carry {LEFT} and carries none."),
    ),
    Line("it carries it", feed(LADEN, bought=40), at(SOURCE, 40), LOOKED, Go(SINK)),
    Line(
        "it is in orbit there",
        feed(LADEN, bought=40),
        at(SINK, 40, status=NavStatus.IN_ORBIT),
        SEEN,
        Go(SINK),
    ),
    Line("the price is fresh", feed(LADEN, bought=40), at(SINK, 40), SEEN, Sell(20), now=after(60)),
    Line("the price is old", feed(LADEN, bought=40), at(SINK, 40), SEEN, Look(SINK), now=after(61)),
    Line("the last tranche is small", feed(LADEN, bought=40, delivered=35), at(SINK, 5), SEEN, Sell(5)),
    Line("an output is sold after a look", lift(LADEN, bought=40), at(SINK, 40), SEEN, Look(SINK)),
    Line("an output is sold where it pays best", lift(LADEN, bought=40), at(SINK, 40), LOOKED, Sell(20)),
    Line("leftovers are sold", clear(LADEN, bought=40), at(SINK, 40), LOOKED, Sell(20)),
    Line(
        "another market pays more",
        lift(LADEN, bought=40),
        at(SINK, 40),
        sight(AT_SINK, SCARCE_THERE, looked=True),
        Divert(
            OTHER,
            f"{OTHER} is to pay 2,851 for {LEFT}, the flight paid (4 each); {SINK} pays 2,376 by now",
        ),
    ),
    Line(
        "another leg sells there",
        lift(LADEN, bought=40),
        at(SINK, 40),
        sight(AT_SINK, SCARCE_THERE, looked=True, legs=[replace(lift(), id="other", destination=OTHER)]),
        Sell(20),
    ),
    Line(
        "it was lifted there",
        lift(LADEN, bought=40, source=OTHER),
        at(SINK, 40),
        sight(AT_SINK, SCARCE_THERE, looked=True),
        Sell(20),
    ),
    Line(
        "an input goes where it is needed",
        feed(LADEN, bought=40),
        at(SINK, 40),
        sight(AT_SINK, SCARCE_THERE, looked=True),
        Sell(20),
    ),
    Line(
        "the bid is crushed",
        lift(LADEN, bought=40, cost=40 * 4753),
        at(SINK, 40),
        LOOKED,
        Wait(
            f"price: {SINK} pays 2,376 for {LEFT} that cost 4,753, the market is left to recover",
            SpendRule.PRICE,
        ),
    ),
    Line("the bid is half the cost", lift(LADEN, bought=40, cost=40 * 4752), at(SINK, 40), LOOKED, Sell(20)),
    Line("an input was dear", feed(LADEN, bought=40, cost=40 * 9000), at(SINK, 40), LOOKED, Sell(20)),
    Line(
        "the sink does not take it",
        feed(LADEN, bought=40),
        at(SINK, 40),
        sight(unknown(SINK), looked=True),
        End(LegState.FAILED, f"{SINK} does not take {LEFT}."),
    ),
    Line(
        "the sink hides its price",
        feed(LADEN, bought=40),
        at(SINK, 40),
        sight(unpriced(SINK, IMPORT), looked=True),
        Wait(f"{SINK} does not show its price of {LEFT}.", SpendRule.PRICE_UNKNOWN),
    ),
    Line("all is sold", feed(LADEN, bought=40, delivered=40, revenue=90_000), at(SINK), SEEN, Look(SINK)),
    Line(
        "all is sold and looked at",
        feed(LADEN, bought=40, delivered=40, revenue=90_000),
        at(SINK),
        LOOKED,
        End(LegState.DONE, f"S delivered 40 {LEFT} to {SINK} for 90,000"),
    ),
]


@pytest.mark.parametrize("line", TABLE, ids=[line.when.replace(" ", "-") for line in TABLE])
def test_the_next_step(line: Line) -> None:
    """How far the leg is and what is known decides the step."""
    assert next_step(line.leg, line.ship, line.sight, line.purse, line.now, POLICY) == line.then


REFUSED = SpendRefused("floor: no", rule=SpendRule.FLOOR)


@pytest.mark.parametrize(
    ("step", "leg", "then"),
    [
        (Buy(20), feed(), GiveBack("floor: no", SpendRule.FLOOR)),
        (Buy(20), feed(bought=20), Carry("floor: no")),
        (Go(SOURCE), feed(), GiveBack("floor: no", SpendRule.BALANCE)),
        (Go(SOURCE), feed(bought=20), Wait("floor: no", SpendRule.FLOOR)),
        (Go(SINK), feed(LADEN, bought=20), Wait("floor: no", SpendRule.FLOOR)),
    ],
)
def test_a_refused_step(step: Step, leg: Leg, then: Step) -> None:
    """No empty ship waits for money; a laden one carries what it has, or stays with it.

    Without fuel a ship has no money for it, which says nothing of the load that others may fly for.
    """
    assert after_refusal(step, leg, at(SOURCE, leg.bought), REFUSED) == then


@pytest.mark.parametrize(
    ("leg", "aboard", "units"),
    [
        (feed(), 0, 0),
        (feed(), 15, 15),
        (feed(bought=10), 15, 0),
        (feed(bought=20), 15, -5),
        (feed(LADEN, bought=20, delivered=10), 0, -10),
        (lift(destination=None, hand_over=HandOver.KEEP), 15, 0),
        (lift(), 15, 15),
        (lift(units=10), 15, 10),
        (feed(units=10), 15, 15),
    ],
)
def test_books_and_hold_are_compared(leg: Leg, aboard: int, units: int) -> None:
    """What lies aboard before a purchase counts as bought, unless it is kept; what is gone does not.

    Of what is to be sold no more is taken than is wanted.
    """
    assert miscount(leg, at(WAY, aboard)) == units


def flown(leg: Leg, boat: Ship, *, stops: int = 0) -> tuple[Leg, list[str]]:
    """Fly a leg in a world where all prices stay; a crash after ``stops`` steps forgets the last look."""
    looked = False
    log: list[str] = []
    while True:
        step = next_step(leg, boat, replace(SEEN, looked=looked and len(log) != stops), RICH, START, POLICY)
        looked = isinstance(step, Look)
        log.append(type(step).__name__)
        match step:
            case Go(waypoint):
                boat = at(waypoint, boat.hold.of(LEFT))
            case Buy(units):
                leg = leg.buy(units, 0, START)
                boat = at(SOURCE, boat.hold.of(LEFT) + units)
            case Carry():
                leg = leg.depart(START)
            case Sell(units):
                leg = leg.deliver(units, 0, START)
                boat = at(SINK, boat.hold.of(LEFT) - units)
            case End() | Keep():
                return leg, log


def test_a_whole_voyage() -> None:
    """Each tranche is bought and sold after a look, and a look shows what the last one did."""
    leg, log = flown(lift(), at(WAY))
    bought = ["Go", "Look", "Buy", "Look", "Buy", "Look", "Carry"]
    assert log == [*bought, "Go", "Look", "Sell", "Look", "Sell", "Look", "End"]
    assert (leg.bought, leg.delivered) == (40, 40)


@pytest.mark.parametrize("stops", range(1, 14))
def test_a_voyage_goes_on_after_a_crash_at_any_step(stops: int) -> None:
    """Nothing is remembered but leg and ship: what is bought and sold in the end is the same."""
    whole, log = flown(lift(), at(WAY))
    resumed, again = flown(lift(), at(WAY), stops=stops)
    assert resumed == whole
    assert len(again) <= len(log) + 1
