"""Loads a universe captured from the live game: a folder of API answers (one home system).

The folder holds ``system.json``, ``waypoints.json``, ``markets.json`` and ``shipyards.json``, each shaped
like the API's answer, and may hold ``construction.json``, ``jump_gate.json``, ``agent_start.json`` and
``supply_chain.json`` (which is also looked for beside the folder; else the bundled recipes are used).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.pricing import BASE_PRICES, Quote, invert, label, usual_margin
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox import draws
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.universe import ShipOffer, System, Universe, Waypoint

_LABEL_CENTRES = {
    Supply.SCARCE: -5,
    Supply.LIMITED: -3,
    Supply.MODERATE: 0,
    Supply.HIGH: 3,
    Supply.ABUNDANT: 5,
}


def load_universe(
    folder: Path, *, seed: int, epoch: datetime, parameters: EconomyParameters | None = None
) -> Universe:
    """Read the captured universe in ``folder`` (or in the folder of the given file).

    Margins and net supplies are solved from the captured quotes, so that prices at ``epoch`` are the captured
    ones. Raises ValueError with the path and what is wrong with it.
    """
    folder = folder.parent if folder.is_file() else folder
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such folder of captured data.")
    recipes = _recipes(folder)
    system = _read(folder / "system.json", dict)
    waypoints = _read(folder / "waypoints.json", list)
    listings = _read(folder / "markets.json", list)
    yards = _read(folder / "shipyards.json", list)
    with _Complaint(folder / "waypoints.json"):
        places = {entry["symbol"]: _waypoint(entry) for entry in waypoints}
    with _Complaint(folder / "system.json"):
        home = System(
            symbol=system["symbol"],
            sector=system["sectorSymbol"],
            type=system["type"],
            x=system["x"],
            y=system["y"],
            waypoints=places,
            constellation=system.get("constellation") or "",
            name=system.get("name") or "",
        )
    with _Complaint(folder / "markets.json"):
        markets = {
            entry["symbol"]: Market(
                entry["symbol"],
                _goods(entry, seed),
                recipes=recipes,
                epoch=epoch,
                seed=seed,
                parameters=parameters,
            )
            for entry in listings
        }
    with _Complaint(folder / "shipyards.json"):
        shipyards = {yard["symbol"]: [_offer(ship) for ship in yard["ships"]] for yard in yards}
        fees = {yard["symbol"]: int(yard["modificationsFee"]) for yard in yards}
    constructions: dict[str, dict[str, list[int]]] = {}
    if (folder / "construction.json").exists():
        site = _read(folder / "construction.json", dict)
        with _Complaint(folder / "construction.json"):
            constructions[site["symbol"]] = {
                line["tradeSymbol"]: [line["required"], line["fulfilled"]] for line in site["materials"]
            }
    gates: dict[str, list[str]] = {}
    if (folder / "jump_gate.json").exists():
        gate = _read(folder / "jump_gate.json", dict)
        with _Complaint(folder / "jump_gate.json"):
            gates[gate["symbol"]] = list(gate["connections"])
    factions = list(dict.fromkeys(place.faction for place in places.values() if place.faction))
    universe = Universe(
        seed=seed,
        reset_date=epoch.date().isoformat(),
        systems={home.symbol: home},
        markets=markets,
        shipyards=shipyards,
        constructions=constructions,
        jump_gates=gates,
        factions=factions or ["COSMIC"],
        headquarters=_headquarters(folder, places),
        recipes=recipes,
        epoch=epoch,
        modification_fees=fees,
    )
    _check_places(folder, universe)
    return universe


class _Complaint:
    """Turns a missing key or a wrong type inside a file into a sentence with the file's path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError):
            raise ValueError(f"{self._path}: an entry lacks the key {error}.") from error
        if isinstance(error, (TypeError, AttributeError)):
            raise ValueError(
                f"{self._path}: an entry does not have the shape of the API ({error})."
            ) from error
        if isinstance(error, ValueError):
            raise ValueError(f"{self._path}: {error}.") from error


def _read(path: Path, kind: type) -> Any:
    try:
        document = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: is not JSON ({error}).") from error
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, kind) or not data:
        wanted = "an object" if kind is dict else "a list"
        raise ValueError(f"{path}: expected an object whose 'data' is {wanted} with something in it.")
    return data


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not text in UTF-8.") from error


def _recipes(folder: Path) -> Mapping[str, tuple[str, ...]]:
    for path in (folder / "supply_chain.json", folder.parent / "supply_chain.json"):
        if path.is_file():
            return RecipeMap.from_text(_text(path), origin=str(path)).imports_of
    return RecipeMap.bundled().imports_of


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


def _goods(entry: Mapping[str, Any], seed: int) -> list[MarketGood]:
    goods = [_good(listing, entry["symbol"], seed) for listing in entry["tradeGoods"]]
    listed = {good.symbol for good in goods}
    named = {good["symbol"] for kind in ("exports", "imports", "exchange") for good in entry[kind]}
    if listed != named:
        missing = ", ".join(sorted(listed ^ named))
        raise ValueError(f"{entry['symbol']} lists {missing} either without a price or only with one")
    return goods


def _good(listing: Mapping[str, Any], waypoint: str, seed: int) -> MarketGood:
    symbol, volume = listing["symbol"], listing["tradeVolume"]
    kind, supply = TradeType(listing["type"]), Supply(listing["supply"])
    ask, bid = listing["purchasePrice"], listing["sellPrice"]
    if not (isinstance(volume, int) and volume > 0 and isinstance(ask, int) and isinstance(bid, int)):
        raise ValueError(f"{symbol} at {waypoint} needs whole tradeVolume, purchasePrice and sellPrice")
    # Without a known base price the balanced quote of its kind is the only anchor there is.
    base = BASE_PRICES.get(symbol, float(max(bid if kind is TradeType.IMPORT else ask, 2)))
    hidden = invert(kind, ask, bid, volume, base, supply)
    margin = hidden.margin if hidden else round(usual_margin(volume))
    net_supply = hidden.n if hidden else _nearest(kind, ask, bid, volume, base, margin, supply)
    quote = Quote(kind, base, margin, net_supply, volume)
    activity = Activity(listing["activity"]) if "activity" in listing else None
    return MarketGood(
        symbol=symbol,
        type=kind,
        base=base,
        margin=margin,
        trade_volume=volume,
        net_supply=net_supply,
        activity=activity,
        phase=draws.source(seed, waypoint, symbol, "first state").uniform(1.0, 1799.0),
        ask_offset=ask - quote.ask,
        bid_offset=bid - quote.bid,
    )


def _nearest(
    kind: TradeType, ask: int, bid: int, volume: int, base: float, margin: int, supply: Supply
) -> int:
    """The net supply under this label whose quote comes closest to the captured one."""

    def miss(n: int) -> tuple[int, int]:
        quote = Quote(kind, base, margin, n, volume)
        return abs(quote.ask - ask) + abs(quote.bid - bid), abs(n - _LABEL_CENTRES[supply] * volume)

    reach = 24 * volume
    return min((n for n in range(-reach, reach + 1) if label(n / volume) is supply), key=miss)


def _offer(ship: Mapping[str, Any]) -> ShipOffer:
    return ShipOffer(ship["type"], int(ship["purchasePrice"]), ship["supply"], ship.get("activity"))


def _headquarters(folder: Path, places: Mapping[str, Waypoint]) -> str:
    if (folder / "agent_start.json").exists():
        agent = _read(folder / "agent_start.json", dict)
        if agent.get("headquarters") in places:
            return str(agent["headquarters"])
    settled = (place for place in places.values() if place.faction and place.type == "PLANET")
    return next(settled, next(iter(places.values()))).symbol


def _check_places(folder: Path, universe: Universe) -> None:
    for file, symbols in (
        ("markets.json", universe.markets),
        ("shipyards.json", universe.shipyards),
        ("construction.json", universe.constructions),
        ("jump_gate.json", universe.jump_gates),
    ):
        for symbol in symbols:
            if universe.waypoint(symbol) is None:
                raise ValueError(f"{folder / file}: {symbol} is not a waypoint of waypoints.json.")
