"""A player who tries anything: mostly what could work where the ship is, often what cannot."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.ships import NavStatus, Ship
from goodsfactory.sandbox.world import World

_FLYING = ("orbit", "dock", "navigate", "nav", "warp", "jump")
_TRADING = ("purchase", "sell", "refuel", "jettison", "transfer")
_WORK = ("extract", "siphon", "refine", "survey", "chart", "scan/waypoints", "negotiate/contract")
_YARD = ("mounts/remove", "mounts/install", "modules/remove", "modules/install", "repair", "scrap", "buy")
_DUTIES = ("accept", "deliver", "fulfill", "supply")
_ALL = (*_FLYING, *_TRADING, *_WORK, *_YARD, *_DUTIES)
_AT_MARKET = (*_TRADING, *("purchase", "sell") * 3, "orbit", *_DUTIES)
_ORBIT = (
    "navigate",
    "navigate",
    "navigate",
    "nav",
    "dock",
    "dock",
    "extract",
    "siphon",
    "survey",
    "refine",
    "chart",
)
_FLEET = 30


@dataclass
class Move:
    """One request about a ship. ``verb`` is the last part of its path, or a name for those without."""

    verb: str
    method: str
    path: str
    body: dict[str, Any]


class Player:
    """Chooses the moves of one agent from a random source of its own."""

    def __init__(self, world: World, agent: Agent, source: random.Random) -> None:
        self._world = world
        self._agent = agent
        self._source = source
        self._places: dict[str, list[str]] = {}

    def move(self, now: datetime) -> tuple[Ship, Move]:
        """The next request, and the ship it is about."""
        choose = self._source.choice
        ship = choose(self._world.fleets.of(self._agent))
        status = ship.status(now)
        if self._source.random() < 0.25:
            verb = choose(_ALL)
        elif status is NavStatus.DOCKED:
            trades = ship.waypoint in self._world.universe.markets
            verb = choose(_AT_MARKET if trades else ("orbit", "orbit", *_DUTIES))
        else:
            verb = choose(_ORBIT) if status is NavStatus.IN_ORBIT else choose(("nav", "jettison", "transfer"))
        if verb == "scrap" and len(self._world.fleets.of(self._agent)) < _FLEET // 2:
            verb = "buy"
        if verb == "buy" and len(self._world.fleets.of(self._agent)) > _FLEET:
            verb = "scrap"
        return ship, self._compose(verb, ship)

    def _compose(self, verb: str, ship: Ship) -> Move:
        path, method = f"/my/ships/{ship.symbol}/{verb}", "POST"
        body: dict[str, Any] = {}
        match verb:
            case "navigate" | "warp" | "jump":
                body = {"waypointSymbol": self._place(ship)}
            case "nav":
                method = "PATCH"
                body = {"flightMode": self._source.choice(("CRUISE", "BURN", "DRIFT", "STEALTH"))}
            case "purchase":
                body = {"symbol": self._listed(ship), "units": self._units(min(20, max(1, ship.cargo_room)))}
            case "sell" | "jettison":
                good = self._aboard(ship)
                body = {"symbol": good, "units": self._units(ship.hold.get(good, 5))}
            case "transfer":
                good = self._aboard(ship)
                other = self._source.choice(self._world.fleets.of(self._agent)).symbol
                units = self._units(ship.hold.get(good, 5))
                body = {"tradeSymbol": good, "units": units, "shipSymbol": other}
            case "refuel":
                body = self._source.choice(({}, {}, {"units": self._units(400)}, {"fromCargo": True}))
            case "refine":
                body = {"produce": self._source.choice(("IRON", "COPPER", "ALUMINUM"))}
            case "mounts/remove":
                body = {"symbol": self._part([mount.symbol for mount in ship.type.mounts])}
            case "modules/remove":
                body = {"symbol": self._part([module.symbol for module in ship.type.modules])}
            case "mounts/install" | "modules/install":
                body = {"symbol": self._aboard(ship)}
            case "buy":
                path = "/my/ships"
                offers = self._world.universe.shipyards.get(ship.waypoint) or []
                kind = self._source.choice([offer.type for offer in offers] or ["SHIP_PROBE"])
                body = {"shipType": kind, "waypointSymbol": ship.waypoint}
            case "accept" | "deliver" | "fulfill":
                contracts = self._world.contracts.of(self._agent, self._world.now())
                path = f"/my/contracts/{contracts[-1].id if contracts else 'none'}/{verb}"
                if verb == "deliver":
                    body = self._delivery(ship)
            case "supply":
                path = f"/systems/{ship.system}/waypoints/{self._place(ship)}/construction/supply"
                body = self._delivery(ship)
        return Move(verb, method, path, body)

    def _delivery(self, ship: Ship) -> dict[str, Any]:
        good = self._aboard(ship)
        return {
            "shipSymbol": ship.symbol,
            "tradeSymbol": good,
            "units": self._units(ship.hold.get(good, 5)),
        }

    def _place(self, ship: Ship) -> str:
        if self._source.random() < 0.3:
            contracts = self._world.contracts.of(self._agent, self._world.now())
            if contracts:
                return contracts[-1].destination
        universe = self._world.universe
        places = self._places.get(ship.system)
        if places is None:
            every = list(universe.systems[ship.system].waypoints)
            markets = [place for place in every if place in universe.markets]
            places = self._places[ship.system] = every + 3 * markets
        return self._source.choice(places)

    def _listed(self, ship: Ship) -> str:
        market = self._world.universe.markets.get(ship.waypoint)
        goods = [good.symbol for good in market.goods(self._world.now())] if market else []
        return self._source.choice([*goods, "DIAMONDS"])

    def _aboard(self, ship: Ship) -> str:
        return self._source.choice([*ship.hold, *ship.hold, *ship.hold, "IRON_ORE"])

    def _part(self, symbols: list[str]) -> str:
        return self._source.choice([*symbols, "MOUNT_LASER_CANNON_I"])

    def _units(self, most: int) -> int:
        if self._source.random() < 0.15:
            return self._source.choice((-1, 0, most + 1, 10_000))
        return self._source.randint(1, max(1, most))
