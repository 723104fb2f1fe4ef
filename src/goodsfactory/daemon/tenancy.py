"""Which agents this daemon works for, and how long it surely does: one owner an agent, one daemon an address.

Daemons that share a database write a heartbeat each second. An agent belongs to one of them; one that has not
been heard of for ``DEAD_AFTER`` seconds by the database's clock loses its agents to the others. It knows
that itself, without hearing of it: ``LEASE`` seconds after its last heartbeat it sends nothing to the game
any more, and whatever it would still write for an agent is refused in the database (``owned_store``).

The game limits requests per address, so of several daemons that send from one address only one works; the
others stand by.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from goodsfactory.daemon.sharing import share_agents
from goodsfactory.domain.daemon import DaemonRow, DaemonState
from goodsfactory.domain.errors import Fenced, UserError
from goodsfactory.ports.store import Store, Transaction

BEAT = 1.0
"""Seconds between two heartbeats of a daemon that shares its database."""

DEAD_AFTER = 4.0
"""Seconds without a heartbeat after which others take over."""

UNHEARD_FOR = 15.0
"""Seconds for which a daemon may have sent requests after its last heartbeat, whatever it shares."""

FORGOTTEN_AFTER = 86_400.0
"""Seconds after which a daemon that is gone is no longer listed."""

LEASE = 3.0
"""Seconds after its last heartbeat in which a daemon may act; shorter than DEAD_AFTER, whatever clocks do."""


@dataclass(frozen=True)
class _Right:
    works: bool = False
    until: float = 0.0
    epochs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Seen:
    """What one heartbeat found in the database."""

    works: bool
    epochs: dict[int, int]
    quiet_for: float | None
    dead: tuple[str, ...]
    rival: DaemonRow | None
    nodes: dict[str, DaemonRow]
    owners: dict[int, str | None]
    giving_up: set[int]
    deposed: bool


class Tenancy:
    """The rights of one daemon. ``shared`` is False where nobody else can reach the database.

    ``elapsed`` gives real seconds that never stand still; at ``held_since`` of them, whoever bore this
    daemon's name before had ended. All instants are the database's.
    """

    def __init__(
        self,
        store: Store,
        me: DaemonRow,
        *,
        elapsed: Callable[[], float],
        shared: bool,
        held_since: float,
    ) -> None:
        self._held_since = held_since
        self._store = store
        self._me = me
        self._elapsed = elapsed
        self._shared = shared
        self._right = _Right()
        self._beaten = asyncio.Event()
        self._leaving = False
        self._begun = False
        self._giving_up: set[int] = set()
        self._clearing = False
        self._quiet_for: float | None = None
        self._heirs_of: tuple[str, ...] = ()
        self._rival: DaemonRow | None = None
        self._nodes: dict[str, DaemonRow] = {}
        self._owners: dict[int, str | None] = {}

    @property
    def node_id(self) -> str:
        return self._me.node_id

    @property
    def shared(self) -> bool:
        """Whether other daemons can share the database."""
        return self._shared

    @property
    def works(self) -> bool:
        """False while another daemon works from this address, or this one has lost its rights."""
        return self._right.works

    @property
    def quiet_for(self) -> float | None:
        """Seconds for which surely no other process had sent from this address when this one began to act.

        None where none ever did.
        """
        return self._quiet_for

    @property
    def heirs_of(self) -> tuple[str, ...]:
        """Daemons that this one found dead at its last change of rights."""
        return self._heirs_of

    def owned(self) -> tuple[int, ...]:
        """Agents (player ids) that this daemon works for."""
        return tuple(sorted(self._right.epochs))

    def epoch(self, player_id: int) -> int | None:
        """Since which change of owners the agent is this daemon's; None where it is not."""
        return self._right.epochs.get(player_id)

    def elsewhere(self, player_id: int) -> str | None:
        """Which daemon to ask instead, as a sentence; None where no other is known to work for the agent."""
        rival = self._rival if not self._right.works else None
        node = rival or self._nodes.get(self._owners.get(player_id) or "")
        if node is None or node.node_id == self.node_id:
            return None
        return f"{node.node_id} works for it: ask that daemon (--socket {node.address}), or stop it."

    def standing_by(self) -> str | None:
        """Why this daemon does not work, as a sentence; None where it does."""
        if self._right.works or self._rival is None:
            return None
        return (
            f"{self._rival.node_id} works from this address already; this daemon stands by and goes on when"
            " that one ends."
        )

    async def beat(self) -> None:
        """Say that this daemon lives; take, keep or give up agents. Raises Unavailable without database."""
        began = self._elapsed()
        seen = await self._store.transact(self._beat)
        if seen.works and not self._right.works:
            self._quiet_for = seen.quiet_for
        if seen.dead:
            self._heirs_of = seen.dead
        self._rival, self._nodes, self._owners = seen.rival, seen.nodes, seen.owners
        self._giving_up |= seen.giving_up
        self._clearing = self._clearing or seen.deposed
        self._right = _Right(seen.works, began + LEASE, seen.epochs)
        self._wake()

    async def claim(self, player_id: int) -> None:
        """Work for an agent that was just added. Raises UserError where another daemon works for it."""
        taken = await self._store.transact(lambda tx: tx.daemons.acquire(player_id, self.node_id, DEAD_AFTER))
        if taken is None:
            await self.beat()
            raise UserError(
                self.elsewhere(player_id) or "Another daemon works for this agent.", kind="precondition"
            )
        self._right.epochs[player_id] = taken.epoch

    @property
    def clearing(self) -> bool:
        """Whether what this daemon did before it was succeeded may still run: it does not work until then."""
        return self._clearing

    @property
    def giving_up(self) -> frozenset[int]:
        """Agents that are handed over as soon as nothing runs for them here."""
        return frozenset(self._giving_up)

    async def give_back(self, agents: Collection[int]) -> None:
        """Nothing runs here any more for these agents, nor for any other that was lost: others may begin."""

        def work(tx: Transaction) -> None:
            for agent in agents:
                tx.daemons.release(agent, self.node_id)

        await self._store.transact(work)
        self._giving_up.difference_update(agents)
        self._clearing = False

    async def may_act(self) -> None:
        """Return once this daemon surely has the right to act in the game."""
        while self._shared and not (self._right.works and self._elapsed() < self._right.until):
            await self._beaten.wait()

    def check(self, tx: Transaction, player_id: int) -> None:
        """Raise Fenced, inside the transaction, where the agent is not this daemon's any more."""
        if not self._shared:
            return
        owner = tx.daemons.owner(player_id)
        known = self._right.epochs.get(player_id)
        if owner is None or owner.node_id != self.node_id or owner.epoch != known:
            raise Fenced(f"Another daemon works for player {player_id} now.")

    async def leave(self) -> None:
        """Give everything up in order, so that another daemon goes on at once."""
        self._leaving = True
        owned, self._right = {*self.owned(), *self._giving_up}, _Right()

        def work(tx: Transaction) -> None:
            for agent in owned:
                tx.daemons.release(agent, self.node_id)
            tx.daemons.set_state(self.node_id, DaemonState.DOWN)

        await self._store.transact(work)

    async def drain(self) -> None:
        """Say that this daemon is about to leave: nobody takes its agents yet, and it takes no more."""
        self._leaving = True
        await self._store.transact(lambda tx: tx.daemons.set_state(self.node_id, DaemonState.DRAINING))

    def _is_alive(self, row: DaemonRow) -> bool:
        # In a database that nobody else can reach, whoever else is written there has ended.
        return self._shared and row.state.is_alive and row.age < DEAD_AFTER

    def _beat(self, tx: Transaction) -> _Seen:
        rows = {row.node_id: row for row in tx.daemons.all()}
        mine = rows.pop(self.node_id, None)
        neighbours = [row for row in rows.values() if row.host == self._me.host]
        alive = [row for row in rows.values() if self._is_alive(row)]
        rival = next((row for row in alive if row in neighbours and row.state.acts), None)
        # Whoever was found dead by another has lost its rights, and first stops what it still does.
        deposed = self._right.works and (mine is None or not mine.state.is_alive)
        works = rival is None and not deposed and not self._clearing
        dead = [row.node_id for row in rows.values() if row.state.is_alive and row not in alive]
        for node in dead:
            tx.daemons.set_state(node, DaemonState.DOWN)
        for row in rows.values():
            if row.age > FORGOTTEN_AFTER:
                tx.daemons.remove(row.node_id)
        state = DaemonState.UP if works else DaemonState.STANDBY
        tx.daemons.beat(replace(self._me, state=DaemonState.DRAINING if self._leaving else state))
        workers = {row.node_id for row in alive if row.state is DaemonState.UP}
        if works and not self._leaving:
            workers.add(self.node_id)
        giving_up = self._share(tx, workers)
        ownerships = tx.daemons.ownerships()
        quiet = [max(0.0, row.age - UNHEARD_FOR) for row in neighbours]
        if mine and not self._begun:
            quiet.append(max(self._elapsed() - self._held_since, mine.age - UNHEARD_FOR))
        self._begun = True
        return _Seen(
            works,
            {
                one.player_id: one.epoch
                for one in ownerships
                if works and one.node_id == self.node_id and one.player_id not in giving_up
            },
            min(quiet, default=None),
            tuple(dead),
            rival,
            rows,
            {one.player_id: one.node_id for one in ownerships},
            giving_up,
            deposed,
        )

    def _share(self, tx: Transaction, workers: Collection[str]) -> set[int]:
        """Take what is free; returns the agents that are handed over once nothing runs for them any more."""
        ownerships = {one.player_id: one.node_id for one in tx.daemons.ownerships()}
        decision = share_agents(
            self.node_id, workers, {player.id: ownerships.get(player.id) for player in tx.players.all()}
        )
        if self._leaving:
            return set(self._giving_up)
        running = self._giving_up | self._right.epochs.keys()
        for agent in decision.hand_over:
            if agent not in running:
                tx.daemons.release(agent, self.node_id)
        for agent in decision.take:
            tx.daemons.acquire(agent, self.node_id, DEAD_AFTER)
        return self._giving_up | (running & set(decision.hand_over))

    def _wake(self) -> None:
        self._beaten, waiting = asyncio.Event(), self._beaten
        waiting.set()


def node_rows(tx: Transaction, me: str) -> list[dict[str, Any]]:
    """Every daemon of this database as a JSON object, with the agents (call signs) that it works for."""
    owners = tx.daemons.ownerships()
    symbols = {player.id: player.agent_symbol for player in tx.players.all()}
    return [
        {
            "node_id": row.node_id,
            "this": row.node_id == me,
            "state": row.state.value,
            "host": row.host,
            "pid": row.pid,
            "address": row.address,
            "heard_seconds_ago": round(row.age, 1),
            "agents": [
                symbols[one.player_id]
                for one in owners
                if one.node_id == row.node_id and one.player_id in symbols
            ],
        }
        for row in tx.daemons.all()
    ]
