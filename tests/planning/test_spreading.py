"""Selling over several markets: when the rest of a load goes on."""

from tests.planning.flow_world import charted, listing, market, ship

from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.market.spreading import NextMarket, mean_bid, next_market
from goodsfactory.planning.policy import Policy

GOOD = "CLOTHING"
POLICY = Policy()


def importer(name: str, supply: Supply) -> MarketSnapshot:
    return market(name, listing(GOOD, TradeType.IMPORT, supply))


def wanted(name: str, supply: Supply) -> Listing:
    found = importer(name, supply).listing(GOOD)
    assert found is not None
    return found


def decide(
    here: Supply, *others: MarketSnapshot, far: int = 20, avoid: tuple[str, ...] = ()
) -> NextMarket | None:
    """A ship with 40 units stands at A; the others are ``far`` away."""
    chart = charted(A=0, **{one.waypoint: far for one in (*others, importer("B", here))})
    laden = ship("S", at="A", cargo={GOOD: 40})
    return next_market(
        GOOD, 40, laden, wanted("A", here), [importer("A", here), *others], chart, avoid=avoid, policy=POLICY
    )


def test_a_load_goes_on_where_the_next_tranche_pays_less_than_another_market() -> None:
    """A filled market bids less than a scarce one near by, the flight paid."""
    onward = decide(Supply.HIGH, importer("B", Supply.SCARCE))
    reason = "B is to pay 5,186 for CLOTHING, the flight paid (4 each); A pays 3,211 by now"
    assert onward == NextMarket("B", reason)


def test_a_load_is_sold_on_where_it_is_while_that_pays_as_well() -> None:
    """Two markets alike are no reason to fly."""
    assert decide(Supply.LIMITED, importer("B", Supply.LIMITED)) is None


def test_a_flight_that_costs_more_than_the_better_bid_brings_is_not_made() -> None:
    """What the ship could earn meanwhile, and its fuel, are taken off."""
    assert decide(Supply.HIGH, importer("B", Supply.SCARCE), far=60_000) is None


def test_two_ships_never_go_on_to_the_same_market() -> None:
    """Where somebody else sells, or where it was lifted, is left out."""
    assert decide(Supply.HIGH, importer("B", Supply.SCARCE), avoid=("B",)) is None


def test_a_load_never_goes_on_to_a_market_that_exports_the_good() -> None:
    """An export pays back half (economy.md §1.10)."""
    exporter = market("B", listing(GOOD, TradeType.EXPORT, Supply.SCARCE))
    assert decide(Supply.ABUNDANT, exporter) is None


def test_the_best_of_several_is_taken() -> None:
    """Among two better markets, the one that pays more over the whole load."""
    onward = decide(Supply.HIGH, importer("B", Supply.MODERATE), importer("C", Supply.SCARCE))
    assert onward is not None
    assert onward.waypoint == "C"


def test_the_mean_bid_falls_with_the_units_sold() -> None:
    """A ladder of tranches pays less each (economy.md §1.6)."""
    at = wanted("A", Supply.MODERATE)
    assert mean_bid(at, 20) == at.bid
    assert mean_bid(at, 80) < mean_bid(at, 40) < at.bid
    assert mean_bid(at, 0) == 0.0


def test_an_empty_ship_goes_nowhere() -> None:
    """Nothing aboard, nothing to decide."""
    empty = ship("S", at="A")
    onward = next_market(
        GOOD,
        0,
        empty,
        wanted("A", Supply.HIGH),
        [importer("A", Supply.HIGH)],
        charted(A=0),
        avoid=(),
        policy=POLICY,
    )
    assert onward is None
