"""What is known of one order, and what is decided about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockRow
from goodsfactory.domain.supply_chain import NodeProgress, SupplyChainNode
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.eligibility import (
    Kept,
    cargo_aboard,
    keeps_cargo,
    may_try_again,
    unmatched_reason,
)
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.requirements.lot import Ages, Lot

Edge = tuple[Good, Good | None]
"""A good, and the output that it is an input of; None where it is the target, and lifted."""

LOADS_AHEAD = 3
"""Loads that a continuous factory works towards at the same time."""


@dataclass(frozen=True)
class FleetView:
    """The player's ships as a factory sees them, with the claims on them by ship symbol.

    ``kept`` says, by ship symbol, whose cargo stays aboard where it may not be taken up; ``resting`` names
    the ships that are not sent for now because they failed. ``stock`` is what lies aboard them for whoever
    needs it, ``dear`` says by ship why such stock is not sold.
    """

    ships: Sequence[Ship]
    claims: Mapping[str, Claim]
    request: FactoryRequest
    system: str
    kept: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    resting: Mapping[str, Rest] = field(default_factory=lambda: MappingProxyType({}))
    stock: Sequence[StockRow] = ()
    dear: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def usable(self) -> tuple[Ship, ...]:
        """Cargo ships the factory may use once they are free and empty."""
        return tuple(
            ship
            for ship in self.ships
            if not ship.is_probe
            and ship.nav.system == self.system
            and ship.symbol not in self.request.exclude
            and (not self.request.ships or ship.symbol in self.request.ships)
        )

    @cached_property
    def largest_hold(self) -> int:
        """The biggest cargo capacity among the usable ships, in units; 0 where there is none."""
        return max((ship.hold.capacity for ship in self.usable), default=0)

    def free(self, good: Good, *, room: bool) -> int:
        """Ships that could take a leg of ``good`` now; with ``room`` only those that can load more.

        What they keep stands in no way then, unless the load is to be sold.
        """
        beside = room and self.request.terminal is not Terminal.SELL
        return sum(
            ship.symbol not in self.claims
            and not self._rests(ship, good)
            and set(cargo_aboard(ship)) <= {good}
            and (ship.hold.free > 0 or not room)
            and (beside or not self.holds_back(ship))
            for ship in self.usable
        )

    def keeps(self, symbol: str) -> Kept | None:
        """What a ship keeps aboard, and why."""
        return self.dear.get(symbol) or self.kept.get(symbol)

    @property
    def keeping(self) -> tuple[Ship, ...]:
        """The usable ships, where every one of them keeps cargo: no leg is flown until somebody sells it."""
        kept = tuple(
            ship for ship in self.usable if keeps_cargo(ship, self.request, self.kept.get(ship.symbol))
        )
        return kept if len(kept) == len(self.usable) else ()

    def adrift(self, good: Good) -> tuple[Ship, ...]:
        """Unclaimed ships with nothing but ``good`` aboard that may be taken up.

        A leg that failed half-way left them so, or the user named them in --ships.
        """
        return self._adrift.get(good, ())

    @cached_property
    def _adrift(self) -> Mapping[Good, tuple[Ship, ...]]:
        found: dict[Good, tuple[Ship, ...]] = {}
        for ship in self.usable:
            aboard = cargo_aboard(ship)
            if len(aboard) == 1 and ship.symbol not in self.claims and not self.holds_back(ship):
                good = next(iter(aboard))
                found[good] = (*found.get(good, ()), ship)
        return found

    def _rests(self, ship: Ship, good: Good) -> bool:
        rest = self.resting.get(ship.symbol)
        return rest is not None and not may_try_again(ship, rest, good)

    def holds_back(self, ship: Ship) -> bool:
        """Whether what a ship keeps aboard is none of this factory's."""
        return keeps_cargo(ship, self.request, self.keeps(ship.symbol))

    def why_none(self, good: Good) -> str:
        """Why no ship takes a leg of ``good``, in one sentence."""
        return unmatched_reason(
            self.ships,
            claims=self.claims,
            request=self.request,
            system=self.system,
            good=good,
            kept={**self.kept, **self.dear},
            resting=self.resting,
        )


@dataclass(frozen=True)
class FactorySnapshot:
    """Everything one decision about a factory may depend on.

    ``legs`` are those at hand, ``totals`` what all earlier ones came to: no leg is in both.
    """

    factory: GoodsFactory
    tree: SupplyChainNode
    progress: Mapping[Good, NodeProgress]
    legs: Sequence[Leg]
    markets: Mapping[str, MarketSnapshot]
    chart: Chart
    fleet: FleetView
    refused: Sequence[Leg] = ()
    """legs of whatever order that ended with a refusal which every ship hears"""
    phases: Mapping[tuple[str, Good], Phase] = field(default_factory=lambda: MappingProxyType({}))
    """when in the half hour goods are made, by (waypoint, good), where that was learned"""
    totals: Sequence[LegTotals] = ()
    waiting: Ages = field(default_factory=lambda: MappingProxyType({}))
    """since when lots have waited for a ship"""
    spending_held: str | None = None
    """why nothing is bought now, whatever it costs"""

    @cached_property
    def legs_by_edge(self) -> Mapping[Edge, list[Leg]]:
        """Legs by edge, oldest first."""
        found: dict[Edge, list[Leg]] = defaultdict(list)
        for leg in self.legs:
            found[leg.good, leg.feeds].append(leg)
        return found

    @cached_property
    def legs_by_good(self) -> Mapping[Good, list[Leg]]:
        """Legs by the good they carry, oldest first."""
        found: dict[Good, list[Leg]] = defaultdict(list)
        for leg in self.legs:
            found[leg.good].append(leg)
        return found

    def legs_of(self, good: Good, feeds: Good | None) -> list[Leg]:
        """Legs along one edge, oldest first."""
        return self.legs_by_edge.get((good, feeds), [])

    def legs_for(self, good: Good) -> list[Leg]:
        """Legs that carry ``good`` to anywhere, oldest first."""
        return self.legs_by_good.get(good, [])

    @cached_property
    def totals_by_edge(self) -> Mapping[Edge, list[LegTotals]]:
        """Totals of folded legs, as ``legs_by_edge``."""
        found: dict[Edge, list[LegTotals]] = defaultdict(list)
        for one in self.totals:
            found[one.good, one.feeds].append(one)
        return found

    def totals_of(self, good: Good, feeds: Good | None) -> list[LegTotals]:
        """What folded legs along one edge came to."""
        return self.totals_by_edge.get((good, feeds), [])

    def totals_for(self, good: Good) -> list[LegTotals]:
        """What folded legs that carried ``good`` to anywhere came to."""
        return [one for one in self.totals if one.good == good]

    def was_delivered(self, good: Good, output: Good) -> bool:
        """Whether a leg along this edge ever delivered something."""
        return any(one.arrived for one in self.totals_of(good, output)) or any(
            leg.delivered > 0 for leg in self.legs_of(good, output)
        )

    def listing(self, waypoint: str | None, good: Good) -> Listing | None:
        """The listing of a good at a market, None while its prices were not seen."""
        market = self.markets.get(waypoint or "")
        return None if market is None else market.listing(good)

    def still_to_feed(self, good: Good, output: Good) -> bool:
        """Whether no ``output`` is taken before this input of it was delivered once: made, not only bought.

        An order without end takes what lies there; its inputs are kept full anyway.
        """
        request = self.factory.request
        feeds_first = request.strategy.feeds_first and not request.continuous
        return feeds_first and not self.was_delivered(good, output)

    @property
    def asked(self) -> int | None:
        """Units that legs may work towards now; None: whatever one lift brings.

        There is no end of a lot to wait for: the legs of the next one start while the market still produces
        this one. A continuous factory is always asked for some loads more than it has made.
        """
        request = self.factory.request
        if not request.continuous:
            return request.total
        return self.lifted + max(request.units or 1, LOADS_AHEAD * max(1, self.fleet.largest_hold))

    @cached_property
    def still_wanted(self) -> int:
        """Units of the target that are neither made nor reserved by a lift."""
        if self.asked is None:
            return 0 if self.lifted or self.lifting else max(1, self.fleet.largest_hold)
        return max(0, self.asked - self.lifted - self.lifting)

    @property
    def sells_without_end(self) -> bool:
        """Whether profit alone counts."""
        request = self.factory.request
        return request.continuous and request.terminal is Terminal.SELL

    @cached_property
    def lifted(self) -> int:
        """Units of the target that are where they are wanted."""
        return lifted(self.factory.request.terminal, self.legs, self.totals)

    @property
    def lifting(self) -> int:
        """Units of the target that open lifts have reserved."""
        open_lifts = (leg for leg in self.legs if leg.is_lift and leg.state.is_open)
        return sum(leg.units - landed(leg, self.factory.request.terminal) for leg in open_lifts)


def lifted(terminal: Terminal, legs: Sequence[Leg], totals: Sequence[LegTotals]) -> int:
    """Units of the target that lifts have brought to where they are wanted."""
    lifts = [one for one in totals if one.is_lift]
    before = sum(one.delivered if terminal is Terminal.SELL else one.bought for one in lifts)
    return before + sum(landed(leg, terminal) for leg in legs if leg.is_lift)


def is_complete(request: FactoryRequest, legs: Sequence[Leg], totals: Sequence[LegTotals]) -> bool:
    """Whether all that was asked for is made, and nothing flies for it any more."""
    if request.continuous or any(leg.state.is_open for leg in legs):
        return False
    return lifted(request.terminal, legs, totals) >= (request.total or 1)


def landed(leg: Leg, terminal: Terminal) -> int:
    """Units of a lift that count as made: those that were sold, or those that an ended leg left aboard.

    How the leg ended does not matter: what it bought is paid for and in the hold.
    """
    if terminal is Terminal.SELL:
        return leg.delivered
    return 0 if leg.state.is_open else leg.bought


class Verdict(StrEnum):
    """What becomes of the order after this pass."""

    CONTINUE = "CONTINUE"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"


@dataclass(frozen=True)
class FactoryDecision:
    """What is decided about one order: what every node waits for, the lots that are wanted, and the legs that
    end because their wait is over. ``bug`` is the fault of ours that kept it from being planned."""

    verdict: Verdict
    reason: str
    nodes: tuple[NodeProgress, ...] = ()
    lots: tuple[Lot, ...] = ()
    withdrawn: tuple[Leg, ...] = ()
    bug: Exception | None = None
