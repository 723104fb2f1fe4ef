"""The calls of both services, against the real application and a sandbox."""

import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import grpc
import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.patience import patience

from goodsfactory.api import daemon_pb2 as wire
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.api.daemon_pb2_grpc import DaemonServiceStub
from goodsfactory.api.goodsfactory_pb2_grpc import FactoryServiceStub
from goodsfactory.domain.container import ContainerLog
from goodsfactory.ports.store import Transaction

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture(scope="module")
def channel(daemon: LivingDaemon) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"unix:{daemon.socket}") as open_channel:
        yield open_channel


@pytest.fixture(scope="module")
def old(channel: grpc.Channel) -> DaemonServiceStub:
    return DaemonServiceStub(channel)


@pytest.fixture(scope="module")
def new(channel: grpc.Channel) -> FactoryServiceStub:
    return FactoryServiceStub(channel)


@pytest.fixture(scope="module")
def finished(new: FactoryServiceStub) -> own.Factory:
    """A factory of the first player that has made its good."""
    factory = new.StartFactory(own.StartFactoryRequest(target_good="COPPER", units=10))
    request = own.WatchEventsRequest(factory_id=factory.factory_id)
    for event in new.WatchEvents(request, timeout=patience(60)):
        if event.kind in ("FACTORY_COMPLETED", "FACTORY_FAILED"):
            break
    return new.GetFactory(own.FactoryRef(factory_id=factory.factory_id))


def refused(call: Callable[..., Any], request: Any) -> tuple[str, str, str]:
    """Status, machine code and sentence of a call that must not succeed."""
    with pytest.raises(grpc.RpcError) as caught:
        list(call(request))
    error: Any = caught.value
    return error.code().name, dict(error.trailing_metadata()).get("error-code", ""), error.details()


# Factories


def test_a_factory_of_the_contract_starts_and_says_how_many_nodes_it_has(old: DaemonServiceStub) -> None:
    """player_id 0 is the default player, the system the ships' own; unseen inputs are bought at first."""
    answer = old.StartGoodsFactory(wire.StartGoodsFactoryRequest(target_good="ELECTRONICS"))
    assert (answer.target_good, answer.status, answer.nodes_total) == ("ELECTRONICS", "PENDING", 3)
    assert answer.message == "Making ELECTRONICS from 3 nodes."
    stopped = old.StopGoodsFactory(wire.StopGoodsFactoryRequest(factory_id=answer.factory_id))
    assert (stopped.factory_id, stopped.status) == (answer.factory_id, "STOPPED")
    assert stopped.message == "Stopped making ELECTRONICS; its ships are free."


def test_a_finished_factory_reports_units_cost_nodes_and_ships(
    old: DaemonServiceStub, finished: own.Factory
) -> None:
    """The numbers of the contract and of our own report are the same ones."""
    status = old.GetFactoryStatus(wire.GetFactoryStatusRequest(factory_id=finished.factory_id))
    document = json.loads(finished.document)
    assert (status.status, status.target_good) == ("COMPLETED", "COPPER")
    assert status.quantity_acquired == finished.quantity_acquired == document["quantity_acquired"] == 10
    assert status.total_cost == finished.total_cost == document["total_cost"] > 0
    assert (status.nodes_completed, status.nodes_total) == (2, 2)
    assert status.ships_used == len(finished.ships_used) >= 1
    assert json.loads(status.dependency_tree) == document["dependency_tree"]
    assert status.system_symbol == finished.system_symbol
    assert INSTANT.fullmatch(finished.now)


def test_the_request_of_a_factory_arrives_whole(new: FactoryServiceStub) -> None:
    """Every wish of the command line reaches the factory."""
    factory = new.StartFactory(
        own.StartFactoryRequest(
            target_good="copper",
            agent_symbol=SECOND.lower(),
            strategy="prefer-buy",
            units=3,
            terminal="sell",
            ships=[f"{SECOND}-1"],
            exclude=[f"{SECOND}-3"],
            priority=2.5,
        )
    )
    document = json.loads(factory.document)
    assert factory.player_id == 2
    assert (document["strategy"], document["units_wanted"], document["terminal"]) == ("prefer-buy", 3, "SELL")
    new.StopFactory(own.FactoryRef(agent_symbol=SECOND, factory_id=factory.factory_id))


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (
            {"strategy": "cheapest"},
            "There is no strategy cheapest; choose smart, prefer-buy or prefer-fabricate.",
        ),
        ({"terminal": "MOON"}, "There is no terminal MOON; choose HOLD or SELL or STOCK."),
        ({"units": 0}, "A factory makes at least 1 unit, not 0."),
        ({"units": -5}, "A factory makes at least 1 unit, not -5."),
        ({"batches": 0}, "A factory makes at least 1 batch, not 0."),
        (
            {"batches": 2, "continuous": True},
            "A factory makes a number of batches or goes on without end; choose one of both.",
        ),
        ({"priority": 0.0}, "The priority must be above 0 and at most 1000, not 0."),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    new: FactoryServiceStub, wish: dict[str, Any], sentence: str
) -> None:
    """Nothing is started for it."""
    before = len(new.ListFactories(own.ListFactoriesRequest()).factories)
    request = own.StartFactoryRequest(target_good="COPPER", **wish)
    assert refused(new.StartFactory, request) == ("INVALID_ARGUMENT", "invalid", sentence)
    assert len(new.ListFactories(own.ListFactoriesRequest()).factories) == before


def test_an_unknown_good_is_refused_with_what_was_probably_meant(old: DaemonServiceStub) -> None:
    """A typing error costs nothing and names the good."""
    status, code, sentence = refused(
        old.StartGoodsFactory, wire.StartGoodsFactoryRequest(target_good="COPER")
    )
    assert (status, code) in [("INVALID_ARGUMENT", "invalid"), ("NOT_FOUND", "not-found")]
    assert "COPPER" in sentence


def test_an_unknown_system_is_refused(new: FactoryServiceStub) -> None:
    """A factory cannot be started where nothing is."""
    request = own.StartFactoryRequest(target_good="COPPER", system_symbol="X1-NONE")
    assert refused(new.StartFactory, request) == (
        "NOT_FOUND",
        "not-found",
        "There is no system X1-NONE.",
    )


def test_factories_are_listed_by_status(new: FactoryServiceStub, finished: own.Factory) -> None:
    """No status means all; a word that is no status is refused."""
    completed = new.ListFactories(own.ListFactoriesRequest(statuses=["completed"])).factories
    assert finished.factory_id in [one.factory_id for one in completed]
    assert {one.status for one in completed} == {"COMPLETED"}
    assert refused(new.ListFactories, own.ListFactoriesRequest(statuses=["DONE"])) == (
        "INVALID_ARGUMENT",
        "invalid",
        "DONE is no factory status; it is one of PENDING, ACTIVE, COMPLETED, FAILED, STOPPED.",
    )


def test_a_factory_that_is_over_cannot_be_stopped(old: DaemonServiceStub, finished: own.Factory) -> None:
    """It stays COMPLETED."""
    status, code, _ = refused(
        old.StopGoodsFactory, wire.StopGoodsFactoryRequest(factory_id=finished.factory_id)
    )
    assert (status, code) == ("FAILED_PRECONDITION", "precondition")


def test_a_factory_is_paused_and_resumed(new: FactoryServiceStub, finished: own.Factory) -> None:
    """The document says since when; one that is over can be neither."""
    factory = own.FactoryRef(
        factory_id=new.StartFactory(own.StartFactoryRequest(target_good="IRON")).factory_id
    )
    paused = json.loads(new.PauseFactory(factory).document)
    assert paused["paused_at"] == json.loads(new.PauseFactory(factory).document)["paused_at"]
    assert INSTANT.fullmatch(paused["paused_at"])
    assert json.loads(new.ResumeFactory(factory).document)["paused_at"] is None
    new.StopFactory(factory)
    over = own.FactoryRef(factory_id=finished.factory_id)
    assert refused(new.PauseFactory, over) == (
        "FAILED_PRECONDITION",
        "precondition",
        f"Factory {finished.factory_id} is COMPLETED already and cannot be paused.",
    )


# Player isolation (law L11)


def test_a_factory_of_another_player_does_not_exist(
    old: DaemonServiceStub, new: FactoryServiceStub, finished: own.Factory
) -> None:
    """The second player can neither see, watch nor stop what is the first one's."""
    foreign = finished.factory_id
    as_second = own.FactoryRef(agent_symbol=SECOND, factory_id=foreign)
    answers = [
        refused(old.GetFactoryStatus, wire.GetFactoryStatusRequest(player_id=2, factory_id=foreign)),
        refused(old.StopGoodsFactory, wire.StopGoodsFactoryRequest(player_id=2, factory_id=foreign)),
        refused(new.GetFactory, as_second),
        refused(new.StopFactory, as_second),
        refused(new.PauseFactory, as_second),
        refused(new.ResumeFactory, as_second),
        refused(new.WatchEvents, own.WatchEventsRequest(player_id=2, factory_id=foreign)),
        refused(
            new.ExplainShip,
            own.ExplainShipRequest(player_id=2, ship_symbol=f"{SECOND}-1", factory_id=foreign),
        ),
    ]
    assert {(status, code) for status, code, _ in answers} == {("NOT_FOUND", "not-found")}
    unknown = refused(new.GetFactory, own.FactoryRef(agent_symbol=SECOND, factory_id="nothing"))
    assert answers[2][2].replace(foreign, "…") == unknown[2].replace("nothing", "…")


def test_a_ship_of_another_player_does_not_exist(
    daemon: LivingDaemon, old: DaemonServiceStub, new: FactoryServiceStub
) -> None:
    """The second player can neither see nor move what is the first one's."""
    ship = f"{FIRST}-3"
    destination = daemon.world.universe.headquarters
    calls: list[tuple[Any, Any]] = [
        (old.GetShip, wire.GetShipRequest(ship_symbol=ship, player_id=2)),
        (old.NavigateShip, wire.NavigateShipRequest(ship_symbol=ship, destination=destination, player_id=2)),
        (old.DockShip, wire.DockShipRequest(ship_symbol=ship, player_id=2)),
        (old.OrbitShip, wire.OrbitShipRequest(ship_symbol=ship, player_id=2)),
        (old.RefuelShip, wire.RefuelShipRequest(ship_symbol=ship, player_id=2)),
        (new.ExplainShip, own.ExplainShipRequest(ship_symbol=ship, player_id=2)),
        (new.PlanSale, own.SellCargoRequest(ship_symbol=ship, player_id=2)),
        (new.SellCargo, own.SellCargoRequest(ship_symbol=ship, player_id=2)),
    ]
    for call, request in calls:
        assert refused(call, request)[:2] == ("NOT_FOUND", "not-found")


def test_lists_hold_the_own_things_only(
    old: DaemonServiceStub, new: FactoryServiceStub, finished: own.Factory
) -> None:
    """Ships, factories, events and containers of one player are never in the lists of another."""
    ships = old.ListShips(wire.ListShipsRequest(player_id=2)).ships
    assert ships
    assert all(ship.symbol.startswith(f"{SECOND}-") for ship in ships)
    fleet = new.ListFleet(own.ListFleetRequest(agent_symbol=SECOND)).ships
    assert {ship.symbol for ship in fleet} == {ship.symbol for ship in ships}
    factories = new.ListFactories(own.ListFactoriesRequest(player_id=2)).factories
    assert finished.factory_id not in [one.factory_id for one in factories]
    events = list(new.WatchEvents(own.WatchEventsRequest(player_id=2, stored_only=True)))
    assert {event.player_id for event in events} == {2}
    containers = old.ListContainers(wire.ListContainersRequest(player_id=2)).containers
    assert {one.player_id for one in containers} == {2}


def test_an_unknown_player_is_refused_everywhere(old: DaemonServiceStub, new: FactoryServiceStub) -> None:
    """The sentence names the players that are known."""
    calls: list[tuple[Any, Any]] = [
        (old.StartGoodsFactory, wire.StartGoodsFactoryRequest(player_id=9, target_good="COPPER")),
        (old.ListShips, wire.ListShipsRequest(player_id=9)),
        (old.ListContainers, wire.ListContainersRequest(player_id=9)),
        (new.ListFactories, own.ListFactoriesRequest(agent_symbol="NOBODY")),
        (new.WatchEvents, own.WatchEventsRequest(player_id=9)),
        (new.UsePlayer, own.UsePlayerRequest(agent_symbol="NOBODY")),
    ]
    for call, request in calls:
        status, code, sentence = refused(call, request)
        assert (status, code) == ("NOT_FOUND", "not-found")
        assert FIRST in sentence


def test_a_number_and_a_call_sign_that_disagree_are_refused(
    old: DaemonServiceStub, new: FactoryServiceStub
) -> None:
    """Nobody pays for what was meant for another; where the two agree they are one player."""
    both: dict[str, Any] = {"player_id": 1, "agent_symbol": SECOND.lower()}
    before = len(new.ListFactories(own.ListFactoriesRequest(agent_symbol=SECOND)).factories)
    calls: list[tuple[Any, Any]] = [
        (old.StartGoodsFactory, wire.StartGoodsFactoryRequest(target_good="COPPER", **both)),
        (new.StartFactory, own.StartFactoryRequest(target_good="COPPER", **both)),
        (old.ListShips, wire.ListShipsRequest(**both)),
        (new.WatchEvents, own.WatchEventsRequest(**both)),
    ]
    for call, request in calls:
        assert refused(call, request) == (
            "INVALID_ARGUMENT",
            "invalid",
            f"Player 1 is not {SECOND}; name one of the two, or two that agree.",
        )
    after = new.ListFactories(own.ListFactoriesRequest(player_id=2, agent_symbol=SECOND.lower())).factories
    assert len(after) == before


# Events


def test_events_come_in_order_and_after_the_number_that_was_seen(
    new: FactoryServiceStub, finished: own.Factory
) -> None:
    """A watcher that comes back misses nothing and sees nothing twice."""
    request = own.WatchEventsRequest(factory_id=finished.factory_id, stored_only=True)
    events = list(new.WatchEvents(request))
    kinds = [event.kind for event in events]
    assert kinds[0] == "FACTORY_CREATED"
    assert "FACTORY_COMPLETED" in kinds
    numbers = [event.seq for event in events]
    assert numbers == sorted(set(numbers))
    middle = numbers[len(numbers) // 2]
    request = own.WatchEventsRequest(factory_id=finished.factory_id, after_seq=middle, stored_only=True)
    assert [event.seq for event in new.WatchEvents(request)] == [seq for seq in numbers if seq > middle]


def test_an_event_tells_what_happened_to_what(new: FactoryServiceStub, finished: own.Factory) -> None:
    """Message for people, data for programs, ids for both."""
    request = own.WatchEventsRequest(factory_id=finished.factory_id, stored_only=True)
    bought = next(event for event in new.WatchEvents(request) if event.kind == "PURCHASED")
    assert bought.ship.startswith(f"{FIRST}-")
    assert bought.good
    assert bought.good in bought.message
    assert INSTANT.fullmatch(bought.at)
    assert isinstance(json.loads(bought.data), dict)


def test_a_watcher_sees_what_happens_after_it_began(new: FactoryServiceStub) -> None:
    """A stream does not end while nothing happens, and goes on when something does."""
    last = max(event.seq for event in new.WatchEvents(own.WatchEventsRequest(stored_only=True)))
    stream: Any = new.WatchEvents(own.WatchEventsRequest(after_seq=last), timeout=patience(60))
    started = new.StartFactory(own.StartFactoryRequest(target_good="ELECTRONICS"))
    created = next(event for event in stream if event.kind == "FACTORY_CREATED")
    assert created.factory_id == started.factory_id
    stream.cancel()
    new.StopFactory(own.FactoryRef(factory_id=started.factory_id))


# Players


def test_players_are_listed_without_their_tokens(new: FactoryServiceStub) -> None:
    """No message of a player has a place for a secret (law L12)."""
    players = new.ListPlayers(own.ListPlayersRequest()).players
    assert [player.agent_symbol for player in players] == [FIRST, SECOND]
    assert [player.is_default for player in players] == [True, False]
    assert not any("token" in field.name for field in own.Player.DESCRIPTOR.fields)


def test_the_default_player_can_be_changed(new: FactoryServiceStub) -> None:
    """A call without a player is then for the other one."""
    assert new.UsePlayer(own.UsePlayerRequest(agent_symbol=SECOND)).is_default
    try:
        fleet = new.ListFleet(own.ListFleetRequest()).ships
        assert all(ship.symbol.startswith(f"{SECOND}-") for ship in fleet)
    finally:
        new.UsePlayer(own.UsePlayerRequest(agent_symbol=FIRST))


def test_a_call_sign_that_is_played_already_is_adopted(new: FactoryServiceStub) -> None:
    """Registering it once more is no dead end: it is the player that there is."""
    request = own.RegisterPlayerRequest(agent_symbol=FIRST, faction="COSMIC")
    player = new.RegisterPlayer(request)
    known = new.ListPlayers(own.ListPlayersRequest()).players
    assert player.player_id in [one.player_id for one in known if one.agent_symbol == FIRST]
    assert player.outcome.startswith("is registered already")


def test_a_malformed_call_sign_never_reaches_the_game(new: FactoryServiceStub) -> None:
    """Bad input changes nothing."""
    request = own.RegisterPlayerRequest(agent_symbol="no spaces please", faction="COSMIC")
    assert refused(new.RegisterPlayer, request)[:2] == ("INVALID_ARGUMENT", "invalid")


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("", "INVALID_ARGUMENT", "invalid"), ("not-a-token", "UNAUTHENTICATED", "stale-token")],
)
def test_a_token_that_does_not_work_is_refused_and_not_repeated(
    new: FactoryServiceStub, token: str, status: str, code: str
) -> None:
    """The sentence never contains the token (law L12)."""
    answer = refused(new.AddPlayer, own.AddPlayerRequest(token=token))
    assert answer[:2] == (status, code)
    assert not token or token not in answer[2]


def test_without_any_player_the_sentence_says_how_to_add_one() -> None:
    """A fresh daemon is not an error, and says what comes next."""
    with living_daemon(players=False) as empty, grpc.insecure_channel(f"unix:{empty.socket}") as channel:
        answer = refused(DaemonServiceStub(channel).ListShips, wire.ListShipsRequest())
        assert answer == (
            "FAILED_PRECONDITION",
            "precondition",
            "There is no player yet: register one with `spacetraders player register AGENT`.",
        )


# Ships


def test_ships_are_shown_as_the_contract_wants_them(old: DaemonServiceStub) -> None:
    """The list is short, one ship has its cargo and its role."""
    listed = old.ListShips(wire.ListShipsRequest(agent_symbol=SECOND)).ships
    frigate = next(ship for ship in listed if ship.symbol == f"{SECOND}-1")
    shown = old.GetShip(wire.GetShipRequest(ship_symbol=f"{SECOND}-1", agent_symbol=SECOND)).ship
    assert (shown.symbol, shown.role) == (frigate.symbol, "COMMAND")
    assert (shown.fuel_capacity, shown.cargo_capacity) == (frigate.fuel_capacity, frigate.cargo_capacity)
    assert (frigate.cargo_capacity, frigate.engine_speed) == (40, 36)


def test_a_free_ship_can_be_flown_by_hand(daemon: LivingDaemon, old: DaemonServiceStub) -> None:
    """Navigate says how long it takes; orbit and dock say where the ship is in the end."""
    ship = f"{SECOND}-4"
    here = old.GetShip(wire.GetShipRequest(ship_symbol=ship, player_id=2)).ship.location
    destination = _far_away(daemon, here)
    flight = old.NavigateShip(
        wire.NavigateShipRequest(ship_symbol=ship, destination=destination, player_id=2)
    )
    assert (flight.ship_symbol, flight.destination) == (ship, destination)
    assert flight.status == "IN_TRANSIT"
    assert flight.estimated_time_seconds > 0


def _far_away(daemon: LivingDaemon, here: str) -> str:
    """The farthest market that a full tank of 600 surely reaches."""
    universe = daemon.world.universe
    start, *places = (universe.waypoint(symbol) for symbol in (here, *universe.markets))
    assert start is not None
    reach = [(math.dist((start.x, start.y), (place.x, place.y)), place.symbol) for place in places if place]
    return max(one for one in reach if one[0] < 400)[1]


def test_refuelling_says_what_it_added_and_what_it_cost(daemon: LivingDaemon, old: DaemonServiceStub) -> None:
    """Fuel is bought through the same gate as cargo, and counted in units of the tank."""
    ship = f"{SECOND}-3"
    headquarters = daemon.world.universe.headquarters
    fuel_seller = next(
        symbol
        for symbol, market in daemon.world.universe.markets.items()
        if symbol != headquarters and "FUEL" in (*market.exchange, *market.exports)
    )
    old.NavigateShip(wire.NavigateShipRequest(ship_symbol=ship, destination=fuel_seller, player_id=2))
    for _ in range(1000):
        shown = old.GetShip(wire.GetShipRequest(ship_symbol=ship, player_id=2)).ship
        if shown.nav_status != "IN_TRANSIT":
            break
    docked = old.DockShip(wire.DockShipRequest(ship_symbol=ship, player_id=2))
    assert docked.status == "DOCKED"
    answer = old.RefuelShip(wire.RefuelShipRequest(ship_symbol=ship, player_id=2))
    assert answer.fuel_added == shown.fuel_capacity - shown.fuel_current
    assert answer.credits_cost > 0
    orbiting = old.OrbitShip(wire.OrbitShipRequest(ship_symbol=ship, player_id=2))
    assert orbiting.status == "IN_ORBIT"
    full = refused(old.RefuelShip, wire.RefuelShipRequest(ship_symbol=ship, player_id=2))
    assert full[:2] == ("FAILED_PRECONDITION", "precondition")


def test_refuelling_by_nothing_is_refused(old: DaemonServiceStub) -> None:
    """Zero units are a mistake, not a full tank."""
    request = wire.RefuelShipRequest(ship_symbol=f"{SECOND}-1", player_id=2, units=0)
    assert refused(old.RefuelShip, request)[:2] == ("INVALID_ARGUMENT", "invalid")


def test_a_ship_explains_why_it_gets_no_work(new: FactoryServiceStub) -> None:
    """A probe carries nothing; a frigate can be used, whatever the case of its letters."""
    probe = new.ExplainShip(own.ExplainShipRequest(ship_symbol=f"{SECOND}-2", player_id=2))
    assert not probe.eligible
    assert probe.reasons[0] == f"{SECOND}-2 is a probe and carries nothing"
    frigate = new.ExplainShip(own.ExplainShipRequest(ship_symbol=f"{SECOND}-1".lower(), player_id=2))
    assert (frigate.ship_symbol, frigate.eligible) == (f"{SECOND}-1", True)


# Markets


def test_markets_of_a_good_are_found_sources_first(new: FactoryServiceStub, finished: own.Factory) -> None:
    """A market that no ship has seen is listed without prices."""
    found = new.FindMarkets(own.FindMarketsRequest(good="copper"))
    assert found.good == "COPPER"
    types = [listing.type for listing in found.listings]
    assert types == sorted(types, key=["EXPORT", "EXCHANGE", "IMPORT"].index)
    seen = next(listing for listing in found.listings if listing.HasField("ask"))
    assert 0 < seen.bid < seen.ask
    assert all(listing.HasField("supply") == listing.HasField("ask") for listing in found.listings)


def test_a_market_shows_all_its_goods(daemon: LivingDaemon, new: FactoryServiceStub) -> None:
    """By list, then by name."""
    waypoint = daemon.world.universe.headquarters
    market = new.ShowMarket(own.ShowMarketRequest(waypoint=waypoint.lower()))
    assert market.waypoint == waypoint
    served = daemon.world.universe.markets[waypoint]
    wanted = [*sorted(served.exports), *sorted(served.imports), *sorted(served.exchange)]
    assert [listing.good for listing in market.listings] == wanted


@pytest.mark.parametrize(("waypoint", "status"), [("NOWHERE", "INVALID_ARGUMENT"), ("X1-NO-A1", "NOT_FOUND")])
def test_a_market_that_does_not_exist_is_refused(new: FactoryServiceStub, waypoint: str, status: str) -> None:
    """Something that is no waypoint symbol, and a waypoint that is not there."""
    assert refused(new.ShowMarket, own.ShowMarketRequest(waypoint=waypoint))[0] == status


# Containers


def test_containers_tell_what_they_are_and_what_they_did(
    old: DaemonServiceStub, finished: own.Factory
) -> None:
    """A factory's coordinator is there with its ids, its end and its log."""
    containers = old.ListContainers(wire.ListContainersRequest(player_id=1)).containers
    coordinators = [one for one in containers if one.container_type == "goods_factory_coordinator"]
    ids = {
        json.loads(old.GetContainer(wire.GetContainerRequest(container_id=one.container_id)).metadata)[
            "factory_id"
        ]: one
        for one in coordinators
    }
    coordinator = ids[finished.factory_id]
    assert coordinator.status in ("COMPLETED", "RUNNING")
    assert coordinator.max_iterations == -1
    assert INSTANT.fullmatch(coordinator.created_at)


def test_the_log_of_a_container_is_read_newest_last(daemon: LivingDaemon, old: DaemonServiceStub) -> None:
    """At most so many lines, and of one level where one is asked for."""
    container = old.ListContainers(wire.ListContainersRequest(player_id=1)).containers[0].container_id
    now = daemon.application.clock.now()
    for number, level in enumerate(("INFO", "ERROR", "INFO")):
        line = ContainerLog(
            container, now + timedelta(seconds=number), level, f"line {number}", {"n": number}
        )
        daemon.run(daemon.application.store.transact(partial(_write, line=line)))
    newest = old.GetContainerLogs(wire.GetContainerLogsRequest(container_id=container, limit=2)).logs
    assert [line.message for line in newest] == ["line 1", "line 2"]
    assert INSTANT.fullmatch(newest[0].timestamp)
    assert json.loads(newest[0].metadata) == {"n": 1}
    errors = wire.GetContainerLogsRequest(container_id=container, level="error")
    assert [line.message for line in old.GetContainerLogs(errors).logs] == ["line 1"]


def _write(transaction: Transaction, *, line: ContainerLog) -> None:
    transaction.containers.log(line)


def test_containers_are_listed_by_status(old: DaemonServiceStub) -> None:
    """A word that is no status is refused with those that are."""
    running = old.ListContainers(wire.ListContainersRequest(status="running")).containers
    assert {one.status for one in running} == {"RUNNING"}
    assert refused(old.ListContainers, wire.ListContainersRequest(status="ASLEEP")) == (
        "INVALID_ARGUMENT",
        "invalid",
        "ASLEEP is no container status; it is one of PENDING, RUNNING, COMPLETED, FAILED, STOPPED, PARKED.",
    )


def test_stopping_the_coordinator_stops_its_factory(old: DaemonServiceStub, new: FactoryServiceStub) -> None:
    """There is no factory without somebody who works for it."""
    factory = new.StartFactory(own.StartFactoryRequest(target_good="ELECTRONICS"))
    running = old.ListContainers(wire.ListContainersRequest(player_id=1, status="RUNNING")).containers
    coordinator = next(one for one in running if one.container_type == "goods_factory_coordinator")
    answer = old.StopContainer(wire.StopContainerRequest(container_id=coordinator.container_id))
    assert (answer.container_id, answer.status) == (coordinator.container_id, "STOPPED")
    assert answer.message == (
        "The goods_factory_coordinator is STOPPED; its factory is stopped and its ships are free."
    )
    assert new.GetFactory(own.FactoryRef(factory_id=factory.factory_id)).status == "STOPPED"
    again = refused(old.StopContainer, wire.StopContainerRequest(container_id=coordinator.container_id))
    assert again[:2] == ("FAILED_PRECONDITION", "precondition")


def test_a_container_that_does_not_exist_is_refused(old: DaemonServiceStub) -> None:
    """By every call that names one."""
    calls: list[tuple[Any, Any]] = [
        (old.GetContainer, wire.GetContainerRequest(container_id="none")),
        (old.StopContainer, wire.StopContainerRequest(container_id="none")),
        (old.GetContainerLogs, wire.GetContainerLogsRequest(container_id="none")),
    ]
    for call, request in calls:
        assert refused(call, request)[:2] == ("NOT_FOUND", "not-found")


def test_a_log_of_no_lines_is_refused(old: DaemonServiceStub) -> None:
    """At least one line can be asked for."""
    request = wire.GetContainerLogsRequest(container_id="none", limit=0)
    assert refused(old.GetContainerLogs, request) == (
        "INVALID_ARGUMENT",
        "invalid",
        "The number of log lines must be at least 1 and at most 10,000, not 0.",
    )


def test_a_planner_that_is_stopped_is_followed_by_another(old: DaemonServiceStub) -> None:
    """No factory would ever be given a ship again; the answer says so, and frees nothing."""

    def planners() -> list[str]:
        running = old.ListContainers(wire.ListContainersRequest(player_id=2, status="RUNNING")).containers
        return [one.container_id for one in running if one.container_type == "planner"]

    (planner,) = planners()
    answer = old.StopContainer(wire.StopContainerRequest(container_id=planner))
    assert answer.message == (
        "The planner is STOPPED; another one plans in its place from now on, and no ship stops."
    )
    assert planners() not in ([], [planner])


def test_an_unknown_level_is_refused_with_those_that_there_are(old: DaemonServiceStub) -> None:
    """No line is of it, and nothing would be told."""
    assert refused(old.GetContainerLogs, wire.GetContainerLogsRequest(container_id="x", level="foo")) == (
        "INVALID_ARGUMENT",
        "invalid",
        "FOO is no level of a log; it is one of DEBUG, INFO, WARNING, ERROR.",
    )


# The daemon itself


def test_the_health_check_counts_running_containers(old: DaemonServiceStub) -> None:
    """At least the planners of both players run."""
    health = old.HealthCheck(wire.HealthCheckRequest())
    assert (health.status, health.version) == ("ok", "0.1.0")
    assert health.active_containers >= 2


def test_statistics_count_requests_and_hold_the_books(
    daemon: LivingDaemon, new: FactoryServiceStub, finished: own.Factory
) -> None:
    """What was sent is the sum of its purposes."""
    statistics = new.GetStatistics(own.GetStatisticsRequest())
    assert statistics.requests_sent == sum(statistics.requests_by_purpose.values()) > 0
    assert statistics.max_parallel_workers >= 1
    assert statistics.uptime_seconds > 0
    document = json.loads(statistics.document)
    assert document["requests_sent"] == statistics.requests_sent
    assert document["ledger_sum"] == statistics.ledger_sum


def test_scouts_of_the_contract_share_markets(old: DaemonServiceStub, daemon: LivingDaemon) -> None:
    """Ids, the markets of each ship, and on a second call which scouts were there already."""
    probe, hauler = f"{SECOND}-2", f"{SECOND}-3"
    markets = sorted(daemon.world.universe.markets)[:4]
    request = wire.ScoutMarketsRequest(
        ship_symbols=[probe, hauler.lower()], markets=markets, iterations=-1, agent_symbol=SECOND
    )
    first = old.ScoutMarkets(request)
    assert len(first.container_ids) == 2
    assert list(first.reused_containers) == []
    shares = {ship: list(share.markets) for ship, share in first.assignments.items()}
    assert set(shares) == {probe, hauler}
    assert sorted(shares[probe] + shares[hauler]) == markets
    again = old.ScoutMarkets(request)
    assert sorted(again.container_ids) == sorted(again.reused_containers) == sorted(first.container_ids)
    for container_id in first.container_ids:
        container = old.GetContainer(wire.GetContainerRequest(container_id=container_id)).container
        assert (container.container_type, container.status) == ("standing_scout", "RUNNING")
        assert container.max_iterations == -1
        stopped = old.StopContainer(wire.StopContainerRequest(container_id=container_id))
        assert stopped.status == "STOPPED"


def test_scouts_of_the_contract_may_end_by_themselves(old: DaemonServiceStub) -> None:
    """So many rounds; 0, which a client sends that says nothing, is without end."""
    for asked, kept in ((3, 3), (0, -1)):
        request = wire.ScoutMarketsRequest(iterations=asked, agent_symbol=SECOND)
        [container_id] = old.ScoutMarkets(request).container_ids
        container = old.GetContainer(wire.GetContainerRequest(container_id=container_id)).container
        assert container.max_iterations == kept
        old.StopContainer(wire.StopContainerRequest(container_id=container_id))


@pytest.mark.parametrize(
    ("wish", "code", "words"),
    [
        ({"iterations": -2}, "invalid", "A scout goes at least 1 round, or -1 for no end, not -2."),
        ({"ship_symbols": [f"{FIRST}-2"], "agent_symbol": SECOND}, "not-found", f"no ship {FIRST}-2"),
        ({"markets": ["X1-NONE-A1"]}, "not-found", "There is no system X1-NONE."),
    ],
)
def test_scouts_that_cannot_be_are_refused(
    old: DaemonServiceStub, wish: dict[str, Any], code: str, words: str
) -> None:
    """Nothing is started, also not with another player's ship (L11)."""
    _, told, sentence = refused(old.ScoutMarkets, wire.ScoutMarketsRequest(**wish))
    assert told == code
    assert words in sentence
