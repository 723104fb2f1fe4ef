"""Operations of ships at work: charts, surveys, mining, refining, scans, jumps and warp (api-facts §18)."""

from datetime import UTC, datetime
from typing import cast

from goodsfactory.sandbox import refining
from goodsfactory.sandbox.errors import unprocessable
from goodsfactory.sandbox.http.agent_views import own_agent_view
from goodsfactory.sandbox.http.bodies import Destination, Extracting, Nothing, Refining, SurveyBody
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.modifier_views import modifiers_view
from goodsfactory.sandbox.http.place_views import market_transaction_view, scanned_view, waypoint_view
from goodsfactory.sandbox.http.ship_views import cargo_view, cooldown_view, fuel_view, nav_view
from goodsfactory.sandbox.http.work_views import (
    chart_payment_view,
    events_view,
    scanned_ship_view,
    sighting_view,
    survey_view,
    yield_view,
)
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.surveys import SurveyClaim
from goodsfactory.sandbox.warp import warp as warp_ship


def chart(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/chart``."""
    world, ship = call.world, _ship(call)
    made = world.charts.chart(call.agent, ship, world.now())
    place = world.waypoint(ship.system, made.waypoint)
    shown = waypoint_view(place, world)
    message = f"Charted {made.waypoint}."
    world.chronicle.write(call.agent.symbol, "CHART", message, made.at, waypointSymbol=made.waypoint)
    return Answer(
        {
            "chart": shown["chart"],
            "waypoint": shown,
            "agent": own_agent_view(world, call.agent),
            "transaction": chart_payment_view(made),
        }
    )


def survey(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/survey``."""
    ship = _ship(call)
    made = call.world.surveys.survey(ship, call.world.now())
    return Answer({"cooldown": _cooldown(call, ship), "surveys": [survey_view(each) for each in made]})


def extract(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/extract``; its ``survey`` is deprecated but understood."""
    body = cast(Extracting, call.content)
    return _extract(call, None if body.survey is None else _claim(call, body.survey))


def extract_with_survey(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/extract/survey``: the body is a whole survey."""
    return _extract(call, _claim(call, cast(SurveyBody, call.content)))


def siphon(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/siphon``."""
    ship = _ship(call)
    done = call.world.mining.siphon(ship, call.world.now())
    return Answer(
        {
            "cooldown": _cooldown(call, ship),
            "siphon": yield_view(ship, done),
            "cargo": cargo_view(ship),
            "events": events_view(done.events),
        }
    )


def refine(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/refine``."""
    product = cast(Refining, call.content).produce
    world, ship = call.world, _ship(call)
    consumed, used, made = refining.refine(ship, product, world.ship_parameters, world.now())
    return Answer(
        {
            "cargo": cargo_view(ship),
            "cooldown": _cooldown(call, ship),
            "produced": [{"tradeSymbol": product, "units": made}],
            "consumed": [{"tradeSymbol": consumed, "units": used}],
        }
    )


def scan_systems(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/scan/systems``."""
    ship = _ship(call)
    seen = call.world.scanning.systems(ship, call.world.now())
    return Answer({"cooldown": _cooldown(call, ship), "systems": [sighting_view(each) for each in seen]})


def scan_waypoints(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/scan/waypoints``; the traits of uncharted ones too."""
    world, ship = call.world, _ship(call)
    seen = world.scanning.waypoints(ship, world.now())
    shown = [scanned_view(place, world) for place in seen]
    return Answer({"cooldown": _cooldown(call, ship), "waypoints": shown})


def scan_ships(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/scan/ships``."""
    world, ship = call.world, _ship(call)
    seen = world.scanning.ships(ship, world.now())
    shown = [scanned_ship_view(other, world.universe, world.now()) for other in seen]
    return Answer({"cooldown": _cooldown(call, ship), "ships": shown})


def jump(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/jump``."""
    world, ship = call.world, _ship(call)
    destination = cast(Destination, call.content).waypoint_symbol
    paid = world.gates.jump(call.agent, ship, destination, world.now())
    return Answer(
        {
            "nav": nav_view(ship, world.universe, world.now()),
            "cooldown": _cooldown(call, ship),
            "transaction": market_transaction_view(paid),
            "agent": own_agent_view(world, call.agent),
        }
    )


def warp(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/warp``."""
    world, ship = call.world, _ship(call)
    warp_ship(world.navigation, ship, cast(Destination, call.content).waypoint_symbol, world.now())
    return Answer(
        {
            "nav": nav_view(ship, world.universe, world.now()),
            "fuel": fuel_view(ship),
            "events": events_view(ship.last_events),
        }
    )


def _extract(call: Call, claim: SurveyClaim | None) -> Answer:
    world, ship = call.world, _ship(call)
    done = world.mining.extract(ship, claim, world.now())
    place = world.waypoint(ship.system, ship.waypoint)
    return Answer(
        {
            "cooldown": _cooldown(call, ship),
            "extraction": yield_view(ship, done),
            "cargo": cargo_view(ship),
            "modifiers": modifiers_view(world.mining.modifiers(place, world.now())),
            "events": events_view(done.events),
        }
    )


def _claim(call: Call, body: SurveyBody) -> SurveyClaim:
    try:
        expires = datetime.fromisoformat(body.expiration)
    except ValueError as error:
        message = f"expected an RFC 3339 time, got {body.expiration!r}"
        raise unprocessable("invalid_string", ["expiration"], message) from error
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    known = call.world.surveys.find(body.signature)
    if known is not None and call.world.calendar.told(known.expires) == expires:
        expires = known.expires
    deposits = tuple(deposit.symbol for deposit in body.deposits)
    return SurveyClaim(body.signature, body.symbol, deposits, expires, body.size)


def _ship(call: Call) -> Ship:
    return call.world.ship(call.agent, call.parts[0])


def _cooldown(call: Call, ship: Ship) -> dict[str, object]:
    return cooldown_view(ship, call.world.now())


_SHIP = "/my/ships/{shipSymbol}"

ENDPOINTS = (
    Endpoint("POST", f"{_SHIP}/chart", chart, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/survey", survey, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/extract", extract, Access.AGENT, Extracting, 201),
    Endpoint("POST", f"{_SHIP}/extract/survey", extract_with_survey, Access.AGENT, SurveyBody, 201),
    Endpoint("POST", f"{_SHIP}/siphon", siphon, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/refine", refine, Access.AGENT, Refining, 201),
    Endpoint("POST", f"{_SHIP}/scan/systems", scan_systems, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/scan/waypoints", scan_waypoints, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/scan/ships", scan_ships, Access.AGENT, Nothing, 201),
    Endpoint("POST", f"{_SHIP}/jump", jump, Access.AGENT, Destination),
    Endpoint("POST", f"{_SHIP}/warp", warp, Access.AGENT, Destination),
)
"""What ships do apart from moving about and trading."""
