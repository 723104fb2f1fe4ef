"""Looks at markets that nodes wait to know, where a ship of the agent happens to be."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.errors import Refused, Unavailable
from goodsfactory.domain.goods import Good
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.decision import duration
from goodsfactory.planning.looking.lookout import due_looks, looks_due
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.situation import Order
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import MarketView

_TOLD = 3
"""Sentences about one market that a reason holds."""


class Looks:
    """What cannot be looked at is told by its nodes and tried again later; it never keeps others waiting.

    Markets are looked at beside each other, so that one that never answers delays none of the rest.

    ``warn`` writes a line into the log of the container.
    """

    def __init__(
        self,
        scout: Scout,
        clock: Clock,
        policy: Policy,
        container_id: str,
        warn: Callable[[str], Awaitable[None]],
    ) -> None:
        self._scout = scout
        self._clock = clock
        self._policy = policy
        self._container_id = container_id
        self._warn = warn
        self._looking: dict[str, asyncio.Task[None]] = {}
        self.over = asyncio.Event()
        self._troubles: dict[str, str] = {}
        self._in_vain: dict[str, tuple[BackOff, datetime, float]] = {}
        """by market when a look was in vain, and for how many seconds none is taken after it"""

    def begin(
        self, orders: Iterable[Order], markets: Mapping[str, MarketSnapshot], ships: Sequence[Ship]
    ) -> bool:
        """Look at what nodes want to know and a ship is present at; True where a look was begun.

        ``over`` is set once those are done. Raises what the looks begun before came to grief on.
        """
        for ended in [place for place, look in self._looking.items() if look.done()]:
            self._looking.pop(ended).result()
        due = self._due(orders, markets, ships)
        if due:
            left, self.over = set(due), asyncio.Event()
            for place, (order, goods) in due.items():
                look = self._look(place, order, goods, left, self.over)
                self._looking[place] = asyncio.create_task(look, name=f"look at {place}")
        return bool(due)

    async def close(self) -> None:
        """End what is under way."""
        for look in self._looking.values():
            look.cancel()
        await asyncio.gather(*self._looking.values(), return_exceptions=True)

    def _due(
        self, orders: Iterable[Order], markets: Mapping[str, MarketSnapshot], ships: Sequence[Ship]
    ) -> dict[str, tuple[str, set[Good]]]:
        """The markets to look at now, with whose they are and the goods that somebody wants to know there."""
        now = self._clock.now()
        if self._scout.is_limited():
            return {}
        found: dict[str, tuple[str, set[Good]]] = {}
        for order in orders:
            tree, nodes = order.factory.tree, list(order.progress.values())
            if order.factory.is_idle:
                continue
            for waypoint, since in looks_due(nodes, tree, order.phases, now, self._policy).items():
                market = markets.get(waypoint)
                fresh = market is not None and market.was_seen_since(since)
                if fresh or not any(ship.is_at(waypoint, now) for ship in ships):
                    continue
                if waypoint in self._looking or not self._is_worth_it(waypoint, now):
                    continue
                wanting = {node.good for node in nodes if waypoint in due_looks(node, tree, now)}
                found.setdefault(waypoint, (order.id, set()))[1].update(wanting)
        if self._scout.trouble() is None or not found:
            return found
        # It answers nobody, or a market that hangs makes it seem so: one more look tells which.
        first = min(found, key=lambda waypoint: waypoint in self._in_vain)
        return {} if len(self._looking) > 1 else {first: found[first]}

    def _is_worth_it(self, waypoint: str, now: datetime) -> bool:
        return waypoint not in self._in_vain or has_passed(*self._in_vain[waypoint][1:], now)

    async def _look(
        self, waypoint: str, factory_id: str, goods: Collection[Good], left: set[str], over: asyncio.Event
    ) -> None:
        try:
            view = await self._scout.look(waypoint, factory_id=factory_id, container_id=self._container_id)
        except (Unavailable, Refused) as trouble:
            await self._missed(waypoint, str(trouble))
        else:
            self._judge(waypoint, view, goods)
        finally:
            left.discard(waypoint)
            if not left:
                over.set()

    def _judge(self, waypoint: str, view: MarketView, goods: Collection[Good]) -> None:
        """Where a market does not say what anybody wants to know, it is asked ever more rarely."""
        self._troubles.pop(waypoint, None)
        if not view.unreadable or any(view.snapshot.listing(good) is not None for good in goods):
            self._in_vain.pop(waypoint, None)
        else:
            self._ask_later(waypoint)

    def _ask_later(self, waypoint: str) -> float:
        back_off = self._in_vain[waypoint][0] if waypoint in self._in_vain else BackOff(self._policy)
        pause = back_off.next()
        self._in_vain[waypoint] = back_off, self._clock.now(), pause
        return pause

    def explain(
        self, nodes: Iterable[NodeProgress], markets: Mapping[str, MarketSnapshot]
    ) -> tuple[NodeProgress, ...]:
        """The nodes, each with what keeps anybody from knowing the markets it waits for."""
        return tuple(self._explained(node, markets) for node in nodes)

    def _explained(self, node: NodeProgress, markets: Mapping[str, MarketSnapshot]) -> NodeProgress:
        told = [self._troubles[place] for place in node.look_at if place in self._troubles]
        for place, amiss in self._scout.amiss().items():
            market = markets.get(place)
            unpriced = market is not None and market.type_of(node.good) and not market.listing(node.good)
            if node.state is not NodeState.DONE and (unpriced or place in node.look_at):
                told.append(f"{place}: {'; '.join(amiss[:_TOLD])}")
        return replace(node, reason="; ".join([node.reason, *(one.rstrip(".") for one in told)]))

    async def _missed(self, waypoint: str, trouble: str) -> None:
        pause = self._ask_later(waypoint)
        self._troubles[waypoint] = trouble
        await self._warn(f"{trouble.rstrip('.')}. Looking again in {duration(pause)}.")
