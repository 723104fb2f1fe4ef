"""Selling by hand what a ship holds: where each good goes, and the voyage that brings it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from goodsfactory.daemon.crew import Crew
from goodsfactory.domain.errors import Unreadable, UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.eligibility import cargo_aboard
from goodsfactory.planning.selling import choose_sink
from goodsfactory.planning.spreading import mean_bid


@dataclass(frozen=True)
class PlannedSale:
    """Units of a good that are aboard, and the market they will be sold at.

    ``expected`` are the credits they bring there by the price law, None while no ship has seen the bid;
    ``cost`` what was paid for them, None where nobody knows.
    """

    good: Good
    units: int
    waypoint: str
    reason: str
    expected: int | None = None
    cost: int | None = None

    @property
    def loss(self) -> int:
        """Credits by which the sale is expected to bring less than the units cost; 0 where it is unknown."""
        if self.cost is None or self.expected is None:
            return 0
        return max(0, self.cost - self.expected)


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


def plan_sale(
    ship: Ship,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    good: Good | None,
    waypoint: str | None,
    paid: Mapping[Good, float] | None = None,
) -> tuple[PlannedSale, ...]:
    """Choose a market for each good aboard, the nearest stop first; for ``good`` alone where it is given.

    At ``waypoint`` where it is given, else where the best bid was seen, or the nearest importer while none
    was. ``paid`` holds what a unit of each
    good cost, where it is known. Raises UserError, before anything moves, where one of the goods cannot be
    sold so.
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
            where, reason = waypoint, "as asked"
        else:
            where, reason = _best_buyer(held, ship, markets, chart)
        sale = PlannedSale(held, cargo[held], where, reason, cost=_cost(held, cargo[held], paid or {}))
        planned.append(_valued(sale, next(one for one in markets if one.waypoint == where)))

    def stop(sale: PlannedSale) -> tuple[int, str]:
        return chart.distance(ship.nav.waypoint, sale.waypoint) or 0, sale.waypoint

    return tuple(sorted(planned, key=stop))


def confirmation(planned: Sequence[PlannedSale]) -> str | None:
    """What is asked before cargo is sold for less than it cost; None where nothing is to be asked."""
    losses = [
        f"{one.units} {one.good} that cost {one.cost:,} credits are to bring about {one.expected:,} "
        f"at {one.waypoint}"
        for one in planned
        if one.loss
    ]
    return f"{in_words(losses)}." if losses else None


def check_confirmed(planned: Sequence[PlannedSale]) -> None:
    """Raises UserError of the kind ``needs-confirmation`` where a sale is expected to bring a loss."""
    asked = confirmation(planned)
    if asked is not None:
        raise UserError(f"{asked} Confirm the order to sell at a loss.", kind="needs-confirmation")


async def carry_out(
    planned: Sequence[PlannedSale],
    crew: Crew,
    ship: Ship,
    duty: Duty,
    *,
    confirmed: bool,
    dump_ratio: float,
) -> ShipSale:
    """Fly, dock, look and sell, stop by stop; the caller holds the ship and the markets.

    Each tranche is sold at a bid seen just before. The rest stays aboard once the bid is below ``dump_ratio``
    of the first one: a crushed market pays next to nothing and takes hours to recover (economy.md §1.7).
    Raises NoRoute, Refused, SpendRefused or Unavailable: what was sold until then stays sold and booked, and
    the same order sells the rest. Where, at the market, a sale proves to bring less than the cargo cost and
    is not ``confirmed``, the order ends with a question; it raises UserError while nothing is sold. So it
    does, or Unreadable, where the market shows no bid; later a good without one is kept, and told.
    """
    sold: list[Sold] = []
    for waypoint, sales in groupby(planned, key=lambda sale: sale.waypoint):
        ship = await crew.pilot.dock(await crew.pilot.go(ship, waypoint, duty))
        for sale in sales:
            market = (await crew.scout.look(waypoint)).snapshot
            seen = [_valued(sale, market)]
            if not confirmed and sold and (question := confirmation(seen)) is not None:
                return ShipSale(ship.symbol, tuple(sold), question)
            if not confirmed:
                check_confirmed(seen)
            if not sold and market.listing(sale.good) is None:
                raise _no_bid(market, sale.good)
            ship, done = await _sell_out(sale, crew, ship, duty, market, dump_ratio)
            sold.append(done)
    return ShipSale(ship.symbol, tuple(sold))


async def _sell_out(
    sale: PlannedSale, crew: Crew, ship: Ship, duty: Duty, market: MarketSnapshot, dump_ratio: float
) -> tuple[Ship, Sold]:
    units = revenue = 0
    first: int | None = None
    while (aboard := ship.hold.of(sale.good)) > 0:
        listing = market.listing(sale.good)
        if listing is None:
            return ship, Sold(
                sale.good, units, revenue, sale.waypoint, aboard, str(_no_bid(market, sale.good))
            )
        first = listing.bid if first is None else first
        if listing.bid < first * dump_ratio:
            fell = (
                f"{market.waypoint} pays {listing.bid:,} for {sale.good} by now, less than {dump_ratio:.0%} "
                f"of the {first:,} at first; sell the rest elsewhere, or later"
            )
            return ship, Sold(sale.good, units, revenue, sale.waypoint, aboard, fell)
        tranche = min(aboard, listing.trade_volume)
        trade = await crew.cashier.sell(
            duty.order(ship.symbol, MoneyKind.SALE, sale.good, tranche, sale.waypoint)
        )
        ship = replace(ship, hold=trade.hold or ship.hold)
        units, revenue = units + trade.units, revenue + trade.total
        # The sale has just moved the bid; others plan on it, too.
        market = (await crew.scout.look(sale.waypoint)).snapshot
    return ship, Sold(sale.good, units, revenue, sale.waypoint)


def _cost(good: Good, units: int, paid: Mapping[Good, float]) -> int | None:
    return round(paid[good] * units) if good in paid else None


def _valued(sale: PlannedSale, market: MarketSnapshot) -> PlannedSale:
    """With what it is expected to bring at the market as it was seen."""
    listing = market.listing(sale.good)
    expected = None if listing is None else round(mean_bid(listing, sale.units) * sale.units)
    return replace(sale, expected=expected)


def _check_buyer(good: Good, ship: Ship, markets: Sequence[MarketSnapshot], waypoint: str) -> None:
    if system_of(waypoint) != ship.nav.system:
        raise UserError(f"{waypoint} is not in {ship.nav.system}, where {ship.symbol} is.")
    market = next((one for one in markets if one.waypoint == waypoint), None)
    if market is None:
        raise UserError(f"There is no market at {waypoint}.", kind="not-found")
    if market.type_of(good) is None:
        raise UserError(f"{waypoint} does not take {good}.", kind="precondition")


def _best_buyer(good: Good, ship: Ship, markets: Sequence[MarketSnapshot], chart: Chart) -> tuple[str, str]:
    """Where to sell, and why.

    An exporter bids about half of what an importer does (economy.md §1.9), so it is not taken unasked while
    an importer's bid is still unknown: the nearest of those is flown to, and what it bids is seen before
    anything is sold.
    """
    choice = choose_sink(good, markets, chart, near=ship.nav.waypoint)
    if not choice.considered:
        raise UserError(f"No market of {ship.nav.system} takes {good}.", kind="precondition")
    importers = [one.waypoint for one in markets if one.waypoint in choice.unseen and good in one.imports]
    listing = choice.listing
    if choice.waypoint and listing and (listing.type is TradeType.IMPORT or not importers):
        return choice.waypoint, choice.reason
    unseen = importers or list(choice.unseen)
    unseen.sort(key=lambda one: (chart.distance(ship.nav.waypoint, one) or 0, one))
    return unseen[0], f"the nearest of {len(unseen)} whose bid for {good} no ship has seen yet"


def _no_bid(market: MarketSnapshot, good: Good) -> Unreadable | UserError:
    """Why a market that a ship just looked at shows no bid: one answer may leave out what it takes."""
    if market.type_of(good) is not None:
        return Unreadable(f"{market.waypoint} does not show its price of {good}; order again in a minute.")
    return UserError(f"{market.waypoint} does not take {good} any more.", kind="precondition")
