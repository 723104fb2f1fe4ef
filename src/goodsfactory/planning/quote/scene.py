"""What a replay begins with: all that is known of one order, and of what else goes on in its system."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.factory import FactoryRequest, GoodsFactory
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.market.stock import Spot
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.situation import Order, Situation


@dataclass(frozen=True)
class Scene:
    """The order ``order_id`` in the situation of its agent. ``credits`` is the balance.

    ``scouting`` are voyages under way, each with the markets that its ship has yet to look at. With
    ``handed_over`` somebody takes each load of an output off its ship at once.
    """

    situation: Situation
    order_id: str
    credits: int
    now: datetime
    policy: Policy
    scouting: Sequence[ScoutVoyage] = ()
    handed_over: bool = False

    @property
    def order(self) -> Order:
        """The one that is asked about."""
        return next(order for order in self.situation.orders if order.id == self.order_id)

    @property
    def factory(self) -> GoodsFactory:
        """That of the order."""
        return self.order.factory

    @property
    def others(self) -> int:
        """How many other orders are at work."""
        return sum(factory.id != self.order_id for factory in self.situation.at_work)

    def learning(self, phases: Mapping[Spot, Phase]) -> "Scene":
        """With phases that all orders know besides."""
        return self._with(lambda order: replace(order, phases={**order.phases, **phases}))

    def asking(self, request: FactoryRequest) -> "Scene":
        """With another request of the order."""
        asked = replace(self.order, factory=replace(self.factory, request=request))
        return self._with(lambda order: asked if order.id == asked.id else order)

    def _with(self, change: Callable[[Order], Order]) -> "Scene":
        orders = [change(order) for order in self.situation.orders]
        return replace(self, situation=replace(self.situation, orders=orders))
