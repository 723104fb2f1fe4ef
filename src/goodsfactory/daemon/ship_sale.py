"""Selling by hand what a ship holds: where each good goes, and what is asked first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot, TradeType
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.planning.market.spreading import mean_bid


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
        planned.append(valued(sale, next(one for one in markets if one.waypoint == where)))

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


def _cost(good: Good, units: int, paid: Mapping[Good, float]) -> int | None:
    return round(paid[good] * units) if good in paid else None


def valued(sale: PlannedSale, market: MarketSnapshot) -> PlannedSale:
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
