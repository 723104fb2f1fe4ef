"""What standing scouts see of each other and of the markets they share: the same for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory, Terminal
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.looking.rounds import USUAL_SWING, Interest, Share, divide, price_swing
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.ports.store import Transaction

_SWING_OVER = timedelta(hours=6)
"""How far back price moves are looked at."""


@dataclass(frozen=True)
class Watch:
    """All standing scouts of a player in one system, with their shares by ship symbol.

    ``scouts`` are their containers, by ship symbol; ``ships`` those of them that are known.
    """

    system: str
    scouts: Mapping[str, Container]
    ships: Mapping[str, Ship]
    interests: Mapping[str, Interest]
    chart: Chart
    shares: Mapping[str, Share]

    @property
    def parked(self) -> int:
        """How many read by a timer."""
        return sum(share.parked for share in self.shares.values())


def standing_scouts(tx: Transaction, player_id: int) -> list[Container]:
    """Those that scout, oldest first."""
    return tx.containers.find(
        player_id=player_id,
        statuses=(ContainerStatus.PENDING, ContainerStatus.RUNNING),
        types=(ContainerType.STANDING_SCOUT,),
    )


def watched_markets(scout: Container, markets: Sequence[str]) -> frozenset[str]:
    """Those of ``markets`` that a standing scout and its like keep fresh: all of its system, or some."""
    asked = frozenset(str(waypoint) for waypoint in scout.metadata.get("markets", ()))
    system = scout.metadata.get("system")
    here = frozenset(waypoint for waypoint in markets if system_of(waypoint) == system)
    return asked & here if asked else here


def read_watch(tx: Transaction, player_id: int, system: str) -> Watch:
    """How the standing scouts of a system share it now. Those asked for other markets share apart."""
    containers = [one for one in standing_scouts(tx, player_id) if one.metadata.get("system") == system]
    scouts = {str(one.metadata["ship"]): one for one in containers}
    ships = {ship.symbol: ship for ship in tx.ships.of_player(player_id) if ship.symbol in scouts}
    markets = tx.markets.in_system(system)
    chart = chart_of(tx.waypoints.in_system(system), markets)
    interests = _read_interests(tx, player_id, system, markets, chart)
    shares: dict[str, Share] = {}
    for asked in {tuple(one.metadata.get("markets", ())) for one in containers}:
        group = [one for one in containers if tuple(one.metadata.get("markets", ())) == asked]
        watched = watched_markets(group[0], list(interests))
        crew = [ships[ship] for one in group if (ship := str(one.metadata["ship"])) in ships]
        shares |= divide([interests[waypoint] for waypoint in sorted(watched)], crew, chart)
    return Watch(system, scouts, ships, interests, chart, shares)


def _read_interests(
    tx: Transaction, player_id: int, system: str, markets: Sequence[MarketSnapshot], chart: Chart
) -> dict[str, Interest]:
    """Every market of a system, with what the player's factories at work do there."""
    goods: dict[str, set[Good]] = {}
    wanted: set[str] = set()
    at_work = tx.factories.find(player_id=player_id, statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE))
    for factory in at_work:
        if factory.system_symbol != system or factory.is_idle:
            continue
        for node in factory.tree.flatten() if factory.tree else ():
            if node.source is not None:
                goods.setdefault(node.source, set()).add(node.good)
            if node.factory_waypoint is not None:
                goods.setdefault(node.factory_waypoint, set()).update(child.good for child in node.children)
        if (sink := _sink(factory, markets, chart)) is not None:
            goods.setdefault(sink, set()).add(factory.target_good)
        for progress in tx.factories.nodes(factory.id):
            for waypoint in progress.look_at:
                goods.setdefault(waypoint, set()).add(progress.good)
                wanted.add(waypoint)
    found = {}
    for market in markets:
        used = tuple(sorted(goods.get(market.waypoint, ())))
        swing = max((_swing(tx, market.waypoint, good, market.observed_at) for good in used), default=0.0)
        found[market.waypoint] = Interest(
            market.waypoint,
            used,
            market.waypoint in wanted,
            market.observed_at,
            max(swing, USUAL_SWING),
        )
    return found


def _sink(factory: GoodsFactory, markets: Sequence[MarketSnapshot], chart: Chart) -> str | None:
    """Where the output would be sold now, as the planner chooses it; None where it is kept."""
    if factory.tree is None or factory.request.terminal is not Terminal.SELL:
        return None
    lifted_at = factory.tree.source
    others = [market for market in markets if market.waypoint != lifted_at]
    return choose_sink(factory.target_good, others, chart, near=lifted_at).waypoint


def _swing(tx: Transaction, waypoint: str, good: Good, seen: datetime | None) -> float:
    if seen is None:
        return USUAL_SWING
    return price_swing(tx.markets.history(waypoint, good, since=seen - _SWING_OVER)) or USUAL_SWING
