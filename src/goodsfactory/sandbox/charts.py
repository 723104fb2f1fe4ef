"""Charting: who has mapped a waypoint nobody knew (api-facts §6)."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Universe, Waypoint

UNCHARTED = "UNCHARTED"


@dataclass(frozen=True, slots=True)
class Chart:
    """A map of a waypoint; ``reward`` in credits was paid for it once."""

    waypoint: str
    agent: str
    ship: str
    at: datetime
    reward: int


class Charts:
    """The charts that agents have made in one universe; everything else was charted before they came."""

    def __init__(self, universe: Universe, parameters: ShipParameters) -> None:
        self._universe = universe
        self._parameters = parameters
        self._made: dict[str, Chart] = {}

    def made(self, waypoint: str) -> Chart | None:
        """The chart an agent made of a waypoint, if one did."""
        return self._made.get(waypoint)

    def charted(self, waypoint: Waypoint) -> bool:
        """Whether the traits of a waypoint are known to everybody."""
        return not waypoint.has(UNCHARTED) or waypoint.symbol in self._made

    def traits(self, waypoint: Waypoint) -> tuple[str, ...]:
        """The traits everybody may read: ``UNCHARTED`` alone until somebody has been there."""
        return real_traits(waypoint) if self.charted(waypoint) else (UNCHARTED,)

    def count_by_agent(self) -> dict[str, int]:
        """How many charts each agent has submitted."""
        counts: dict[str, int] = {}
        for chart in self._made.values():
            counts[chart.agent] = counts.get(chart.agent, 0) + 1
        return counts

    def chart(self, agent: Agent, ship: Ship, now: datetime) -> Chart:
        """Chart where the ship is and pay the agent once. Refuses 4214, 4230."""
        ship.require_arrived(now)
        waypoint = self._universe.waypoint(ship.waypoint)
        if waypoint is None or self.charted(waypoint):
            raise Refusal(
                ErrorCode.WAYPOINT_CHARTED,
                f"Waypoint {ship.waypoint} is already charted.",
                {"waypointSymbol": ship.waypoint},
            )
        chart = Chart(waypoint.symbol, agent.symbol, ship.symbol, now, self._reward(waypoint))
        agent.earn(chart.reward)
        self._made[waypoint.symbol] = chart
        return chart

    def _reward(self, waypoint: Waypoint) -> int:
        if waypoint.type == "JUMP_GATE":
            return self._parameters.chart_gate
        bonus = self._parameters.chart_bonus
        return self._parameters.chart_base + sum(bonus.get(trait, 0) for trait in waypoint.traits)


def real_traits(waypoint: Waypoint) -> tuple[str, ...]:
    """What a waypoint is like, charted or not."""
    return tuple(trait for trait in waypoint.traits if trait != UNCHARTED)
