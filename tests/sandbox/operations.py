"""One agent's journey through all 59 operations of the document: ``python -m tests.sandbox.operations``.

It plays over HTTP alone, in a generated galaxy, with time that is moved ahead whenever a ship is under way.
Every answer is held against the document.
"""

import asyncio
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.recorded import official_document
from tests.sandbox.conftest import Clock, client_of
from tests.sandbox.shapes import answer_misfits

from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
FLEET = ("SHIP_LIGHT_HAULER", "SHIP_EXPLORER", "SHIP_REFINING_FREIGHTER")
SHIP, PLACE = "/my/ships/{shipSymbol}", "/systems/{systemSymbol}/waypoints/{waypointSymbol}"
CONTRACT = "/my/contracts/{contractId}"
LIVE_ONLY = ("/error-codes", "/my/account", "/my/agent/events", "/my/factions")
"""Paths the game serves but the document does not know (api-facts §18)."""


def official_operations() -> set[str]:
    """Every operation of the document, as ``METHOD /path``."""
    return {
        f"{method.upper()} {path}"
        for path, operations in official_document()["paths"].items()
        for method in operations
        if method in ("get", "post", "patch")
    }


@dataclass
class Journey:
    """An agent on its way; ``reached`` counts successes by operation, ``misfits`` says what was wrong."""

    http: Any
    clock: Clock
    token: str = ""
    reached: dict[str, int] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    waypoints: dict[str, list[Any]] = field(default_factory=dict)

    async def ask(self, method: str, template: str, *parts: str, query: str = "", **body: Any) -> Any:
        """The ``data`` of a successful answer, or all of it where it has none."""
        path = template
        for part in parts:
            head, _, rest = path.partition("{")
            path = head + part + rest.partition("}")[2]
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        options: dict[str, Any] = {} if method == "GET" else {"json": body}
        answer = await self.http.request(method, path + query, headers=headers, **options)
        assert answer.status_code < 300, f"{method} {path} {body}: {answer.text}"
        told = answer.json() if answer.content else None
        self.misfits += answer_misfits(method, template, answer.status_code, told)
        operation = f"{method} {template}"
        self.reached[operation] = self.reached.get(operation, 0) + 1
        return told.get("data", told) if told else None

    async def rest(self, ship: str) -> None:
        """Let time pass until the reactor of the ship is ready."""
        cooling = await self.ask("GET", f"{SHIP}/cooldown", ship)
        if cooling is not None:
            self.clock.advance(cooling["remainingSeconds"])

    async def go(self, ship: str, waypoint: str, *, dock: bool = False) -> None:
        """Fly to a waypoint of the same system, refuelling where the ship is if it can."""
        nav = await self.ask("GET", f"{SHIP}/nav", ship)
        if nav["waypointSymbol"] != waypoint:
            await self.refuel(ship, nav["waypointSymbol"])
            await self.ask("POST", f"{SHIP}/orbit", ship)
            mode = await self._mode(ship, waypoint)
            await self.ask("PATCH", f"{SHIP}/nav", ship, flightMode=mode)
            flight = await self.ask("POST", f"{SHIP}/navigate", ship, waypointSymbol=waypoint)
            self.arrive(flight["nav"])
        await self.ask("POST", f"{SHIP}/{'dock' if dock else 'orbit'}", ship)

    def arrive(self, nav: Any) -> None:
        """Let time pass until the end of a voyage."""
        self.clock.now = max(self.clock.now, datetime.fromisoformat(nav["route"]["arrival"]))

    async def refuel(self, ship: str, waypoint: str) -> None:
        """Fill the tank where there is FUEL."""
        market = await self.market(waypoint)
        if market is not None and "FUEL" in goods_of(market):
            await self.ask("POST", f"{SHIP}/dock", ship)
            await self.ask("POST", f"{SHIP}/refuel", ship)

    async def market(self, waypoint: str) -> Any:
        """The market of a waypoint, None where there is none that can be read."""
        system = system_of(waypoint)
        place = await self.place(waypoint)
        if not has(place, "MARKETPLACE"):
            return None
        return await self.ask("GET", f"{PLACE}/market", system, waypoint)

    async def place(self, waypoint: str) -> Any:
        """A waypoint as it is now."""
        return await self.ask("GET", PLACE, system_of(waypoint), waypoint)

    async def look_around(self, system: str) -> list[Any]:
        """Every waypoint of a system, page by page; looked up once."""
        if system not in self.waypoints:
            found: list[Any] = []
            template = "/systems/{systemSymbol}/waypoints"
            while page := await self.ask(
                "GET", template, system, query=f"?limit=20&page={1 + len(found) // 20}"
            ):
                found += page
            self.waypoints[system] = found
        return self.waypoints[system]

    async def sellers(self, system: str, good: str) -> list[str]:
        """The waypoints whose market lists a good; exports first."""
        ranked = []
        for place in await self.look_around(system):
            market = await self.market(place["symbol"])
            if market is not None and good in goods_of(market):
                ranked.append((good not in goods_of(market, "exports"), place["symbol"]))
        return [waypoint for _, waypoint in sorted(ranked)]

    async def buy(self, ship: str, good: str, units: int) -> None:
        """Buy at the market where the ship is docked, a trade volume at a time."""
        waypoint = (await self.ask("GET", f"{SHIP}/nav", ship))["waypointSymbol"]
        market = await self.market(waypoint)
        volume = next(each["tradeVolume"] for each in market["tradeGoods"] if each["symbol"] == good)
        while units:
            part = min(units, volume)
            await self.ask("POST", f"{SHIP}/purchase", ship, symbol=good, units=part)
            units -= part

    async def _mode(self, ship: str, waypoint: str) -> str:
        fuel = (await self.ask("GET", SHIP, ship))["fuel"]
        here = await self.place((await self.ask("GET", f"{SHIP}/nav", ship))["waypointSymbol"])
        return "CRUISE" if distance(here, await self.place(waypoint)) < fuel["current"] else "DRIFT"


def system_of(waypoint: str) -> str:
    """The system of a waypoint."""
    return waypoint.rpartition("-")[0]


def distance(one: Any, other: Any) -> float:
    """Map units between two places or two systems, a little too many rather than too few."""
    return math.hypot(one["x"] - other["x"], one["y"] - other["y"]) + 1


def has(place: Any, trait: str) -> bool:
    """Whether a waypoint shows a trait."""
    return any(each["symbol"] == trait for each in place["traits"])


def goods_of(market: Any, *kinds: str) -> set[str]:
    """The goods a market lists."""
    return {good["symbol"] for kind in kinds or ("exports", "imports", "exchange") for good in market[kind]}


def first(places: Iterable[Any], wanted: Callable[[Any], bool]) -> str:
    """The symbol of the first place that will do."""
    return str(next(place["symbol"] for place in places if wanted(place)))


async def look(j: Journey) -> tuple[str, list[str]]:
    """Register and read whatever can be read; the home system and the ships."""
    await j.ask("GET", "/")
    faction = next(each for each in await j.ask("GET", "/factions") if each["isRecruiting"])["symbol"]
    registered = await j.ask("POST", "/register", symbol="TRAVELLER", faction=faction)
    j.token = registered["token"]
    await j.ask("GET", "/factions/{factionSymbol}", faction)
    for path in ("/my/agent", "/agents", "/systems", "/market/supply-chain", "/my/ships", *LIVE_ONLY):
        await j.ask("GET", path)
    await j.ask("GET", "/agents/{agentSymbol}", "TRAVELLER")
    home = system_of(registered["agent"]["headquarters"])
    await j.ask("GET", "/systems/{systemSymbol}", home)
    ships = [ship["symbol"] for ship in registered["ships"]]
    for what in ("", "/nav", "/cargo", "/cooldown", "/mounts", "/modules"):
        await j.ask("GET", SHIP + what, ships[0])
    return home, ships


async def fulfil(j: Journey, hauler: str) -> None:
    """Bring a contract to its end with what its destination sells itself, and ask for the next."""
    offered = (await j.ask("GET", "/my/contracts"))[0]
    contract = (await j.ask("GET", CONTRACT, offered["id"]))["id"]
    await j.ask("POST", f"{CONTRACT}/accept", contract)
    line = offered["terms"]["deliver"][0]
    await j.go(hauler, line["destinationSymbol"], dock=True)
    good, missing = line["tradeSymbol"], line["unitsRequired"]
    while missing:
        units = min(missing, 40)
        await j.buy(hauler, good, units)
        load = {"shipSymbol": hauler, "tradeSymbol": good, "units": units}
        await j.ask("POST", f"{CONTRACT}/deliver", contract, **load)
        missing -= units
    await j.ask("POST", f"{CONTRACT}/fulfill", contract)
    await j.ask("POST", f"{SHIP}/negotiate/contract", hauler)


async def trade(j: Journey, home: str, ships: list[str]) -> None:
    """Buy, sell, hand over and throw away where the fleet begins."""
    frigate, hauler = ships[0], ships[2]
    here = (await j.ask("GET", f"{SHIP}/nav", frigate))["waypointSymbol"]
    good = sorted(goods_of(await j.market(here)))[0]
    await j.buy(frigate, good, 3)
    await j.ask("POST", f"{SHIP}/sell", frigate, symbol=good, units=1)
    await j.ask("POST", f"{SHIP}/transfer", frigate, shipSymbol=hauler, tradeSymbol=good, units=1)
    for ship in (frigate, hauler):
        await j.ask("POST", f"{SHIP}/jettison", ship, symbol=good, units=1)


async def build(j: Journey, home: str, hauler: str) -> None:
    """Bring a unit of what the gate of the home lacks."""
    gate = first(await j.look_around(home), lambda place: place["type"] == "JUMP_GATE")
    await j.ask("GET", f"{PLACE}/jump-gate", home, gate)
    site = await j.ask("GET", f"{PLACE}/construction", home, gate)
    lacking = next(each for each in site["materials"] if each["fulfilled"] < each["required"])["tradeSymbol"]
    await j.go(hauler, (await j.sellers(home, lacking))[0], dock=True)
    await j.buy(hauler, lacking, 1)
    await j.go(hauler, gate, dock=True)
    load = {"shipSymbol": hauler, "tradeSymbol": lacking, "units": 1}
    await j.ask("POST", f"{PLACE}/construction/supply", home, gate, **load)


async def dig(j: Journey, home: str, frigate: str) -> None:
    """Survey, extract, siphon and scan with the frigate."""
    places = await j.look_around(home)
    await j.go(frigate, first(places, lambda place: place["type"] == "ENGINEERED_ASTEROID"))
    surveys = (await j.ask("POST", f"{SHIP}/survey", frigate))["surveys"]
    await j.rest(frigate)
    await j.ask("POST", f"{SHIP}/extract", frigate)
    await j.rest(frigate)
    await j.ask("POST", f"{SHIP}/extract/survey", frigate, **surveys[0])
    await j.rest(frigate)
    for what in ("systems", "waypoints", "ships"):
        await j.ask("POST", f"{SHIP}/scan/{what}", frigate)
        await j.rest(frigate)
    await j.go(frigate, first(places, lambda place: place["type"] == "GAS_GIANT"))
    await j.ask("POST", f"{SHIP}/siphon", frigate)
    await j.rest(frigate)


async def refine(j: Journey, home: str, refinery: str) -> None:
    """Make a metal of ore, aboard."""
    for metal in ("IRON", "COPPER", "ALUMINUM"):
        sellers = await j.sellers(home, f"{metal}_ORE")
        if sellers:
            break
    await j.go(refinery, sellers[0], dock=True)
    await j.buy(refinery, f"{metal}_ORE", 100)
    await j.ask("POST", f"{SHIP}/refine", refinery, produce=metal)


async def outfit(j: Journey, home: str, ships: list[str]) -> None:
    """Change a mount and a module, repair, buy a ship, and scrap one."""
    frigate, hauler = ships[0], ships[2]
    yard = first(await j.look_around(home), lambda place: has(place, "SHIPYARD"))
    for ship in (frigate, hauler):
        await j.go(ship, yard, dock=True)
    for item in (await j.ask("GET", f"{SHIP}/cargo", frigate))["inventory"]:
        await j.ask("POST", f"{SHIP}/jettison", frigate, symbol=item["symbol"], units=item["units"])
    for what, part in (("mounts", "MOUNT_SURVEYOR_II"), ("modules", "MODULE_GAS_PROCESSOR_I")):
        await j.ask("POST", f"{SHIP}/{what}/remove", frigate, symbol=part)
        await j.ask("POST", f"{SHIP}/{what}/install", frigate, symbol=part)
    offers = (await j.ask("GET", f"{PLACE}/shipyard", home, yard))["ships"]
    cheapest = min(offers, key=lambda offer: offer["purchasePrice"])["type"]
    await j.ask("POST", "/my/ships", shipType=cheapest, waypointSymbol=yard)
    for what, ship in (("repair", frigate), ("scrap", hauler)):
        await j.ask("GET", f"{SHIP}/{what}", ship)
        await j.ask("POST", f"{SHIP}/{what}", ship)


async def travel(j: Journey, home: str, explorer: str) -> None:
    """Warp to the nearest system with a finished gate, chart what nobody has, and jump on."""
    systems: list[Any] = []
    while page := await j.ask("GET", "/systems", query=f"?limit=20&page={1 + len(systems) // 20}"):
        systems += page
    here = next(each for each in systems if each["symbol"] == home)
    for there in sorted(systems, key=lambda each: distance(here, each)):
        gates = [each["symbol"] for each in there["waypoints"] if each["type"] == "JUMP_GATE"]
        if there is here or not gates or (await j.place(gates[0]))["isUnderConstruction"]:
            continue
        break
    await j.refuel(explorer, (await j.ask("GET", f"{SHIP}/nav", explorer))["waypointSymbol"])
    await j.ask("POST", f"{SHIP}/orbit", explorer)
    mode = "CRUISE" if distance(here, there) < 780 else "DRIFT"
    await j.ask("PATCH", f"{SHIP}/nav", explorer, flightMode=mode)
    j.arrive((await j.ask("POST", f"{SHIP}/warp", explorer, waypointSymbol=gates[0]))["nav"])
    if has(await j.place(gates[0]), "UNCHARTED"):
        await j.ask("POST", f"{SHIP}/chart", explorer)
    for connected in (await j.ask("GET", f"{PLACE}/jump-gate", there["symbol"], gates[0]))["connections"]:
        if not (await j.place(connected))["isUnderConstruction"]:
            await j.ask("POST", f"{SHIP}/jump", explorer, waypointSymbol=connected)
            await j.rest(explorer)
            break
    if f"POST {SHIP}/chart" not in j.reached:
        arrived = (await j.ask("GET", f"{SHIP}/nav", explorer))["systemSymbol"]
        places = await j.look_around(arrived)
        await j.go(explorer, first(places, lambda place: has(place, "UNCHARTED")))
        await j.ask("POST", f"{SHIP}/chart", explorer)


async def journey(seed: int) -> Journey:
    """The whole of it, in the galaxy of a seed."""
    clock = Clock(EPOCH)
    universe = generate_universe(seed, epoch=EPOCH, systems=60)
    world = World(universe, now=clock, seed=seed, starting_credits=50_000_000, starting_fleet=FLEET)
    async with client_of(world, rate_limit=False) as http:
        j = Journey(http, clock)
        home, ships = await look(j)
        await trade(j, home, ships)
        await fulfil(j, ships[2])
        await build(j, home, ships[2])
        await dig(j, home, ships[0])
        await outfit(j, home, ships)
        await travel(j, home, ships[3])
        await refine(j, home, ships[4])
    return j


def main(seeds: Iterable[int]) -> int:
    """Print what each journey reached; 1 when one of them missed an operation or met a wrong answer."""
    wrong = 0
    for seed in seeds:
        done = asyncio.run(journey(seed))
        missed = official_operations() - done.reached.keys()
        told = f"{59 - len(missed)} of 59 operations with success in {sum(done.reached.values())} answers"
        sys.stdout.write(f"seed {seed}: {told}, {len(done.misfits)} against the document\n")
        sys.stdout.writelines(f"  {line}\n" for line in (*sorted(missed), *done.misfits))
        wrong += bool(missed or done.misfits)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or [1, 2]))
