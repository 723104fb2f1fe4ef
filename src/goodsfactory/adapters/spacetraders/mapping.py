"""Wire models to domain values. Raises ValueError where an answer lacks what its meaning needs."""

from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType

from goodsfactory.adapters.spacetraders import wire
from goodsfactory.domain.construction import ConstructionSite, Material
from goodsfactory.domain.contract import Contract, Owed
from goodsfactory.domain.geography import FlightMode, Waypoint, system_of
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.domain.shipyard import ShipOffer, ShipyardSnapshot
from goodsfactory.ports.game_api import (
    AgentState,
    Flight,
    MarketView,
    Registration,
    ServerStatus,
    ShipSale,
    ShipyardView,
    Trade,
    Transaction,
)


def status_from(answer: wire.WireStatus) -> ServerStatus:
    announced = answer.server_resets.next if answer.server_resets else None
    return ServerStatus(answer.status, answer.version, answer.reset_date, _instant(announced))


def agent_from(agent: wire.WireAgent) -> AgentState:
    return AgentState(
        agent.symbol, agent.headquarters, agent.credits, agent.starting_faction, agent.ship_count
    )


def registration_from(answer: wire.RegisterAnswer, now: datetime) -> Registration:
    ships = answer.ships if answer.ships is not None else [answer.ship] if answer.ship is not None else []
    return Registration(answer.token, agent_from(answer.agent), tuple(ship_from(ship, now) for ship in ships))


def nav_from(nav: wire.WireNav) -> Nav:
    """Origin, departure and arrival are told only in transit: a finished route says nothing any more.

    A ship in transit may be told without its arrival: it is read again until it is there.
    """
    status = NavStatus(nav.status)
    # A mode added to the game later must not make the ship unreadable; CRUISE is what a new ship flies.
    mode = FlightMode(nav.flight_mode) if nav.flight_mode in _MODES else FlightMode.CRUISE
    if status is not NavStatus.IN_TRANSIT:
        return Nav(nav.system_symbol, nav.waypoint_symbol, status, mode)
    route = nav.route
    if route is None:
        return Nav(nav.system_symbol, nav.waypoint_symbol, status, mode)
    origin = route.origin or route.departure
    return Nav(
        nav.system_symbol,
        nav.waypoint_symbol,
        status,
        mode,
        origin=origin.symbol if origin else None,
        departed_at=_utc(route.departure_time) if route.departure_time else None,
        arrival=_utc(route.arrival) if route.arrival else None,
    )


def tank_from(fuel: wire.WireFuel) -> Tank:
    return Tank(fuel.current, fuel.capacity)


def hold_from(cargo: wire.WireCargo) -> Hold:
    inventory: dict[str, int] = {}
    for item in cargo.inventory:
        if item.units > 0:
            inventory[item.symbol] = inventory.get(item.symbol, 0) + item.units
    return Hold(cargo.capacity, MappingProxyType(inventory))


def ship_from(ship: wire.WireShip, now: datetime) -> Ship:
    cooldown = ship.cooldown
    busy = cooldown is not None and cooldown.expiration is not None and cooldown.remaining_seconds > 0
    return Ship(
        symbol=ship.symbol,
        role=ship.registration.role if ship.registration else "",
        nav=nav_from(ship.nav),
        tank=tank_from(ship.fuel),
        hold=hold_from(ship.cargo),
        speed=ship.engine.speed,
        observed_at=now,
        cooldown_until=_utc(cooldown.expiration) if busy and cooldown and cooldown.expiration else None,
        frame=ship.frame.symbol if ship.frame else "",
    )


def flight_from(answer: wire.FlightAnswer) -> Flight:
    return Flight(nav_from(answer.nav), tank_from(answer.fuel))


def waypoint_from(waypoint: wire.WireWaypoint) -> Waypoint:
    return Waypoint(
        symbol=waypoint.symbol,
        system=waypoint.system_symbol or system_of(waypoint.symbol),
        type=waypoint.type,
        x=waypoint.x,
        y=waypoint.y,
        traits=frozenset(trait.symbol for trait in waypoint.traits),
        orbits=waypoint.orbits or None,
    )


def market_from(market: wire.WireMarket, now: datetime) -> MarketView:
    seen = market.trade_goods is not None
    snapshot = MarketSnapshot(
        waypoint=market.symbol,
        exports=_symbols(market.exports),
        imports=_symbols(market.imports),
        exchange=_symbols(market.exchange),
        listings=tuple(_listing(good) for good in market.trade_goods or () if _readable(good)),
        observed_at=now if seen else None,
    )
    recent = tuple(_transaction(line) for line in market.transactions or ())
    return MarketView(snapshot, recent)


def trade_from(answer: wire.TradeAnswer) -> Trade:
    receipt = answer.transaction
    return Trade(
        good=receipt.trade_symbol,
        units=receipt.units,
        unit_price=receipt.price_per_unit,
        total=receipt.total_price,
        balance=answer.agent.credits,
        at=_utc(receipt.timestamp),
        hold=hold_from(answer.cargo),
    )


def refuel_from(answer: wire.RefuelAnswer, now: datetime) -> Trade:
    """A tank that was full already is a refuel of no units for no credits."""
    receipt = answer.transaction
    return Trade(
        good=FUEL,
        units=receipt.units if receipt else 0,
        unit_price=receipt.price_per_unit if receipt else 0,
        total=receipt.total_price if receipt else 0,
        balance=answer.agent.credits,
        at=_utc(receipt.timestamp) if receipt else now,
        hold=hold_from(answer.cargo) if answer.cargo else None,
        tank=tank_from(answer.fuel),
    )


def shipyard_from(yard: wire.WireShipyard, now: datetime) -> ShipyardView:
    seen = yard.ships is not None
    snapshot = ShipyardSnapshot(
        waypoint=yard.symbol,
        types=frozenset(each.type for each in yard.ship_types),
        offers=tuple(ShipOffer(each.type, each.purchase_price) for each in yard.ships or ()),
        observed_at=now if seen else None,
    )
    recent = tuple(
        ShipSale(line.agent_symbol, line.ship_type, line.price, _utc(line.timestamp))
        for line in yard.transactions or ()
    )
    return ShipyardView(snapshot, recent)


def ship_purchase_from(answer: wire.ShipAnswer, now: datetime) -> Trade:
    receipt = answer.transaction
    return Trade(
        good=receipt.ship_type,
        units=1,
        unit_price=receipt.price,
        total=receipt.price,
        balance=answer.agent.credits,
        at=_utc(receipt.timestamp),
        bought=ship_from(answer.ship, now),
    )


def contract_from(contract: wire.WireContract) -> Contract:
    terms = contract.terms
    accept_by = contract.deadline_to_accept or contract.expiration
    return Contract(
        id=contract.id,
        faction=contract.faction_symbol,
        type=contract.type,
        owed=tuple(
            Owed(line.trade_symbol, line.destination_symbol, line.units_required, line.units_fulfilled)
            for line in terms.deliver
        ),
        on_accepted=terms.payment.on_accepted,
        on_fulfilled=terms.payment.on_fulfilled,
        accepted=contract.accepted,
        fulfilled=contract.fulfilled,
        accept_by=_utc(accept_by) if accept_by else None,
        deadline=_utc(terms.deadline),
    )


def advance_from(answer: wire.ContractAnswer, now: datetime) -> Trade:
    contract = contract_from(answer.contract)
    return Trade(contract.good, 0, 0, contract.on_accepted, answer.agent.credits, now)


def payment_from(answer: wire.ContractAnswer, now: datetime) -> Trade:
    contract = contract_from(answer.contract)
    return Trade(contract.good, 0, 0, contract.on_fulfilled, answer.agent.credits, now)


def handover_from(answer: wire.HandoverAnswer, good: str, units: int, now: datetime) -> Trade:
    """Goods for which nobody pays by the piece; the answer says no balance."""
    return Trade(good, units, 0, 0, None, now, hold=hold_from(answer.cargo))


def construction_from(site: wire.WireConstruction) -> ConstructionSite:
    return ConstructionSite(
        waypoint=site.symbol,
        materials=tuple(Material(m.trade_symbol, m.required, m.fulfilled) for m in site.materials),
        complete=site.is_complete,
    )


_MODES = frozenset(FlightMode)
_TYPES = frozenset(TradeType)
_SUPPLIES = frozenset(Supply)
_ACTIVITIES = frozenset(Activity)


def _readable(good: wire.WireListing) -> bool:
    # A supply level we cannot rank must not be bought at: without a listing the planner does not.
    return good.type in _TYPES and good.supply in _SUPPLIES


def _listing(good: wire.WireListing) -> Listing:
    return Listing(
        good=good.symbol,
        type=TradeType(good.type),
        trade_volume=good.trade_volume,
        supply=Supply(good.supply),
        activity=Activity(good.activity) if good.activity in _ACTIVITIES else None,
        ask=good.purchase_price,
        bid=good.sell_price,
    )


def _transaction(line: wire.WireTransaction) -> Transaction:
    return Transaction(
        ship=line.ship_symbol,
        good=line.trade_symbol,
        purchase=line.type == "PURCHASE",
        units=line.units,
        unit_price=line.price_per_unit,
        total=line.total_price,
        at=_utc(line.timestamp),
    )


def _symbols(goods: Iterable[wire.WireGood]) -> frozenset[str]:
    return frozenset(good.symbol for good in goods)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _instant(text: str | None) -> datetime | None:
    """The announced reset is information only: one we cannot read is not worth failing for."""
    if not text:
        return None
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None
