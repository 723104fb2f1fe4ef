"""Repair and scrap at a shipyard (api-facts §16)."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.fleets import Fleets
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ships import COMPONENTS, Ship
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.wear import damage

_MATERIAL = {"FRAME": "SHIP_PLATING", "REACTOR": "SHIP_PARTS", "ENGINE": "SHIP_PARTS"}


@dataclass(frozen=True, slots=True)
class YardBill:
    """What a repair costs, or what a scrapped ship brings, in credits."""

    waypoint: str
    ship: str
    price: int
    at: datetime


class Dockyard:
    """Mends and breaks up the ships of one universe."""

    def __init__(self, universe: Universe, fleets: Fleets, parameters: ShipParameters) -> None:
        self._universe = universe
        self._fleets = fleets
        self._parameters = parameters

    def quote_repair(self, ship: Ship, now: datetime) -> YardBill:
        """The price of a repair: material for the damage. Refuses 4214, 4244, 4264."""
        self._require_yard(ship, ErrorCode.SHIP_REPAIR_INVALID_TRAIT, now)
        units = self._parameters.repair_units
        worth = sum(lost * units * BASE_PRICES[_MATERIAL[name]] for name, lost in damage(ship).items())
        return YardBill(ship.waypoint, ship.symbol, round(worth), now)

    def repair(self, agent: Agent, ship: Ship, now: datetime) -> YardBill:
        """Bring every condition back to 1; integrity keeps a scar. Refuses 4214, 4244, 4264, 4265."""
        bill = self.quote_repair(ship, now)
        if bill.price > agent.credits:
            raise Refusal(
                ErrorCode.AGENT_INSUFFICIENT_CREDITS,
                f"The repair costs {bill.price} credits; agent {agent.symbol} has {agent.credits}.",
                {"creditsAvailable": agent.credits, "creditsNeeded": bill.price},
            )
        agent.pay(bill.price)
        for component in ship.worn.values():
            scar = (1 - component.condition) * self._parameters.repair_scar
            component.integrity = max(0.0, round(component.integrity - scar, 4))
            component.condition = 1.0
        return bill

    def quote_scrap(self, ship: Ship, now: datetime) -> YardBill:
        """What the hull would bring. Refuses 4214, 4244, 4263."""
        self._require_yard(ship, ErrorCode.SHIP_SCRAP_INVALID_TRAIT, now)
        frame = ship.type.frame
        plating = 1 + frame.module_slots + frame.mounting_points
        soundness = sum(ship.component(name).integrity for name in COMPONENTS) / len(COMPONENTS)
        worth = plating * BASE_PRICES["SHIP_PLATING"] * self._parameters.scrap_share * soundness
        return YardBill(ship.waypoint, ship.symbol, round(worth), now)

    def scrap(self, agent: Agent, ship: Ship, now: datetime) -> YardBill:
        """Break the ship up, cargo and all, and pay for its hull. Refuses 4214, 4244, 4263."""
        bill = self.quote_scrap(ship, now)
        self._fleets.remove(ship)
        agent.earn(bill.price)
        return bill

    def _require_yard(self, ship: Ship, code: ErrorCode, now: datetime) -> None:
        ship.require_docked(now)
        if ship.waypoint not in self._universe.shipyards:
            message = f"Ship {ship.symbol} is at {ship.waypoint}, where there is no shipyard."
            raise Refusal(code, message, {"waypointSymbol": ship.waypoint})
