"""Ships as users read and move them by hand; a ship that a container holds is left alone."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.factories import Factories, default_system
from goodsfactory.daemon.hand_claims import BY_HAND, held_by_hand
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.sale_voyage import ShipSale, carry_out
from goodsfactory.daemon.ship_sale import PlannedSale, SaleOrder, check_confirmed, plan_sale
from goodsfactory.domain.container import Claim
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Nav, Ship, refuel_units
from goodsfactory.fleet.kept_cargo import kept_cargo
from goodsfactory.fleet.pilot import Duty
from goodsfactory.fleet.quarantine import resting_ships
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.planning.dispatch.eligibility import Eligibility, Kept, cargo_aboard, explain_ship
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import Flight, Trade
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for
from goodsfactory.treasury.books import paid_for


@dataclass(frozen=True)
class Refuelled:
    """``added`` ship units of fuel, for ``cost`` credits."""

    added: int
    cost: int


@dataclass(frozen=True)
class ShipOrders:
    """``new_id`` names the short claims that manual orders hold. A player's orders are one daemon's alone."""

    store: Store
    clock: Clock
    roster: Roster
    factories: Factories
    policy: Policy
    new_id: Callable[[], str]
    _selling: set[tuple[int, str]] = field(default_factory=set)
    """player and market of the sales by hand that go on now"""

    async def all(self, player_id: int | None) -> list[tuple[Ship, Claim | None]]:
        """Ships with the claims on them; of every player where none is given."""
        players = [player_id] if player_id is not None else [player.id for player in await self.roster.all()]

        def read(tx: Transaction) -> list[tuple[Ship, Claim | None]]:
            return [
                (ship, theirs.claims.of_ship(ship.symbol))
                for one in players
                for theirs in [tx.in_universe_of(one)]
                for ship in theirs.ships.of_player(one)
            ]

        return await self.store.transact(read)

    async def one(self, player_id: int, symbol: str) -> Ship:
        """Raises UserError where the ship is not this player's (law L11)."""
        known = await self.store.transact(lambda tx: tx.in_universe_of(player_id).ships.get(symbol.upper()))
        if known is None or known[0] != player_id:
            # Where nobody works for the player its ships are not known, and that says why.
            self.roster.crew_at_work(player_id)
            raise UserError(
                f"This player has no ship {symbol.upper()}; list them with `spacetraders ships list`.",
                kind="not-found",
            )
        return known[1]

    async def explain(self, player_id: int, symbol: str, factory_id: str | None) -> Eligibility:
        """Why a factory may or may not use the ship: for what it is laden with, where that is one good.

        While nobody can act for the player that is the first reason, and all else is as it was seen last.
        """
        ship = await self.one(player_id, symbol)
        trouble = self.roster.standstill(player_id) or self.roster.outage(player_id)
        now = self.roster.game_time(player_id) or ship.observed_at

        def read(tx: Transaction) -> tuple[Claim | None, dict[str, Kept], dict[str, Rest], list[Ship]]:
            theirs = tx.in_universe_of(player_id)
            return (
                theirs.claims.of_ship(ship.symbol),
                kept_cargo(theirs, [ship]),
                resting_ships(theirs, player_id, now),
                theirs.ships.of_player(player_id),
            )

        claim, kept, resting, ships = await self.store.transact(read)
        good, stays = None, False
        if len(cargo := cargo_aboard(ship)) == 1:
            [good] = cargo
        if factory_id:
            factory = (await self.factories.report(player_id, factory_id)).factory
            request, system = factory.request, factory.system_symbol
            if good is not None and factory.tree is not None:
                stays = factory.leaves_aboard(good)
                good = good if good in {node.good for node in factory.tree.flatten()} else None
        else:
            request, system = None, default_system(await self.roster.resolve(player_id, None), ships)
        answer = explain_ship(
            ship,
            claim=claim,
            request=request,
            system=system,
            now=now,
            good=good,
            stays=stays,
            keeps=kept.get(ship.symbol),
            rest=resting.get(ship.symbol),
        )
        if trouble is None:
            return answer
        notes = (*answer.notes, f"what is said of {ship.symbol} is as it was seen last")
        return Eligibility(False, (trouble, *answer.reasons), notes)

    async def fly(self, player_id: int, symbol: str, destination: str) -> Ship:
        """Bring a free ship to a waypoint of its system, refuelling on the way; returns it as it is there.

        Raises UserError, before anything moves, where it cannot go there.
        """
        place = destination.upper()
        system_of(place)
        async with self.held(player_id, symbol) as (crew, ship, duty):
            if system_of(place) != ship.nav.system:
                raise UserError(f"{place} is not in {ship.nav.system}, where {ship.symbol} is.")
            if all(known.symbol != place for known in await crew.scout.survey(ship.nav.system)):
                raise UserError(f"There is no waypoint {place} in {ship.nav.system}.", kind="not-found")
            return await crew.pilot.go(ship, place, duty)

    async def jettison(self, player_id: int, symbol: str, good: str, units: int) -> Trade:
        """Throw so many units that a free ship holds away. Raises UserError where it has not so many."""
        wanted = good.upper()
        async with self._held_briefly(player_id, symbol) as (crew, ship, duty):
            aboard = ship.hold.of(wanted)
            if not 1 <= units <= aboard:
                held = f"carries {aboard:,} {wanted}" if aboard else f"carries no {wanted}"
                raise UserError(
                    f"{ship.symbol} cannot throw {units:,} {wanted} away: it {held}.", kind="precondition"
                )
            if ship.in_transit(self.clock.now()):
                raise UserError(
                    f"{ship.symbol} is under way to {ship.nav.waypoint}; wait until it is there.",
                    kind="precondition",
                )
            order = duty.order(ship.symbol, MoneyKind.JETTISON, wanted, units, ship.nav.waypoint)
            return await crew.cashier.jettison(order)

    async def navigate(self, player_id: int, symbol: str, destination: str) -> Flight:
        """Send the ship on one straight flight; the answer says when it arrives."""
        async with self._held_briefly(player_id, symbol) as (crew, ship, _):
            if system_of(destination.upper()) != ship.nav.system:
                raise UserError(f"{destination.upper()} is not in {ship.nav.system}, where {ship.symbol} is.")
            await crew.pilot.orbit(ship)
            flight = await crew.api.navigate(ship.symbol, destination.upper())
            await crew.pilot.observe(ship.symbol)
            return flight

    async def dock(self, player_id: int, symbol: str) -> Nav:
        async with self._held_briefly(player_id, symbol) as (crew, ship, _):
            return (await crew.pilot.dock(ship)).nav

    async def orbit(self, player_id: int, symbol: str) -> Nav:
        async with self._held_briefly(player_id, symbol) as (crew, ship, _):
            return (await crew.pilot.orbit(ship)).nav

    async def refuel(self, player_id: int, symbol: str, units: int | None = None) -> Refuelled:
        """Fill the tank, or by so many ship units, through the spend gate."""
        async with self._held_briefly(player_id, symbol) as (crew, ship, duty):
            market_units = refuel_units(ship, units)
            if market_units < 1:
                raise UserError(f"The tank of {ship.symbol} is full.", kind="precondition")
            ship = await crew.pilot.dock(ship)
            await crew.scout.look(ship.nav.waypoint)
            order = duty.order(ship.symbol, MoneyKind.REFUEL, FUEL, market_units, ship.nav.waypoint)
            trade = await crew.cashier.refuel(order, units)
            return Refuelled(trade.tank.current - ship.tank.current if trade.tank else 0, trade.total)

    async def plan_sale(self, player_id: int, symbol: str, order: SaleOrder) -> tuple[PlannedSale, ...]:
        """Where ``sell`` would sell now; nothing moves. Raises UserError as ``sell`` would."""
        ship = await self.one(player_id, symbol)
        crew = self.roster.crew(player_id)

        def in_the_way(tx: Transaction) -> UserError | None:
            claim = tx.claims.of_ship(ship.symbol)
            return None if claim is None else _at_work(tx, ship, claim)

        if (refusal := await self.store.transact(in_the_way)) is not None:
            raise refusal
        return await self._sale(crew, ship, order)

    async def sell(self, player_id: int, symbol: str, order: SaleOrder) -> ShipSale:
        """Sell what the ship holds, as far as the order says.

        Returns when it is sold, or the bid has fallen too low for the rest. Raises UserError, before anything
        moves, where it cannot be, where another ship is selling there by hand, and where it is expected to
        bring less than it cost and nobody has agreed to that.
        """
        async with self.held(player_id, symbol) as (crew, ship, duty):
            planned = await self._sale(crew, ship, order)
            check_confirmed(planned)
            with self._only_seller(player_id, ship.symbol, {sale.waypoint for sale in planned}):
                return await carry_out(planned, crew, ship, duty, self.policy)

    @contextmanager
    def _only_seller(self, player_id: int, ship: str, markets: Collection[str]) -> Iterator[None]:
        """Two ships that sell into one market at once would spoil each other's bids."""
        wanted = {(player_id, market) for market in markets}
        for _, market in sorted(wanted & self._selling):
            raise UserError(
                f"Another ship is selling at {market}; wait for its end, or sell what {ship} has elsewhere.",
                kind="precondition",
            )
        self._selling.update(wanted)
        try:
            yield
        finally:
            self._selling.difference_update(wanted)

    async def _sale(self, crew: Crew, ship: Ship, order: SaleOrder) -> tuple[PlannedSale, ...]:
        places = await crew.scout.survey(ship.nav.system)
        markets, paid = await self.store.transact(
            lambda tx: (tx.markets.in_system(ship.nav.system), paid_for(tx, ship))
        )
        return plan_sale(
            ship,
            markets,
            chart_of(places, markets),
            order,
            paid,
        )

    @asynccontextmanager
    async def held(self, player_id: int, symbol: str) -> AsyncIterator[tuple[Crew, Ship, Duty]]:
        """Hold a free ship for one order, read afresh; raises UserError where a container has it."""
        ship = await self.one(player_id, symbol)

        def taken(tx: Transaction, claim: Claim | None) -> UserError:
            return _at_work(tx, ship, claim)

        async with (
            self.roster.ordering(player_id) as crew,
            held_by_hand(self.store, self.clock, self.new_id, player_id, ship.symbol, taken) as duty,
        ):
            with waited_for():
                ship = await crew.pilot.observe(ship.symbol)
            yield crew, ship, duty

    @asynccontextmanager
    async def _held_briefly(self, player_id: int, symbol: str) -> AsyncIterator[tuple[Crew, Ship, Duty]]:
        """As ``held``, for an order that waits for no flight: no rate limit holds up any call for long."""
        async with self.held(player_id, symbol) as (crew, ship, duty):
            with waited_for():
                yield crew, ship, duty


def _at_work(tx: Transaction, ship: Ship, claim: Claim | None) -> UserError:
    """Who holds the ship, and what ends that."""
    if claim is not None and claim.operation == BY_HAND:
        return UserError(
            f"{ship.symbol} is at work on another order by hand; wait for its end.", kind="precondition"
        )
    container = tx.containers.get(claim.container_id) if claim else None
    factory_id = container.metadata.get("factory_id") if container else None
    factory = tx.factories.get(str(factory_id), container.player_id) if container and factory_id else None
    if factory is not None:
        by = f"factory {factory.id}, which makes {factory.target_good}"
        end = f"goods stop {factory.id}"
    elif claim is not None:
        by, end = claim.container_id, f"containers stop {claim.container_id}"
    else:
        return UserError(f"{ship.symbol} was at work just now; try again.", kind="precondition")
    return UserError(
        f"{ship.symbol} is at work for {by}; to have it now, end that: `spacetraders {end}`.",
        kind="precondition",
    )
