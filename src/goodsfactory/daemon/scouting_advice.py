"""What helps where the prices of markets are not known, or nobody keeps them fresh."""

from collections.abc import Mapping, Sequence

from goodsfactory.domain.container import Container
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.market import MarketSnapshot


def how_to_see(
    sign: str, markets: Sequence[MarketSnapshot], scouts: Sequence[Container], probes: Mapping[str, list[str]]
) -> str:
    """What helps where a market was never seen, or nobody scouts; ``probes`` that may scout are by system."""
    unseen = [market for market in markets if market.observed_at is None] if scouts else markets
    left_out = [market for market in unseen if not any(_watches(scout, market) for scout in scouts)]
    if unseen and not left_out:
        told = f"`spacetraders scout status --agent {sign}` tells where they are."
        return f"Wait: they are on their rounds. {told}"
    systems = sorted(
        {system_of(market.waypoint) for market in left_out} or probes, key=lambda one: not probes[one]
    )
    start = "`spacetraders scout start" + (f" --system {systems[0]}" if systems else "") + f" --agent {sign}`"
    if systems and probes[systems[0]]:
        return f"Let a probe keep prices fresh: {start}."
    return (
        f"No probe is free there: buy one with `spacetraders ships buy PROBE --agent {sign}`, then {start}."
    )


def _watches(scout: Container, market: MarketSnapshot) -> bool:
    asked = scout.metadata["markets"]
    return scout.metadata["system"] == system_of(market.waypoint) and (not asked or market.waypoint in asked)
