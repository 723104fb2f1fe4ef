"""What a partial capture leaves open, and what is assumed in its place; all of it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from goodsfactory.domain.market import TradeType
from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.sandbox import blueprint, draws
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.seeding import seed_good
from goodsfactory.sandbox.universe import ShipOffer

_NOWHERE = "No headquarters was captured"

_ROOM = 120
"""A place without coordinates lies within so many map units of the star, along either axis."""

_FACTION = "COSMIC"
"""Whose places are where no capture tells it."""

LISTS = {TradeType.EXPORT: "exports", TradeType.IMPORT: "imports", TradeType.EXCHANGE: "exchange"}

USUAL_PRICES: Mapping[str, int] = {
    **{type: (low + high) // 2 for yard in blueprint.FRONTIER_YARDS.values() for type, low, high in yard},
    **{type: price for yard in blueprint.YARDS.values() for type, price in yard},
}
"""What a ship type usually costs, in credits: at home where it is sold there."""

_USUAL_FLEET = tuple(type for type, _ in blueprint.YARDS["great yard"])


class Gaps:
    """Fills in what one capture lacks, the same for the same seed. ``told`` holds what was assumed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.told: list[str] = []
        self._bare: set[str] = set()

    def system(self, captured: Mapping[str, Any], symbol: str) -> dict[str, Any]:
        """A system whose sector, type and place on the map are known."""
        usual = {
            "symbol": symbol,
            "sectorSymbol": symbol.partition("-")[0],
            "type": "RED_STAR",
            "x": 0,
            "y": 0,
        }
        missing = [name for name in usual if captured.get(name) is None]
        if missing:
            shown = ", ".join(f"{name} {usual[name]}" for name in missing)
            self.told.append(f"The capture does not tell all of system {symbol}: assumed are {shown}.")
        return {**usual, **{name: value for name, value in captured.items() if value is not None}}

    def places(
        self, captured: Sequence[Mapping[str, Any]], standing: Mapping[str, Sequence[str]]
    ) -> list[dict[str, Any]]:
        """Waypoints with type, coordinates, orbitals and traits; also those only ``standing`` speaks of.

        ``standing`` names the waypoints by what else is captured of them: a trait, or the type JUMP_GATE.
        """
        entries = {entry["symbol"]: dict(entry) for entry in captured}
        for symbols in standing.values():
            for symbol in symbols:
                if symbol not in entries:
                    entries[symbol] = {"symbol": symbol}
                    self.told.append(f"{symbol} is a waypoint although the capture does not list it.")
        for symbol, entry in entries.items():
            self._traits(symbol, entry, standing)
        # An orbital lies where its parent does: parents come first.
        for symbol, entry in sorted(entries.items(), key=lambda item: item[1].get("orbits") is not None):
            self._place(symbol, entry, entries, symbol in standing.get("JUMP_GATE", ()))
        return list(entries.values())

    def faction(self, places: Sequence[dict[str, Any]], starting: str | None) -> None:
        """Give the markets that nobody looked at to the faction that has most of the others.

        Without any it is ``starting``, that of the captured agent: nobody could negotiate anywhere else.
        """
        owners = Counter(place["faction"]["symbol"] for place in places if "faction" in place)
        owner = owners.most_common(1)[0][0] if owners else starting or _FACTION
        given = [place for place in places if "faction" not in place and _has(place, "MARKETPLACE")]
        if owners:
            given = [place for place in given if place["symbol"] in self._bare]
        for place in given:
            place["faction"] = {"symbol": owner}
        if given:
            shown = ", ".join(place["symbol"] for place in given)
            self.told.append(f"No faction was captured of {shown}: they are {owner}'s.")

    def headquarters(self, places: Sequence[Mapping[str, Any]], captured: str | None) -> str:
        """Where agents begin: where the captured one did, else the first planet of a faction."""
        symbols = [place["symbol"] for place in places]
        if captured in symbols:
            return str(captured)
        owned = [place for place in places if "faction" in place]
        planets = [place["symbol"] for place in owned if place["type"] == "PLANET"]
        chosen = str([*planets, *(place["symbol"] for place in owned), *symbols][0])
        why = f"The captured headquarters {captured} is none of these places" if captured else _NOWHERE
        self.told.append(f"{why}: agents begin at {chosen}.")
        return chosen

    def goods(self, entry: Mapping[str, Any]) -> list[MarketGood]:
        """The goods of a market that was read from afar: lists, and no prices."""
        market, listed = (
            entry["symbol"],
            [(good["symbol"], kind) for kind, name in LISTS.items() for good in entry.get(name, ())],
        )
        known = [(good, kind) for good, kind in listed if good in BASE_PRICES]
        unknown = [good for good, _ in listed if good not in BASE_PRICES]
        self.told.append(
            f"The prices of {market} were not captured: its {len(known)} goods are those of a young market."
            + (f" Left out, for want of a base price: {', '.join(unknown)}." if unknown else "")
        )
        return [
            seed_good(good, kind, Scenario.YOUNG, draws.source(self._seed, market, good, "assumed state"))
            for good, kind in known
        ]

    def offers(self, yard: Mapping[str, Any]) -> list[ShipOffer]:
        """The offers of a yard; ship types without a price, and yards without ships, at usual prices."""
        symbol = yard["symbol"]
        priced = {ship["type"]: ship for ship in yard.get("ships", ())}
        types = [*priced, *(each["type"] for each in yard.get("shipTypes", ()) if each["type"] not in priced)]
        if not types:
            types = list(_USUAL_FLEET)
            self.told.append(f"What {symbol} sells was not captured: {', '.join(types)} at usual prices.")
        offers = []
        for type in types:
            ship = priced.get(type, {})
            price = ship.get("purchasePrice")
            if price is None and type not in USUAL_PRICES:
                self.told.append(f"{type} at {symbol} is left out: neither captured nor a usual price.")
                continue
            if price is None and len(yard) > 1:
                self.told.append(f"{type} at {symbol} costs {USUAL_PRICES[type]}, a usual price.")
            supply, activity = ship.get("supply", "HIGH"), ship.get("activity")
            offers.append(
                ShipOffer(type, int(USUAL_PRICES[type] if price is None else price), supply, activity)
            )
        return offers

    def yards(
        self, captured: Sequence[Mapping[str, Any]], places: Sequence[dict[str, Any]], headquarters: str
    ) -> list[Mapping[str, Any]]:
        """The captured yards, those of which traits tell, and one at least: an agent begins with a probe.

        A place that gets one gets the trait too.
        """
        known = {yard["symbol"] for yard in captured}
        seen = [
            place["symbol"] for place in places if _has(place, "SHIPYARD") and place["symbol"] not in known
        ]
        added = seen if captured or seen else [headquarters]
        if added and not seen:
            self.told.append(f"No shipyard was captured: one is at {headquarters}.")
            for place in places:
                if place["symbol"] == headquarters:
                    place["traits"] = [*place["traits"], {"symbol": "SHIPYARD"}]
        return [*captured, *({"symbol": symbol} for symbol in added)]

    def bill(self, gate: str) -> dict[str, list[int]]:
        """The usual bill of a gate that is under construction."""
        self.told.append(f"The building site {gate} was not captured: it has the usual bill.")
        return {material: list(line) for material, line in blueprint.GATE_BILL.items()}

    def connections(self, gate: str) -> list[str]:
        """Where a gate leads of which that was not captured: nowhere."""
        self.told.append(f"The connections of {gate} were not captured: it leads nowhere.")
        return []

    def _traits(self, symbol: str, entry: dict[str, Any], standing: Mapping[str, Sequence[str]]) -> None:
        found = [trait for trait in ("MARKETPLACE", "SHIPYARD") if symbol in standing.get(trait, ())]
        if "traits" not in entry:
            self._bare.add(symbol)
            entry["traits"] = [{"symbol": trait} for trait in found]
            self.told.append(f"{symbol} has no traits but {', '.join(found) or 'none'}.")
            return
        missing = [trait for trait in found if not _has(entry, trait)]
        if missing:
            entry["traits"] = [*entry["traits"], *({"symbol": trait} for trait in missing)]
            self.told.append(f"{symbol} has {' and '.join(missing)} too, of which its traits do not tell.")

    def _place(
        self, symbol: str, entry: dict[str, Any], entries: Mapping[str, Mapping[str, Any]], is_gate: bool
    ) -> None:
        if entry.get("type") is None:
            entry["type"] = "JUMP_GATE" if is_gate else "PLANET" if entry["traits"] else "ASTEROID"
            self.told.append(f"{symbol} is of type {entry['type']}.")
        if entry.get("x") is None or entry.get("y") is None:
            around = entries.get(entry.get("orbits") or "", {})
            source = draws.source(self._seed, symbol, "assumed place")
            spot = {axis: source.randint(-_ROOM, _ROOM) for axis in ("x", "y")}
            for axis in ("x", "y"):
                if entry.get(axis) is None:
                    entry[axis] = spot[axis] if around.get(axis) is None else around[axis]
            self.told.append(f"{symbol} lies at {entry['x']}, {entry['y']}.")
        entry.setdefault("systemSymbol", symbol.rpartition("-")[0])
        entry.setdefault("orbitals", [])


def _has(place: Mapping[str, Any], trait: str) -> bool:
    return any(each["symbol"] == trait for each in place["traits"])
