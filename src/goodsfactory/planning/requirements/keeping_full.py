"""Feeding a chain that goes on: its inputs are kept HIGH, so that its markets produce at full pace.

An export whose worst input is MODERATE mostly makes a quarter of its trade volume in half an hour, and three
quarters or all of it once that input is HIGH (economy.md §4.2, §4.7). For one order the stock of a market
is often enough; a chain that goes on lives on the pace, and sells the cheaper the fuller its export is.
"""

from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.stock import net_supply
from goodsfactory.planning.requirements.needs import (
    Top,
    listing_at,
    loads_of,
    others_bring,
    under_way,
    worth_a_ship,
)
from goodsfactory.planning.snapshot import FactorySnapshot

INPUT_FULL = 3.0
"""Trade volumes above balance that an input is filled to: HIGH begins at 2, and one a step is used."""

OUTPUT_FULL = 5.0
"""Trade volumes of the product beyond which nothing more is fed: ABUNDANT, it blocks its imports (§4.8)."""


def keep_full(
    snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, hold: int, most: int
) -> Top:
    """What to send along one edge of a continuous factory now, in at most ``most`` loads."""
    site = node.factory_waypoint
    there = listing_at(snapshot, site, child.good)
    legs = snapshot.legs_of(child.good, node.good)
    if there is None:
        return Top(loads_of(hold, hold, 1), f"{site} gets {child.good}, its prices there were not seen")
    bound = under_way(legs) + others_bring(snapshot, site, child.good)
    own = listing_at(snapshot, site, node.good)
    if own is not None and net_supply(own) >= OUTPUT_FULL * own.trade_volume:
        return Top((), f"{site} has {node.good} {own.supply} and makes no more")
    room = round(INPUT_FULL * there.trade_volume) - net_supply(there) - bound
    if not worth_a_ship(room, hold):
        return Top((), f"{site} has {child.good} {there.supply} to make {node.good} of")
    return Top(
        loads_of(room, hold, most), f"{child.good} is {there.supply} at {site} and kept full for {node.good}"
    )
