"""What is known of an agent, read from the store in one transaction: what its planner plans from."""

from collections.abc import Mapping
from datetime import datetime

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory, Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.fleet.kept_cargo import kept_cargo
from goodsfactory.fleet.quarantine import resting_ships
from goodsfactory.fleet.watch import watched_markets
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.planning.dispatch.matching import SHORT_WAIT
from goodsfactory.planning.market.stock import Spot
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.ports.store import Transaction
from goodsfactory.production.almanac import Almanac
from goodsfactory.treasury.spend_gate import why_held

_GOING = (FactoryStatus.PENDING, FactoryStatus.ACTIVE)


def observe(
    tx: Transaction, player_id: int, recipes: RecipeMap, almanac: Almanac, now: datetime
) -> Situation:
    """The situation of a player, with stock as its rows tell; since when lots have waited no row does."""
    factories = tx.factories.find(player_id=player_id, statuses=_GOING)
    ships = tx.ships.of_player(player_id)
    systems = sorted({ship.nav.system for ship in ships} | {f.system_symbol for f in factories})
    scouts = tx.containers.find(
        player_id=player_id,
        statuses=(ContainerStatus.PENDING, ContainerStatus.RUNNING),
        types=(ContainerType.SCOUT, ContainerType.STANDING_SCOUT),
    )
    standing = [scout for scout in scouts if scout.type is ContainerType.STANDING_SCOUT]
    voyages = {str(scout.metadata["ship"]): scout for scout in scouts if scout not in standing}
    markets = {m.waypoint: m for system in systems for m in tx.markets.in_system(system)}
    places = [place for system in systems for place in tx.waypoints.in_system(system)]
    own = frozenset(str(scout.metadata["ship"]) for scout in standing)
    flown_to = {ship.nav.waypoint for ship in ships if ship.symbol in own and ship.in_transit(now)}
    stops = {str(scout.metadata["ship"]): scout.metadata.get("waypoints", ()) for scout in scouts}
    cargo_ships = {ship.symbol for ship in ships if not ship.is_probe} - own
    return Situation(
        orders=[_order(tx, factory, almanac, now) for factory in factories],
        ships=ships,
        markets=markets,
        chart=chart_of(places, markets.values()),
        recipes=recipes,
        flying=tx.legs.open_of_player(player_id),
        claims={claim.ship: claim for claim in tx.claims.of_player(player_id)},
        kept=kept_cargo(tx, ships),
        resting=resting_ships(tx, player_id, now),
        stock=tx.stock.of_player(player_id),
        scouted=frozenset(str(stop) for found in stops.values() for stop in found) | flown_to,
        approached=tuple(str(stop) for ship, found in stops.items() if ship in cargo_ships for stop in found),
        watched=frozenset().union(*(watched_markets(scout, list(markets)) for scout in standing)),
        standing=own,
        soon_free={ship.symbol for ship in ships if _is_soon_free(ship, voyages.get(ship.symbol), now)},
        spending_held=why_held(tx, player_id),
    )


def _order(tx: Transaction, factory: GoodsFactory, almanac: Almanac, now: datetime) -> Order:
    nodes = {node.good: node for node in tx.factories.nodes(factory.id)}
    return Order(
        factory,
        nodes,
        tx.legs.at_hand(factory.id),
        tx.legs.totals(factory.id),
        almanac.phases(tx, _producing(factory, nodes), now),
    )


def _producing(factory: GoodsFactory, nodes: Mapping[Good, NodeProgress]) -> list[Spot]:
    """Where a factory of the strategy SMART waits for what markets make."""
    smart = factory.request.strategy is Strategy.SMART
    chain = factory.tree.flatten() if factory.tree and smart else []
    return [
        (node.factory_waypoint, node.good)
        for node in chain
        if node.factory_waypoint and node.good in nodes and nodes[node.good].state is NodeState.PRODUCING
    ]


def _is_soon_free(ship: Ship, scout: Container | None, now: datetime) -> bool:
    """Whether a ship has but to arrive, within seconds, and to look until its scout lets go of it."""
    if scout is None or list(scout.metadata["waypoints"])[-1:] != [ship.nav.waypoint]:
        return False
    if ship.in_transit(now):
        return 0 < ship.seconds_to_arrival(now) <= SHORT_WAIT
    return not has_passed(max(scout.created_at, ship.nav.arrival or scout.created_at), SHORT_WAIT, now)
