"""Whatever the domain can say, the store can keep: each value comes back equal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres import ENGLISH, patient
from tests.store.conftest import Rows

from goodsfactory.adapters.store.database import close, open_database
from goodsfactory.adapters.store.tables import PLAYERS
from goodsfactory.adapters.store.transaction import SqlTransaction
from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import (
    FactoryRequest,
    FactoryStatus,
    GoodsFactory,
    Hibernation,
    Strategy,
    Terminal,
    Trial,
    Work,
)
from goodsfactory.domain.geography import FlightMode, Waypoint
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.money import Intent, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Balance, Player
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.domain.supply_chain import Acquisition, NodeProgress, NodeState, SupplyChainNode

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

zones = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-5, minutes=-30))])
instants = st.builds(
    lambda past, zone: (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=past)).astimezone(zone),
    st.integers(0, 10**15),
    zones,
)
maybe_instants = st.none() | instants
symbols = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", min_size=1, max_size=12)
waypoints = st.builds("X1-{}-{}".format, symbols, symbols)
sentences = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
amounts = st.integers(-(2**53), 2**53)
counts = st.integers(0, 2**31 - 1)
scalars = st.none() | st.booleans() | amounts | sentences | st.floats(allow_nan=False, allow_infinity=False)
documents = st.dictionaries(sentences, scalars | st.lists(scalars, max_size=3), max_size=4)

listings = st.builds(
    Listing,
    good=symbols,
    type=st.sampled_from(TradeType),
    trade_volume=counts,
    supply=st.sampled_from(Supply),
    activity=st.none() | st.sampled_from(Activity),
    ask=counts,
    bid=counts,
)
goods = st.frozensets(symbols, max_size=5)
priced = st.builds(
    MarketSnapshot,
    waypoint=waypoints,
    exports=goods,
    imports=goods,
    exchange=goods,
    listings=st.lists(listings, max_size=4, unique_by=lambda listing: listing.good).map(tuple),
    observed_at=instants,
)
unpriced = st.builds(MarketSnapshot, waypoint=waypoints, exports=goods, imports=goods, exchange=goods)
ships = st.builds(
    Ship,
    symbol=symbols,
    role=symbols,
    nav=st.builds(
        Nav,
        system=symbols,
        waypoint=waypoints,
        status=st.sampled_from(NavStatus),
        flight_mode=st.sampled_from(FlightMode),
        origin=st.none() | waypoints,
        departed_at=maybe_instants,
        arrival=maybe_instants,
    ),
    tank=st.builds(Tank, counts, counts),
    hold=st.builds(Hold, counts, st.dictionaries(symbols, counts, max_size=4)),
    speed=counts,
    observed_at=instants,
    cooldown_until=maybe_instants,
    frame=symbols,
)


def tree_nodes(children: Any) -> Any:
    return st.builds(
        SupplyChainNode,
        good=symbols,
        acquisition=st.sampled_from(Acquisition),
        reason=sentences,
        source=st.none() | waypoints,
        factory_waypoint=st.none() | waypoints,
        supply=st.none() | st.sampled_from(Supply),
        activity=st.none() | st.sampled_from(Activity),
        children=children,
    )


trees = st.recursive(
    tree_nodes(st.just(())), lambda inner: tree_nodes(st.lists(inner, max_size=3).map(tuple)), max_leaves=6
)
requests = st.builds(
    FactoryRequest,
    strategy=st.sampled_from(Strategy),
    units=st.none() | counts.filter(bool),
    terminal=st.sampled_from(Terminal),
    max_depth=counts,
    priority=st.floats(0, 1000, exclude_min=True),
    ships=st.lists(symbols, max_size=3).map(tuple),
    exclude=st.lists(symbols, max_size=3).map(tuple),
    fail_if_no_ship=st.booleans(),
)
factories = st.builds(
    GoodsFactory,
    id=st.uuids().map(str),
    player_id=st.just(1),
    target_good=symbols,
    system_symbol=symbols,
    created_at=instants,
    updated_at=instants,
    status=st.sampled_from(FactoryStatus),
    tree=st.none() | trees,
    request=requests,
    error=st.none() | sentences,
    quantity_acquired=amounts,
    total_cost=amounts,
    started_at=maybe_instants,
    completed_at=maybe_instants,
    ships_used=counts,
    market_queries=counts,
    parallel_levels=counts,
    estimated_speedup=st.floats(0, 1000),
    hibernation=st.none() | st.builds(Hibernation, since=instants, until=instants, why=sentences),
    work=st.none() | st.builds(Work, seconds=st.floats(0, 1e6), ships=counts, since=instants),
    trial=st.none()
    | st.builds(Trial, since=instants, seconds=st.floats(0, 1e6), seen=instants, failures=counts),
)
nodes = st.builds(
    NodeProgress,
    factory_id=st.just("factory-1"),
    good=symbols,
    state=st.sampled_from(NodeState),
    reason=sentences,
    since=instants,
    next_check=maybe_instants,
    quantity=amounts,
    cost=amounts,
    checks=counts,
    ships=st.lists(symbols, max_size=3).map(tuple),
    look_at=st.lists(waypoints, max_size=3).map(tuple),
)
legs = st.builds(
    Leg,
    id=symbols,
    player_id=st.just(1),
    good=symbols,
    source=waypoints,
    destination=st.none() | waypoints,
    hand_over=st.sampled_from(HandOver),
    feeds=st.none() | symbols,
    pegs=st.tuples(st.builds(Peg, st.just("factory-1"), amounts)),
    clears=st.booleans(),
    value=amounts,
    reason=sentences,
    created_at=instants,
    state=st.sampled_from(LegState),
    ship=st.none() | symbols,
    container_id=st.none() | symbols,
    bought=amounts,
    cost=amounts,
    delivered=amounts,
    revenue=amounts,
    failure=st.none() | sentences,
    not_before=maybe_instants,
    assigned_at=maybe_instants,
    laden_at=maybe_instants,
    ended_at=maybe_instants,
    traded_at=maybe_instants,
)
intents = st.builds(
    Intent,
    id=symbols,
    player_id=st.just(1),
    ship=symbols,
    container_id=symbols,
    kind=st.sampled_from(MoneyKind),
    good=symbols,
    units=amounts,
    unit_price=amounts,
    waypoint=waypoints,
    reserved=amounts,
    units_before=amounts,
    credits_before=amounts,
    created_at=instants,
    factory_id=st.none() | symbols,
    leg_id=st.none() | symbols,
    settled_at=maybe_instants,
)
entries = st.builds(
    LedgerEntry,
    player_id=st.just(1),
    kind=st.sampled_from(MoneyKind),
    amount=amounts,
    at=instants,
    ship=st.none() | symbols,
    good=st.none() | symbols,
    units=amounts,
    unit_price=amounts,
    waypoint=st.none() | waypoints,
    factory_id=st.none() | symbols,
    leg_id=st.none() | symbols,
    intent_id=st.none() | symbols,
    balance_after=st.none() | amounts,
)
containers = st.builds(
    Container,
    id=symbols,
    type=st.sampled_from(ContainerType),
    player_id=st.just(1),
    created_at=instants,
    updated_at=instants,
    status=st.sampled_from(ContainerStatus),
    metadata=documents,
    iteration=counts,
    max_iterations=st.integers(-1, 1000),
    restart_count=counts,
    epoch=counts,
    heartbeat_at=maybe_instants,
    last_effect=st.none() | sentences,
    exit_reason=st.none() | sentences,
)
logs = st.builds(
    ContainerLog,
    container_id=st.just("worker-1"),
    at=instants,
    level=st.sampled_from(["INFO", "WARNING", "ERROR"]),
    message=sentences,
    metadata=documents,
)
claims = st.builds(
    Claim,
    ship=symbols,
    player_id=st.just(1),
    container_id=symbols,
    operation=sentences,
    epoch=counts,
    claimed_at=instants,
)
events = st.builds(
    Event,
    player_id=st.just(1),
    kind=st.sampled_from(EventKind),
    at=instants,
    message=sentences,
    factory_id=st.none() | symbols,
    good=st.none() | symbols,
    ship=st.none() | symbols,
    container_id=st.none() | symbols,
    data=documents,
)
places = st.builds(
    Waypoint,
    symbol=waypoints,
    system=symbols,
    type=symbols,
    x=st.integers(-5000, 5000),
    y=st.integers(-5000, 5000),
    traits=goods,
    orbits=st.none() | waypoints,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    """One of each kind: what a test writes it takes back."""
    url = ":memory:"
    if request.param == "postgresql":
        url = patient(request.getfixturevalue("postgres").fresh_database(ENGLISH))
    connection = open_database(url)
    yield connection
    close(connection)
    if request.param == "postgresql":
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture
def scratch(connection: Any, rows: Rows) -> Any:
    """A transaction with player 1, factory-1 and worker-1 in it, which leaves nothing behind."""

    @contextmanager
    def begin() -> Iterator[Any]:
        with connection.begin() as open_transaction:
            transaction = SqlTransaction(connection, "2026-11-15")
            # Named rather than counted: a number taken back is not given again on every database.
            player = Player(1, "COSMIC", "2026-11-15", "2026-11-15", "http://here/v2", rows.now)
            connection.execute(PLAYERS.insert(), vars(player))
            transaction.factories.add(rows.factory(1))
            transaction.containers.add(rows.container(1))
            yield transaction
            open_transaction.rollback()

    return begin


@few
@given(ship=ships)
def test_ships(scratch: Any, ship: Any) -> None:
    """A ship comes back with its route, tank and hold."""
    with scratch() as t:
        t.ships.save(1, [ship])
        assert t.ships.get(ship.symbol) == (1, ship)


@few
@given(place=places)
def test_waypoints(scratch: Any, place: Any) -> None:
    """A waypoint comes back with its traits."""
    with scratch() as t:
        t.waypoints.save([place])
        assert t.waypoints.in_system(place.system) == [place]


@few
@given(market=priced | unpriced)
def test_markets(scratch: Any, market: Any) -> None:
    """A market comes back with its listings in their order."""
    with scratch() as t:
        t.markets.save(market)
        assert t.markets.get(market.waypoint) == market


@few
@given(factory=factories)
def test_factories(scratch: Any, factory: GoodsFactory) -> None:
    """A factory comes back with its tree, request and error, added or updated."""
    with scratch() as t:
        t.factories.add(factory)
        assert t.factories.get(factory.id, 1) == factory
        t.factories.update(factory)
        assert t.factories.get(factory.id, 1) == factory


@few
@given(node=nodes)
def test_nodes(scratch: Any, node: Any) -> None:
    """A node's progress comes back with its ships and the markets it wants seen."""
    with scratch() as t:
        t.factories.save_nodes([node])
        assert t.factories.nodes("factory-1") == [node]


@few
@given(leg=legs)
def test_legs(scratch: Any, leg: Any) -> None:
    """A leg comes back, added or updated."""
    with scratch() as t:
        t.legs.add([leg])
        t.legs.update(leg)
        assert t.legs.get(leg.id) == leg


@few
@given(intent=intents)
def test_intents(scratch: Any, intent: Any) -> None:
    """An open intent comes back with what the world looked like."""
    with scratch() as t:
        t.money.open_intent(intent)
        assert t.money.open_intent_of(intent.ship) == intent
        assert t.money.reserved(1) == intent.reserved


@few
@given(recorded=st.lists(entries, max_size=5))
def test_ledger(scratch: Any, recorded: Any) -> None:
    """Ledger rows come back in their order, and their sum is exact."""
    with scratch() as t:
        for entry in recorded:
            t.money.record(entry)
        assert t.money.ledger(1) == recorded
        assert t.money.ledger_sum(1) == sum(entry.amount for entry in recorded)


@few
@given(container=containers.filter(lambda container: container.id != "worker-1"))
def test_containers(scratch: Any, container: Any) -> None:
    """A container comes back with its metadata."""
    with scratch() as t:
        t.containers.add(container)
        assert t.containers.get(container.id) == container


@few
@given(line=logs)
def test_container_logs(scratch: Any, line: Any) -> None:
    """A log line comes back."""
    with scratch() as t:
        t.containers.log(line)
        assert t.containers.logs("worker-1") == [line]


@few
@given(claim=claims.filter(lambda claim: claim.container_id != "worker-1"))
def test_claims(scratch: Any, claim: Any) -> None:
    """A claim comes back."""
    with scratch() as t:
        assert t.claims.claim(claim)
        assert t.claims.of_ship(claim.ship) == claim


@few
@given(event=events)
def test_events(scratch: Any, event: Any) -> None:
    """An event comes back with its data and the number it was given."""
    with scratch() as t:
        numbered = t.events.append(event)
        assert t.events.after(numbered.seq - 1) == [numbered]
        assert (numbered.message, numbered.data) == (event.message, event.data)


@few
@given(credits=amounts, seen=instants)
def test_balances(scratch: Any, credits: Any, seen: Any) -> None:
    """A balance comes back, negative ones too; instants are read in UTC."""
    with scratch() as t:
        t.players.set_balance(1, Balance(credits, seen))
        kept = t.players.balance(1)
        assert kept == Balance(credits, seen)
        assert kept.observed_at.tzinfo is UTC
