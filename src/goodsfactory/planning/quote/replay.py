"""One replay: the real planner decides, a model of ships and markets answers. Pure, and the same for a seed.

It keeps the program's own rhythm. Events are passes of the planner and what ships do; time jumps from one to
the next. A pass in which nothing can be decided otherwise than before is passed over.
"""

import math
import random
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.looking.lookout import looks_due
from goodsfactory.planning.plan import plan
from goodsfactory.planning.quote.agenda import Agenda
from goodsfactory.planning.quote.beliefs import draw_beliefs
from goodsfactory.planning.quote.crew import Crew
from goodsfactory.planning.quote.outcome import Moment, Outcome
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld
from goodsfactory.planning.quote.valuing import best_bids
from goodsfactory.planning.requirements.lot import Ages
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import FactoryDecision, FleetView, Verdict

LONGEST = 4 * 86_400.0
"""Simulated seconds after which a replay is given up."""

IDLE = 86_400.0
"""And so it is where nothing was bought or sold for so long: whatever it waits for does not come."""

MOST_EVENTS = 40_000

_SETTLE = 1.0


class Replay:
    """Runs once; ``seed`` decides all that is not known."""

    def __init__(self, scene: Scene, seed: int) -> None:
        chance = random.Random(seed)
        self._scene = scene
        self._policy = scene.policy
        self._world = TradingWorld(scene, draw_beliefs(chance), chance)
        self._factory = scene.factory
        self._chains = Chains()
        self._progress: dict[Good, NodeProgress] = {node.good: node for node in scene.nodes}
        self._crew = Crew(scene, self._world, self._changed)
        self._agenda = Agenda("pass")
        self._dirty = True
        self._recheck = 0.0
        self._planned_version = -1
        self._waiting: Ages = {}
        self._end: FactoryDecision | None = None
        self._story: list[Moment] = []

    def run(self, *, longest: float = LONGEST) -> Outcome:
        """Play it to its end."""
        for work in self._crew.resume():
            self._agenda.go_on(work)
        self._agenda.plan("pass", 0.0)
        events = 0
        while self._end is None and (following := self._agenda.take()) is not None:
            at, due = following
            events += 1
            if at > longest or events > MOST_EVENTS or at > self._crew.traded_at + IDLE:
                break
            self._agenda.now = self._crew.now = at
            if not isinstance(due, str):
                self._agenda.go_on(due)
            else:
                self._pass()
        return self._outcome()

    # Time

    @property
    def _now(self) -> float:
        return self._agenda.now

    def _changed(self) -> None:
        """Something was written down that the planner watches for."""
        self._dirty = True
        self._agenda.plan("pass", self._now + _SETTLE)

    # The planner

    def _pass(self) -> None:
        self._take_looks()
        if self._dirty or self._world.version != self._planned_version or self._now >= self._recheck:
            self._plan()
        else:
            self._poll_on()
        if self._end is None:
            wait = min(self._policy.planner_interval, self._next_check() - self._now)
            self._agenda.plan("pass", self._now + max(0.0, wait) + _SETTLE)

    def _take_looks(self) -> None:
        now = self._world.instant(self._now)
        for waypoint, since in looks_due(
            self._progress.values(), self._factory.tree, self._scene.phases, now, self._policy
        ).items():
            market = self._world.seen.get(waypoint)
            if market is None or market.was_seen_since(since):
                continue
            if any(ship.is_at(waypoint, now) for ship in self._crew.ships.values()):
                self._crew.look(waypoint)

    def _plan(self) -> None:
        self._dirty = False
        now, crew = self._world.instant(self._now), self._crew
        legs = list(crew.legs.values())
        order = Order(self._factory, self._progress, legs, self._scene.totals, self._scene.phases)
        situation = Situation(
            [order],
            list(crew.ships.values()),
            self._world.seen,
            self._scene.chart,
            self._scene.recipes,
            [leg for leg in legs if leg.state.is_open],
            crew.claims,
            crew.kept,
            scouted=crew.scouted,
            approached=crew.approached,
            waiting=self._waiting,
        )
        made = plan(situation, now, self._policy, self._chains)
        self._planned_version = self._world.version
        self._waiting = made.ages
        decision = made.decisions[self._factory.id]
        self._factory = replace(self._factory, tree=made.trees.get(self._factory.id, self._factory.tree))
        self._world.interest = _matter(self._factory.tree)
        self._record(decision)
        if decision.verdict is not Verdict.CONTINUE:
            self._end = decision
            return
        for match in made.matches:
            self._claim(match.ship, "worker")
            self._agenda.go_on(crew.fly(match.lot, match.ship.symbol))
        for voyage in (*made.looks, *made.posts):
            self._claim(crew.ships[voyage.ship], "scout")
            self._agenda.go_on(crew.scout(voyage.ship, voyage.waypoints))
        if made.matches:
            self._changed()
        self._recheck = self._next_recheck(decision)

    def _record(self, decision: FactoryDecision) -> None:
        for leg in decision.withdrawn:
            self._crew.legs[leg.id] = leg
        for node in decision.nodes:
            before = self._progress.get(node.good)
            if before is None or before.state is not node.state:
                self._tell(f"{node.good} {node.state}: {node.reason}")
            self._progress[node.good] = node

    def _poll_on(self) -> None:
        """Count the looks of the nodes that wait for production, as ``decide`` would."""
        now = self._world.instant(self._now)
        for good, node in self._progress.items():
            if node.next_check is None or now < node.next_check:
                continue
            if node.state is NodeState.PRODUCING:
                settled = timedelta(seconds=self._policy.poll_interval_settled)
                self._progress[good] = replace(node, next_check=now + settled, checks=node.checks + 1)
            else:
                later = timedelta(seconds=self._policy.planner_interval)
                self._progress[good] = replace(node, next_check=now + later)

    def _next_check(self) -> float:
        """When a node that waits wants to be looked at again, in seconds of the replay."""
        checks = [node.next_check for node in self._progress.values() if node.next_check is not None]
        later = [check for check in map(self._second, checks) if check > self._now]
        return min(later, default=math.inf)

    def _next_recheck(self, decision: FactoryDecision) -> float:
        """When mere time can change a decision: data grows old, a back-off or a patience ends."""
        policy = self._policy
        moments = [
            self._second(node.since) + patience
            for node in self._progress.values()
            if node.state is NodeState.WAITING_SOURCE
            for patience in (policy.first_look_patience, policy.market_ttl)
        ]
        moments += [self._second(lot.not_before) for lot in decision.lots if lot.not_before]
        moments += [
            self._second(leg.ended_at) + policy.retry_limit
            for leg in self._crew.legs.values()
            if leg.state is LegState.FAILED and leg.ended_at
        ]
        for market in self._world.seen.values():
            if market.observed_at is not None and self._world.interest & (market.exports | market.exchange):
                moments.append(self._second(market.observed_at) + policy.market_ttl + 0.001)
        return min((moment for moment in moments if moment > self._now), default=math.inf)

    def _second(self, instant: datetime) -> float:
        return (instant - self._scene.now).total_seconds()

    def _claim(self, ship: Ship, work: str) -> None:
        self._crew.claim(Claim(ship.symbol, self._factory.player_id, work, work, 1, self._scene.now))

    # The end

    def _tell(self, sentence: str) -> None:
        self._story.append(Moment(self._now, sentence))

    def _outcome(self) -> Outcome:
        crew, request = self._crew, self._factory.request
        done = self._end is not None and self._end.verdict is Verdict.COMPLETE
        fleet = FleetView(list(crew.ships.values()), {}, request, self._factory.system_symbol, crew.kept)
        never = bool(fleet.keeping) and not crew.flew
        unended = "it would never be made" if never else "it takes too long to be foretold"
        reason = self._end.reason if self._end else unended
        if self._end is None:
            waits = [
                f"{node.good}: {node.reason}" for node in self._progress.values() if node.state.is_waiting
            ]
            reason = "; ".join([reason, *waits[:2]])
        flown: list[Leg | LegTotals] = [*self._scene.totals, *crew.legs.values()]
        lifts = [one for one in flown if one.is_lift]
        sold = request.terminal is Terminal.SELL
        units = sum(one.delivered if sold else one.bought for one in lifts)
        return Outcome(
            finished=done,
            reason=reason,
            seconds=self._now,
            units=units,
            spent=crew.spent,
            revenue=crew.revenue,
            requests=crew.requests,
            ship_seconds=crew.ship_seconds(),
            nodes=crew.acquired(),
            short_of_money=crew.short_of_money,
            value=0
            if sold or self._factory.tree is None
            else best_bids(self._factory.tree, units, self._world, self._scene, self._now),
            story=tuple(sorted((*self._story, *crew.story), key=lambda moment: moment.seconds)),
        )


def _matter(tree: SupplyChainNode | None) -> frozenset[Good]:
    return frozenset(node.good for node in tree.flatten()) if tree is not None else frozenset()
