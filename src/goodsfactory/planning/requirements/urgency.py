"""How urgent a load is: for ships by the steps it is away from the target, for scarce goods by the work that
waits for it."""

import math
from collections.abc import Mapping

from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.stock import loadable, spare
from goodsfactory.planning.requirements.demand import EdgeDemand
from goodsfactory.planning.requirements.needs import Needs, listing_at
from goodsfactory.planning.snapshot import FactorySnapshot

USUAL_VOLUME = 20
"""Trade volume of most finished goods at first (economy.md §5.2), where none was seen."""

STEP = 4_000
"""Weight, in credits, of one step on the way to the target: deeper legs hold up more of the chain."""

AHEAD = 3
"""Steps that a load weighs which is brought ahead of need."""


def value_of(snapshot: FactorySnapshot, demand: EdgeDemand) -> int:
    """The weight by which a leg of this edge is matched with a ship (credits).

    Its logarithm lets twice the work go two steps before; whoever has waited for hours still gets a turn.
    The priority is left to the matching: it would count twice here.
    SMART weighs all alike that is brought ahead of need, and lifts least. Strategies that reckon no urgency
    send ships for what is deeper in the tree first. What sells without end is worth what it earns.
    """
    if demand.worth is not None:
        return demand.worth
    if demand.urgency:
        waiting = demand.urgency / snapshot.factory.request.priority
        return round(STEP * (1 + 2 * math.log2(1 + waiting)))
    lift = demand.feeds is None
    if snapshot.factory.request.strategy is Strategy.SMART:
        return STEP * (1 if lift else AHEAD)
    return STEP * (1 + _steps(snapshot.tree, demand.feeds or demand.good) + (0 if lift else 1))


def _steps(tree: SupplyChainNode, good: Good, depth: int = 0) -> int:
    """Longest way from a good to the target, in recipes; 0 for what is not in the tree."""
    here = depth if tree.good == good else 0
    return max(here, max((_steps(child, good, depth + 1) for child in tree.children), default=0))


def _start(snapshot: FactorySnapshot, node: SupplyChainNode, child: SupplyChainNode) -> float:
    """Steps of ``child`` until so much of it is made that ``node`` can begin."""
    there = listing_at(snapshot, node.factory_waypoint, child.good)
    own = listing_at(snapshot, child.factory_waypoint, child.good)
    if there is None or own is None:
        return 0.0
    return max(0, -spare(there) - loadable(own)) / max(1, own.trade_volume)


def urgencies(snapshot: FactorySnapshot, found: Needs) -> Mapping[Good, float]:
    """For each good that is made: the steps of production that its inputs hold up, times the priority.

    The longest of the works on the way to the target counts, at the trade volumes of now, with a step for
    each recipe on the way and the steps until an intermediate can begin. A market of six units a step needs
    its few inputs before one of sixty. What others want of a good counts where it is made, and the urgency
    of their work that waits for it is inherited: nobody may wait for the least urgent that feeds it.
    """
    priority = snapshot.factory.request.priority
    urgent: dict[Good, float] = {}

    def visit(node: SupplyChainNode, above: float) -> None:
        listing = listing_at(snapshot, node.factory_waypoint, node.good)
        volume = USUAL_VOLUME if listing is None else max(1, listing.trade_volume)
        steps = 1 + max(above, found.to_make_for_all.get(node.good, 0) / volume)
        steps = max(steps, snapshot.neighbours.urgency(node.factory_waypoint, node.good) / priority)
        urgent[node.good] = max(urgent.get(node.good, 0.0), steps * priority)
        for child in node.children:
            if child.children:
                visit(child, steps + _start(snapshot, node, child))

    visit(snapshot.tree, 0.0)
    return urgent
