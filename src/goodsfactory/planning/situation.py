"""What is known of an agent when a plan is made: its orders at work, ships, cargo, markets and legs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockRow
from goodsfactory.domain.supply_chain import NodeProgress, SupplyChainNode
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.market.stock import Spot
from goodsfactory.planning.requirements.lot import Ages
from goodsfactory.planning.snapshot import FactorySnapshot, FleetView


@dataclass(frozen=True)
class Order:
    """One factory at work, with its legs at hand and what earlier ones came to.

    ``phases`` tell by (waypoint, good) when in the half hour goods are made, where that was learned.
    """

    factory: GoodsFactory
    progress: Mapping[Good, NodeProgress] = field(default_factory=lambda: MappingProxyType({}))
    legs: Sequence[Leg] = ()
    totals: Sequence[LegTotals] = ()
    phases: Mapping[Spot, Phase] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def id(self) -> str:
        """The id of its factory."""
        return self.factory.id


@dataclass(frozen=True)
class Situation:
    """What is known of an agent: its orders at work, oldest first, ships, cargo, legs that fly and markets.

    ``claims`` are by ship symbol, and so is ``kept``: whose cargo a ship keeps. ``scouted`` are markets that
    somebody is sent to look at, ``approached`` those that cargo ships are on their way to, ``watched`` those
    that ``standing`` scouts look after, ``soon_free`` ships whose look is all but over. ``waiting`` tells
    since when the lots of the last plan that got no ship have been wanted, ``spending_held`` why nothing is
    bought now.
    """

    orders: Sequence[Order]
    ships: Sequence[Ship]
    markets: Mapping[str, MarketSnapshot]
    chart: Chart
    recipes: RecipeMap
    flying: Sequence[Leg] = ()
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    kept: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    resting: Mapping[str, Rest] = field(default_factory=lambda: MappingProxyType({}))
    stock: Sequence[StockRow] = ()
    scouted: Collection[str] = ()
    approached: Collection[str] = ()
    watched: Collection[str] = ()
    standing: Collection[str] = ()
    soon_free: Collection[str] = ()
    waiting: Ages = field(default_factory=lambda: MappingProxyType({}))
    spending_held: str | None = None

    @cached_property
    def at_work(self) -> list[GoodsFactory]:
        """The orders that may be given ships."""
        return [order.factory for order in self.orders if not order.factory.is_idle]

    @cached_property
    def by_system(self) -> Mapping[str, Mapping[str, MarketSnapshot]]:
        """The markets of each system, by waypoint."""
        found: dict[str, dict[str, MarketSnapshot]] = defaultdict(dict)
        for name, market in self.markets.items():
            found[system_of(name)][name] = market
        return found

    def snapshot(self, order: Order, tree: SupplyChainNode) -> FactorySnapshot:
        """The order as if it were the only one."""
        factory = order.factory
        system = factory.system_symbol
        return FactorySnapshot(
            factory,
            tree,
            order.progress,
            order.legs,
            self.by_system.get(system, {}),
            self.chart,
            FleetView(self.ships, self.claims, factory.request, system, self.kept, self.resting, self.stock),
            phases=order.phases,
            totals=order.totals,
            waiting=self.waiting,
            spending_held=self.spending_held,
        )
