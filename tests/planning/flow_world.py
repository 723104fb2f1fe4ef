"""A small system in which a factory is decided about on paper: no store, no ships that move by themselves."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from tests.wishes import fabricating

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Hibernation
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.domain.supply_chain import Acquisition, NodeProgress, SupplyChainNode
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.dispatch.matching import match_lots
from goodsfactory.planning.flow import going, settled, told, wishes
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.needs import Going, Needs, needs
from goodsfactory.planning.requirements.traffic import Traffic
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, FleetView

SYSTEM = "X1-W"
START = datetime(2030, 1, 1, tzinfo=UTC)
POLICY = Policy()

TARGET, LEFT, RIGHT = "ADVANCED_CIRCUITRY", "ELECTRONICS", "MICROPROCESSORS"
SAND, WIRE, ORE = "SILICON_CRYSTALS", "COPPER", "COPPER_ORE"

SITES = {TARGET: "X1-W-A", LEFT: "X1-W-E", RIGHT: "X1-W-M", WIRE: "X1-W-C"}
SHOPS = {SAND: "X1-W-S", ORE: "X1-W-O"}
SINK = "X1-W-Z"

_MIDDLE = {
    Supply.SCARCE: -6,
    Supply.LIMITED: -3,
    Supply.MODERATE: 0,
    Supply.HIGH: 3,
    Supply.ABUNDANT: 6,
}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def listing(
    good: str, type: TradeType = TradeType.EXPORT, supply: Supply = Supply.MODERATE, volume: int = 20
) -> Listing:
    """A listing whose prices the price law gives for the middle of its label."""
    quote = Quote(type, BASE_PRICES.get(good, 1000), 8, _MIDDLE[supply] * volume, volume)
    activity = None if type is TradeType.EXCHANGE else Activity.WEAK
    return Listing(good, type, volume, supply, activity, quote.ask, quote.bid)


def market(waypoint: str, *listings: Listing, seen: datetime | None = START) -> MarketSnapshot:
    """What was seen of a market; with ``seen`` None only its lists are known."""

    def of(type: TradeType) -> frozenset[str]:
        return frozenset(one.good for one in listings if one.type is type)

    return MarketSnapshot(
        waypoint,
        exports=of(TradeType.EXPORT),
        imports=of(TradeType.IMPORT),
        exchange=of(TradeType.EXCHANGE),
        listings=listings if seen else (),
        observed_at=seen,
    )


def charted(fuel: Collection[str] = (), /, **spots: int | tuple[int, int]) -> Chart:
    """Places on a line (one number) or on the plane (two); at some of them ``fuel`` is sold."""
    points = {name: (spot, 0) if isinstance(spot, int) else spot for name, spot in spots.items()}
    places = {name: Waypoint(name, SYSTEM, "PLANET", x, y) for name, (x, y) in points.items()}
    return Chart(places, frozenset(fuel))


def ship(name: str, at: str = "X1-W-O", *, hold: int = 40, cargo: dict[str, int] | None = None) -> Ship:
    """A docked ship; a probe where ``hold`` is 0."""
    return Ship(
        symbol=name,
        role="HAULER" if hold else "SATELLITE",
        nav=Nav(SYSTEM if at.startswith("X1-W") else "X1-V", at, NavStatus.DOCKED),
        tank=Tank(300, 300 if hold else 0),
        hold=Hold(hold, MappingProxyType(cargo or {})),
        speed=30,
        observed_at=START,
    )


def buy(good: str) -> SupplyChainNode:
    return SupplyChainNode(good, Acquisition.BUY, "bought", SHOPS.get(good))


def make(good: str, *inputs: SupplyChainNode) -> SupplyChainNode:
    site = SITES.get(good, f"X1-W-{good}")
    return SupplyChainNode(good, Acquisition.FABRICATE, "made", site, site, children=inputs)


def diamond() -> SupplyChainNode:
    """Six goods; two of them are inputs of both halves."""
    wire = make(WIRE, buy(ORE))
    return make(TARGET, make(LEFT, buy(SAND), wire), make(RIGHT, buy(SAND), wire))


def claim(ship_symbol: str) -> Claim:
    return Claim(ship_symbol, 1, "worker-1", "goods_factory_worker", 1, START)


def decide(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision:
    """What is decided about an order that is the only one."""
    return decide_all([snapshot], now, policy)[snapshot.factory.id]


def decide_all(
    snapshots: Sequence[FactorySnapshot], now: datetime, policy: Policy
) -> dict[str, FactoryDecision]:
    """What is decided about each of these orders, planned in one pass."""
    found = {one.factory.id: settled(one, now, policy) for one in snapshots}
    at_work = [going(one, now, policy) for one in snapshots if found[one.factory.id] is None]
    wanted = wishes(at_work, traffic_of(snapshots, now), now, policy)
    told_of = {one.id: told(one.snapshot, wanted[one.id], now, policy) for one in at_work}
    return {name: decision or told_of[name] for name, decision in found.items()}


def traffic_of(snapshots: Iterable[FactorySnapshot], now: datetime) -> Traffic:
    """What flies for these orders."""
    return Traffic.of([leg for one in snapshots for leg in one.legs if leg.state.is_open], now)


@dataclass
class World:
    """What the planner would read of one order: change it, decide, apply the decision, decide again."""

    tree: SupplyChainNode = field(default_factory=diamond)
    request: FactoryRequest = field(default_factory=FactoryRequest)
    policy: Policy = POLICY
    now: datetime = START
    legs: list[Leg] = field(default_factory=list)
    markets: dict[str, MarketSnapshot] = field(default_factory=dict)
    ships: dict[str, Ship] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    progress: dict[str, NodeProgress] = field(default_factory=dict)
    paused_at: datetime | None = None
    hibernation: Hibernation | None = None
    name: str = "F"
    beside: list["World"] = field(default_factory=list)
    """other orders of the agent, planned in the same pass"""
    waiting: dict[tuple[str, Good, Good | None], list[datetime]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def chart(self) -> Chart:
        return charted(**{name: 20 * number for number, name in enumerate(sorted(self.markets))})

    def another(self, name: str, tree: SupplyChainNode | None = None, **facts: Any) -> "World":
        """Another order of the agent, with the same markets and ships; this one is planned beside it."""
        same = {"markets": self.markets, "ships": self.ships, "claims": self.claims, "kept": self.kept}
        other = World(
            tree or self.tree, now=self.now, name=name, **{"request": self.request, **same, **facts}
        )
        self.beside.append(other)
        return other

    def show(self, *shown: MarketSnapshot) -> "World":
        self.markets |= {one.waypoint: one for one in shown}
        return self

    def fleet(self, *ships: Ship) -> "World":
        self.ships = {one.symbol: one for one in ships}
        return self

    def supply(self, waypoint: str, good: str, supply: Supply, *, seen: datetime | None = None) -> None:
        """Another label at a market, seen now."""
        old = self.markets[waypoint]
        fresh = [
            listing(one.good, one.type, supply if one.good == good else one.supply, one.trade_volume)
            for one in old.listings
        ]
        self.markets[waypoint] = replace(old, listings=tuple(fresh), observed_at=seen or self.now)

    def look(self, *waypoints: str) -> None:
        """See markets again as they were."""
        for waypoint in waypoints or tuple(self.markets):
            self.markets[waypoint] = replace(self.markets[waypoint], observed_at=self.now)

    def leg(self, good: str, output: str, state: LegState = LegState.DONE, **facts: Any) -> Leg:
        """Write a leg down: by default one that delivered a hold full at this instant.

        ``at`` is when all that happened to it did; the output of a lift is the good itself.
        """
        lift = good == output
        at, units = facts.pop("at", self.now), facts.pop("units", 40)
        node = next(one for one in self.tree.flatten() if one.good == output)
        number = next(self.numbers)
        fields: dict[str, Any] = {
            "source": SITES.get(good) or SHOPS.get(good) or f"X1-W-{good}",
            "destination": None if lift else node.factory_waypoint,
            "ship": f"S{number}",
            "bought": 40 if state in (LegState.DONE, LegState.LADEN) else 0,
            "delivered": 40 if state is LegState.DONE and not lift else 0,
            "failure": "it broke" if state is LegState.FAILED else None,
            **facts,
        }
        leg = Leg(
            id=f"{self.name} L{number}",
            player_id=1,
            good=good,
            hand_over=HandOver.KEEP if fields["destination"] is None else HandOver.SELL,
            feeds=None if lift else output,
            pegs=(Peg(self.name, units),),
            assigned_at=at if fields["ship"] else None,
            laden_at=at if state in (LegState.LADEN, LegState.DONE) else None,
            ended_at=None if state.is_open else at,
            traded_at=at if fields["bought"] or fields["delivered"] else None,
            value=1000,
            reason="by hand",
            created_at=self.now,
            state=state,
            **fields,
        )
        self.legs.append(leg)
        return leg

    def feed(self, *outputs: str) -> None:
        """Deliver a first load of every input of these goods."""
        for node in self.tree.flatten():
            for child in node.children:
                if node.good in outputs:
                    self.leg(child.good, node.good)

    def put(self, leg: Leg) -> Leg:
        """Replace a leg by what became of it."""
        place = next(at for at, one in enumerate(self.legs) if one.id == leg.id)
        self.legs[place] = leg
        return leg

    def snapshot(self) -> FactorySnapshot:
        factory = GoodsFactory(
            self.name,
            1,
            self.tree.good,
            SYSTEM,
            START,
            START,
            tree=self.tree,
            request=self.request,
            paused_at=self.paused_at,
            hibernation=self.hibernation,
        )
        fleet = FleetView(list(self.ships.values()), self.claims, self.request, SYSTEM, self.kept)
        return FactorySnapshot(
            factory,
            self.tree,
            self.progress,
            list(self.legs),
            self.markets,
            self.chart,
            fleet,
            waiting=self.waiting,
        )

    def going(self) -> Going:
        """The order, with where each good can be had."""
        return going(self.snapshot(), self.now, self.policy)

    def needs(self) -> Needs:
        """What it needs, beside the others."""
        orders = [going(one, self.now, self.policy) for one in self.snapshots()]
        return needs(orders, traffic_of(self.snapshots(), self.now))

    def snapshots(self) -> list[FactorySnapshot]:
        """Of this order, and of the others at the same instant."""
        for other in self.beside:
            other.now = self.now
        return [self.snapshot(), *(other.snapshot() for other in self.beside)]

    def decide(self) -> FactoryDecision:
        """What is decided about it, beside the others."""
        return self.decide_all()[self.name]

    def decide_all(self) -> dict[str, FactoryDecision]:
        """What is decided about it and each of the others, by name."""
        return decide_all(self.snapshots(), self.now, self.policy)

    def apply(self, decision: FactoryDecision) -> None:
        """Write down what the planner does of a decision; of a lot that has no ship it knows since when."""
        for leg in decision.withdrawn:
            self.put(leg)
        self.progress |= {node.good: node for node in decision.nodes}
        self.waiting = {}
        for lot in sorted(decision.lots, key=lambda lot: lot.since):
            self.waiting.setdefault((lot.order_id, lot.good, lot.feeds), []).append(lot.since)

    def fly(self, lot: Lot, ship: str | None = None) -> Leg:
        """Give a lot to a ship, which is busy then; by default to one that nobody else knows of."""
        number = next(self.numbers)
        name = ship or f"S{number}"
        if ship is not None:
            self.claims[ship] = claim(ship)
        leg = lot.flown(1, f"{self.name} L{number}", name, f"worker of {name}", self.now)
        self.legs.append(leg)
        return leg

    def assign(self, lots: Sequence[Lot]) -> list[Leg]:
        """Match the free ships to lots, as the planner does, and let them fly."""
        requests, ships = {self.name: self.request}, list(self.ships.values())
        found = match_lots(lots, ships, requests, self.chart, self.now, claims=self.claims)
        return [self.fly(match.lot, match.ship.symbol) for match in found]

    def step(self, seconds: float = 0) -> FactoryDecision:
        """Let time pass, decide and apply."""
        self.now += timedelta(seconds=seconds)
        decision = self.decide()
        self.apply(decision)
        return decision

    def open_legs(self, good: str, output: str) -> list[Leg]:
        return [leg for leg in self.legs if edge_of(leg) == (good, output) and leg.state.is_open]


def circuitry(
    request: FactoryRequest | None = None, *, ships: int = 3, seen: datetime | None = START
) -> World:
    """The diamond before anything happened: shops sell, factories are drained and starved."""
    world = World(request=request or fabricating())
    low, empty = Supply.LIMITED, Supply.SCARCE
    taken = TradeType.IMPORT
    world.show(
        market(SHOPS[SAND], listing(SAND, supply=Supply.HIGH, volume=60), seen=seen),
        market(SHOPS[ORE], listing(ORE, supply=Supply.HIGH, volume=60), seen=seen),
        market(SITES[WIRE], listing(WIRE, supply=low, volume=60), listing(ORE, taken, empty, 60), seen=seen),
        market(
            SITES[LEFT],
            listing(LEFT, supply=low),
            listing(SAND, taken, empty, 60),
            listing(WIRE, taken, empty, 60),
            seen=seen,
        ),
        market(
            SITES[RIGHT],
            listing(RIGHT, supply=low),
            listing(SAND, taken, empty, 60),
            listing(WIRE, taken, empty, 60),
            seen=seen,
        ),
        market(
            SITES[TARGET],
            listing(TARGET, supply=low),
            listing(LEFT, taken, empty),
            listing(RIGHT, taken, empty),
            seen=seen,
        ),
        market(SINK, listing(TARGET, taken), seen=seen),
    )
    return world.fleet(*(ship(f"S{number}") for number in range(1, ships + 1)))


def edges(lots: Iterable[Lot]) -> list[tuple[str, str]]:
    return [edge_of(lot) for lot in lots]


def edge_of(one: Leg | Lot) -> tuple[str, str]:
    """What is carried, and for what; a lift is (good, good)."""
    return one.good, one.feeds or one.good


def node(decision: FactoryDecision, good: str) -> NodeProgress:
    return next(one for one in decision.nodes if one.good == good)
