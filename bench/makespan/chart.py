"""What an untouched universe allows at best: flights, first arrivals, and production without a hitch.

Everything errs towards too short a time: the lower bound is made of it.
"""

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.pricing import lowest_net_supply
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.navigation import distance, travel_seconds
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.universe import Universe

BUYABLE = Supply.LIMITED
"""The least supply of an export at which any tranche may be bought."""

RULES = EconomyParameters()

_BURN = 12.5
"""Seconds for a unit of distance at speed 1, flown as fast as it goes (api-facts §8.2)."""

_SPEED = SHIP_TYPES["SHIP_LIGHT_HAULER"].engine.speed
_INSTANT = timedelta(milliseconds=1)
_MOST_TICKS = 1_000
"""Three weeks of production: more than any case is given."""


@dataclass(frozen=True)
class Step:
    """An export right after a tick, ``second`` seconds from the start, had all gone as well as it can.

    ``made`` units since the start, of which ``basal`` needed no input; ``volume`` is its trade volume,
    ``input_volumes`` those of its imports.
    """

    second: float
    made: int
    basal: int
    volume: int
    input_volumes: Mapping[str, int]


class Chart:
    """The home system of a universe that nobody has touched yet; it stays so."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._markets = universe.markets_in(universe.home.symbol)

    def flight(self, origin: str, destination: str) -> int:
        """Seconds of the fastest flight of a hauler: straight, and with fuel for the asking."""
        if origin == destination:
            return 0
        here, there = self.universe.waypoint(origin), self.universe.waypoint(destination)
        if here is None or there is None:
            raise KeyError(f"{origin} or {destination} is not in this universe")
        return travel_seconds(distance(here, there), _BURN, _SPEED)

    def listed(self, place: str, good: str) -> MarketGood:
        """A good at a market, as at the start; not to be changed."""
        found = self._markets[place].good(good, self.universe.epoch)
        if found is None:
            raise KeyError(f"{place} does not trade {good}")
        return found

    def inputs(self, good: str) -> tuple[str, ...]:
        return tuple(self.universe.recipes.get(good, ()))

    def sellers(self, good: str) -> list[str]:
        """Markets that export or exchange a good."""
        return [place for place, m in self._markets.items() if good in m.exports or good in m.exchange]

    def makers(self, good: str) -> list[str]:
        """Markets at which a good can be made: they export it and take all of its inputs."""
        return [
            place
            for place, market in self._markets.items()
            if good in market.exports
            and all(name in market.imports or name in market.exchange for name in self.inputs(good))
        ]

    def arrivals(self, place: str, good: str, path: tuple[str, ...] = ()) -> dict[str, float]:
        """When each input of ``good`` can be at ``place`` for the first time, in seconds from the start.

        By ships that start at headquarters, as many as needed; inputs that nobody sells are left out.
        """
        return {
            name: min(
                self.aboard(seller, name, (*path, good)) + self.flight(seller, place) for seller in sellers
            )
            for name in self.inputs(good)
            if (sellers := self.sellers(name))
        }

    def aboard(self, seller: str, good: str, path: tuple[str, ...]) -> float:
        """When ``good`` can have been bought at ``seller``: at once, or when SCARCE supply has recovered."""
        reached = float(self.flight(self.universe.headquarters, seller))
        listed = self.listed(seller, good)
        if listed.type is not TradeType.EXPORT or listed.supply.at_least(BUYABLE) or good in path:
            return reached
        return max(reached, self.recovers(seller, good, self.arrivals(seller, good, path), BUYABLE))

    def recovers(self, place: str, good: str, arrivals: Mapping[str, float], level: Supply) -> float:
        """When an export from which nobody buys can be at a level of supply."""
        stock = self.listed(place, good).net_supply
        for step in self.at_its_best(place, good, arrivals):
            if stock + step.made >= (lowest_net_supply(level, step.volume) or 0):
                return step.second
        return math.inf

    def at_its_best(self, place: str, good: str, arrivals: Mapping[str, float]) -> Iterator[Step]:
        """The states of an export from the start on, were its inputs plentiful from their ``arrivals`` on.

        The market is the sandbox's own, with its draws. Before each tick the export is put where it hurries
        and grows most, what has arrived is put at plenty, and what has not is put back to where it began.
        """
        market = copy.deepcopy(self._markets[place])
        epoch = self.universe.epoch
        goods = {one.symbol: one for one in market.goods(epoch)}
        export = goods[good]
        imports = [goods[name] for name in arrivals if goods[name].type is TradeType.IMPORT]
        first = {one.symbol: one.net_supply for one in imports}
        made, basal = 0, 0.0
        yield _step(0.0, made, basal, export, imports)
        for number in range(_MOST_TICKS):
            second = number * RULES.tick.total_seconds() + export.phase
            due = epoch + timedelta(seconds=second)
            market.goods(due - _INSTANT)
            export.net_supply, export.activity = -math.ceil(2.5 * export.trade_volume), Activity.STRONG
            for one in imports:
                one.net_supply = first[one.symbol]
                if arrivals[one.symbol] <= second:
                    one.net_supply, one.sales = 3 * one.trade_volume, [(due, 1)]
            before = export.net_supply
            basal += RULES.restricted * export.trade_volume
            market.goods(due)
            made += export.net_supply - before
            yield _step(second, made, basal, export, imports)


def _step(second: float, made: int, basal: float, export: MarketGood, imports: Sequence[MarketGood]) -> Step:
    volumes = {one.symbol: one.trade_volume for one in imports}
    return Step(second, made, min(made, math.ceil(basal)), export.trade_volume, volumes)
