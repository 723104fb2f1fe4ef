"""What the chains of all orders still need, in units: gross and net requirements, added up at each market.

From the targets down, each good has so many units still to be loaded at a market, by all orders together.
What the market cannot give from stock must be made there, and takes about one unit of each input for a unit
made (economy.md §6.3). Whoever uses a good is reckoned before the market that makes it; where chains would
use each other in a ring, one of them sees what the other takes in the next plan.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.market import Listing
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.stock import Spot, loadable, net_supply, spare
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.traffic import Traffic, under_way, unladen
from goodsfactory.planning.snapshot import Edge, FactorySnapshot

GROWS_FROM = 3
"""Steps of work from which a market is fed so that it grows: it makes more at a time before all is done."""

FULL = 3.0
"""Trade volumes above balance that an input is filled to where it is kept HIGH: one a step is used."""

USUAL_VOLUME = 20
"""Trade volume of most finished goods at first (economy.md §5.2), where none was seen."""


@dataclass(frozen=True)
class Going:
    """An order that goes on: what is known of it, and where each good of its chain can be had (``ready``).

    With ``stranded`` no ship flies for it, and nothing is kept for it.
    """

    snapshot: FactorySnapshot
    ready: Mapping[Good, Availability] = field(default_factory=dict)
    stranded: bool = False

    @cached_property
    def id(self) -> str:
        """The order's."""
        return self.snapshot.factory.id

    @property
    def priority(self) -> float:
        """The order's."""
        return self.snapshot.factory.request.priority

    @cached_property
    def hold(self) -> int:
        """Units of a load: the biggest hold that may fly for it."""
        return hold_of(self.snapshot)

    @property
    def root(self) -> Good:
        """Its target."""
        return self.snapshot.tree.good

    @property
    def ends(self) -> bool:
        """Whether it comes to an end by what ships bring."""
        return not self.snapshot.factory.request.continuous and not self.stranded

    @property
    def has_an_end(self) -> bool:
        """Whether that is a number of units."""
        return self.ends and self.snapshot.factory.request.total is not None

    def spot_of(self, node: SupplyChainNode) -> Spot | None:
        """Where the good of a node is loaded: where it is made, or else where it would be bought now."""
        found = self.ready.get(node.good)
        place = node.factory_waypoint or (found and found.waypoint) or node.source
        return None if place is None else (place, node.good)


@dataclass(frozen=True)
class Part:
    """A good that is made at a market, for the chains of these ``users``; ``inputs`` are by good, with the
    node of each user's chain."""

    place: str
    good: Good
    users: Sequence[Going]
    inputs: Mapping[Good, Sequence[tuple[Going, SupplyChainNode]]]

    @property
    def spot(self) -> Spot:
        """The good at the market that makes it."""
        return self.place, self.good


@dataclass(frozen=True)
class Needs:
    """Units still to be loaded at each spot, by order; to be delivered along the edges of each order beyond
    what flies; and to be made at each spot for all.

    ``steps`` tells how many steps of production the inputs of a spot hold up; ``growing`` are those that have
    work for hours, and whose inputs are kept HIGH; ``lacking`` are orders that lack inputs, whoever brings
    them, whatever grows.
    """

    parts: Sequence[Part]
    to_load: Mapping[Spot, Mapping[str, int]]
    to_deliver: Mapping[tuple[str, Edge], int]
    to_make: Mapping[Spot, int]
    steps: Mapping[Spot, float]
    growing: Collection[Spot]
    lacking: Collection[str]

    @cached_property
    def urgent(self) -> Mapping[Spot, float]:
        """The steps that the inputs of a spot hold up, times the highest priority of its users."""
        users = {part.spot: max(one.priority for one in part.users) for part in self.parts}
        return {spot: steps * users[spot] for spot, steps in self.steps.items()}

    @cached_property
    def longest(self) -> float:
        """The steps until the last of all the work is done that has an end."""
        ending = (part.spot for part in self.parts if any(one.ends for one in part.users))
        return max((self.steps[spot] for spot in ending), default=1.0)

    def slack(self, spot: Spot | None) -> float:
        """Steps by which the work at a spot may end later, and all be done as soon."""
        return max(0.0, self.longest - (self.steps.get(spot, 1.0) if spot else 1.0))

    def of_others(self, spot: Spot, order_id: str) -> int:
        """Units that orders but this one have yet to load at a spot."""
        return sum(units for name, units in self.to_load.get(spot, {}).items() if name != order_id)


def needs(orders: Sequence[Going], traffic: Traffic) -> Needs:
    """The needs of the chains of ``orders``: those that come first are served first where it counts."""
    parts = list(in_order(orders))
    to_load: dict[Spot, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    to_deliver: dict[tuple[str, Edge], int] = {}
    to_make: dict[Spot, int] = {}
    steps: dict[Spot, float] = {}
    growing, lacking = set[Spot](), set[str]()
    above: dict[Spot, float] = defaultdict(float)
    for one in orders:
        snapshot = one.snapshot
        if spot := one.spot_of(snapshot.tree):
            lifts = _loads_at(spot, snapshot.legs_for(one.root))
            to_load[spot][one.id] += max(0, snapshot.still_wanted - _for_sale(snapshot)) + lifts
    for part in parts:
        by_order, markets = to_load[part.spot], part.users[0].snapshot
        own = markets.listing(part.place, part.good)
        volume = USUAL_VOLUME if own is None else max(1, own.trade_volume)
        for_all = to_make[part.spot] = _to_make(sum(by_order.values()), own)
        steps[part.spot] = max(1 + for_all / volume, above[part.spot])
        # For the last step the inputs need only be above the edge: it is made of what lies there.
        step = 0 if own is None else own.trade_volume
        work = sum(by_order[one.id] for one in part.users if one.has_an_end)
        if _to_make(work, own) >= GROWS_FROM * volume:
            growing.add(part.spot)
        for item, uses in part.inputs.items():
            edge, there = (item, part.good), markets.listing(part.place, item)
            lasts = 0 if there is None else spare(there)
            brings = traffic.brings(part.place, item)
            left = short = max(0, for_all - step) - lasts - brings
            grow = 0
            if there is not None and part.spot in growing:
                grow = min(2 * for_all, round(FULL * there.trade_volume) - net_supply(there)) - brings
            for one, child in uses:
                snapshot = one.snapshot
                to_make_here = min(by_order[one.id], for_all)
                legs = snapshot.legs_of(*edge)
                share = max(0, to_make_here - step) + max(0, -lasts) - under_way(legs)
                missing = max(0, min(share, left)) if to_make_here else 0
                if by_order[one.id] and snapshot.still_to_feed(*edge):
                    missing = max(missing, _first(one, child, there, by_order[one.id]) - under_way(legs))
                if missing or (to_make_here and min(share, short) > 0):
                    lacking.add(one.id)
                if to_make_here and one.has_an_end:
                    missing = max(missing, grow)
                left, grow = left - missing, grow - missing
                to_deliver[one.id, edge] = missing
                if (spot := one.spot_of(child)) is None:
                    continue
                to_load[spot][one.id] += missing + _loads_at(spot, legs)
                if child.children:
                    start = _start(there, snapshot.listing(spot[0], item))
                    above[spot] = max(above[spot], steps[part.spot] + 1 + start)
    return Needs(parts, to_load, to_deliver, to_make, steps, growing, lacking)


def in_order(orders: Sequence[Going]) -> Iterator[Part]:
    """What is made, each before the inputs that are made for it."""
    users: dict[Spot, list[tuple[Going, SupplyChainNode]]] = defaultdict(list)
    for one in orders:
        for node in one.snapshot.tree.flatten():
            if node.children and node.factory_waypoint:
                users[node.factory_waypoint, node.good].append((one, node))
    done: dict[Spot, Part] = {}
    seen: set[Spot] = set()

    def visit(spot: Spot) -> None:
        if spot in seen:
            return
        seen.add(spot)
        inputs: dict[Good, list[tuple[Going, SupplyChainNode]]] = {}
        for one, node in users[spot]:
            for child in node.children:
                inputs.setdefault(child.good, []).append((one, child))
                if child.factory_waypoint:
                    visit((child.factory_waypoint, child.good))
        done[spot] = Part(*spot, [one for one, _ in users[spot]], inputs)

    for spot in list(users):
        visit(spot)
    return reversed(list(done.values()))


def _loads_at(spot: Spot, legs: Sequence[Leg]) -> int:
    """Units that legs have yet to load there; one that takes up what a ship has aboard loads nowhere."""
    return unladen(leg for leg in legs if leg.source == spot[0])


def _for_sale(snapshot: FactorySnapshot) -> int:
    """Units of a target to be sold that ships have aboard already: they need not be made."""
    if snapshot.factory.request.terminal is not Terminal.SELL:
        return 0
    return sum(ship.hold.of(snapshot.tree.good) for ship in snapshot.fleet.adrift(snapshot.tree.good))


def _to_make(to_load: int, own: Listing | None) -> int:
    """Units to be made before so many can be loaded: a lift begins at MODERATE and ends at SCARCE."""
    if own is None or to_load == 0:
        return to_load
    return max(0, to_load - loadable(own), -spare(own))


def _first(one: Going, child: SupplyChainNode, there: Listing | None, wanted: int) -> int:
    """Made, not only bought: a tranche of each input will do, more would only be paid less for."""
    return min(one.hold, volume_of(one.snapshot, child, there, one.hold), max(1, wanted))


def volume_of(snapshot: FactorySnapshot, child: SupplyChainNode, there: Listing | None, unseen: int) -> int:
    """The trade volume of an input where it is used; while that was not seen, the one at its source."""
    seen = there or snapshot.listing(child.source or child.factory_waypoint, child.good)
    return unseen if seen is None else seen.trade_volume


def _start(there: Listing | None, own: Listing | None) -> float:
    """Steps of an input until so much of it is made that its use can begin."""
    if there is None or own is None:
        return 0.0
    return max(0, -spare(there) - loadable(own)) / max(1, own.trade_volume)


def hold_of(snapshot: FactorySnapshot) -> int:
    """Units of a load: the biggest hold that may fly for the order."""
    return max(1, snapshot.fleet.largest_hold)
