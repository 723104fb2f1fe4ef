"""Where idle ships wait: at the markets that are about to have made something.

A ship that is there loads the moment there is enough, and everybody looks at the market through it; one that
waits where it happened to unload flies first, and somebody else has to go and look.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from goodsfactory.domain.factory import GoodsFactory, Strategy
from goodsfactory.domain.geography import FlightMode
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.chart.routing import THRIFTY, NoRoute, Route
from goodsfactory.planning.decision import duration
from goodsfactory.planning.dispatch.eligibility import Kept, cargo_aboard, explain_ship
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.market.stock import DUE_FROM, TICK_SECONDS, seconds_until
from goodsfactory.planning.policy import Policy


@dataclass(frozen=True)
class _Post:
    """A market where ``good`` may be ready to load with the next step of production."""

    waypoint: str
    good: Good
    factory: GoodsFactory


def plan_positions(
    factories: Iterable[GoodsFactory],
    nodes: Iterable[NodeProgress],
    legs: Iterable[Leg],
    markets: Mapping[str, MarketSnapshot],
    idle: Sequence[Ship],
    chart: Chart,
    now: datetime,
    policy: Policy,
    *,
    approached: Collection[str] = (),
    kept: Mapping[str, Kept] = MappingProxyType({}),
    resting: Mapping[str, Rest] = MappingProxyType({}),
) -> list[ScoutVoyage]:
    """Send empty ``idle`` ships to where a load is about to be ready and none waits or will be free.

    One ship for each good that factories of the strategy SMART wait for at a market, the shortest flights
    first; nobody BURNs or drifts there, and no ship goes where its factory may not use it. Whoever is at such
    a market stays, empty or with room beside some of the same good. ``approached`` is where cargo ships are
    under way to already, to look or to wait. Factories that are paused are not among ``factories``, and one
    without end sends nobody. The same input gives the same voyages.
    """
    free = {ship.symbol: ship for ship in idle if not ship.is_probe and not cargo_aboard(ship)}
    posts = _posts(factories, nodes, markets, policy) if free else []
    if not posts:
        return []
    coming = [*approached, *(leg.destination for leg in legs if leg.state is LegState.LADEN)]
    open_posts: list[_Post] = []
    for post in posts:
        here = [ship for ship in idle if ship.nav.waypoint == post.waypoint]
        there = next((s for s in here if s.symbol in free and _may_work(s, post, now, kept, resting)), None)
        if any(set(cargo_aboard(ship)) == {post.good} and ship.hold.free for ship in here):
            continue
        if there is not None:
            del free[there.symbol]
        elif post.waypoint in coming:
            coming.remove(post.waypoint)
        else:
            open_posts.append(post)
    pairs = sorted(
        (seconds, number, ship.symbol)
        for number, post in enumerate(open_posts)
        for ship in free.values()
        if (seconds := chart.seconds(ship, (post.waypoint,), now)) is not None
        and _may_work(ship, post, now, kept, resting)
    )
    voyages: dict[int, ScoutVoyage] = {}
    for _, number, symbol in pairs:
        if number in voyages or symbol not in free:
            continue
        post = open_posts[number]
        route = _cheap_route(free[symbol], post.waypoint, chart, now)
        if route is not None:
            del free[symbol]
            why = f"{symbol} has nothing to do and goes to {post.waypoint} in {duration(route.seconds)}"
            why += f", where {post.good} may be ready next"
            voyages[number] = ScoutVoyage(symbol, (post.waypoint,), why, post.factory.id)
    return [voyages[number] for number in sorted(voyages)]


def _posts(
    factories: Iterable[GoodsFactory],
    nodes: Iterable[NodeProgress],
    markets: Mapping[str, MarketSnapshot],
    policy: Policy,
) -> list[_Post]:
    # The ships of a factory without end carry to full markets all the time: for them a wait is only a flight.
    smart = {
        one.id: one
        for one in factories
        if one.request.strategy is Strategy.SMART and not one.request.continuous
    }
    posts: dict[tuple[str, Good], _Post] = {}
    for node in nodes:
        factory = smart.get(node.factory_id)
        if factory is None or factory.tree is None or node.state is not NodeState.PRODUCING:
            continue
        place = next((n.factory_waypoint for n in factory.tree.flatten() if n.good == node.good), None)
        market = markets.get(place or "")
        listing = None if market is None else market.listing(node.good)
        least = policy.ready_supply if node.good == factory.target_good else DUE_FROM
        wait = None if listing is None else seconds_until(listing, least, fed=True)
        if place is not None and wait is not None and wait <= TICK_SECONDS:
            posts.setdefault((place, node.good), _Post(place, node.good, factory))
    return [posts[key] for key in sorted(posts)]


def _may_work(
    ship: Ship, post: _Post, now: datetime, kept: Mapping[str, Kept], resting: Mapping[str, Rest]
) -> bool:
    verdict = explain_ship(
        ship,
        claim=None,
        request=post.factory.request,
        system=ship.nav.system,
        now=now,
        good=post.good,
        keeps=kept.get(ship.symbol),
        rest=resting.get(ship.symbol),
    )
    return verdict.eligible


def _cheap_route(ship: Ship, waypoint: str, chart: Chart, now: datetime) -> Route | None:
    """The way there; None where there is none, only by drifting, or with too little fuel to go on."""
    try:
        route = chart.route(ship, waypoint, now, preference=THRIFTY)
    except NoRoute:
        return None
    drifts = any(hop.mode is FlightMode.DRIFT for hop in route.hops)
    dry = waypoint not in chart.stations and route.arrives_with * 2 < ship.tank.capacity
    return None if drifts or dry else route
