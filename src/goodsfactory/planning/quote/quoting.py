"""A quote: many replays with different draws, their median, and a band around it.

Replays differ in what is not known: phases, appetites, chance, markets never seen. That the model itself is
not the world, no draw shows; the bands are widened for it, by factors found by comparing quotes with outcomes
(docs/explanation/how-a-quote-is-reckoned.md).
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.quote import Band, NodeQuote, Quote, QuoteMoment
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.decision import counted, in_words
from goodsfactory.planning.looking.lookout import NO_SCOUT, has_scout
from goodsfactory.planning.market.learned import Production
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.planning.market.sourcing import choose_source
from goodsfactory.planning.quote.outcome import Outcome
from goodsfactory.planning.quote.replay import Replay
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.snapshot import FleetView

REPLAYS, SIMULATED_REPLAYS = 5, 15
"""How many replays a quote rests on: usually, and where the user asks for a simulation."""

_OTHER_REPLAYS = 3
"""How many tell what the terminal that was not asked for would leave."""

_FEWEST = 3
"""Each two other orders cost a replay, since each takes so much longer; so many are made all the same."""

_IN_VAIN = 2
"""Replays that may fail before what is asked for is taken to be hopeless: each of them takes long."""


@dataclass(frozen=True)
class Widening:
    """By which share, and by how much at least, a figure may miss although all replays agree; and how often
    their spread is taken. No figure comes out below its ``floor``."""

    share: float
    spread: float
    least: float = 0.0
    floor: float = 0.0


TIME = Widening(share=0.10, spread=1.25, least=60.0)
CREDITS = Widening(share=0.03, spread=1.25, floor=-math.inf)
REQUESTS = Widening(share=0.20, spread=1.5, least=10.0)
SHIP_HOURS = Widening(share=0.20, spread=1.5, least=0.1)


@dataclass(frozen=True)
class Before:
    """What a factory has taken before its quote: seconds, credits lost, requests, hours of cargo ships."""

    seconds: float = 0.0
    credits: int = 0
    requests: int = 0
    ship_hours: float = 0.0


@dataclass(frozen=True)
class QuoteOrder:
    """``production`` tells what was learned of goods at markets, by (waypoint, good)."""

    scene: Scene
    tree: SupplyChainNode
    replays: int = REPLAYS
    seed: int = 0
    before: Before = Before()
    timeline: bool = False
    production: Mapping[tuple[str, Good], Production] = field(default_factory=lambda: MappingProxyType({}))


def quote(order: QuoteOrder) -> Quote:
    """Replay the scene so often and say what came out. Pure, and the same for a seed; takes CPU time."""
    scene, before = order.scene, order.before
    outcomes = _replayed(order)
    finished = [outcome for outcome in outcomes if outcome.finished]
    used = finished or outcomes
    credits = _band([one.credits for one in used], CREDITS, before.credits)
    median, units = _median_of(used), [one.units for one in used]
    held = round(statistics.median([outcome.value for outcome in used]))
    request = scene.factory.request
    return Quote(
        target_good=scene.factory.target_good,
        system_symbol=scene.factory.system_symbol,
        strategy=request.strategy,
        terminal=request.terminal,
        units=request.total or request.units,
        taken_at=scene.now,
        elapsed=before.seconds,
        cargo_ships=len(_cargo_ships(scene)),
        made=Band(min(units), statistics.median(units), max(units)),
        credits=credits,
        seconds=_band([one.seconds for one in used], TIME, before.seconds),
        ship_hours=_band([one.taken.ship_seconds / 3600 for one in used], SHIP_HOURS, before.ship_hours),
        requests=_band([one.taken.requests for one in used], REQUESTS, before.requests),
        held_value=held,
        profit=_profit(order, used),
        tree=order.tree,
        nodes=tuple(_node(good, used, order) for good in _goods(order.tree, used)),
        cautions=tuple(_cautions(order, outcomes, credits)),
        replays=len(outcomes),
        finished=len(finished),
        timeline=tuple(QuoteMoment(before.seconds + one.seconds, one.sentence) for one in median.story)
        if order.timeline
        else (),
    )


def _replayed(order: QuoteOrder) -> list[Outcome]:
    """The replays, in the order of their seeds; after so many in vain no further one is tried."""
    outcomes: list[Outcome] = []
    for number in range(max(min(_FEWEST, order.replays), order.replays - order.scene.others // 2)):
        outcomes.append(Replay(order.scene, order.seed + number).run())
        if len(outcomes) == _IN_VAIN and not any(outcome.finished for outcome in outcomes):
            break
    return outcomes


def _profit(order: QuoteOrder, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """What is left by terminal: of the sale itself, or at what the best market would pay for what is held.

    The terminal that was not asked for gets replays of its own, as long as no leg has been flown for the
    other one, nor for other orders; it is left out where none of them comes to an end.
    """
    scene = order.scene
    asked = scene.factory.request.terminal
    profits = {asked.value: _left_over(outcomes) - order.before.credits}
    begun = scene.order.legs or scene.order.totals or scene.others
    if not begun and any(outcome.finished for outcome in outcomes):
        other = Terminal.HOLD if asked is Terminal.SELL else Terminal.SELL
        elsewhere = scene.asking(replace(scene.factory.request, terminal=other))
        replayed = [Replay(elsewhere, order.seed + number).run() for number in range(_OTHER_REPLAYS)]
        if finished := [outcome for outcome in replayed if outcome.finished]:
            profits[other.value] = _left_over(finished)
    return dict(sorted(profits.items()))


def _left_over(outcomes: Sequence[Outcome]) -> int:
    """A sale is part of what a purse loses or gains; what is held counts by its value."""
    return round(statistics.median([outcome.value - outcome.credits for outcome in outcomes]))


def _median_of(outcomes: Sequence[Outcome]) -> Outcome:
    ordered = sorted(outcomes, key=lambda one: one.seconds)
    return ordered[(len(ordered) - 1) // 2]


def _band(values: Sequence[float], widening: Widening, known: float) -> Band:
    """The spread of the replays, widened; what was ``known`` before the quote is added and not uncertain."""
    low, middle, high = min(values), statistics.median(values), max(values)
    slack = max(widening.least, widening.share * abs(middle))
    low = max(widening.floor, middle - widening.spread * (middle - low) - slack)
    high = middle + widening.spread * (high - middle) + slack
    return Band(*(round(known + value, 3) for value in (low, middle, high)))


def _cargo_ships(scene: Scene) -> Sequence[Ship]:
    factory = scene.factory
    return FleetView(scene.situation.ships, {}, factory.request, factory.system_symbol).usable


def _goods(tree: SupplyChainNode, outcomes: Sequence[Outcome]) -> list[Good]:
    """The goods of the tree, outputs first, and what else was bought in a replay."""
    known = [node.good for node in reversed(tree.flatten())]
    return list(dict.fromkeys([*known, *(good for outcome in outcomes for good in sorted(outcome.nodes))]))


def _node(good: Good, outcomes: Sequence[Outcome], order: QuoteOrder) -> NodeQuote:
    bought = [outcome.nodes.get(good, (0, 0)) for outcome in outcomes]
    site = next((node.source for node in order.tree.flatten() if node.good == good), None)
    learned = order.production.get((site, good)) if site else None
    return NodeQuote(
        good,
        round(statistics.median([units for units, _ in bought])),
        round(statistics.median([cost for _, cost in bought])),
        learned.sentence(order.scene.now) if learned else "",
    )


def _cautions(order: QuoteOrder, outcomes: Sequence[Outcome], credits: Band) -> list[str]:
    scene, tree = order.scene, order.tree
    told = []
    if not _cargo_ships(scene):
        told.append("no ship that carries cargo may work for it")
    failed = [outcome for outcome in outcomes if not outcome.finished]
    if failed:
        told.append(f"{len(failed)} of {counted(len(outcomes), 'replay')} did not finish: {failed[0].reason}")
    markets = list(scene.situation.markets.values())
    unseen = sorted(
        {
            market.waypoint
            for node in tree.flatten()
            for market in markets
            if market.observed_at is None
            and (node.good in market.exports or node.good in market.exchange)
            and (node.acquisition is Acquisition.BUY or node.source == market.waypoint)
        }
    )
    if unseen:
        told.append(
            f"nobody has looked at {in_words(unseen)}: what they have is guessed, so the bands are wide"
        )
    if not has_scout(scene.situation.ships, scene.factory.system_symbol):
        told.append(f"{NO_SCOUT}: cargo ships go to look, and what they saw grows old")
    for node in tree.flatten():
        if node.acquisition is Acquisition.BUY and node.source is None:
            choice = choose_source(node.good, markets, scene.situation.chart, near=None)
            if not choice.unseen:
                told.append(f"{node.good} cannot be bought now: {choice.reason}")
        if node.good not in BASE_PRICES:
            told.append(
                f"the base price of {node.good} is not known: its prices are foretold by measured steps"
            )
    sink = choose_sink(tree.good, markets, scene.situation.chart, near=None, made_at=tree.source)
    if sink.waypoint is None and not sink.unseen:
        told.append(f"nobody buys {tree.good}: {sink.reason}")
    spendable = max(0, scene.credits - scene.policy.credit_floor)
    above = f"{spendable:,} credits are above the floor of {scene.policy.credit_floor:,}"
    needed = credits.high - order.before.credits
    if short := [outcome for outcome in outcomes if outcome.taken.short_of_money]:
        told.append(f"{len(short)} of {counted(len(outcomes), 'replay')} were short of money: {above}")
    elif needed > spendable:
        told.append(f"it may need {needed:,.0f} credits, and {above}")
    return told
