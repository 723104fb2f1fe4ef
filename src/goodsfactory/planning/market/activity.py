"""How strongly a market is believed to produce and consume (economy.md §4.7 to §4.9 and §11.6)."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from goodsfactory.domain.market import Activity, Supply
from goodsfactory.planning.quote.beliefs import Beliefs

if TYPE_CHECKING:
    from goodsfactory.planning.quote.market_model import GoodModel

_VIGOROUS = (Activity.GROWING, Activity.STRONG)


def export_activity(
    export: "GoodModel", inputs: Sequence["GoodModel"], chance: random.Random, beliefs: Beliefs
) -> Activity:
    """An export works as well as its worst local input lets it; one without any is WEAK."""
    if not inputs:
        return Activity.WEAK
    worst = min(inputs, key=lambda good: good.s).supply
    if worst is not Supply.MODERATE:
        export.mood = None
    if worst is Supply.SCARCE:
        return Activity.RESTRICTED
    if worst is Supply.LIMITED:
        return Activity.WEAK
    short = not export.supply.at_least(Supply.MODERATE)
    if worst is Supply.MODERATE:
        if export.mood is None:
            drawn = chance.random() < beliefs.growing_by_chance
            export.mood = Activity.GROWING if drawn else Activity.WEAK
        return Activity.STRONG if short else export.mood
    return Activity.STRONG if short and export.activity in _VIGOROUS else Activity.GROWING


def feeding_activity(good: "GoodModel", users: Sequence["GoodModel"]) -> Activity:
    """An import that feeds exports is RESTRICTED when nothing it feeds has room left."""
    if all(user.supply is Supply.ABUNDANT for user in users):
        return Activity.RESTRICTED
    plenty = good.supply.at_least(Supply.HIGH)
    if plenty and all(not user.supply.at_least(Supply.HIGH) for user in users):
        return Activity.STRONG
    if plenty or any(user.activity in _VIGOROUS for user in users):
        return Activity.GROWING
    return Activity.WEAK


def sink_activity(good: "GoodModel", now: float, beliefs: Beliefs) -> Activity:
    """A pure sink is woken by brisk sales, and stays awake once its trade volume has grown."""
    sold = sum(units for at, units in good.sales if now - at <= beliefs.sink_window)
    if sold >= beliefs.sink_wakes_at * good.trade_volume:
        return Activity.GROWING
    if good.activity is not Activity.GROWING:
        return Activity.WEAK
    rested = not good.sales or now - good.sales[-1][0] >= beliefs.sink_sleeps_after
    return Activity.WEAK if rested and good.growths == 0 else Activity.GROWING
