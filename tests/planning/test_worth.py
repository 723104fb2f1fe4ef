"""What a load of a sale without end is worth, in credits: by itself, and to the chain that waits for it."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import (
    LEFT,
    POLICY,
    RIGHT,
    SINK,
    SITES,
    TARGET,
    WIRE,
    World,
    circuitry,
    listing,
)

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.planning.chain.acquisition import purchase
from goodsfactory.planning.market.spreading import mean_bid
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.value import NOTHING
from goodsfactory.planning.requirements.worth import by_worth, pace
from goodsfactory.planning.snapshot import Edge

CHAIN = FactoryRequest(strategy=Strategy.SMART, continuous=True, terminal=Terminal.SELL)
LIFT: Edge = (TARGET, None)
EDGES: tuple[Edge, ...] = (LIFT, (LEFT, TARGET), (RIGHT, TARGET), (WIRE, LEFT))


def world(
    request: FactoryRequest = CHAIN,
    *,
    sink: Supply = Supply.SCARCE,
    made: Supply = Supply.MODERATE,
    source: Supply = Supply.HIGH,
    site: Supply = Supply.LIMITED,
) -> World:
    """A chain with its consumer, its export, the markets of its inputs and its import of the left half."""
    found = circuitry(request)
    for node in found.tree.flatten():
        if node.factory_waypoint and node.children:
            found.supply(node.factory_waypoint, node.good, source)
    found.supply(SITES[TARGET], LEFT, site)
    found.supply(SITES[TARGET], TARGET, made)
    found.supply(SINK, TARGET, sink)
    return found


def weighed(found: World) -> dict[Edge, Requirement]:
    demands = {edge: Requirement(*edge, reason="wanted", sizes=(40,)) for edge in EDGES}
    return by_worth(found.snapshot(), demands, POLICY)


def worth(found: World, edge: Edge) -> int:
    return weighed(found)[edge].worth.gain


def test_a_lift_that_lies_ready_goes_before_an_input_that_earns_little() -> None:
    """Forty units of a dear good at a good margin bring more than any input they could wait for."""
    found = world(made=Supply.ABUNDANT)
    assert worth(found, LIFT) > max(worth(found, edge) for edge in EDGES[1:])


def test_a_lift_is_worth_its_bids_less_its_asks() -> None:
    """Tranche by tranche down both ladders, where its market makes the same before and after."""
    found = world(made=Supply.MODERATE, site=Supply.SCARCE)
    made = found.markets[SITES[TARGET]].listing(TARGET)
    eaten = found.markets[SINK].listing(TARGET)
    assert made
    assert eaten
    assert worth(found, LIFT) == round(40 * mean_bid(eaten, 40) - purchase(made, 40))


def test_of_a_lift_only_what_pays_counts() -> None:
    """The ship stops where the next tranche would cost more than it brings."""
    found = world(made=Supply.MODERATE, sink=Supply.MODERATE)
    assert worth(found, LIFT) >= 0


def test_nobody_to_sell_to_says_nothing_about_the_inputs() -> None:
    """Prices that were not seen drop nothing."""
    found = world()
    del found.markets[SITES[LEFT]]
    assert weighed(found)[WIRE, LEFT].sizes == (40,)
    assert weighed(found)[LEFT, TARGET].worth == NOTHING


def test_an_input_keeps_up_the_pace_of_its_market() -> None:
    """The emptier it is there, the more it is worth, although all units are bought at the same ask."""
    levels = [
        worth(world(site=site), (LEFT, TARGET)) for site in (Supply.ABUNDANT, Supply.HIGH, Supply.LIMITED)
    ]
    assert levels == sorted(levels)
    assert levels[0] < levels[-1]


def test_what_is_on_its_way_already_is_not_brought_for_the_same_gap() -> None:
    """A second load is worth less than the first."""
    found = world()
    alone = worth(found, (LEFT, TARGET))
    for _ in range(3):
        found.leg(LEFT, TARGET, LegState.LADEN, units=80)
    assert worth(found, (LEFT, TARGET)) < alone


def test_nothing_is_fed_for_what_no_market_takes() -> None:
    """The consumer is full for longer than the horizon: what lies ready is enough, and the feed costs."""
    found = world(sink=Supply.ABUNDANT, made=Supply.ABUNDANT, source=Supply.SCARCE, site=Supply.ABUNDANT)
    held = weighed(found)[LEFT, TARGET]
    assert held.sizes == ()
    assert held.reason.startswith(f"{TARGET} does not pay for {LEFT}: ")


def test_an_input_that_earns_by_itself_is_brought_all_the_same() -> None:
    """Bought at HIGH and fed to SCARCE it earns, whatever becomes of the output."""
    found = world(sink=Supply.ABUNDANT, made=Supply.ABUNDANT, site=Supply.SCARCE)
    assert weighed(found)[LEFT, TARGET].sizes == (40,)


def test_an_input_is_worth_more_the_more_of_the_output_is_taken() -> None:
    """A large consumer eats what is made beyond what lies there; a full exchange eats nothing."""
    found = world()
    market = found.markets[SINK]
    taken = []
    for type_, supply in ((TradeType.EXCHANGE, Supply.ABUNDANT), (TradeType.IMPORT, Supply.SCARCE)):
        trades = frozenset({TARGET})
        found.markets[SINK] = replace(
            market,
            imports=trades if type_ is TradeType.IMPORT else frozenset(),
            exchange=trades if type_ is TradeType.EXCHANGE else frozenset(),
            listings=(listing(TARGET, type_, supply, volume=200),),
        )
        taken.append(worth(found, (LEFT, TARGET)))
    assert taken[0] < taken[1]


@pytest.mark.parametrize(
    "request_", [replace(CHAIN, continuous=False, units=40), replace(CHAIN, terminal=Terminal.HOLD)]
)
def test_what_somebody_asked_for_is_made_whatever_it_costs(request_: FactoryRequest) -> None:
    """Only a sale without end is a matter of profit alone."""
    found = world(request_, sink=Supply.ABUNDANT, source=Supply.SCARCE, site=Supply.ABUNDANT)
    assert all((demand.sizes, demand.worth) == ((40,), NOTHING) for demand in weighed(found).values())


@pytest.mark.parametrize(
    ("worst", "own", "made"),
    [(-5, 0, 0.2), (-3, 0, 0.25), (0, 0, 0.35), (0, -3, 1.0), (3, 0, 0.75), (3, -3, 1.0), (3, 8, 0.0)],
)
def test_the_pace_of_a_market_is_that_of_its_worst_input(worst: float, own: float, made: float) -> None:
    """Trade volumes in half an hour (economy.md §4.2, §4.7); nothing where the product blocks it."""
    assert pace(worst, own) == made


@pytest.mark.parametrize("made", [Supply.SCARCE, Supply.MODERATE])
def test_a_load_that_waits_for_a_ship_is_wanted_alike_in_every_pass(made: Supply) -> None:
    """Large ships, all busy, and room for less than a hold: nothing swings while nothing changes."""
    found = world(sink=Supply.ABUNDANT, made=made, source=Supply.MODERATE, site=Supply.MODERATE)
    for name, ship in found.ships.items():
        found.ships[name] = replace(ship, hold=replace(ship.hold, capacity=80))
    found.claims = {name: Claim(name, 1, "w", "WORKER", 1, found.now) for name in found.ships}
    first = found.step()
    for _ in range(4):
        assert found.step().lots == first.lots


def test_what_is_aboard_already_is_delivered_although_it_would_not_be_bought() -> None:
    """Its purchase is paid for; a ship laden with it can do nothing else. So with every strategy."""
    for strategy in (Strategy.SMART, Strategy.PREFER_FABRICATE):
        found = world(
            replace(CHAIN, strategy=strategy),
            sink=Supply.ABUNDANT,
            made=Supply.ABUNDANT,
            site=Supply.ABUNDANT,
        )
        found.feed(LEFT, RIGHT, TARGET, WIRE)
        laden = next(iter(found.ships.values()))
        found.ships[laden.symbol] = replace(laden, hold=replace(laden.hold, inventory={LEFT: 20}))
        assert LEFT in [one.good for one in found.step().lots if one.feeds == TARGET], strategy
