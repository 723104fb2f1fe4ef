"""One replay: the real planner decides, a model of ships and markets answers. Pure, and the same for a seed.

It keeps the program's own rhythm. Events are passes of the planner and what ships do; time jumps from one to
the next. A pass before which nothing has changed takes its looks and plans nothing.
"""

import heapq
import itertools
import math
import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import bought_of
from goodsfactory.domain.quote import QuoteMoment
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.looking.lookout import looks_due
from goodsfactory.planning.plan import plan
from goodsfactory.planning.quote.beliefs import draw_beliefs
from goodsfactory.planning.quote.crew import ELSEWHERE, Crew
from goodsfactory.planning.quote.flotilla import Steps
from goodsfactory.planning.quote.outcome import Outcome
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld
from goodsfactory.planning.requirements.lot import Ages
from goodsfactory.planning.situation import Order
from goodsfactory.planning.snapshot import FactoryDecision, FleetView, Verdict

LONGEST = 4 * 86_400.0
"""Simulated seconds after which a replay is given up."""

IDLE = 86_400.0
"""And so it is where the order bought or sold nothing for so long: whatever it waits for does not come."""

MOST_EVENTS = 40_000

_COARSER = 300.0
"""For each other order passes are apart by this part of the time that is replayed already: what is far
ahead is not known to the second, and a pass takes the longer the more orders there are."""


class Replay:
    """Runs once; ``seed`` decides all that is not known."""

    def __init__(self, scene: Scene, seed: int) -> None:
        chance = random.Random(seed)
        self._scene = scene
        self._policy = scene.policy
        self._world = TradingWorld(scene, draw_beliefs(chance), chance)
        self._orders = {order.id: order for order in scene.situation.orders}
        self.crew = Crew(scene, self._world, self._changed)
        self._queue: list[tuple[float, int, Steps]] = []
        self._put_down = itertools.count()
        self._chains = Chains()
        self._ages: Ages = {}
        self._dirty = True
        self._now = self._pass_at = self._planned_at = self._again = 0.0
        self._others = 0
        self._end: FactoryDecision | None = None
        self._story: list[QuoteMoment] = []

    def run(self, *, longest: float = LONGEST) -> Outcome:
        """Play it to the end of the order that the scene asks about."""
        account = self.crew.accounts[self._scene.order_id]
        for work in self.crew.resume():
            self._go_on(work)
        for _ in range(MOST_EVENTS):
            ready = self._queue and self._queue[0][0] <= self._pass_at
            at = self._queue[0][0] if ready else self._pass_at
            if self._end is not None or at > min(longest, account.traded_at + IDLE):
                break
            self._now = self.crew.now = at
            if ready:
                self._go_on(heapq.heappop(self._queue)[2])
            else:
                self._pass()
        return self._outcome()

    # Time

    def _go_on(self, work: Steps) -> None:
        """Let work go on until it waits, and put down when it goes on again; nothing where it is over."""
        wait = next(work, None)
        if wait is not None:
            heapq.heappush(self._queue, (self._now + wait, next(self._put_down), work))

    def _plan_within(self, seconds: float) -> None:
        """A pass is due in so many seconds, unless one is sooner anyway."""
        self._pass_at = min(self._pass_at, self._now + seconds)

    def _changed(self) -> None:
        """Something was written down that the planner watches for."""
        self._dirty = True
        self._plan_within(self._policy.settle_interval)

    # The planner

    def _pass(self) -> None:
        self._pass_at = math.inf
        self._take_looks()
        if self._now >= self._due_at:
            self._planned_at, self._dirty = self._now, False
            self._plan()
        if self._end is None:
            checks = (node.next_check for order in self._orders.values() for node in order.progress.values())
            moments = [self._second(check) for check in checks if check is not None]
            waits = [moment - self._now for moment in (*moments, self._due_at) if moment > self._now]
            usual = self._policy.poll_interval_settled
            self._plan_within(min([*waits, usual]) + self._policy.settle_interval)

    @property
    def _due_at(self) -> float:
        """When it is planned next: after a change, or once what was planned with is too old."""
        if not self._dirty:
            return self._again
        return self._planned_at * (1 + self._others / _COARSER)

    def _take_looks(self) -> None:
        """At what nodes want to know, where a ship is."""
        now, ships = self._world.instant(self._now), self.crew.ships.values()
        for order in self._orders.values():
            if order.factory.is_idle:
                continue
            due = looks_due(order.progress.values(), order.factory.tree, order.phases, now, self._policy)
            for waypoint, since in due.items():
                market = self._world.seen.get(waypoint)
                if market is None or market.was_seen_since(since):
                    continue
                if any(ship.is_at(waypoint, now) for ship in ships):
                    self.crew.accounts[order.id].requests += 1
                    self._dirty |= self._world.look(waypoint, self._now)

    def _plan(self) -> None:
        now, crew = self._world.instant(self._now), self.crew
        legs = defaultdict[str, list[Leg]](list)
        for leg in crew.legs.values():
            legs[leg.factory_id].append(leg)
        self._orders = {name: replace(one, legs=legs[name]) for name, one in self._orders.items()}
        situation = replace(
            self._scene.situation,
            orders=list(self._orders.values()),
            ships=list(crew.ships.values()),
            markets=self._world.seen,
            flying=[leg for leg in crew.legs.values() if leg.state.is_open],
            claims=crew.claims,
            kept=crew.kept,
            stock=list(crew.stock.values()),
            scouted=crew.scouted,
            approached=crew.approached,
            waiting=self._ages,
        )
        made = plan(situation, now, self._policy, self._chains)
        self._ages = made.ages
        for name, decision in made.decisions.items():
            self._record(self._orders[name], decision, made.trees.get(name))
        if self._end is not None:
            return
        working = [order.factory.tree for order in self._orders.values() if not order.factory.is_idle]
        self._others = len(working) - 1
        self._world.interest = {node.good for tree in working if tree for node in tree.flatten()}
        for match in made.matches:
            self._go_on(crew.fly(match.lot, match.ship.symbol))
            self._changed()
        own = self._orders[self._scene.order_id]
        wanted = {place for node in own.progress.values() for place in node.look_at}
        for voyage in (*made.looks, *made.posts):
            asks = own.id if wanted.intersection(voyage.waypoints) else ELSEWHERE
            self._go_on(crew.scout(voyage, voyage.factory_id or asks))
        held = [lot.not_before for decision in made.decisions.values() for lot in decision.lots]
        waits = [self._second(moment) for moment in held if moment is not None and moment > now]
        self._again = min([self._now + self._policy.market_ttl, *waits])

    def _record(self, order: Order, decision: FactoryDecision, tree: SupplyChainNode | None) -> None:
        asked, progress = order.id == self._scene.order_id, dict(order.progress)
        self.crew.legs |= {leg.id: leg for leg in decision.withdrawn}
        for node in decision.nodes:
            before = progress.get(node.good)
            if asked and (before is None or before.state is not node.state):
                self._story.append(QuoteMoment(self._now, f"{node.good} {node.state}: {node.reason}"))
            progress[node.good] = node
        factory = replace(order.factory, tree=tree or order.factory.tree)
        self._orders[order.id] = replace(order, factory=factory, progress=progress)
        if decision.verdict is not Verdict.CONTINUE and asked:
            self._end = decision
        elif decision.verdict is not Verdict.CONTINUE:
            del self._orders[order.id]

    def _second(self, instant: datetime) -> float:
        return (instant - self._scene.now).total_seconds()

    # The end

    def _outcome(self) -> Outcome:
        crew, order = self.crew, self._orders[self._scene.order_id]
        request, tree, flown = order.factory.request, order.factory.tree, crew.flown(order.id)
        if self._end is not None:
            reason = self._end.reason
        else:
            fleet = FleetView(list(crew.ships.values()), {}, request, order.factory.system_symbol, crew.kept)
            never = fleet.keeping and not flown
            reason = "it would never be made" if never else "it takes too long to be foretold"
            waits = [f"{one.good}: {one.reason}" for one in order.progress.values() if one.state.is_waiting]
            reason = "; ".join([reason, *waits[:2]])
        sold = request.terminal is Terminal.SELL
        units = sum(one.delivered if sold else one.bought for one in flown if one.is_lift)
        return Outcome(
            finished=self._end is not None and self._end.verdict is Verdict.COMPLETE,
            reason=reason,
            seconds=self._now,
            units=units,
            taken=crew.taken(order.id),
            nodes=bought_of(flown),
            value=0 if sold or tree is None else self._world.best_bids(tree, units, self._now),
            story=tuple(sorted((*self._story, *crew.story), key=lambda moment: moment.seconds)),
        )
