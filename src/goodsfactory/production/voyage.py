"""Flying a voyage in the game: pilot, scout and cashier do each step, and the leg row says how far it got."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from goodsfactory.domain.errors import Conflict, SpendRefused
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning import voyage
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.planning.market.loading import Purse
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.leg_row import LegRow
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.spend_gate import why_held


@dataclass(frozen=True)
class Voyage:
    """The leg row says how far it got; the rest is read from the world. ``well`` hears of what went well."""

    row: LegRow
    duty: Duty
    store: Store
    clock: Clock
    policy: Policy
    pilot: Pilot
    cashier: Cashier
    scout: Scout
    well: Callable[[], None]

    async def fly(self, symbol: str) -> str:
        """Fly the leg to its end and say which.

        Raises Withdrawn, Conflict where it failed, SpendRefused where ship and cargo are to wait, and what
        the game answers (Refused, Unavailable): it may be flown on after any of them.
        """
        ship = await self.pilot.observe(symbol)
        if await self.row.goes_on(traded=False):
            self.well()
        if await self.row.differs_from(ship):
            ship = await self.pilot.observe(symbol)  # one reading alone loses and finds no cargo
        await self.row.reconcile(ship)
        looked = False
        while True:
            leg, step = await self._next(ship, looked)
            try:
                ship = await self._act(step, leg, ship)
            except SpendRefused as refusal:
                step = voyage.after_refusal(step, leg, ship, refusal)
            looked = isinstance(step, voyage.Look)
            over = await self._record(step)
            if over is not None:
                return over

    async def _next(self, ship: Ship, looked: bool) -> tuple[Leg, voyage.Step]:
        def read(tx: Transaction) -> tuple[Leg, voyage.Sight, Purse]:
            leg, system = self.row.flying(tx), ship.nav.system
            markets = tx.markets.in_system(system)
            chart = chart_of(tx.waypoints.in_system(system), markets)
            legs = tx.legs.open_of_player(leg.player_id) if looked else ()  # they count where one trades
            sight = voyage.Sight(looked, {market.waypoint: market for market in markets}, chart, legs)
            balance = tx.players.balance(leg.player_id)
            bound = tx.money.reserved(leg.player_id) + self.policy.credit_floor
            free = max(0, balance.credits - bound) if balance else 0
            factory = tx.factories.get(leg.factory_id, leg.player_id)
            continuous = factory is not None and factory.request.continuous
            return leg, sight, Purse(free, why_held(tx, leg.player_id), continuous)

        leg, sight, purse = await self.store.transact(read)
        return leg, voyage.next_step(leg, ship, sight, purse, self.clock.now(), self.policy)

    async def _act(self, step: voyage.Step, leg: Leg, ship: Ship) -> Ship:
        """Do in the game what the step says; the ship as it is then."""
        duty = self.duty
        match step:
            case voyage.Go(waypoint):
                return await self.pilot.dock(await self.pilot.go(ship, waypoint, duty))
            case voyage.Look(waypoint):
                await self.scout.look(waypoint, factory_id=duty.factory_id, container_id=duty.container_id)
                return ship
            case voyage.Buy(units, ceiling):
                order = duty.order(ship.symbol, MoneyKind.PURCHASE, leg.good, units, leg.source)
                trade = await self.cashier.buy(replace(order, ceiling=ceiling))
            case voyage.Sell(units):
                order = duty.order(ship.symbol, MoneyKind.SALE, leg.good, units, ship.nav.waypoint)
                trade = await self.cashier.sell(order)
            case _:
                return ship
        if await self.row.goes_on(traded=True):
            self.well()
        return replace(ship, hold=trade.hold or ship.hold)

    async def _record(self, step: voyage.Step) -> str | None:
        """Write down what the step makes of the leg; how the voyage ended, where it did."""
        match step:
            case voyage.Carry(reason):
                await self.row.laden(reason)
            case voyage.Divert(waypoint, reason):
                await self.row.goes_to(waypoint, reason)
            case voyage.GiveBack(reason, rule):
                until = voyage.try_again_at(self.clock.now(), self.policy)
                return await self.row.give_back(reason, rule, until)
            case voyage.Wait(reason, rule):
                raise SpendRefused(reason, rule=rule)
            case voyage.Keep(reason):
                return await self.row.end(LegState.DONE, reason)
            case voyage.End(LegState.FAILED, reason):
                raise Conflict(reason)
            case voyage.End(state, reason):
                return await self.row.end(state, reason)
        return None
