"""Shiploads that the plan wants and that no ship carries yet, as clients see them."""

import asyncio
import json
from typing import Any

from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_insight import InsightService
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.instants import instant
from goodsfactory.sandbox.ship_types import SHIP_TYPES

FEED = "IRON_ORE"


async def told(one: Stage, factory: str) -> dict[str, Any]:
    """The document that GetFactory gives."""
    service = FactoryService(one.application, stop=asyncio.Event())
    answer = await service.GetFactory(goodsfactory_pb2.FactoryRef(factory_id=factory), None)
    document: dict[str, Any] = json.loads(answer.document)
    return document


def legs_of(document: dict[str, Any], *states: str) -> list[dict[str, Any]]:
    return [leg for leg in document["legs"] if leg["state"] in states and leg["good"] == FEED]


@in_virtual_time
async def test_a_lot_that_waits_for_a_ship_is_told_as_a_leg_that_is_ready(clock: VirtualClock) -> None:
    """It has no row and no ship, is counted nowhere, and a leg takes its place once a ship comes."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=400)
        await one.until(EventKind.LEG_ASSIGNED)
        document = await told(one, factory)
        [flown], waiting = legs_of(document, "LOADING"), legs_of(document, "READY")
        assert len(waiting) == 2
        assert [leg.id for leg in await one.legs(factory)] == [flown["leg_id"]]
        assert document["legs_total"] == 1
        assert len({leg["leg_id"] for leg in (flown, *waiting)}) == 3
        for leg in waiting:
            alike = ("kind", "good", "output", "source", "destination", "delivered", "reason")
            assert {name: leg[name] for name in alike} == {name: flown[name] for name in alike}
            assert (leg["ship"], leg["bought"], leg["cost"]) == (None, 0, 0)
        assert flown["ship"] == "FACTORY-1"

        agent = one.world.agents.find("FACTORY")
        one.world.fleets.launch(agent, SHIP_TYPES["SHIP_LIGHT_SHUTTLE"], agent.headquarters, clock.now())
        await one.application.roster.crew(player.id).roll_call.call()
        await one.until(EventKind.LEG_ASSIGNED, count=2)
        document = await told(one, factory)
        assert (len(legs_of(document, "LOADING", "LADEN")), len(legs_of(document, "READY"))) == (2, 1)


@in_virtual_time
async def test_nothing_is_ready_of_a_factory_that_gives_out_no_legs(clock: VirtualClock) -> None:
    """Paused or stopped, it wants nothing from that moment on, whatever the last plan says."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=400)
        await one.until(EventKind.LEG_ASSIGNED)
        assert legs_of(await told(one, factory), "READY")
        await one.application.pause_factory(player.id, factory)
        assert not legs_of(await told(one, factory), "READY")
        await one.application.resume_factory(player.id, factory)
        assert legs_of(await told(one, factory), "READY")
        await one.application.stop_factory(player.id, factory)
        assert {leg["state"] for leg in (await told(one, factory))["legs"]} == {"CANCELLED"}


@in_virtual_time
async def test_a_refused_purchase_is_over_and_says_when_it_is_tried_again(clock: VirtualClock) -> None:
    """Its ship is free, the load waits for money, and `goods why` tells until when, while that is ahead."""
    async with stage(clock, ships=(), credits=6_000, policy__credit_floor=5_900) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=40)

        async def newest_try() -> goodsfactory_pb2.Attempt:
            service = InsightService(one.application)
            asked = goodsfactory_pb2.ExplainFactoryRequest(factory_id=factory, good=FEED)
            return (await service.ExplainFactory(asked, None)).nodes[0].tried[0]

        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await one.until(EventKind.SHIP_FREED, container_id=assigned.container_id)
        await clock.sleep(5)
        document = await told(one, factory)
        [over], [waiting, *_] = legs_of(document, "CANCELLED"), legs_of(document, "READY")
        assert (over["ship"], over["bought"]) == ("FACTORY-1", 0)
        assert waiting["reason"] == over["reason"]
        tried = await newest_try()
        assert (tried.leg_id, tried.state) == (over["leg_id"], "CANCELLED")
        assert tried.not_before > instant(clock.now())
        await one.application.stop_factory(player.id, factory)
        assert (await newest_try()).not_before == ""
