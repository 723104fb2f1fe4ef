"""What making a good will take, foretold; and after the run, foretold against what it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from goodsfactory.domain.factory import Strategy, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.instants import instant
from goodsfactory.domain.supply_chain import SupplyChainNode


@dataclass(frozen=True)
class Band:
    """``expected`` is the median of the replays; nine outcomes of ten should lie from ``low`` to ``high``."""

    low: float
    expected: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def to_json(self) -> dict[str, float]:
        return {"low": self.low, "expected": self.expected, "high": self.high}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Band":
        return cls(data["low"], data["expected"], data["high"])


@dataclass(frozen=True)
class NodeQuote:
    """One good of the tree: ``units`` bought of it for ``cost`` credits, as expected.

    ``production`` says what its market makes in half an hour; empty where nothing is known of that.
    """

    good: Good
    units: int
    cost: int
    production: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"good": self.good, "units": self.units, "cost": self.cost, "production": self.production}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "NodeQuote":
        return cls(data["good"], data["units"], data["cost"], data.get("production", ""))


@dataclass(frozen=True)
class QuoteMoment:
    """Something that happens ``seconds`` after the start in the replay of median length."""

    seconds: float
    sentence: str


@dataclass(frozen=True)
class Quote:
    """Credits, seconds, hours and requests count from the start of the factory, also where it was running.

    ``units`` is what was asked for, None for one load; ``made`` the units expected. ``credits`` is what the
    purse loses: goods and fuel, less what feeding (and for SELL the sale) brings back. ``held_value`` is what
    the best markets would pay in the end for the output, ``profit`` by terminal is that less the credits.
    ``elapsed`` is how many seconds the factory had run when the quote was taken, 0 before its start.
    ``replays`` were made, of which ``finished`` came to the end. ``cautions`` say what could make it fail.
    """

    target_good: Good
    system_symbol: str
    strategy: Strategy
    terminal: Terminal
    units: int | None
    taken_at: datetime
    elapsed: float
    cargo_ships: int
    made: Band
    credits: Band
    seconds: Band
    ship_hours: Band
    requests: Band
    held_value: int
    profit: Mapping[str, int]
    tree: SupplyChainNode
    nodes: tuple[NodeQuote, ...]
    cautions: tuple[str, ...]
    replays: int
    finished: int
    timeline: tuple[QuoteMoment, ...] = ()

    def node(self, good: Good) -> NodeQuote | None:
        return next((node for node in self.nodes if node.good == good), None)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready object (docs/reference/json.md, "quote"); ``from_json`` reads it back."""
        return {
            "target_good": self.target_good,
            "system_symbol": self.system_symbol,
            "strategy": self.strategy.value,
            "terminal": self.terminal.value,
            "units_wanted": self.units,
            "taken_at": instant(self.taken_at),
            "elapsed_seconds": round(self.elapsed, 1),
            "cargo_ships": self.cargo_ships,
            "units": self.made.to_json(),
            "credits": self.credits.to_json(),
            "seconds": self.seconds.to_json(),
            "ship_hours": self.ship_hours.to_json(),
            "requests": self.requests.to_json(),
            "held_value": self.held_value,
            "profit": dict(self.profit),
            "tree": self.tree.to_json(),
            "nodes": [node.to_json() for node in self.nodes],
            "cautions": list(self.cautions),
            "replays": self.replays,
            "finished": self.finished,
            "timeline": [{"seconds": one.seconds, "sentence": one.sentence} for one in self.timeline],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Quote":
        return cls(
            target_good=data["target_good"],
            system_symbol=data["system_symbol"],
            strategy=Strategy(data["strategy"]),
            terminal=Terminal(data["terminal"]),
            units=data["units_wanted"],
            taken_at=datetime.fromisoformat(data["taken_at"]),
            elapsed=data["elapsed_seconds"],
            cargo_ships=data["cargo_ships"],
            made=Band.from_json(data["units"]),
            credits=Band.from_json(data["credits"]),
            seconds=Band.from_json(data["seconds"]),
            ship_hours=Band.from_json(data["ship_hours"]),
            requests=Band.from_json(data["requests"]),
            held_value=data["held_value"],
            profit=dict(data["profit"]),
            tree=SupplyChainNode.from_json(data["tree"]),
            nodes=tuple(NodeQuote.from_json(node) for node in data["nodes"]),
            cautions=tuple(data["cautions"]),
            replays=data["replays"],
            finished=data["finished"],
            timeline=tuple(QuoteMoment(one["seconds"], one["sentence"]) for one in data["timeline"]),
        )


@dataclass(frozen=True)
class Comparison:
    """One figure: as quoted, and as it came; until that is ``final`` it is not judged."""

    name: str
    quoted: Band
    came: float | None
    """None where nobody can tell"""
    final: bool = True

    @property
    def error(self) -> float | None:
        """Share by which the expectation missed; None where nothing came, or not all yet."""
        return (
            None if not self.came or not self.final else (self.quoted.expected - self.came) / abs(self.came)
        )

    def to_json(self) -> dict[str, Any]:
        error = self.error
        return {
            "figure": self.name,
            "quoted": self.quoted.to_json(),
            "came": self.came,
            "error": None if error is None else round(error, 4),
            "within_band": self.quoted.holds(self.came) if self.final and self.came is not None else None,
        }


@dataclass(frozen=True)
class Taken:
    """What a factory has taken so far: seconds since its start, credits it cost less sales, and so on.

    ``final`` is True once it has made all that was asked for: the quote is of the whole. ``seconds`` and
    ``ship_hours`` are None where the game's clock went back meanwhile.
    """

    seconds: float | None
    credits: int
    requests: int | None
    ship_hours: float | None
    units: int
    bought: Mapping[Good, tuple[int, int]]
    final: bool = True

    def each(self, parts: float) -> "Taken":
        """The mean of so many equal parts of it."""
        requests = None if self.requests is None else round(self.requests / parts)
        return replace(
            self,
            seconds=None if self.seconds is None else self.seconds / parts,
            credits=round(self.credits / parts),
            requests=requests,
            ship_hours=None if self.ship_hours is None else self.ship_hours / parts,
            units=round(self.units / parts),
        )


def compare(quote: Quote, taken: Taken) -> tuple[tuple[Comparison, ...], tuple[str, ...]]:
    """Every figure quoted beside what came, and in the end sentences about where the two differ most.

    A quote of which no replay came to its end foretold nothing: there is nothing to compare.
    """
    if not quote.finished:
        return (), ()
    figures = [
        Comparison("seconds", quote.seconds, taken.seconds, taken.final),
        Comparison("credits", quote.credits, taken.credits, taken.final),
        Comparison("ship_hours", quote.ship_hours, taken.ship_hours, taken.final),
        Comparison("units", quote.made, taken.units, taken.final),
    ]
    if taken.requests is not None:
        figures.insert(3, Comparison("requests", quote.requests, taken.requests, taken.final))
    return tuple(figures), tuple(_differences(quote, taken)) if taken.final else ()


_WORTH_TELLING = 0.1
"""A good that cost a tenth more or less than quoted, of all credits quoted, is told."""


def _differences(quote: Quote, taken: Taken) -> Sequence[str]:
    whole = max(1.0, sum(node.cost for node in quote.nodes))
    told = []
    for good in dict.fromkeys([*(node.good for node in quote.nodes), *taken.bought]):
        node = quote.node(good)
        units, cost = taken.bought.get(good, (0, 0))
        foretold = (node.units, node.cost) if node else (0, 0)
        if abs(cost - foretold[1]) <= _WORTH_TELLING * whole:
            continue
        sentence = f"{good}: {units} {'unit' if units == 1 else 'units'} for {cost:,} credits came, "
        sentence += f"{foretold[0]} for {foretold[1]:,} were quoted"
        told.append((abs(cost - foretold[1]), sentence))
    return [sentence for _, sentence in sorted(told, reverse=True)]
