"""One voyage: go to the source, buy, go to the destination, deliver; from wherever it was left off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from goodsfactory.domain.errors import Conflict, SpendRefused, SpendRule, Unreadable
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.loading import LoadingView, ceiling_of, decide_tranche
from goodsfactory.planning.markup import least_margin
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.spreading import NextMarket, next_market
from goodsfactory.planning.tranches import TrancheDecision
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.leg_row import LegRow
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.spend_gate import check_hold


class Voyage:
    """The leg row says how far it got; the rest is read from the world. ``well`` hears of what went well."""

    def __init__(
        self,
        row: LegRow,
        duty: Duty,
        *,
        store: Store,
        clock: Clock,
        policy: Policy,
        pilot: Pilot,
        cashier: Cashier,
        scout: Scout,
        well: Callable[[], None],
    ) -> None:
        self._row = row
        self._duty = duty
        self._store = store
        self._clock = clock
        self._policy = policy
        self._pilot = pilot
        self._cashier = cashier
        self._scout = scout
        self._well = well

    async def fly(self, symbol: str) -> str:
        """Fly the leg to its end and say which.

        Raises Withdrawn, SpendRefused, Conflict, and what the game answers (Refused, Unavailable): it may be
        flown on after any of them.
        """
        ship = await self._pilot.observe(symbol)
        await self._goes_on(traded=False)
        await self._row.take_stock(ship)
        leg = await self._row.flying()
        if leg.state is LegState.LOADING:
            await self._row.adopt(ship)
            ship, stopped = await self._load(await self._row.flying(), ship)
            leg = await self._row.flying()
            if leg.aboard == 0:
                return await self._empty_handed(leg, ship, stopped)
            await self._row.laden(stopped.reason)
        return await self._deliver(leg, ship)

    async def _goes_on(self, *, traded: bool) -> None:
        if await self._row.goes_on(traded=traded):
            self._well()

    async def _load(self, leg: Leg, ship: Ship) -> tuple[Ship, TrancheDecision]:
        """Buy tranche by tranche at the source; returns the ship and why loading stopped."""
        if leg.clears:
            return ship, TrancheDecision(0, 0, f"{leg.aboard} {leg.good} were left aboard")
        if leg.bought >= leg.units or (leg.bought and ship.hold.free == 0):
            return ship, TrancheDecision(0, 0, f"{leg.aboard} {leg.good} were aboard already")
        if ship.hold.free == 0:
            raise Conflict(
                f"{ship.symbol} has no cargo space: {ship.hold.units} of {ship.hold.capacity} units are full."
            )
        if leg.bought == 0:
            # No ship flies, and burns fuel, to buy what it may not.
            await self._store.transact(lambda tx: check_hold(tx, self._duty.player_id))
        ship = await self._pilot.dock(await self._pilot.go(ship, leg.source, self._duty))
        while True:
            # Others trade here too: a source that was rich a minute ago may be drained by now.
            seen = await self._look(leg.source)
            leg = await self._row.flying()
            view = await self._loading_view(leg, ship, seen)
            tranche = decide_tranche(view, self._policy)
            if tranche.units == 0:
                return ship, tranche
            order = replace(
                self._duty.order(ship.symbol, MoneyKind.PURCHASE, leg.good, tranche.units, leg.source),
                ceiling=ceiling_of(view, self._policy),
            )
            try:
                trade = await self._cashier.buy(order)
            except SpendRefused as refusal:
                if leg.bought == 0:
                    raise
                return ship, TrancheDecision(0, 0, str(refusal))
            await self._goes_on(traded=True)
            ship = replace(ship, hold=trade.hold or ship.hold)

    async def _loading_view(self, leg: Leg, ship: Ship, seen: MarketSnapshot) -> LoadingView:
        """Nothing is bought by a price that ``seen``, the look just taken, leaves out."""
        market = await self._fresh_market(leg.source)
        if market.type_of(leg.good) in (None, TradeType.IMPORT):
            raise Conflict(f"{leg.source} does not sell {leg.good}.")
        listing = _listing(market if seen.observed_at is None else seen, leg.good)

        def read(tx: Transaction) -> LoadingView:
            factory = tx.factories.get(leg.factory_id, leg.player_id)
            goes_on = factory is not None and factory.request.continuous
            margin = least_margin(listing, self._policy) if goes_on else 0.0
            markets = tx.markets.in_system(ship.nav.system)
            return LoadingView(leg, ship, listing, markets, self._budget(tx), margin)

        return await self._store.transact(read)

    def _budget(self, tx: Transaction) -> int:
        balance = tx.players.balance(self._duty.player_id)
        held = tx.money.reserved(self._duty.player_id) + self._policy.credit_floor
        return max(0, balance.credits - held) if balance else 0

    async def _fresh_market(self, waypoint: str) -> MarketSnapshot:
        market = await self._store.transact(lambda tx: tx.markets.get(waypoint))
        window = timedelta(seconds=self._policy.price_window / 2)
        if market is None or not market.is_fresh(self._clock.now(), window):
            return await self._look(waypoint)
        return market

    async def _look(self, waypoint: str) -> MarketSnapshot:
        duty = self._duty
        view = await self._scout.look(waypoint, factory_id=duty.factory_id, container_id=duty.container_id)
        return view.snapshot

    async def _deliver(self, leg: Leg, ship: Ship) -> str:
        if leg.destination is None:
            return await self._row.done(f"{leg.bought} {leg.good} are in the hold of {ship.symbol}")
        if ship.hold.of(leg.good) == 0 and leg.delivered == 0:
            raise Conflict(f"{ship.symbol} should carry {leg.good} and carries none.")
        ship = await self._pilot.dock(await self._pilot.go(ship, leg.destination, self._duty))
        while (aboard := ship.hold.of(leg.good)) > 0:
            leg = await self._row.flying()
            onward = await self._next_market(leg, ship) if leg.feeds is None else None
            if onward is not None and onward.waypoint is not None:
                leg = await self._row.goes_to(onward.waypoint, onward.reason)
                ship = await self._pilot.dock(await self._pilot.go(ship, onward.waypoint, self._duty))
            listing = await self._buyer(leg)
            units = min(aboard, listing.trade_volume)
            order = self._duty.order(ship.symbol, MoneyKind.SALE, leg.good, units, ship.nav.waypoint)
            trade = await self._cashier.sell(order)
            await self._goes_on(traded=True)
            ship = replace(ship, hold=trade.hold or ship.hold)
        leg = await self._row.read()
        assert leg.destination is not None
        await self._look(leg.destination)
        return await self._row.done(
            f"{ship.symbol} delivered {leg.delivered} {leg.good} to {leg.destination} for {leg.revenue:,}"
        )

    async def _next_market(self, leg: Leg, ship: Ship) -> NextMarket | None:
        """Where the rest of the load sells better than here, the flight paid; None where nowhere.

        An output is worth a look before each tranche: the last one has moved its bid.
        """
        here = (await self._look(ship.nav.waypoint)).listing(leg.good)
        if here is None:
            return None

        def read(tx: Transaction) -> tuple[list[MarketSnapshot], Chart, set[str]]:
            system = ship.nav.system
            others = [one for one in tx.legs.open_of_player(leg.player_id) if one.id != leg.id]
            selling = {one.destination for one in others if one.good == leg.good and one.destination}
            markets = tx.markets.in_system(system)
            return markets, chart_of(tx.waypoints.in_system(system), markets), selling

        markets, chart, selling = await self._store.transact(read)
        avoid = selling | ({leg.source} if leg.is_lift else set())
        found = next_market(leg.good, ship, here, markets, chart, avoid=avoid, policy=self._policy)
        return found if found.waypoint is not None else None

    async def _buyer(self, leg: Leg) -> Listing:
        assert leg.destination is not None
        market = await self._fresh_market(leg.destination)
        if market.type_of(leg.good) is None:
            raise Conflict(f"{leg.destination} does not take {leg.good}.")
        listing = _listing(market, leg.good)
        paid = leg.cost / leg.bought if leg.bought else 0.0
        if leg.is_lift and listing.bid < paid * self._policy.dump_ratio:
            sentence = f"price: {leg.destination} pays {listing.bid:,} for {leg.good} that cost {paid:,.0f}"
            raise SpendRefused(f"{sentence}, the market is left to recover", rule=SpendRule.PRICE)
        return listing

    async def _empty_handed(self, leg: Leg, ship: Ship, stopped: TrancheDecision) -> str:
        """Nothing was bought: money comes back later, a drained source asks for another decision."""
        if stopped.rule is not None:
            raise SpendRefused(stopped.reason, rule=stopped.rule)
        return await self._row.cancel(f"{ship.symbol} bought nothing at {leg.source}: {stopped.reason}")


def _listing(market: MarketSnapshot, good: Good) -> Listing:
    """The price of a good. Raises Unreadable where an answer leaves out what the market trades."""
    listing = market.listing(good)
    if listing is None:
        raise Unreadable(f"{market.waypoint} does not show its price of {good}.")
    return listing
