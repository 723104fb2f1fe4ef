"""Selling by hand what a ship holds: where each good goes, and the voyage that brings it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from goodsfactory.daemon.crew import Crew
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import Waypoint, system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty
from goodsfactory.planning.decision import distance_from, in_words
from goodsfactory.planning.eligibility import cargo_aboard
from goodsfactory.planning.selling import choose_sink


@dataclass(frozen=True)
class PlannedSale:
    """Units of a good that are aboard, and the market they will be sold at."""

    good: Good
    units: int
    waypoint: str
    reason: str


@dataclass(frozen=True)
class Sold:
    """What one good brought: ``revenue`` in credits, over all its tranches."""

    good: Good
    units: int
    revenue: int
    waypoint: str


@dataclass(frozen=True)
class ShipSale:
    """One order to sell, carried out."""

    ship: str
    sold: tuple[Sold, ...]

    @property
    def revenue(self) -> int:
        return sum(one.revenue for one in self.sold)


def plan_sale(
    ship: Ship,
    markets: Sequence[MarketSnapshot],
    places: Mapping[str, Waypoint],
    good: Good | None,
    waypoint: str | None,
) -> tuple[PlannedSale, ...]:
    """Choose a market for each good aboard, the nearest stop first; for ``good`` alone where it is given.

    At ``waypoint`` where it is given, else where the best bid was seen. Raises UserError, before anything
    moves, where one of the goods cannot be sold so.
    """
    cargo = cargo_aboard(ship)
    if not cargo:
        raise UserError(f"{ship.symbol} has nothing aboard.", kind="precondition")
    if good is not None and good not in cargo:
        load = in_words(f"{units} {held}" for held, units in cargo.items())
        raise UserError(f"{ship.symbol} carries no {good}; aboard are {load}.", kind="precondition")
    planned = []
    for held in cargo if good is None else (good,):
        if waypoint is not None:
            _check_buyer(held, ship, markets, waypoint)
            planned.append(PlannedSale(held, cargo[held], waypoint, "as asked"))
        else:
            where, reason = _best_buyer(held, ship, markets, places)
            planned.append(PlannedSale(held, cargo[held], where, reason))

    def stop(sale: PlannedSale) -> tuple[int, str]:
        return distance_from(ship.nav.waypoint, sale.waypoint, places) or 0, sale.waypoint

    return tuple(sorted(planned, key=stop))


async def carry_out(
    planned: Sequence[PlannedSale], crew: Crew, ship: Ship, duty: Duty, *, price_window: float
) -> ShipSale:
    """Fly, dock, look and sell, stop by stop; the caller holds the ship. ``price_window`` is in seconds.

    Raises NoRoute, Refused, SpendRefused or Unavailable. What was sold until then stays sold and booked, and
    the same order sells the rest.
    """
    sold = []
    for waypoint, sales in groupby(planned, key=lambda sale: sale.waypoint):
        ship = await crew.pilot.dock(await crew.pilot.go(ship, waypoint, duty))
        market = (await crew.scout.look(waypoint)).snapshot
        for sale in sales:
            units = revenue = 0
            while (aboard := ship.hold.of(sale.good)) > 0:
                if not market.is_fresh(crew.clock.now(), timedelta(seconds=price_window / 2)):
                    market = (await crew.scout.look(waypoint)).snapshot
                tranche = min(aboard, _listing(market, sale.good).trade_volume)
                order = duty.order(ship.symbol, MoneyKind.SALE, sale.good, tranche, waypoint)
                trade = await crew.cashier.sell(order)
                ship = replace(ship, hold=trade.hold or ship.hold)
                units, revenue = units + trade.units, revenue + trade.total
            sold.append(Sold(sale.good, units, revenue, waypoint))
        # Others plan on these bids, and the sale has just changed them.
        await crew.scout.look(waypoint)
    return ShipSale(ship.symbol, tuple(sold))


def _check_buyer(good: Good, ship: Ship, markets: Sequence[MarketSnapshot], waypoint: str) -> None:
    if system_of(waypoint) != ship.nav.system:
        raise UserError(f"{waypoint} is not in {ship.nav.system}, where {ship.symbol} is.")
    market = next((one for one in markets if one.waypoint == waypoint), None)
    if market is None:
        raise UserError(f"There is no market at {waypoint}.", kind="not-found")
    if market.type_of(good) is None:
        raise UserError(f"{waypoint} does not take {good}.", kind="precondition")


def _best_buyer(
    good: Good, ship: Ship, markets: Sequence[MarketSnapshot], places: Mapping[str, Waypoint]
) -> tuple[str, str]:
    """Where to sell, and why.

    An exporter bids about half of what an importer does (economy.md §1.9), so it is not taken unasked while
    an importer's bid is still unknown.
    """
    choice = choose_sink(good, markets, places, near=ship.nav.waypoint)
    if not choice.considered:
        raise UserError(f"No market of {ship.nav.system} takes {good}.", kind="precondition")
    importers = [one.waypoint for one in markets if one.waypoint in choice.unseen and good in one.imports]
    listing = choice.listing
    if choice.waypoint and listing and (listing.type is TradeType.IMPORT or not importers):
        return choice.waypoint, choice.reason
    unseen = importers or list(choice.unseen)
    unseen.sort(key=lambda one: (distance_from(ship.nav.waypoint, one, places) or 0, one))
    takes = "takes" if len(unseen) == 1 else "take"
    sentence = f"{in_words(unseen)} {takes} {good}, but no ship has seen the bid: go with --at {unseen[0]}"
    if listing is not None:
        sentence += f", or sell for {listing.bid:,} each with --at {choice.waypoint}"
    raise UserError(f"{sentence}.", kind="precondition")


def _listing(market: MarketSnapshot, good: Good) -> Listing:
    listing = market.listing(good)
    if listing is None:
        raise UserError(f"{market.waypoint} does not take {good} any more.", kind="precondition")
    return listing
