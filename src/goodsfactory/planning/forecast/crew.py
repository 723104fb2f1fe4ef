"""The work of ships in a replay: legs and looks, flown by the rules of the real voyages."""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.ship import Hold, NavStatus
from goodsfactory.planning.chart.routing import NoRoute
from goodsfactory.planning.forecast.flotilla import Flotilla, Steps
from goodsfactory.planning.forecast.outcome import Moment
from goodsfactory.planning.forecast.scene import Scene
from goodsfactory.planning.forecast.trading_world import TradingWorld
from goodsfactory.planning.loading import LoadingView, decide_tranche
from goodsfactory.planning.spreading import next_market
from goodsfactory.planning.tranches import TrancheDecision

_HELD_UP_FIRST = 15.0
"""Seconds until a sale that was refused for its price is tried again; they double."""


class _Failed(Exception):
    """The leg cannot be flown; the message is its failure."""


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

    # What the replay asks for

    def resume(self) -> list[Steps]:
        """The work that is under way when the replay begins."""
        works = []
        ours = {leg.ship: leg for leg in self.legs.values() if leg.state.is_flying and leg.ship}
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

    def fly(self, leg: Leg, symbol: str) -> Steps:
        """Fly a leg to an end; its ship is free after it."""
        self.flew = True
        self.legs[leg.id] = leg.assign(symbol, f"worker of {symbol}", self.instant(self.now))
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
        ship = self.ships[claim.ship]
        arrival = ship.nav.arrival
        if ship.nav.status is NavStatus.IN_TRANSIT and arrival is not None:
            yield max(0.0, (arrival - self._scene.now).total_seconds()) + self._policy.arrival_margin
            self.land(claim.ship)
        if claim.ship not in self.kept and not ship.is_probe:
            self.save(replace(self.ships[claim.ship], hold=Hold(ship.hold.capacity)))

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
        self.requests += 1
        wait = _HELD_UP_FIRST
        while True:
            try:
                if self.legs[leg_id].state is LegState.LOADING:
                    over = yield from self._load(leg_id, symbol)
                    if over:
                        return
                sold = yield from self._deliver(leg_id, symbol)
                if sold:
                    return
            except (_Failed, NoRoute) as failure:
                self._end(self.legs[leg_id].fail(str(failure), self.instant(self.now)), str(failure))
                return
            # A crushed sink is left to recover; the cargo stays with its ship.
            yield wait
            wait = min(self._policy.retry_limit, 2 * wait)

    def _load(self, leg_id: str, symbol: str) -> Generator[float, None, bool]:
        """Buy tranche by tranche; True where the leg is over with that."""
        self._adopt(leg_id, symbol)
        leg, ship = self.legs[leg_id], self.ships[symbol]
        stopped = TrancheDecision(0, 0, f"{leg.aboard} were aboard already")
        if not (leg.bought >= leg.units or (leg.bought and ship.hold.free == 0)):
            if ship.hold.free == 0:
                raise _Failed(f"{symbol} has no cargo space")
            yield from self.go(symbol, leg.source)
            self.dock(symbol)
            stopped = self._buy_all(leg_id, symbol)
        leg = self.legs[leg_id]
        if leg.aboard == 0:
            self._empty_handed(leg, stopped)
            return True
        self.legs[leg_id] = leg.depart(self.instant(self.now))
        self._tell(f"{symbol} carries {leg.aboard} {leg.good} from {leg.source} ({stopped.reason})")
        self._changed()
        return False

    def _buy_all(self, leg_id: str, symbol: str) -> TrancheDecision:
        """Returns why loading stopped."""
        while True:
            leg, ship = self.legs[leg_id], self.ships[symbol]
            self.look(leg.source)
            self._changed()
            listing = self._world.seen[leg.source].listing(leg.good)
            if listing is None or listing.type is TradeType.IMPORT:
                raise _Failed(f"{leg.source} does not sell {leg.good}.")
            budget = max(0, self.balance - self._policy.credit_floor)
            view = LoadingView(leg, ship, listing, list(self._world.seen.values()), budget)
            tranche = decide_tranche(view, self._policy)
            if tranche.units == 0:
                return tranche
            cost = self.buy(symbol, leg.good, tranche.units)
            self.legs[leg_id] = leg.buy(tranche.units, cost, self.instant(self.now))

    def _empty_handed(self, leg: Leg, stopped: TrancheDecision) -> None:
        why, rule = stopped.reason, stopped.rule
        if rule is None:
            sentence = f"bought nothing at {leg.source}: {why}"
            self._end(leg.cancel(sentence, self.instant(self.now)), sentence)
            return
        self.short_of_money |= rule.is_about_money
        later = self.instant(self.now + self._policy.retry_limit / 4)
        self.legs[leg.id] = leg.give_back(why, rule, later)

    def _deliver(self, leg_id: str, symbol: str) -> Generator[float, None, bool]:
        """Sell what is aboard; True where the leg is over with that, False where the sink must recover."""
        leg = self.legs[leg_id]
        if leg.destination is None:
            sentence = f"{leg.bought} {leg.good} are in the hold of {symbol}"
            self._end(leg.complete(self.instant(self.now)), sentence)
            if self._scene.handed_over:
                self.requests += 1
                self.stow(symbol, leg.good, -self.ships[symbol].hold.of(leg.good))
            elif self._scene.factory.request.terminal is Terminal.HOLD:
                self.kept[symbol] = f"made by factory {leg.factory_id}"
            return True
        sink = leg.destination
        yield from self.go(symbol, sink)
        self.dock(symbol)
        while (aboard := self.ships[symbol].hold.of(leg.good)) > 0:
            if leg.feeds is None and (onward := self._next_market(leg, symbol)) is not None:
                sink = onward
                self.legs[leg_id] = self.legs[leg_id].go_on_to(sink, leg.reason)
                yield from self.go(symbol, sink)
                self.dock(symbol)
            window = timedelta(seconds=self._policy.price_window / 2)
            if not self._world.seen[sink].is_fresh(self.instant(self.now), window):
                self.look(sink)
            listing = self._world.seen[sink].listing(leg.good)
            if listing is None:
                raise _Failed(f"{sink} does not take {leg.good}.")
            leg = self.legs[leg_id]
            paid = leg.cost / leg.bought if leg.bought else 0.0
            if leg.is_lift and listing.bid < paid * self._policy.dump_ratio:
                return False
            units = min(aboard, listing.trade_volume)
            revenue = self.sell(symbol, leg.good, units)
            self.legs[leg_id] = leg.deliver(units, revenue, self.instant(self.now))
        self.look(sink)
        leg = self.legs[leg_id]
        sentence = f"{symbol} delivered {leg.delivered} {leg.good} to {sink} for {leg.revenue:,}"
        self._end(leg.complete(self.instant(self.now)), sentence)
        return True

    def _next_market(self, leg: Leg, symbol: str) -> str | None:
        """Where the rest of the load sells better than here, the flight paid; None where nowhere."""
        ship = self.ships[symbol]
        self.look(ship.nav.waypoint)
        here = self._world.seen[ship.nav.waypoint].listing(leg.good)
        if here is None:
            return None
        others = [one for one in self.legs.values() if one.state.is_open and one.id != leg.id]
        selling = {one.destination for one in others if one.good == leg.good and one.destination}
        return next_market(
            leg.good,
            ship,
            here,
            list(self._world.seen.values()),
            self._scene.chart,
            avoid=selling | {leg.source},
            policy=self._policy,
        ).waypoint

    # Books

    def _adopt(self, leg_id: str, symbol: str) -> None:
        """What is aboard already counts as loaded, and comes with what it cost."""
        leg, ship = self.legs[leg_id], self.ships[symbol]
        extra = ship.hold.of(leg.good) - leg.aboard
        if not (leg.hand_over is HandOver.KEEP or leg.bought or extra <= 0):
            self.legs[leg_id] = leg.take_over(extra, 0)

    def _end(self, ended: Leg, sentence: str) -> None:
        self.legs[ended.id] = ended
        self._tell(sentence)
        self._changed()

    def _tell(self, sentence: str) -> None:
        self.story.append(Moment(self.now, sentence))
