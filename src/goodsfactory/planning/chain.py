"""The supply chain of a factory at work, as it is best now."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.acquisition import stake_of
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.neighbours import ALONE, Neighbours
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.resolver import NOWHERE, resolve


def chain_of(
    factory: GoodsFactory,
    recipes: RecipeMap,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    left: int | None,
    largest_hold: int,
    policy: Policy,
    troubled: Mapping[Good, Collection[str]] = NOWHERE,
    neighbours: Neighbours = ALONE,
) -> SupplyChainNode:
    """Resolve it anew; what it is now stays while that is valid. ``left`` as ``units_left`` tells.

    ``neighbours`` are the player's other factories. ``troubled`` are factory waypoints to leave, by good
    (``setbacks.troubled_sites``).

    Raises CannotEver.
    """
    return resolve(
        factory.target_good,
        recipes,
        markets,
        chart,
        strategy=factory.request.strategy,
        max_depth=factory.request.max_depth,
        keep=factory.tree,
        ceiling_ratio=policy.ceiling_ratio,
        stake=stake_of(policy, left, largest_hold),
        troubled=troubled,
        neighbours=neighbours,
    )


def units_left(factory: GoodsFactory, legs: Iterable[Leg], totals: Iterable[LegTotals] = ()) -> int | None:
    """Units of the target that no lift has bought yet; None where no number was asked for.

    ``totals`` are what lifts before ``legs`` came to.
    """
    units = factory.request.total
    if units is None:
        return None
    lifts: list[Leg | LegTotals] = [*totals, *legs]
    return max(1, units - sum(one.bought for one in lifts if one.is_lift))
