"""Orders of one agent that meet at the same markets: how much lies there, and who is to load it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.planning.flow_world import (
    LEFT,
    RIGHT,
    SITES,
    TARGET,
    World,
    after,
    circuitry,
    edge_of,
    listing,
    market,
)

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, Supply, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.planning.snapshot import FactoryDecision

HOLD = 40
"""Units that each ship takes."""

STEP = 20
"""Units that a step of production takes of each input in these worlds, whatever the import's trade volume."""


def smart(units: int = 200, **options: Any) -> World:
    return circuitry(FactoryRequest(Strategy.SMART, units), **options)


def at_level(listed: Listing, volumes: float) -> Listing:
    """The same at so many trade volumes of net supply."""
    quote = Quote(
        listed.type, BASE_PRICES[listed.good], 8, round(volumes * listed.trade_volume), listed.trade_volume
    )
    return replace(listed, supply=quote.supply, ask=quote.ask, bid=quote.bid)


def set_level(world: World, waypoint: str, good: Good, volumes: float) -> None:
    """Put a good at so many trade volumes of net supply, seen now."""
    old = world.markets[waypoint]
    fresh = [at_level(one, volumes) if one.good == good else one for one in old.listings]
    world.markets[waypoint] = replace(old, listings=tuple(fresh), observed_at=world.now)


def made_at(world: World, volume: int) -> World:
    """Make the target at a market of this trade volume; inputs are SCARCE there, in tranches of 20."""
    taken, empty = TradeType.IMPORT, Supply.SCARCE
    return world.show(
        market(
            SITES[TARGET],
            listing(TARGET, supply=Supply.LIMITED, volume=volume),
            listing(LEFT, taken, empty),
            listing(RIGHT, taken, empty),
        )
    )


def begun(world: World) -> World:
    """The first load of each input of the target has come, and everything was looked at since."""
    world.feed(TARGET)
    world.now = after(60)
    world.look()
    return world


def sent(decision: FactoryDecision, good: Good, output: Good | None = None) -> int:
    """Units for which there are lots; of lifts where ``output`` is the good itself."""
    return sum(lot.units for lot in decision.lots if lot.good == good and output in (None, edge_of(lot)[1]))


def loads(decision: FactoryDecision, good: Good, output: Good) -> list[int]:
    """The sizes of the lots along an edge."""
    return [lot.units for lot in decision.lots if edge_of(lot) == (good, output)]


def by_order(decisions: dict[str, FactoryDecision], good: Good, output: Good | None = None) -> dict[str, int]:
    """Units for which each order has lots."""
    return {name: sent(decision, good, output) for name, decision in decisions.items()}


def all_loads(decisions: Iterable[FactoryDecision], good: Good, output: Good) -> list[int]:
    """The sizes of the lots along an edge of all orders, the largest first."""
    return sorted((units for one in decisions for units in loads(one, good, output)), reverse=True)
