"""Several daemons on one database: who works for which agent, and who has lost the right to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.patience import patience

from goodsfactory.adapters.store import SqlStore, open_store
from goodsfactory.daemon.owned_store import OwnedStore
from goodsfactory.daemon.tenancy import BEAT, DEAD_AFTER, FORGOTTEN_AFTER, LEASE, UNHEARD_FOR, Tenancy
from goodsfactory.domain.daemon import DaemonRow, DaemonState
from goodsfactory.domain.errors import Fenced, Unavailable, UserError
from goodsfactory.ports.store import Store

NOW = datetime(2026, 11, 16, tzinfo=UTC)


@dataclass
class House:
    """One database, its agents, and daemons that come and go. ``seconds`` is everybody's monotonic clock."""

    store: SqlStore
    agents: list[int]
    seconds: float = 0.0
    store_fails: bool = field(default=False)

    def daemon(self, name: str, host: str | None = None, *, shared: bool = True) -> Tenancy:
        me = DaemonRow(name, host or f"host of {name}", 1, f"unix:/{name}.sock", "1.0")
        return Tenancy(
            self._shaky(), me, elapsed=lambda: self.seconds, shared=shared, held_since=self.seconds
        )

    def _shaky(self) -> Store:
        house = self

        class Shaky(Store):
            async def transact(self, work: Any) -> Any:
                if house.store_fails:
                    raise Unavailable("The database is gone.")
                return await house.store.transact(work)

            def changed(self, player_id: int | None = None, **unless: Any) -> asyncio.Event:
                return house.store.changed(player_id, **unless)

            async def close(self) -> None: ...

        return Shaky()

    async def pass_(self, seconds: float) -> None:
        """Time passes, for the daemons and for the database."""
        self.seconds += seconds

        def older(tx: Any) -> None:
            for row in tx.daemons.all():
                at = (row.heartbeat_at - timedelta(seconds=seconds)).replace(tzinfo=None)
                tx.daemons._connection.execute(
                    text("UPDATE daemons SET heartbeat_at = :at WHERE node_id = :node"),
                    {"at": at.isoformat(" ", "microseconds"), "node": row.node_id},
                )

        await self.store.transact(older)

    async def states(self) -> dict[str, DaemonState]:
        rows = await self.store.transact(lambda tx: tx.daemons.all())
        return {row.node_id: row.state for row in rows}


@asynccontextmanager
async def house(agents: int = 2) -> AsyncIterator[House]:
    store = await open_store(":memory:", universe="2026-11-15", inline=True)

    def add(tx: Any) -> list[int]:
        return [
            tx.players.add(
                f"AGENT{n}",
                universe="2026-11-15",
                reset_date="2026-11-15",
                base_url="http://x",
                headquarters="",
                now=NOW,
            ).id
            for n in range(agents)
        ]

    try:
        yield House(store, await store.transact(add))
    finally:
        await store.close()


def story(tale: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    def test() -> None:
        asyncio.run(tale())  # type: ignore[arg-type]

    test.__doc__, test.__name__ = tale.__doc__, tale.__name__
    return test


@story
async def test_the_first_daemon_works_for_every_agent() -> None:
    """A daemon alone owns all agents, with the epoch it got them in."""
    async with house() as one:
        a = one.daemon("a")
        await a.beat()
        assert a.works
        assert a.owned() == tuple(one.agents)
        assert a.epoch(one.agents[0]) == 1


@story
async def test_a_second_daemon_at_the_same_address_stands_by() -> None:
    """The game limits requests per address: the second one works for nobody and says which one does."""
    async with house() as one:
        a, b = one.daemon("a", "here"), one.daemon("b", "here")
        await a.beat()
        await b.beat()
        assert (b.works, b.owned()) == (False, ())
        assert "a works from this address" in str(b.standing_by())
        assert "--socket unix:/a.sock" in str(b.elsewhere(one.agents[0]))
        assert await one.states() == {"a": DaemonState.UP, "b": DaemonState.STANDBY}


@story
async def test_daemons_at_two_addresses_share_the_agents() -> None:
    """The second one is given its part by the first, and each agent has one owner at any time."""
    async with house(4) as one:
        a, b = one.daemon("a"), one.daemon("b")
        await a.beat()
        for _ in range(3):
            await b.beat()
            await a.beat()
            assert not set(a.owned()) & set(b.owned())
            await a.give_back([agent for agent in one.agents if agent not in a.owned()])
        await b.beat()
        assert (len(a.owned()), len(b.owned())) == (2, 2)


@story
async def test_an_agent_is_handed_over_once_nothing_runs_for_it() -> None:
    """Until its containers are down nobody else gets it, and this daemon keeps nothing for it any more."""
    async with house(2) as one:
        a, b = one.daemon("a"), one.daemon("b")
        await a.beat()
        await b.beat()
        for _ in range(3):
            await a.beat()
            await b.beat()
            assert (a.owned(), b.owned()) == ((one.agents[0],), ())
        with pytest.raises(Fenced):
            await OwnedStore(one.store, a, one.agents[1]).transact(lambda tx: tx.players.all())
        await a.give_back([one.agents[1]])
        await b.beat()
        assert b.owned() == (one.agents[1],)


@story
async def test_a_daemon_that_was_succeeded_works_again_once_nothing_old_runs() -> None:
    """At an address of its own it may act again, but never while a command for a lost agent may wait."""
    async with house(2) as one:
        a, b = one.daemon("a"), one.daemon("b")
        await a.beat()
        await one.pass_(DEAD_AFTER + 0.1)
        await b.beat()
        for _ in range(3):
            await a.beat()
            assert (a.works, a.clearing) == (False, True)
        await a.give_back(one.agents)
        await a.beat()
        assert a.works


@story
async def test_a_dead_daemon_is_succeeded_at_the_same_address() -> None:
    """After DEAD_AFTER seconds of silence the one that stood by works, in the next epoch of each agent."""
    async with house() as one:
        a, b = one.daemon("a", "here"), one.daemon("b", "here")
        await a.beat()
        await b.beat()
        await one.pass_(DEAD_AFTER - 0.5)
        await b.beat()
        assert not b.works
        await one.pass_(0.6)
        await b.beat()
        assert b.owned() == tuple(one.agents)
        assert b.epoch(one.agents[0]) == 2
        assert b.heirs_of == ("a",)
        assert await one.states() == {"a": DaemonState.DOWN, "b": DaemonState.UP}


@pytest.mark.parametrize("last_beat", [0.0, 0.5, 0.99])
def test_a_silent_owner_is_succeeded_within_ten_seconds(last_beat: float) -> None:
    """However its last beat fell: the other daemon beats on, and owns every agent within ten seconds."""

    async def tale() -> None:
        async with house() as one:
            a, b = one.daemon("a"), one.daemon("b")
            await a.beat()
            await one.pass_(last_beat)
            passed = 0.0
            while b.owned() != tuple(one.agents):
                assert passed < 10
                await b.beat()
                await one.pass_(BEAT)
                passed += BEAT

    asyncio.run(tale())


@story
async def test_a_daemon_that_was_frozen_sends_nothing_more() -> None:
    """Its lease ends by its own clock before anybody can take over; it does not need to hear of it."""
    async with house() as one:
        a = one.daemon("a", "here")
        await a.beat()
        await asyncio.wait_for(a.may_act(), patience(1))
        await one.pass_(LEASE + 0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(a.may_act(), 0.02)
        assert LEASE < DEAD_AFTER


@story
async def test_a_daemon_that_was_frozen_keeps_nothing_in_the_database() -> None:
    """Another one took its agent over meanwhile: whatever its crew would write is refused, and not kept."""
    async with house(1) as one:
        a, b = one.daemon("a", "here"), one.daemon("b", "here")
        (agent,) = one.agents
        await a.beat()
        crew_of_a = OwnedStore(one.store, a, agent)
        await crew_of_a.transact(lambda tx: tx.players.make_default(agent))
        await one.pass_(DEAD_AFTER + 0.1)
        await b.beat()
        assert b.owned() == (agent,)
        with pytest.raises(Fenced):
            await crew_of_a.transact(lambda tx: tx.players.make_default(agent))
        await OwnedStore(one.store, b, agent).transact(lambda tx: tx.players.make_default(agent))


@story
async def test_a_daemon_that_wakes_up_steps_back() -> None:
    """It finds that it was succeeded, gives up its agents, and stands by from then on."""
    async with house() as one:
        a, b = one.daemon("a", "here"), one.daemon("b", "here")
        await a.beat()
        await one.pass_(DEAD_AFTER + 0.1)
        await b.beat()
        await a.beat()
        assert (a.works, a.owned()) == (False, ())
        await b.beat()
        assert b.owned() == tuple(one.agents)
        assert await one.states() == {"a": DaemonState.STANDBY, "b": DaemonState.UP}


@story
async def test_a_daemon_that_wakes_up_with_nobody_in_its_place_goes_on() -> None:
    """A short freeze, or a database that was away, costs it nothing: same agents, same epochs."""
    async with house() as one:
        a = one.daemon("a")
        await a.beat()
        one.store_fails = True
        await one.pass_(DEAD_AFTER * 3)
        with pytest.raises(Unavailable):
            await a.beat()
        one.store_fails = False
        await a.beat()
        assert a.works
        assert [a.epoch(agent) for agent in one.agents] == [1, 1]
        await asyncio.wait_for(a.may_act(), patience(1))


@story
async def test_an_orderly_end_hands_over_at_once() -> None:
    """Nobody has to wait for a silence: the next heartbeat of the other one takes the agents."""
    async with house() as one:
        a, b = one.daemon("a", "here"), one.daemon("b", "here")
        await a.beat()
        await b.beat()
        await a.drain()
        await b.beat()
        assert not b.works, "while it drains it still acts"
        await a.leave()
        await b.beat()
        assert b.owned() == tuple(one.agents)
        assert b.heirs_of == ()


@story
async def test_an_agent_of_another_daemon_cannot_be_claimed() -> None:
    """Adding a player that is worked for elsewhere is refused with the daemon to ask."""
    async with house(2) as one:
        a, b = one.daemon("a"), one.daemon("b")
        await a.beat()
        await b.beat()
        await a.beat()
        await a.give_back(one.agents[1:])
        await b.beat()
        mine = a.owned()[0]
        with pytest.raises(UserError, match=r"a works for it.*unix:/a\.sock"):
            await b.claim(mine)
        await a.claim(mine)
        assert a.epoch(mine) == 1


@story
async def test_who_was_here_a_moment_ago_has_used_up_requests() -> None:
    """A daemon knows how long its address was surely quiet before it began; the first one knows of nobody.

    Whoever bore its name had ended when it took the name, even if that was heard of a moment before.
    """
    async with house() as one:
        first = one.daemon("a")
        await first.beat()
        assert first.quiet_for is None
        again = one.daemon("a")
        await one.pass_(1.25)  # loading its parts
        await again.beat()
        assert again.quiet_for == pytest.approx(1.25, abs=0.2)
        await one.pass_(UNHEARD_FOR + 100)
        later = one.daemon("a")
        await later.beat()
        assert later.quiet_for == pytest.approx(100, abs=1)
        elsewhere = one.daemon("b")
        await elsewhere.beat()
        assert elsewhere.quiet_for is None


@story
async def test_a_dead_neighbour_may_have_sent_until_it_was_last_sure_to_be_silent() -> None:
    """Another name of the same machine is not held by this process: only its silence says that it ended."""
    async with house() as one:
        neighbour = one.daemon("a", host="one machine")
        await neighbour.beat()
        heir = one.daemon("b", host="one machine")
        await one.pass_(DEAD_AFTER + 1)
        await heir.beat()
        assert heir.works
        assert heir.quiet_for == 0


@story
async def test_a_database_of_its_own_needs_no_lease() -> None:
    """On SQLite the file's lock keeps others out: whoever else is written there has ended."""
    async with house() as one:
        await one.daemon("a", shared=False).beat()
        b = one.daemon("b", shared=False)
        await b.beat()
        assert b.owned() == tuple(one.agents)
        await one.pass_(1000)
        await asyncio.wait_for(b.may_act(), patience(1))


@story
async def test_daemons_that_are_long_gone_are_forgotten() -> None:
    """The list of nodes shows those of the last day."""
    async with house() as one:
        a, b = one.daemon("a"), one.daemon("b")
        await a.beat()
        await a.leave()
        await one.pass_(FORGOTTEN_AFTER + 1)
        await b.beat()
        await b.beat()
        assert set(await one.states()) == {"b"}


def test_the_row_of_a_daemon_is_plain() -> None:
    """What a daemon says of itself carries no secret: name, place, process, socket, version, state."""
    row = replace(DaemonRow("a", "here", 1, "unix:/a.sock", "1.0"), state=DaemonState.STANDBY)
    assert row.state.is_alive
    assert not row.state.acts
