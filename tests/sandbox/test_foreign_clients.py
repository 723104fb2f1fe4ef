"""Clients that were written for the live game, by people who never saw this sandbox, play in it unchanged.

Both are old and unmaintained: one sends JSON headers without a body, the other sends forms; both want fields
that newer servers have dropped. Each plays a whole life, over a real socket, at its own pace.
"""

import importlib
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.patience import patience

from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.in_thread import served_in_thread
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
SPEED = 600
MINABLE = {"ALUMINUM_ORE", "COPPER_ORE", "IRON_ORE", "ICE_WATER", "SILICON_CRYSTALS", "QUARTZ_SAND"}
PATIENCE = 40
"""How often a client looks again for what takes time."""


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A sandbox on a loopback port whose clock runs fast; it tells its base URL and its world."""
    begun = time.monotonic()

    def now() -> Any:
        return EPOCH + timedelta(seconds=(time.monotonic() - begun) * SPEED)

    world = World(generate_universe(11, epoch=EPOCH), now=now, seed=11, starting_credits=400_000)
    with served_in_thread(create_app(world, speed=SPEED)) as url:
        yield SimpleNamespace(world=world, url=url)


def foreign(name: Any) -> Any:
    """A module of a foreign client; what it is warned about on import is not our business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def wait_for(look: Any, ready: Any) -> Any:
    """Ask again and again until what comes back is ready."""
    for _ in range(PATIENCE):
        seen = look()
        if ready(seen):
            return seen
    raise AssertionError(f"still not ready after {PATIENCE} looks: {seen}")


def play_autotraders(url: Any) -> Any:
    """A life through ``autotraders``: what it saw on the way."""
    autotraders = foreign("autotraders")
    session_of, bearer = (
        getattr(foreign("autotraders.session"), name) for name in ("AutoTradersSession", "BearerAuth")
    )
    agent_module, ships, contracts = (
        foreign(f"autotraders.{name}") for name in ("agent", "ship", "faction.contract")
    )
    places = foreign("autotraders.map.waypoint")
    market_module = foreign("autotraders.map.waypoint_types.marketplace")
    yard_module = foreign("autotraders.map.waypoint_types.shipyard")
    seen = SimpleNamespace()

    def new_session() -> Any:
        session = session_of(f"{url}/")
        session.auth = bearer(token)
        return session

    token = autotraders.register_agent("VETERAN", "COSMIC", url=f"{url}/")
    session = new_session()
    agent = agent_module.Agent(session)
    seen.agent, seen.credits = agent.symbol, agent.credits
    fleet = ships.Ship.all(session).current()
    frigate, probe = fleet[0], fleet[1]
    seen.ships = [ship.symbol for ship in fleet]
    pages = places.Waypoint.all(session, agent.headquarters.system)
    waypoints = [*pages.current(), *pages.next(), *pages.next()]
    seen.waypoints = {str(waypoint.symbol) for waypoint in waypoints}
    rock = next(each for each in waypoints if each.waypoint_type == "ENGINEERED_ASTEROID")
    market = market_module.Marketplace(str(agent.headquarters), session)
    seen.goods = [good.symbol for good in market.trade_goods]
    contract = contracts.Contract.all(session).current()[0]
    contract.accept()
    seen.accepted = contract.accepted
    seen.bought = frigate.buy("FUEL", 10)
    frigate.orbit()
    frigate.navigate(rock.symbol)
    seen.fuel = frigate.fuel.current
    wait_for(lambda: frigate.nav.update() or frigate.nav.status, lambda status: status.name == "IN_ORBIT")
    frigate.dock()
    seen.sold = frigate.sell("FUEL", 10)
    frigate.refuel()
    seen.tank = frigate.fuel.current
    frigate.orbit()
    surveys = frigate.survey()
    seen.surveys = surveys
    wait_for(lambda: frigate.update_ship_cooldown() or frigate.cooldown, lambda cooldown: cooldown is None)
    # This client sends the survey in a form the game has never read, so it digs at random.
    seen.extracted = frigate.extract(surveys[0])
    seen.aboard = frigate.cargo.current
    yard = yard_module.Shipyard(str(probe.nav.location), new_session())
    seen.offers = {ship.ship_type: ship.purchase_price for ship in yard.ships}
    ship, paid = yard.purchase("SHIP_PROBE")
    seen.new_ship, seen.paid = ship.symbol, paid.ship_symbol
    return seen


def play_sdk(url: Any) -> Any:
    """A life through ``spacetraders-sdk``: what it saw on the way."""
    api = foreign("spacetraders_sdk.spacetraders_api").SpaceTradersApi(url, log=False)
    enums, objects = (foreign(f"spacetraders_sdk.spacetraders_{name}") for name in ("enums", "objects"))
    dacite = foreign("dacite")
    casts = [each for each in vars(enums).values() if isinstance(each, type) and issubclass(each, enums.Enum)]
    seen = SimpleNamespace()

    def typed(name: Any, fields: Any) -> Any:
        return dacite.from_dict(getattr(objects, name), fields, dacite.Config(cast=casts))

    def data(response: Any, status: int = 200) -> Any:
        assert response.status_code == status, response.text
        return response.json()["data"]

    registered = data(api.register("PIONEER", enums.FactionSymbol("COSMIC").value), 201)
    agent, contract = typed("Agent", registered["agent"]), typed("Contract", registered["contract"])
    seen.agent, seen.faction = agent, typed("Faction", registered["faction"])
    seen.frigate = registered["ship"]["symbol"]
    home, ship = agent.headquarters, seen.frigate
    system = home.rpartition("-")[0]
    assert data(api.get_my_agent())["credits"] == agent.credits
    seen.ships = [each["symbol"] for each in data(api.get_ships())]
    assert data(api.get_systems())[0]["symbol"] == system
    waypoints = [each for page in (1, 2, 3) for each in data(api.get_waypoints(system, page))]
    seen.waypoints = {each["symbol"] for each in waypoints}
    seen.beyond = data(api.get_waypoints(system, 99))
    rock = next(each["symbol"] for each in waypoints if each["type"] == "ENGINEERED_ASTEROID")
    yard = data(api.get_ship(seen.ships[1]))["nav"]["waypointSymbol"]
    seen.goods = [good["symbol"] for good in data(api.get_market(home))["tradeGoods"]]
    seen.contract = data(api.accept_contract(contract.id))["contract"]
    seen.bought = data(api.purchase(ship, "FUEL", 10), 201)
    data(api.orbit(ship))
    seen.flight = data(api.navigate(ship, rock))
    wait_for(lambda: data(api.get_nav(ship))["status"], lambda status: status == "IN_ORBIT")
    data(api.dock(ship))
    seen.sold = data(api.sell(ship, "FUEL", 10), 201)
    data(api.refuel(ship, 1))
    data(api.orbit(ship))
    seen.surveys = data(api.create_survey(ship), 201)["surveys"]
    wait_for(lambda: api.get_cooldown(ship).status_code, lambda status: status == 204)
    seen.extracted = data(api.extract(ship, seen.surveys[0]), 201)
    seen.offers = {each["type"] for each in data(api.get_shipyard(yard))["ships"]}
    seen.new_ship = data(api.purchase_ship("SHIP_PROBE", yard), 201)
    seen.refused = api.purchase(ship, "FUEL", 10).json()["error"]["code"]
    return seen


@pytest.fixture(scope="module")
def lives(server: Any) -> Any:
    """Both clients at once, each in a thread of its own: neither knows of the other."""
    with ThreadPoolExecutor(2) as threads:
        veteran = threads.submit(play_autotraders, server.url)
        pioneer = threads.submit(play_sdk, server.url)
        return SimpleNamespace(veteran=veteran.result(patience(120)), pioneer=pioneer.result(patience(120)))


def test_autotraders_plays_a_whole_life(lives: Any, server: Any) -> None:
    """autotraders 1.9 registers, looks around, trades, flies, mines with a survey and buys a ship."""
    seen = lives.veteran
    assert (seen.agent, seen.credits) == ("VETERAN", 400_000)
    assert seen.ships == ["VETERAN-1", "VETERAN-2"]
    assert len(seen.waypoints) == 60
    assert "FUEL" in seen.goods
    assert seen.accepted
    assert (seen.bought.ship_symbol, seen.sold.ship_symbol) == ("VETERAN-1", "VETERAN-1")
    assert seen.fuel < 400 == seen.tank
    assert len(seen.surveys) == 2
    assert seen.extracted.symbol in MINABLE
    assert seen.aboard == seen.extracted.quantity
    assert seen.offers["SHIP_PROBE"] > 0
    assert (seen.new_ship, seen.paid) == ("VETERAN-3", "SHIP_PROBE")
    agent = server.world.agents.find("VETERAN")
    assert len(server.world.fleets.of(agent)) == 3


def test_spacetraders_sdk_plays_a_whole_life(lives: Any, server: Any) -> None:
    """spacetraders-sdk 2.3 does the same with forms for bodies; agent, contract and faction parse."""
    seen = lives.pioneer
    assert (seen.agent.symbol, seen.agent.credits, seen.frigate) == ("PIONEER", 400_000, "PIONEER-1")
    assert seen.ships == ["PIONEER-1", "PIONEER-2"]
    assert len(seen.waypoints) == 60
    assert seen.beyond == []
    assert "FUEL" in seen.goods
    assert seen.contract["accepted"]
    assert seen.bought["transaction"]["units"] == seen.sold["transaction"]["units"] == 10
    assert seen.flight["nav"]["status"] == "IN_TRANSIT"
    drawn = seen.extracted["extraction"]["yield"]
    assert drawn["symbol"] in {deposit["symbol"] for deposit in seen.surveys[0]["deposits"]}
    assert "SHIP_PROBE" in seen.offers
    assert seen.new_ship["ship"]["symbol"] == "PIONEER-3"
    assert seen.refused == 4244
    agent = server.world.agents.find("PIONEER")
    assert seen.new_ship["agent"]["credits"] == agent.credits


def test_no_answer_was_a_server_error(lives: Any, server: Any) -> None:
    """Every request of both clients was counted against a route the sandbox knows."""
    routes = server.world.traffic.by_route
    assert sum(routes.values()) > 40
    assert not [route for route in routes if route.endswith("unknown")]
