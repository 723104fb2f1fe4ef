"""Which markets must be looked at, and by whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.looking.scouting import MarketWant, ScoutVoyage, plan_scouting
from goodsfactory.planning.market.learned import Phase, too_old_after
from goodsfactory.planning.policy import Policy

CARGO_SHIP_STOPS = 3
"""Markets a cargo ship visits in one voyage, so that it comes free for legs soon."""

NEGLECTED = timedelta(minutes=30)
"""Age of prices at which a market is not left to a standing scout any longer, whatever keeps that one."""

_FIRST_LOOK, _NEXT_LOOK = 10, 1


def due_looks(node: NodeProgress, tree: SupplyChainNode | None, now: datetime) -> tuple[str, ...]:
    """Markets a node wants to know now: one that produces is looked at when its next check is due."""
    if node.state is not NodeState.PRODUCING:
        return node.look_at
    if node.next_check is None or node.next_check <= now:
        nodes = tree.flatten() if tree else []
        site = next((one.factory_waypoint for one in nodes if one.good == node.good), None)
        return (*node.look_at, site) if site and site not in node.look_at else node.look_at
    return () if node.checks else node.look_at


def looks_due(
    nodes: Iterable[NodeProgress],
    tree: SupplyChainNode | None,
    phases: Mapping[tuple[str, Good], Phase],
    now: datetime,
    policy: Policy,
) -> dict[str, datetime]:
    """Markets that nodes want to know now, and for each the moment since which a look is recent enough.

    That is half a minute ago, whoever looked; and less while a market may make something any moment, by the
    ``phases`` that were learned: a look just before says nothing of it.
    """
    found: dict[str, datetime] = {}
    for node in nodes:
        for waypoint in due_looks(node, tree, now):
            usual = policy.poll_interval_initial
            close = too_old_after(phases.get((waypoint, node.good)), now)
            ago = usual if close is None else min(close, usual)
            since = now - timedelta(seconds=ago)
            found[waypoint] = max(found.get(waypoint, since), since)
    return found


NO_SCOUT = "no scout in this system"
"""The warning where prices grow old because no probe is there to look."""


def has_scout(ships: Sequence[Ship], system: str) -> bool:
    """True where a probe is in the system, or under way to it: it gives up nothing for a look."""
    return any(ship.is_probe and ship.nav.system == system for ship in ships)


def plan_looks(
    nodes: Sequence[NodeProgress],
    markets: Mapping[str, MarketSnapshot],
    ships: Sequence[Ship],
    idle: Sequence[Ship],
    chart: Chart,
    now: datetime,
    *,
    scouted: Collection[str],
    requests: Sequence[FactoryRequest],
    resting: Collection[str] = (),
    watched: Collection[str] = (),
    standing: Collection[str] = (),
) -> list[ScoutVoyage]:
    """Send ``idle`` ships to the markets that ``nodes`` want to know and nobody is near or sent to.

    Anybody idle goes for a first look, because nothing can be planned without it. Later looks are the work of
    probes, which give up nothing; cargo ships do them only where no probe of the player may. Ships that are
    ``resting`` after failures are not sent, and no look is left to them. ``standing`` scouts go where they
    decide themselves: later looks at the markets that they have ``watched`` lately are left to them.
    """
    kept = {one for one in watched if one in markets and markets[one].is_fresh(now, NEGLECTED)}
    wants = _wanted(nodes, markets, ships, chart, now, {*scouted, *kept})
    if not wants:
        return []
    voyages: list[ScoutVoyage] = []
    for system in sorted({system_of(want.waypoint) for want in wants}):
        here = [want for want in wants if system_of(want.waypoint) == system]
        willing = [
            ship
            for ship in ships
            if ship.nav.system == system
            and ship.symbol not in resting
            and ship.symbol not in standing
            and not _excluded_everywhere(ship, requests)
        ]
        voyages += _in_one_system(here, willing, idle, chart, now)
    return voyages


def _in_one_system(
    wants: Sequence[MarketWant],
    ships: Sequence[Ship],
    idle: Sequence[Ship],
    chart: Chart,
    now: datetime,
) -> list[ScoutVoyage]:
    waiting = {ship.symbol for ship in idle}
    free = [ship for ship in ships if ship.symbol in waiting]
    has_probe = any(ship.is_probe for ship in ships)
    first = [want for want in wants if want.urgency == _FIRST_LOOK]
    later = [want for want in wants if want.urgency != _FIRST_LOOK]
    voyages = plan_scouting(first, free, chart, now, max_stops=CARGO_SHIP_STOPS)
    away = {voyage.ship for voyage in voyages}
    watchers = [s for s in free if s.symbol not in away and (s.is_probe or not has_probe)]
    return voyages + plan_scouting(later, watchers, chart, now, max_stops=CARGO_SHIP_STOPS)


def _wanted(
    nodes: Sequence[NodeProgress],
    markets: Mapping[str, MarketSnapshot],
    ships: Sequence[Ship],
    chart: Chart,
    now: datetime,
    scouted: Collection[str],
) -> list[MarketWant]:
    wants: dict[str, MarketWant] = {}
    for node in nodes:
        for waypoint in node.look_at:
            if waypoint in wants or waypoint in scouted or waypoint not in chart:
                continue
            if any(ship.is_at(waypoint, now) for ship in ships):
                continue  # whoever wants to know looks through the ship that is there
            market = markets.get(waypoint)
            unseen = market is None or market.observed_at is None
            urgency = _FIRST_LOOK if unseen else _NEXT_LOOK
            wants[waypoint] = MarketWant(waypoint, f"{node.good}: {node.reason}", urgency)
    return list(wants.values())


def _excluded_everywhere(ship: Ship, requests: Sequence[FactoryRequest]) -> bool:
    """True when every factory at work leaves the ship out."""
    return bool(requests) and all(
        ship.symbol in request.exclude or bool(request.ships and ship.symbol not in request.ships)
        for request in requests
    )
