"""Steps that every feature shares."""

import asyncio
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, then, when
from tests.features.stage import Stage
from tests.features.valley import Row

from goodsfactory.adapters.clocks import VirtualLoop
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.market import Activity, Supply, TradeType


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The stage of the scenario; its application is stopped afterwards."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        stage = Stage(runner)
        try:
            yield stage
        finally:
            stage.close()


def rows_of(datatable: list[list[str]]) -> list[Row]:
    """Markets as a table states them: waypoint, good, and any of type, supply, volume, activity, premium."""
    names, *lines = datatable
    rows = []
    for line in lines:
        cells = dict(zip(names, line, strict=True))
        rows.append(
            Row(
                cells["market"],
                cells["good"],
                TradeType(cells.get("type", "EXPORT")),
                Supply(cells.get("supply", "MODERATE")),
                int(cells.get("volume", "60")),
                Activity(cells["activity"]) if cells.get("activity") else None,
                int(cells.get("premium", "0")),
            )
        )
    return rows


@given("these markets")
def these_markets(stage: Stage, datatable: list[list[str]]) -> None:
    stage.rows += rows_of(datatable)


@given(parsers.parse("{place} has {supply} {good}"))
def has_supply(stage: Stage, place: str, supply: str, good: str) -> None:
    row = next(row for row in stage.rows if (row.waypoint, row.good) == (place, good))
    row.supply = Supply(supply)


@given(parsers.parse("{place} trades {volume:d} {good} at a time"))
def has_volume(stage: Stage, place: str, volume: int, good: str) -> None:
    next(row for row in stage.rows if (row.waypoint, row.good) == (place, good)).volume = volume


@given("markets that produce and consume every half hour")
def living_markets(stage: Stage) -> None:
    stage.living = True


@given(parsers.re(r"a fleet of (?P<ships>\d+) cargo ships? and a probe"))
def fleet(stage: Stage, ships: str) -> None:
    stage.cargo_ships = int(ships)


@given(parsers.parse("a purse of {credits:d} credits"))
def purse(stage: Stage, credits: int) -> None:
    stage.credits = credits


@given(parsers.parse("the setting {name} is {value}"))
def setting(stage: Stage, name: str, value: str) -> None:
    stage.flags[name.replace(".", "__")] = value


@given(parsers.parse("{ship} carries {units:d} {good}"))
def carries(stage: Stage, ship: str, units: int, good: str) -> None:
    hidden_load(stage, ship, units, good)
    stage.read(ship)


@given(parsers.parse("{ship} was loaded with {units:d} {good} behind the factory's back"))
def hidden_load(stage: Stage, ship: str, units: int, good: str) -> None:
    assert stage.play
    stage.sandbox_ship(ship).load(good, units)


@given(parsers.parse("{ship} is at {place}"))
def ship_is_at(stage: Stage, ship: str, place: str) -> None:
    assert stage.play
    stage.put(ship, place)


@given(parsers.re(r"(?P<good>[A-Z_]+) is produced(?: with (?P<words>.+))?"))
@when(parsers.re(r"(?P<good>[A-Z_]+) is produced(?: with (?P<words>.+))?"))
def produced(stage: Stage, good: str, words: str | None) -> None:
    stage.produce(good, **stage.request(words or ""))


@when("the factory is over")
def factory_is_over(stage: Stage) -> None:
    assert stage.refusal is None, stage.refusal
    stage.until_over()


@when("every factory is over")
def every_factory_is_over(stage: Stage) -> None:
    for good in stage.named:
        stage.until_over(good)


@when(parsers.re(r"(?P<amount>\d+) (?P<unit>seconds|minutes|hours) pass"))
def time_passes(stage: Stage, amount: str, unit: str) -> None:
    stage.wait(int(amount) * {"seconds": 1, "minutes": 60, "hours": 3600}[unit])


@when(parsers.parse("{place} comes to have {supply} {good}"))
def comes_to_have(stage: Stage, place: str, supply: str, good: str) -> None:
    stage.hold_supply(place, good, Supply(supply))
    stage.marked = stage.clock.now()


@when(parsers.re(r"(?P<good>[A-Z_]+) is being waited for at its market"))
def is_waited_for(stage: Stage, good: str) -> None:
    stage.wait_for(EventKind.NODE_STATE, good=good, text=" PRODUCING")


@when("the factory is stopped")
def factory_is_stopped(stage: Stage) -> None:
    stage.run(stage.application.stop_factory(stage.player_id, stage.factory_id))
    stage.marked = stage.clock.now()


@then(parsers.parse("the factory is {status}"))
def factory_has_status(stage: Stage, status: str) -> None:
    report = stage.report
    assert report.factory.status is FactoryStatus(status), report.to_json()


@then(parsers.parse("the factory of {good} is {status}"))
def named_factory_has_status(stage: Stage, good: str, status: str) -> None:
    report = stage.run(stage.application.factory(stage.player_id, stage.named[good]))
    assert report.factory.status is FactoryStatus(status), report.to_json()


@then("every ship is free and nothing of the factory is at work")
def all_free(stage: Stage) -> None:
    assert stage.claimed() == []
    assert stage.at_work() == []


@then("nothing was bought")
def nothing_bought(stage: Stage) -> None:
    assert stage.events(EventKind.PURCHASED, everywhere=True) == []
    assert stage.play.credits == stage.credits_before


@then(parsers.parse("{units:d} {good} were acquired"))
def acquired(stage: Stage, units: int, good: str) -> None:
    report = stage.report
    assert (report.factory.target_good, report.factory.quantity_acquired) == (good, units)
    aboard = sum(ship.hold.get(good, 0) for ship in stage.world.fleets)
    assert aboard == units


@then("the cost told is what the agent paid")
def cost_is_paid(stage: Stage) -> None:
    report = stage.report
    assert report.spent - report.books.sales == stage.credits_before - stage.play.credits
    assert report.spent > 0


@then(parsers.parse('the request is refused with "{words}"'))
def refused_with(stage: Stage, words: str) -> None:
    assert stage.refusal is not None
    assert words in str(stage.refusal)


@then("no factory was created")
def nothing_created(stage: Stage) -> None:
    assert stage.run(stage.application.factories(stage.player_id, ())) == []
    assert stage.events(everywhere=True)  # the history is readable and has no factory in it
    assert not stage.events(EventKind.FACTORY_CREATED, everywhere=True)
    assert stage.at_work() == []


@given("the agent's purse is emptied behind the factory's back")
def purse_emptied(stage: Stage) -> None:
    agent = stage.world.agents.find("FACTORY")
    agent.pay(agent.credits)


@then(parsers.parse('the node of {good} is {state} because of "{words}"'))
def node_waits(stage: Stage, good: str, state: str, words: str) -> None:
    node = stage.node(good)
    assert node["state"] == state, node
    assert words in node["reason"]


@given(parsers.parse("a second player {agent} with ships of the same kind"))
def second_player(stage: Stage, agent: str) -> None:
    stage.run(stage.application.register_player(agent, "COSMIC"))
    stage.others_requests = stage.world.traffic.by_agent[agent]


@then("nothing was bought since the stop")
def nothing_since(stage: Stage) -> None:
    everything = stage.events(EventKind.PURCHASED, EventKind.REFUELLED, everywhere=True)
    assert all(event.at <= stage.marked for event in everything)


@when("the universe is reset")
def universe_is_reset(stage: Stage) -> None:
    stage.reset_universe()


@when(parsers.parse("{ships:d} ships are at work at once"))
def ships_at_work(stage: Stage, ships: int) -> None:
    for _ in range(3600):
        if len([name for name in stage.at_work() if name.startswith("worker")]) >= ships:
            return
        stage.wait(1)
    raise AssertionError(f"never {ships} at once")


@then("no leg and no intent is open")
def nothing_open(stage: Stage) -> None:
    assert not any(leg.state.is_open for leg in stage.report.legs)
    store = stage.application.store
    assert stage.run(store.transact(lambda tx: tx.money.open_intents(stage.player_id))) == []
    assert stage.run(store.transact(lambda tx: tx.legs.open_of_player(stage.player_id))) == []


@then("the ledger is what the agent has")
def ledger_balanced(stage: Stage) -> None:
    assert stage.run(stage.application.statistics())["ledger_sum"] == stage.play.credits
