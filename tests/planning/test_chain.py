"""A chain at work is resolved anew where something it reads has changed, and only there."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import LEFT, POLICY, SHOPS, World, circuitry, listing

from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.current import Chain
from goodsfactory.planning.chain.resolver import NOWHERE, Beside, alone
from goodsfactory.planning.market.stock import Spot

RECIPES = RecipeMap.bundled()


def resolved(
    chain: Chain,
    world: World,
    *,
    left: int | None = 40,
    troubled: Mapping[str, Collection[str]] = NOWHERE,
    beside: Beside = alone,
) -> SupplyChainNode:
    seen = world.snapshot()
    return chain.resolve(
        seen.factory,
        RECIPES,
        list(seen.markets.values()),
        seen.chart,
        left=left,
        largest_hold=40,
        policy=POLICY,
        troubled=troubled,
        beside=beside,
    )


def test_nothing_new_is_not_weighed_again() -> None:
    """Most passes see what the pass before them saw."""
    chain, world = Chain(), circuitry()
    assert resolved(chain, world) is resolved(chain, world)


def looked_at(world: World, shop: str, *, dearer: Collection[str] = ()) -> None:
    """Somebody has just looked at a market, where these goods have become dearer."""
    seen = world.markets[shop]
    listings = [replace(one, ask=one.ask + (one.good in dearer)) for one in seen.listings]
    world.show(replace(seen, listings=tuple(listings)))


def test_a_market_that_tells_something_new_counts() -> None:
    """Its prices are others, and what is best with them."""
    chain, world = Chain(), circuitry()
    before = resolved(chain, world)
    ((good, shop), *_) = SHOPS.items()
    looked_at(world, shop, dearer={good})
    assert resolved(chain, world) is not before


def test_a_look_that_tells_nothing_new_of_its_goods_does_not_count() -> None:
    """Ships look at some market all the time; a chain is decided by the listings of its own goods."""
    chain, world = Chain(), circuitry()
    before = resolved(chain, world)
    for shop in SHOPS.values():
        seen = world.markets[shop]
        world.show(replace(seen, listings=(*seen.listings, listing("FOOD"))))
    assert resolved(chain, world) is before


def test_what_others_want_counts_with_the_next_news() -> None:
    """It changes all the time, so that alone decides nothing anew, nor does a look that tells nothing new."""
    chain, world = Chain(), circuitry()
    before = resolved(chain, world)
    ((good, shop), *_) = SHOPS.items()

    def crowded(spot: Spot) -> int:
        return 40 if spot == (shop, good) else 0

    assert resolved(chain, world, beside=crowded) is before
    looked_at(world, shop)
    assert resolved(chain, world, beside=crowded) is before
    looked_at(world, shop, dearer={good})
    assert resolved(chain, world, beside=crowded) is not before


@pytest.mark.parametrize(
    "change",
    [
        {"left": 80},
        {"troubled": {LEFT: frozenset({"X1-W-E"})}},
    ],
)
def test_what_else_it_weighs_by_counts_too(change: dict[str, Any]) -> None:
    """Units left, and sites that failed."""
    chain, world = Chain(), circuitry()
    before = resolved(chain, world)
    assert resolved(chain, world, **change) is not before
