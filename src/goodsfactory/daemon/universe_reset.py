"""A reset of the universe: noticed while work goes on, which then ends and stays readable (law L14).

A token that the game refuses may belong to a universe that has ended, or be no good by itself. Whoever is
refused goes on waiting; here it is found out which of the two it is, and told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import Refused, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.bookkeeping import void

ASK_AGAIN = 60.0
"""Game seconds between two questions to the server which universe it has."""

_UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


class Doubts:
    """Players whose token was refused since somebody last asked why."""

    def __init__(self) -> None:
        self._players: set[int] = set()
        self._raised = asyncio.Event()

    def about(self, player_id: int) -> None:
        """The game has just refused the token of a player."""
        self._players.add(player_id)
        self._raised.set()

    async def raised(self) -> None:
        """Return once there is any doubt."""
        await self._raised.wait()

    def settle(self) -> set[int]:
        """The players in question; none is any more."""
        players, self._players = self._players, set()
        self._raised.clear()
        return players


class UniverseWatch:
    """``turn_over`` takes the daemon into a new universe, where there is one; False where there is none."""

    def __init__(
        self, doubts: Doubts, store: Store, clock: Clock, turn_over: Callable[[], Awaitable[bool]]
    ) -> None:
        self._doubts = doubts
        self._store = store
        self._clock = clock
        self._turn_over = turn_over
        self._refused: set[int] = set()

    async def keep(self) -> None:
        """Find out, whenever a token was refused, whether the universe is a new one; until cancelled."""
        while True:
            await self._doubts.raised()
            try:
                if await self._turn_over():
                    self._doubts.settle()
                    self._refused.clear()
                    continue
                await self._tell_refused(self._doubts.settle())
            except (Unavailable, Refused):
                pass  # it is asked again: the doubt stands
            await self._clock.sleep(ASK_AGAIN)

    def is_refused(self, player_id: int) -> bool:
        """Whether the player's token was refused in this universe and no other one was given since."""
        return player_id in self._refused

    def trust(self, player_id: int) -> None:
        """The player has another token."""
        self._refused.discard(player_id)

    async def _tell_refused(self, players: Collection[int]) -> None:
        new = set(players) - self._refused
        now = self._clock.now()

        def tell(tx: Transaction) -> None:
            for player_id in sorted(new):
                agent = _agent(tx, player_id)
                sentence = (
                    f"The game refuses the token of {agent}: its work waits until it is given another one"
                    f" with `spacetraders player add`."
                )
                tx.events.append(Event(player_id, EventKind.TOKEN_REFUSED, now, sentence))

        if new:
            await self._store.transact(tell)
            self._refused |= new


def advice(agent: str) -> str:
    """What happened and what to do, as one sentence."""
    return (
        f"The universe was reset: the work of {agent} has ended, its history is kept. Register it again"
        f" with `spacetraders player register {agent}`."
    )


def end_old_work(tx: Transaction, players: Collection[int], now: datetime) -> list[str]:
    """End all work of players that are not of this universe; returns their agents' names.

    Their factories FAIL with the advice, their money steps are void: nobody can look at them any more.
    """
    agents: dict[int, str] = {}
    for container in tx.containers.find(statuses=_UNFINISHED):
        if container.player_id not in players:
            agent = agents.setdefault(container.player_id, _agent(tx, container.player_id))
            tx.containers.end(container.id, ContainerStatus.STOPPED, now, reason=advice(agent))
    for factory in tx.factories.find(statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE)):
        if factory.player_id not in players:
            agent = agents.setdefault(factory.player_id, _agent(tx, factory.player_id))
            tx.factories.update(factory.fail(now, advice(agent)))
            for leg in tx.legs.at_hand(factory.id):
                if leg.state.is_open:
                    ended = replace(leg, state=LegState.CANCELLED, failure="the universe was reset")
                    tx.legs.update(replace(ended, not_before=None, updated_at=now))
            sentence = f"{factory.target_good} failed: {advice(agent)}"
            tx.events.append(
                Event(factory.player_id, EventKind.FACTORY_FAILED, now, sentence, factory_id=factory.id)
            )
    for player_id, agent in agents.items():
        for intent in tx.money.open_intents(player_id):
            void(tx, intent, now)
        tx.events.append(Event(player_id, EventKind.UNIVERSE_RESET, now, advice(agent)))
    return sorted(agents.values())


def _agent(tx: Transaction, player_id: int) -> str:
    player = tx.players.get(player_id)
    return player.agent_symbol if player else str(player_id)
