"""What flies for the agent when a plan is made: how much each market gets, and is yet to give."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.planning.market.stock import Spot

COUNTS_FOR = timedelta(minutes=30)
"""How long a leg that is held up before it has loaded keeps stock from others: one step of production."""


def under_way(legs: Iterable[Leg]) -> int:
    """Units that open legs bring."""
    return sum(max(0, leg.units - leg.delivered) for leg in legs if leg.state.is_open)


def unladen(legs: Iterable[Leg]) -> int:
    """Units that open legs have yet to load."""
    return sum(max(0, leg.units - leg.bought) for leg in legs if leg.state.is_open)


@dataclass(frozen=True)
class Traffic:
    """The open legs that go on. Those that wait for money, or out an outage, before they have loaded are none
    of them: they would hold the stock of a market back for ever."""

    legs: Sequence[Leg] = ()

    @staticmethod
    def of(legs: Iterable[Leg], now: datetime) -> "Traffic":
        """What goes on of these open legs."""
        return Traffic([leg for leg in legs if leg.state is LegState.LADEN or _moves(leg, now)])

    def goes_on(self, leg: Leg) -> bool:
        """Whether a leg is one of them."""
        return leg.id in self._ids

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(leg.id for leg in self.legs)

    def brings(self, waypoint: str | None, good: Good) -> int:
        """Units of an input that are under way to a market."""
        return self._brought.get((waypoint or "", good), 0)

    def loading(self, waypoint: str, good: Good) -> Sequence[Leg]:
        """The legs that load a good at a market."""
        return self._loading.get((waypoint, good), ())

    def bespoken(self, market: MarketSnapshot, good: Good) -> int:
        """Units of a market's stock, as it was seen, that are not to be had: what legs have yet to load, and
        the tranche that a ship has bought since, which the prices do not show until it looks again."""
        legs, listing, seen = self.loading(market.waypoint, good), market.listing(good), market.observed_at
        if listing is None or seen is None:
            return unladen(legs)
        unshown = (
            min(leg.bought, listing.trade_volume)
            for leg in legs
            if leg.state is LegState.LOADING and leg.traded_at is not None and leg.traded_at >= seen
        )
        return unladen(legs) + sum(unshown)

    def loaders(self, waypoint: str, good: Good) -> Collection[str]:
        """The orders whose legs have yet to load there."""
        return {leg.factory_id for leg in self.loading(waypoint, good) if leg.units > leg.bought}

    @cached_property
    def _brought(self) -> Mapping[Spot, int]:
        found: dict[Spot, int] = defaultdict(int)
        for leg in self.legs:
            if leg.destination is not None and leg.feeds is not None:
                found[leg.destination, leg.good] += under_way((leg,))
        return found

    @cached_property
    def _loading(self) -> Mapping[Spot, list[Leg]]:
        found: dict[Spot, list[Leg]] = defaultdict(list)
        for leg in self.legs:
            found[leg.source, leg.good].append(leg)
        return found


def _moves(leg: Leg, now: datetime) -> bool:
    if leg.state is LegState.LOADING and leg.failure is None:
        return True
    return now - leg.created_at < COUNTS_FOR and (leg.not_before is None or leg.not_before <= now)
