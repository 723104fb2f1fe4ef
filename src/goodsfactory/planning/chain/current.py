"""The supply chain of a factory at work, as it is best now."""

import operator
from collections.abc import Collection, Iterable, Mapping, Sequence

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.acquisition import stake_of
from goodsfactory.planning.chain.resolver import NOWHERE, resolve
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.neighbours import ALONE, Neighbours


class Chain:
    """The chain of one factory, resolved anew only where something it reads has changed.

    Markets that have not changed are the same objects as before; a chart changes only by new places. What
    the other orders want changes all the time, and counts once something else has changed.
    """

    def __init__(self) -> None:
        self._markets: Sequence[MarketSnapshot] = ()
        self._read: tuple[object, ...] = ()
        self._tree: SupplyChainNode | None = None

    def resolve(
        self,
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
        """The chain as it is best now; what it was stays while valid. ``left`` is as ``units_left`` tells.

        ``neighbours`` are the player's other factories. ``troubled`` are factory waypoints to leave, by good
        (``setbacks.troubled_sites``).

        Raises CannotEver.
        """
        places = len(chart.places)
        read = (factory.request, factory.tree, left, largest_hold, troubled, places)
        same = len(markets) == len(self._markets) and all(map(operator.is_, markets, self._markets))
        if self._tree is None or not same or read != self._read:
            self._tree = resolve(
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
            self._markets, self._read = tuple(markets), read
        return self._tree


def units_left(factory: GoodsFactory, legs: Iterable[Leg], totals: Iterable[LegTotals] = ()) -> int | None:
    """Units of the target that no lift has bought yet; None where no number was asked for.

    ``totals`` are what lifts before ``legs`` came to.
    """
    units = factory.request.total
    if units is None:
        return None
    lifts: list[Leg | LegTotals] = [*totals, *legs]
    return max(1, units - sum(one.bought for one in lifts if one.is_lift))


class Chains:
    """The chains of the orders, each resolved anew only where something it reads has changed."""

    def __init__(self) -> None:
        self._chains: dict[str, Chain] = {}

    def of(self, orders: Collection[str]) -> Mapping[str, Chain]:
        """One for each of these orders; the others are forgotten."""
        self._chains = {name: self._chains.get(name) or Chain() for name in orders}
        return self._chains
