"""The row of one leg as its worker reads and writes it: how far the voyage got, and what holds it up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from goodsfactory.domain.container import ContainerLog
from goodsfactory.domain.errors import Conflict, SpendRefused
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind
from goodsfactory.fleet.pilot import Duty
from goodsfactory.planning.decision import duration
from goodsfactory.planning.node_states import refusal_state
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.stockroom import put_by, take_out
from goodsfactory.treasury.bookkeeping import write_off

Result = TypeVar("Result")


class Withdrawn(Conflict):
    """Somebody ended the leg while its worker flew: the factory was stopped."""


class LegRow:
    """Of the leg that ``duty`` is about. Whatever ended meanwhile is left as it is."""

    def __init__(self, store: Store, clock: Clock, duty: Duty) -> None:
        self._store = store
        self._clock = clock
        self._duty = duty

    async def read(self) -> Leg:
        """Raises Conflict where there is no such leg any more."""
        leg = await self._store.transact(self._get)
        if leg is None:
            raise Conflict(f"Leg {self._duty.leg_id} is gone.")
        return leg

    async def flying(self) -> Leg:
        """Raises Withdrawn where it ended meanwhile: nothing more is done for it."""
        leg = await self.read()
        if not leg.state.is_flying:
            raise Withdrawn(f"leg {leg.id} is over: {leg.failure or leg.state.value}")
        return leg

    async def adopt(self, ship: Ship) -> None:
        """Units of the good that were aboard before this leg count as loaded: they were paid for once.

        What they cost comes along from the leg that bought them and did not bring them to their end.
        """

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            extra = ship.hold.of(leg.good) - leg.aboard
            kept = leg.hand_over is HandOver.KEEP
            if leg.state is not LegState.LOADING or kept or leg.bought or extra <= 0:
                return
            output = tx.stock.get(ship.symbol, leg.good)
            cost = take_out(tx, ship.symbol, leg.good, extra)
            last = tx.legs.last_of(ship.symbol, leg.good)
            if output is not None and output.kind is StockKind.OUTPUT:
                pass  # it was made to be kept: its leg has come to its end, and its books stay as they are
            elif last is not None and last.id != leg.id and last.bought and last.state is not LegState.DONE:
                cost = round(last.cost * min(extra, last.bought) / last.bought)
                tx.legs.update(last.write_off(0, cost))
            tx.legs.update(leg.take_over(extra, cost))

        await self._change(work)

    async def take_stock(self, ship: Ship) -> None:
        """Write off what should be aboard and is not: somebody else sold it, or threw it out."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            missing = leg.aboard - ship.hold.of(leg.good)
            if leg.state.is_flying and missing > 0:
                write_off(tx, leg, missing, f"they are not aboard {ship.symbol} any more", now)

        await self._change(work)

    async def held_up(self, trouble: Exception, wait: float) -> None:
        """Say, for whoever asks what its node waits for, what holds the voyage up and until when."""
        rule = trouble.rule if isinstance(trouble, SpendRefused) else None
        sentence = f"{str(trouble).rstrip('.')}. Trying again in {duration(wait)}."

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            tx.containers.log(ContainerLog(self._duty.container_id, now, "WARNING", sentence))
            if leg.state.is_flying:
                tx.legs.update(leg.wait(str(trouble), rule, now + timedelta(seconds=wait)))

        await self._change(work)

    async def goes_on(self, *, traded: bool) -> bool:
        """Whatever held it up is over, a refusal to spend only once something was ``traded``.

        True where that ended a wait.
        """
        leg = await self.read()
        waits = leg.state.is_flying and leg.failure is not None
        if not waits or not (traded or refusal_state(leg.rule) is None):
            return False

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if leg.state.is_flying:
                tx.legs.update(leg.go_on())

        await self._change(work)
        return True

    async def laden(self, stopped: str) -> None:
        """Loading is over, because of what ``stopped`` it; what is aboard is carried."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if leg.state is LegState.LOADING:
                tx.legs.update(leg.depart(now))
                sentence = f"{leg.ship} carries {leg.aboard} {leg.good} from {leg.source} ({stopped})"
                tx.events.append(self._event(leg, EventKind.LEG_LADEN, sentence, now))

        await self._change(work)

    async def goes_to(self, waypoint: str, reason: str) -> Leg:
        """Take what is left of it to another market. Raises Withdrawn where the leg ended meanwhile."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if leg.state.is_flying:
                moved = leg.go_on_to(waypoint, reason)
                tx.legs.update(moved)
                sentence = f"{leg.ship} goes on with {leg.aboard} {leg.good}: {reason}"
                tx.events.append(self._event(moved, EventKind.LEG_REDIRECTED, sentence, now))

        await self._change(work)
        return await self.flying()

    async def give_back(self, refusal: SpendRefused, wait: float) -> str | None:
        """Let another ship fly it in ``wait`` seconds, so that no ship is held while money is awaited.

        Every other leg that would make the same purchase waits along: its ship would hear the same.
        None where the ship is laden: the leg then stays with it.
        """

        def work(tx: Transaction, leg: Leg, now: datetime) -> str | None:
            if leg.state is not LegState.LOADING:
                return None if leg.state.is_open else str(refusal)
            if leg.bought:
                return None
            until = now + timedelta(seconds=wait)
            back = leg.give_back(str(refusal), refusal.rule, until)
            tx.legs.update(back)
            if refusal.rule.is_of_any_ship:
                for other in _same_purchase(tx, back):
                    if other.not_before is None or other.not_before < until:
                        tx.legs.update(other.wait(str(refusal), refusal.rule, until))
            tx.events.append(self._event(back, EventKind.LEG_READY, f"{leg.good} waits: {refusal}", now))
            return f"given back: {refusal}"

        return await self._change(work, gone=str(refusal))

    async def done(self, sentence: str) -> str:
        """It went well; returns the sentence, as the other ends do."""
        return await self._end(EventKind.LEG_DONE, sentence, lambda leg, now: leg.complete(now))

    async def fail(self, sentence: str) -> str:
        """It cannot be flown."""
        return await self._end(EventKind.LEG_FAILED, sentence, lambda leg, now: leg.fail(sentence, now))

    async def cancel(self, sentence: str) -> str:
        """It cannot be flown now."""
        return await self._end(EventKind.LEG_CANCELLED, sentence, lambda leg, now: leg.cancel(sentence, now))

    async def _end(self, kind: EventKind, sentence: str, end: Callable[[Leg, datetime], Leg]) -> str:
        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if not leg.state.is_flying:
                return
            ended = end(leg, now)
            tx.legs.update(ended)
            if ended.state is LegState.DONE and leg.hand_over is HandOver.KEEP:
                put_by(tx, leg, now)
            tx.events.append(self._event(leg, kind, sentence, now))

        await self._change(work)
        return sentence

    def _get(self, tx: Transaction) -> Leg | None:
        return tx.legs.get(self._duty.leg_id) if self._duty.leg_id else None

    async def _change(
        self, work: Callable[[Transaction, Leg, datetime], Result], *, gone: Result | None = None
    ) -> Result | None:
        """Do ``work`` on the leg as it is now, in one transaction; ``gone`` where there is none."""
        now = self._clock.now()

        def change(tx: Transaction) -> Result | None:
            leg = self._get(tx)
            return gone if leg is None else work(tx, leg, now)

        return await self._store.transact(change)

    def _event(self, leg: Leg, kind: EventKind, message: str, now: datetime) -> Event:
        return Event(
            self._duty.player_id,
            kind,
            now,
            message,
            factory_id=leg.factory_id,
            good=leg.good,
            ship=leg.ship,
            container_id=self._duty.container_id,
            data={
                "leg_id": leg.id,
                "output": leg.feeds or leg.good,
                "source": leg.source,
                "destination": leg.destination,
            },
        )


def _same_purchase(tx: Transaction, leg: Leg) -> list[Leg]:
    """The agent's other legs that wait for a ship to buy the same good at the same source."""
    return [
        other
        for other in tx.legs.open_of_player(leg.player_id)
        if other.state is LegState.READY
        and (other.good, other.source) == (leg.good, leg.source)
        and other.id != leg.id
    ]
