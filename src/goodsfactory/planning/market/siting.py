"""Where to make a good: the factory waypoint."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, Supply
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import (
    AVOIDED,
    Candidate,
    away,
    counted,
    in_words,
    no_market,
)


@dataclass(frozen=True)
class FactoryChoice:
    """Where to make a good. ``waypoint`` is None where no market can; the reason names what is missing.

    ``listing`` is the good's own export there, None while its prices were never seen. ``considered`` holds
    every market that exports the good, the chosen one first.
    """

    waypoint: str | None
    listing: Listing | None
    reason: str
    considered: tuple[Candidate, ...] = ()


_Rank = tuple[int, int, float, str]


def choose_factory_waypoint(
    good: Good,
    recipes: RecipeMap,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    near: str | None = None,
    avoid: Collection[str] = (),
    keep: str | None = None,
) -> FactoryChoice:
    """Choose a market that exports ``good`` and imports (or exchanges) every one of its inputs.

    Production happens at such a market only (economy.md §6.2). Among several the one whose worst input is
    best supplied goes first, since that input throttles it (§4.7), then the larger own stock, then the
    nearer to ``near``, then the symbol; a market never seen comes after those that were. ``keep`` stays
    chosen while it is still valid: moving would strand the inputs already delivered.
    """
    inputs = recipes.inputs(good)
    if not inputs:
        return FactoryChoice(None, None, f"No recipe is known for {good}, so it cannot be made")
    exporters = sorted((m for m in markets if good in m.exports), key=lambda market: market.waypoint)
    usable: list[tuple[_Rank, Candidate, MarketSnapshot]] = []
    refused: list[Candidate] = []
    for market in exporters:
        missing = [i for i in inputs if i not in market.imports and i not in market.exchange]
        far = chart.distance(near, market.waypoint)
        candidate = Candidate(market.waypoint, market.listing(good), far, "chosen")
        if missing:
            refused.append(replace(candidate, verdict=f"does not import {in_words(missing)}"))
        elif market.waypoint in avoid:
            refused.append(replace(candidate, verdict=AVOIDED))
        else:
            usable.append((_rank(good, inputs, market, far), candidate, market))
    if not usable:
        return FactoryChoice(None, None, _no_factory(good, inputs, markets, refused), tuple(refused))
    usable.sort(key=lambda entry: entry[0])
    chosen = next((index for index, entry in enumerate(usable) if entry[1].waypoint == keep), 0)
    _, best, market = usable.pop(chosen)
    if best.waypoint == keep:
        why = "kept where it is" if usable else ""
    else:
        why = f"best of {counted(len(usable) + 1, 'factory waypoint')}" if usable else ""
    behind = [replace(other, verdict="also possible") for _, other, _ in usable]
    return FactoryChoice(
        best.waypoint,
        best.listing,
        _factory_reason(good, inputs, market, best, why),
        (best, *behind, *refused),
    )


def worst_input(inputs: Sequence[Good], market: MarketSnapshot) -> tuple[Good, Supply] | None:
    """The input with the lowest supply at a market, and that supply; None where no price was seen."""
    seen = [(listing.supply.rank, good, listing) for good in inputs if (listing := market.listing(good))]
    if not seen:
        return None
    _, good, listing = min(seen, key=lambda entry: entry[:2])
    return good, listing.supply


def _rank(good: Good, inputs: Sequence[Good], market: MarketSnapshot, far: int | None) -> _Rank:
    worst = worst_input(inputs, market)
    own = market.listing(good)
    return (
        0 if worst is None else -worst[1].rank - 1,
        0 if own is None else -own.supply.rank - 1,
        math.inf if far is None else float(far),
        market.waypoint,
    )


def _factory_reason(
    good: Good, inputs: Sequence[Good], market: MarketSnapshot, best: Candidate, why: str
) -> str:
    reason = f"{good} is made at {market.waypoint}: exports it and takes {in_words(inputs)}"
    reason += away(best.distance)
    worst = worst_input(inputs, market)
    if worst is None or best.listing is None:
        reason += ", prices not seen yet"
    else:
        reason += f", own supply {best.listing.supply.value}, worst input {worst[0]} {worst[1].value}"
    return f"{reason}, {why}" if why else reason


def _no_factory(
    good: Good, inputs: Sequence[Good], markets: Sequence[MarketSnapshot], refused: Sequence[Candidate]
) -> str:
    if not refused:
        return f"no factory waypoint for {good}: {no_market(markets, 'exports it')}"
    looked = "; ".join(f"{candidate.waypoint} {candidate.verdict}" for candidate in refused)
    return f"no factory waypoint for {good}, which needs {in_words(inputs)}: {looked}"
