"""Looks at markets that the nodes of one factory wait to know, where a ship of the player happens to be."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, Unreadable
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.decision import duration
from goodsfactory.planning.forecast.learned import Phase
from goodsfactory.planning.lookout import due_looks, looks_due
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import MarketView

_TOLD = 3
"""Sentences about one market that a reason holds."""


class Looks:
    """What cannot be looked at is told by its nodes and tried again later; it never keeps others waiting.

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
        self._back_off = BackOff(policy)
        self._quiet: tuple[datetime, float] | None = None
        """when a look was in vain, and for how many seconds none is taken after it"""
        self._troubles: dict[str, str] = {}
        self._unanswered: dict[str, tuple[BackOff, datetime, float]] = {}

    async def take(
        self,
        factory: GoodsFactory,
        nodes: Iterable[NodeProgress],
        markets: Mapping[str, MarketSnapshot],
        ships: Sequence[Ship],
        phases: Mapping[tuple[str, Good], Phase],
    ) -> bool:
        """Look at what nodes want to know and a ship is present at; True where something was seen.

        ``phases`` tell by (waypoint, good) when markets produce, where that was learned.
        """
        now = self._clock.now()
        if self._scout.is_limited() or (self._quiet is not None and not has_passed(*self._quiet, now)):
            return False
        self._quiet = None
        seen = False
        for waypoint, since in looks_due(nodes, factory.tree, phases, now, self._policy).items():
            market = markets.get(waypoint)
            fresh = market is not None and market.was_seen_since(since)
            if fresh or not any(ship.is_at(waypoint, now) for ship in ships):
                continue
            if waypoint in self._unanswered and not has_passed(*self._unanswered[waypoint][1:], now):
                continue
            try:
                view = await self._scout.look(
                    waypoint, factory_id=factory.id, container_id=self._container_id
                )
            except (Unavailable, StaleToken) as trouble:
                await self._missed(waypoint, str(trouble))
                if not isinstance(trouble, Unreadable):
                    break  # the server does not answer at all: it would not tell of other markets either
            except Refused as refused:
                self._troubles[waypoint] = str(refused)
                await self._warn(str(refused))
            else:
                seen = True
                self._back_off.well()
                wanting = (node for node in nodes if waypoint in due_looks(node, factory.tree, now))
                goods = {node.good for node in wanting}
                self._judge(waypoint, view, goods)
        return seen

    def _judge(self, waypoint: str, view: MarketView, goods: Collection[Good]) -> None:
        """Where a market does not say what anybody wants to know, it is asked ever more rarely."""
        self._troubles.pop(waypoint, None)
        if not view.unreadable or any(view.snapshot.listing(good) is not None for good in goods):
            self._unanswered.pop(waypoint, None)
            return
        back_off = self._unanswered[waypoint][0] if waypoint in self._unanswered else BackOff(self._policy)
        self._unanswered[waypoint] = back_off, self._clock.now(), back_off.next()

    def explain(
        self, nodes: Iterable[NodeProgress], markets: Mapping[str, MarketSnapshot]
    ) -> tuple[NodeProgress, ...]:
        """The nodes, each with what keeps anybody from knowing the markets it waits for."""
        outage = self._scout.trouble()
        return tuple(self._explained(node, markets, outage) for node in nodes)

    def _explained(
        self, node: NodeProgress, markets: Mapping[str, MarketSnapshot], outage: str | None
    ) -> NodeProgress:
        told = [self._troubles[place] for place in node.look_at if place in self._troubles]
        for place, amiss in self._scout.amiss().items():
            market = markets.get(place)
            unpriced = market is not None and market.type_of(node.good) and not market.listing(node.good)
            if node.state is not NodeState.DONE and (unpriced or place in node.look_at):
                told.append(f"{place}: {'; '.join(amiss[:_TOLD])}")
        limited = node.state is not NodeState.DONE and self._scout.is_limited()
        if outage is not None and not told and (node.look_at or limited):
            told = [outage]  # whoever is on the way there cannot look either
        return replace(node, reason="; ".join([node.reason, *(one.rstrip(".") for one in told)]))

    async def _missed(self, waypoint: str, trouble: str) -> None:
        pause = self._back_off.next()
        self._quiet = self._clock.now(), pause
        self._troubles[waypoint] = trouble
        await self._warn(f"{trouble.rstrip('.')}. Looking again in {duration(pause)}.")
