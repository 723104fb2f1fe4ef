"""Cargo without money: throwing away and handing over (api-facts §11)."""

from datetime import datetime

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.ships import Ship


def jettison(ship: Ship, good: str, units: int, now: datetime) -> None:
    """Throw units away; whether docked or in orbit does not matter. Refuses 4214, 4218, 4219."""
    ship.require_arrived(now)
    ship.require_aboard(good, units)
    ship.unload(good, units)


def transfer(giver: Ship, taker: Ship, good: str, units: int, now: datetime) -> None:
    """Hand units to another ship of the same agent at the same place, both docked or both in orbit.

    Refuses 4214, 4232, 4233, 4234, 4271, 4218, 4219, 4217.
    """
    giver.require_arrived(now)
    data = {"shipSymbol": giver.symbol, "targetShipSymbol": taker.symbol}
    if taker.agent != giver.agent:
        raise Refusal(
            ErrorCode.SHIP_TRANSFER_AGENT_CONFLICT,
            f"Transfer failed. Ship {taker.symbol} belongs to another agent.",
            data,
        )
    if taker.symbol == giver.symbol:
        raise Refusal(
            ErrorCode.SHIP_TRANSFER_SAME_SHIP_CONFLICT,
            f"Transfer failed. Ship {giver.symbol} cannot hand cargo to itself.",
            data,
        )
    if not taker.is_at(giver.waypoint, now):
        raise Refusal(
            ErrorCode.SHIP_TRANSFER_LOCATION_CONFLICT,
            f"Transfer failed. Ship {taker.symbol} is not at {giver.waypoint}.",
            data,
        )
    if taker.docked != giver.docked:
        raise Refusal(
            ErrorCode.SHIP_TRANSFER_DOCKED_ORBIT_CONFLICT,
            "Transfer failed. Both ships must be docked or both in orbit.",
            data,
        )
    giver.require_aboard(good, units)
    taker.require_room(units)
    giver.unload(good, units)
    taker.load(good, units)
