"""Idle ships go where something is about to be made, by the real application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.sandbox.scenarios import Scenario

GOODS = ("CLOTHING", "FOOD", "MACHINERY")


async def _sent(ground: Playground) -> list[Event]:
    return [event for event in await ground.events() if event.kind is EventKind.SHIP_POSITIONED]


async def _claimed(ground: Playground) -> set[str]:
    claims = await ground.application.store.transact(lambda tx: tx.claims.of_player(ground.player.id))
    return {claim.ship for claim in claims}


@asynccontextmanager
async def _three_chains(
    clock: VirtualClock, units: int = 40, **flags: Any
) -> AsyncIterator[tuple[Playground, list[str]]]:
    order = FactoryRequest(Strategy.SMART, units)
    async with playground(clock, scenario=Scenario.DRAINED, **flags) as ground:
        yield ground, [await ground.produce(good, order) for good in GOODS]


async def _complete(ground: Playground, factories: list[str]) -> None:
    for factory in factories:
        report = await ground.until_over(factory, hours=6)
        assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error


async def _first(ground: Playground) -> Event:
    """The first event that says so; it comes within the hour."""
    seen = 0
    for _ in range(3_600):
        for event in await ground.application.events(ground.player.id, None, seen, 100_000):
            seen = event.seq
            if event.kind is EventKind.SHIP_POSITIONED:
                return event
        await ground.clock.sleep(1)
    raise AssertionError("nobody was sent")


def test_a_ship_without_work_waits_where_something_is_about_to_be_made() -> None:
    """Its event says where, what for and for which factory, and a ship's next load is from where it waited.

    Guarded: without `plan_positions` in `plan.give_out` nobody is sent.
    """

    async def play(clock: VirtualClock) -> None:
        async with _three_chains(clock, units=60) as (ground, factories):
            await _complete(ground, factories)
            events = await ground.events()
            sent = await _sent(ground)
            assert {event.factory_id for event in sent} <= set(factories)
            loaded = []
            for event in sent:
                (site,) = event.data["waypoints"]
                later = (one for one in events if one.seq > event.seq and one.ship == event.ship)
                leg = next((one for one in later if one.kind is EventKind.LEG_ASSIGNED), None)
                loaded += [event] if leg is not None and f" from {site}: " in leg.message else []
            assert loaded

    run_virtual(play)


def test_killed_while_a_ship_is_on_its_way_to_wait_nothing_is_lost() -> None:
    """The next start brings it there, and makes the rest."""

    async def play(clock: VirtualClock) -> None:
        async with _three_chains(clock, units=60, on_disk=True) as (ground, factories):
            sent = await _first(ground)
            await clock.sleep(5)
            assert sent.ship in await _claimed(ground)
            await ground.kill()
            await ground.restart()
            await clock.sleep(180)
            voyage = await ground.application.store.transact(
                lambda tx: tx.containers.get(str(sent.container_id))
            )
            assert voyage is not None
            assert voyage.status is ContainerStatus.COMPLETED
            assert voyage.exit_reason == f"{sent.ship} looked at {sent.data['waypoints'][0]}"
            await _complete(ground, factories)

    run_virtual(play)


def test_it_stops_with_its_own_factory_and_with_no_other() -> None:
    """Another factory that is stopped meanwhile does not call it back."""

    async def play(clock: VirtualClock) -> None:
        async with _three_chains(clock, units=60) as (ground, factories):
            sent = await _first(ground)
            assert sent.factory_id is not None
            other = next(factory for factory in factories if factory != sent.factory_id)
            await ground.application.stop_factory(ground.player.id, other)
            assert sent.ship in await _claimed(ground)
            await ground.application.stop_factory(ground.player.id, sent.factory_id)
            assert sent.ship not in await _claimed(ground)

    run_virtual(play)
