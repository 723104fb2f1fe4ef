"""A generated home system looks like a real one (economy.md §8) and lives like one (§12)."""

import itertools
import math
import random
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.seeding import first_trade_volume
from goodsfactory.sandbox.universe import Universe

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = range(6)
SMALL_TANK = 300
"""Fuel of a light shuttle: cruising burns one unit per unit of distance (api-facts §8.3)."""


@pytest.fixture(scope="module", params=SEEDS)
def universe(request: pytest.FixtureRequest) -> Universe:
    return generate_universe(request.param, epoch=EPOCH)


def living(universe: Universe, now: datetime) -> list[tuple[Market, MarketGood]]:
    return [(market, good) for market in universe.markets.values() for good in market.goods(now)]


def supplies(universe: Universe, type: TradeType, now: datetime) -> Counter[Supply]:
    return Counter(good.supply for _, good in living(universe, now) if good.type is type)


def sellers(universe: Universe, good: str) -> list[str]:
    return [
        place for place, market in universe.markets.items() if good in (*market.exports, *market.exchange)
    ]


def test_mix_of_waypoints(universe: Universe) -> None:
    """82 to 93 waypoints in the proportions of a captured starter system (api-facts §6)."""
    types = Counter(waypoint.type for waypoint in universe.home.waypoints.values())
    assert 82 <= types.total() <= 93
    assert 54 <= types.pop("ASTEROID") <= 65
    assert types == {
        "ENGINEERED_ASTEROID": 1,
        "PLANET": 7,
        "MOON": 9,
        "FUEL_STATION": 4,
        "ORBITAL_STATION": 3,
        "ASTEROID_BASE": 2,
        "GAS_GIANT": 1,
        "JUMP_GATE": 1,
    }


def test_markets_yards_and_gate(universe: Universe) -> None:
    """25 markets with 35 exports, 68 imports and 44 exchange entries, 3 yards, an unfinished gate (§8.1)."""
    goods = Counter(good.type for _, good in living(universe, EPOCH))
    assert goods == {TradeType.EXPORT: 35, TradeType.IMPORT: 68, TradeType.EXCHANGE: 44}
    assert len(universe.markets) == 25
    assert len(universe.shipyards) == 3
    (gate,) = universe.constructions
    assert universe.constructions[gate] == {
        "FAB_MATS": [1600, 0],
        "ADVANCED_CIRCUITRY": [400, 0],
        "QUANTUM_STABILIZERS": [1, 1],
    }
    waypoint = universe.waypoint(gate)
    assert waypoint is not None
    assert (waypoint.type, waypoint.under_construction) == ("JUMP_GATE", True)
    assert len(universe.jump_gates[gate]) == 5


def test_traits_tell_what_stands_where(universe: Universe) -> None:
    """MARKETPLACE and SHIPYARD traits agree with the markets and yards."""
    waypoints = universe.home.waypoints
    assert {symbol for symbol, place in waypoints.items() if place.has("MARKETPLACE")} == set(
        universe.markets
    )
    assert {symbol for symbol, place in waypoints.items() if place.has("SHIPYARD")} == set(universe.shipyards)
    assert universe.headquarters in universe.markets
    assert universe.waypoint("X1-NOWHERE-A1") is None
    assert universe.waypoint(universe.home.symbol + "-Z99") is None
    assert universe.waypoint("nonsense") is None


def test_orbitals_share_the_place_of_their_parent(universe: Universe) -> None:
    """Orbitals and parents name each other and share coordinates; nothing else does (api-facts §6)."""
    waypoints = universe.home.waypoints
    for place in waypoints.values():
        for orbital in place.orbitals:
            assert waypoints[orbital].orbits == place.symbol
            assert (waypoints[orbital].x, waypoints[orbital].y) == (place.x, place.y)
        if place.orbits is not None:
            assert place.symbol in waypoints[place.orbits].orbitals
    free = [(place.x, place.y) for place in waypoints.values() if place.orbits is None]
    assert len(set(free)) == len(free)


def test_distances(universe: Universe) -> None:
    """Most markets lie within 200 of the centre, the far ones at about 350, 450, 600 and 720 (§8.3)."""
    spots = [universe.home.waypoints[symbol] for symbol in universe.markets]
    reach = sorted(math.hypot(place.x, place.y) for place in spots)
    assert sum(distance <= 200 for distance in reach) == 20
    assert 700 <= reach[-1] <= 740
    pairs = [math.dist((a.x, a.y), (b.x, b.y)) for a, b in itertools.combinations(spots, 2)]
    assert 110 <= statistics.median(pairs) <= 190
    assert max(pairs) <= 1100


def test_a_small_tank_reaches_every_market(universe: Universe) -> None:
    """From market to market no hop between two fuel sellers exceeds 300 units, however far the goal."""
    stops = {symbol: universe.home.waypoints[symbol] for symbol in sellers(universe, "FUEL")}
    assert set(stops) == set(universe.markets)
    reached, frontier = {universe.headquarters}, [universe.headquarters]
    while frontier:
        here = stops[frontier.pop()]
        near = {
            symbol
            for symbol, place in stops.items()
            if math.dist((here.x, here.y), (place.x, place.y)) <= SMALL_TANK
        }
        frontier.extend(near - reached)
        reached |= near
    assert reached == set(universe.markets)


def test_exporters_import_their_recipes(universe: Universe) -> None:
    """A market that exports a manufactured good imports all its inputs on the spot (§6.2)."""
    recipes = RecipeMap.bundled()
    for market in universe.markets.values():
        for export in market.exports:
            if not recipes.is_raw(export):
                assert set(recipes.inputs(export)) <= {*market.imports}
    assert universe.recipes == recipes.imports_of


@pytest.mark.parametrize(
    "target",
    [
        "ADVANCED_CIRCUITRY",
        "FAB_MATS",
        "CLOTHING",
        "MACHINERY",
        "EQUIPMENT",
        "ELECTRONICS",
        "MICROPROCESSORS",
        "SHIP_PARTS",
        "SHIP_PLATING",
        "MEDICINE",
        "FOOD",
        "FABRICS",
        "LAB_INSTRUMENTS",
        "FIREARMS",
        "ASSAULT_RIFLES",
        "BIOCOMPOSITES",
        "DRUGS",
    ],
)
def test_chains_can_be_made_in_the_system(universe: Universe, target: str) -> None:
    """Down to raw goods, every link of the usual chains has an exporter or an exchange (§8)."""
    recipes = RecipeMap.bundled()
    open_goods, seen = [target], {target}
    while open_goods:
        good = open_goods.pop()
        assert sellers(universe, good), good
        if not recipes.is_raw(good):
            assert any(good in market.exports for market in universe.markets.values()), good
            fresh = set(recipes.inputs(good)) - seen
            seen |= fresh
            open_goods.extend(fresh)


def test_nearly_every_import_has_a_source(universe: Universe) -> None:
    """64 of 68 imports can be bought in the system (§8.2)."""
    imports = [good for market in universe.markets.values() for good in market.imports]
    assert sum(bool(sellers(universe, good)) for good in imports) == 64


def test_first_trade_volumes_and_margins(universe: Universe) -> None:
    """Trade volumes start at 6, 18, 20, 60 or 180; margins lie in the observed bands (§1.5, §5.2)."""
    for _, good in living(universe, EPOCH):
        assert good.trade_volume in {6, 18, 20, 60, 180}
        assert (good.trade_volume >= 18) == (good.type is TradeType.EXCHANGE or good.trade_volume != 6)
        assert good.margin in (range(8, 14) if good.trade_volume == 6 else range(5, 12))
        assert (good.ask_offset, good.bid_offset) == (0, 0)


def test_mining_has_places(universe: Universe) -> None:
    """Common, mineral, precious and rare deposits all exist among the asteroids (api-facts §6)."""
    traits = Counter(trait for place in universe.home.waypoints.values() for trait in place.traits)
    assert all(
        traits[deposit]
        for deposit in (
            "COMMON_METAL_DEPOSITS",
            "MINERAL_DEPOSITS",
            "PRECIOUS_METAL_DEPOSITS",
            "RARE_METAL_DEPOSITS",
        )
    )


def test_the_same_seed_gives_the_same_universe() -> None:
    """L13: map, prices and later course repeat for a seed, whatever order the markets are read in."""
    one, two = generate_universe(7, epoch=EPOCH), generate_universe(7, epoch=EPOCH)
    assert one.systems == two.systems
    assert one.shipyards == two.shipyards
    order = list(two.markets)
    random.Random(3).shuffle(order)
    for hours in (1, 5, 30):
        for symbol in order[::2]:
            two.markets[symbol].goods(EPOCH + timedelta(hours=hours))
    end = EPOCH + timedelta(hours=31)
    assert [good for _, good in living(one, end)] == [good for _, good in living(two, end)]


def test_seeds_give_different_universes() -> None:
    """Another seed puts workshops and bodies elsewhere."""
    one, two = generate_universe(1, epoch=EPOCH), generate_universe(2, epoch=EPOCH)
    assert one.home.symbol != two.home.symbol
    makers = [
        {next(place for place, m in world.markets.items() if good in m.exports).split("-")[2]: good}
        for world in (one, two)
        for good in ("ADVANCED_CIRCUITRY", "CLOTHING", "IRON")
    ]
    assert makers[:3] != makers[3:]


def test_untouched_systems_after_three_days() -> None:
    """P11: three days alone leave exports HIGH or ABUNDANT, imports SCARCE or LIMITED, exchanges MODERATE."""
    later = EPOCH + timedelta(days=3)
    worlds = [generate_universe(seed, epoch=EPOCH) for seed in SEEDS]
    volumes = {good.trade_volume for world in worlds for _, good in living(world, later)}

    def shares(type: TradeType) -> dict[Supply, float]:
        counts = sum((supplies(world, type, later) for world in worlds), Counter[Supply]())
        return {level: counts[level] / counts.total() for level in Supply}

    exports, imports = shares(TradeType.EXPORT), shares(TradeType.IMPORT)
    assert exports[Supply.HIGH] + exports[Supply.ABUNDANT] >= 0.90
    assert 0.35 <= exports[Supply.ABUNDANT] <= 0.65
    assert 0.30 <= imports[Supply.SCARCE] <= 0.55
    assert 0.35 <= imports[Supply.LIMITED] <= 0.60
    assert imports[Supply.MODERATE] <= 0.20
    assert shares(TradeType.EXCHANGE)[Supply.MODERATE] >= 0.85
    assert volumes == {6, 18, 20, 60, 180}


def test_activity_rules_hold_across_the_system() -> None:
    """P10: worst input SCARCE and RESTRICTED go together, LIMITED means WEAK, sinks are never RESTRICTED."""
    scarce = restricted = both = limited = weak = blocked = blocked_right = 0
    for seed in SEEDS:
        world = generate_universe(seed, epoch=EPOCH)
        now = EPOCH + timedelta(hours=30)
        for market in world.markets.values():
            goods = {good.symbol: good for good in market.goods(now)}
            users: dict[str, list[MarketGood]] = {}
            for export in market.exports:
                inputs = [goods[name] for name in world.recipes.get(export, ()) if name in market.imports]
                for item in inputs:
                    users.setdefault(item.symbol, []).append(goods[export])
                if inputs:
                    worst = min((item.supply for item in inputs), key=lambda supply: supply.rank)
                    scarce += worst is Supply.SCARCE
                    restricted += goods[export].activity is Activity.RESTRICTED
                    both += worst is Supply.SCARCE and goods[export].activity is Activity.RESTRICTED
                    limited += worst is Supply.LIMITED
                    weak += worst is Supply.LIMITED and goods[export].activity is Activity.WEAK
            for name in market.imports:
                if name not in users:
                    assert goods[name].activity is not Activity.RESTRICTED
                elif goods[name].activity is Activity.RESTRICTED:
                    blocked += 1
                    blocked_right += all(user.supply is Supply.ABUNDANT for user in users[name])
    assert both / scarce >= 0.97
    assert both / restricted >= 0.97
    assert weak / limited >= 0.95
    assert blocked_right / blocked >= 0.97


def ranks(values: list[int]) -> list[float]:
    """Ranks with ties shared, as Spearman's correlation wants them."""
    order = sorted(values)
    return [order.index(value) + (order.count(value) - 1) / 2 for value in values]


def test_supply_and_ask_move_against_each_other() -> None:
    """P7: over a day of mixed trading supply level and ask correlate by rank at -0.85 or below."""
    world, chance = generate_universe(4, epoch=EPOCH), random.Random(4)
    series: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for step in range(48):
        now = EPOCH + timedelta(minutes=30 * step)
        for market, good in living(world, now):
            if good.type is TradeType.EXCHANGE or good.base < 1000:
                continue
            series.setdefault((market.waypoint, good.symbol), []).append((good.supply.rank, good.ask))
            if good.type is TradeType.EXPORT and chance.random() < 0.25 and good.s > -5:
                for _ in range(chance.randint(1, 6)):
                    market.buy(good.symbol, good.trade_volume, now)
            elif good.type is TradeType.IMPORT and chance.random() < 0.25 and good.s < 3:
                for _ in range(chance.randint(1, 6)):
                    market.sell(good.symbol, good.trade_volume, now)
    correlations = [
        statistics.correlation(ranks([level for level, _ in points]), ranks([ask for _, ask in points]))
        for points in series.values()
        if len({level for level, _ in points}) > 1 and len({ask for _, ask in points}) > 1
    ]
    assert len(correlations) > 30
    assert statistics.mean(correlations) <= -0.85


def test_drained_scenario_makes_a_factory_wait() -> None:
    """Drained: manufactured exports are SCARCE or LIMITED, all imports SCARCE, the rest fine."""
    world = generate_universe(5, epoch=EPOCH, scenario=Scenario.DRAINED)
    spared = {"FUEL", "IRON", "COPPER", "ALUMINUM", "GOLD", "SILVER", "PLATINUM", "PLASTICS", "FERTILIZERS"}
    recipes = RecipeMap.bundled()
    scarce = 0
    for _, good in living(world, EPOCH):
        if good.type is TradeType.IMPORT:
            assert good.supply is Supply.SCARCE
        elif good.type is TradeType.EXCHANGE or recipes.is_raw(good.symbol) or good.symbol in spared:
            assert good.supply.at_least(Supply.MODERATE)
        else:
            assert good.supply in (Supply.SCARCE, Supply.LIMITED)
            assert good.activity is Activity.RESTRICTED
            scarce += good.supply is Supply.SCARCE
    assert scarce >= 8


def test_scenarios_share_the_map() -> None:
    """A scenario changes stocks, not places, margins or yards."""
    young = generate_universe(5, epoch=EPOCH)
    drained = generate_universe(5, epoch=EPOCH, scenario=Scenario.DRAINED)
    assert young.systems == drained.systems
    assert young.shipyards == drained.shipyards
    assert [good.margin for _, good in living(young, EPOCH)] == [
        good.margin for _, good in living(drained, EPOCH)
    ]


def test_developed_scenario_is_what_a_heavy_bot_leaves() -> None:
    """§8.5: trade volumes up to 111 on the ladder, exports from SCARCE to ABUNDANT, imports mostly SCARCE."""
    worlds = [generate_universe(seed, epoch=EPOCH, scenario=Scenario.DEVELOPED) for seed in SEEDS]
    goods = [good for world in worlds for _, good in living(world, EPOCH)]
    exports, imports = (
        Counter(good.supply for good in goods if good.type is type)
        for type in (TradeType.EXPORT, TradeType.IMPORT)
    )
    for level, seen in zip(Supply, (3, 3, 6, 10, 17), strict=True):
        assert exports[level] / exports.total() == pytest.approx(seen / 39, abs=0.08)
    assert imports[Supply.SCARCE] / imports.total() == pytest.approx(50 / 76, abs=0.08)
    for good in goods:
        volume = first_trade_volume(good.symbol, good.type)
        for _ in range(good.growths):
            volume = math.ceil(1.1 * volume)
        assert good.trade_volume == volume
        assert good.type is TradeType.EXCHANGE or volume <= 111
        assert good.growths <= (7 if good.type is TradeType.EXPORT else 9)
        assert -9 <= good.s <= 9
        assert good.margin in (range(8, 14) if volume < 10 else range(5, 12))
    assert max(good.trade_volume for good in goods if good.type is not TradeType.EXCHANGE) == 111


def test_a_developed_system_stays_within_the_caps() -> None:
    """P12 holds from there too: after ten days alone no stock lies beyond nine trade volumes."""
    for seed in range(3):
        world = generate_universe(seed, epoch=EPOCH, scenario=Scenario.DEVELOPED)
        later = EPOCH + timedelta(days=10)
        assert all(-9 <= good.s <= 9 for _, good in living(world, later) if good.trade_volume >= 20)


def test_scenarios_are_about_homes_alone() -> None:
    """Markets of other systems begin young, whatever became of the homes."""
    young, drained = (
        generate_universe(4, epoch=EPOCH, scenario=scenario, systems=7)
        for scenario in (Scenario.YOUNG, Scenario.DRAINED)
    )
    home = young.home.symbol
    for waypoint, market in young.markets.items():
        same = market.goods(EPOCH) == drained.markets[waypoint].goods(EPOCH)
        assert same or waypoint.startswith(f"{home}-")
    assert any(
        market.goods(EPOCH) != drained.markets[waypoint].goods(EPOCH)
        for waypoint, market in young.markets_in(home).items()
    )


def test_an_unknown_scenario_is_named() -> None:
    """The enum itself refuses a scenario it does not know."""
    with pytest.raises(ValueError, match="flooded"):
        Scenario("flooded")
