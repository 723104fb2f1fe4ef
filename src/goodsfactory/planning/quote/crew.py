"""The work of ships in a replay: legs and looks."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.ship import Hold
from goodsfactory.planning import voyage
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.chart.routing import NoRoute
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.market.loading import Purse
from goodsfactory.planning.quote.flotilla import Flotilla, Steps
from goodsfactory.planning.quote.outcome import Moment
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld
from goodsfactory.planning.requirements.lot import Lot


class Crew(Flotilla):
    """Ships with work. ``changed`` is told whenever something happens that a planner would hear of."""

    def __init__(self, scene: Scene, world: TradingWorld, changed: Callable[[], None]) -> None:
        super().__init__(scene, world)
        self.claims: dict[str, Claim] = dict(scene.claims)
        self.kept = dict(scene.kept)
        self.legs = {leg.id: leg for leg in scene.legs}
        self._before = scene.totals
        self.scouted = {place for stops in scene.scouting.values() for place in stops}
        self._bound = dict(scene.scouting)
        self.short_of_money = False
        self.flew = False
        """whether a leg was flown, if not to its end; looks are none"""
        self.story: list[Moment] = []
        self._changed = changed
        self._busy_since: dict[str, float] = {}
        self._busy = 0.0
        self._numbers = itertools.count(1)

    # What the replay asks for

    def resume(self) -> list[Steps]:
        """The work that is under way when the replay begins."""
        works = []
        ours = {leg.ship: leg for leg in self.legs.values() if leg.state.is_open and leg.ship}
        for symbol, claim in list(self.claims.items()):
            ship = self.ships.get(symbol)
            if ship is None:
                continue
            self._busy_since[symbol] = 0.0
            leg = ours.get(symbol)
            if leg is not None:
                self.flew = True
                works.append(self._ended(symbol, self._voyage(leg.id, symbol)))
            elif symbol in self._scene.scouting:
                works.append(self._ended(symbol, self._visit(symbol, self._scene.scouting[symbol])))
            else:
                works.append(self._ended(symbol, self._elsewhere(claim)))
        return works

    def claim(self, claim: Claim) -> None:
        self.claims[claim.ship] = claim
        self._busy_since[claim.ship] = self.now

    def fly(self, lot: Lot, symbol: str) -> Steps:
        """Fly a lot to an end; its ship is free after it."""
        self.flew = True
        number, factory = next(self._numbers), self._scene.factory
        now = self.instant(self.now)
        leg = lot.flown(factory.player_id, f"replay-{number:06d}", symbol, f"worker of {symbol}", now)
        self._put(leg)
        return self._ended(symbol, self._voyage(leg.id, symbol))

    def scout(self, symbol: str, waypoints: tuple[str, ...]) -> Steps:
        """Look at markets one after the other."""
        self.scouted |= set(waypoints)
        self._bound[symbol] = waypoints
        return self._ended(symbol, self._visit(symbol, waypoints))

    @property
    def approached(self) -> list[str]:
        """Where cargo ships are on their way to look or to wait."""
        return [
            stop for ship, stops in self._bound.items() if not self.ships[ship].is_probe for stop in stops
        ]

    def ship_seconds(self) -> float:
        """How long cargo ships had work until now."""
        running = [
            self.now - since for symbol, since in self._busy_since.items() if not self.ships[symbol].is_probe
        ]
        return self._busy + sum(running)

    def acquired(self) -> Mapping[Good, tuple[int, int]]:
        """Units bought and credits paid for each good."""
        found: dict[Good, list[int]] = defaultdict(lambda: [0, 0])
        flown: list[Leg | LegTotals] = [*self._before, *self.legs.values()]
        for one in flown:
            if one.bought:
                found[one.good][0] += one.bought
                found[one.good][1] += one.cost
        return {good: (units, cost) for good, (units, cost) in found.items()}

    # Work

    def _ended(self, symbol: str, work: Steps) -> Steps:
        yield from work
        self.claims.pop(symbol, None)
        self._bound.pop(symbol, None)
        since = self._busy_since.pop(symbol, self.now)
        if not self.ships[symbol].is_probe:
            self._busy += self.now - since
        self._changed()

    def _elsewhere(self, claim: Claim) -> Steps:
        """Other work of a ship: it is taken to be over when the ship arrives and has unloaded."""
        yield from self.arrive(claim.ship)
        ship = self.ships[claim.ship]
        if claim.ship not in self.kept and not ship.is_probe:
            self.save(replace(ship, hold=Hold(ship.hold.capacity)))

    def _visit(self, symbol: str, waypoints: Sequence[str]) -> Steps:
        self.requests += 1
        for waypoint in waypoints:
            try:
                yield from self.go(symbol, waypoint)
            except NoRoute:
                continue
            finally:
                self.scouted.discard(waypoint)
            self.look(waypoint)
            self._changed()

    def _voyage(self, leg_id: str, symbol: str) -> Steps:
        """The leg is flown by the rules of ``planning.voyage`` until it is over or given back."""
        self.requests += 1
        leg = self.legs[leg_id]
        if (units := voyage.miscount(leg, self.ships[symbol])) > 0:
            self._put(leg.take_over(units, 0))
        elif units < 0:
            self._put(leg.write_off(-units, 0))
        looked, back_off = False, BackOff(self._policy)
        while self.legs[leg_id].state.is_open:
            leg, ship = self.legs[leg_id], self.ships[symbol]
            sight = voyage.Sight(looked, self._world.seen, self._scene.chart, self.legs.values())
            purse = Purse(max(0, self.balance - self._policy.credit_floor))
            step = voyage.next_step(leg, ship, sight, purse, self.instant(self.now), self._policy)
            looked = isinstance(step, voyage.Look)
            match step:
                case voyage.Go(waypoint):
                    try:
                        yield from self.go(symbol, waypoint)
                    except NoRoute as lost:
                        self._end(leg, LegState.FAILED, str(lost))
                    else:
                        self.dock(symbol)
                case voyage.Wait():
                    yield back_off.next()
                    self.requests += 1
                case _:
                    self._do(step, leg, symbol)

    def _do(self, step: voyage.Step, leg: Leg, symbol: str) -> None:
        """A step that takes no time."""
        now = self.instant(self.now)
        match step:
            case voyage.Look(waypoint):
                self.look(waypoint)
                self._changed()
            case voyage.Buy(units):
                cost = self.buy(symbol, leg.good, units)
                self._put(leg.buy(units, cost, now))
            case voyage.Carry(reason):
                self._put(leg.depart(now))
                self._tell(f"{symbol} carries {leg.aboard} {leg.good} from {leg.source} ({reason})")
                self._changed()
            case voyage.Divert(waypoint, reason):
                self._put(leg.go_on_to(waypoint, reason))
            case voyage.Sell(units):
                revenue = self.sell(symbol, leg.good, units)
                self._put(leg.deliver(units, revenue, now))
            case voyage.GiveBack(reason, rule):
                self.short_of_money |= rule.is_about_money
                self._forget_refusals(now)
                self._put(leg.give_back(reason, rule, voyage.try_again_at(now, self._policy), now))
            case voyage.Keep(reason):
                self._end(leg, LegState.DONE, reason)
                if self._scene.handed_over:
                    self.requests += 1
                    self.stow(symbol, leg.good, -self.ships[symbol].hold.of(leg.good))
                elif self._scene.factory.request.terminal is Terminal.HOLD:
                    self.kept[symbol] = Kept(f"made by factory {leg.factory_id}")
            case voyage.End(state, reason):
                self._end(leg, state, reason)

    # Books

    def _put(self, *legs: Leg) -> None:
        self.legs |= {leg.id: leg for leg in legs}

    def _forget_refusals(self, now: datetime) -> None:
        """Those whose wait is over: they hold nothing up, and where money stays short they are many."""
        over = [one.id for one in self.legs.values() if one.is_given_back and (one.not_before or now) <= now]
        for name in over:
            del self.legs[name]

    def _end(self, leg: Leg, state: LegState, sentence: str) -> None:
        self._put(leg.end(state, sentence, self.instant(self.now)))
        self._tell(sentence)
        self._changed()

    def _tell(self, sentence: str) -> None:
        self.story.append(Moment(self.now, sentence))
