"""The worker flies one leg: go to the source, buy, go to the destination, deliver. Then its ship is free."""

from dataclasses import dataclass

from goodsfactory.domain.container import Claim, Container
from goodsfactory.domain.errors import (
    Conflict,
    Fenced,
    Refused,
    ShipGone,
    SpendRefused,
    StaleToken,
    Unavailable,
    Unreadable,
)
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.back_off import UNREADABLE_ATTEMPTS, BackOff
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import ContainerFailed
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.leg_row import LegRow, Withdrawn
from goodsfactory.production.voyage import Voyage
from goodsfactory.treasury.cashier import Cashier


@dataclass(frozen=True)
class Worker:
    """Runs `goods_factory_worker` containers. The leg row says how far a voyage got; the rest is re-read.

    What the world refuses for a while is waited out, with the reason on the leg: an outage, a token that is
    not taken, a price, an empty purse. What it refuses for good fails the leg, and the planner decides.
    """

    store: Store
    clock: Clock
    policy: Policy
    pilot: Pilot
    cashier: Cashier
    scout: Scout

    async def run(self, container: Container) -> str:
        """Fly the leg of ``container`` to an end and say which. Raises ContainerFailed for a bad one."""
        leg_id, ship = str(container.metadata["leg_id"]), str(container.metadata["ship"])
        leg = await self._take(container, leg_id, ship)
        if leg is None:
            return f"leg {leg_id} is not this container's any more"
        duty = Duty(container.player_id, container.id, container.epoch, leg.factory_id, leg.id)
        row, back_off = LegRow(self.store, self.clock, duty), BackOff(self.policy)
        voyage = Voyage(
            row,
            duty,
            self.store,
            self.clock,
            self.policy,
            self.pilot,
            self.cashier,
            self.scout,
            back_off.well,
        )
        while True:
            try:
                return await voyage.fly(ship)
            except (Unavailable, StaleToken) as trouble:
                pause = back_off.next()
                if isinstance(trouble, Unreadable) and back_off.failures >= UNREADABLE_ATTEMPTS:
                    await self._fail(row, str(trouble), trouble)
                await self._wait(row, trouble, pause)
            except SpendRefused as refusal:
                await self._wait(row, refusal, back_off.next())
            except Withdrawn as over:
                return str(over)
            except Fenced:
                raise
            except ShipGone as gone:
                await self._fail(row, f"{ship}: {gone}", gone)
            except (Refused, Conflict) as refused:
                await self._fail(row, str(refused), refused)

    async def _wait(
        self, row: LegRow, trouble: Unavailable | StaleToken | SpendRefused, pause: float
    ) -> None:
        told = trouble.retry_after if isinstance(trouble, Unavailable) else None
        await row.held_up(trouble, told or pause)
        await self.clock.sleep(told or pause)

    async def _fail(self, row: LegRow, reason: str, trouble: Exception) -> None:
        """Raises ContainerFailed once the leg has."""
        await row.end(LegState.FAILED, reason)
        raise ContainerFailed(reason) from trouble

    async def _take(self, container: Container, leg_id: str, ship: str) -> Leg | None:
        """Hold the ship in this epoch; None where leg or ship went to somebody else meanwhile."""
        claim = Claim(
            ship, container.player_id, container.id, container.type.value, container.epoch, self.clock.now()
        )

        def work(tx: Transaction) -> Leg | None:
            leg = tx.legs.get(leg_id)
            if leg is None or not leg.state.is_open or leg.container_id != container.id:
                return None
            return leg if tx.claims.claim(claim) else None

        return await self.store.transact(work)
