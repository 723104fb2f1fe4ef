"""The row of one leg as its worker reads and writes it: how far the voyage got, and what holds it up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from goodsfactory.domain.container import ContainerLog
from goodsfactory.domain.errors import Conflict, SpendRefused, SpendRule
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty
from goodsfactory.planning.decision import duration
from goodsfactory.planning.node_states import refusal_state
from goodsfactory.planning.voyage import miscount
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.bookkeeping import write_off
from goodsfactory.treasury.stockroom import adopt, put_by

Result = TypeVar("Result")

_ENDS = {LegState.DONE: EventKind.LEG_DONE, LegState.CANCELLED: EventKind.LEG_CANCELLED}


class Withdrawn(Conflict):
    """Somebody ended the leg while its worker flew: the factory was stopped, or rests."""


@dataclass(frozen=True)
class LegRow:
    """Of the leg that ``duty`` is about. Whatever ended meanwhile is left as it is."""

    store: Store
    clock: Clock
    duty: Duty

    def flying(self, tx: Transaction) -> Leg:
        """The leg as it is now. Raises Withdrawn where it ended meanwhile: nothing more is done for it."""
        leg = self._get(tx)
        if leg is None:
            raise Conflict(f"Leg {self.duty.leg_id} is gone.")
        if not leg.state.is_open:
            raise Withdrawn(f"leg {leg.id} is over: {leg.failure or leg.state.value}")
        return leg

    async def differs_from(self, ship: Ship) -> bool:
        """Whether the ship just read has not aboard what the leg counts."""

        def read(tx: Transaction) -> bool:
            leg = self._get(tx)
            return leg is not None and leg.state.is_open and miscount(leg, ship) != 0

        return await self.store.transact(read)

    async def reconcile(self, ship: Ship) -> None:
        """Make the books tell what is aboard of a ship just read.

        What is not aboard any more was sold or thrown out by somebody else, and is written off. What an
        earlier leg bought and did not bring to its end comes along with what it cost.
        """

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            units = miscount(leg, ship) if leg.state.is_open else 0
            if units < 0:
                write_off(tx, leg, -units, f"they are not aboard {ship.symbol} any more", now)
            if units > 0:
                adopt(tx, leg, ship, units, now)

        await self._change(work)

    async def held_up(self, trouble: Exception, wait: float) -> None:
        """Say, for whoever asks what its node waits for, what holds the voyage up and until when."""
        rule = trouble.rule if isinstance(trouble, SpendRefused) else None
        sentence = f"{str(trouble).rstrip('.')}. Trying again in {duration(wait)}."

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            tx.containers.log(ContainerLog(self.duty.container_id, now, "WARNING", sentence))
            if leg.state.is_open:
                tx.legs.update(leg.wait(str(trouble), rule, now + timedelta(seconds=wait)))

        await self._change(work)

    async def goes_on(self, *, traded: bool) -> bool:
        """Whatever held it up is over, a refusal to spend only once something was ``traded``.

        True where that ended a wait.
        """

        def work(tx: Transaction, leg: Leg, now: datetime) -> bool:
            waits = leg.state.is_open and leg.failure is not None
            if not waits or not (traded or refusal_state(leg.rule) is None):
                return False
            tx.legs.update(leg.go_on())
            return True

        return bool(await self._change(work))

    async def laden(self, stopped: str) -> None:
        """Loading is over, because of what ``stopped`` it; what is aboard is carried."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if leg.state is LegState.LOADING:
                tx.legs.update(leg.depart(now))
                sentence = f"{leg.ship} carries {leg.aboard} {leg.good} from {leg.source} ({stopped})"
                tx.events.append(self._event(leg, EventKind.LEG_LADEN, sentence, now))

        await self._change(work)

    async def goes_to(self, waypoint: str, why: str) -> None:
        """Take what is left of it to another market."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if leg.state.is_open:
                moved = leg.go_on_to(waypoint, why)
                tx.legs.update(moved)
                sentence = f"{leg.ship} goes on with {leg.aboard} {leg.good}: {why}"
                tx.events.append(self._event(moved, EventKind.LEG_REDIRECTED, sentence, now))

        await self._change(work)

    async def give_back(self, reason: str, rule: SpendRule, until: datetime) -> str:
        """End it, so that no ship is held while money is awaited; the plan tries again from ``until`` on."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> str:
            if leg.state is not LegState.LOADING:
                return reason
            if leg.bought:
                raise SpendRefused(reason, rule=rule)  # ship and cargo stay together
            back = leg.give_back(reason, rule, until, now)
            tx.legs.update(back)
            tx.events.append(self._event(back, EventKind.LEG_CANCELLED, f"{leg.good} waits: {reason}", now))
            return f"given back: {reason}"

        return await self._change(work) or reason

    async def end(self, state: LegState, sentence: str) -> str:
        """It is DONE, FAILED or CANCELLED; returns the sentence."""

        def work(tx: Transaction, leg: Leg, now: datetime) -> None:
            if not leg.state.is_open:
                return
            tx.legs.update(leg.end(state, sentence, now))
            if state is LegState.DONE and leg.hand_over is HandOver.KEEP:
                put_by(tx, leg, now)
            tx.events.append(self._event(leg, _ENDS.get(state, EventKind.LEG_FAILED), sentence, now))

        await self._change(work)
        return sentence

    def _get(self, tx: Transaction) -> Leg | None:
        return tx.legs.get(self.duty.leg_id) if self.duty.leg_id else None

    async def _change(self, work: Callable[[Transaction, Leg, datetime], Result]) -> Result | None:
        """Do ``work`` on the leg as it is now, in one transaction; None where there is none."""
        now = self.clock.now()

        def change(tx: Transaction) -> Result | None:
            leg = self._get(tx)
            return None if leg is None else work(tx, leg, now)

        return await self.store.transact(change)

    def _event(self, leg: Leg, kind: EventKind, message: str, now: datetime) -> Event:
        return Event(
            self.duty.player_id,
            kind,
            now,
            message,
            factory_id=leg.factory_id,
            good=leg.good,
            ship=leg.ship,
            container_id=self.duty.container_id,
            data={
                "leg_id": leg.id,
                "output": leg.feeds or leg.good,
                "source": leg.source,
                "destination": leg.destination,
            },
        )
