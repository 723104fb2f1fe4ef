"""Jump gates: what they connect, and jumps between them (api-facts §10)."""

from datetime import datetime
from math import floor, hypot

from goodsfactory.sandbox import construction
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.reactor import require_rested, rest
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ships import Route, Ship
from goodsfactory.sandbox.trading import Trading
from goodsfactory.sandbox.transactions import MarketTransaction
from goodsfactory.sandbox.universe import Universe

ANTIMATTER = "ANTIMATTER"


class Gates:
    """The jump gates of one universe."""

    def __init__(self, universe: Universe, trading: Trading, parameters: ShipParameters) -> None:
        self._universe = universe
        self._trading = trading
        self._parameters = parameters

    def connections(self, waypoint: str) -> list[str]:
        """The gates one can jump to from a gate; refuses 404 where there is none."""
        connected = self._universe.jump_gates.get(waypoint)
        if connected is None:
            raise not_found("Jump gate", waypoint)
        return connected

    def jump(self, agent: Agent, ship: Ship, destination: str, now: datetime) -> MarketTransaction:
        """Jump to a connected gate at once, for one unit of antimatter from the gate's market.

        Refuses 4214, 4236, 4000, 4254 (not at a gate), 4255 (not connected), 4256 and 4262 (a gate under
        construction), 4601 (no antimatter here), 4600.
        """
        ship.require_orbit(now)
        require_rested(ship, now)
        origin = ship.waypoint
        connected = self._universe.jump_gates.get(origin)
        if connected is None:
            raise Refusal(
                ErrorCode.SHIP_JUMP_INVALID_ORIGIN,
                f"Jump failed. Ship {ship.symbol} is at {origin}, not at a jump gate.",
                {"shipSymbol": ship.symbol, "waypointSymbol": origin},
            )
        target = self._universe.waypoint(destination) if destination in connected else None
        if target is None:
            raise Refusal(
                ErrorCode.SHIP_JUMP_INVALID_WAYPOINT,
                f"Jump failed. The gate {origin} is not connected to {destination}.",
                {"waypointSymbol": destination, "connections": list(connected)},
            )
        self._require_built(origin, ErrorCode.SHIP_JUMP_ORIGIN_UNDER_CONSTRUCTION)
        self._require_built(destination, ErrorCode.SHIP_JUMP_DESTINATION_UNDER_CONSTRUCTION)
        transaction = self._trading.burn(agent, ship, ANTIMATTER, now)
        seconds = self._parameters.jump_cooldown_base + self._light_years(origin, destination)
        ship.route = Route(origin, destination, now, now, 0.0, now)
        rest(ship, seconds, now)
        return transaction

    def _require_built(self, gate: str, code: ErrorCode) -> None:
        if construction.is_under_construction(self._universe, gate):
            message = f"Jump failed. The gate {gate} is under construction."
            raise Refusal(code, message, {"waypointSymbol": gate})

    def _light_years(self, origin: str, destination: str) -> int:
        here = self._universe.systems[origin.rpartition("-")[0]]
        there = self._universe.systems[destination.rpartition("-")[0]]
        return floor(hypot(there.x - here.x, there.y - here.y) + 0.5)
