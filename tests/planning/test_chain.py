"""A chain at work is resolved anew where something it reads has changed, and only there."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import LEFT, POLICY, SHOPS, World, circuitry

from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.current import Chain
from goodsfactory.planning.chain.resolver import NOWHERE
from goodsfactory.planning.requirements.neighbours import ALONE, Neighbours

RECIPES = RecipeMap.bundled()


def resolved(
    chain: Chain,
    world: World,
    *,
    left: int | None = 40,
    troubled: Mapping[str, Collection[str]] = NOWHERE,
    neighbours: Neighbours = ALONE,
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
        neighbours=neighbours,
    )


def test_nothing_new_is_not_weighed_again() -> None:
    """Most passes see what the pass before them saw."""
    chain, world = Chain(), circuitry()
    assert resolved(chain, world) is resolved(chain, world)


def test_a_market_that_was_looked_at_again_counts() -> None:
    """Its prices may be others, and what is best with them."""
    chain, world = Chain(), circuitry()
    before = resolved(chain, world)
    (shop, *_) = SHOPS.values()
    world.show(replace(world.markets[shop]))
    assert resolved(chain, world) is not before


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
