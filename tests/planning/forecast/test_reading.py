"""From a listing to a model of it, and what is assumed where nobody has looked."""

import random
from datetime import timedelta

import pytest
from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import START, listing, market

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.market.priors import Condition, Priors, draw_market, first_trade_volume
from goodsfactory.planning.quote.market_model import GoodModel
from goodsfactory.planning.quote.reading import read_market, steps_grown


def read(*seen: MarketSnapshot) -> list[GoodModel]:
    return [model for one in seen for model in read_market(one, START, random.Random(1), phases={})]


@pytest.mark.parametrize("supply", list(Supply))
@pytest.mark.parametrize("kind", list(TradeType))
def test_a_model_shows_what_was_seen(kind: TradeType, supply: Supply) -> None:
    """The quotes of the model are those that were read, for every type and label."""
    seen = listing("ELECTRONICS", kind, supply)
    (model,) = read(market("X1-W-A", seen))
    shown = model.listing()
    assert (shown.ask, shown.bid, shown.supply) == (seen.ask, seen.bid, seen.supply)


def test_every_captured_market_reads_back(captured: CapturedSystem) -> None:
    """The markets of a real system show the same prices in the model, to the credit."""
    for snapshot in captured.markets:
        models = {model.good: model for model in read_market(snapshot, START, random.Random(1), phases={})}
        for seen in snapshot.listings:
            shown = models[seen.good].listing()
            assert (shown.ask, shown.bid, shown.trade_volume) == (seen.ask, seen.bid, seen.trade_volume)


def test_a_good_of_unknown_base_price_still_shows_its_quotes() -> None:
    """Where nobody knows the base price one is implied, and the quotes seen stay exact."""
    seen = listing("MOOD_REGULATORS", supply=Supply.HIGH)
    (model,) = read(market("X1-W-A", seen))
    assert (model.ask, model.bid) == (seen.ask, seen.bid)


def test_the_next_tick_comes_within_half_an_hour_of_the_look() -> None:
    """A good never watched ticks at some moment of the half hour after it was seen."""
    snapshot = market("X1-W-A", listing("ELECTRONICS"), seen=START - timedelta(hours=2))
    waits = [read_market(snapshot, START, random.Random(seed), phases={})[0].next_tick for seed in range(30)]
    assert all(-7200 <= wait <= -5400 for wait in waits)
    assert max(waits) - min(waits) > 900


def test_a_learned_moment_is_kept() -> None:
    """A good that was watched ticks when it is known to tick."""
    second = int((START - START.replace(2020, 1, 1)).total_seconds()) % 1800
    phases: dict[Good, Phase] = {"ELECTRONICS": Phase(((second // 10 + 60) % 180,), 3)}
    snapshot = market("X1-W-A", listing("ELECTRONICS"))
    (model,) = read_market(snapshot, START, random.Random(1), phases=phases)
    assert model.next_tick == pytest.approx(605, abs=6)


@pytest.mark.parametrize(("volume", "steps"), [(20, 0), (22, 1), (43, 7), (25, 2)])
def test_growth_is_read_off_the_ladder(volume: int, steps: int) -> None:
    """A trade volume tells how often it has grown (economy.md §5.1)."""
    assert steps_grown("ELECTRONICS", TradeType.EXPORT, volume) == steps


def test_a_system_seen_to_be_drained_is_drained_where_nobody_looked() -> None:
    """Many SCARCE imports and a SCARCE product elsewhere make an unseen product scarce too, mostly."""
    drained = [listing(name, TradeType.IMPORT, Supply.SCARCE) for name in ("FOOD", "DRUGS", "CLOTHING")]
    seen = read(market("X1-W-A", *drained, listing("MACHINERY", supply=Supply.SCARCE)))
    unseen = market("X1-W-E", listing("ELECTRONICS"), seen=None)
    chance = random.Random(1)
    draws = [draw_market(unseen, Priors.after(seen).condition(chance), chance)[0].supply for _ in range(100)]
    assert sum(supply in (Supply.SCARCE, Supply.LIMITED) for supply in draws) > 80


def test_a_system_seen_to_be_rested_is_rested_where_nobody_looked() -> None:
    """Rich exports elsewhere make an unseen one rich, mostly."""
    rich = [listing(name, supply=Supply.HIGH) for name in ("FOOD", "DRUGS", "CLOTHING", "MACHINERY")]
    priors = Priors.after(read(market("X1-W-A", *rich)))
    chance = random.Random(1)
    conditions = [priors.condition(chance) for _ in range(100)]
    assert conditions.count(Condition.DRAINED) < 5


def test_the_first_trade_volumes_are_those_of_a_reset() -> None:
    """6 for ship parts and exotic goods, 60 for bulk, 20 for the rest, 180 on an exchange (§5.2)."""
    assert [first_trade_volume(good, TradeType.EXPORT) for good in ("SHIP_PARTS", "IRON", "DRUGS")] == [
        6,
        60,
        20,
    ]
    assert first_trade_volume("IRON_ORE", TradeType.EXCHANGE) == 180
