"""What a replay needs to know, read from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Sighting
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.fleet.kept_cargo import kept_cargo
from goodsfactory.fleet.quarantine import resting_ships
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.market.learned import Production, learn
from goodsfactory.planning.market.trend import OwnTrade
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import FleetView
from goodsfactory.ports.store import Transaction
from goodsfactory.production.almanac import Almanac
from goodsfactory.production.observing import observe

LOOK_BACK = timedelta(hours=24)
"""How far back the history of a market is read: activity changes, and with it what was learned."""

_ALIVE = (ContainerStatus.PENDING, ContainerStatus.RUNNING)
_SHIP_WORK = (ContainerType.WORKER, ContainerType.SCOUT)
_SCOUTS_COUNTED = 500

_TRADES = 5_000

_SIGHTINGS = 100
"""So many of the newest tell enough of one good at one market."""


Key = tuple[str, Good]
"""A good at a market: (waypoint, good)."""


@dataclass(frozen=True)
class Knowledge:
    """What the store knows: a scene without phases, and what they can be learned from."""

    scene: Scene
    looks: Mapping[Key, Sequence[Sighting]]
    trades: Mapping[Key, Sequence[OwnTrade]]

    def learned(self) -> dict[Key, Production]:
        """What was learned of goods at markets. Takes processor time: call it aside."""
        found = {
            (place, good): learn(place, good, looks, self.trades.get((place, good), ()))
            for (place, good), looks in self.looks.items()
        }
        return {key: one for key, one in found.items() if one is not None}


def read_fleet(tx: Transaction, factory: GoodsFactory, now: datetime) -> FleetView:
    """The player's ships as the factory sees them. It may be one that is only thought of."""
    player_id, ships = factory.player_id, tx.ships.of_player(factory.player_id)
    return FleetView(
        ships,
        {claim.ship: claim for claim in tx.claims.of_player(player_id)},
        factory.request,
        factory.system_symbol,
        kept_cargo(tx, ships),
        resting_ships(tx, player_id, now),
        tx.stock.of_player(player_id),
    )


def read_knowledge(
    tx: Transaction, factory: GoodsFactory, recipes: RecipeMap, policy: Policy, now: datetime
) -> Knowledge:
    """All of it in one transaction. The factory may be one that is only thought of.

    What the player has in other systems meets it in the purse alone, and is left out.
    """
    player_id, system = factory.player_id, factory.system_symbol
    seen, balance = observe(tx, player_id, recipes, Almanac(), now), tx.players.balance(player_id)
    orders = [one for one in seen.orders if one.factory.system_symbol == system]
    if all(one.id != factory.id for one in orders):
        orders.append(Order(factory))
    situation = Situation(
        orders=orders,
        ships=seen.ships,
        markets={name: market for name, market in seen.markets.items() if system_of(name) == system},
        chart=seen.chart,
        recipes=recipes,
        flying=[leg for leg in seen.flying if system_of(leg.source) == system],
        claims=seen.claims,
        kept=seen.kept,
        stock=seen.stock,
    )
    scene = Scene(
        situation, factory.id, balance.credits if balance else 0, now, policy, _scouting(tx, player_id)
    )
    return Knowledge(scene, _looks(tx, factory, now), _own_trades(tx, player_id, now - LOOK_BACK))


def ship_hours(tx: Transaction, factory: GoodsFactory, now: datetime) -> float:
    """How long cargo ships worked for a factory, and looked at markets while it ran.

    Its own work is added up as it ends; of looks at markets the newest are counted.
    """
    player_id, over = factory.player_id, factory.completed_at or now
    probes = {ship.symbol for ship in tx.ships.of_player(player_id) if ship.is_probe}
    running = tx.containers.find(player_id=player_id, statuses=_ALIVE, types=_SHIP_WORK)
    scouts = tx.containers.newest(
        player_id, ContainerStatus.COMPLETED, (ContainerType.SCOUT,), limit=_SCOUTS_COUNTED
    )
    seconds = float(sum(one.seconds for one in tx.legs.totals(factory.id)))
    seconds += sum(leg.ship_seconds for leg in tx.legs.at_hand(factory.id))
    for container in (*running, *scouts):
        theirs = container.metadata.get("factory_id")
        anybodys = theirs is None and container.type is ContainerType.SCOUT
        if container.metadata.get("ship") in probes or not (theirs == factory.id or anybodys):
            continue
        if factory.created_at <= container.created_at <= over:
            end = container.updated_at if container.status.is_over else now
            seconds += max(0.0, (min(end, over) - container.created_at).total_seconds())
    return max(0.0, seconds) / 3600


def _scouting(tx: Transaction, player_id: int) -> list[ScoutVoyage]:
    """Voyages under way, with the markets that are not seen yet."""
    running = tx.containers.find(player_id=player_id, statuses=_ALIVE, types=(ContainerType.SCOUT,))
    return [
        ScoutVoyage(
            str(scout.metadata["ship"]),
            tuple(
                str(place)
                for place in scout.metadata.get("waypoints", ())
                if not _seen(tx, str(place), scout)
            ),
            "",
            scout.metadata.get("factory_id"),
        )
        for scout in running
    ]


def _seen(tx: Transaction, waypoint: str, scout: Container) -> bool:
    market = tx.markets.get(waypoint)
    return market is not None and market.observed_at is not None and market.observed_at > scout.created_at


def _looks(tx: Transaction, factory: GoodsFactory, now: datetime) -> dict[Key, Sequence[Sighting]]:
    """How the goods of the tree were seen, where they are made or used."""
    goods = {node.good for node in factory.tree.flatten()} if factory.tree else set()
    found: dict[Key, Sequence[Sighting]] = {}
    for market in tx.markets.in_system(factory.system_symbol):
        if market.observed_at is None:
            continue
        for good in sorted(goods & (market.exports | market.imports)):
            seen = tx.markets.history(market.waypoint, good, since=now - LOOK_BACK)
            found[market.waypoint, good] = seen[-_SIGHTINGS:]
    return found


def _own_trades(tx: Transaction, player_id: int, since: datetime) -> dict[Key, list[OwnTrade]]:
    found: dict[Key, list[OwnTrade]] = {}
    for entry in tx.money.ledger(player_id, limit=_TRADES):
        if entry.at >= since and entry.waypoint and entry.good and (units := _moved(entry)):
            found.setdefault((entry.waypoint, entry.good), []).append(OwnTrade(entry.at, units))
    return found


def _moved(entry: LedgerEntry) -> int:
    """By how much a trade moved the net supply of its market."""
    if entry.kind is MoneyKind.SALE:
        return entry.units
    return -entry.units if entry.kind in (MoneyKind.PURCHASE, MoneyKind.REFUEL) else 0
