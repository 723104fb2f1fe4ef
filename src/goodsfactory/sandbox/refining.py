"""Refining aboard: ore into metal, hydrocarbon into fuel (api-facts §12)."""

from datetime import datetime

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.reactor import require_rested, rest_after
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import Module
from goodsfactory.sandbox.ships import Ship

RECIPES = {
    **{
        metal: f"{metal}_ORE"
        for metal in ("IRON", "COPPER", "SILVER", "GOLD", "ALUMINUM", "PLATINUM", "URANITE", "MERITIUM")
    },
    "FUEL": "HYDROCARBON",
}
"""What a ship can refine, and from what (official text)."""

_METALS = frozenset(RECIPES) - {"FUEL"}
_REFINERIES = {
    "MODULE_ORE_REFINERY_I": _METALS,
    "MODULE_MICRO_REFINERY_I": _METALS,
    "MODULE_FUEL_REFINERY_I": frozenset({"FUEL"}),
}


def refine(ship: Ship, product: str, parameters: ShipParameters, now: datetime) -> tuple[str, int, int]:
    """Turn one batch from the hold into the product: the input good, its units, and the units made.

    Refuses 4214, 4237 (no such product), 4000, 4239 (no refinery), 4238 (one for other goods), 4218, 4219.
    """
    ship.require_arrived(now)
    consumed = RECIPES.get(product)
    if consumed is None:
        raise Refusal(
            ErrorCode.SHIP_INVALID_REFINERY_GOOD,
            f"Ship refine failed. {product} cannot be refined.",
            {"shipSymbol": ship.symbol, "produce": product},
        )
    require_rested(ship, now)
    used = _refinery(ship, product)
    ship.require_aboard(consumed, parameters.refine_batch)
    ship.unload(consumed, parameters.refine_batch)
    ship.load(product, parameters.refine_output)
    rest_after(ship, [used], parameters, now)
    return consumed, parameters.refine_batch, parameters.refine_output


def _refinery(ship: Ship, product: str) -> Module:
    refineries = [module for module in ship.type.modules if module.symbol in _REFINERIES]
    data = {"shipSymbol": ship.symbol, "produce": product}
    if not refineries:
        raise Refusal(ErrorCode.SHIP_MISSING_REFINERY, f"Ship {ship.symbol} has no refinery.", data)
    for module in refineries:
        if product in _REFINERIES[module.symbol]:
            return module
    message = f"Ship {ship.symbol} has no refinery that makes {product}."
    raise Refusal(ErrorCode.SHIP_INVALID_REFINERY_TYPE, message, data)
