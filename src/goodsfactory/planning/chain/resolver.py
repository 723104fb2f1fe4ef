"""BUY or FABRICATE: the supply chain of one good in one system, decided anew from what is known now.

The chain is decided from the target downwards, breadth first, every good once: a good that two others need
is one node, at its least depth, and its source is chosen for the first that needs it. The tree is put
together from the bottom up afterwards. Each good costs one look at each market.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from goodsfactory.domain.errors import CannotEver, UserError
from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.goods import Good, near_matches
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.chain.acquisition import Stake, weigh
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import counted, in_words, no_market, sentence_of
from goodsfactory.planning.market.siting import FactoryChoice, choose_factory_waypoint
from goodsfactory.planning.market.sourcing import SourceChoice, choose_source
from goodsfactory.planning.market.stock import Spot, loadable, spare

NOWHERE: Mapping[Good, Collection[str]] = MappingProxyType({})
"""Nothing to avoid."""


Beside = Callable[[Spot], int]
"""Units that other orders have yet to load at a spot."""


def alone(spot: Spot) -> int:
    """No other order."""
    return 0


def check_target(good: str, recipes: RecipeMap, markets: Sequence[MarketSnapshot]) -> Good:
    """Return the trade symbol a person meant by ``good`` (any case, blanks or hyphens for underscores).

    Raises UserError with near matches where neither the recipes nor a market of the system knows it.
    """
    known = recipes.goods.union(*(m.exports | m.imports | m.exchange for m in markets))
    matches = near_matches(good, known)
    wanted = good.strip().upper().replace(" ", "_").replace("-", "_")
    if matches == [wanted]:
        return wanted
    hint = f" Did you mean {' or '.join(matches)}?" if matches else ""
    raise UserError(f"There is no good called {good!r}.{hint}", kind="not-found")


def resolve(
    target: Good,
    recipes: RecipeMap,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    strategy: Strategy,
    max_depth: int,
    keep: SupplyChainNode | None = None,
    avoid: Mapping[Good, Collection[str]] = NOWHERE,
    near: str | None = None,
    ceiling_ratio: float | None = None,
    stake: Stake | None = None,
    troubled: Mapping[Good, Collection[str]] = NOWHERE,
    beside: Beside = alone,
) -> SupplyChainNode:
    """Decide how to obtain ``target`` in the system of ``markets`` (all its markets, seen or not).

    ``max_depth`` is how many recipes may stand above one another: 1 makes the target of bought inputs, 0 buys
    it. ``keep`` is the tree in force: its factory waypoints stay while they are valid. ``avoid`` names, for a
    good, markets where it is neither bought nor made for now. ``near`` is where the target is wanted.
    ``ceiling_ratio`` is how far above the median ask of the others a source may be, None for any height.
    ``troubled`` names factory waypoints by good that are left for another one, where there is one.
    ``beside`` tells what other orders have yet to load at a spot, which counts where its stock is weighed.
    ``stake`` is what the strategy SMART weighs by; without it one load of 40 units is wanted.

    A BUY node nobody sells at the moment has no source and says why. Raises CannotEver where no market of the
    system exports or exchanges the target at all, naming the markets looked at.
    """
    chain = _Chain(
        recipes,
        markets,
        chart,
        strategy,
        max_depth,
        avoid,
        _factory_waypoints(keep),
        _obtainable(markets),
        ceiling_ratio,
        stake or Stake(40, 40),
        _acquisitions(keep),
        troubled,
        beside,
    )
    if target not in chain.obtainable:
        raise CannotEver(_cannot_ever(target, markets))
    chain.decide_all(target, near)
    return chain.build(target, ())


@dataclass
class _Plan:
    """What was decided for one good."""

    good: Good
    acquisition: Acquisition
    reason: str
    source: str | None
    listing: Listing | None
    inputs: tuple[Good, ...] = ()


@dataclass
class _Chain:
    """The decision in progress."""

    recipes: RecipeMap
    markets: Sequence[MarketSnapshot]
    chart: Chart
    strategy: Strategy
    max_depth: int
    avoid: Mapping[Good, Collection[str]]
    keep: Mapping[Good, str]
    obtainable: frozenset[Good]
    ceiling_ratio: float | None
    stake: Stake
    before: Mapping[Good, Acquisition]
    troubled: Mapping[Good, Collection[str]]
    beside: Beside
    plans: dict[Good, _Plan] = field(default_factory=dict)
    built: dict[Good, SupplyChainNode] = field(default_factory=dict)

    def decide_all(self, target: Good, near: str | None) -> None:
        """Decide every good below ``target``, each at its least depth."""
        waiting: deque[tuple[Good, int, str | None, int]] = deque([(target, 0, near, self.stake.units)])
        while waiting:
            good, depth, wanted_at, need = waiting.popleft()
            if good in self.plans:
                continue
            plan = self._decide(good, depth, wanted_at, need)
            self.plans[good] = plan
            for item in plan.inputs:
                waiting.append((item, depth + 1, plan.source, self._need(need, plan, item)))

    def _need(self, need: int, plan: _Plan, item: Good) -> int:
        """Units of an input for what must be made of ``need``, one hold at least.

        A unit takes about one of each input (economy.md §6.3), less what lies at the factory waypoint.
        """
        others = self._wanted_beside(plan.source, plan.good)
        made = min(need, need + others - (0 if plan.listing is None else loadable(plan.listing)))
        there = next((one.listing(item) for one in self.markets if one.waypoint == plan.source), None)
        return max(self.stake.hold, made - (0 if there is None else max(0, spare(there))))

    def _decide(self, good: Good, depth: int, near: str | None, need: int) -> _Plan:
        if self.recipes.is_raw(good):
            return self._buy(good, "Raw good, bought", self._source(good, near))
        if depth >= self.max_depth:
            return self._buy(good, f"Bought, since {self._limit()}", self._source(good, near))
        if depth == 0:
            why = "Made, as asked"
        elif self.strategy is Strategy.SMART:
            return self._weighed(good, near, need)
        elif self.strategy is Strategy.PREFER_FABRICATE:
            why = "Made, as the strategy prefers"
        else:
            choice = self._source(good, near)
            if choice.waypoint is not None:
                return self._buy(good, "Bought, as the strategy prefers", choice)
            if choice.unseen:
                # Looking costs one visit, making costs hours: decide once the sellers were looked at.
                return self._buy(good, "Bought, once its sellers were looked at", choice)
            why = f"Made because it cannot be bought ({choice.reason})"
        site = self._site(good, near)
        if unmade := self._never_made(good, site):
            return self._buy(good, unmade, self._source(good, near))
        return self._make(good, why, site)

    def _weighed(self, good: Good, near: str | None, need: int) -> _Plan:
        """What the strategy SMART chooses for ``need`` units."""
        choice, site = self._source(good, near), self._site(good, near)
        if unmade := self._never_made(good, site):
            return self._buy(good, unmade, choice)
        weighing = weigh(
            need,
            self._wanted_beside(choice.waypoint, good),
            choice,
            site,
            self.recipes.inputs(good),
            self.markets,
            self.chart,
            self.stake,
            near=near,
            before=self.before.get(good),
        )
        if weighing.acquisition is Acquisition.BUY:
            return self._buy(good, weighing.reason, choice)
        return self._make(good, weighing.reason, site)

    def _wanted_beside(self, place: str | None, good: Good) -> int:
        return 0 if place is None else self.beside((place, good))

    def _never_made(self, good: Good, site: FactoryChoice) -> str | None:
        """Why ``good`` can only be bought; None where it can be made."""
        missing = [item for item in self.recipes.inputs(good) if item not in self.obtainable]
        if missing:
            return (
                f"Bought, since making it needs {in_words(missing)}, which "
                f"{no_market(self.markets, 'exports or exchanges')}"
            )
        if site.waypoint is None:
            return f"Bought, since there is no place to make it ({site.reason})"
        return None

    def _make(self, good: Good, why: str, site: FactoryChoice) -> _Plan:
        inputs = self.recipes.inputs(good)
        return _Plan(
            good, Acquisition.FABRICATE, f"{why}: {site.reason}", site.waypoint, site.listing, inputs
        )

    def build(self, good: Good, path: tuple[Good, ...]) -> SupplyChainNode:
        """Put the decided node of ``good`` together; ``path`` holds the goods above it, target first."""
        if good in self.built:
            return self.built[good]
        plan = self.plans[good]
        children = tuple(
            self._itself(item, (*path, good), plan.source)
            if item == good or item in path
            else self.build(item, (*path, good))
            for item in plan.inputs
        )
        self.built[good] = _node(good, plan, children)
        return self.built[good]

    def _itself(self, good: Good, path: tuple[Good, ...], near: str | None) -> SupplyChainNode:
        loop = " ← ".join((*path[path.index(good) :], good))
        plan = self._buy(good, f"Bought, since it would need itself ({loop})", self._source(good, near))
        return _node(good, plan, ())

    def _limit(self) -> str:
        return f"this factory nests no more than {counted(self.max_depth, 'recipe')}"

    def _source(self, good: Good, near: str | None) -> SourceChoice:
        return choose_source(
            good,
            self.markets,
            self.chart,
            near=near,
            avoid=self.avoid.get(good, ()),
            ceiling_ratio=self.ceiling_ratio,
        )

    def _buy(self, good: Good, why: str, choice: SourceChoice) -> _Plan:
        return _Plan(good, Acquisition.BUY, f"{why}: {choice.reason}", choice.waypoint, choice.listing)

    def _site(self, good: Good, near: str | None) -> FactoryChoice:
        avoid = self.avoid.get(good, ())
        troubled = self.troubled.get(good, ())
        choice = self._sited(good, near, {*avoid, *troubled})
        if choice.waypoint is None and troubled:
            return self._sited(good, near, avoid)  # a place in trouble is better than none
        return choice

    def _sited(self, good: Good, near: str | None, avoid: Collection[str]) -> FactoryChoice:
        return choose_factory_waypoint(
            good,
            self.recipes,
            self.markets,
            self.chart,
            near=near,
            avoid=avoid,
            keep=self.keep.get(good),
        )


def _node(good: Good, plan: _Plan, children: tuple[SupplyChainNode, ...]) -> SupplyChainNode:
    return SupplyChainNode(
        good=good,
        acquisition=plan.acquisition,
        reason=plan.reason,
        source=plan.source,
        factory_waypoint=plan.source if plan.acquisition is Acquisition.FABRICATE else None,
        supply=plan.listing.supply if plan.listing else None,
        activity=plan.listing.activity if plan.listing else None,
        children=children,
    )


def _obtainable(markets: Sequence[MarketSnapshot]) -> frozenset[Good]:
    """Goods that some market gives away at all; whether it has any now is another question."""
    return frozenset(good for market in markets for good in market.exports | market.exchange)


def _factory_waypoints(tree: SupplyChainNode | None) -> dict[Good, str]:
    if tree is None:
        return {}
    return {node.good: node.factory_waypoint for node in tree.flatten() if node.factory_waypoint}


def _acquisitions(tree: SupplyChainNode | None) -> dict[Good, Acquisition]:
    return {} if tree is None else {node.good: node.acquisition for node in tree.flatten()}


def _cannot_ever(target: Good, markets: Sequence[MarketSnapshot]) -> str:
    sentence = sentence_of(no_market(markets, f"exports or exchanges {target}"))
    sentence += ", so it can be neither bought nor made here"
    if takers := sorted(market.waypoint for market in markets if target in market.imports):
        sentence += f"; it is only imported, at {in_words(takers)}"
    return f"{sentence}."
