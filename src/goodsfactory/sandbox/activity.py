"""How strongly a market produces and consumes: the activity rules of economy.md §11.6."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from goodsfactory.domain.market import Activity, Supply
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters

_VIGOROUS = (Activity.GROWING, Activity.STRONG)


def export_activity(export: MarketGood, inputs: Sequence[MarketGood], drawn_growing: bool) -> Activity:
    """An export works as well as its worst local input lets it (§4.7).

    ``drawn_growing`` settles what MODERATE inputs make of it; the verdict sticks for as long as they last.
    """
    if not inputs:
        return Activity.WEAK
    worst = min(inputs, key=lambda good: good.s).supply
    short = not export.supply.at_least(Supply.MODERATE)
    if worst is not Supply.MODERATE:
        export.mood = None
    if worst is Supply.SCARCE:
        return Activity.RESTRICTED
    if worst is Supply.LIMITED:
        return Activity.WEAK
    if worst is Supply.MODERATE:
        if export.mood is None:
            export.mood = Activity.GROWING if drawn_growing else Activity.WEAK
        return Activity.STRONG if short else export.mood
    return Activity.STRONG if short and export.activity in _VIGOROUS else Activity.GROWING


def input_activity(good: MarketGood, users: Sequence[MarketGood]) -> Activity:
    """A feeding import is RESTRICTED when nothing it feeds has room left (§4.8)."""
    if all(user.supply is Supply.ABUNDANT for user in users):
        return Activity.RESTRICTED
    plenty = good.supply.at_least(Supply.HIGH)
    if plenty and all(not user.supply.at_least(Supply.HIGH) for user in users):
        return Activity.STRONG
    if plenty or any(user.activity in _VIGOROUS for user in users):
        return Activity.GROWING
    return Activity.WEAK


def sink_activity(good: MarketGood, now: datetime, parameters: EconomyParameters) -> Activity:
    """A pure sink is woken by brisk sales, and stays awake once its trade volume has grown (§11.6)."""
    if sold_since(good, now, parameters) >= parameters.sink_wakes_at * good.trade_volume:
        return Activity.GROWING
    if good.activity is not Activity.GROWING:
        return Activity.WEAK
    last = good.sales[-1][0] if good.sales else None
    rested = last is None or now - last >= parameters.sink_sleeps_after
    return Activity.WEAK if rested and good.growths == 0 else Activity.GROWING


def sold_since(good: MarketGood, now: datetime, parameters: EconomyParameters) -> int:
    """Units players sold here within the sink window before ``now``."""
    return sum(units for at, units in good.sales if now - at <= parameters.sink_window)
