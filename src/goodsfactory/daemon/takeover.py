"""Taking up agents and letting them go: at start, at the death of another daemon, at a hand-over."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.tenancy import BEAT, Tenancy
from goodsfactory.daemon.universe_reset import Doubts, UniverseWatch, advice, end_old_work
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import GoodsFactoryError, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.player import Player
from goodsfactory.planning.decision import counted
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine, Recovery
from goodsfactory.ports.game_api import ServerStatus
from goodsfactory.ports.store import Store, Transaction

QUIET_BEAT = 10.0
"""Seconds between two heartbeats of a daemon that shares its database with nobody."""

SPENT_FOR = 61.0
"""Seconds after which whatever another process used up of the request limit is whole again."""

_UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


@dataclass(frozen=True)
class World:
    """What opening the game takes: ``meet`` asks the server who it is, ``enter`` turns to its universe.

    ``presume_spent`` lets the request gate begin as if its allowance had been used up so many seconds ago.
    """

    meet: Callable[[], Awaitable[ServerStatus]]
    enter: Callable[[str], None]
    presume_spent: Callable[[float], None]


class Takeover:
    """Makes the crews and containers of this daemon those of the agents it owns, now and from then on.

    ``real`` is the machine's own time: how fast the game goes does not matter here. ``alone``
    is for runs in virtual time: one heartbeat and no more, since nobody else can be there.
    """

    def __init__(
        self,
        tenancy: Tenancy,
        world: World,
        *,
        store: Store,
        clock: Clock,
        real: Clock,
        engine: Engine,
        roster: Roster,
        doubts: Doubts,
        new_id: Callable[[], str],
        alone: bool,
    ) -> None:
        self._tenancy = tenancy
        self._world = world
        self._store = store
        self._clock = clock
        self._real = real
        self._engine = engine
        self._roster = roster
        self._new_id = new_id
        self._alone = alone
        self._open = False
        self._epochs: dict[int, int | None] = {}
        self._changing = asyncio.Lock()
        self._beaten = asyncio.Event()
        self._watch = UniverseWatch(doubts, store, clock, self.turn_over)
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> tuple[Recovery, list[str]]:
        """Take up what is ours, and go on doing so; returns what resumed and what a user should know."""
        await self._tenancy.beat()
        recovery, complaints = (
            Recovery(0, 0),
            [sentence for sentence in [self._tenancy.standing_by()] if sentence],
        )
        # From here on, so that a start which takes long does not look like a death.
        if not self._alone:
            self._tasks.append(asyncio.create_task(self._keep_beating(), name="heartbeat"))
        self._tasks.append(asyncio.create_task(self._watch.keep(), name="universe"))
        if self._tenancy.works:
            recovery, complaints = await self._enter()
        if not self._alone:
            self._tasks.append(asyncio.create_task(self._keep_tending(), name="takeover"))
        return recovery, complaints

    async def end(self) -> None:
        """Take everything down and leave the agents to whoever comes next; the rows stay RUNNING."""
        # Whatever the database says, going down goes on: others find out by the silence.
        with suppress(GoodsFactoryError):
            await self._tenancy.drain()
        await self._cancel("takeover")
        await self._cancel("universe")
        await self._engine.shutdown()
        await self._cancel("heartbeat")
        with suppress(GoodsFactoryError):
            await self._tenancy.leave()

    async def employ(self, joining: Awaitable[Player]) -> Player:
        """Work for an agent that ``joining`` registers or adds."""
        async with self._changing:
            player = await joining
            if self._watch.is_refused(player.id):
                # What runs was made with a token that is refused: it begins again with the new one.
                await self._engine.let_go([player.id])
                self._watch.trust(player.id)
            self._epochs[player.id] = self._tenancy.epoch(player.id)
            await self._engine.resume([player.id])
            await self.ensure_dispatcher(self._roster.crew(player.id))
            return player

    async def turn_over(self) -> bool:
        """Where the game has a new universe, end the work of the old one and go on in the new.

        False where it is the same one. Raises Unavailable while the server does not say.
        """
        async with self._changing:
            if not self._open or (await self._world.meet()).reset_date == self._roster.reset_date:
                return False
            await self._let_go(tuple(self._epochs))
            await self._enter(told=True)
            return True

    async def _cancel(self, name: str) -> None:
        for task in [task for task in self._tasks if task.get_name() == name]:
            task.cancel()
            await asyncio.wait([task])

    async def _keep_beating(self) -> None:
        while True:
            await self._real.sleep(BEAT if self._tenancy.shared else QUIET_BEAT)
            # Without a database nothing can be written, and when the lease is over nothing is sent either.
            try:
                await self._tenancy.beat()
            except Unavailable:
                continue
            except Exception as bug:  # noqa: BLE001 - a heart that stops for good looks like a death
                self._complain(f"A heartbeat failed ({type(bug).__name__}: {bug}); the next one is due.")
            else:
                self._beaten.set()

    async def _keep_tending(self) -> None:
        while True:
            await self._beaten.wait()
            self._beaten.clear()
            try:
                async with self._changing:
                    await self._tend()
            except GoodsFactoryError as trouble:  # it is tried again at the next heartbeat
                self._complain(str(trouble))
            except Exception as bug:  # noqa: BLE001 - or nothing would ever be taken over again
                self._complain(f"Taking over failed ({type(bug).__name__}: {bug}); it is tried again.")

    async def _tend(self) -> None:
        """Bring what runs here into line with what this daemon owns."""
        gone = [agent for agent, epoch in self._epochs.items() if self._tenancy.epoch(agent) != epoch]
        if gone or self._tenancy.giving_up or self._tenancy.clearing:
            # In this order: whoever has the agent next must find nobody at work for it.
            await self._let_go(gone)
            await self._tenancy.give_back(self._tenancy.giving_up.union(gone))
        if not self._tenancy.works:
            self._open = False
            return
        if not self._open:
            await self._enter(told=True)
            return
        new = [agent for agent in self._tenancy.owned() if agent not in self._epochs]
        if new:
            await self._take_up(new, told=True)

    async def _enter(self, *, told: bool = False) -> tuple[Recovery, list[str]]:
        """Open the game from this address, and take up every agent that is ours."""
        quiet = self._tenancy.quiet_for
        if quiet is not None and quiet < SPENT_FOR:
            self._world.presume_spent(quiet)
        status = await self._world.meet()
        self._world.enter(status.reset_date)
        complaints = await self._end_old_work()
        await self._tenancy.beat()
        self._open = True
        recovery, more = await self._take_up(self._tenancy.owned(), told=told)
        return recovery, complaints + more

    async def _take_up(self, agents: Collection[int], *, told: bool) -> tuple[Recovery, list[str]]:
        epochs = {agent: self._tenancy.epoch(agent) for agent in agents}
        complaints = await self._roster.muster(agents)
        crews = [crew for crew in self._roster.crews() if crew.player.id in epochs]
        recovery = await self._engine.resume([crew.player.id for crew in crews])
        for crew in crews:
            await self.ensure_dispatcher(crew)
        self._epochs |= epochs
        waiting = await self._store.transact(
            lambda tx: _waiting(tx, epochs.keys() - {c.player.id for c in crews})
        )
        recovery = replace(recovery, waiting=waiting)
        if told:
            for crew in crews:
                await self._tell(crew, recovery)
            for complaint in complaints:
                self._complain(complaint)
        return recovery, complaints

    async def _let_go(self, agents: Collection[int]) -> None:
        await self._engine.let_go(agents)
        for agent in agents:
            self._roster.dismiss(agent)
            self._epochs.pop(agent, None)

    async def _end_old_work(self) -> list[str]:
        players = {player.id for player in await self._roster.all()}
        now = self._clock.now()
        agents = await self._store.transact(lambda tx: end_old_work(tx, players, now))
        return [advice(agent) for agent in agents]

    async def ensure_dispatcher(self, crew: Crew) -> None:
        """One dispatcher for each player, no more."""
        player_id = crew.player.id
        now = self._clock.now()
        running = await self._store.transact(
            lambda tx: tx.containers.find(
                player_id=player_id, statuses=_UNFINISHED, types=(ContainerType.DISPATCHER,)
            )
        )
        if not running:
            name = f"dispatcher-{self._new_id()}"
            await self._engine.start(Container(name, ContainerType.DISPATCHER, player_id, now, now))

    def _complain(self, sentence: str) -> None:
        """Into this daemon's own log: it concerns no factory, and nobody may be watching."""
        structlog.get_logger().warning(sentence, kind="DAEMON_COMPLAINT")

    async def _tell(self, crew: Crew, recovery: Recovery) -> None:
        player = crew.player
        dead = " and ".join(self._tenancy.heirs_of)
        because = f" ({dead} was not heard of any more)" if dead else ""
        sentence = (
            f"{self._tenancy.node_id} works for {player.agent_symbol} now{because}:"
            f" {counted(recovery.resumed, 'container')} resumed, {recovery.lost} lost"
        )
        event = Event(player.id, EventKind.AGENT_TAKEN_UP, self._clock.now(), sentence)
        await self._store.transact(lambda tx: tx.events.append(event))


def _waiting(tx: Transaction, agents: Collection[int]) -> int:
    """Containers of agents that are ours and cannot work: their token is missing or refused."""
    return sum(len(tx.containers.find(player_id=agent, statuses=_UNFINISHED)) for agent in agents)
