"""The rules that are put aside one at a time, each named by where it lives.

A rule that is gone or has moved must be gone or move here: nothing is measured before all are found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from bench.swapping import resolve, swapped

from goodsfactory.domain.market import Supply

PLANNING = "goodsfactory.planning"
MATCHING = f"{PLANNING}.dispatch.matching"
REQUIREMENTS = f"{PLANNING}.requirements"

Without = Callable[[Any], Any]
"""What stands in the place of something, by what stood there."""


@dataclass(frozen=True)
class Rule:
    """``swaps`` say what stands in the place of which part of the program; the first is where the rule lives.

    ``without`` says in words what happens instead. A rule that is ``added`` is none of the program's own: its
    row shows what would be gained by it. A row of ``chance`` changes nothing that should matter.
    """

    name: str
    without: str
    swaps: Mapping[str, Without]
    added: bool = False
    chance: bool = False

    @property
    def lives(self) -> str:
        return next(iter(self.swaps), "")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Run without the rule, in a process of its own. Raises LookupError where it is gone."""
        with ExitStack() as stack:
            for path, new in self.swaps.items():
                holder, name = resolve(path)
                stack.enter_context(swapped(path, new(vars(holder)[name])))
            yield


def check(rules: Sequence[Rule]) -> None:
    """Raises LookupError, with its path, for a rule that is gone."""
    for rule in rules:
        for path in rule.swaps:
            resolve(path)


def _as(value: Any) -> Without:
    return lambda old: value


def _answers(value: Any) -> Without:
    """A function that answers the same whatever it is asked; a list is a new one each time."""
    return lambda old: lambda *_, **__: list(value) if isinstance(value, list) else value


def _like(path: str) -> Without:
    """What another path names."""

    def other(old: Any) -> Any:
        holder, name = resolve(path)
        return vars(holder)[name]

    return other


def _not_weighed(old: Any) -> Any:
    def weighed(self: Any, edge: Any, demand: Any) -> Any:
        return demand

    return weighed


def _deep_at_once(old: Any) -> Any:
    """Every lift as deep as may be: as of a sale without end, but no more than is wanted."""
    holder, name = resolve(f"{REQUIREMENTS}.lifting:next_lifts")
    next_lifts = vars(holder)[name]

    def last_lifts(
        wanted: int, listing: Any, promised: int, hold: int, most: int, *rest: Any, **more: Any
    ) -> tuple[int, ...]:
        kept = more.get("kept", rest[1] if len(rest) > 1 else 0)
        sizes = next_lifts(listing, promised, hold, most, kept)
        return tuple(size for i, s in enumerate(sizes) if (size := min(s, wanted - sum(sizes[:i]))) > 0)

    return last_lifts


def _all_promised(old: Any) -> Any:
    """What others are about to load is kept, and not the tranche more that they may find missing."""

    def last_lifts(
        wanted: int, listing: Any, promised: int, hold: int, most: int, at_last: int, kept: int, ready: Any
    ) -> Any:
        return old(wanted, listing, 0, hold, most, at_last, kept + promised, ready)

    return last_lifts


RULES = (
    Rule(
        "posts",
        "idle ships wait where they are, not where a load is about to be ready",
        {f"{PLANNING}.dispatch.positioning:plan_positions": _answers([])},
    ),
    Rule(
        "wait for a ship soon free",
        "a load goes to a free ship at once, however far, beside one that is free in seconds",
        {f"{MATCHING}:held_back": _answers([])},
    ),
    Rule(
        "learned phases",
        "nothing is learned of when in the half hour a market makes something",
        {f"{PLANNING}.market.learned:export_phase": _answers(None)},
    ),
    Rule(
        "foreseen looks",
        "a market is looked at again and again, not when it should have made something",
        {f"{PLANNING}.market.learned:next_production": _answers(None)},
    ),
    Rule(
        "buffers by price",
        "dear inputs are stocked as far ahead as cheap ones",
        {f"{REQUIREMENTS}.top_up:DEAR": _like(f"{REQUIREMENTS}.top_up:CHEAP")},
    ),
    Rule(
        "bound of blind feeding",
        "of what is cheap as much as is missing goes to a market whose prices were not seen",
        {f"{REQUIREMENTS}.top_up:BLIND_CREDITS": _as(10**9)},
    ),
    Rule(
        "blind flight",
        "a well stocked source whose prices are old is looked at before a ship flies there",
        {f"{REQUIREMENTS}.availability:_worth_a_flight": _answers(False)},
    ),
    Rule(
        "unpromised tranche",
        "all of a stock is promised, though whoever loads last may find a tranche less",
        {
            f"{REQUIREMENTS}.lifting:last_lifts": _all_promised,
            f"{REQUIREMENTS}.promise:_others_load": _answers(False),
        },
    ),
    Rule(
        "last lift deeper",
        "every lift empties an export as deep as the rules of spending allow",
        {f"{REQUIREMENTS}.lifting:last_lifts": _deep_at_once},
    ),
    Rule(
        "spread",
        "a unit of output is taken to need one of each input, none to spare",
        {f"{REQUIREMENTS}.top_up:SPREAD": _as(1.0)},
    ),
    Rule(
        "small load",
        "a ship flies for a single unit, though more is to come",
        {f"{REQUIREMENTS}.top_up:SMALL_LOAD": _as(0.001)},
    ),
    Rule(
        "needed soon",
        "nothing is left at an export for what is due there before it has made more",
        {f"{REQUIREMENTS}.top_up:SOON_STEPS": _as(0.0)},
    ),
    Rule(
        "growth",
        "no market is fed beyond what it needs, however much work it has",
        {f"{REQUIREMENTS}.needs:GROWS_FROM": _as(10**9)},
    ),
    Rule(
        "inputs from LIMITED up",
        "an input that is due, and the rest of a target, are lifted from MODERATE up",
        {f"{PLANNING}.market.stock:DUE_FROM": _as(Supply.MODERATE)},
    ),
    Rule(
        "slack",
        "loads are due when their market runs dry, though other work lasts longer",
        {f"{REQUIREMENTS}.needs:Needs.slack": _answers(0.0)},
    ),
    Rule(
        "a tenth before it is due",
        "a load that is not due yet is worth nothing",
        {f"{REQUIREMENTS}.value:AHEAD": _as(0.0)},
    ),
    Rule(
        "worth of a sale without end",
        "loads of such a chain are weighed as those of an order are",
        {f"{REQUIREMENTS}.worth:Earnings.weighed": _not_weighed},
    ),
    Rule(
        "inputs kept full",
        "inputs of a chain without end, and of a market that grows, are filled to balance, not HIGH",
        {f"{REQUIREMENTS}.top_up:FULL": _as(0.0)},
    ),
    Rule(
        "a full export is not fed",
        "inputs are brought however much of the output lies there",
        {f"{REQUIREMENTS}.top_up:OUTPUT_FULL": _as(1_000.0)},
    ),
    Rule(
        "room beside what is kept",
        "a load to keep goes to any ship, not first to one that keeps some of it",
        {f"{MATCHING}:BESIDE": _as(0)},
    ),
    Rule(
        "patience",
        "a load gains no weight by waiting",
        {f"{MATCHING}:PATIENT": _as(float("inf"))},
    ),
    Rule(
        "exact matching",
        "the heaviest pairs are taken and exchanged once, however few there are",
        {f"{MATCHING}:MOST_PAIRS": _as(0)},
    ),
    Rule(
        "standing scout",
        "the probe goes round and round by itself from the start",
        {},
        added=True,
    ),
)

CHANCE = (
    Rule(
        "(chance 1)",
        "a pass waits two seconds for looks, not three",
        {"goodsfactory.production.planner:_LOOKS_TAKE": _as(2.0)},
        chance=True,
    ),
    Rule(
        "(chance 2)",
        "a ship is soon free that is so in 28 seconds, not in 30",
        {f"{MATCHING}:SHORT_WAIT": _as(28)},
        chance=True,
    ),
)
"""What makes no difference that anybody could tell: how far figures move by themselves."""
