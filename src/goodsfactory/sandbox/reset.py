"""The end of a universe and the beginning of the next one (api-facts §4)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

Rebuild = Callable[[datetime], Universe]
"""Makes a fresh universe whose markets begin at that instant."""


def reset(world: World, rebuild: Rebuild) -> str:
    """Begin anew now, under a later reset date, which is returned.

    Accounts are kept, and nothing else: agents, ships, contracts, prices and charts are gone, and the tokens
    of agents answer 4113.
    """
    now = world.now()
    ended = date.fromisoformat(str(world.universe.reset_date))
    universe = rebuild(now)
    today = world.calendar.told(now).date()
    universe.reset_date = max(today, ended + timedelta(days=1)).isoformat()
    world.begin(universe)
    return universe.reset_date
