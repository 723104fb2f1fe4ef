"""Why a node of a factory is where it is: what it waits for, what was weighed, tried and refused.

Nothing is worded anew here: states and reasons are those that the planner wrote down, verdicts those of
the choices it makes, obstacles those of eligibility.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good, near_matches
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.decision import Candidate, in_words
from goodsfactory.planning.dispatch.eligibility import Eligibility, explain_ship
from goodsfactory.planning.dispatch.setbacks import back_off, setback_of, troubled_sites
from goodsfactory.planning.market.siting import choose_factory_waypoint
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import source_of
from goodsfactory.planning.snapshot import FactorySnapshot

CHOSEN = "chosen"
"""The verdict on the market that the supply chain of the factory names."""

BEST_NOW = "better now, not chosen"
"""The verdict on a market that would be chosen if the factory began now."""


@dataclass(frozen=True)
class Retry:
    """An edge failed ``failures`` times in a row and is tried again at ``at``."""

    output: Good
    failures: int
    at: datetime


@dataclass(frozen=True)
class NodeExplanation:
    """One node and everything that speaks for and against it.

    ``sources`` are the markets that could sell the good and ``sites`` those that could make it, the chosen
    one first, each with its verdict; ``tried`` are legs that were flown and did not go well, newest first;
    ``ships`` says of each ship of the player whether it could carry the good now, ``stock`` what of it lies
    aboard and whether that is taken. ``sources``, ``sites``,
    ``retries`` and ``ships`` are empty once the factory is over: they tell of now, and now decides nothing.
    """

    progress: NodeProgress
    node: SupplyChainNode
    sources: tuple[Candidate, ...] = ()
    sites: tuple[Candidate, ...] = ()
    tried: tuple[Leg, ...] = ()
    tried_before: int = 0
    """legs that did not go well before ``tried``"""
    retries: tuple[Retry, ...] = ()
    ships: Mapping[str, Eligibility] = field(default_factory=lambda: MappingProxyType({}))
    stock: tuple[str, ...] = ()


def chosen_nodes(factory: GoodsFactory, good: str | None) -> list[SupplyChainNode]:
    """The nodes to explain, outputs before their inputs: all of them, or the one of ``good``.

    Raises UserError, naming the nodes there are, where the factory has none of that good, or none at all yet.
    """
    if factory.tree is None:
        raise UserError(f"Factory {factory.id} has no supply chain yet.", kind="precondition")
    nodes = list(reversed(factory.tree.flatten()))
    if good is None:
        return nodes
    names = [node.good for node in nodes]
    matches = near_matches(good, names)
    wanted = good.strip().upper().replace(" ", "_").replace("-", "_")
    if wanted not in names:
        hint = f" Did you mean {' or '.join(matches)}?" if matches else ""
        raise UserError(
            f"Factory {factory.id} has no node {wanted}; it has {in_words(names)}.{hint}", kind="not-found"
        )
    return [node for node in nodes if node.good == wanted]


def explain_node(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    recipes: RecipeMap | None,
    now: datetime,
    policy: Policy,
) -> NodeExplanation:
    """Put together what is known of a node; ``recipes`` None leaves out where it could be made."""
    factory = snapshot.factory
    progress = snapshot.progress.get(node.good) or NodeProgress(
        factory.id, node.good, NodeState.WAITING_SOURCE, node.reason, factory.created_at
    )
    tried = tuple(leg for leg in reversed(snapshot.legs_for(node.good)) if _went_wrong(leg))
    before = sum(one.troubled for one in snapshot.totals_for(node.good))
    if factory.status.is_over:
        return NodeExplanation(progress, node, tried=tried, tried_before=before)
    source = source_of(snapshot, node.good, now, policy)
    return NodeExplanation(
        progress,
        node,
        source.considered,
        _sites(snapshot, node, recipes, now, policy),
        tried,
        before,
        tuple(_retries(snapshot, node.good, now, policy)),
        _ships(snapshot, node.good, now),
        tuple(_stock(snapshot, node.good)),
    )


def _sites(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    recipes: RecipeMap | None,
    now: datetime,
    policy: Policy,
) -> tuple[Candidate, ...]:
    """Where the good could be made; chosen is what the tree says, whatever would be chosen now."""
    if recipes is None or recipes.is_raw(node.good):
        return ()
    near = next(
        (out.factory_waypoint for child, out in snapshot.tree.edges() if child.good == node.good), None
    )
    weighed = choose_factory_waypoint(
        node.good,
        recipes,
        list(snapshot.markets.values()),
        snapshot.chart,
        near=near,
        avoid=troubled_sites(snapshot.legs, now, policy, snapshot.totals).get(node.good, ()),
        keep=node.factory_waypoint,
    )
    made_at = node.factory_waypoint
    if made_at in (None, weighed.waypoint) or all(one.waypoint != made_at for one in weighed.considered):
        return weighed.considered
    told = [
        replace(one, verdict=CHOSEN if one.waypoint == made_at else BEST_NOW)
        if one.waypoint in (made_at, weighed.waypoint)
        else one
        for one in weighed.considered
    ]
    return tuple(sorted(told, key=lambda one: one.waypoint != made_at))


def _went_wrong(leg: Leg) -> bool:
    """Failed, given up with a ship on it, or held up now; one that was withdrawn unflown was never tried."""
    if leg.state is LegState.FAILED or (leg.state.is_open and leg.failure is not None):
        return True
    return leg.state is LegState.CANCELLED and leg.ship is not None


def _retries(snapshot: FactorySnapshot, good: Good, now: datetime, policy: Policy) -> list[Retry]:
    found = []
    for carried, output in snapshot.legs_by_edge:
        setback = setback_of(snapshot, carried, output) if carried == good else None
        again = back_off(setback, now, policy)
        if setback is not None and again is not None and again > now:
            found.append(Retry(output or good, setback.failures, again))
    return found


def _stock(snapshot: FactorySnapshot, good: Good) -> Iterator[str]:
    fleet = snapshot.fleet
    taken = () if snapshot.factory.leaves_aboard(good) else [ship.symbol for ship in fleet.adrift(good)]
    for row in (row for row in fleet.stock if row.good == good):
        whose = f"stock of factory {row.factory_id} that cost {row.cost:,}"
        whose += ": it goes before what is bought" if row.ship in taken else ", not to be taken now"
        dear = fleet.dear.get(row.ship)
        yield f"{row.units} aboard {row.ship}, {dear.whose if dear else whose}"


def _ships(snapshot: FactorySnapshot, good: Good, now: datetime) -> dict[str, Eligibility]:
    fleet = snapshot.fleet
    return {
        ship.symbol: explain_ship(
            ship,
            claim=fleet.claims.get(ship.symbol),
            request=fleet.request,
            system=fleet.system,
            now=now,
            good=good,
            stays=snapshot.factory.leaves_aboard(good),
            keeps=fleet.keeps(ship.symbol),
            rest=fleet.resting.get(ship.symbol),
        )
        for ship in fleet.ships
    }
