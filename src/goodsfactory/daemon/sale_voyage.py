"""Selling by hand what a ship holds: the voyages, by the steps that workers fly by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.ship_sale import PlannedSale, check_confirmed, confirmation, valued
from goodsfactory.domain.errors import Unreadable, UserError
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.market.loading import Purse
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.voyage import End, Go, Look, Sell, Sight, Step, Wait, next_step


@dataclass(frozen=True)
class Sold:
    """What one good brought: ``revenue`` in credits for ``units``, over all its tranches.

    ``kept`` units stayed aboard, all where ``units`` is 0, because the bid fell too low or is not told;
    ``kept_reason`` says so.
    """

    good: Good
    units: int
    revenue: int
    waypoint: str
    kept: int = 0
    kept_reason: str = ""


@dataclass(frozen=True)
class ShipSale:
    """One order to sell, carried out; or as far as nobody has to be asked, where ``question`` is not None.

    Then the good it is about, and those after it, are still aboard.
    """

    ship: str
    sold: tuple[Sold, ...]
    question: str | None = None

    @property
    def revenue(self) -> int:
        return sum(one.revenue for one in self.sold)


async def carry_out(
    planned: Sequence[PlannedSale],
    crew: Crew,
    ship: Ship,
    duty: Duty,
    policy: Policy,
) -> ShipSale:
    """Fly the voyage of each sale in turn; the caller holds the ship and the markets.

    Each tranche is sold at a bid seen just before. The rest stays aboard once the bid is below the policy's
    dump ratio of the first one: a crushed market pays next to nothing and takes hours to recover
    (economy.md §1.7).
    Raises NoRoute, Refused, SpendRefused or Unavailable: what was sold until then stays sold and booked, and
    the same order sells the rest. Where, at the market, a sale proves to bring less than the cargo cost and
    nobody has agreed to that, the order ends with a question; while nothing is told of yet it raises
    UserError. A good without a bid is kept, and told; where that is so of all, the order ends with the
    UserError or Unreadable of the first.
    """
    sold: list[Sold] = []
    hidden: Unreadable | UserError | None = None
    for sale in planned:
        voyage = SaleVoyage(sale, crew, ship, duty, policy)
        market = await voyage.arrive()
        seen = [valued(sale, market)]
        if sold and (question := confirmation(seen)) is not None:
            return ShipSale(ship.symbol, tuple(sold), question)
        check_confirmed(seen)
        sold.append(await voyage.sell_out())
        if hidden is None and sold[-1].kept and market.listing(sale.good) is None:
            hidden = _no_bid(market, sale.good)
        ship = voyage.ship
    if hidden is not None and not any(one.units for one in sold):
        raise hidden
    return ShipSale(ship.symbol, tuple(sold))


class SaleVoyage:
    """Flies one planned sale; ``ship`` is as it was last seen."""

    def __init__(self, sale: PlannedSale, crew: Crew, ship: Ship, duty: Duty, policy: Policy) -> None:
        self.ship = ship
        self._crew = crew
        self._duty = duty
        self._policy = policy
        self._step: Step | None = None
        self._market = MarketSnapshot(sale.waypoint, frozenset(), frozenset(), frozenset())
        self._leg = Leg(
            id=duty.container_id,
            player_id=duty.player_id,
            good=sale.good,
            source="",
            destination=sale.waypoint,
            hand_over=HandOver.SELL,
            feeds=None,
            pegs=(),
            value=0,
            reason=sale.reason,
            created_at=crew.clock.now(),
            state=LegState.LADEN,
            bought=sale.units,
        )

    async def arrive(self) -> MarketSnapshot:
        """Look at the market. Its first bid is what later ones are measured by, whatever the cargo cost."""
        while not isinstance(self._step, Look | End):
            await self._fly_on()
        listing = self._market.listing(self._leg.good)
        if listing is not None:
            self._leg = replace(self._leg, cost=self._leg.bought * listing.bid)
        return self._market

    async def sell_out(self) -> Sold:
        """Sell what is aboard; the rest is kept where its bid fell too low, or is not shown."""
        while not isinstance(self._step, Wait | End):
            await self._fly_on()
        leg, kept = self._leg, self.ship.hold.of(self._leg.good)
        told = self._why_kept() if kept else ""
        return Sold(leg.good, leg.delivered, leg.revenue, self._market.waypoint, kept, told)

    async def _fly_on(self) -> None:
        """One step of the voyage. It is told of no market but this one, and so stays there."""
        markets = {self._market.waypoint: self._market}
        sight = Sight(isinstance(self._step, Look), markets, Chart({}))
        now = self._crew.clock.now()
        self._step = next_step(self._leg, self.ship, sight, Purse(0), now, self._policy)
        match self._step:
            case Go(waypoint):
                ship = await self._crew.pilot.go(self.ship, waypoint, self._duty)
                self.ship = await self._crew.pilot.dock(ship)
            case Look(waypoint):
                self._market = (await self._crew.scout.look(waypoint)).snapshot
            case Sell(units):
                await self._sell(units)

    async def _sell(self, units: int) -> None:
        leg, ship = self._leg, self.ship
        order = self._duty.order(ship.symbol, MoneyKind.SALE, leg.good, units, ship.nav.waypoint)
        trade = await self._crew.cashier.sell(order)
        self.ship = replace(ship, hold=trade.hold or ship.hold)
        self._leg = leg.deliver(trade.units, trade.total, self._crew.clock.now())

    def _why_kept(self) -> str:
        leg, market = self._leg, self._market
        listing = market.listing(leg.good)
        if listing is None:
            return str(_no_bid(market, leg.good))
        least = f"{self._policy.dump_ratio:.0%} of the {leg.cost // leg.bought:,} at first"
        return (
            f"{market.waypoint} pays {listing.bid:,} for {leg.good} by now, less than {least}; "
            "sell the rest elsewhere, or later"
        )


def _no_bid(market: MarketSnapshot, good: Good) -> Unreadable | UserError:
    """Why a market that a ship just looked at shows no bid: one answer may leave out what it takes."""
    if market.type_of(good) is not None:
        return Unreadable(f"{market.waypoint} does not show its price of {good}; order again in a minute.")
    return UserError(f"{market.waypoint} does not take {good} any more.", kind="precondition")
