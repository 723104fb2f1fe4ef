"""factory_coordinator.feature against the real application."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when
from tests.features.stage import Stage
from tests.features.valley import symbol

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory

scenarios("factory_coordinator.feature")


@given(parsers.parse("{ship} flies for {good}"))
def flies_for(stage: Stage, ship: str, good: str) -> None:
    assert stage.wait_for(EventKind.LEG_ASSIGNED).ship == ship
    assert stage.factory_id == stage.named[good]
    assert stage.claimed() == [ship]


@given(parsers.parse("{ship} vanishes from the game"))
def vanishes(stage: Stage, ship: str) -> None:
    stage.sandbox_ship(ship).agent = "NOBODY"


@when("the first ship is given work")
def first_ship(stage: Stage) -> None:
    stage.marked = stage.wait_for(EventKind.LEG_ASSIGNED).at


@when(parsers.parse("{good} has been delivered"))
def has_been_delivered(stage: Stage, good: str) -> None:
    stage.wait_for(EventKind.LEG_DONE, good=good)


@then(parsers.parse("all {count:d} nodes are done"))
def nodes_are_done(stage: Stage, count: int) -> None:
    report = stage.report
    assert (report.nodes_completed, report.nodes_total) == (count, count)


@then(parsers.parse("only {ship} was used, one leg after the other"))
def only_one_ship(stage: Stage, ship: str) -> None:
    assert stage.report.ships_used == (ship,)
    flights = flown(stage)
    assert len(flights) >= 7
    assert all(before[2] <= after[1] for before, after in pairwise(flights))


@then("no good was taken from its factory waypoint before every input had been delivered there")
def inputs_first(stage: Stage) -> None:
    tree = stage.report.factory.tree
    assert tree is not None
    edges = list(tree.edges())
    assert len(edges) == 7
    for child, output in edges:
        delivered = [
            event.seq
            for event in stage.events(EventKind.SOLD, good=child.good)
            if event.data["waypoint"] == output.factory_waypoint
        ]
        taken = [event.seq for event in stage.bought(output.good)]
        assert min(delivered) < min(taken), f"{output.good} came before {child.good}"


@then(parsers.parse("the factory has {count:d} nodes although its tree shows {places:d} places"))
def node_count(stage: Stage, count: int, places: int) -> None:
    document = stage.document()
    assert document["nodes_total"] == count
    assert stage.events(EventKind.FACTORY_CREATED)[0].data["nodes"] == count
    assert len(list(_places(document["dependency_tree"]))) == places


@then(parsers.parse("{good} stands twice in the tree and is one node"))
def stands_twice(stage: Stage, good: str) -> None:
    assert [node["good"] for node in _places(stage.document()["dependency_tree"])].count(good) == 2
    stage.wait(2)
    assert list(stage.report.nodes).count(good) == 1
    assert len(stage.report.nodes) == 6


@then(parsers.parse("{one} was delivered to one place and {other} to two"))
def delivered_to(stage: Stage, one: str, other: str) -> None:
    places = {
        good: {event.data["waypoint"] for event in stage.events(EventKind.SOLD, good=good)}
        for good in (one, other)
    }
    assert [len(places[good]) for good in (one, other)] == [1, 2]
    assert len([leg for leg in stage.report.legs if leg.good == one]) == 1


@then("these ships are judged so")
def ships_judged(stage: Stage, datatable: list[list[str]]) -> None:
    for ship, verdict in datatable[1:]:
        said = stage.run(stage.application.explain_ship(stage.player_id, ship, stage.factory_id))
        assert said.eligible == (verdict == "eligible"), said
        assert said.eligible or any(verdict in reason for reason in said.reasons), said


@then(parsers.parse("only {one} and {other} were used while {busy} was busy"))
def used_while_busy(stage: Stage, one: str, other: str, busy: str) -> None:
    assert set(stage.report.ships_used) == {one, other}
    assert stage.claimed() == [busy], "it should have been busy all the time"


@then(parsers.re(r"only (?P<one>[\w-]+) and (?P<other>[\w-]+) were used"))
def only_used(stage: Stage, one: str, other: str) -> None:
    assert set(stage.report.ships_used) == {one, other}


@then(parsers.parse("{ship} was not used"))
def not_used(stage: Stage, ship: str) -> None:
    assert stage.report.ships_used
    assert ship not in stage.report.ships_used
    assert stage.sandbox_ship(ship).hold == {}


@then(parsers.parse("{good} was begun within {seconds:d} seconds after {first} let {ship} go"))
def begun_after(stage: Stage, good: str, seconds: int, first: str, ship: str) -> None:
    everything = stage.events(everywhere=True)
    begun = next(
        e for e in everything if e.kind is EventKind.LEG_ASSIGNED and e.factory_id == stage.named[good]
    )
    freed = [e for e in everything if e.kind is EventKind.SHIP_FREED and e.seq < begun.seq]
    assert (
        (freed[-1].factory_id, freed[-1].ship)
        == (stage.named[first], ship)
        == (stage.named[first], begun.ship)
    )
    assert begun.at - freed[-1].at <= timedelta(seconds=seconds)


@then(parsers.parse('its error is "{words}"'))
def error_is(stage: Stage, words: str) -> None:
    assert stage.report.factory.error == words
    assert stage.document()["error"] == words


@then(parsers.parse("nothing was bought for {good}"))
def nothing_bought_for(stage: Stage, good: str) -> None:
    """It has no factory at all, and no leg of another one buys it."""
    assert good not in stage.named
    assert [event for event in stage.events(EventKind.PURCHASED, everywhere=True) if event.good == good] == []


@then("every assigned ship was freed, once for each time")
def freed_each_time(stage: Stage) -> None:
    given_work = [event.ship for event in stage.events(EventKind.LEG_ASSIGNED)]
    freed = [event.ship for event in stage.events(EventKind.SHIP_FREED)]
    assert given_work
    assert sorted(map(str, given_work)) == sorted(map(str, freed))


@then(parsers.parse("the first event shows the whole tree and its {count:d} nodes"))
def first_event(stage: Stage, count: int) -> None:
    created = stage.events()[0]
    assert created.kind is EventKind.FACTORY_CREATED
    assert created.data["nodes"] == count
    assert len({node["good"] for node in _places(created.data["tree"])}) == count
    assert f"from {count} goods" in created.message


@then("the events name every ship that was given work")
def events_name_ships(stage: Stage) -> None:
    assigned = stage.events(EventKind.LEG_ASSIGNED)
    assert {event.ship for event in assigned} == set(stage.report.ships_used)
    assert all(str(event.ship) in event.message and str(event.good) in event.message for event in assigned)


@then("the events tell the start of work, after the first ship was given work")
def events_tell_start(stage: Stage) -> None:
    (active,) = stage.events(EventKind.FACTORY_ACTIVE)
    assert stage.events(EventKind.LEG_ASSIGNED)[0].seq < active.seq
    assert active.at == stage.report.factory.started_at


@then(parsers.parse("the events tell for each of the {count:d} nodes that it is done"))
def events_tell_nodes(stage: Stage, count: int) -> None:
    done = [e for e in stage.events(EventKind.NODE_STATE) if e.data["state"] == "DONE"]
    assert len({event.good for event in done}) == count
    assert all("DONE" in event.message for event in done)


@then("the last event of its life tells the units and the credits")
def last_event(stage: Stage) -> None:
    (completed,) = stage.events(EventKind.FACTORY_COMPLETED)
    report = stage.report
    assert (completed.data["units"], completed.data["cost"]) == (40, report.spent)
    assert "40 ADVANCED_CIRCUITRY" in completed.message
    assert f"{report.spent:,} credits" in completed.message


@then("the events are numbered without a step back in time")
def events_in_order(stage: Stage) -> None:
    story = stage.events(everywhere=True)
    assert all(a.seq < b.seq and a.at <= b.at for a, b in pairwise(story))


@then(parsers.re("the report agrees with the ledger and the legs, and is (?P<words>not completed|completed)"))
def report_agrees(stage: Stage, words: str) -> None:
    document = stage.document()
    money = stage.events(EventKind.PURCHASED, EventKind.REFUELLED)
    over = words == "completed"
    done = [node for node in stage.report.nodes.values() if node.state == "DONE"]
    assert document["target_good"] == "ADVANCED_CIRCUITRY"
    assert document["quantity_acquired"] == (40 if over else 0)
    assert document["total_cost"] == -sum(event.data["amount"] for event in money) > 0
    assert document["ships_used"] == list(
        dict.fromkeys(leg["ship"] for leg in document["legs"] if leg["ship"])
    )
    assert (document["nodes_completed"], document["nodes_total"]) == (len(done), 6)
    assert (len(done) == 6) is over
    assert (document["completed_at"] is not None) is over
    assert document["status"] == ("COMPLETED" if over else "ACTIVE")


@then(parsers.parse("all of its work was done in {system}"))
def work_in_system(stage: Stage, system: str) -> None:
    report = stage.report
    assert report.factory.system_symbol == system
    places = {leg.source for leg in report.legs} | {leg.destination for leg in report.legs if leg.destination}
    places |= {event.data["waypoint"] for event in stage.events(EventKind.MARKET_OBSERVED)}
    assert places
    assert all(place.startswith(f"{system}-") for place in places)


@then(parsers.parse('{failed} failed with "{words}" and {other} did the work'))
def failed_and_other(stage: Stage, failed: str, words: str, other: str) -> None:
    trouble = stage.events(EventKind.LEG_FAILED)
    assert [event.ship for event in trouble] == [failed]
    assert words in trouble[0].message
    assert {event.ship for event in stage.events(EventKind.PURCHASED)} == {other}
    assert failed not in stage.claimed()


@then(parsers.parse("the second ship was not sent before a pause of {seconds:d} seconds"))
def pause_before_retry(stage: Stage, seconds: int) -> None:
    (failed,) = stage.events(EventKind.LEG_FAILED)
    again = stage.events(EventKind.LEG_ASSIGNED)[-1]
    assert again.at - failed.at >= timedelta(seconds=seconds)


@then("the factory is not over")
def not_over(stage: Stage) -> None:
    assert not stage.report.factory.status.is_over


@then(parsers.parse('the reason of {good} tells at least {count:d} failures with "{words}"'))
def reason_tells_failures(stage: Stage, good: str, count: int, words: str) -> None:
    failures = stage.events(EventKind.LEG_FAILED)
    reason = stage.report.nodes[good].reason
    assert len(failures) >= count
    assert f"failed {len(failures)} times, last with" in reason
    assert words in reason


@then("the pauses between the failures grew")
def pauses_grew(stage: Stage) -> None:
    failures = [event.at for event in stage.events(EventKind.LEG_FAILED)]
    pauses = [later - earlier for earlier, later in pairwise(failures)]
    assert pauses == sorted(pauses)
    assert len(failures) < 12


@then(parsers.parse('the node of {good} is to be bought because of "{words}"'))
def to_be_bought(stage: Stage, good: str, words: str) -> None:
    node = stage.node(good)
    assert node["acquisition"] == "BUY"
    assert words in node["decision"]


@then(parsers.parse("no ship of {agent} moved, and nobody asked the game in its name"))
def rival_untouched(stage: Stage, agent: str) -> None:
    ships = [ship for ship in stage.world.fleets if ship.agent == agent]
    assert len(ships) == 3
    assert all(ship.docked and not ship.hold and ship.fuel_consumed == 0 for ship in ships)
    assert stage.world.traffic.by_agent[agent] == stage.others_requests


@then(parsers.re(r"the stored row has a tree of (?P<count>\d+) nodes and (?P<start>.+)"))
def stored_tree(stage: Stage, count: str, start: str) -> None:
    row = stored(stage)
    assert row.tree is not None
    assert len(row.tree.flatten()) == int(count)
    if start == "no start":
        assert row.started_at is None
    else:
        assert row.started_at is not None
        assert timedelta(0) <= row.started_at - stage.marked <= timedelta(seconds=3)


@then(
    parsers.parse(
        "the stored row has {units:d} units, the cost from the ledger, and the time of the last event"
    )
)
def stored_end(stage: Stage, units: int) -> None:
    row = stored(stage)
    ledger = stage.run(
        stage.application.store.transact(
            lambda tx: sum(min(0, one.credits) for one in tx.money.books(stage.player_id, stage.factory_id))
        )
    )
    (completed,) = stage.events(EventKind.FACTORY_COMPLETED)
    assert (row.quantity_acquired, row.total_cost, row.completed_at) == (units, -ledger, completed.at)
    assert row.total_cost > 0


@then(parsers.parse('the stored row has the error "{words}" and the time of the last event'))
def stored_error(stage: Stage, words: str) -> None:
    row = stored(stage)
    (failed,) = stage.events(EventKind.FACTORY_FAILED)
    assert words in (row.error or "")
    assert words in failed.message
    assert row.completed_at == failed.at


@then(parsers.parse("{one} and {other} were carried by different ships at the same time"))
def carried_together(stage: Stage, one: str, other: str) -> None:
    flights = flown(stage)
    assert any(
        a.ship != b.ship and start_a < end_b and start_b < end_a
        for a, start_a, end_a in flights
        for b, start_b, end_b in flights
        if (a.good, b.good) == (one, other)
    )


@then(parsers.parse("{count:d} or more ships worked at once"))
def worked_at_once(stage: Stage, count: int) -> None:
    flights = flown(stage)
    busy = [{a.ship for a, begin, end in flights if begin <= moment < end} for _, moment, _ in flights]
    assert max(len(ships) for ships in busy) >= count
    assert stage.run(stage.application.statistics())["max_parallel_workers"] >= count


@then(parsers.parse("{missing} is still missing and {good} was made and brought without it"))
def still_missing(stage: Stage, missing: str, good: str) -> None:
    assert stage.node(missing)["state"] == "WAITING_SOURCE"
    assert stage.bought(missing) == []
    brought = [event.data["waypoint"] for event in stage.events(EventKind.SOLD, good=good)]
    assert brought == [symbol("A1")]


def flown(stage: Stage) -> list[tuple[Event, Any, Any]]:
    """Every flight of the factory: its assignment, when it began and when it ended."""
    ends = {event.data["leg_id"]: event.at for event in stage.events(EventKind.LEG_DONE)}
    assigned = stage.events(EventKind.LEG_ASSIGNED)
    return [(event, event.at, ends[event.data["leg_id"]]) for event in assigned]


def stored(stage: Stage) -> GoodsFactory:
    row = stage.run(
        stage.application.store.transact(lambda tx: tx.factories.get(stage.factory_id, stage.player_id))
    )
    assert row is not None
    return row


def _places(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(place for child in node["children"] for place in _places(child))]
