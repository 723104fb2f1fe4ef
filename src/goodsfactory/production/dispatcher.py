"""The dispatcher of one agent: the only one that gives ships to work.

It matches the ready legs of all factories with free ships, sends scouts to markets somebody must know, and
ships without work to where the next load is about to be made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Refused, Unavailable
from goodsfactory.domain.events import ONLY_TOLD, Event, EventKind
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockRow
from goodsfactory.domain.supply_chain import NodeProgress
from goodsfactory.fleet.roll_call import RollCall
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.leftovers import Clearance, clear_leftovers
from goodsfactory.planning.lookout import plan_looks
from goodsfactory.planning.matching import Match, match_legs
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.positioning import plan_positions
from goodsfactory.planning.resting import Rest
from goodsfactory.planning.scouting import ScoutVoyage
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.kept_cargo import kept_cargo
from goodsfactory.production.pulse import Pulse
from goodsfactory.production.quarantine import resting_ships
from goodsfactory.production.stockroom import take_stock
from goodsfactory.production.watch import watched_markets

_NO_WORK = ONLY_TOLD | {EventKind.LEG_ASSIGNED, EventKind.SCOUT_SENT, EventKind.SHIP_POSITIONED}
"""Events after which there is nothing else to give out: its own doing, and what it brings about at once. A
node, though, may want somebody to look at a market."""


@dataclass(frozen=True)
class _Scene:
    """What one pass of the dispatcher sees."""

    factories: Sequence[GoodsFactory]
    legs: Sequence[Leg]
    ships: Sequence[Ship]
    claims: dict[str, Claim]
    kept: dict[str, str]
    resting: dict[str, Rest]
    chart: Chart
    markets: dict[str, MarketSnapshot]
    nodes: Sequence[NodeProgress]
    scouted: frozenset[str]
    approached: tuple[str, ...]
    """where cargo ships are on their way to look or to wait"""
    watched: frozenset[str]
    standing: frozenset[str]
    stock: Sequence[StockRow]


class Dispatcher:
    """Runs `dispatcher` containers: one for each player, without end."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        engine: Engine,
        roll_call: RollCall,
        new_id: Callable[[], str],
    ) -> None:
        self._roll_call = roll_call
        self._store = store
        self._clock = clock
        self._policy = policy
        self._engine = engine
        self._new_id = new_id

    async def run(self, container: Container) -> str:
        """Match and scout until stopped, and call the roll now and then."""
        pulse = Pulse(self._store, self._clock, container)
        interval, called_at = self._policy.roll_call_interval, self._clock.now()
        while True:
            changed = self._store.changed(container.player_id, unless=_NO_WORK)
            if has_passed(called_at, interval, self._clock.now()):
                await self._call_roll(container)
                called_at = self._clock.now()
            effect, pause = await self.dispatch(container.player_id)
            await pulse.beat(effect)
            since_roll = (self._clock.now() - called_at).total_seconds()
            await self._clock.wait(changed, min(pause, interval - max(0.0, since_roll)))
            await self._clock.sleep(self._policy.settle_interval)

    async def _call_roll(self, container: Container) -> None:
        """A fleet that cannot be read now is read next time; work goes on with the ships known."""
        try:
            await self._roll_call.call()
        except (Unavailable, Refused) as trouble:
            line = ContainerLog(container.id, self._clock.now(), "WARNING", str(trouble))
            await self._store.transact(lambda tx: tx.containers.log(line))

    async def dispatch(self, player_id: int) -> tuple[str | None, float]:
        """One pass; returns what it did, None where there was nothing to do.

        With it goes for how many seconds the next may wait if nothing changes: without a factory, a leg or
        goods aboard nothing falls due by itself.
        """
        now = self._clock.now()
        scene = await self._store.transact(lambda tx: _observe(tx, player_id, now))
        requests = {factory.id: factory.request for factory in scene.factories}
        matches = match_legs(
            scene.legs,
            scene.ships,
            requests,
            scene.chart,
            now,
            claims=scene.claims,
            kept=scene.kept,
            resting=scene.resting,
        )
        started = [await self._assign(match, player_id) for match in matches]
        taken = {match.ship.symbol for match in matches} | set(scene.claims)
        idle = [ship for ship in scene.ships if ship.symbol not in taken]
        cleared = clear_leftovers(
            scene.stock, idle, scene.factories, scene.markets, scene.chart, now, self._policy
        )
        started += [
            await self._assign(self._clearing(one, player_id), player_id, fresh=True) for one in cleared
        ]
        taken |= {one.ship.symbol for one in cleared}
        idle = [ship for ship in idle if ship.symbol not in taken]
        voyages = plan_looks(
            scene.nodes,
            scene.markets,
            scene.ships,
            idle,
            scene.chart,
            now,
            scouted=scene.scouted,
            watched=scene.watched,
            standing=scene.standing,
            requests=[factory.request for factory in scene.factories],
            resting=scene.resting,
        )
        sent = [await self._send(voyage, player_id, EventKind.SCOUT_SENT) for voyage in voyages]
        taken = {voyage.ship for voyage in voyages}
        positions = plan_positions(
            scene.factories,
            scene.nodes,
            scene.legs,
            scene.markets,
            [ship for ship in idle if ship.symbol not in taken],
            scene.chart,
            now,
            self._policy,
            approached=(*scene.approached, *_stops_of(voyages, idle)),
            kept=scene.kept,
            resting=scene.resting,
        )
        sent += [await self._send(voyage, player_id, EventKind.SHIP_POSITIONED) for voyage in positions]
        done = [*filter(None, started), *filter(None, sent)]
        at_work = scene.factories or scene.legs or scene.stock
        pause = self._policy.dispatcher_interval if at_work else self._policy.roll_call_interval
        return "; ".join(done) or None, pause

    def _clearing(self, clearance: Clearance, player_id: int) -> Match:
        """A leg of the factory that left it, for the very ship that has it aboard."""
        now, row, ship = self._clock.now(), clearance.row, clearance.ship
        leg = Leg(
            id=self._new_id(),
            player_id=player_id,
            good=row.good,
            source=ship.nav.waypoint,
            destination=clearance.waypoint,
            hand_over=HandOver.SELL,
            feeds=None,
            pegs=(Peg(row.factory_id, ship.hold.of(row.good)),),
            value=0,
            reason=clearance.reason,
            created_at=now,
            clears=True,
        )
        return Match(leg, ship, 0, clearance.reason)

    async def _assign(self, match: Match, player_id: int, *, fresh: bool = False) -> str | None:
        """Give a ship to a leg: claim, leg and container in one transaction, or not at all.

        A ``fresh`` leg is written down with it: it is this ship's, and no other may ever take it.
        """
        now = self._clock.now()
        worker = f"worker-{self._new_id()}"

        def work(tx: Transaction) -> Container | None:
            leg = match.leg if fresh else tx.legs.get(match.leg.id)
            if leg is None or leg.state is not LegState.READY:
                return None
            claim = Claim(match.ship.symbol, player_id, worker, ContainerType.WORKER.value, 0, now)
            if tx.claims.of_ship(match.ship.symbol) is not None or not tx.claims.claim(claim):
                return None
            flying = leg.assign(match.ship.symbol, worker, now)
            if fresh:
                tx.legs.add([flying])
            else:
                tx.legs.update(flying)
            ids = {"factory_id": leg.factory_id, "leg_id": leg.id, "ship": match.ship.symbol}
            container = Container(worker, ContainerType.WORKER, player_id, now, now, metadata=ids)
            tx.containers.add(container)
            tx.events.append(
                Event(
                    player_id,
                    EventKind.LEG_ASSIGNED,
                    now,
                    f"{match.ship.symbol} takes {leg.good} from {leg.source}: {match.reason}",
                    factory_id=leg.factory_id,
                    good=leg.good,
                    ship=match.ship.symbol,
                    container_id=worker,
                    data={"leg_id": leg.id, "output": leg.feeds or leg.good, "weight": match.weight},
                )
            )
            return container

        container = await self._store.transact(work)
        if container is None:
            return None
        await self._engine.start(container)
        return f"{match.ship.symbol} takes leg {match.leg.id}"

    async def _send(self, voyage: ScoutVoyage, player_id: int, kind: EventKind) -> str | None:
        now = self._clock.now()
        scout = f"scout-{self._new_id()}"

        def work(tx: Transaction) -> Container | None:
            claim = Claim(voyage.ship, player_id, scout, ContainerType.SCOUT.value, 0, now)
            if tx.claims.of_ship(voyage.ship) is not None or not tx.claims.claim(claim):
                return None
            stops: dict[str, object] = {"ship": voyage.ship, "waypoints": list(voyage.waypoints)}
            if voyage.factory_id is not None:
                stops["factory_id"] = voyage.factory_id
            container = Container(scout, ContainerType.SCOUT, player_id, now, now, metadata=stops)
            tx.containers.add(container)
            tx.events.append(
                Event(
                    player_id,
                    kind,
                    now,
                    voyage.reason,
                    factory_id=voyage.factory_id,
                    ship=voyage.ship,
                    container_id=scout,
                    data={"waypoints": list(voyage.waypoints)},
                )
            )
            return container

        container = await self._store.transact(work)
        if container is None:
            return None
        await self._engine.start(container)
        verb = "looks at" if voyage.factory_id is None else "goes to wait at"
        return f"{voyage.ship} {verb} {', '.join(voyage.waypoints)}"


def _stops_of(voyages: Iterable[ScoutVoyage], ships: Iterable[Ship]) -> list[str]:
    """Where these voyages bring cargo ships; a probe loads nothing there."""
    probes = {ship.symbol for ship in ships if ship.is_probe}
    return [stop for voyage in voyages if voyage.ship not in probes for stop in voyage.waypoints]


def _observe(tx: Transaction, player_id: int, now: datetime) -> _Scene:
    going = tx.factories.find(player_id=player_id, statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE))
    factories = [factory for factory in going if not factory.is_idle]
    paused = {factory.id for factory in going} - {factory.id for factory in factories}
    ships = tx.ships.of_player(player_id)
    systems = sorted({ship.nav.system for ship in ships} | {f.system_symbol for f in factories})
    scouts = tx.containers.find(
        player_id=player_id,
        statuses=(ContainerStatus.PENDING, ContainerStatus.RUNNING),
        types=(ContainerType.SCOUT, ContainerType.STANDING_SCOUT),
    )
    standing = [scout for scout in scouts if scout.type is ContainerType.STANDING_SCOUT]
    markets = {m.waypoint: m for system in systems for m in tx.markets.in_system(system)}
    places = [place for system in systems for place in tx.waypoints.in_system(system)]
    own = frozenset(str(scout.metadata["ship"]) for scout in standing)
    flown_to = {ship.nav.waypoint for ship in ships if ship.symbol in own and ship.in_transit(now)}
    stock = take_stock(tx, player_id, ships, now)
    probes = {ship.symbol for ship in ships if ship.is_probe}
    return _Scene(
        stock=stock,
        factories=factories,
        legs=[leg for leg in tx.legs.open_of_player(player_id) if leg.factory_id not in paused],
        ships=ships,
        kept=kept_cargo(tx, ships),
        resting=resting_ships(tx, player_id, now),
        claims={claim.ship: claim for claim in tx.claims.of_player(player_id)},
        chart=chart_of(places, markets.values()),
        markets=markets,
        nodes=[node for factory in factories for node in tx.factories.nodes(factory.id)],
        scouted=frozenset(str(stop) for scout in scouts for stop in scout.metadata.get("waypoints", ()))
        | flown_to,
        approached=tuple(
            str(stop)
            for scout in scouts
            if scout.type is ContainerType.SCOUT and scout.metadata["ship"] not in probes
            for stop in scout.metadata.get("waypoints", ())
        ),
        watched=frozenset().union(*(watched_markets(scout, list(markets)) for scout in standing)),
        standing=own,
    )
