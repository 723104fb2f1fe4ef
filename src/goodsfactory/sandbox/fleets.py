"""All ships of a universe, by owner and by symbol."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.berths import Berths
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.ship_types import ShipType
from goodsfactory.sandbox.ships import Ship


class Fleets:
    """Launches and finds ships. Ship symbols are ``<AGENT>-<HEX>``, counted from 1 (api-facts §1.1)."""

    def __init__(self) -> None:
        self._ships: dict[str, Ship] = {}
        self._by_agent: dict[str, list[Ship]] = {}
        self._berths: dict[str, Berths] = {}
        self._launched: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Ship]:
        return iter(self._ships.values())

    def __len__(self) -> int:
        return len(self._ships)

    def launch(self, agent: Agent, ship_type: ShipType, waypoint: str, now: datetime) -> Ship:
        """A new ship of the agent, docked with a full tank."""
        self._launched[agent.symbol] += 1
        symbol = f"{agent.symbol}-{self._launched[agent.symbol]:X}"
        ship = Ship.launched(symbol, agent.symbol, agent.faction, ship_type, waypoint, now)
        ship.berth(self._berths.setdefault(agent.symbol, Berths()))
        self._ships[symbol] = ship
        self._by_agent.setdefault(agent.symbol, []).append(ship)
        return ship

    def remove(self, ship: Ship) -> None:
        """Take a ship out of the universe, with all it carries."""
        ship.berth(None)
        del self._ships[ship.symbol]
        self._by_agent[ship.agent].remove(ship)

    def of(self, agent: Agent) -> list[Ship]:
        """The agent's ships in the order of their launch."""
        return self._by_agent.get(agent.symbol, [])

    def own(self, agent: Agent, symbol: str) -> Ship:
        """A ship of the agent; refuses 404 for any other, known or not."""
        ship = self._ships.get(symbol)
        if ship is None or ship.agent != agent.symbol:
            raise not_found("Ship", symbol)
        return ship

    def transfer_target(self, symbol: str) -> Ship:
        """The ship that is to receive cargo, whoever owns it; refuses 4231."""
        ship = self._ships.get(symbol)
        if ship is None:
            message = f"Transfer failed. Ship {symbol} not found."
            raise Refusal(ErrorCode.SHIP_TRANSFER_SHIP_NOT_FOUND, message, {"shipSymbol": symbol})
        return ship

    def present(self, agent: Agent | None, waypoint: str, now: datetime) -> bool:
        """True when a ship of the agent is at the waypoint, docked or in orbit (api-facts §7.1)."""
        berths = self._berths.get(agent.symbol) if agent is not None else None
        return berths is not None and any(ship.is_at(waypoint, now) for ship in berths.at(waypoint))
