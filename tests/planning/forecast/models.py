"""Markets made by hand, for tests of what they become."""

import random
from typing import Any

from goodsfactory.domain.market import Activity, TradeType
from goodsfactory.planning.quote.beliefs import USUAL, Beliefs
from goodsfactory.planning.quote.market_model import GoodModel, MarketModel

TICK = 1800.0
RECIPES = {"ELECTRONICS": ("SILICON_CRYSTALS", "COPPER")}


def good(
    name: str, type: TradeType = TradeType.EXPORT, s: float = 0.0, volume: int = 20, **facts: Any
) -> GoodModel:
    """A good with ``s`` trade volumes of net supply whose first tick is at 100 s."""
    fields: dict[str, Any] = {"base": 2000.0, "margin": 8, "next_tick": 100.0, **facts}
    return GoodModel(good=name, type=type, trade_volume=volume, net_supply=round(s * volume), **fields)


def electronics(
    *,
    own: float = 0.0,
    silicon: float = 0.0,
    copper: float = 0.0,
    activity: Activity | None = None,
    beliefs: Beliefs = USUAL,
    seed: int = 1,
    **facts: Any,
) -> MarketModel:
    """A market that makes ELECTRONICS; inputs tick after it."""
    return MarketModel(
        "X1-W-E",
        [
            good("ELECTRONICS", s=own, activity=activity, **facts),
            good("SILICON_CRYSTALS", TradeType.IMPORT, silicon, next_tick=900.0),
            good("COPPER", TradeType.IMPORT, copper, next_tick=1000.0),
        ],
        recipes=RECIPES,
        beliefs=beliefs,
        chance=random.Random(seed),
    )
