"""Scout voyages as containers: fly to each market of the list and look."""

from datetime import datetime

from goodsfactory.domain.container import Claim, Container, ContainerLog
from goodsfactory.domain.errors import (
    Conflict,
    Fenced,
    NotFound,
    Refused,
    SpendRefused,
    StaleToken,
    Unavailable,
    Unreadable,
)
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.back_off import UNREADABLE_ATTEMPTS, BackOff
from goodsfactory.planning.chart.routing import THRIFTY, USUAL, NoRoute
from goodsfactory.planning.decision import duration
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import ContainerFailed
from goodsfactory.ports.store import Store


class ScoutVoyages:
    """Runs `market_scout` containers."""

    def __init__(self, store: Store, clock: Clock, policy: Policy, pilot: Pilot, scout: Scout) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._pilot = pilot
        self._scout = scout

    async def run(self, container: Container) -> str:
        """Look at every waypoint of the container that nobody looked at since it was made."""
        symbol = str(container.metadata["ship"])
        waypoints = [str(waypoint) for waypoint in container.metadata["waypoints"]]
        claim = Claim(
            symbol,
            container.player_id,
            container.id,
            container.type.value,
            container.epoch,
            self._clock.now(),
        )
        if not await self._store.transact(lambda tx: tx.claims.claim(claim)):
            return f"{symbol} has other work"
        duty = Duty(container.player_id, container.id, container.epoch, container.metadata.get("factory_id"))
        back_off = BackOff(self._policy)
        while True:
            try:
                return await self._visit(symbol, waypoints, container, duty)
            except (Unavailable, StaleToken) as trouble:
                wait = back_off.next()
                if isinstance(trouble, Unreadable) and back_off.failures >= UNREADABLE_ATTEMPTS:
                    raise ContainerFailed(str(trouble)) from trouble
                told = trouble.retry_after if isinstance(trouble, Unavailable) else None
                sentence = f"{str(trouble).rstrip('.')}. Trying again in {duration(told or wait)}."
                await self._warn(container, sentence)
                await self._clock.sleep(told or wait)
            except Fenced:
                raise
            except (NotFound, Refused, Conflict, SpendRefused) as refused:
                raise ContainerFailed(str(refused)) from refused

    async def _visit(self, symbol: str, waypoints: list[str], container: Container, duty: Duty) -> str:
        """Visit what can be visited. Raises what the last stop refused where none could."""
        ship = await self._pilot.observe(symbol)
        seen: list[str] = []
        missed: NotFound | NoRoute | Unreadable | None = None
        for waypoint in waypoints:
            if await self._seen_since(waypoint, container.created_at):
                seen.append(waypoint)
                continue
            try:
                preference = USUAL if duty.factory_id is None else THRIFTY  # who goes to wait has time
                ship = await self._pilot.go(ship, waypoint, duty, preference=preference)
                await self._scout.look(waypoint, container_id=container.id)
            except (NotFound, NoRoute, Unreadable) as trouble:
                missed = trouble
                await self._warn(container, f"{symbol} passes over {waypoint}: {trouble}")
                # It may have flown a part of the way.
                ship = await self._pilot.observe(symbol)
            else:
                seen.append(waypoint)
        if missed is not None and not seen:
            raise missed
        return f"{symbol} looked at {', '.join(seen)}"

    async def _warn(self, container: Container, message: str) -> None:
        line = ContainerLog(container.id, self._clock.now(), "WARNING", message)
        await self._store.transact(lambda tx: tx.containers.log(line))

    async def _seen_since(self, waypoint: str, moment: datetime) -> bool:
        market = await self._store.transact(lambda tx: tx.markets.get(waypoint))
        return market is not None and market.observed_at is not None and market.observed_at > moment
