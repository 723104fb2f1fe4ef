"""Building sites: a bill of materials that ships fill (api-facts §14)."""

from collections.abc import Mapping
from datetime import datetime

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Bill, Universe


def is_complete(bill: Mapping[str, list[int]]) -> bool:
    """True when every material of the bill is there."""
    return all(fulfilled >= required for required, fulfilled in bill.values())


def is_under_construction(universe: Universe, waypoint: str) -> bool:
    """True while the site at a waypoint misses material."""
    bill = universe.constructions.get(waypoint)
    return bill is not None and not is_complete(bill)


def supply(bill: Bill, site: str, ship: Ship, material: str, units: int, now: datetime) -> None:
    """Put units from the hold into the site; nobody pays for them.

    More than is missing is refused with 4801 as well, so that no cargo is lost: what the live server does
    is not established (api-facts §14). Refuses 4214, 4802, 4244, 4800, 4801, 4218, 4219.
    """
    ship.require_arrived(now)
    if ship.waypoint != site:
        raise Refusal(
            ErrorCode.SHIP_CONSTRUCTION_INVALID_LOCATION,
            f"Supply failed. Ship {ship.symbol} is at {ship.waypoint}, not at the site {site}.",
            {"shipSymbol": ship.symbol, "waypointSymbol": site},
        )
    ship.require_docked(now)
    line = bill.get(material)
    if line is None:
        raise Refusal(
            ErrorCode.CONSTRUCTION_MATERIAL_NOT_REQUIRED,
            f"Supply failed. The site {site} needs no {material}.",
            {"waypointSymbol": site, "tradeSymbol": material},
        )
    required, fulfilled = line
    if fulfilled + units > required:
        raise Refusal(
            ErrorCode.CONSTRUCTION_MATERIAL_FULFILLED,
            f"Supply failed. The site {site} needs {required - fulfilled} more {material}, not {units}.",
            {"waypointSymbol": site, "tradeSymbol": material, "required": required, "fulfilled": fulfilled},
        )
    ship.require_aboard(material, units)
    ship.unload(material, units)
    line[1] += units
