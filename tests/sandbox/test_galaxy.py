"""A galaxy of many systems, made as it is looked at (api-facts §6, §10)."""

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx2
import pytest

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.construction import is_under_construction
from goodsfactory.sandbox.galaxy_parameters import MOST_SYSTEMS, GalaxyParameters
from goodsfactory.sandbox.gate_links import link_gates
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.lazy_mapping import LazyMapping
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SMALL_TANK = 300


@pytest.fixture(scope="module", params=[1, 2, 3])
def galaxy(request: pytest.FixtureRequest) -> Universe:
    return generate_universe(request.param, epoch=EPOCH, systems=60)


def made(mapping: Mapping[str, object]) -> Collection[str]:
    """The keys of a lazy mapping that have come into being."""
    assert isinstance(mapping, LazyMapping)
    return mapping.made.keys()


def reached(universe: Universe, start: str, blocked: Collection[str]) -> set[str]:
    """All gates a ship can get to from ``start``, which never jumps into a blocked one."""
    seen, frontier = {start}, [start]
    while frontier:
        fresh = {gate for gate in universe.jump_gates[frontier.pop()] if gate not in blocked} - seen
        frontier.extend(fresh)
        seen |= fresh
    return seen


def test_opening_a_galaxy_makes_one_system() -> None:
    """Of 8,000 systems only the first home exists until somebody looks; a look makes what is looked at."""
    universe = generate_universe(5, epoch=EPOCH, systems=8000)
    assert (len(universe.systems), len(made(universe.systems))) == (8000, 0)
    name = list(universe.systems)[4321]
    assert universe.systems[name].symbol == name
    assert set(made(universe.systems)) == {name}
    assert len(made(universe.markets)) == 0
    home = universe.home.symbol
    assert len(universe.markets_in(home)) == 25
    assert {symbol.rpartition("-")[0] for symbol in made(universe.markets)} == {home}


def test_a_galaxy_counts_its_waypoints_without_making_them() -> None:
    """The census equals what is there when everything has been made."""
    universe = generate_universe(6, epoch=EPOCH, systems=200)
    counted = universe.count_waypoints()
    assert len(made(universe.systems)) == 0
    assert counted == sum(len(system.waypoints) for system in universe.systems.values())


def test_what_is_in_a_system_does_not_depend_on_what_was_looked_at_before() -> None:
    """L13: systems follow from (seed, symbol), in whatever order they are made."""
    one, two = (generate_universe(4, epoch=EPOCH, systems=60) for _ in range(2))
    names = list(one.systems)
    for name in reversed(names):
        assert two.systems[name] is two.systems[name]
    assert one.systems == two.systems
    assert dict(one.jump_gates) == dict(two.jump_gates)
    assert dict(one.shipyards) == dict(two.shipyards)
    later = EPOCH + timedelta(hours=10)
    for waypoint in reversed(list(two.markets)):
        assert one.markets[waypoint].goods(later) == two.markets[waypoint].goods(later)


def test_a_small_galaxy_is_the_middle_of_a_large_one() -> None:
    """Adding systems changes none of those there were."""
    small, large = (generate_universe(8, epoch=EPOCH, systems=count) for count in (60, 500))
    assert list(large.systems)[:60] == list(small.systems)
    assert all(small.systems[name] == large.systems[name] for name in small.systems)
    assert small.factions == large.factions
    assert [small.headquarters_of(each) for each in small.factions] == [
        large.headquarters_of(each) for each in large.factions
    ]


def test_a_lonely_home_is_the_home_of_the_galaxy() -> None:
    """The first home and its course are the same with 1 and with 60 systems."""
    alone, among = (generate_universe(9, epoch=EPOCH, systems=count) for count in (1, 60))
    home = alone.home.symbol
    assert among.home == alone.home
    later = EPOCH + timedelta(hours=30)
    assert [market.goods(later) for market in alone.markets.values()] == [
        market.goods(later) for market in among.markets_in(home).values()
    ]


def test_symbols_are_distinct_and_well_formed() -> None:
    """Even in the largest galaxy on offer no two systems share a symbol."""
    universe = generate_universe(3, epoch=EPOCH, systems=MOST_SYSTEMS)
    names = list(universe.systems)
    assert len(set(names)) == MOST_SYSTEMS
    assert all(name.startswith("X1-") and name[3:5].isalpha() and name[5:].isdigit() for name in names)


@pytest.mark.parametrize("count", [0, -1, MOST_SYSTEMS + 1])
def test_a_galaxy_of_an_impossible_size_is_refused(count: int) -> None:
    """The sentence names the range and the number."""
    with pytest.raises(ValueError, match=f"1 to {MOST_SYSTEMS} systems, not {count}"):
        generate_universe(1, epoch=EPOCH, systems=count)


def test_every_recruiting_faction_has_a_home(galaxy: Universe) -> None:
    """Ten factions, ten home systems, each like the captured one, each with its faction's places."""
    capitals = [galaxy.headquarters_of(faction) for faction in galaxy.factions]
    homes = [capital.rpartition("-")[0] for capital in capitals]
    assert len(set(homes)) == len(galaxy.factions) == 10
    assert galaxy.headquarters == capitals[0]
    for faction, capital, home in zip(galaxy.factions, capitals, homes, strict=True):
        markets = galaxy.markets_in(home)
        goods = Counter(good.type for market in markets.values() for good in market.goods(EPOCH))
        assert goods == {TradeType.EXPORT: 35, TradeType.IMPORT: 68, TradeType.EXCHANGE: 44}
        assert (len(markets), len(galaxy.shipyards_in(home))) == (25, 3)
        assert capital in markets
        waypoints = galaxy.systems[home].waypoints
        assert 82 <= len(waypoints) <= 93
        assert {place.faction for place in waypoints.values()} == {faction, None}
        assert not any(place.has("UNCHARTED") for place in waypoints.values())


def test_factions_share_homes_where_there_are_few() -> None:
    """In a galaxy of twelve systems ten factions start in two."""
    universe = generate_universe(2, epoch=EPOCH, systems=12)
    capitals = Counter(universe.headquarters_of(faction) for faction in universe.factions)
    assert sorted(capitals.values()) == [5, 5]
    assert universe.headquarters_of("NOBODY") == universe.headquarters


def test_other_systems_are_smaller(galaxy: Universe) -> None:
    """Outside the homes lie 1 to 35 waypoints, most of them uncharted; where a gate is there are markets."""
    homes = {galaxy.headquarters_of(faction).rpartition("-")[0] for faction in galaxy.factions}
    far = [system for name, system in galaxy.systems.items() if name not in homes]
    sizes = [len(system.waypoints) for system in far]
    assert set(sizes) <= set(range(1, 36))
    places = [place for system in far for place in system.waypoints.values()]
    assert 0.5 <= sum(place.has("UNCHARTED") for place in places) / len(places) <= 0.7
    gated = {gate.rpartition("-")[0] for gate in galaxy.jump_gates}
    with_gate = [len(galaxy.markets_in(system.symbol)) for system in far if system.symbol in gated]
    without = [len(galaxy.markets_in(system.symbol)) for system in far if system.symbol not in gated]
    assert set(with_gate) <= set(range(1, 8))
    assert 1.5 <= statistics.mean(with_gate) <= 4.5
    assert set(without) <= set(range(4))
    assert statistics.mean(without) <= 1.5
    for place in places:
        assert place.has("MARKETPLACE") == (place.symbol in galaxy.markets)
        assert place.has("SHIPYARD") == (place.symbol in galaxy.shipyards)


def test_orbitals_and_parents_agree_everywhere(galaxy: Universe) -> None:
    """Orbitals lie where their parent does, and nothing else shares a spot."""
    for system in galaxy.systems.values():
        for place in system.waypoints.values():
            assert place.system == system.symbol
            for orbital in place.orbitals:
                moon = system.waypoints[orbital]
                assert (moon.orbits, moon.x, moon.y) == (place.symbol, place.x, place.y)
        free = [(place.x, place.y) for place in system.waypoints.values() if place.orbits is None]
        assert len(set(free)) == len(free)


def test_a_small_tank_gets_around_in_every_settled_system(galaxy: Universe) -> None:
    """Outside the homes every market sells FUEL and lies within one tank of every other."""
    homes = {galaxy.headquarters_of(faction).rpartition("-")[0] for faction in galaxy.factions}
    for name, system in galaxy.systems.items():
        if name not in homes:
            markets = galaxy.markets_in(name)
            assert all(market.good("FUEL", EPOCH) for market in markets.values())
            spots = [(system.waypoints[each].x, system.waypoints[each].y) for each in markets]
            assert all(math.dist(one, other) <= SMALL_TANK for one in spots for other in spots)


def test_frontier_yards_sell_ships_that_exist() -> None:
    """Some yard outside sells what the home systems do not, such as a ship that can warp."""
    universe = generate_universe(1, epoch=EPOCH, systems=200)
    offers = {offer.type for yard in universe.shipyards.values() for offer in yard}
    assert offers <= set(SHIP_TYPES)
    assert {"SHIP_EXPLORER", "SHIP_HEAVY_FREIGHTER"} <= offers


def test_gates_of_homes_and_some_others_are_building_sites(galaxy: Universe) -> None:
    """Ten sites with the usual bill, and one or two outside that may miss their stabilizer as well."""
    gates = set(galaxy.jump_gates)
    building = {gate for gate in gates if is_under_construction(galaxy, gate)}
    homes = {galaxy.headquarters_of(faction).rpartition("-")[0] for faction in galaxy.factions}
    assert set(galaxy.constructions) == building
    walls = {gate for gate in building if gate.rpartition("-")[0] not in homes}
    assert len(walls) in (1, 2)
    assert len(building - walls) == len(homes)
    for gate in gates:
        waypoint = galaxy.waypoint(gate)
        assert waypoint is not None
        assert (waypoint.type, waypoint.under_construction) == ("JUMP_GATE", gate in building)
    for gate in building:
        bill = galaxy.constructions[gate]
        assert (bill["FAB_MATS"], bill["ADVANCED_CIRCUITRY"]) == ([1600, 0], [400, 0])
        assert bill["QUANTUM_STABILIZERS"] in ([[1, 0], [1, 1]] if gate in walls else [[1, 1]])


def test_some_gates_outside_the_homes_lack_their_stabilizer() -> None:
    """Both kinds of site are met with in a galaxy of 600."""
    universe = generate_universe(1, epoch=EPOCH, systems=600)
    homes = {universe.headquarters_of(faction).rpartition("-")[0] for faction in universe.factions}
    walls = [gate for gate in universe.constructions if gate.rpartition("-")[0] not in homes]
    assert {universe.constructions[gate]["QUANTUM_STABILIZERS"][1] for gate in walls} == {0, 1}
    assert 0.08 <= len(walls) / (len(universe.jump_gates) - len(homes)) <= 0.10


def test_every_gate_has_a_handful_of_connections(galaxy: Universe) -> None:
    """Links go both ways to gates that exist, nearest first; a home has five and no other home among them."""
    homes = {galaxy.headquarters_of(faction).rpartition("-")[0] for faction in galaxy.factions}
    counts = []
    for gate, neighbours in galaxy.jump_gates.items():
        counts.append(len(neighbours))
        assert gate not in neighbours
        assert len(set(neighbours)) == len(neighbours)
        assert all(gate in galaxy.jump_gates[other] for other in neighbours)
        way = [_apart(galaxy, gate, other) for other in neighbours]
        assert way == sorted(way)
        if gate.rpartition("-")[0] in homes:
            assert len(neighbours) == GalaxyParameters().home_gates
            assert not homes & {other.rpartition("-")[0] for other in neighbours}
    assert set(counts) <= set(range(3, 10))
    assert statistics.median(counts) in (4, 5)


def test_one_home_in_three_meets_a_wall(galaxy: Universe) -> None:
    """Of ten homes three or four lie beside a gate outside that is unfinished itself (operations.md §3.1)."""
    homes = {galaxy.headquarters_of(faction).rpartition("-")[0] for faction in galaxy.factions}
    gates = [gate for gate in galaxy.jump_gates if gate.rpartition("-")[0] in homes]
    walled = [gate for gate in gates if set(galaxy.jump_gates[gate]) & set(galaxy.constructions)]
    assert len(walled) in (3, 4)


def _apart(universe: Universe, one: str, other: str) -> float:
    spots = [universe.systems[gate.rpartition("-")[0]] for gate in (one, other)]
    return math.dist((spots[0].x, spots[0].y), (spots[1].x, spots[1].y))


def test_gates_form_one_net_that_needs_no_building_site(galaxy: Universe) -> None:
    """From any home, once its gate is built, every finished gate can be reached over finished gates alone."""
    building = set(galaxy.constructions)
    for home in building:
        assert reached(galaxy, home, building) == (set(galaxy.jump_gates) - building) | {home}


def test_a_large_net_is_connected_too() -> None:
    """1,500 systems, 44 % of which have gates: one net, and ways about as long as live ones (§7.1)."""
    universe = generate_universe(1, epoch=EPOCH, systems=1500)
    gates = set(universe.jump_gates)
    assert len(gates) / 1500 == pytest.approx(0.44, abs=0.01)
    building = set(universe.constructions)
    start = next(iter(building))
    assert reached(universe, start, building) == (gates - building) | {start}
    ways = [_apart(universe, gate, other) for gate in gates for other in universe.jump_gates[gate]]
    assert statistics.median(ways) == pytest.approx(1230, rel=0.2)
    assert statistics.quantiles(ways, n=20)[0] == pytest.approx(338, rel=0.2)
    assert statistics.quantiles(ways, n=10)[8] == pytest.approx(2868, rel=0.2)


def test_gates_sell_antimatter(galaxy: Universe) -> None:
    """A jump buys a unit of it at the gate it leaves from (api-facts §10)."""
    for gate in galaxy.jump_gates:
        market = galaxy.markets[gate]
        assert {"ANTIMATTER", "FUEL"} <= set(market.exchange)


def test_places_that_are_not_there_are_not_found(galaxy: Universe) -> None:
    """Neither systems nor waypoints, markets, yards, gates or sites come up for a wrong symbol."""
    home = galaxy.home.symbol
    for symbol in ("X1-NOWHERE-A1", f"{home}-Z99", "nonsense", "", home):
        assert galaxy.waypoint(symbol) is None
        for mapping in (galaxy.markets, galaxy.shipyards, galaxy.jump_gates, galaxy.constructions):
            assert symbol not in mapping
            with pytest.raises(KeyError):
                mapping[symbol]
    assert "X1-NOWHERE" not in galaxy.systems
    assert galaxy.markets_in("X1-NOWHERE") == {}


def test_a_lonely_gate_leads_out_of_the_sandbox() -> None:
    """With one system the gate names five gates nobody has seen."""
    universe = generate_universe(1, epoch=EPOCH)
    ((gate, others),) = universe.jump_gates.items()
    assert len(set(others)) == 5
    assert all(universe.waypoint(other) is None for other in others)
    assert gate not in others


@pytest.mark.parametrize("count", range(1, 8))
def test_gates_of_a_few_are_linked(count: int) -> None:
    """However few there are, and though all be building sites, the net holds together."""
    spots = [(place * 100, (place * 37) % 50) for place in range(count)]
    every = tuple(range(count))
    for homes, walls in (((), ()), ((0,), ()), ((0,), (1,)), (every, ()), ((), every)):
        links = link_gates(
            spots,
            homes=homes,
            walls=[place for place in walls if place < count],
            parameters=GalaxyParameters(),
            dice=random.Random(count),
        )
        seen, frontier = {0}, [0]
        while frontier:
            fresh = set(links[frontier.pop()]) - seen
            frontier.extend(fresh)
            seen |= fresh
        assert seen == set(range(count))
        assert all(place not in found for place, found in enumerate(links))


def test_a_value_is_made_once() -> None:
    """A lazy mapping makes each value when asked, keeps it, and never asks again."""
    asked: list[str] = []

    def make(key: str) -> list[str] | None:
        asked.append(key)
        return [key] if key in "ab" else None

    mapping = LazyMapping(make, lambda: ("a", "b"))
    assert asked == []
    mapping["a"].append("changed")
    assert mapping["a"] == ["a", "changed"]
    assert "c" not in mapping
    assert cast("Any", 3) not in mapping
    assert (len(mapping), list(mapping), asked) == (2, ["a", "b"], ["a", "c"])
    assert repr(mapping) == "LazyMapping(1 made)"
    with pytest.raises(KeyError, match="c"):
        mapping["c"]


def test_agents_of_one_faction_share_a_home() -> None:
    """Agents of a faction start at one headquarters, agents of another elsewhere; probes at a yard there."""
    universe = generate_universe(3, epoch=EPOCH, systems=60)
    world = World(universe, now=lambda: EPOCH, seed=3)
    first, second, *_ = universe.factions
    ada, bob, eve = (
        world.register(name, faction) for name, faction in (("ADA", first), ("BOB", first), ("EVE", second))
    )
    assert ada.agent.headquarters == bob.agent.headquarters == universe.headquarters_of(first)
    assert eve.agent.headquarters == universe.headquarters_of(second) != ada.agent.headquarters
    for new in (ada, eve):
        home = new.agent.headquarters.rpartition("-")[0]
        frigate, probe = new.ships
        assert frigate.waypoint == new.agent.headquarters
        assert probe.waypoint in universe.shipyards_in(home)
        assert new.contract.destination in universe.markets_in(home)
    touched = {symbol.rpartition("-")[0] for symbol in made(universe.markets)}
    assert len(touched) == 2


def test_pages_of_systems_are_cheap_and_complete(new_client: Callable[..., httpx2.AsyncClient]) -> None:
    """A page makes its own systems alone; all pages together show every system once."""
    import asyncio

    universe = generate_universe(3, epoch=EPOCH, systems=95)
    world = World(universe, now=lambda: EPOCH, seed=3)

    async def page(number: int, client: httpx2.AsyncClient) -> list[str]:
        answer = await client.get("/systems", params={"page": number, "limit": 20})
        assert answer.status_code == 200
        assert answer.json()["meta"] == {"total": 95, "page": number, "limit": 20}
        return [system["symbol"] for system in answer.json()["data"]]

    async def story() -> list[str]:
        async with new_client(world, rate_limit=False) as client:
            third = await page(3, client)
            assert set(made(universe.systems)) == set(third)
            status = (await client.get("/")).json()
            assert status["stats"]["systems"] == 95
            assert status["stats"]["waypoints"] == universe.count_waypoints()
            assert set(made(universe.systems)) == set(third)
            return [symbol for number in range(1, 7) for symbol in await page(number, client)]

    assert asyncio.run(story()) == list(universe.systems)


def test_systems_on_one_spot_are_linked_to_others() -> None:
    """No gate leads to itself, wherever its neighbours lie."""
    spots = [(0, 0), (0, 0), (0, 0), (90, 0), (90, 0), (0, 700)]
    dice = random.Random(1)
    links = link_gates(spots, homes=[], walls=[], parameters=GalaxyParameters(), dice=dice)
    assert all(links)
    assert not [number for number, found in enumerate(links) if number in found]
