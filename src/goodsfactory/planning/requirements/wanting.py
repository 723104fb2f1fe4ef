"""What a factory tells the player's others: the units it still wants of each good, and lacks now."""

from collections.abc import Mapping
from datetime import datetime

from goodsfactory.domain.goods import Good
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.demand import EdgeDemand
from goodsfactory.planning.requirements.lifts import has_no_ship, liftable
from goodsfactory.planning.requirements.needs import Needs
from goodsfactory.planning.requirements.neighbours import Want
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


def wants_of(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, Availability],
    demands: Mapping[Edge, EdgeDemand],
    found: Needs,
    urgent: Mapping[Good, float],
    now: datetime,
) -> tuple[Want, ...]:
    """One want for each good of the tree, at the market where it is loaded.

    A continuous factory lacks nothing in this sense: it always could use more, and would stand before
    everybody else for ever. Nor does one that nobody flies for.
    """
    target = snapshot.tree.good
    modest = snapshot.factory.request.continuous or has_no_ship(snapshot, now)
    wants = []
    for node in snapshot.tree.flatten():
        place = ready[node.good].waypoint or node.source or node.factory_waypoint
        units = found.to_load.get(node.good, 0)
        if place is None or units == 0:
            continue
        lacking = [
            demand
            for demand in demands.values()
            if demand.good == node.good and demand.feeds and demand.lacking > 0
        ]
        urgency = max((urgent.get(demand.feeds or target, 0.0) for demand in lacking), default=0.0)
        short = 0 if modest else sum(demand.lacking for demand in lacking)
        soon = 0 if modest else sum(_left(d) for d in demands.values() if d.good == node.good and d.feeds)
        lifts = liftable(snapshot, ready[target], now) if node.good == target else 0
        priority = snapshot.factory.request.priority
        wants.append(Want(place, node.good, units, short, urgency, target, soon, lifts, priority))
    return tuple(wants)


def _left(demand: EdgeDemand) -> int:
    """Units that will be due soon and are not sent for now."""
    return max(0, demand.soon - sum(demand.sizes or ()))
