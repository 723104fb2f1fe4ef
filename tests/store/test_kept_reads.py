"""What a store keeps of its reads is what a store that has read nothing yet would find."""

import asyncio
import random
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.store.conftest import UNIVERSE, OpenStore, Rows

from goodsfactory.adapters.store import open_store
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.money import IntentState, SpendingHold
from goodsfactory.domain.player import Balance
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode

GOODS = ("IRON", "MACHINERY", "FUEL")
SHIPS = ("COSMIC-1", "COSMIC-2", "COSMIC-A")
FACTORIES = ("factory-1", "factory-2")
CONTAINERS = ("worker-1", "worker-2", "worker-3")
PLACES = ("X1-AA1-A1", "X1-AA1-B1", "X1-BB2-A1")
WRITES = (
    "ship",
    "gone",
    "claim",
    "release",
    "release_all",
    "add_leg",
    *("fly_leg",) * 3,
    "factory",
    "nodes",
    "market",
    "place",
    "entry",
    "add",
    "end",
    "stock",
    "balance",
    "hold",
    "lift",
    "intent",
    "default",
    "begin",
    "beat",
)
SHIP_WORK = (ContainerType.WORKER,)
ALONE = pytest.mark.parametrize("kind", ["sqlite"])
"""Only a file is written by one daemon alone; others may write to a server's database at any time."""
ALIVE = (ContainerStatus.PENDING, ContainerStatus.RUNNING)
ENDS = (ContainerStatus.FAILED, ContainerStatus.COMPLETED)


def everything(tx: Any, players: Any) -> Any:
    """All that planning reads, in the ways it reads it."""
    found: dict[Any, Any] = {}
    for player in players:
        found |= {
            ("ships", player): tx.ships.of_player(player),
            ("claims", player): tx.claims.of_player(player),
            ("stock", player): tx.stock.of_player(player),
            ("open", player): tx.legs.open_of_player(player),
            ("all", player): tx.factories.find(player_id=player),
            ("going", player): tx.factories.find(player_id=player, statuses=[FactoryStatus.ACTIVE]),
            ("alive", player): tx.containers.find(player_id=player, statuses=ALIVE),
            ("at work", player): tx.containers.find(player_id=player, statuses=ALIVE, types=SHIP_WORK),
            ("player", player): tx.players.get(player),
            ("balance", player): tx.players.balance(player),
            ("hold", player): tx.spending_holds.of_player(player),
            ("reserved", player): tx.money.reserved(player),
        }
        for status in ENDS:
            found[status, player] = tx.containers.newest(player, status, SHIP_WORK, limit=2)
        for factory in FACTORIES:
            found["factory", factory, player] = tx.factories.get(factory, player)
            found["books", factory, player] = tx.money.books(player, factory)
    for factory in FACTORIES:
        found["legs", factory] = tx.legs.at_hand(factory)
        found["totals", factory] = sorted(tx.legs.totals(factory), key=lambda one: one.good)
        found["nodes", factory] = tx.factories.nodes(factory)
        found |= {("leg", leg.id): tx.legs.get(leg.id) for leg in tx.legs.newest(factory, 100)}
    for container in tx.containers.find():
        found["container", container.id] = tx.containers.get(container.id)
    for ship in SHIPS:
        found["ship", ship] = tx.ships.get(ship)
        found |= {("load", ship, good): tx.legs.last_of(ship, good) for good in GOODS}
        found |= {("aboard", ship, good): tx.stock.get(ship, good) for good in GOODS}
    for place in PLACES:
        found["market", place] = tx.markets.get(place)
    for system in ("X1-AA1", "X1-BB2"):
        found["markets", system] = tx.markets.in_system(system)
        found["places", system] = tx.waypoints.in_system(system)
    return found


class Writer:
    """Writes of every kind, drawn by chance, to few rows, so that they meet again and again."""

    def __init__(self, chance: Any, rows: Any, players: Any) -> None:
        self.chance = chance
        self.rows = rows
        self.players = players
        self.moment = 0

    def write(self, tx: Any) -> None:
        """One write; what the rows do not allow changes nothing."""
        self.moment += 1
        pick = self.chance.choice
        now = self.rows.later(self.moment)
        player = pick(self.players)
        kind = pick(WRITES)
        if kind == "ship":
            tx.ships.save(player, [self.rows.ship(pick(SHIPS), speed=self.moment)])
        elif kind == "gone":
            tx.ships.remove(pick(SHIPS))
        elif kind == "claim":
            tx.claims.claim(self.rows.claim(player, pick(CONTAINERS), ship=pick(SHIPS), claimed_at=now))
        elif kind == "release":
            tx.claims.release(pick(SHIPS), pick(CONTAINERS))
        elif kind == "release_all":
            tx.claims.release_all(pick(CONTAINERS))
        elif kind == "add_leg":
            factory = pick(FACTORIES)
            owner = self.players[FACTORIES.index(factory)]
            leg = self.rows.leg(owner, f"leg-{self.moment}", factory_id=factory, good=pick(GOODS))
            tx.legs.add([leg])
        elif kind == "fly_leg":
            self.fly(tx, pick, now)
        elif kind == "factory":
            self.change_factory(tx, pick, now)
        elif kind == "nodes":
            nodes = [self.rows.node(pick(FACTORIES), good, checks=self.moment) for good in GOODS]
            tx.factories.save_nodes(nodes[: pick((1, 2, 3))])
        elif kind == "market":
            listing = Listing("IRON", TradeType.EXPORT, 20, Supply.HIGH, None, self.moment, 9)
            seen = pick(((), (listing,)))
            goods = frozenset({"IRON"})
            place, at = pick(PLACES), now if seen else None
            tx.markets.save(MarketSnapshot(place, goods, frozenset(), frozenset(), seen, at))
        elif kind == "place":
            place = pick(PLACES)
            tx.waypoints.save([Waypoint(place, place[:6], "PLANET", self.moment, 0, frozenset(), None)])
        elif kind == "entry":
            tx.money.record(self.rows.entry(player, -self.moment, factory_id=pick((*FACTORIES, None))))
        elif kind == "balance":
            tx.players.set_balance(player, Balance(self.moment, now))
        elif kind == "hold":
            tx.spending_holds.place(SpendingHold(player, -self.moment, now, "look"))
        elif kind == "lift":
            tx.spending_holds.lift(player)
        elif kind == "intent":
            self.intend(tx, player, pick(SHIPS), now)
        elif kind == "default":
            tx.players.make_default(player)
        elif kind == "begin":
            tx.containers.begin(pick(CONTAINERS), now, restarted=pick((False, True)))
        elif kind == "beat":
            effect = pick((None, f"effect {self.moment}"))
            tx.containers.heartbeat(pick(CONTAINERS), now, iteration=self.moment, effect=effect)
        elif kind == "stock":
            ship = pick(SHIPS)
            owner = self.players[SHIPS.index(ship) % 2]
            units = pick((0, 20))
            row = StockRow(owner, ship, pick(GOODS), units, 100, StockKind.LEFTOVER, "factory-1", now)
            tx.stock.keep(row)
        elif kind == "add":
            tx.containers.add(self.rows.container(player, f"work-{self.moment}"))
        else:
            work = [one for one in tx.containers.find(player_id=player) if one.id not in CONTAINERS]
            if work:
                tx.containers.end(pick(work).id, pick(ENDS), now)

    def intend(self, tx: Any, player: Any, ship: Any, now: Any) -> None:
        """Write down what a ship is about to pay, or close what it was about to."""
        open_one = tx.money.open_intent_of(ship)
        if open_one is None:
            tx.money.open_intent(self.rows.intent(player, f"intent-{self.moment}", ship=ship))
        else:
            tx.money.close_intent(replace(open_one, state=IntentState.VOID, settled_at=now))

    def fly(self, tx: Any, pick: Any, now: Any) -> None:
        legs = tx.legs.newest(pick(FACTORIES), 100)
        if legs:
            changes = {"state": pick(list(LegState)), "ship": pick((*SHIPS, None)), "assigned_at": now}
            tx.legs.update(replace(pick(legs), bought=pick((0, 20)), **changes))

    def change_factory(self, tx: Any, pick: Any, now: Any) -> None:
        factory = pick(FACTORIES)
        known = tx.factories.get(factory, self.players[FACTORIES.index(factory)])
        tree = SupplyChainNode("MACHINERY", Acquisition.BUY, f"at {self.moment}", source="X1-AA1-B1")
        status = pick((FactoryStatus.PENDING, FactoryStatus.ACTIVE))
        tx.factories.update(replace(known, tree=tree, status=status, updated_at=now))


@pytest.fixture
def players(opened: OpenStore, rows: Rows) -> Any:
    """Two players, each with one factory, and containers that claim ships."""

    def prepare(tx: Any) -> Any:
        found = [rows.player(tx, agent).id for agent in ("COSMIC", "ORBIT")]
        for factory, player in zip(FACTORIES, found, strict=True):
            tx.factories.add(rows.factory(player, factory))
        for container in CONTAINERS:
            tx.containers.add(rows.container(found[0], container))
        return found

    return opened.run(prepare)


@pytest.mark.parametrize("seed", range(2))
def test_reads_never_differ_from_those_of_a_store_that_knows_nothing(
    opened: OpenStore, rows: Rows, players: Any, seed: Any
) -> None:
    """After every write each read says what the rows say, in the transaction that wrote and in the next."""
    writer = Writer(random.Random(seed), rows, players)

    def work(tx: Any) -> None:
        everything(tx, players)
        writer.write(tx)
        kept = everything(tx, players)
        tx.kept.forget()
        assert kept == everything(tx, players)

    for _ in range(120):
        opened.run(work)


def test_what_was_rolled_back_was_never_read(opened: OpenStore, rows: Rows, players: Any) -> None:
    """A transaction that fails leaves no trace in what later ones read."""
    chance = random.Random(5)
    writer = Writer(chance, rows, players)
    for _ in range(30):
        opened.run(writer.write)
        before = opened.run(lambda tx: everything(tx, players))

        def fail(tx: Any) -> None:
            for _ in range(5):
                writer.write(tx)
            everything(tx, players)
            raise UserError("no")

        with pytest.raises(UserError, match="no"):
            opened.run(fail)
        assert opened.run(lambda tx: everything(tx, players)) == before


def read_anew(tx: Any, players: Any) -> Any:
    tx.kept.forget()
    return everything(tx, players)


def test_what_another_connection_wrote_is_read(opened: OpenStore, rows: Rows, players: Any) -> None:
    """Nothing that is kept outlives the commit of somebody else on the same database."""
    writer = Writer(random.Random(6), rows, players)
    with opened.another() as other:
        for _ in range(30):
            opened.run(lambda tx: everything(tx, players))
            other.run(writer.write)
            fresh = other.run(partial(read_anew, players=players))
            assert opened.run(lambda tx: everything(tx, players)) == fresh


def test_a_list_that_was_read_belongs_to_the_reader(opened: OpenStore, rows: Rows, players: Any) -> None:
    """Whoever empties what they were given takes nothing from the next reader."""
    opened.run(lambda tx: tx.ships.save(players[0], [rows.ship()]))
    opened.run(lambda tx: tx.ships.of_player(players[0]).clear())
    assert [ship.symbol for ship in opened.run(lambda tx: tx.ships.of_player(players[0]))] == ["COSMIC-1"]


@ALONE
def test_rows_are_read_once_while_nobody_writes(opened: OpenStore, rows: Rows, players: Any) -> None:
    """The second pass over an unchanged factory asks the database nothing: the same objects come back."""
    opened.run(lambda tx: tx.factories.save_nodes([rows.node(state=NodeState.DONE)]))
    first = opened.run(lambda tx: everything(tx, players))
    second = opened.run(lambda tx: everything(tx, players))
    assert second["nodes", "factory-1"][0] is first["nodes", "factory-1"][0]
    assert second["all", players[0]][0] is first["all", players[0]][0]


def test_the_oldest_scope_makes_room() -> None:
    """What is kept has an end: the scope that came first goes first, and is read anew."""
    kept = KeptReads(most=2)
    kept.begin(1)
    for scope in ("a", "b", "c"):
        kept.read(scope, scope.upper)
    assert [kept.kept(scope) for scope in ("a", "b", "c")] == [None, "B", "C"]
    assert kept.read("a", lambda: "again") == "again"


def test_only_the_players_own_news_wake_those_who_wait_for_it(rows: Rows) -> None:
    """An event of one agent wakes its planners and whoever watches all, and nobody of another agent."""

    async def scenario() -> None:
        store = await open_store(":memory:", universe=UNIVERSE, inline=True)
        one, other = [
            (await store.transact(partial(rows.player, agent=name))).id for name in ("ONE", "OTHER")
        ]
        woken, asleep, watcher = store.changed(one), store.changed(other), store.changed()
        await store.transact(lambda tx: tx.events.append(rows.event(one, kind=EventKind.SOLD)))
        assert (woken.is_set(), asleep.is_set(), watcher.is_set()) == (True, False, True)
        await store.transact(lambda tx: tx.events.append(rows.event(other, kind=EventKind.SOLD)))
        assert asleep.is_set()
        await store.close()

    asyncio.run(scenario())


def test_what_is_only_told_wakes_those_who_watch_all(rows: Rows) -> None:
    """That a ship was refuelled wakes no planner; who wants to know of each kind says so."""

    async def scenario() -> None:
        store = await open_store(":memory:", universe=UNIVERSE, inline=True)
        one = await store.transact(lambda tx: rows.player(tx).id)
        planner, auditor, watcher = (
            store.changed(one),
            store.changed(one, unless=frozenset()),
            store.changed(),
        )
        refuelled = rows.event(one, kind=EventKind.REFUELLED)
        await store.transact(lambda tx: tx.events.append(refuelled))
        assert (planner.is_set(), auditor.is_set(), watcher.is_set()) == (False, True, True)
        sold = rows.event(one, kind=EventKind.SOLD)
        await store.transact(lambda tx: [tx.events.append(event) for event in (refuelled, sold)])
        assert planner.is_set()
        await store.close()

    asyncio.run(scenario())


@ALONE
def test_what_is_undone_costs_others_nothing(opened: OpenStore, rows: Rows, players: Any) -> None:
    """A refused transaction of one agent leaves what other agents have read where it is."""
    one, other = players
    for owner, ship in ((one, "COSMIC-1"), (other, "A-1")):
        opened.run(lambda tx: tx.ships.save(owner, [rows.ship(ship)]))
    before = opened.run(lambda tx: (tx.ships.of_player(one)[0], tx.ships.of_player(other)[0]))

    def fail(tx: Any) -> None:
        tx.ships.save(one, [rows.ship("COSMIC-1", speed=99)])
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        opened.run(fail)
    after = opened.run(lambda tx: (tx.ships.of_player(one)[0], tx.ships.of_player(other)[0]))
    assert after == before
    assert after[1] is before[1]


@ALONE
def test_a_write_costs_only_the_row_written(opened: OpenStore, rows: Rows, players: Any) -> None:
    """A factory, a ship or a leg that is written leaves its neighbours read: they come back as they were."""
    player = players[0]

    def prepare(tx: Any) -> None:
        tx.factories.add(rows.factory(player, "factory-3"))
        tx.ships.save(player, [rows.ship(ship) for ship in SHIPS])
        tx.legs.add([rows.leg(player, leg, factory_id="factory-1") for leg in ("leg-1", "leg-2")])

    def read(tx: Any) -> Any:
        return tx.factories.find(player_id=player), tx.ships.of_player(player), tx.legs.open_of_player(player)

    def write(tx: Any) -> None:
        tx.factories.update(replace(tx.factories.get("factory-1", player), error="late"))
        tx.ships.save(player, [rows.ship(SHIPS[0], speed=99)])
        tx.legs.update(replace(tx.legs.get("leg-1"), reason="another"))

    opened.run(prepare)
    before = opened.run(read)
    opened.run(write)
    for found, known in zip(opened.run(read), before, strict=True):
        assert found[0] != known[0]
        assert all(one is other for one, other in zip(found[1:], known[1:], strict=True))
