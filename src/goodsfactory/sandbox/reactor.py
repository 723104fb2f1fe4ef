"""The reactor's rest after work: who may act again when (api-facts §12)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import Module, Mount
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.timestamps import Instant, Lapse


def require_rested(ship: Ship, now: datetime) -> None:
    """Refuse (4000) while the reactor cools down, with the cooldown in ``data``."""
    until = ship.cooldown_until
    if until is None or now >= until:
        return
    raise Refusal(
        ErrorCode.COOLDOWN_CONFLICT,
        f"Ship action failed. Ship {ship.symbol} is still on cooldown.",
        {
            "cooldown": {
                "shipSymbol": ship.symbol,
                "totalSeconds": Lapse(timedelta(seconds=ship.cooldown_seconds)),
                "remainingSeconds": Lapse(until - now),
                "expiration": Instant(until),
            }
        },
    )


def rest(ship: Ship, seconds: int, now: datetime) -> None:
    """Let the reactor cool down for so many seconds from now."""
    ship.cooldown_seconds = seconds
    ship.cooldown_until = now + timedelta(seconds=seconds)


def rest_after(ship: Ship, used: Iterable[Mount | Module], parameters: ShipParameters, now: datetime) -> None:
    """Cool down after work with these parts: a base, more for every unit of power they draw, and for wear."""
    power = sum(part.power for part in used)
    worn = round(parameters.worn_rest * (1 - ship.component("REACTOR").condition))
    rest(ship, parameters.cooldown_base + parameters.cooldown_per_power * power + worn, now)
