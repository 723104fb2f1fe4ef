"""What a replay begins with: all that is known of one factory, its fleet and its markets at an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.policy import Policy


@dataclass(frozen=True)
class Scene:
    """``markets`` are all of the factory's system, seen or not. ``credits`` is the balance.

    ``scouting`` names the markets that a ship is still on its way to look at; ``kept`` says whose cargo a
    ship keeps, as in ``FleetView``. ``phases`` tells by (waypoint, good) when in the half hour a good ticks,
    where that was learned. With ``handed_over`` somebody takes each load of the output off its ship at once;
    otherwise it stays in the hold.
    """

    factory: GoodsFactory
    recipes: RecipeMap
    markets: Sequence[MarketSnapshot]
    chart: Chart
    ships: Sequence[Ship]
    credits: int
    now: datetime
    policy: Policy
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    legs: Sequence[Leg] = ()
    totals: Sequence[LegTotals] = ()
    nodes: Sequence[NodeProgress] = ()
    kept: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    scouting: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    phases: Mapping[tuple[str, Good], Phase] = field(default_factory=lambda: MappingProxyType({}))
    handed_over: bool = False
