"""Selling by hand what a ship holds: where each good goes, and the voyage that brings it there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
class SaleOrder:
    """What is to be sold: ``good`` alone, or everything aboard; goods to ``keep`` stay there.

    At ``waypoint``, else at the best market. A loss needs a yes: ``confirmed`` for all goods, ``agreed`` for
    a good at the market named with it, and there it is sold.
    """

    good: Good | None = None
    waypoint: str | None = None
    confirmed: bool = False
    agreed: Mapping[Good, str] = field(default_factory=dict)
    keep: Collection[Good] = ()


@dataclass(frozen=True)
class PlannedSale:
    """Units of a good that are aboard, and the market they will be sold at.

    ``expected`` are the credits they bring there by the price law, None while no ship has seen the bid;
    ``cost`` what was paid for them, None where nobody knows. ``agreed``: a loss there needs no question.
    """

    good: Good
    units: int
    waypoint: str
    reason: str
    expected: int | None = None
    cost: int | None = None
    agreed: bool = False

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


def sale_order(
    good: str | None,
    waypoint: str | None,
    *,
    confirmed: bool = False,
    agreed: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
) -> SaleOrder:
    """An order as somebody typed it, in capitals or not."""
    return SaleOrder(
        good.upper() if good else None,
        waypoint.upper() if waypoint else None,
        confirmed,
        {loss.upper(): market.upper() for loss, market in (agreed or {}).items()},
        {held.upper() for held in keep},
    )


def plan_sale(
    ship: Ship,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    order: SaleOrder,
    paid: Mapping[Good, float] | None = None,
) -> tuple[PlannedSale, ...]:
    """Choose a market for each good of the order, the nearest stop first.

    Where the order names none it is where the best bid was seen, or the nearest importer while none was.
    ``paid`` holds what a unit of each good cost, where it is known. Raises UserError, before anything moves,
    where one of the goods cannot be sold so.
    """
    good, cargo = order.good, cargo_aboard(ship)
    if not cargo:
        raise UserError(f"{ship.symbol} has nothing aboard.", kind="precondition")
    cargo = {held: units for held, units in cargo.items() if held not in order.keep}
    if not cargo:
        raise UserError(f"{ship.symbol} has nothing aboard but what it is to keep.", kind="precondition")
    if good is not None and good not in cargo:
        load = in_words(f"{units} {held}" for held, units in cargo.items())
        raise UserError(f"{ship.symbol} carries no {good}; aboard are {load}.", kind="precondition")
    planned = []
    for held in cargo if good is None else (good,):
        asked = order.waypoint or order.agreed.get(held)
        if asked is not None:
            _check_buyer(held, ship, markets, asked)
            where, reason = asked, "as asked"
        else:
            where, reason = _best_buyer(held, ship, markets, chart)
        agreed = order.confirmed or order.agreed.get(held) == where
        cost = _cost(held, cargo[held], paid or {})
        sale = PlannedSale(held, cargo[held], where, reason, cost=cost, agreed=agreed)
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
        if one.loss and not one.agreed
    ]
    return f"{in_words(losses)}." if losses else None


def check_confirmed(planned: Sequence[PlannedSale]) -> None:
    """Raises UserError of the kind ``needs-confirmation`` where a loss is expected that nobody agreed to."""
    asked = confirmation(planned)
    if asked is not None:
        raise UserError(f"{asked} Confirm the order to sell at a loss.", kind="needs-confirmation")


async def carry_out(
    planned: Sequence[PlannedSale],
    crew: Crew,
    ship: Ship,
    duty: Duty,
    *,
    dump_ratio: float,
) -> ShipSale:
    """Fly, dock, look and sell, stop by stop; the caller holds the ship and the markets.

    Each tranche is sold at a bid seen just before. The rest stays aboard once the bid is below ``dump_ratio``
    of the first one: a crushed market pays next to nothing and takes hours to recover (economy.md §1.7).
    Raises NoRoute, Refused, SpendRefused or Unavailable: what was sold until then stays sold and booked, and
    the same order sells the rest. Where, at the market, a sale proves to bring less than the cargo cost and
    nobody has agreed to that, the order ends with a question; while nothing is told of yet it raises
    UserError. A good without a bid is kept, and told; where that is so of all, the order ends with the
    UserError or Unreadable of the first.
    """
    sold: list[Sold] = []
    hidden: Unreadable | UserError | None = None
    for waypoint, sales in groupby(planned, key=lambda sale: sale.waypoint):
        ship = await crew.pilot.dock(await crew.pilot.go(ship, waypoint, duty))
        for sale in sales:
            market = (await crew.scout.look(waypoint)).snapshot
            seen = [_valued(sale, market)]
            if sold and (question := confirmation(seen)) is not None:
                return ShipSale(ship.symbol, tuple(sold), question)
            check_confirmed(seen)
            if hidden is None and market.listing(sale.good) is None:
                hidden = _no_bid(market, sale.good)
            ship, done = await _sell_out(sale, crew, ship, duty, market, dump_ratio)
            sold.append(done)
    if hidden is not None and not any(one.units for one in sold):
        raise hidden
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
