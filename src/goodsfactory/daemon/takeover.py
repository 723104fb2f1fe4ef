"""Taking up agents and letting them go: at start, at the death of another daemon, at a hand-over."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.endless import Step, complain, forever, in_words, to_its_end
from goodsfactory.daemon.enrolment import Decided, Enrolment, Registrar
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.tenancy import BEAT, Tenancy
from goodsfactory.daemon.turnover import Turnover, World
from goodsfactory.daemon.universe_reset import Doubts, UniverseWatch
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import GoodsFactoryError, Refused, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.universe import Universe
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.decision import counted
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine, Recovery
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for

QUIET_BEAT = 10.0
"""Seconds between two heartbeats of a daemon that shares its database with nobody."""

SPENT_FOR = 61.0
"""Seconds after which whatever another process used up of the request limit is whole again."""

START_PATIENCE = 30.0
"""Real seconds the start waits for the game; whatever takes longer goes on beside the daemon's work."""

LAST_PATIENCE = 170.0
"""Real seconds the end waits for an agent that is just being registered: the game tells its token once.

Longer than a call may take whose answer somebody waits for, and keeping the token after that.
"""

_UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


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
        registrar: Registrar,
        turnover: Turnover,
        doubts: Doubts,
        policy: Policy,
        new_id: Callable[[], str],
        alone: bool,
    ) -> None:
        self._tenancy = tenancy
        self._world = world
        self._turnover = turnover
        self._store = store
        self._clock = clock
        self._real = real
        self._engine = engine
        self._roster = roster
        self._registrar = registrar
        self._new_id = new_id
        self._alone = alone
        self._open = False
        self._epochs: dict[int, int | None] = {}
        self._changing = asyncio.Lock()
        self._beaten = asyncio.Event()
        self._amiss = asyncio.Event()
        self._back_off = BackOff(policy)
        self._watch = UniverseWatch(
            doubts, store, clock, self.turn_over, roster.standstill, roster.is_by_environment
        )
        self._tasks: list[asyncio.Task[Any]] = []

    async def begin(self) -> tuple[Recovery, list[str]]:
        """Take up what is ours, and go on doing so; returns what resumed and what a user should know."""
        await self._tenancy.beat()
        recovery = Recovery(0, 0)
        complaints = [sentence for sentence in [self._tenancy.standing_by()] if sentence]
        if not self._alone:  # from here on, so that a start which takes long does not look like a death
            self._go_on(self._beat_in_time, "the heartbeat", name="heartbeat")
        self._go_on(self._watch.look, "the question which universe there is", name="universe")
        await self._roster.sort_tokens()
        if self._tenancy.works:
            recovery, complaints = await self._enter_first()
            if not self._open:
                recovery = replace(recovery, waiting=await self._count_unattended())
        self._go_on(self._try_when_amiss, "taking up work", name="takeover")
        if not self._alone:
            self._go_on(self._tend_after_beat, "taking over", name="takeover")
        return recovery, complaints

    async def _enter_first(self) -> tuple[Recovery, list[str]]:
        """Open the game, and wait for that as long as a start may take."""
        entering = asyncio.create_task(self._enter_or_wait(), name="takeover")
        self._tasks.append(entering)
        await asyncio.wait([entering], timeout=START_PATIENCE)
        if entering.done():
            return await entering
        self._tasks.append(asyncio.create_task(self._tell_late(entering), name="takeover"))
        slow = self._world.limited() or "The game server has not yet told all that a start asks for."
        if self._open:  # what it could not tell in time concerns single agents
            return Recovery(0, 0), [f"{slow.rstrip('.')}. Agents are taken up as soon as it does."]
        return Recovery(0, 0), [self._wait_for_game(Unavailable(slow))]

    async def _tell_late(self, entering: asyncio.Task[tuple[Recovery, list[str]]]) -> None:
        """Tell in events and log what a start says that takes less long."""
        recovery, complaints = await entering
        for complaint in complaints:
            complain(complaint)
        try:
            for crew in self._roster.crews():
                await self._tell(crew, recovery)
        except Exception as trouble:  # noqa: BLE001 - nobody reads what this task raises
            complain(f"It cannot be written down what was resumed: {in_words(trouble)}.")

    async def _enter_or_wait(self) -> tuple[Recovery, list[str]]:
        try:
            async with self._changing:
                return await self._enter()
        except Exception as trouble:  # noqa: BLE001 - what one answer does must not keep the daemon from coming up
            if self._open:
                self._amiss.set()
                return Recovery(0, 0), [f"{in_words(trouble)}. It is tried again."]
            return Recovery(0, 0), [self._wait_for_game(Unavailable(in_words(trouble)))]

    async def end(self) -> None:
        """Take everything down and leave the agents to whoever comes next; the rows stay RUNNING."""
        # Whatever the database says, going down goes on: others find out by the silence.
        with suppress(GoodsFactoryError):
            await self._tenancy.drain()
        await self._cancel("takeover")
        await self._cancel("universe")
        await self._cancel("joining", LAST_PATIENCE)
        await self._engine.shutdown()
        await self._cancel("heartbeat")
        with suppress(GoodsFactoryError):
            await self._tenancy.leave()

    async def register(self, agent: str, faction: str, account_token: str | None) -> Enrolment:
        """Work for an agent that is registered anew, or was already."""
        return await self._employ(self._registrar.register(agent, faction, account_token, self._begin_anew))

    async def add(self, token: str, agent: str | None) -> Enrolment:
        """Work for an agent that exists already, by its token."""
        return await self._employ(self._registrar.add(token, agent, self._begin_anew))

    async def must_be_answered(self) -> None:
        """Raises UserError or Unavailable where a caller would wait for the game without a word.

        Where the server was silent, it is asked now: it may answer again, and nobody believes a memory.
        """
        if self._tenancy.works and not (self._open or self._changing.locked() or self._world.limited()):
            asking = asyncio.create_task(self._open_now(), name="takeover")
            self._tasks.append(asking)
            asking.add_done_callback(self._tasks.remove)
            await to_its_end(asking)
        self._roster.require_work()
        limited = self._world.limited()
        if limited is not None and self._changing.locked():
            raise Unavailable(limited)

    async def _open_now(self) -> None:
        async with self._changing:
            if self._open:
                return
            try:
                with waited_for():
                    await self._enter(told=True)
            except (Unavailable, Refused) as trouble:
                if self._open:
                    raise
                self._wait_for_game(trouble)

    async def _employ(self, deciding: Awaitable[Decided]) -> Enrolment:
        async with self._changing:
            with waited_for():
                joining = asyncio.create_task(self._join(await deciding), name="joining")
                self._tasks.append(joining)
                joining.add_done_callback(self._tasks.remove)
                return await to_its_end(joining)

    async def _join(self, decided: Decided) -> Enrolment:
        enrolment = await decided()
        player = enrolment.player
        if enrolment.token is not None:
            if self._roster.is_at_work(player.id):  # as in _take_up
                await self._let_go([player.id])
            await self._roster.enlist(player, enrolment.token)
        await self._engine.resume([player.id])
        await self.ensure_planner(self._roster.crew_at_work(player.id))
        self._epochs[player.id] = self._tenancy.epoch(player.id)
        return enrolment

    async def turn_over(self) -> bool:
        """Where the game has another universe, believed after two agreeing answers, go on in that one.

        False where it is the same one. Raises Unavailable while the server does not say the same twice.
        """
        here = self._roster.universe
        if not self._open:
            return False
        status = await self._turnover.other()
        if status is None:
            return False
        async with self._changing:
            if not self._open or self._roster.universe != here:
                return False
            await self._begin_anew(await self._turnover.universe_of(status))
            return True

    async def _begin_anew(self, universe: Universe) -> None:
        """Leave the present universe for another one of the same server; its work is parked."""
        await self._let_go(tuple(self._epochs))
        await self._store.transact(lambda tx: tx.universes.save(universe))
        await self._work_in(universe, told=True)

    def _go_on(self, step: Step, doing: str, *, name: str) -> None:
        self._tasks.append(asyncio.create_task(forever(step, doing=doing), name=name))

    async def _cancel(self, name: str, patience: float = 0.0) -> None:
        for task in [task for task in self._tasks if task.get_name() == name]:
            await asyncio.wait([task], timeout=patience)
            task.cancel()
            await asyncio.wait([task])

    async def _beat_in_time(self) -> None:
        await self._real.sleep(BEAT if self._tenancy.shared else QUIET_BEAT)
        # Without a database nothing can be written, and when the lease is over nothing is sent either.
        await self._tenancy.beat()
        self._beaten.set()

    async def _tend_after_beat(self) -> None:
        await self._beaten.wait()
        self._beaten.clear()
        async with self._changing:
            await self._tend()

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
        return await self._work_in(await self._turnover.arrive(), told=told)

    async def _work_in(self, universe: Universe, *, told: bool) -> tuple[Recovery, list[str]]:
        self._world.enter(universe)
        complaints = [*await self._turnover.end_old_work(), *await self._roster.parked()]
        await self._tenancy.beat()
        self._open = True
        self._roster.open()
        recovery, more = await self._take_up(self._tenancy.owned(), told=told)
        return recovery, complaints + more

    def _wait_for_game(self, trouble: Exception) -> str:
        """Remember why the game is not open; returns the sentence."""
        sentence = f"{str(trouble).rstrip('.')}. Nothing can be done until then; it is tried again."
        self._roster.close(sentence)
        self._amiss.set()
        return sentence

    async def _try_when_amiss(self) -> None:
        """Open the game, or muster whoever could not be, less and less often."""
        await self._amiss.wait()
        await self._clock.sleep(self._back_off.next())
        async with self._changing:
            try:
                await self._try_again()
            except (Unavailable, Refused) as trouble:
                if self._open:
                    raise
                self._wait_for_game(trouble)

    async def _try_again(self) -> None:
        if not self._tenancy.works:
            self._amiss.clear()  # it is all done anew when this daemon works again
            return
        if self._open:
            idle = [agent for agent in self._tenancy.owned() if agent in self._roster.idle()]
            await self._take_up(idle, told=True)
            self._roster.open()
        else:
            await self._enter(told=True)
        if not self._roster.idle():
            self._amiss.clear()
            self._back_off.well()

    async def _take_up(self, agents: Collection[int], *, told: bool) -> tuple[Recovery, list[str]]:
        epochs = {agent: self._tenancy.epoch(agent) for agent in agents}
        # One taken up, or let go, by halves: nobody may act while open steps are looked at.
        await self._engine.let_go([agent for agent in agents if self._roster.is_at_work(agent)])
        complaints = await self._roster.muster(agents)
        if self._roster.idle():
            self._amiss.set()
        crews = [crew for crew in self._roster.crews() if crew.player.id in epochs]
        recovery = await self._engine.resume([crew.player.id for crew in crews])
        for crew in crews:
            await self.ensure_planner(crew)
        self._epochs |= epochs
        waiting = await self._store.transact(
            lambda tx: _waiting(tx, epochs.keys() - {c.player.id for c in crews})
        )
        recovery = replace(recovery, waiting=waiting)
        if told:
            for crew in crews:
                await self._tell(crew, recovery)
            for complaint in complaints:
                complain(complaint)
        return recovery, complaints

    async def _count_unattended(self) -> int:
        agents = [one.id for one in await self._roster.all() if self._roster.is_unattended(one.id)]
        return await self._store.transact(lambda tx: _waiting(tx, agents))

    async def _let_go(self, agents: Collection[int]) -> None:
        for agent in agents:
            self._epochs.pop(agent, None)  # first: whoever is let go by halves is taken up again
        await self._engine.let_go(agents)
        for agent in agents:
            self._roster.dismiss(agent)

    async def ensure_planner(self, crew: Crew) -> None:
        """One planner for each player, no more: looked for and written down in one transaction."""
        player_id, now = crew.player.id, self._clock.now()
        planner = Container(f"planner-{self._new_id()}", ContainerType.PLANNER, player_id, now, now)

        def work(tx: Transaction) -> bool:
            types = (ContainerType.PLANNER,)
            if tx.containers.find(player_id=player_id, statuses=_UNFINISHED, types=types):
                return False
            tx.containers.add(planner)
            return True

        if await self._store.transact(work):
            await self._engine.start(planner)

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
