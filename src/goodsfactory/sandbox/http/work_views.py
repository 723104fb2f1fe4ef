"""Charts, surveys, yields, sightings and bills as the API shows them (official schema)."""

from collections.abc import Iterable
from datetime import datetime

from goodsfactory.sandbox.charts import Chart
from goodsfactory.sandbox.chronicle import Happening
from goodsfactory.sandbox.dockyard import YardBill
from goodsfactory.sandbox.http.modifier_views import words
from goodsfactory.sandbox.http.ship_views import nav_view
from goodsfactory.sandbox.mining import Yield
from goodsfactory.sandbox.outfitting import Modification
from goodsfactory.sandbox.scanning import Sighting
from goodsfactory.sandbox.ships import ConditionEvent, Ship
from goodsfactory.sandbox.surveys import Survey
from goodsfactory.sandbox.timestamps import Instant
from goodsfactory.sandbox.universe import Universe


def survey_view(survey: Survey) -> dict[str, object]:
    """A survey; how much it holds stays hidden."""
    return {
        "signature": survey.signature,
        "symbol": survey.waypoint,
        "deposits": [{"symbol": good} for good in survey.deposits],
        "expiration": Instant(survey.expires),
        "size": survey.size,
    }


def yield_view(ship: Ship, done: Yield) -> dict[str, object]:
    """What came aboard, under the ship's name."""
    return {"shipSymbol": ship.symbol, "yield": {"symbol": done.good, "units": done.units}}


def events_view(events: Iterable[ConditionEvent]) -> list[dict[str, object]]:
    """Condition events; the texts are our own."""
    return [
        {
            "symbol": event.symbol,
            "component": event.component,
            "name": words(event.symbol),
            "description": f"{words(event.symbol)}: the condition of the {event.component.lower()} suffered.",
        }
        for event in events
    ]


def sighting_view(sighting: Sighting) -> dict[str, object]:
    """A system and how far away it is."""
    system = sighting.system
    return {
        "symbol": system.symbol,
        "sectorSymbol": system.sector,
        "type": system.type,
        "x": system.x,
        "y": system.y,
        "distance": sighting.distance,
    }


def scanned_ship_view(ship: Ship, universe: Universe, now: datetime) -> dict[str, object]:
    """A ship seen from another one."""
    return {
        "symbol": ship.symbol,
        "registration": {"name": ship.symbol, "factionSymbol": ship.faction, "role": ship.type.role},
        "nav": nav_view(ship, universe, now),
        "frame": {"symbol": ship.type.frame.symbol},
        "reactor": {"symbol": ship.type.reactor.symbol},
        "engine": {"symbol": ship.type.engine.symbol},
        "mounts": [{"symbol": mount.symbol} for mount in ship.type.mounts],
    }


def chart_payment_view(chart: Chart) -> dict[str, object]:
    """What a chart brought (api-facts §6)."""
    return {
        "waypointSymbol": chart.waypoint,
        "shipSymbol": chart.ship,
        "totalPrice": chart.reward,
        "timestamp": Instant(chart.at),
    }


def bill_view(bill: YardBill) -> dict[str, object]:
    """A repair or a scrapping, quoted or done (api-facts §16)."""
    return {
        "waypointSymbol": bill.waypoint,
        "shipSymbol": bill.ship,
        "totalPrice": bill.price,
        "timestamp": Instant(bill.at),
    }


def modification_view(done: Modification) -> dict[str, object]:
    """A part fitted or removed (api-facts §13.1)."""
    return {
        "waypointSymbol": done.waypoint,
        "shipSymbol": done.ship,
        "tradeSymbol": done.part,
        "totalPrice": done.price,
        "timestamp": Instant(done.at),
    }


def happening_view(event: Happening) -> dict[str, object]:
    """An event of an agent's history (api-facts §5)."""
    return {
        "id": event.id,
        "type": event.type,
        "message": event.message,
        "data": dict(event.data),
        "createdAt": Instant(event.at),
    }
