"""Turning over from one universe to another: which one the server has, and what of the old one ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from goodsfactory.daemon.endless import complain
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.universe_reset import (
    CONFIRM_AFTER,
    advice,
    end_old_work,
    following,
    is_of,
    known_universe,
)
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import ServerStatus
from goodsfactory.ports.store import Store, Transaction


@dataclass(frozen=True)
class World:
    """What opening the game takes: ``meet`` asks the server which universe it has, ``enter`` turns to one.

    ``presume_spent`` lets the request gate begin as if its allowance had been used up so many seconds ago;
    ``limited`` says until when nothing is sent because of answers 429, None while it is.
    """

    meet: Callable[[], Awaitable[ServerStatus]]
    enter: Callable[[Universe], None]
    presume_spent: Callable[[float], None]
    limited: Callable[[], str | None]


class Turnover:
    """Finds the universe that an answer speaks of, for whoever then works in it."""

    def __init__(self, world: World, store: Store, clock: Clock, roster: Roster) -> None:
        self._world = world
        self._store = store
        self._clock = clock
        self._roster = roster

    async def arrive(self) -> Universe:
        """The universe that the server has, kept from now on.

        Until the server answers, the universe that was played last can be read. One answer is enough to go
        on in that one; any other is believed after two, and the log says why the start takes so long.
        """
        before = await self._store.transact(lambda tx: tx.universes.last_played(self._roster.universe.server))
        if before is not None:
            self._world.enter(before)
        status = await self._world.meet()
        if before is not None and not is_of(before, status):
            complain(
                f"The game server says that its universe is {_named(status)}; the one played last is that of"
                f" {before.reset_date}. It is asked once more after {CONFIRM_AFTER:g} s, and the start waits."
            )
            await self.confirm(status)
        return await self.universe_of(status)

    async def other(self) -> ServerStatus | None:
        """What the server says, twice, of another universe; None where it is the present one."""
        here = self._roster.universe
        status = await self._world.meet()
        if is_of(here, status) and await self._is_still(here, status):
            return None
        await self.confirm(status)
        return status

    async def confirm(self, status: ServerStatus) -> None:
        """Ask once more: one odd answer must not end anything. Raises Unavailable where they disagree."""
        await self._clock.sleep(CONFIRM_AFTER)
        again = await self._world.meet()
        if (again.reset_date, again.universe_id) != (status.reset_date, status.universe_id):
            raise Unavailable(
                f"The game server says that its universe is {_named(status)}, and then {_named(again)}:"
                f" neither is believed, and it is asked again."
            )

    async def universe_of(self, status: ServerStatus) -> Universe:
        """The universe that an answer speaks of, kept from now on."""
        server, now = self._roster.universe.server, self._clock.now()

        def find(tx: Transaction) -> Universe:
            known = known_universe(tx, server, status)
            if known is None:
                present = following(tx, server, status.reset_date, status.universe_id, now)
            else:
                present = replace(known, ended_at=None)
            tx.universes.save(present)
            return present

        return await self._store.transact(find)

    async def following(self) -> Universe:
        """The universe that comes after all of this server and date that were met; it is not kept yet."""
        one, now = self._roster.universe, self._clock.now()
        ask = partial(following, server=one.server, reset_date=one.reset_date, told_id=one.told_id, now=now)
        return await self._store.transact(ask)

    async def _is_still(self, here: Universe, status: ServerStatus) -> bool:
        """Keep the id that the server tells of the present universe, where it told none before.

        False where that id is known as another one's: then that one was meant all along.
        """
        if here.told_id or not status.universe_id:
            return True
        known = await self._store.transact(lambda tx: known_universe(tx, here.server, status))
        if known is not None and known.id != here.id:
            return False
        self._world.enter(await self.universe_of(status))
        return True

    async def end_old_work(self) -> list[str]:
        """End the work in universes that the server has left behind; a sentence for each agent."""
        here, now = self._roster.universe, self._clock.now()
        agents = await self._store.transact(lambda tx: end_old_work(tx, here, now))
        return [advice(agent) for agent in agents]


def _named(status: ServerStatus) -> str:
    told = f" with the id {status.universe_id}" if status.universe_id else ""
    return f"that of {status.reset_date}{told}"
