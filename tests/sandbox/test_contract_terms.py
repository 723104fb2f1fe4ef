"""What contracts want and pay, one draw at a time (operations.md §4.1)."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from goodsfactory.domain.market import TradeType
from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.sandbox.contract_terms import ContractParameters, Terms, negotiated_terms, starter_terms
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
USUAL = ContractParameters()
SEEDS = range(200)


def town(*goods: tuple[str, TradeType, int, float]) -> Mapping[str, Market]:
    """Every good of (symbol, type, trade volume, net supply in trade volumes) at a market of its own."""
    markets = {}
    for number, (symbol, type, volume, s) in enumerate(goods, 1):
        place = f"X1-T1-A{number}"
        good = MarketGood(symbol, type, BASE_PRICES[symbol], 8, volume, round(s * volume))
        markets[place] = Market(place, [good], recipes={}, epoch=EPOCH, seed=1)
    return markets


def drawn(markets: Mapping[str, Market], parameters: ContractParameters = USUAL) -> list[Terms]:
    return [negotiated_terms(markets, EPOCH, random.Random(seed), parameters) for seed in SEEDS]


SOLD = (("DRUGS", TradeType.EXPORT, 20, 4), ("IRON_ORE", TradeType.EXCHANGE, 180, 0))
TOWN = town(*SOLD, ("DRUGS", TradeType.IMPORT, 20, -3), ("IRON_ORE", TradeType.IMPORT, 60, -3))


def test_the_first_contract_wants_ore_and_pays_it_well() -> None:
    """43 to 69 units of an ore somebody imports, 3.2 to 4.3 base prices each, 12 to 17 % at once."""
    for seed in SEEDS:
        terms = starter_terms(TOWN, EPOCH, random.Random(seed), USUAL)
        assert (terms.good, terms.destination) == ("IRON_ORE", "X1-T1-A4")
        assert 43 <= terms.units <= 69
        assert 3.2 <= round(terms.payment / terms.units / 50, 1) <= 4.3
        assert 0.12 <= round(terms.advance / terms.payment, 2) <= 0.17


def test_without_ore_the_first_contract_is_like_any_other() -> None:
    """Where no market imports ore it wants what there is."""
    place = town(("DRUGS", TradeType.EXPORT, 20, 4), ("DRUGS", TradeType.IMPORT, 20, -3))
    assert starter_terms(place, EPOCH, random.Random(1), USUAL).good == "DRUGS"


@pytest.mark.parametrize(
    ("symbol", "volume", "fewest", "most"),
    [("SHIP_PARTS", 6, 6, 15), ("DRUGS", 20, 14, 40), ("IRON", 60, 45, 60), ("IRON_ORE", 60, 40, 212)],
)
def test_units_follow_the_first_trade_volume(symbol: str, volume: int, fewest: int, most: int) -> None:
    """Few of what is traded in sixes, more of what goes in bulk, up to 212 of an ore; growth alters none."""
    place = town((symbol, TradeType.EXPORT, volume, 4), (symbol, TradeType.IMPORT, volume, -3))
    listing = place["X1-T1-A2"].good(symbol, EPOCH)
    assert listing is not None
    listing.trade_volume *= 3
    units = [terms.units for terms in drawn(place)]
    assert fewest <= min(units) <= max(units) <= most
    assert max(units) - min(units) >= 0.8 * (most - fewest)


def test_the_payment_follows_what_the_destination_asks() -> None:
    """The hungrier the import, the more it pays: 0.6 to 2 of its asks, at most 5.6 base prices.

    The middle lies near 0.7, and few pay more than one ask.
    """
    means = []
    for s in (-6.0, 0.0, 3.0):
        place = town(("DRUGS", TradeType.EXPORT, 20, 4), ("DRUGS", TradeType.IMPORT, 20, s))
        listing = place["X1-T1-A2"].good("DRUGS", EPOCH)
        assert listing is not None
        ratios = sorted(terms.payment / terms.units / listing.ask for terms in drawn(place))
        assert 0.59 <= ratios[0] <= ratios[-1] <= 2.01
        assert 0.66 <= ratios[len(ratios) // 2] <= 0.75
        assert 0.9 <= ratios[len(ratios) * 9 // 10] <= 1.1
        assert ratios[-1] >= 1.3
        means.append(sum(terms.payment / terms.units for terms in drawn(place)))
    assert means == sorted(means, reverse=True)
    shy = ContractParameters(pay=(3.0, 3.0), rich=0)
    place = town(("DRUGS", TradeType.EXPORT, 20, 4), ("DRUGS", TradeType.IMPORT, 20, -6))
    assert {round(terms.payment / terms.units / 4200, 2) for terms in drawn(place, shy)} == {5.6}


def test_a_fifth_and_more_is_paid_in_advance() -> None:
    """20 to 29 % of the whole."""
    shares = [terms.advance / terms.payment for terms in drawn(TOWN)]
    assert 0.199 <= min(shares) <= 0.21
    assert 0.28 <= max(shares) <= 0.291


def test_only_now_and_then_a_contract_wants_what_nobody_sells() -> None:
    """An import without a source in the home is drawn about once in fifty."""
    place = {**TOWN, **{"X1-T1-Z9": town(("URANITE", TradeType.IMPORT, 20, -3))["X1-T1-A1"]}}
    wanted = [terms.good for terms in drawn(place)]
    assert 1 <= wanted.count("URANITE") <= 12
    assert {"DRUGS", "IRON_ORE"} < set(wanted)
    never = ContractParameters(unobtainable=0.0)
    assert "URANITE" not in {terms.good for terms in drawn(place, never)}


def test_a_place_without_imports_wants_what_it_exchanges() -> None:
    """And where nothing is traded there is nothing to ask for."""
    place = town(("IRON_ORE", TradeType.EXCHANGE, 180, 0))
    assert negotiated_terms(place, EPOCH, random.Random(1), USUAL).good == "IRON_ORE"
    with pytest.raises(ValueError, match="imports or exchanges something"):
        negotiated_terms({}, EPOCH, random.Random(1), USUAL)


def test_the_contracts_of_one_agent_do_not_depend_on_who_else_plays() -> None:
    """Whoever registers before, an agent is offered the same contracts."""
    universe = generate_universe(1, epoch=EPOCH, systems=1)
    alone = World(universe, now=lambda: EPOCH, seed=1).register("MYSELF", universe.factions[0]).contract
    shared = World(universe, now=lambda: EPOCH, seed=1)
    shared.register("OTHER", universe.factions[0])
    assert shared.register("MYSELF", universe.factions[0]).contract == alone
