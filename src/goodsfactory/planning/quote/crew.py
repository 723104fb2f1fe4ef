"""The work of ships in a replay: legs and looks."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.quote import QuoteMoment
from goodsfactory.domain.ship import Hold
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.planning import voyage
from goodsfactory.planning.back_off import BackOff
from goodsfactory.planning.chart.routing import NoRoute
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.market.loading import Purse
from goodsfactory.planning.quote.flotilla import Flotilla, Steps
from goodsfactory.planning.quote.outcome import Account
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld
from goodsfactory.planning.requirements.lot import Lot

ELSEWHERE = ""
"""The order of whatever is done for none, or for others than the one that the scene asks about."""


class Crew(Flotilla):
    """Ships with work. ``changed`` is told whenever something happens that a planner would hear of.

    ``legs`` are those at hand of all orders, ``stock`` what lies aboard by ship and good; ``story`` is about
    the order that the scene asks about.
    """

    def __init__(self, scene: Scene, world: TradingWorld, changed: Callable[[], None]) -> None:
        super().__init__(scene, world)
        known = scene.situation
        self.kept = dict(known.kept)
        self.stock = {(row.ship, row.good): row for row in known.stock}
        self.story: list[QuoteMoment] = []
        legs = [*(leg for order in known.orders for leg in order.legs), *known.flying]
        self.legs = {leg.id: leg for leg in legs if not leg.state.is_open or leg.ship in self.ships}
        self._requests = {order.id: order.factory.request for order in known.orders}
        self._changed = changed
        self._bound: dict[str, Sequence[str]] = {}
        self._numbers = itertools.count(1)

    # What the replay asks for

    def resume(self) -> list[Steps]:
        """The work that is under way when the replay begins."""
        flying = {leg.ship: leg for leg in self.legs.values() if leg.state.is_open}
        looking = {one.ship: one for one in self._scene.scouting}
        whose = ELSEWHERE if self._scene.others else self._scene.order_id
        works = []
        for symbol in self._scene.situation.claims:
            if symbol not in self.ships:
                continue
            if symbol in flying:
                works.append(self._begin(symbol, flying[symbol].factory_id, self._voyage(flying[symbol].id)))
            elif symbol in looking:
                works.append(self.scout(looking[symbol], looking[symbol].factory_id or whose))
            else:
                works.append(self._begin(symbol, ELSEWHERE, self._elsewhere(symbol)))
        return works

    def fly(self, lot: Lot, symbol: str) -> Steps:
        """Fly a lot to an end; its ship is free after it."""
        player, number = self._scene.factory.player_id, next(self._numbers)
        name, now = f"replay-{number:06d}", self.instant(self.now)
        self._put(lot.flown(player, name, symbol, f"worker of {symbol}", now))
        return self._begin(symbol, lot.order_id, self._voyage(name))

    def scout(self, task: ScoutVoyage, order_id: str) -> Steps:
        """Look at markets one after the other, for an order."""
        self._bound[task.ship] = task.waypoints
        return self._begin(task.ship, order_id, self._visit(task.ship, task.waypoints))

    @property
    def claims(self) -> dict[str, Claim]:
        """On the ships that have work."""
        player, since = self._scene.factory.player_id, self._scene.now
        return {
            ship: Claim(ship, player, "replay", order, 1, since) for ship, order in self.works_for.items()
        }

    @property
    def scouted(self) -> set[str]:
        """Where somebody is on the way to look."""
        return {stop for stops in self._bound.values() for stop in stops}

    @property
    def approached(self) -> list[str]:
        """Where cargo ships are on their way to look or to wait."""
        return [
            stop for ship, stops in self._bound.items() if not self.ships[ship].is_probe for stop in stops
        ]

    def taken(self, order_id: str) -> Account:
        """What an order has taken until now."""
        account = self.accounts[order_id]
        ships = [self.ships[ship] for ship, order in self.works_for.items() if order == order_id]
        at_work = self.now * sum(not ship.is_probe for ship in ships)
        return replace(account, ship_seconds=account.ship_seconds + at_work)

    def flown(self, order_id: str) -> list[Leg | LegTotals]:
        """All legs of an order."""
        orders = self._scene.situation.orders
        before = [one for order in orders if order.id == order_id for one in order.totals]
        return [*before, *(leg for leg in self.legs.values() if leg.factory_id == order_id)]

    # Work

    def _begin(self, symbol: str, order_id: str, work: Steps) -> Steps:
        """The work, which has its ship from now on until it is over."""
        self.works_for[symbol] = order_id
        self._count_time(symbol, -self.now)
        return self._ended(symbol, work)

    def _ended(self, symbol: str, work: Steps) -> Steps:
        yield from work
        self._count_time(symbol, self.now)
        self._bound.pop(symbol, None)
        del self.works_for[symbol]
        self._changed()

    def _count_time(self, symbol: str, seconds: float) -> None:
        if not self.ships[symbol].is_probe:
            self.account(symbol).ship_seconds += seconds

    def _elsewhere(self, symbol: str) -> Steps:
        """Work that is no leg: it is taken to be over when the ship arrives and has unloaded."""
        yield from self.arrive(symbol)
        ship = self.ships[symbol]
        if symbol not in self.kept and not ship.is_probe:
            self.save(replace(ship, hold=Hold(ship.hold.capacity)))

    def _visit(self, symbol: str, waypoints: Sequence[str]) -> Steps:
        self.account(symbol).requests += 1
        for waypoint in waypoints:
            try:
                yield from self.go(symbol, waypoint)
            except NoRoute:
                continue
            self.look(symbol)
            self._changed()

    def _voyage(self, leg_id: str) -> Steps:
        """The leg is flown by the rules of ``planning.voyage`` until it is over or given back."""
        leg = self.legs[leg_id]
        symbol = leg.ship or ""
        self.account(symbol).requests += 1
        request = self._requests.get(leg.factory_id)
        if (units := voyage.miscount(leg, self.ships[symbol])) > 0:
            self._put(leg.take_over(units, self._taken_over(leg, units)))
        elif units < 0:
            self._put(leg.write_off(-units, 0))
        looked, back_off = False, BackOff(self._policy)
        while self.legs[leg_id].state.is_open:
            leg, ship = self.legs[leg_id], self.ships[symbol]
            sight = voyage.Sight(looked, self._world.seen, self._scene.situation.chart, self.legs.values())
            free = max(0, self.purse - self._policy.credit_floor)
            purse = Purse(free, continuous=request is not None and request.continuous)
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
                    self.account(symbol).requests += 1
                case _:
                    self._do(step, leg, symbol)

    def _do(self, step: voyage.Step, leg: Leg, symbol: str) -> None:
        """A step that takes no time."""
        now = self.instant(self.now)
        match step:
            case voyage.Look():
                self.look(symbol)
                self._changed()
            case voyage.Buy(units):
                cost = self.buy(symbol, leg.good, units)
                self._put(leg.buy(units, cost, now))
            case voyage.Carry(reason):
                self._put(leg.depart(now))
                self._tell(leg, f"{symbol} carries {leg.aboard} {leg.good} from {leg.source} ({reason})")
                self._changed()
            case voyage.Divert(waypoint, reason):
                self._put(leg.go_on_to(waypoint, reason))
            case voyage.Sell(units):
                revenue = self.sell(symbol, leg.good, units)
                self._put(leg.deliver(units, revenue, now))
            case voyage.GiveBack(reason, rule):
                self.account(symbol).short_of_money |= rule.is_about_money
                self._forget_refusals(now)
                self._put(leg.give_back(reason, rule, voyage.try_again_at(now, self._policy), now))
            case voyage.Keep(reason):
                self._end(leg, LegState.DONE, reason)
                self._put_by(leg, symbol, now)
            case voyage.End(state, reason):
                self._end(leg, state, reason)

    # Books

    def _put(self, *legs: Leg) -> None:
        self.legs |= {leg.id: leg for leg in legs}

    def _put_by(self, leg: Leg, symbol: str, now: datetime) -> None:
        """The output stays aboard, as stock or as what was made to be held, unless somebody fetches it."""
        aboard, request = self.ships[symbol].hold.of(leg.good), self._requests.get(leg.factory_id)
        if self._scene.handed_over:
            self.account(symbol).requests += 1
            self.stow(symbol, leg.good, -aboard)
        elif request is not None and request.terminal is Terminal.STOCK:
            before = self.stock.get((symbol, leg.good))
            cost = leg.cost + (before.cost if before else 0)
            row = (leg.player_id, symbol, leg.good, aboard, cost, StockKind.OUTPUT, leg.factory_id, now)
            self.stock[symbol, leg.good] = StockRow(*row)
        else:
            self.kept[symbol] = Kept(f"made by factory {leg.factory_id}")

    def _taken_over(self, leg: Leg, units: int) -> int:
        """What units had cost that lie aboard before a leg, which pays for them where another order has."""
        key = (leg.ship or "", leg.good)
        row = self.stock.pop(key, None)
        if row is None:
            return 0
        cost = row.cost_of(units)
        if row.units > units:
            self.stock[key] = replace(row, units=row.units - units, cost=row.cost - cost)
        if row.factory_id != leg.factory_id:
            self.accounts[leg.factory_id].spent += cost
        return cost

    def _forget_refusals(self, now: datetime) -> None:
        """Those whose wait is over: they hold nothing up, and where money stays short they are many."""
        over = [one.id for one in self.legs.values() if one.is_given_back and (one.not_before or now) <= now]
        for name in over:
            del self.legs[name]

    def _end(self, leg: Leg, state: LegState, sentence: str) -> None:
        self._put(leg.end(state, sentence, self.instant(self.now)))
        self._tell(leg, sentence)
        self._changed()

    def _tell(self, leg: Leg, sentence: str) -> None:
        if leg.factory_id == self._scene.order_id:
            self.story.append(QuoteMoment(self.now, sentence))
