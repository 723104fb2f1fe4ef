"""factory_worker.feature against the real application."""

from datetime import timedelta
from itertools import pairwise

import httpx2
from pytest_bdd import given, parsers, scenarios, then, when
from tests.features.stage import Stage
from tests.features.valley import symbol

from goodsfactory.adapters.spacetraders import transports
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply

scenarios("factory_worker.feature")


@given("a server with a rate limit")
def server_with_limit(stage: Stage) -> None:
    stage.rate_limit = True


@given("another program at the same address has used up the allowance of this minute")
def allowance_used_up(stage: Stage) -> None:
    async def ask(times: int) -> int:
        async with httpx2.AsyncClient(transport=transports.in_process(stage.play.server)) as client:
            answers = [await client.get("https://sandbox/v2/") for _ in range(times)]
        return answers[-1].status_code

    assert stage.play
    assert stage.run(ask(40)) == 429


@when("the purse is full again")
def purse_full(stage: Stage) -> None:
    stage.world.agents.find("FACTORY").earn(stage.credits)
    stage.credits_before = stage.play.credits


@when(parsers.parse("{ship} has loaded {good}"))
def has_loaded(stage: Stage, ship: str, good: str) -> None:
    assert stage.wait_for(EventKind.LEG_LADEN, good=good).ship == ship


@then(parsers.parse("the node of {good} tells {units:d} units bought at {place} and what they cost"))
def node_tells(stage: Stage, good: str, units: int, place: str) -> None:
    node = stage.node(good)
    paid = sum(line.total for line in stage.trades(place, good))
    assert (node["state"], node["quantity"], node["cost"]) == ("DONE", units, paid)
    assert node["source"] == symbol(place)
    assert [event.data["waypoint"] for event in stage.bought(good)] == [symbol(place)]


@then(parsers.parse("every {good} was bought at {place}, though {other} was looked at too"))
def bought_at(stage: Stage, good: str, place: str, other: str) -> None:
    bought = stage.bought(good)
    assert {event.data["waypoint"] for event in bought} == {symbol(place)}
    looks = [e for e in stage.events(EventKind.MARKET_OBSERVED, everywhere=True) if e.seq < bought[0].seq]
    assert {symbol(place), symbol(other)} <= {event.data["waypoint"] for event in looks}


@then(parsers.parse("the market {place} sold {good} in tranches of {tranches}"))
def sold_in_tranches(stage: Stage, place: str, good: str, tranches: str) -> None:
    sold = [line.units for line in stage.trades(place, good) if line.type == "PURCHASE"]
    assert sold == [int(units) for units in tranches.split(", ")]


@then(parsers.parse("{ship} has {units:d} {good} aboard"))
def has_aboard(stage: Stage, ship: str, units: int, good: str) -> None:
    assert stage.sandbox_ship(ship).hold == {good: units}


@then("the market was looked at again before every tranche")
def looked_before_every_tranche(stage: Stage) -> None:
    story = stage.events(EventKind.MARKET_OBSERVED, EventKind.PURCHASED)
    tranches = [event for event in story if event.kind is EventKind.PURCHASED]
    for one, following in pairwise(tranches):
        between = story[story.index(one) + 1 : story.index(following)]
        assert [event.kind for event in between] == [EventKind.MARKET_OBSERVED]
    asks = [event.data["unit_price"] for event in tranches]
    assert asks == sorted(set(asks)), "every tranche must have moved the ask"


@then("these things happened in this order")
def in_this_order(stage: Stage, datatable: list[list[str]]) -> None:
    latest = 0
    for what, good, place in datatable[1:]:
        event = next(event for event in stage.events(good=good) if _is(event, what, symbol(place)))
        assert event.seq > latest, f"{what} {good} came too early"
        latest = event.seq


def _is(event: Event, what: str, place: str) -> bool:
    if event.kind is EventKind.NODE_STATE:
        return event.data["state"] == what and place in event.message
    return event.kind == what and event.data["waypoint"] == place


@then(parsers.parse("{good} was awaited for more than {minutes:d} minutes"))
def awaited(stage: Stage, good: str, minutes: int) -> None:
    waiting = stage.wait_for(EventKind.NODE_STATE, good=good, text=" PRODUCING")
    assert stage.bought(good)[0].at - waiting.at > timedelta(minutes=minutes)


@then(parsers.parse("{one} and {other} were delivered to {place} before that"))
def both_delivered(stage: Stage, one: str, other: str, place: str) -> None:
    waiting = stage.wait_for(EventKind.NODE_STATE, text=" PRODUCING")
    for good in (one, other):
        sold = [e for e in stage.events(EventKind.SOLD, good=good) if e.data["waypoint"] == symbol(place)]
        assert sold
        assert sold[0].seq < waiting.seq


@then(parsers.parse("no {good} was bought before {place} had it"))
def not_bought_before(stage: Stage, good: str, place: str) -> None:
    bought = stage.bought(good)
    assert bought
    assert all(event.at >= stage.marked for event in bought)


@then(
    parsers.parse("{place} was looked at {first:d} seconds after the delivery and then every {then_every:d}")
)
def looked_at_intervals(stage: Stage, place: str, first: int, then_every: int) -> None:
    delivered = stage.events(EventKind.LEG_DONE)[-1]
    looks = [
        event.at
        for event in stage.events(EventKind.MARKET_OBSERVED)
        if event.data["waypoint"] == symbol(place) and event.seq > delivered.seq
    ]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise([delivered.at, *looks])]
    assert len(gaps) >= 5
    # A pass begins a settling second after what woke it.
    assert first <= gaps[0] <= first + 3
    assert all(then_every <= gap <= then_every + 3 for gap in gaps[1:])


@then(parsers.parse("the stored data of {place} are those of the last look"))
def stored_data(stage: Stage, place: str) -> None:
    looks = [e for e in stage.events(EventKind.MARKET_OBSERVED) if e.data["waypoint"] == symbol(place)]
    stored = stage.run(stage.application.store.transact(lambda tx: tx.markets.get(symbol(place))))
    assert stored is not None
    assert stored.observed_at is not None
    assert abs((stored.observed_at - looks[-1].at).total_seconds()) <= 1


@then(parsers.parse("the node of {good} is PRODUCING, and tells why, since when, and when it looks again"))
def node_is_producing(stage: Stage, good: str) -> None:
    node = stage.report.nodes[good]
    waiting = stage.wait_for(EventKind.NODE_STATE, good=good, text=" PRODUCING")
    assert node.state == "PRODUCING"
    assert "LIMITED" in node.reason
    assert node.since == waiting.at
    assert node.next_check is not None
    assert timedelta(0) < node.next_check - stage.clock.now() <= timedelta(seconds=62)


@then(parsers.parse("warnings were written after {checks} checks"))
def warnings_written(stage: Stage, checks: str) -> None:
    slow = stage.events(EventKind.PRODUCTION_SLOW, good="IRON")
    assert [event.data["checks"] for event in slow] == [int(count) for count in checks.split(", ")]
    assert all("SCARCE" in event.message for event in slow)


@then("every ship is free while the market is awaited")
def free_while_waiting(stage: Stage) -> None:
    assert stage.claimed() == []
    assert [name.partition("-")[0] for name in stage.at_work()] == ["coordinator"]


@then(parsers.parse("{good} was bought within {seconds:d} seconds after {place} had it"))
def bought_soon(stage: Stage, good: str, seconds: int, place: str) -> None:
    first = stage.bought(good)[0]
    assert first.data["waypoint"] == symbol(place)
    assert timedelta(0) <= first.at - stage.marked <= timedelta(seconds=seconds)


@then(parsers.parse("{good} was bought within {seconds:d} seconds after the last {fed} was delivered"))
def bought_after_delivery(stage: Stage, good: str, seconds: int, fed: str) -> None:
    delivered = stage.events(EventKind.LEG_DONE, good=fed)[-1]
    assert timedelta(0) <= stage.bought(good)[0].at - delivered.at <= timedelta(seconds=seconds)
    states = {event.data["state"] for event in stage.events(EventKind.NODE_STATE, good=good)}
    assert "PRODUCING" not in states


@then("the factory has no error and its end tells of no cargo")
def no_error(stage: Stage) -> None:
    assert stage.report.factory.error is None
    assert stage.events(EventKind.LEG_FAILED) == []
    assert "keeps" not in stage.events(EventKind.FACTORY_STOPPED)[0].message


@then(parsers.parse("the end tells that {ship} keeps {units:d} {good}"))
def end_tells_cargo(stage: Stage, ship: str, units: int, good: str) -> None:
    assert f"{ship} keeps {units} {good}" in stage.events(EventKind.FACTORY_STOPPED)[0].message
    assert stage.sandbox_ship(ship).hold == {good: units}


@then(parsers.parse("no {good} was bought"))
def none_bought(stage: Stage, good: str) -> None:
    assert stage.events(EventKind.PURCHASED, good=good, everywhere=True) == []


@then(parsers.parse('a leg failed with "{words}"'))
def leg_failed(stage: Stage, words: str) -> None:
    assert any(words in event.message for event in stage.events(EventKind.LEG_FAILED))


@then(parsers.parse('a worker ended FAILED with "{words}"'))
def worker_failed(stage: Stage, words: str) -> None:
    ended = stage.run(stage.application.containers(stage.player_id, ContainerStatus.FAILED))
    workers = [container for container in ended if container.type is ContainerType.WORKER]
    assert workers
    assert all(words in (container.exit_reason or "") for container in workers)


@then(parsers.parse('the reason of the failed leg in the report has "{words}"'))
def leg_reason(stage: Stage, words: str) -> None:
    failed = [leg for leg in stage.document()["legs"] if leg["state"] == "FAILED"]
    assert failed
    assert all(words in leg["reason"] for leg in failed)


@then("the server refused requests by its limit")
def server_refused(stage: Stage) -> None:
    asked_by_the_neighbour = 40 - 32
    assert stage.world.traffic.refused_by_limit > asked_by_the_neighbour
    assert stage.run(stage.application.statistics())["requests_limited"] > 0


@then("no leg failed")
def no_leg_failed(stage: Stage) -> None:
    assert stage.events(EventKind.LEG_FAILED) == []
    assert all(leg.state is LegState.DONE for leg in stage.report.legs)


@then(parsers.parse("the lift stopped at the last {good} above SCARCE, with less than a full hold"))
def lift_stopped(stage: Stage, good: str) -> None:
    listing = stage.world.market(symbol("A1")).good(good, stage.clock.now())
    assert listing is not None
    assert listing.supply is Supply.SCARCE
    acquired = stage.report.factory.quantity_acquired
    assert 0 < acquired < 40
    assert acquired == sum(line.units for line in stage.trades("A1", good))


@then(parsers.parse("{fed:d} {input} were delivered and {units:d} {good} were acquired"))
def delivered_and_acquired(stage: Stage, fed: int, input: str, units: int, good: str) -> None:
    delivered = sum(leg.delivered for leg in stage.report.legs if leg.good == input)
    lifted = sum(leg.bought for leg in stage.report.legs if leg.good == good and leg.is_lift)
    assert (delivered, lifted, stage.report.factory.quantity_acquired) == (fed, units, units)
