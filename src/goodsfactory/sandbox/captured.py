"""Loads a universe captured from the live game: a folder of API answers (one home system).

The folder holds ``markets.json``, and may hold ``system.json``, ``waypoints.json``, ``shipyards.json``,
``construction.json``, ``jump_gate.json``, ``agent_start.json`` and ``supply_chain.json`` (which is also
looked for beside the folder; else the bundled recipes are used), each shaped like the API's answer. What a
capture lacks is filled in, and told in :attr:`Universe.assumptions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from goodsfactory.sandbox.captured_files import Complaint, digest_of, read, read_if_there, recipes_of
from goodsfactory.sandbox.captured_gaps import LISTS, Gaps
from goodsfactory.sandbox.captured_quotes import Reproduction, captured_good, reproduction
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.universe import Bill, System, Universe, Waypoint


def load_universe(
    folder: Path, *, seed: int, epoch: datetime, parameters: EconomyParameters | None = None
) -> Universe:
    """Read the captured universe in ``folder`` (or in the folder of the given file).

    Margins and net supplies are solved from the captured quotes, so that prices at ``epoch`` are the captured
    ones. Raises ValueError with the path and what is wrong with it.
    """
    folder = _folder(folder)
    gaps = Gaps(seed)
    recipes, are_captured = recipes_of(folder)
    if not are_captured:
        gaps.told.append("The recipes were not captured: they are those this program knows.")
    listings = read(folder / "markets.json", list)
    captured = read_if_there(folder / "system.json", dict)
    yards = read_if_there(folder / "shipyards.json", list)
    site = read_if_there(folder / "construction.json", dict)
    gate = read_if_there(folder / "jump_gate.json", dict)
    with Complaint(folder / "markets.json"):
        twice = [name for name, times in Counter(each["symbol"] for each in listings).items() if times > 1]
        if twice:
            raise ValueError(f"{twice[0]} is listed more than once")
        goods = {entry["symbol"]: _goods(entry, seed, gaps) for entry in listings}
        system = _symbol(captured, listings)
    with Complaint(folder / "system.json"):
        captured = gaps.system(captured, system)
    agent = read_if_there(folder / "agent_start.json", dict)
    standing = {
        "MARKETPLACE": _at_home(folder / "markets.json", listings, system),
        "SHIPYARD": _at_home(folder / "shipyards.json", yards, system),
        "JUMP_GATE": [
            *_at_home(folder / "construction.json", [site] if site else [], system),
            *_at_home(folder / "jump_gate.json", [gate] if gate else [], system),
        ],
    }
    with Complaint(folder / "waypoints.json"):
        seen = {entry["symbol"]: entry for entry in captured.get("waypoints", ())}
        looked_at = read_if_there(folder / "waypoints.json", list)
        entries = gaps.places([*looked_at, *_others(seen, looked_at)], standing)
        gaps.faction(entries, agent.get("startingFaction"))
        headquarters = gaps.headquarters(entries, agent.get("headquarters"))
    with Complaint(folder / "shipyards.json"):
        yards = gaps.yards(yards, entries, headquarters)
    with Complaint(folder / "waypoints.json"):
        places = {entry["symbol"]: _waypoint(entry) for entry in entries}
    with Complaint(folder / "shipyards.json"):
        shipyards = {yard["symbol"]: gaps.offers(yard) for yard in yards}
        fees = {yard["symbol"]: int(yard["modificationsFee"]) for yard in yards if "modificationsFee" in yard}
    with Complaint(folder / "construction.json"):
        constructions = _sites(site, places, gaps)
    with Complaint(folder / "jump_gate.json"):
        gates = _gates(gate, places, gaps)
    with Complaint(folder / "system.json"):
        home = _system(captured, places)
    factions = list(dict.fromkeys(place.faction for place in places.values() if place.faction))
    return Universe(
        seed=seed,
        reset_date=epoch.date().isoformat(),
        systems={home.symbol: home},
        markets={
            symbol: Market(symbol, mine, recipes=recipes, epoch=epoch, seed=seed, parameters=parameters)
            for symbol, mine in goods.items()
        },
        shipyards=shipyards,
        constructions=constructions,
        jump_gates=gates,
        factions=factions,
        headquarters=headquarters,
        recipes=recipes,
        epoch=epoch,
        modification_fees=fees,
        name=f"{home.symbol} as captured in {folder.name}",
        assumptions=tuple(gaps.told),
    )


def fingerprint(folder: Path) -> str:
    """A captured universe by its system and the content of its files. Raises ValueError with a path."""
    folder = _folder(folder)
    listings = read(folder / "markets.json", list)
    with Complaint(folder / "markets.json"):
        system = _symbol(read_if_there(folder / "system.json", dict), listings)
    return f"{system} as captured ({digest_of(folder)})"


def reproduced(folder: Path, *, seed: int, epoch: datetime) -> Reproduction:
    """How many listings of a captured universe the price law gives. Raises as :func:`load_universe`."""
    universe = load_universe(folder, seed=seed, epoch=epoch)
    listings = read(_folder(folder) / "markets.json", list)
    seen = {entry["symbol"]: [good["symbol"] for good in entry.get("tradeGoods", ())] for entry in listings}
    return reproduction(universe.markets, seen, epoch)


def _folder(path: Path) -> Path:
    folder = path.parent if path.is_file() else path
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such folder of captured data.")
    return folder


def _symbol(captured: Mapping[str, Any], listings: Sequence[Mapping[str, Any]]) -> str:
    symbol: str = captured.get("symbol") or listings[0]["symbol"].rpartition("-")[0]
    return symbol


def _others(
    seen: Mapping[str, Mapping[str, Any]], looked_at: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The places that the system names and nobody looked at."""
    known = {entry["symbol"] for entry in looked_at}
    return [entry for symbol, entry in seen.items() if symbol not in known]


def _at_home(file: Path, entries: Sequence[Mapping[str, Any]], system: str) -> list[str]:
    with Complaint(file):
        for entry in entries:
            if entry["symbol"].rpartition("-")[0] != system:
                raise ValueError(f"{entry['symbol']} is not a waypoint of {system}")
        return [entry["symbol"] for entry in entries]


def _system(entry: Mapping[str, Any], places: Mapping[str, Waypoint]) -> System:
    return System(
        symbol=entry["symbol"],
        sector=entry["sectorSymbol"],
        type=entry["type"],
        x=int(entry["x"]),
        y=int(entry["y"]),
        waypoints=places,
    )


def _waypoint(entry: Mapping[str, Any]) -> Waypoint:
    return Waypoint(
        symbol=entry["symbol"],
        type=entry["type"],
        system=entry["systemSymbol"],
        x=int(entry["x"]),
        y=int(entry["y"]),
        orbitals=tuple(orbital["symbol"] for orbital in entry["orbitals"]),
        orbits=entry.get("orbits"),
        traits=tuple(trait["symbol"] for trait in entry["traits"]),
        faction=entry["faction"]["symbol"] if "faction" in entry else None,
        under_construction=bool(entry.get("isUnderConstruction", False)),
    )


def _goods(entry: Mapping[str, Any], seed: int, gaps: Gaps) -> list[MarketGood]:
    if not entry.get("tradeGoods"):
        return gaps.goods(entry)
    goods = [captured_good(listing, entry["symbol"], seed) for listing in entry["tradeGoods"]]
    if not any(name in entry for name in LISTS.values()):
        return goods
    listed = {good.symbol for good in goods}
    named = {good["symbol"] for name in LISTS.values() for good in entry[name]}
    if listed != named:
        missing = ", ".join(sorted(listed ^ named))
        raise ValueError(f"{entry['symbol']} lists {missing} either without a price or only with one")
    return goods


def _sites(site: Mapping[str, Any], places: Mapping[str, Waypoint], gaps: Gaps) -> dict[str, Bill]:
    if site:
        bill = {line["tradeSymbol"]: [line["required"], line["fulfilled"]] for line in site["materials"]}
        return {site["symbol"]: bill}
    return {place.symbol: gaps.bill(place.symbol) for place in places.values() if place.under_construction}


def _gates(gate: Mapping[str, Any], places: Mapping[str, Waypoint], gaps: Gaps) -> dict[str, list[str]]:
    if gate:
        return {gate["symbol"]: list(gate["connections"])}
    gates = [place.symbol for place in places.values() if place.type == "JUMP_GATE"]
    return {symbol: gaps.connections(symbol) for symbol in gates}
