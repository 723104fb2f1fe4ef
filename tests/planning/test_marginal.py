"""Whether one more unit pays for what it takes: what is fed no more, and what is."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SINK, SITES, TARGET, WIRE, World, circuitry

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.market import Supply
from goodsfactory.planning.demand import EdgeDemand
from goodsfactory.planning.marginal import margin_of, withhold
from goodsfactory.planning.snapshot import Edge

CHAIN = FactoryRequest(strategy=Strategy.SMART, continuous=True, terminal=Terminal.SELL)
EDGES = ((LEFT, TARGET), (RIGHT, TARGET), (WIRE, LEFT))


def world(request: FactoryRequest = CHAIN, *, sink: Supply, source: Supply, site: Supply) -> World:
    """Consumer of the output, market of the left half, and where that half is fed, as they are supplied."""
    found = circuitry(request)
    for good in found.tree.flatten():
        if good.factory_waypoint and good.children:
            found.supply(good.factory_waypoint, good.good, source)
    found.supply(SITES[TARGET], LEFT, site)
    found.supply(SITES[TARGET], TARGET, Supply.MODERATE)
    found.supply(SINK, TARGET, sink)
    return found


def wanted(found: World) -> dict[Edge, int]:
    demands: dict[Edge, EdgeDemand] = {
        edge: EdgeDemand(*edge, wanted=1, missing=1, reason="wanted") for edge in EDGES
    }
    return {edge: demand.missing for edge, demand in withhold(found.snapshot(), demands).items()}


def test_the_margin_counts_lift_sale_and_every_edge() -> None:
    """Bid of the consumer less ask of the export, and for each edge the bid where it is fed less its ask."""
    found = world(sink=Supply.LIMITED, source=Supply.HIGH, site=Supply.SCARCE)
    margin = margin_of(found.snapshot())
    assert margin is not None
    made = found.markets[SITES[TARGET]].listing(TARGET)
    fed = found.markets[SITES[TARGET]].listing(LEFT)
    bought = found.markets[SITES[LEFT]].listing(LEFT)
    eaten = found.markets[SINK].listing(TARGET)
    assert made
    assert fed
    assert bought
    assert eaten
    assert margin.output == eaten.bid - made.ask
    assert margin.feeding[LEFT, TARGET] == fed.bid - bought.ask
    assert margin.chain == pytest.approx(margin.output + sum(margin.feeding.values()))


def test_a_chain_that_pays_feeds_everything() -> None:
    """Also an edge that costs a little by itself."""
    found = world(sink=Supply.SCARCE, source=Supply.HIGH, site=Supply.HIGH)
    assert set(wanted(found).values()) == {1}


def test_a_chain_that_does_not_pay_stops_feeding_what_costs() -> None:
    """The left half is bought dear and fed to a full market; what earns by itself goes on."""
    found = world(sink=Supply.ABUNDANT, source=Supply.SCARCE, site=Supply.ABUNDANT)
    margin = margin_of(found.snapshot())
    assert margin is not None
    assert margin.chain < 0
    kept = wanted(found)
    assert kept[LEFT, TARGET] == 0
    assert {edge for edge, missing in kept.items() if missing} == {
        edge for edge in EDGES if margin.feeding[edge] >= 0
    }


def test_what_is_withheld_says_why() -> None:
    """With what a unit sold earns, and what it earns with its inputs counted."""
    found = world(sink=Supply.ABUNDANT, source=Supply.SCARCE, site=Supply.ABUNDANT)
    edge = (LEFT, TARGET)
    held = withhold(found.snapshot(), {edge: EdgeDemand(*edge, wanted=1, missing=1, reason="wanted")})[edge]
    assert held.reason.startswith(f"{TARGET} does not pay for {LEFT}: ")


@pytest.mark.parametrize(
    "request_", [replace(CHAIN, continuous=False, units=40), replace(CHAIN, terminal=Terminal.HOLD)]
)
def test_what_somebody_asked_for_is_made_whatever_it_costs(request_: FactoryRequest) -> None:
    """Only a sale without end is a matter of profit alone."""
    found = world(request_, sink=Supply.ABUNDANT, source=Supply.SCARCE, site=Supply.ABUNDANT)
    assert set(wanted(found).values()) == {1}
