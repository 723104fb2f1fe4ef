"""Wire models to domain values. Raises ValueError where an answer lacks what its meaning needs."""

from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from goodsfactory.adapters.spacetraders import times, wire
from goodsfactory.adapters.spacetraders.bounds import printable
from goodsfactory.adapters.spacetraders.set_aside import sound
from goodsfactory.domain.construction import ConstructionSite, Material
from goodsfactory.domain.contract import Contract, Owed
from goodsfactory.domain.geography import FlightMode, Waypoint, system_of
from goodsfactory.domain.goods import FUEL, Good
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.domain.shipyard import ShipOffer, ShipyardSnapshot
from goodsfactory.ports.game_api import (
    AgentState,
    Flight,
    Registration,
    ServerStatus,
    ShipSale,
    ShipyardView,
    Trade,
)


def status_from(answer: wire.WireStatus, now: datetime) -> ServerStatus:
    times.began(datetime.strptime(answer.reset_date, "%Y-%m-%d").replace(tzinfo=UTC), now)
    announced = answer.server_resets.next if answer.server_resets else None
    return ServerStatus(
        printable(answer.status), printable(answer.version, 40), answer.reset_date, _announced(announced, now)
    )


def agent_from(agent: wire.WireAgent) -> AgentState:
    faction = printable(agent.starting_faction, 40)
    return AgentState(agent.symbol, agent.headquarters, agent.credits, faction, agent.ship_count)


def registration_from(answer: wire.RegisterAnswer, now: datetime) -> Registration:
    """A ship that makes no sense is left out: the token must not be lost for it."""
    given = answer.ships if answer.ships is not None else [answer.ship] if bytes(answer.ship) else []
    ships, _ = sound(given, lambda raw: ship_from(msgspec.json.decode(raw, type=wire.WireShip), now), "ship")
    return Registration(answer.token, agent_from(answer.agent), tuple(ships))


def nav_from(nav: wire.WireNav, now: datetime, speed: int | None = None) -> Nav:
    """Origin, departure and arrival are told only in transit: a finished route says nothing any more.

    A ship in transit may be told without its arrival: it is read again until it is there. ``speed`` is the
    engine's, where it is known; it bounds the flight.
    """
    status = NavStatus(nav.status)
    # A mode added to the game later must not make the ship unreadable; CRUISE is what a new ship flies.
    known = nav.flight_mode in _MODES
    mode = FlightMode(nav.flight_mode) if known else FlightMode.CRUISE
    route = nav.route
    if status is not NavStatus.IN_TRANSIT or route is None:
        return Nav(nav.system_symbol, nav.waypoint_symbol, status, mode)
    origin = route.origin or route.departure
    return Nav(
        nav.system_symbol,
        nav.waypoint_symbol,
        status,
        mode,
        origin=origin.symbol if origin else None,
        departed_at=times.departed(route, now),
        arrival=times.arrives(route, now, mode if known else FlightMode.DRIFT, speed),
    )


def tank_from(fuel: wire.WireFuel) -> Tank:
    if fuel.current > fuel.capacity:
        raise ValueError(f"a tank for {fuel.capacity} holds {fuel.current}")
    return Tank(fuel.current, fuel.capacity)


def hold_from(cargo: wire.WireCargo) -> Hold:
    """An inventory that does not add up hides cargo, and with it a purchase that happened."""
    inventory: dict[str, int] = {}
    for item in cargo.inventory:
        if item.units > 0:
            inventory[item.symbol] = inventory.get(item.symbol, 0) + item.units
    aboard = sum(inventory.values())
    if aboard > cargo.capacity:
        raise ValueError(f"a hold for {cargo.capacity} carries {aboard}")
    if cargo.units is not None and cargo.units != aboard:
        raise ValueError(f"a hold with {cargo.units} units lists {aboard}")
    return Hold(cargo.capacity, MappingProxyType(inventory))


def ship_from(ship: wire.WireShip, now: datetime) -> Ship:
    cooldown = ship.cooldown
    busy = cooldown is not None and cooldown.expiration is not None and cooldown.remaining_seconds > 0
    until = times.cooled_down(cooldown.expiration, now) if busy and cooldown and cooldown.expiration else None
    return Ship(
        symbol=ship.symbol,
        role=printable(ship.registration.role, 40) if ship.registration else "",
        nav=nav_from(ship.nav, now, ship.engine.speed),
        tank=tank_from(ship.fuel),
        hold=hold_from(ship.cargo),
        speed=ship.engine.speed,
        observed_at=now,
        cooldown_until=until,
        frame=printable(ship.frame.symbol, 40) if ship.frame else "",
    )


def flight_from(answer: wire.FlightAnswer, now: datetime, speed: int | None) -> Flight:
    return Flight(nav_from(answer.nav, now, speed), tank_from(answer.fuel))


def waypoint_from(waypoint: wire.WireWaypoint) -> Waypoint:
    return Waypoint(
        symbol=waypoint.symbol,
        system=waypoint.system_symbol or system_of(waypoint.symbol),
        type=waypoint.type,
        x=waypoint.x,
        y=waypoint.y,
        traits=frozenset(trait.symbol for trait in waypoint.traits),
        orbits=printable(waypoint.orbits, 64) if waypoint.orbits else None,
    )


def trade_from(answer: wire.TradeAnswer, ship: str, good: Good, units: int, now: datetime) -> Trade:
    """The receipt of what was asked for: any other leaves open what happened."""
    receipt = answer.transaction
    if (receipt.ship_symbol, receipt.trade_symbol, receipt.units) != (ship, good, units):
        told = f"{receipt.units} {receipt.trade_symbol} of {receipt.ship_symbol}"
        raise ValueError(f"the receipt is for {told} instead of {units} {good} of {ship}")
    return Trade(
        good=good,
        units=units,
        unit_price=receipt.price_per_unit,
        total=receipt.total_price,
        balance=answer.agent.credits,
        at=times.past(receipt.timestamp, now),
        hold=hold_from(answer.cargo),
    )


def refuel_from(answer: wire.RefuelAnswer, now: datetime) -> Trade:
    """A tank that was full already is a refuel of no units for no credits."""
    receipt = answer.transaction
    if receipt is not None and receipt.trade_symbol != FUEL:
        raise ValueError(f"the receipt is for {receipt.trade_symbol} instead of {FUEL}")
    return Trade(
        good=FUEL,
        units=receipt.units if receipt else 0,
        unit_price=receipt.price_per_unit if receipt else 0,
        total=receipt.total_price if receipt else 0,
        balance=answer.agent.credits,
        at=times.past(receipt.timestamp, now) if receipt else now,
        hold=hold_from(answer.cargo) if answer.cargo else None,
        tank=tank_from(answer.fuel),
    )


def shipyard_from(yard: wire.WireShipyard, asked: str, now: datetime) -> ShipyardView:
    if yard.symbol != asked:
        raise ValueError(f"it tells of {yard.symbol}")
    types, odd_types = sound(yard.ship_types, _ship_type, "type")
    offers, odd_offers = sound(yard.ships or (), _offer, "offer")
    recent, odd_sales = sound(yard.transactions or (), lambda raw: _sale(raw, now), "sale")
    seen = yard.ships is not None and (bool(offers) or not odd_offers)
    snapshot = ShipyardSnapshot(
        waypoint=yard.symbol,
        types=frozenset(types) | {offer.type for offer in offers},
        offers=tuple(offers),
        observed_at=now if seen else None,
    )
    return ShipyardView(snapshot, tuple(recent), tuple(odd_types + odd_offers + odd_sales))


def ship_purchase_from(answer: wire.ShipAnswer, ship_type: str, now: datetime) -> Trade:
    receipt = answer.transaction
    if receipt.ship_type != ship_type:
        raise ValueError(f"the receipt is for {receipt.ship_type} instead of {ship_type}")
    return Trade(
        good=receipt.ship_type,
        units=1,
        unit_price=receipt.price,
        total=receipt.price,
        balance=answer.agent.credits,
        at=times.past(receipt.timestamp, now),
        bought=ship_from(answer.ship, now),
    )


def contract_from(contract: wire.WireContract, now: datetime) -> Contract:
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
        accept_by=times.near(accept_by, now) if accept_by else None,
        deadline=times.near(terms.deadline, now),
    )


def advance_from(answer: wire.ContractAnswer, contract_id: str, now: datetime) -> Trade:
    contract = _named(answer, contract_id, now)
    return Trade(contract.good, 0, 0, contract.on_accepted, answer.agent.credits, now)


def payment_from(answer: wire.ContractAnswer, contract_id: str, now: datetime) -> Trade:
    contract = _named(answer, contract_id, now)
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


def _ship_type(raw: msgspec.Raw) -> str:
    return msgspec.json.decode(raw, type=wire.WireShipType).type


def _offer(raw: msgspec.Raw) -> ShipOffer:
    offer = msgspec.json.decode(raw, type=wire.WireShipOffer)
    return ShipOffer(offer.type, offer.purchase_price)


def _sale(raw: msgspec.Raw, now: datetime) -> ShipSale:
    line = msgspec.json.decode(raw, type=wire.WireShipSale)
    return ShipSale(line.agent_symbol, line.ship_type, line.price, times.past(line.timestamp, now))


def _named(answer: wire.ContractAnswer, contract_id: str, now: datetime) -> Contract:
    if answer.contract.id != contract_id:
        raise ValueError(f"it tells of the contract {answer.contract.id}")
    return contract_from(answer.contract, now)


def _announced(text: str | None, now: datetime) -> datetime | None:
    """The announced reset is information only: one we cannot read is not worth failing for."""
    try:
        return times.near(datetime.fromisoformat(text), now) if text else None
    except (ValueError, OverflowError):
        return None
