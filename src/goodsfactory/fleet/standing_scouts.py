"""Standing scouts as containers: one ship each, that keeps its share of a system's markets fresh."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.container import Claim, Container, ContainerLog
from goodsfactory.domain.errors import (
    Conflict,
    Fenced,
    NotFound,
    Refused,
    SpendRefused,
    StaleToken,
    Unavailable,
)
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.pilot import Duty, Pilot
from goodsfactory.fleet.scout import Scout
from goodsfactory.fleet.watch import read_watch
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.decision import counted, duration
from goodsfactory.planning.looking.rounds import NextLook, Share, next_look
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import ContainerFailed
from goodsfactory.ports.store import Store, Transaction

_ATTEMPTS = 3
"""Looks in a row that fail before other markets go first."""

_PASSED_OVER = timedelta(minutes=30)
"""How long a market is left out that the game refuses to the ship."""


class StandingScouts:
    """Runs `standing_scout` containers.

    What to look at is decided anew before every look, from the rows alone: a restart goes on where it was.
    """

    def __init__(self, store: Store, clock: Clock, policy: Policy, pilot: Pilot, scout: Scout) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._pilot = pilot
        self._scout = scout

    async def run(self, container: Container) -> str:
        """Look after the share of the ship until the rounds asked for are done, or without end.

        Raises ContainerFailed where the ship is gone, or the game refuses it for good.
        """
        symbol = str(container.metadata["ship"])
        await self._hold(container, symbol)
        duty = Duty(container.player_id, container.id, container.epoch)
        rounds = _Rounds(container.iteration)
        passed_over: dict[str, datetime] = {}
        failures: Counter[str] = Counter()
        back_off = BackOff(self._policy)
        settled = False
        while not rounds.done(container.max_iterations):
            ship, share, look = await self._decide(container, symbol, passed_over)
            if look.waypoint is None:
                await self._beat(container, rounds.number, None)
                await self._clock.sleep(look.pause)
                continue
            try:
                if not settled or not ship.is_at(look.waypoint, self._clock.now()):
                    await self._pilot.go(await self._pilot.observe(symbol), look.waypoint, duty)
                    settled = True
                await self._look(container, look.waypoint)
            except Fenced:
                raise
            except (Unavailable, StaleToken) as trouble:
                wait = back_off.next()
                told = trouble.retry_after if isinstance(trouble, Unavailable) else None
                failures[look.waypoint] += 1
                if failures[look.waypoint] >= _ATTEMPTS:
                    # Where the server answers nobody, the next market fails as well, after a longer pause.
                    passed_over[look.waypoint] = self._clock.now() + timedelta(
                        seconds=self._policy.retry_limit
                    )
                sentence = f"{str(trouble).rstrip('.')}. Trying again in {duration(told or wait)}."
                await self._warn(container, sentence)
                await self._clock.sleep(told or wait)
            except (NotFound, Refused, Conflict, SpendRefused) as refused:
                await self._must_exist(symbol, refused)
                settled = False
                passed_over[look.waypoint] = self._clock.now() + _PASSED_OVER
                await self._warn(container, f"{symbol} passes over {look.waypoint}: {refused}")
                await self._clock.sleep(back_off.next())
            else:
                back_off.well()
                del failures[look.waypoint]
                rounds.looked(look.waypoint, share, passed_over)
                await self._beat(container, rounds.number, f"looked at {look.waypoint}")
        return f"{symbol} has done {counted(rounds.number, 'round')}"

    async def _hold(self, container: Container, symbol: str) -> None:
        """Claim the ship, once whoever has it now lets it go."""
        told = False
        while True:
            changed = self._store.changed(container.player_id)
            if await self._claim(container, symbol):
                return
            await self._must_exist(symbol, None)
            if not told:
                told = True
                await self._warn(container, f"{symbol} has other work: it scouts once that is done")
            await self._clock.wait(changed, self._policy.planner_interval)

    async def _claim(self, container: Container, symbol: str) -> bool:
        claim = Claim(
            symbol,
            container.player_id,
            container.id,
            container.type.value,
            container.epoch,
            self._clock.now(),
        )
        return await self._store.transact(lambda tx: tx.claims.claim(claim))

    async def _look(self, container: Container, waypoint: str) -> None:
        """Raises Conflict where the answer has no prices: then the ship is not where it should be."""
        view = await self._scout.look(waypoint, container_id=container.id)
        if view.snapshot.observed_at is None:
            raise Conflict(f"{waypoint} shows no prices")

    async def _decide(
        self, container: Container, symbol: str, passed_over: dict[str, datetime]
    ) -> tuple[Ship, Share, NextLook]:
        now = self._clock.now()
        system = str(container.metadata["system"])
        watch = await self._store.transact(lambda tx: read_watch(tx, container.player_id, system))
        ship = watch.ships.get(symbol)
        share = watch.shares.get(symbol)
        if ship is None or share is None:
            raise ContainerFailed(f"{symbol} is not a ship of this player any more.")
        for waypoint in [one for one, until in passed_over.items() if until <= now]:
            del passed_over[waypoint]
        reachable = tuple(waypoint for waypoint in share.markets if waypoint not in passed_over)
        look = next_look(
            replace(share, markets=reachable),
            ship,
            watch.interests,
            watch.chart,
            now,
            self._policy,
            parked=watch.parked,
        )
        return ship, share, look

    async def _must_exist(self, symbol: str, refused: Exception | None) -> None:
        """Raises ContainerFailed where the ship is gone: its pilot has forgotten it then."""
        if await self._store.transact(lambda tx: tx.ships.get(symbol)) is None:
            raise ContainerFailed(f"{symbol} is gone.") from refused

    async def _beat(self, container: Container, rounds: int, effect: str | None) -> None:
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            tx.containers.heartbeat(container.id, now, iteration=rounds, effect=effect)

        await self._store.transact(work)

    async def _warn(self, container: Container, message: str) -> None:
        line = ContainerLog(container.id, self._clock.now(), "WARNING", message)
        await self._store.transact(lambda tx: tx.containers.log(line))


class _Rounds:
    """Counts a round once every market of the share was looked at, or passed over, since the last one."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._seen: set[str] = set()

    def done(self, most: int) -> bool:
        return 0 <= most <= self.number

    def looked(self, waypoint: str, share: Share, passed_over: Collection[str]) -> None:
        self._seen.add(waypoint)
        if self._seen.issuperset(set(share.markets) - set(passed_over)):
            self.number += 1
            self._seen.clear()
