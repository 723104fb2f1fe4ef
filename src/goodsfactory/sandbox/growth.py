"""When a trade volume climbs its ladder: fed and short exports, and imports that are sold into.

The rule is that of two bots and the game's developer (operations.md §9.1, §10 S5 and S6): an export grows
readily only while all its inputs are plentiful and it is short itself; work short of that seldom moves it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from goodsfactory.domain.market import Activity, Supply
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters


def next_volume(trade_volume: int, parameters: EconomyParameters) -> int:
    """The trade volume one step up the ladder, in units (economy.md §5.1)."""
    return math.ceil(parameters.growth_factor * trade_volume)


def steps_grown(first_volume: int, trade_volume: int, parameters: EconomyParameters) -> int:
    """How many steps lead from a first trade volume to this one; 0 where it is not on its ladder."""
    steps, volume = 0, first_volume
    while volume < trade_volume:
        steps, volume = steps + 1, next_volume(volume, parameters)
    return steps if volume == trade_volume else 0


def export_chance(export: MarketGood, before: Supply, *, fed: bool, parameters: EconomyParameters) -> float:
    """The chance per tick that an export's trade volume grows.

    ``before`` is its supply before the tick, ``fed`` whether all its inputs were HIGH or more then.
    """
    if export.growths >= parameters.export_steps or before.at_least(Supply.HIGH):
        return 0.0
    if export.activity not in (Activity.GROWING, Activity.STRONG):
        return parameters.growth_idle
    short = not before.at_least(Supply.MODERATE)
    return parameters.growth_fed if fed and short else parameters.growth_otherwise


def import_chance(
    good: MarketGood, users: Sequence[MarketGood], sold: int, parameters: EconomyParameters
) -> float:
    """The chance per tick that an import's trade volume grows; ``sold`` units came within the sink window.

    An import nobody sells into kept its first trade volume for days (economy.md §5.2, captured system).
    """
    if not sold or next_volume(good.trade_volume, parameters) > deepest_import(good, users, parameters):
        return 0.0
    busy = good.activity in (Activity.GROWING, Activity.STRONG)
    return parameters.growth_import if busy else parameters.growth_idle


def deepest_import(good: MarketGood, users: Sequence[MarketGood], parameters: EconomyParameters) -> float:
    """Where an import's ladder ends: so many times its first volume, and so many times its largest user's."""
    most = parameters.import_per_first * good.first_volume
    if users:
        most = min(most, parameters.import_per_export * max(user.trade_volume for user in users))
    return most
