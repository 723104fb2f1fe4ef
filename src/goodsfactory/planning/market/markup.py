"""How much more than its ask an output must bring before a continuous factory lifts it.

What a market makes and what another eats in half an hour does not depend on how full they are, within wide
limits (economy.md §4.2). So a chain that goes on sells as much at a large margin as at a small one: the
export is only fuller, and the consumer emptier. An export that may still grow is drained all the same,
because it grows only while it is MODERATE or less (§5.3), up to about twice its first trade volume (§5.5).
"""

from goodsfactory.domain.market import Listing
from goodsfactory.planning.policy import Policy

GROWTH = ((6, 15), (20, 43), (60, 123))
"""Trade volumes at which exports begin, and at which they stop growing (economy.md §5.1, §5.5)."""

WHILE_GROWING = 1 / 3
"""Share of the margin that is asked for while the export may grow."""


def least_margin(listing: Listing | None, policy: Policy) -> float:
    """Share of the ask at ``listing`` that a sale must bring on top; all of it while that was not seen."""
    grows = listing is not None and any(first <= listing.trade_volume < last for first, last in GROWTH)
    return policy.sale_margin * (WHILE_GROWING if grows else 1.0)
