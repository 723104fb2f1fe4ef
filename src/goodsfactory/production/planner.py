"""The planner of one agent: the only one that gives ships to work.

Each pass reads one situation, plans for all orders together, writes down what every node waits for, and gives
out what the plan says: a leg and a worker for every lot that gets a ship, scouts, and posts to wait at.
"""

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerType
from goodsfactory.domain.events import ONLY_TOLD, Event, EventKind
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.fleet.roll_call import RollCall
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.dispatch.matching import Match
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.plan import Plan, plan
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Ages, Lot
from goodsfactory.planning.situation import Situation
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.almanac import Almanac
from goodsfactory.production.beside import Beside
from goodsfactory.production.looks import Looks
from goodsfactory.production.observing import observe
from goodsfactory.production.pulse import Pulse
from goodsfactory.production.recording import check_epoch, record
from goodsfactory.treasury.stockroom import take_stock

_OWN_DOING = ONLY_TOLD | {
    EventKind.NODE_STATE,
    EventKind.TREE_RESOLVED,
    EventKind.PRODUCTION_SLOW,
    EventKind.SCOUT_SENT,
    EventKind.SHIP_POSITIONED,
}
"""Events that a pass brings about and that change no plan."""

_LOOKS_TAKE = 3.0
"""Game seconds that a pass waits for what it has begun to ask; what takes longer is seen by a later pass."""

Planning = Callable[[Situation, datetime, Policy, Chains], Plan]


class Planner:
    """Runs `planner` containers: one for each player, without end. ``planning`` makes the plans."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        engine: Engine,
        recipes: RecipeMap,
        scout: Scout,
        roll_call: RollCall,
        new_id: Callable[[], str],
        planning: Planning = plan,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._engine = engine
        self._recipes = recipes
        self._scout = scout
        self._roll_call = roll_call
        self._new_id = new_id
        self._planning = planning
        self._almanac = Almanac()
        self._chains = Chains()
        self._waiting: list[Lot] = []
        self._ages: Ages = {}
        self._bugs: dict[str, str] = {}

    def waiting(self, factory_id: str) -> list[Lot]:
        """The lots that an order wanted in the last plan and that got no ship."""
        return [lot for lot in self._waiting if lot.order_id == factory_id]

    async def run(self, container: Container) -> str:
        """Plan and give out until stopped, and call the roll now and then."""
        pulse = Pulse(self._store, self._clock, container)
        interval, called_at = self._policy.roll_call_interval, self._clock.now()

        async def warn(message: str) -> None:
            await self._warn(container, message)

        surveys = Beside("surveys", self._scout.fill_gaps, warn)
        roll_call = Beside("roll call", self._roll_call.call, warn)
        looks = Looks(self._scout, self._clock, self._policy, container.id, warn)
        try:
            surveys.begin()
            while True:
                changed = self._store.changed(container.player_id, unless=_OWN_DOING)
                if has_passed(called_at, interval, self._clock.now()):
                    called_at = self._clock.now()
                    surveys.begin()
                    roll_call.begin()
                    await self._clock.wait(roll_call.over, _LOOKS_TAKE)
                effect, pause = await self._pass(container, looks)
                await pulse.beat(effect)
                since_roll = (self._clock.now() - called_at).total_seconds()
                await self._clock.wait(changed, min(pause, interval - max(0.0, since_roll)))
                await self._clock.sleep(self._policy.settle_interval)
        finally:
            await looks.close()
            await surveys.close()
            await roll_call.close()

    async def _warn(self, container: Container, message: str, level: str = "WARNING") -> None:
        line = ContainerLog(container.id, self._clock.now(), level, message)
        await self._store.transact(lambda tx: tx.containers.log(line))

    async def _pass(self, container: Container, looks: Looks) -> tuple[str | None, float]:
        """One pass; returns what it did, None where there was nothing to do, and how long nothing changes."""
        situation = await self._observe(container.player_id)
        if looks.begin(situation.orders, situation.markets, situation.ships):
            await self._clock.wait(looks.over, _LOOKS_TAKE)
            situation = await self._observe(container.player_id)
        now = self._clock.now()
        made = self._planning(situation, now, self._policy, self._chains)
        going = await record(self._store, container, situation, made, now, self._policy, looks.explain)
        self._waiting, self._ages = made.waiting, made.ages
        await self._tell_bugs(container, made)
        started = [
            await self._assign(container, match)
            for match in made.matches
            if match.lot.clears or match.lot.order_id in going
        ]
        started += [await self._send(container, look, EventKind.SCOUT_SENT) for look in made.looks]
        started += [
            await self._send(container, post, EventKind.SHIP_POSITIONED)
            for post in made.posts
            if post.factory_id in going
        ]
        return "; ".join(filter(None, started)) or None, made.pause

    async def _tell_bugs(self, container: Container, made: Plan) -> None:
        """Into the log, with where it happened, once for each order and fault."""
        bugs = {order: decision for order, decision in made.decisions.items() if decision.bug is not None}
        for order, decision in bugs.items():
            if self._bugs.get(order) != decision.reason:
                where = "".join(traceback.format_exception(decision.bug))
                await self._warn(container, f"{order}: {where}", "ERROR")
        self._bugs = {order: decision.reason for order, decision in bugs.items()}

    async def _observe(self, player_id: int) -> Situation:
        now = self._clock.now()

        def read(tx: Transaction) -> Situation:
            seen = observe(tx, player_id, self._recipes, self._almanac, now)
            stock = take_stock(tx, player_id, seen.ships, now)
            return replace(seen, stock=stock, waiting=self._ages)

        return await self._store.transact(read)

    async def _assign(self, container: Container, match: Match) -> str | None:
        """Give a ship to a lot: claim, leg and worker in one transaction, or not at all."""
        now, lot, ship, player_id = self._clock.now(), match.lot, match.ship.symbol, container.player_id
        worker = f"worker-{self._new_id()}"
        leg = lot.flown(player_id, self._new_id(), ship, worker, now)
        data = {"leg_id": leg.id, "output": leg.feeds or leg.good, "weight": match.weight}
        sentence = f"{ship} takes {leg.good} from {leg.source}: {match.reason}"
        about = (leg.factory_id, leg.good, ship, worker, data)
        event = Event(player_id, EventKind.LEG_ASSIGNED, now, sentence, *about)
        ids = {"factory_id": leg.factory_id, "leg_id": leg.id, "ship": ship}
        begun = Container(worker, ContainerType.WORKER, player_id, now, now, metadata=ids)

        def work(tx: Transaction) -> Container | None:
            factory = tx.factories.get(lot.order_id, player_id)
            if not lot.clears and (factory is None or factory.status.is_over or factory.is_idle):
                return None
            if not _claimed(tx, container, begun, event):
                return None
            tx.legs.add([leg])
            return begun

        given = await self._begin(work)
        return f"{ship} takes {lot.good} from {lot.source}" if given else None

    async def _send(self, container: Container, voyage: ScoutVoyage, kind: EventKind) -> str | None:
        now, player_id, ship = self._clock.now(), container.player_id, voyage.ship
        scout, stops = f"scout-{self._new_id()}", list(voyage.waypoints)
        task: dict[str, object] = {"ship": ship, "waypoints": stops}
        if voyage.factory_id is not None:
            task["factory_id"] = voyage.factory_id
        about = (voyage.factory_id, None, ship, scout, {"waypoints": stops})
        event = Event(player_id, kind, now, voyage.reason, *about)
        begun = Container(scout, ContainerType.SCOUT, player_id, now, now, metadata=task)
        given = await self._begin(lambda tx: begun if _claimed(tx, container, begun, event) else None)
        verb = "looks at" if voyage.factory_id is None else "goes to wait at"
        return f"{ship} {verb} {', '.join(stops)}" if given else None

    async def _begin(self, work: Callable[[Transaction], Container | None]) -> bool:
        """Write a container down and start it, or neither, also where the planner is stopped meanwhile."""

        async def begin() -> bool:
            begun = await self._store.transact(work)
            if begun is not None:
                await self._engine.start(begun)
            return begun is not None

        return await asyncio.shield(asyncio.create_task(begin(), name="assignment"))


def _claimed(tx: Transaction, planner: Container, begun: Container, event: Event) -> bool:
    """Claim the ship of ``event`` for a container that is to begin, and write both down; False where somebody
    has it. Raises Fenced where another body of the planner has begun."""
    check_epoch(tx, planner)
    ship = str(event.ship)
    claim = Claim(ship, begun.player_id, begun.id, begun.type.value, 0, event.at)
    if tx.claims.of_ship(ship) is not None or not tx.claims.claim(claim):
        return False
    tx.containers.add(begun)
    tx.events.append(event)
    return True
