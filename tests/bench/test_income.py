"""The income bench: which chains it runs, what a trader takes, and that a short run of both ways counts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bench.income.chains import CHAINS, best_chains
from bench.income.greedy import best_deal
from bench.income.run import Income, Way, run
from bench.makespan.systems import System, build_universe
from tests.planning.flow_world import charted, listing, market, ship

from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.sandbox.scenarios import Scenario

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHART = charted(A=0, B=20, C=40, D=60)
GOODS = frozenset({"CLOTHING", "EQUIPMENT"})


def test_the_best_chains_are_made_and_eaten_and_sorted_by_worth() -> None:
    """Each at a market that has all its inputs, each with a consumer that makes nothing of it."""
    universe = build_universe(System.FIRST, Scenario.YOUNG, NOW)
    chains = best_chains(universe, NOW)
    assert len(chains) == CHAINS
    assert [chain.worth for chain in chains] == sorted((chain.worth for chain in chains), reverse=True)
    for chain in chains:
        made = {good.symbol for good in universe.markets[chain.sink].goods(NOW) if good.type == "EXPORT"}
        assert not any(chain.good in universe.recipes.get(other, ()) for other in made)
        assert chain.worth > 0


def deal(*shown: MarketSnapshot, taken: set[tuple[str, str]] | None = None) -> Any:
    return best_deal(ship("S", at="A", hold=80), list(shown), CHART, GOODS, taken or set())


CHEAP = market("A", listing("CLOTHING", TradeType.EXPORT, Supply.ABUNDANT))
DEAR = market("B", listing("CLOTHING", TradeType.IMPORT, Supply.SCARCE))


def test_a_trader_takes_what_earns_most_for_its_time() -> None:
    """The nearer of two consumers that pay the same; no more units than pay."""
    found = deal(CHEAP, DEAR, market("D", listing("CLOTHING", TradeType.IMPORT, Supply.SCARCE)))
    assert found is not None
    assert (found.source, found.sink) == ("A", "B")
    assert 0 < found.units <= 80
    assert found.profit > 0


def test_a_trader_sells_where_nobody_else_does() -> None:
    """Two sellers at a market would crush its bid."""
    assert deal(CHEAP, DEAR, taken={("CLOTHING", "B")}) is None


def test_a_trader_leaves_what_does_not_pay() -> None:
    """A full consumer, or a scarce export, is no deal."""
    assert deal(CHEAP, market("B", listing("CLOTHING", TradeType.IMPORT, Supply.ABUNDANT))) is None
    assert deal(market("A", listing("CLOTHING", TradeType.EXPORT, Supply.SCARCE)), DEAR) is None


@pytest.mark.parametrize("way", list(Way))
def test_an_hour_of_either_way_earns_and_is_kept(way: Way) -> None:
    """Both ways begin with full markets; the purse, the hours and what was kept agree."""
    kept: list[Income] = []
    income = run(way, System.FIRST, 1, lambda line: None, kept.append, ships=4)
    assert income.credits == sum(income.by_hour) > 0
    assert [one.credits for one in kept] == [income.credits]
    assert len(income.chains) == (CHAINS if way is Way.FACTORY else 0)
