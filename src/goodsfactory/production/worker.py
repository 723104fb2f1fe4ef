"""The worker flies one leg: go to the source, buy, go to the destination, deliver. Then its ship is free."""

from dataclasses import replace
from datetime import timedelta

from goodsfactory.domain.container import Claim, Container, ContainerLog
from goodsfactory.domain.errors import (
    Conflict,
    Fenced,
    NotFound,
    Refused,
    SpendRefused,
    Unavailable,
)
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import Leg, LegKind, LegState
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.loading import LoadingView, ceiling_of, decide_tranche
from goodsfactory.planning.node_states import refusal_state
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import ContainerFailed
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.spend_gate import check_hold


class _Withdrawn(Conflict):
    """Somebody ended the leg while its worker flew: the factory was stopped."""


class Worker:
    """Runs `goods_factory_worker` containers. The leg row says how far a voyage got; the rest is re-read."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        pilot: Pilot,
        cashier: Cashier,
        scout: Scout,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._pilot = pilot
        self._cashier = cashier
        self._scout = scout

    async def run(self, container: Container) -> str:
        """Fly the leg of ``container`` to an end and say which. Raises ContainerFailed for a bad one."""
        leg_id, ship = str(container.metadata["leg_id"]), str(container.metadata["ship"])
        leg = await self._take(container, leg_id, ship)
        if leg is None:
            return f"leg {leg_id} is not this container's any more"
        duty = Duty(container.player_id, container.id, container.epoch, leg.factory_id, leg.id)
        failures = 0
        while True:
            try:
                return await self._fly(leg, ship, duty)
            except Unavailable as trouble:
                failures += 1
                await self._wait(duty, failures, trouble)
            except _Withdrawn as over:
                return str(over)
            except SpendRefused as refusal:
                given_back = await self._no_money(leg.id, duty, refusal)
                if given_back is not None:
                    return given_back
                failures += 1  # laden: ship and cargo stay together until the money is there
                await self._wait(duty, failures, refusal)
            except NotFound as gone:
                await self._end_leg(leg.id, duty, LegState.FAILED, f"{ship}: {gone}")
                raise ContainerFailed(str(gone)) from gone
            except Fenced:
                raise
            except (Refused, Conflict) as refused:
                await self._end_leg(leg.id, duty, LegState.FAILED, str(refused))
                raise ContainerFailed(str(refused)) from refused

    async def _wait(self, duty: Duty, failures: int, trouble: Unavailable | SpendRefused) -> None:
        doublings = min(failures - 1, 16)
        wait = min(self._policy.retry_limit, self._policy.retry_initial * 2.0**doublings)
        told = trouble.retry_after if isinstance(trouble, Unavailable) else None
        await self._held_up(duty, str(trouble), told or wait)
        await self._clock.sleep(told or wait)

    async def _held_up(self, duty: Duty, trouble: str, wait: float) -> None:
        """Say on the leg, for whoever asks what its node waits for, what holds it up and until when."""
        now = self._clock.now()
        until = now + timedelta(seconds=wait)
        line = ContainerLog(
            duty.container_id, now, "WARNING", f"{trouble.rstrip('.')}. Trying again in {wait:.0f} s."
        )

        def work(tx: Transaction) -> None:
            tx.containers.log(line)
            leg = tx.legs.get(duty.leg_id) if duty.leg_id else None
            if leg is not None and leg.state.is_flying:
                tx.legs.update(replace(leg, failure=trouble, not_before=until))

        await self._store.transact(work)

    async def _goes_on(self, leg_id: str, *, traded: bool) -> None:
        """Whatever held the leg up is over; a refusal to spend only once something was ``traded``."""

        def work(tx: Transaction) -> None:
            leg = tx.legs.get(leg_id)
            if leg is None or not leg.state.is_flying or leg.failure is None:
                return
            if traded or refusal_state(leg.failure) is None:
                tx.legs.update(replace(leg, failure=None, not_before=None))

        await self._store.transact(work)

    async def _take(self, container: Container, leg_id: str, ship: str) -> Leg | None:
        """Hold the ship in this epoch; None where leg or ship went to somebody else meanwhile."""
        claim = Claim(
            ship, container.player_id, container.id, container.type.value, container.epoch, self._clock.now()
        )

        def work(tx: Transaction) -> Leg | None:
            leg = tx.legs.get(leg_id)
            if leg is None or not leg.state.is_flying or leg.container_id != container.id:
                return None
            return leg if tx.claims.claim(claim) else None

        return await self._store.transact(work)

    async def _fly(self, leg: Leg, symbol: str, duty: Duty) -> str:
        ship = await self._pilot.observe(symbol)
        await self._goes_on(leg.id, traded=False)
        leg = await self._flying(leg.id)
        if leg.state is LegState.LOADING:
            leg = await self._adopt(leg, ship)
            ship, stopped = await self._load(leg, ship, duty)
            leg = await self._flying(leg.id)
            if leg.aboard == 0:
                return await self._empty_handed(leg, ship, duty, stopped)
            await self._laden(leg, duty, stopped)
        return await self._deliver(leg, ship, duty)

    async def _adopt(self, leg: Leg, ship: Ship) -> Leg:
        """Units of the good that were aboard before this leg count as loaded: they were paid for once."""
        extra = ship.hold.of(leg.good) - leg.aboard
        stays_aboard = leg.kind is LegKind.LIFT and leg.destination is None
        if stays_aboard or leg.bought or extra <= 0:
            return leg
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            current = tx.legs.get(leg.id)
            if current is not None and current.state is LegState.LOADING:
                tx.legs.update(replace(current, bought=extra, updated_at=now))

        await self._store.transact(work)
        return await self._flying(leg.id)

    async def _load(self, leg: Leg, ship: Ship, duty: Duty) -> tuple[Ship, str]:
        """Buy tranche by tranche at the source; returns the ship and why loading stopped."""
        if leg.bought >= leg.units or (leg.bought and ship.hold.free == 0):
            return ship, f"{leg.aboard} {leg.good} were aboard already"
        if ship.hold.free == 0:
            raise Conflict(
                f"{ship.symbol} has no cargo space: {ship.hold.units} of {ship.hold.capacity} units are full."
            )
        if leg.bought == 0:
            # No ship flies, and burns fuel, to buy what it may not.
            await self._store.transact(lambda tx: check_hold(tx, duty.player_id))
        ship = await self._pilot.dock(await self._pilot.go(ship, leg.source, duty))
        while True:
            # Others trade here too: a source that was rich a minute ago may be drained by now.
            await self._look(leg.source, duty)
            leg = await self._flying(leg.id)
            view = await self._loading_view(leg, ship, duty)
            tranche = decide_tranche(view, self._policy)
            if tranche.units == 0:
                return ship, tranche.reason
            order = replace(
                duty.order(ship.symbol, MoneyKind.PURCHASE, leg.good, tranche.units, leg.source),
                ceiling=ceiling_of(view, self._policy),
            )
            try:
                trade = await self._cashier.buy(order)
            except SpendRefused as refusal:
                if leg.bought == 0:
                    raise
                return ship, str(refusal)
            await self._goes_on(leg.id, traded=True)
            ship = replace(ship, hold=trade.hold or ship.hold)

    async def _loading_view(self, leg: Leg, ship: Ship, duty: Duty) -> LoadingView:
        market = await self._fresh_market(leg.source, duty)
        listing = market.listing(leg.good)
        if listing is None or listing.type is TradeType.IMPORT:
            raise Conflict(f"{leg.source} does not sell {leg.good}.")
        markets, budget = await self._store.transact(
            lambda tx: (tx.markets.in_system(ship.nav.system), self._budget(tx, duty.player_id))
        )
        return LoadingView(leg, ship, listing, markets, budget)

    def _budget(self, tx: Transaction, player_id: int) -> int:
        balance = tx.players.balance(player_id)
        held = tx.money.reserved(player_id) + self._policy.credit_floor
        return max(0, balance.credits - held) if balance else 0

    async def _fresh_market(self, waypoint: str, duty: Duty) -> MarketSnapshot:
        market = await self._store.transact(lambda tx: tx.markets.get(waypoint))
        window = timedelta(seconds=self._policy.price_window / 2)
        if market is None or not market.is_fresh(self._clock.now(), window):
            return await self._look(waypoint, duty)
        return market

    async def _look(self, waypoint: str, duty: Duty) -> MarketSnapshot:
        view = await self._scout.look(waypoint, factory_id=duty.factory_id, container_id=duty.container_id)
        return view.snapshot

    async def _deliver(self, leg: Leg, ship: Ship, duty: Duty) -> str:
        if leg.destination is None:
            return await self._end_leg(
                leg.id, duty, LegState.DONE, f"{leg.bought} {leg.good} are in the hold of {ship.symbol}"
            )
        if ship.hold.of(leg.good) == 0 and leg.delivered == 0:
            raise Conflict(f"{ship.symbol} should carry {leg.aboard} {leg.good} and carries none.")
        ship = await self._pilot.dock(await self._pilot.go(ship, leg.destination, duty))
        while (aboard := ship.hold.of(leg.good)) > 0:
            listing = await self._buyer(await self._flying(leg.id), duty)
            units = min(aboard, listing.trade_volume)
            order = duty.order(ship.symbol, MoneyKind.SALE, leg.good, units, leg.destination)
            trade = await self._cashier.sell(order)
            await self._goes_on(leg.id, traded=True)
            ship = replace(ship, hold=trade.hold or ship.hold)
        await self._look(leg.destination, duty)
        leg = await self._leg(leg.id)
        return await self._end_leg(
            leg.id,
            duty,
            LegState.DONE,
            f"{ship.symbol} delivered {leg.delivered} {leg.good} to {leg.destination} for {leg.revenue:,}",
        )

    async def _buyer(self, leg: Leg, duty: Duty) -> Listing:
        assert leg.destination is not None
        # An output is worth a look before each tranche: the last one has moved its bid.
        look = self._look if leg.kind is LegKind.LIFT else self._fresh_market
        listing = (await look(leg.destination, duty)).listing(leg.good)
        if listing is None:
            raise Conflict(f"{leg.destination} does not take {leg.good}.")
        paid = leg.cost / leg.bought if leg.bought else 0.0
        if leg.kind is LegKind.LIFT and listing.bid < paid * self._policy.dump_ratio:
            sentence = f"price: {leg.destination} pays {listing.bid:,} for {leg.good} that cost {paid:,.0f}"
            raise SpendRefused(f"{sentence}, the market is left to recover", rule="price")
        return listing

    async def _laden(self, leg: Leg, duty: Duty, stopped: str) -> None:
        now = self._clock.now()
        sentence = f"{leg.ship} carries {leg.aboard} {leg.good} from {leg.source} ({stopped})"

        def work(tx: Transaction) -> None:
            current = tx.legs.get(leg.id)
            if current is not None and current.state is LegState.LOADING:
                tx.legs.update(replace(current, state=LegState.LADEN, updated_at=now))
                tx.events.append(self._event(current, duty, EventKind.LEG_LADEN, sentence))

        await self._store.transact(work)

    async def _empty_handed(self, leg: Leg, ship: Ship, duty: Duty, stopped: str) -> str:
        """Nothing was bought: money comes back later, a drained source asks for another decision."""
        if stopped.startswith(("budget", "above ceiling", "no longer pays")):
            rule = "floor" if stopped.startswith("budget") else "price"
            raise SpendRefused(f"{rule}: {stopped}", rule=rule)
        return await self._end_leg(
            leg.id, duty, LegState.CANCELLED, f"{ship.symbol} bought nothing at {leg.source}: {stopped}"
        )

    async def _no_money(self, leg_id: str, duty: Duty, refusal: SpendRefused) -> str | None:
        """Give the leg back with a back-off, so that no ship is held while money is awaited.

        None where the ship is laden: the leg then stays with it.
        """
        now = self._clock.now()
        later = now + timedelta(seconds=self._policy.retry_limit / 4)

        def work(tx: Transaction) -> str | None:
            leg = tx.legs.get(leg_id)
            if leg is None or leg.state is not LegState.LOADING:
                return str(refusal) if leg is None or not leg.state.is_open else None
            if leg.bought:
                return None
            back = replace(
                leg,
                state=LegState.READY,
                ship=None,
                container_id=None,
                failure=str(refusal),
                not_before=later,
                updated_at=now,
            )
            tx.legs.update(back)
            tx.events.append(self._event(back, duty, EventKind.LEG_READY, f"{leg.good} waits: {refusal}"))
            return f"given back: {refusal}"

        return await self._store.transact(work)

    async def _end_leg(self, leg_id: str, duty: Duty, state: LegState, sentence: str) -> str:
        now = self._clock.now()
        kind = {LegState.DONE: EventKind.LEG_DONE, LegState.CANCELLED: EventKind.LEG_CANCELLED}.get(
            state, EventKind.LEG_FAILED
        )

        def work(tx: Transaction) -> None:
            leg = tx.legs.get(leg_id)
            if leg is None or not leg.state.is_open:
                return
            ended = replace(leg, state=state, failure=sentence, updated_at=now)
            if state is LegState.DONE:
                # It keeps the moment of its last trade: a look made after that trade has seen its effect.
                ended = replace(leg, state=state, failure=None, not_before=None)
            tx.legs.update(ended)
            tx.events.append(self._event(leg, duty, kind, sentence))

        await self._store.transact(work)
        return sentence

    async def _flying(self, leg_id: str) -> Leg:
        """The leg as it is now. Raises _Withdrawn where it ended meanwhile: nothing more is done for it."""
        leg = await self._leg(leg_id)
        if not leg.state.is_flying:
            raise _Withdrawn(f"leg {leg_id} is over: {leg.failure or leg.state.value}")
        return leg

    async def _leg(self, leg_id: str) -> Leg:
        leg = await self._store.transact(lambda tx: tx.legs.get(leg_id))
        if leg is None:
            raise Conflict(f"Leg {leg_id} is gone.")
        return leg

    def _event(self, leg: Leg, duty: Duty, kind: EventKind, message: str) -> Event:
        return Event(
            duty.player_id,
            kind,
            self._clock.now(),
            message,
            factory_id=leg.factory_id,
            good=leg.good,
            ship=leg.ship,
            container_id=duty.container_id,
            data={
                "leg_id": leg.id,
                "output": leg.output,
                "source": leg.source,
                "destination": leg.destination,
            },
        )
