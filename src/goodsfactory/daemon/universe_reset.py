"""Which universe the server has: met, believed after two agreeing answers, ended after a reset (law L14).

A server that has moved on to a later reset date has ended the universe before: work there ends and stays
readable. Work of any other universe is only parked: it goes on when that one is worked in again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime

from goodsfactory.daemon.reports import last_heard
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import GoodsFactoryError, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import ServerStatus
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.bookkeeping import void

ASK_AGAIN = 60.0
"""Game seconds between two questions to the server which universe it has, while a token is refused."""

CONFIRM_AFTER = 15.0
"""Game seconds between the two answers that must agree before another universe is believed."""

_UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


class Doubts:
    """Players whose token was refused since somebody last asked why, and answers from another universe."""

    def __init__(self) -> None:
        self.unsettled: str | None = None
        """Why the newest question which universe there is got no answer; None where it got one."""
        self._expected = ""
        self._players: set[int] = set()
        self._raised = asyncio.Event()
        self._calm = asyncio.Event()

    def about(self, player_id: int) -> None:
        """The game has just refused the token of a player."""
        self._players.add(player_id)
        self._raise()

    def expect(self, told_id: str) -> None:
        """From now on answers should come from the universe that its server calls so."""
        self._expected = told_id

    def is_ours(self, told_id: str) -> bool:
        """Whether an answer can come from the expected universe; a doubt is raised where it cannot."""
        if not told_id or not self._expected or told_id == self._expected:
            return True
        self._raise()
        return False

    def _raise(self) -> None:
        self._raised.set()
        self._calm.clear()

    def calm(self) -> asyncio.Event:
        """Set once there is no doubt any more: whoever asked knows which universe there is."""
        return self._calm

    def any(self) -> bool:
        """Whether there is any."""
        return self._raised.is_set()

    async def raised(self) -> None:
        """Return once there is any doubt."""
        await self._raised.wait()

    def settle(self) -> set[int]:
        """The players in question; none is any more."""
        players, self._players = self._players, set()
        self._raised.clear()
        self._calm.set()
        return players


class UniverseWatch:
    """``turn_over`` takes the daemon into another universe, where there is one; False where there is none.

    ``trouble`` says why a player cannot work, None where it can: a token that was taken again and is refused
    later is told anew. ``by_environment`` says whether a player's token is that of SPACETRADERS_TOKEN.
    """

    def __init__(
        self,
        doubts: Doubts,
        store: Store,
        clock: Clock,
        turn_over: Callable[[], Awaitable[bool]],
        trouble: Callable[[int], str | None],
        by_environment: Callable[[int], bool],
    ) -> None:
        self._by_environment = by_environment
        self._doubts = doubts
        self._store = store
        self._clock = clock
        self._turn_over = turn_over
        self._trouble = trouble
        self._told: set[int] = set()
        self._asked_at: datetime | None = None

    async def look(self) -> None:
        """Find out, once a token was refused, whether the universe is a new one; it waits for the doubt."""
        if self._asked_at is not None:
            rested = (self._clock.now() - self._asked_at).total_seconds()
            await self._clock.sleep(ASK_AGAIN - max(0.0, rested))
        while self._told and not self._doubts.any():
            await self._clock.sleep(ASK_AGAIN)
            self._told = {player_id for player_id in self._told if self._trouble(player_id)}
        await self._doubts.raised()
        self._asked_at = self._clock.now()
        try:
            turned = await self._turn_over()
        except Unavailable as trouble:
            self._doubts.unsettled = str(trouble)
            raise
        self._doubts.unsettled = None
        if turned:
            self._doubts.settle()
            self._told.clear()
            self._asked_at = None
            return
        refused = self._doubts.settle()
        try:
            await self._tell_refused(refused)
        except GoodsFactoryError:
            for player_id in refused:
                self._doubts.about(player_id)
            raise

    async def _tell_refused(self, players: Collection[int]) -> None:
        new = set(players) - self._told
        now = self._clock.now()

        def tell(tx: Transaction) -> None:
            # What was under way for a player of the universe before is refused after it was left, too.
            present = {player.id for player in tx.players.all()}
            for player_id in sorted(new & present):
                agent = _agent(tx, player_id)
                sentence = (
                    f"The game refuses the token of {agent}: its work waits until the game takes it again, or"
                    f" another one is added with `spacetraders player add`."
                )
                if self._by_environment(player_id):
                    sentence = (
                        f"The game refuses the token that the daemon's SPACETRADERS_TOKEN gives for {agent}:"
                        f" its work waits until the game takes it again. {WITHOUT_VARIABLE}"
                    )
                tx.events.append(Event(player_id, EventKind.TOKEN_REFUSED, now, sentence))

        if new:
            await self._store.transact(tell)
            self._told |= new


def is_of(universe: Universe, status: ServerStatus) -> bool:
    """Whether an answer of the server speaks of that universe."""
    told = status.universe_id
    same_id = not told or not universe.told_id or told == universe.told_id
    return status.reset_date == universe.reset_date and same_id


def known_universe(tx: Transaction, server: str, status: ServerStatus) -> Universe | None:
    """The universe that an answer speaks of, where rows of it are kept.

    One whose server told no id, as servers of an earlier version do not, is taken for the one that it tells
    now: where that is wrong, its tokens are refused and its agents can be registered anew.
    """
    met = [one for one in tx.universes.of_server(server) if is_of(one, status)]
    exact = [one for one in met if one.told_id == status.universe_id]
    found = next(iter(exact or met[:1]), None)
    return replace(found, told_id=status.universe_id or found.told_id) if found else None


def following(tx: Transaction, server: str, reset_date: str, told_id: str, now: datetime) -> Universe:
    """The universe of a server that comes after those that are known of the date; it is not kept yet."""
    numbers = [one.number for one in tx.universes.of_server(server) if one.reset_date == reset_date]
    return Universe(server, reset_date, now, max(numbers, default=0) + 1, told_id)


def advice(agent: str, played: Player | None = None) -> str:
    """What happened to a player whose universe has ended and what to do, in a sentence or two.

    ``played`` is the player of that call sign in the present universe, where there is one.
    """
    over = f"The universe was reset: the work of {agent} has ended, its history is kept."
    if played is not None:
        return f"{over} {_is_played(played)}"
    return f"{over} Register it again with `spacetraders player register {agent}`."


def _is_played(player: Player) -> str:
    return f"In the present one {player.agent_symbol} is played as player {player.id}."


WITHOUT_VARIABLE = "Start the daemon again without SPACETRADERS_TOKEN: the token that is kept is used then."
"""What helps where the token of the environment is refused: whatever is kept, it stands before that."""


def token_advice(agent: str, said: str, *, by_environment: bool = False) -> str:
    """That the game refuses the token of an agent, in its own words, and what to do."""
    if by_environment:
        return (
            f"The game refuses the token that the daemon's SPACETRADERS_TOKEN gives for {agent}"
            f" ({said.rstrip('.')}). {WITHOUT_VARIABLE}"
        )
    return (
        f"The game refuses the token of {agent} ({said.rstrip('.')}): give another one with"
        f" `spacetraders player add`, or, where the server began anew, register it with"
        f" `spacetraders player register {agent}`."
    )


def whereabouts(player: Player, universe: Universe | None, here: Universe, played: Player | None) -> str:
    """Why nothing can be done for a player of another universe, and what helps, in a sentence or two.

    ``played`` as in ``advice``: nobody is told to register what is registered.
    """
    agent = player.agent_symbol
    if universe is None or universe.ended_at is not None:
        return advice(agent, played)
    if universe.server != here.server:
        return (
            f"{agent} belongs to the server {universe.server}, reset {universe.reset_date}: its work is"
            f" parked and goes on when the daemon runs with --base-url {universe.server}."
        )
    parked = (
        f"{agent} belongs to another universe of {universe.server}, reset {universe.reset_date}: its work is"
        f" parked until that one is served again."
    )
    if played is not None:
        return f"{parked} {_is_played(played)}"
    return f"{parked} Play in the present one with `spacetraders player register {agent}`."


def end_old_work(tx: Transaction, here: Universe, now: datetime) -> list[str]:
    """End all work in universes that their server has left behind for ``here``; returns their agents' names.

    Their factories FAIL with the advice, their money steps are void: nobody can look at them any more.
    """
    for universe in tx.universes.of_server(here.server):
        if universe.reset_date < here.reset_date and universe.ended_at is None:
            tx.universes.save(replace(universe, ended_at=now))
    left = {one.id for one in tx.universes.of_server(here.server) if one.ended_at is not None}
    agents: dict[int, str] = {}
    over = {player.id for player in tx.players.past() if player.universe in left}
    for container in tx.containers.find(statuses=_UNFINISHED):
        if container.player_id in over:
            agent = agents.setdefault(container.player_id, _agent(tx, container.player_id))
            tx.containers.end(container.id, ContainerStatus.STOPPED, now, reason=advice(agent))
    for factory in tx.factories.find(statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE)):
        if factory.player_id in over:
            agent = agents.setdefault(factory.player_id, _agent(tx, factory.player_id))
            # The clock of the new universe says nothing of how long it worked in the old one.
            ended = last_heard(tx, factory)
            tx.factories.update(factory.fail(ended, advice(agent)))
            for leg in tx.legs.at_hand(factory.id):
                if leg.state.is_open:
                    tx.legs.update(leg.cancel("the universe was reset", ended))
            sentence = f"{factory.target_good} failed: {advice(agent)}"
            tx.events.append(
                Event(factory.player_id, EventKind.FACTORY_FAILED, ended, sentence, factory_id=factory.id)
            )
    for player_id, agent in agents.items():
        for intent in tx.money.open_intents(player_id):
            void(tx, intent, now)
        tx.events.append(Event(player_id, EventKind.UNIVERSE_RESET, now, advice(agent)))
    return sorted(agents.values())


def _agent(tx: Transaction, player_id: int) -> str:
    player = tx.players.get(player_id)
    return player.agent_symbol if player else str(player_id)
