"""Domain values as messages of the wire."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.api import daemon_pb2, goodsfactory_pb2
from goodsfactory.daemon.ship_sale import confirmation
from goodsfactory.domain.container import Claim, Container, ContainerLog
from goodsfactory.domain.events import Event
from goodsfactory.domain.instants import instant, instant_if_known
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.money import SpendingHold
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import NavStatus, Ship

if TYPE_CHECKING:
    from goodsfactory.daemon.logs import Trouble
    from goodsfactory.daemon.reports import FactoryReport
    from goodsfactory.daemon.sale_voyage import ShipSale
    from goodsfactory.daemon.ship_sale import PlannedSale

INT32_MAX = 2**31 - 1


def clamped(amount: int) -> int:
    """An amount that fits the int32 of the wire contract; credits of a long run may not."""
    return max(-INT32_MAX, min(INT32_MAX, amount))


def json_text(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data), default=str)


def factory_message(report: "FactoryReport", *, with_legs: bool = True) -> goodsfactory_pb2.Factory:
    """A report as a message; lists leave the legs out, which are most of it."""
    factory = report.factory
    document = report.to_json()
    if not with_legs:
        del document["legs"]
    return goodsfactory_pb2.Factory(
        factory_id=factory.id,
        player_id=factory.player_id,
        target_good=factory.target_good,
        system_symbol=factory.system_symbol,
        status=factory.status.value,
        quantity_acquired=factory.quantity_acquired,
        total_cost=report.books.cost,
        nodes_completed=report.nodes_completed,
        nodes_total=report.nodes_total,
        ships_used=report.ships_used,
        error=factory.error or "",
        document=json_text(document),
        now=instant_if_known(report.now),
        as_of_seq=report.as_of_seq,
        warnings=report.warnings,
    )


def status_message(report: "FactoryReport") -> daemon_pb2.GetFactoryStatusResponse:
    factory = report.factory
    tree = report.to_json()["dependency_tree"]
    return daemon_pb2.GetFactoryStatusResponse(
        factory_id=factory.id,
        target_good=factory.target_good,
        status=factory.status.value,
        dependency_tree=json.dumps(tree, default=str),
        quantity_acquired=clamped(factory.quantity_acquired),
        total_cost=clamped(report.books.cost),
        nodes_completed=report.nodes_completed,
        nodes_total=report.nodes_total,
        system_symbol=factory.system_symbol,
        ships_used=len(report.ships_used),
        market_queries=factory.market_queries,
        parallel_levels=factory.parallel_levels,
        estimated_speedup=report.speedup,
    )


def event_message(event: Event) -> goodsfactory_pb2.Event:
    return goodsfactory_pb2.Event(
        seq=event.seq,
        kind=event.kind.value,
        at=instant(event.at),
        message=event.message,
        player_id=event.player_id,
        factory_id=event.factory_id,
        good=event.good,
        ship=event.ship,
        container_id=event.container_id,
        data=json_text(event.data),
    )


def player_message(
    player: Player, *, outcome: str = "", trouble: str | None = None
) -> goodsfactory_pb2.Player:
    return goodsfactory_pb2.Player(
        player_id=player.id,
        agent_symbol=player.agent_symbol,
        reset_date=player.reset_date,
        base_url=player.base_url,
        headquarters=player.headquarters,
        is_default=player.is_default,
        created_at=instant(player.created_at),
        outcome=outcome,
        trouble=trouble or "",
    )


def nav_status(ship: Ship, now: datetime | None) -> NavStatus:
    """The state now: the server flips IN_TRANSIT to IN_ORBIT by itself at arrival (api-facts §8.1)."""
    if ship.nav.status is NavStatus.IN_TRANSIT and not ship.in_transit(now):
        return NavStatus.IN_ORBIT
    return ship.nav.status


def ship_message(ship: Ship, now: datetime | None) -> daemon_pb2.ShipInfo:
    return daemon_pb2.ShipInfo(
        symbol=ship.symbol,
        location=ship.nav.waypoint,
        nav_status=nav_status(ship, now).value,
        fuel_current=ship.tank.current,
        fuel_capacity=ship.tank.capacity,
        cargo_units=ship.hold.units,
        cargo_capacity=ship.hold.capacity,
        engine_speed=ship.speed,
    )


def ship_detail_message(ship: Ship, now: datetime | None) -> daemon_pb2.ShipDetail:
    return daemon_pb2.ShipDetail(
        symbol=ship.symbol,
        location=ship.nav.waypoint,
        nav_status=nav_status(ship, now).value,
        fuel_current=ship.tank.current,
        fuel_capacity=ship.tank.capacity,
        cargo_units=ship.hold.units,
        cargo_capacity=ship.hold.capacity,
        cargo_inventory=[
            daemon_pb2.CargoItem(symbol=good, name=good.replace("_", " ").capitalize(), units=units)
            for good, units in sorted(ship.hold.inventory.items())
        ],
        engine_speed=ship.speed,
        role=ship.role,
    )


def fleet_message(
    ship: Ship, claim: Claim | None, keeps: str | None, now: datetime | None, unread: str | None = None
) -> goodsfactory_pb2.FleetShip:
    flying = ship.in_transit(now) and ship.nav.arrival is not None
    return goodsfactory_pb2.FleetShip(
        symbol=ship.symbol,
        role=ship.role,
        system_symbol=ship.nav.system,
        location=ship.nav.waypoint,
        nav_status=nav_status(ship, now).value,
        flight_mode=ship.nav.flight_mode.value,
        arrival=instant(ship.nav.arrival) if flying and ship.nav.arrival else None,
        fuel_current=ship.tank.current,
        fuel_capacity=ship.tank.capacity,
        cargo_capacity=ship.hold.capacity,
        cargo=dict(ship.hold.inventory),
        engine_speed=ship.speed,
        container_id=claim.container_id if claim else None,
        operation=claim.operation if claim else None,
        observed_at=instant(ship.observed_at),
        keeps=keeps,
        unread=unread,
    )


def planned_sale_message(ship: str, planned: "Sequence[PlannedSale]") -> goodsfactory_pb2.PlanSaleResponse:
    return goodsfactory_pb2.PlanSaleResponse(
        ship_symbol=ship,
        sales=[
            goodsfactory_pb2.PlannedSale(
                good=one.good,
                units=one.units,
                waypoint=one.waypoint,
                reason=one.reason,
                expected=one.expected,
                cost=one.cost,
                loss=one.loss,
            )
            for one in planned
        ],
        confirmation=confirmation(planned),
    )


def sale_message(sale: "ShipSale") -> goodsfactory_pb2.SellCargoResponse:
    return goodsfactory_pb2.SellCargoResponse(
        ship_symbol=sale.ship,
        sales=[goodsfactory_pb2.Sale(**vars(one)) for one in sale.sold],
        revenue=sale.revenue,
        confirmation=sale.question,
    )


def hold_message(agent_symbol: str, hold: SpendingHold) -> goodsfactory_pb2.SpendingHold:
    return goodsfactory_pb2.SpendingHold(
        agent_symbol=agent_symbol, amount=hold.amount, since=instant(hold.since), reason=hold.reason
    )


PARKED = "PARKED"
"""The status that is told of a container that is not over while nobody works for its player."""


def container_message(container: Container, *, parked: bool = False) -> daemon_pb2.ContainerInfo:
    return daemon_pb2.ContainerInfo(
        container_id=container.id,
        container_type=container.type.value,
        status=PARKED if parked else container.status.value,
        player_id=container.player_id,
        created_at=instant(container.created_at),
        updated_at=instant(container.updated_at),
        current_iteration=container.iteration,
        max_iterations=container.max_iterations,
        restart_count=container.restart_count,
    )


def container_metadata(
    container: Container, trouble: "Trouble | None" = None, *, parked: str | None = None
) -> str:
    """What the contract keeps in one JSON string: the ids, and how the container lives."""
    # Once it has begun again the time of that try says nothing more.
    ahead = trouble.next_try if trouble and not container.status.is_over else None
    next_try = ahead if ahead and ahead > container.updated_at else None
    return json_text(
        {
            **container.metadata,
            "epoch": container.epoch,
            "heartbeat_at": instant(container.heartbeat_at) if container.heartbeat_at else None,
            "last_effect": container.last_effect,
            "exit_reason": container.exit_reason,
            "last_error": trouble.error if trouble else None,
            "crashes": trouble.crashes if trouble else None,
            "next_try": instant(next_try) if next_try else None,
            "parked": parked,
            "parked_since": instant(container.heartbeat_at or container.updated_at) if parked else None,
        }
    )


def log_message(line: ContainerLog) -> daemon_pb2.ContainerLogEntry:
    return daemon_pb2.ContainerLogEntry(
        timestamp=instant(line.at), level=line.level, message=line.message, metadata=json_text(line.metadata)
    )


def listing_message(
    waypoint: str, listing: Listing, observed_at: datetime | None
) -> goodsfactory_pb2.Listing:
    return goodsfactory_pb2.Listing(
        waypoint=waypoint,
        good=listing.good,
        type=listing.type.value,
        trade_volume=listing.trade_volume,
        supply=listing.supply.value,
        activity=listing.activity.value if listing.activity else None,
        ask=listing.ask,
        bid=listing.bid,
        observed_at=instant(observed_at) if observed_at else None,
    )


def market_message(market: MarketSnapshot, now: datetime | None) -> goodsfactory_pb2.Market:
    """Every good of the three lists, by list and name; without prices where no ship has looked."""
    listings = [good_at_market(market, good) for good in _goods_in_order(market)]
    return goodsfactory_pb2.Market(
        waypoint=market.waypoint,
        listings=listings,
        now=instant_if_known(now),
        observed_at=instant(market.observed_at) if market.observed_at else None,
    )


def good_at_market(market: MarketSnapshot, good: str) -> goodsfactory_pb2.Listing:
    """One good of a market, priced where prices are known."""
    listing = market.listing(good)
    if listing is not None:
        return listing_message(market.waypoint, listing, market.observed_at)
    type_ = market.type_of(good)
    return goodsfactory_pb2.Listing(waypoint=market.waypoint, good=good, type=type_.value if type_ else "")


def _goods_in_order(market: MarketSnapshot) -> list[str]:
    return [*sorted(market.exports), *sorted(market.imports), *sorted(market.exchange)]
