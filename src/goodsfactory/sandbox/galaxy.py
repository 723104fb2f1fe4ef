"""A galaxy of generated systems: everything follows from (seed, symbol) and is made when it is asked for."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from goodsfactory.sandbox import blueprint, draws
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.far_system import FarPlan, Gate, draw_plan, settle_far
from goodsfactory.sandbox.galaxy_parameters import GalaxyParameters
from goodsfactory.sandbox.gate_links import Spot, link_gates, plan_gates
from goodsfactory.sandbox.home_system import settle_home
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.seeding import seed_good
from goodsfactory.sandbox.settlement import Settlement
from goodsfactory.sandbox.universe import Bill, ShipOffer, System

_STARS = (
    *("RED_STAR", "RED_STAR", "ORANGE_STAR", "ORANGE_STAR", "BLUE_STAR", "YOUNG_STAR", "WHITE_DWARF"),
    *("NEUTRON_STAR", "BLACK_HOLE", "HYPERGIANT", "NEBULA", "UNSTABLE"),
)
_NAMES = len(blueprint.LETTERS) ** 2 * 99
_RADIUS_LANE, _ANGLE_LANE = range(2)


class Galaxy:
    """The systems of a seed, numbered from the centre outwards; number 0 is the first faction's home.

    ``symbols`` are in that order. Every :attr:`GalaxyParameters.home_every`-th is the home of another
    faction, until all recruiting factions have one. Once they have (from 60 systems on), what a system
    consists of does not depend on how many there are; in a smaller galaxy the numbers of the homes yet to
    come are those of other systems.
    """

    def __init__(
        self,
        seed: int,
        count: int,
        *,
        epoch: datetime,
        scenario: Scenario,
        recipes: Mapping[str, tuple[str, ...]],
        economy: EconomyParameters,
        parameters: GalaxyParameters,
    ) -> None:
        self._seed = seed
        self._epoch = epoch
        self._scenario = scenario
        self._recipes = recipes
        self._economy = economy
        self._parameters = parameters
        # One source draws name, faction and contents of the first home, in this order.
        source = draws.source(seed, "universe")
        letters = blueprint.LETTERS
        place = letters.index(source.choice(letters)) * len(letters) + letters.index(source.choice(letters))
        first_name = place * 99 + source.randint(1, 99) - 1
        faction = source.choice(blueprint.FACTIONS)
        self.symbols: Sequence[str] = tuple(_names(first_name, count, seed))
        self._numbers = {symbol: number for number, symbol in enumerate(self.symbols)}
        self.factions = [faction, *(other for other in blueprint.FACTIONS if other != faction)]
        every = parameters.home_every
        homes = min(len(self.factions), max(1, count // every))
        self.homes: Mapping[int, str] = {home * every: self.factions[home] for home in range(homes)}
        self._gates = plan_gates(seed, count, self.homes, parameters)
        self._gated = frozenset(self._gates.gated)
        self._first = settle_home(self.symbols[0], faction, recipes, source)
        self._settlements: dict[str, Settlement] = {self.symbols[0]: self._first.settlement}
        self._links: dict[str, list[str]] = {}
        self._size: int | None = None
        self._atlas: dict[str, tuple[int, int]] = {}

    def home_of(self, faction: str) -> str:
        """The headquarters of a faction; where there are not enough homes, several share one."""
        numbers = list(self.homes)
        home = self.settlement(self.symbols[numbers[self.factions.index(faction) % len(numbers)]])
        if home is None or home.capital is None:
            raise LookupError(f"faction {faction} has no headquarters")
        return home.capital

    def settlement(self, symbol: str) -> Settlement | None:
        """What a system consists of; None where there is no such system."""
        known = self._settlements.get(symbol)
        if known is not None:
            return known
        number = self._numbers.get(symbol)
        if number is None:
            return None
        made = self._settle(symbol, number)
        self._settlements[symbol] = made
        return made

    def system(self, symbol: str) -> System | None:
        """A system with its waypoints; None where there is none."""
        settlement = self.settlement(symbol)
        if settlement is None:
            return None
        number = self._numbers[symbol]
        x, y = self._spot(number)
        star = self._first.type if number == 0 else draws.source(self._seed, symbol, "star").choice(_STARS)
        return System(symbol, "X1", star, x, y, settlement.waypoints)

    def market(self, waypoint: str) -> Market | None:
        """A market in its first state; None where there is none."""
        system = waypoint.rpartition("-")[0]
        settlement = self.settlement(system)
        trades = None if settlement is None else settlement.trades.get(waypoint)
        if trades is None:
            return None
        scenario = self._scenario if self._is_home(system) else Scenario.YOUNG
        goods = [
            seed_good(good, type, scenario, draws.source(self._seed, waypoint, good, "first state"))
            for good, type in trades
        ]
        return Market(
            waypoint,
            goods,
            recipes=self._recipes,
            epoch=self._epoch,
            seed=self._seed,
            parameters=self._economy,
        )

    def yard(self, waypoint: str) -> list[ShipOffer] | None:
        """What a yard offers; None where there is none."""
        settlement = self.settlement(waypoint.rpartition("-")[0])
        return None if settlement is None else settlement.yards.get(waypoint)

    def site(self, waypoint: str) -> Bill | None:
        """The bill of a building site: the gates of home systems, and some others; None elsewhere."""
        system = waypoint.rpartition("-")[0]
        settlement = self.settlement(system)
        if settlement is None or waypoint != settlement.gate or not self._is_building(system):
            return None
        bill = {good: list(line) for good, line in blueprint.GATE_BILL.items()}
        if not self._is_home(system):
            drawn = draws.chance(draws.key(self._seed, system, "stabilizer"), 0)
            bill[blueprint.STABILIZERS][1] = int(drawn < self._parameters.stabilized)
        return bill

    def sites(self) -> Iterator[str]:
        """Every gate that is being built at first: those of the homes, and the unfinished ones outside."""
        for number in sorted({*self.homes, *self._gates.walls}):
            found = self.settlement(self.symbols[number])
            if found is not None and found.gate is not None:
                yield found.gate

    def connections(self, waypoint: str) -> list[str] | None:
        """The gates a gate leads to, nearest first; None where there is no gate."""
        system = waypoint.rpartition("-")[0]
        settlement = self.settlement(system)
        if settlement is None or waypoint != settlement.gate:
            return None
        if len(self.symbols) == 1:
            return self._foreign_gates(system)
        neighbours = (self.settlement(symbol) for symbol in self._neighbours(system))
        return [found.gate for found in neighbours if found is not None and found.gate is not None]

    def settlements(self) -> Iterator[Settlement]:
        """All of them, from the centre outwards; makes every system."""
        for symbol in self.symbols:
            found = self.settlement(symbol)
            if found is not None:
                yield found

    def positions(self) -> Mapping[str, tuple[int, int]]:
        """Where every system is on the galactic map; makes none of them."""
        if not self._atlas:
            self._atlas = {symbol: self._spot(number) for number, symbol in enumerate(self.symbols)}
        return self._atlas

    def count_waypoints(self) -> int:
        """How many waypoints there are; counts the plans of systems that nobody has looked at."""
        if self._size is None:
            self._size = sum(self._count(symbol) for symbol in self.symbols)
        return self._size

    def _count(self, symbol: str) -> int:
        known = self._settlements.get(symbol)
        if known is None and not self._is_home(symbol):
            return self._plan(symbol)[0].waypoints
        settlement = known or self.settlement(symbol)
        return 0 if settlement is None else len(settlement.waypoints)

    def _is_home(self, symbol: str) -> bool:
        return self._numbers[symbol] in self.homes

    def _is_building(self, symbol: str) -> bool:
        return self._is_home(symbol) or self._numbers[symbol] in self._gates.walls

    def _settle(self, symbol: str, number: int) -> Settlement:
        if number in self.homes:
            source = draws.source(self._seed, symbol, "home")
            return settle_home(symbol, self.homes[number], self._recipes, source).settlement
        plan, source = self._plan(symbol)
        return settle_far(symbol, plan, self._recipes, self._parameters, source)

    def _plan(self, symbol: str) -> tuple[FarPlan, random.Random]:
        source = draws.source(self._seed, symbol, "far")
        number = self._numbers[symbol]
        gate = Gate.NONE
        if number in self._gated:
            gate = Gate.UNFINISHED if number in self._gates.walls else Gate.FINISHED
        return draw_plan(gate, self._parameters, source), source

    def _spot(self, number: int) -> Spot:
        if number == 0:
            return self._first.x, self._first.y
        key = draws.key(self._seed, self.symbols[number], "spot")
        # One system to a ring, and all rings of one area: scattered evenly, and numbered outwards.
        radius = self._parameters.spacing * math.sqrt(number - draws.chance(key, 0, _RADIUS_LANE))
        angle = draws.chance(key, 0, _ANGLE_LANE) * math.tau
        return (
            self._first.x + round(radius * math.cos(angle)),
            self._first.y + round(radius * math.sin(angle)),
        )

    def _neighbours(self, system: str) -> list[str]:
        if not self._links:
            numbers = self._gates.gated
            gated = [self.symbols[number] for number in numbers]
            links = link_gates(
                [self._spot(number) for number in numbers],
                homes=[place for place, number in enumerate(numbers) if number in self.homes],
                walls=[place for place, number in enumerate(numbers) if number in self._gates.walls],
                parameters=self._parameters,
                dice=draws.source(self._seed, "links"),
            )
            self._links = {
                symbol: [gated[other] for other in found] for symbol, found in zip(gated, links, strict=True)
            }
        return self._links[system]

    def _foreign_gates(self, system: str) -> list[str]:
        """Where the gate of a lonely home leads: gates of systems that are not part of this sandbox."""
        source = draws.source(self._seed, system, "foreign gates")
        others = [name for name in _names(source.randrange(_NAMES), 6, self._seed) if name != system]
        return [f"{name}-{source.choice('GHIJ')}{source.randint(40, 60)}" for name in others[:5]]


def _names(first: int, count: int, seed: int) -> Iterator[str]:
    """Distinct system symbols, scattered over all there are."""
    letters = blueprint.LETTERS
    source = draws.source(seed, "names")
    stride = next(
        step for step in iter(lambda: source.randrange(1, _NAMES), 0) if math.gcd(step, _NAMES) == 1
    )
    for number in range(count):
        pair, digits = divmod((first + number * stride) % _NAMES, 99)
        one, two = divmod(pair, len(letters))
        yield f"X1-{letters[one]}{letters[two]}{digits + 1}"
