"""How urgent a load is: what is further from the target holds up more of the chain."""

from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.demand import EdgeDemand
from goodsfactory.planning.snapshot import FactorySnapshot

STEP = 1_000
"""Weight, in credits, of one step on the way to the target."""


def value_of(snapshot: FactorySnapshot, demand: EdgeDemand) -> int:
    """The weight by which a leg of this edge is matched with a ship (credits)."""
    lift = demand.good == demand.output
    return STEP * (1 + _steps(snapshot.tree, demand.output) + (0 if lift else 1))


def urgency_of(snapshot: FactorySnapshot, demand: EdgeDemand) -> float:
    """The same, weighed with the factory's priority: what comes first where factories want the same."""
    return snapshot.factory.request.priority * value_of(snapshot, demand)


def _steps(tree: SupplyChainNode, good: Good, depth: int = 0) -> int:
    """Longest way from a good to the target, in recipes; 0 for what is not in the tree."""
    here = depth if tree.good == good else 0
    return max(here, max((_steps(child, good, depth + 1) for child in tree.children), default=0))
