"""Builds a universe from a seed: a home system, or a galaxy around it; the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox import blueprint
from goodsfactory.sandbox.galaxy import Galaxy
from goodsfactory.sandbox.galaxy_parameters import MOST_SYSTEMS, GalaxyParameters
from goodsfactory.sandbox.lazy_mapping import LazyMapping
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.universe import Universe


def generate_universe(
    seed: int,
    *,
    epoch: datetime,
    scenario: Scenario = Scenario.YOUNG,
    parameters: EconomyParameters | None = None,
    recipes: Mapping[str, tuple[str, ...]] | None = None,
    systems: int = 1,
    galaxy_parameters: GalaxyParameters | None = None,
) -> Universe:
    """A galaxy of so many systems; with one, a lonely home system of 82 to 91 waypoints and 25 markets.

    The state of home markets at ``epoch`` follows the scenario, and so do the ``parameters`` unless
    given. Every good of economy.md §8 can be made in a home system. Systems and markets come into being when
    they are looked at; the first home is the same however many systems there are. ``recipes`` default to the
    bundled map. Raises ValueError for a number of systems out of range.
    """
    if not 1 <= systems <= MOST_SYSTEMS:
        raise ValueError(f"a galaxy has 1 to {MOST_SYSTEMS} systems, not {systems}")
    recipes = RecipeMap.bundled().imports_of if recipes is None else recipes
    galaxy = Galaxy(
        seed,
        systems,
        epoch=epoch,
        scenario=scenario,
        recipes=recipes,
        economy=parameters or scenario.economy,
        parameters=galaxy_parameters or GalaxyParameters(),
    )
    directory = Directory(galaxy)
    return Universe(
        seed=seed,
        reset_date=epoch.date().isoformat(),
        systems=LazyMapping(galaxy.system, directory.systems),
        markets=LazyMapping(galaxy.market, directory.markets),
        shipyards=LazyMapping(galaxy.yard, directory.yards),
        constructions=LazyMapping(galaxy.site, directory.sites),
        jump_gates=LazyMapping(galaxy.connections, directory.gates),
        factions=galaxy.factions,
        headquarters=galaxy.home_of(galaxy.factions[0]),
        recipes=recipes,
        epoch=epoch,
        modification_fees=LazyMapping(directory.fee, directory.yards),
        homes=LazyMapping(directory.home, directory.factions),
        census=galaxy.count_waypoints,
        atlas=galaxy.positions,
        name=f"{scenario.value} markets, seed {seed}, {systems} {'system' if systems == 1 else 'systems'}",
    )


class Directory:
    """What is where in a galaxy, by symbol. Methods, unlike functions in functions, can be kept in a file."""

    def __init__(self, galaxy: Galaxy) -> None:
        self._galaxy = galaxy

    def systems(self) -> Iterable[str]:
        """Every system."""
        return self._galaxy.symbols

    def markets(self) -> Iterator[str]:
        """Every waypoint with a market."""
        return (waypoint for settlement in self._galaxy.settlements() for waypoint in settlement.trades)

    def yards(self) -> Iterator[str]:
        """Every waypoint with a shipyard."""
        return (waypoint for settlement in self._galaxy.settlements() for waypoint in settlement.yards)

    def gates(self) -> Iterator[str]:
        """Every jump gate."""
        return (each.gate for each in self._galaxy.settlements() if each.gate is not None)

    def sites(self) -> Iterator[str]:
        """Every jump gate that is being built at first."""
        return self._galaxy.sites()

    def factions(self) -> Iterable[str]:
        """Every recruiting faction."""
        return self._galaxy.factions

    def fee(self, waypoint: str) -> int | None:
        """Credits for a modification at a yard; None where there is no yard."""
        return None if self._galaxy.yard(waypoint) is None else blueprint.MODIFICATIONS_FEE

    def home(self, faction: str) -> str | None:
        """The headquarters of a faction; None for one that does not recruit."""
        return self._galaxy.home_of(faction) if faction in self._galaxy.factions else None
