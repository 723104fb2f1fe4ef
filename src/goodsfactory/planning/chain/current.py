"""The supply chain of a factory at work, as it is best now."""

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.acquisition import stake_of
from goodsfactory.planning.chain.resolver import NOWHERE, Beside, alone, resolve
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.policy import Policy


class Chain:
    """The chain of one factory, resolved anew only where something it reads has changed.

    Markets that have not changed are the same objects as before; a chart changes only by new places. What
    other orders want changes all the time, and counts once markets tell something else of the goods that the
    chain was decided by.
    """

    def __init__(self) -> None:
        self._markets: Sequence[MarketSnapshot] = ()
        self._read: tuple[object, ...] = ()
        self._decided_by: object = None
        self._goods: frozenset[Good] = frozenset()
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
        beside: Beside = alone,
    ) -> SupplyChainNode:
        """The chain as it is best now; what it was stays while valid. ``left`` is as ``units_left`` tells.

        ``beside`` tells what other orders have yet to load at a spot. ``troubled`` are factory waypoints to
        leave, by good (``setbacks.troubled_sites``).

        Raises CannotEver.
        """
        places = len(chart.places)
        read = (factory.tree, factory.request, left, largest_hold, troubled, places)
        if self._tree is not None and read == self._read and self._see(markets, operator.is_):
            return self._tree
        decided_by = (read[1:], _in_force(factory.tree))
        if self._tree is None or decided_by != self._decided_by or not self._see(markets, self._say_the_same):
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
                beside=beside,
            )
            self._goods = frozenset(
                good for node in self._tree.flatten() for good in (node.good, *recipes.inputs(node.good))
            )
            self._decided_by = decided_by
        self._markets, self._read = tuple(markets), read
        return self._tree

    def _see(
        self, markets: Sequence[MarketSnapshot], same: Callable[[MarketSnapshot, MarketSnapshot], bool]
    ) -> bool:
        """Whether these markets are the ``same`` as before, each by each."""
        return len(markets) == len(self._markets) and all(map(same, markets, self._markets))

    def _say_the_same(self, one: MarketSnapshot, other: MarketSnapshot) -> bool:
        """Whether two looks at a market tell the same of every good that the chain was decided by."""
        return one is other or (
            one.waypoint == other.waypoint
            and one.lists == other.lists
            and all(one.listing(good) == other.listing(good) for good in self._goods)
        )


def _in_force(tree: SupplyChainNode | None) -> object:
    """The decisions of a chain: how each good is come by, and where it is made."""
    nodes = () if tree is None else tree.flatten()
    return [(node.good, node.acquisition, node.factory_waypoint) for node in nodes]


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
