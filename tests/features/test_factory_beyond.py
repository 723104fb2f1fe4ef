"""factory_beyond.feature against the real application."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pytest_bdd import parsers, scenarios, then, when
from tests.features.stage import Stage
from tests.features.valley import symbol

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.market import Supply

scenarios("factory_beyond.feature")


@when(parsers.parse("{place} is drained of {good} once the first tranche was bought"))
def drained(stage: Stage, place: str, good: str) -> None:
    bought = stage.wait_for(EventKind.PURCHASED, good=good)
    assert bought.data["waypoint"] == symbol(place)
    stage.hold_supply(place, good, Supply.SCARCE)
    stage.marked = stage.clock.now()


@when("the ship comes free")
def ship_comes_free(stage: Stage) -> None:
    stage.wait(600)
    for good in ("COPPER_ORE", "IRON_ORE"):
        report = stage.run(stage.application.factory(stage.player_id, stage.named[good]))
        assert report.nodes[good].state == "WAITING_SHIP"
    stage.sandbox_ship("FACTORY-1").unload("DRUGS", 40)
    stage.put("FACTORY-1", "B1")  # next to the ore of the lesser factory
    stage.wait(60)


@then(parsers.parse("{winner} was given the ship although {other} asked first"))
def given_the_ship(stage: Stage, winner: str, other: str) -> None:
    told = stage.events(EventKind.NODE_STATE, everywhere=True)
    waiting = [event.good for event in told if event.data["state"] == "WAITING_SHIP"]
    assert waiting.index(other) < waiting.index(winner)
    (assigned,) = stage.events(EventKind.LEG_ASSIGNED, everywhere=True)
    assert assigned.good == winner


@then(parsers.parse("{good} was bought at {place} after {drained} was drained, and no more at {again}"))
def bought_elsewhere(stage: Stage, good: str, place: str, drained: str, again: str) -> None:
    later = {event.data["waypoint"] for event in stage.bought(good) if event.at > stage.marked}
    assert again == drained
    assert later == {symbol(place)}


@then(parsers.parse("the node of {good} has a next check ahead"))
def next_check_ahead(stage: Stage, good: str) -> None:
    node = stage.report.nodes[good]
    assert node.next_check is not None
    assert node.next_check > stage.clock.now()


@then("every ship is free and only the coordinator is at work")
def only_coordinator(stage: Stage) -> None:
    assert stage.claimed() == []
    assert [name.partition("-")[0] for name in stage.at_work()] == ["coordinator"]


@then(parsers.parse("the purse never went below {floor:d} credits and less than a hold was bought"))
def floor_kept(stage: Stage, floor: int) -> None:
    ledger = stage.run(
        stage.application.store.transact(lambda tx: tx.money.ledger(stage.player_id, limit=100))
    )
    assert len(ledger) > 1
    assert all(row.balance_after is not None and row.balance_after >= floor for row in ledger)
    assert floor <= stage.play.credits < floor + 100
    assert 0 < stage.report.factory.quantity_acquired < 40


@then(
    parsers.parse(
        "the ship went from one factory to the other within {seconds:d} seconds, and more than once"
    )
)
def went_over(stage: Stage, seconds: int) -> None:
    story = stage.events(EventKind.SHIP_FREED, EventKind.LEG_ASSIGNED, everywhere=True)
    moves = [
        assigned.at - freed.at
        for freed, assigned in pairwise(story)
        if freed.kind is EventKind.SHIP_FREED
        and assigned.kind is EventKind.LEG_ASSIGNED
        and freed.factory_id not in (None, assigned.factory_id)
    ]
    assert len(moves) > 1
    assert max(moves) <= timedelta(seconds=seconds)


@then(parsers.parse("{good} was bought at {place} only, after {other} had been looked at again"))
def bought_after_look(stage: Stage, good: str, place: str, other: str) -> None:
    bought = stage.bought(good)
    assert {event.data["waypoint"] for event in bought} == {symbol(place)}
    looks = [
        event
        for event in stage.events(EventKind.MARKET_OBSERVED, everywhere=True)
        if event.data["waypoint"] == symbol(other) and event.at > stage.marked
    ]
    assert looks
    assert looks[0].seq < bought[0].seq
    assert all(leg.source != symbol(other) for leg in stage.report.legs), "a voyage was spent on an old price"


@then(parsers.parse("every price paid had been seen in the {seconds:d} seconds before"))
def prices_seen(stage: Stage, seconds: int) -> None:
    looks = stage.events(EventKind.MARKET_OBSERVED, everywhere=True)
    for paid in stage.events(EventKind.PURCHASED, EventKind.REFUELLED, everywhere=True):
        ages = [
            paid.at - look.at
            for look in looks
            if look.data["waypoint"] == paid.data["waypoint"] and look.seq < paid.seq
        ]
        assert min(ages) <= timedelta(seconds=seconds)


@then(parsers.parse("{agent} is refused the report, the stop, the ships and the events of it"))
def rival_refused(stage: Stage, agent: str) -> None:
    application, rival = stage.application, stage.run(stage.application.resolve_player(None, agent)).id
    asked: list[Callable[[], Coroutine[Any, Any, object]]] = [
        lambda: application.factory(rival, stage.factory_id),
        lambda: application.stop_factory(rival, stage.factory_id),
        lambda: application.ship(rival, "FACTORY-1"),
        lambda: application.navigate(rival, "FACTORY-1", symbol("B1")),
        lambda: application.explain_ship(rival, "FACTORY-1", None),
    ]
    for ask in asked:
        with pytest.raises(UserError) as refusal:
            stage.run(ask())
        assert refusal.value.kind == "not-found"
    assert stage.run(application.events(rival, stage.factory_id, 0, 1000)) == []
    assert stage.run(application.factories(rival, ())) == []
    assert {ship.symbol for ship, _ in stage.run(application.ships(rival))} == {"RIVAL-1", "RIVAL-2"}
