"""The pilot moves one ship safely: plans with what is known, trusts what the server answers."""

from dataclasses import dataclass, replace
from datetime import timedelta

from goodsfactory.domain.errors import Conflict, NotFound, Refused, ShipGone, SpendRefused
from goodsfactory.domain.geography import FlightMode
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.money import Intent, MoneyKind
from goodsfactory.domain.ship import Nav, NavStatus, Ship, Tank, refuel_units
from goodsfactory.fleet.losses import forget_ship
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.chart.routing import USUAL, Hop, NoRoute, RoutePreference
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.denials import insist
from goodsfactory.treasury.spend_gate import SpendOrder

ALREADY_THERE = 4204
NOT_IN_ORBIT = 4236
NOT_DOCKED = 4244
IN_TRANSIT = (4200, 4214)
NOT_ENOUGH_FUEL = 4203
_MOST_REPLANS = 6
_SHORTEST_LATE, _LONGEST_LATE = 1.0, 60.0
"""Game seconds between two looks at a ship that should have arrived; they double."""
_MOST_DOUBLINGS = 6


@dataclass(frozen=True)
class Duty:
    """On whose behalf a ship moves: the container that holds it, and what its costs are booked to."""

    player_id: int
    container_id: str
    epoch: int
    factory_id: str | None = None
    leg_id: str | None = None

    def order(self, ship: str | None, kind: MoneyKind, good: str, units: int, waypoint: str) -> SpendOrder:
        return SpendOrder(
            player_id=self.player_id,
            ship=ship,
            container_id=self.container_id,
            epoch=self.epoch,
            kind=kind,
            good=good,
            units=units,
            waypoint=waypoint,
            factory_id=self.factory_id,
            leg_id=self.leg_id,
        )


class Pilot:
    """Flies, docks and refuels the ships of one player. Every answer updates the stored ship."""

    def __init__(
        self,
        api: GameApi,
        store: Store,
        clock: Clock,
        policy: Policy,
        cashier: Cashier,
        scout: Scout,
        player_id: int,
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._policy = policy
        self._cashier = cashier
        self._scout = scout
        self._player_id = player_id

    async def observe(self, symbol: str, *, held: bool = True) -> Ship:
        """Read the ship from the server and settle an intent a crash left open (look first).

        Whoever has not ``held`` the ship may ask too: the steps of one that somebody else holds are his to
        settle, and what he stored of it while the answer was awaited is newer than the answer. Cargo that one
        reading alone does not show is not gone. Raises ShipGone where the ship is: it is then forgotten.
        """

        def read(tx: Transaction) -> tuple[tuple[int, Ship] | None, Intent | None]:
            free = held or tx.claims.of_ship(symbol) is None
            return tx.ships.get(symbol), tx.money.open_intent_of(symbol) if free else None

        before, intent = await self._store.transact(read)
        ship = await self._ask(symbol)
        if intent is None and before is not None and ship.hold.lacks(before[1].hold):
            ship = await self._ask(symbol)
        await self._renew(ship, before)
        if intent is None:
            return ship
        settled = await self._cashier.settle_open(intent, ship)
        # Whoever else settled it moved what was read before.
        last = await self._ask(symbol) if settled is None else settled.ship or ship
        await self._renew(last, (self._player_id, ship))
        return last

    async def _renew(self, ship: Ship, before: tuple[int, Ship] | None) -> None:
        """Store the ship as it was read, unless something else than ``before`` is stored by now."""

        def keep(tx: Transaction) -> None:
            if tx.ships.get(ship.symbol) == before:
                tx.ships.save(self._player_id, [ship])

        await self._store.transact(keep)

    async def go(
        self, ship: Ship, destination: str, duty: Duty, *, preference: RoutePreference = USUAL
    ) -> Ship:
        """Bring the ship to ``destination`` and return it as read there (IN_ORBIT or DOCKED).

        Being there already is success. ``preference`` weighs time against fuel. A laden ship that cannot pay
        its fuel drifts to where its cargo is money. Raises NoRoute, Refused, SpendRefused or Unavailable.
        """
        replans = 0
        broke: SpendRefused | None = None
        ship = await self._arrived(ship)
        while ship.nav.waypoint != destination:
            chart = await self._chart(ship.nav.system)
            if destination not in chart:
                raise Conflict(f"{destination} is not a place {ship.symbol} can fly to in {ship.nav.system}.")
            hop = self._next_hop(ship, destination, chart, broke, preference)
            try:
                ship = await self._fly(ship, hop, duty)
            except SpendRefused as refusal:
                if not refusal.rule.is_about_money or ship.hold.units == 0:
                    raise
                broke = refusal
                ship = await self._read(ship.symbol)
            except NotFound:
                await self._read(ship.symbol)
                raise
            except Refused as refused:
                replans += 1
                if replans > _MOST_REPLANS or refused.code not in (
                    NOT_ENOUGH_FUEL,
                    NOT_IN_ORBIT,
                    NOT_DOCKED,
                    ALREADY_THERE,
                    *IN_TRANSIT,
                ):
                    raise
                ship = await self._arrived(await self._read(ship.symbol))
        return ship

    async def dock(self, ship: Ship) -> Ship:
        """Docked, whatever it was before (docking is idempotent)."""
        if ship.nav.status is NavStatus.DOCKED:
            return ship
        return await self._with_nav(ship, await self._api.dock(ship.symbol))

    async def orbit(self, ship: Ship) -> Ship:
        """In orbit, whatever it was before (orbiting is idempotent)."""
        if ship.nav.status is NavStatus.IN_ORBIT:
            return ship
        return await self._with_nav(ship, await self._api.orbit(ship.symbol))

    async def refuel(self, ship: Ship, duty: Duty) -> Ship:
        """Fill the tank here, through the spend gate; the price is looked up first where it is too old."""
        units = refuel_units(ship)
        if units < 1:
            return ship
        ship = await self.dock(ship)
        await self._fresh_price(ship.nav.waypoint, duty)
        order = duty.order(ship.symbol, MoneyKind.REFUEL, FUEL, units, ship.nav.waypoint)
        trade = await self._cashier.refuel(order)
        return replace(ship, tank=trade.tank or replace(ship.tank, current=ship.tank.capacity))

    def _next_hop(
        self,
        ship: Ship,
        destination: str,
        chart: Chart,
        broke: SpendRefused | None,
        preference: RoutePreference,
    ) -> Hop:
        """The first flight of the best way there; without money for fuel, on what is in the tank."""
        now = self._clock.now()
        if broke is None:
            return chart.route(ship, destination, now, preference=preference).hops[0]
        try:
            return Chart(chart.places).route(ship, destination, now).hops[0]
        except NoRoute:
            raise broke from None

    async def _fly(self, ship: Ship, hop: Hop, duty: Duty) -> Ship:
        if hop.refuel_first:
            ship = await self.refuel(ship, duty)
        if ship.nav.flight_mode is not hop.mode:
            ship = await self._set_mode(ship, hop.mode)
        ship = await self.orbit(ship)
        flight = await self._api.navigate(ship.symbol, hop.destination)
        ship = replace(ship, nav=flight.nav, tank=flight.tank, observed_at=self._clock.now())
        await self._save(ship)
        return await self._arrived(ship)

    async def _set_mode(self, ship: Ship, mode: FlightMode) -> Ship:
        flight = await self._api.set_flight_mode(ship.symbol, mode)
        tank = flight.tank if flight.tank.capacity else ship.tank
        return await self._with_nav(ship, flight.nav, tank)

    async def _arrived(self, ship: Ship) -> Ship:
        """Wait for the announced arrival, then read the ship: the server's word, not ours.

        One that is late, or whose arrival nobody announced, is read ever more rarely until it is there.
        """
        late = 0
        while ship.nav.status is NavStatus.IN_TRANSIT:
            left = (ship.nav.arrival - self._clock.now()).total_seconds() if ship.nav.arrival else 0.0
            margin = self._policy.arrival_margin
            if left > 0:
                wait = left + margin
            else:
                wait = min(_LONGEST_LATE, max(margin, _SHORTEST_LATE) * 2.0**late)
                late = min(late + 1, _MOST_DOUBLINGS)
            await self._clock.sleep(wait)
            ship = await self._read(ship.symbol)
        return ship

    async def _read(self, symbol: str) -> Ship:
        """The ship as the game tells it now, and stored; raises ShipGone as ``_ask``."""
        ship = await self._ask(symbol)
        await self._save(ship)
        return ship

    async def _ask(self, symbol: str) -> Ship:
        """Raises ShipGone, and forgets the ship, where the game says again and again that there is none."""
        try:
            return await insist(lambda: self._api.ship(symbol), self._clock)
        except NotFound as gone:
            now = self._clock.now()
            await self._store.transact(lambda tx: forget_ship(tx, self._player_id, symbol, now))
            raise ShipGone(gone.message, code=gone.code, status=gone.status, data=gone.data) from gone

    async def _with_nav(self, ship: Ship, nav: Nav, tank: Tank | None = None) -> Ship:
        ship = replace(ship, nav=nav, tank=tank or ship.tank, observed_at=self._clock.now())
        await self._save(ship)
        return ship

    async def _save(self, ship: Ship) -> None:
        await self._store.transact(lambda tx: tx.ships.save(self._player_id, [ship]))

    async def _fresh_price(self, waypoint: str, duty: Duty) -> None:
        """Look again also where the last look left out the price of fuel."""
        window = timedelta(seconds=self._policy.price_window)
        market = await self._store.transact(lambda tx: tx.markets.get(waypoint))
        known = market is not None and market.listing(FUEL) is not None
        if market is None or not known or not market.is_fresh(self._clock.now(), window):
            await self._scout.look(waypoint, factory_id=duty.factory_id, container_id=duty.container_id)

    async def _chart(self, system: str) -> Chart:
        return await self._store.transact(
            lambda tx: chart_of(tx.waypoints.in_system(system), tx.markets.in_system(system))
        )
