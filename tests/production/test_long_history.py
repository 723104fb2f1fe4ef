"""A factory that has worked for months costs what it cost on its first day (law L15)."""

import sys
from dataclasses import replace
from typing import Any

from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.player import Player

FLOWN = 1_500


async def fly(one: Stage, player: Player, factory_id: str, number: int) -> None:
    """Write legs down as they are after they were flown, of an input that the factory no longer takes."""
    now = one.clock.now()
    leg = Leg(
        id="",
        player_id=player.id,
        good="QUARTZ_SAND",
        hand_over=HandOver.SELL,
        feeds="GLASSWARE",
        pegs=(Peg(factory_id, 40),),
        source="X1-AA1-B1",
        destination="X1-AA1-C1",
        value=1,
        reason="it was needed",
        created_at=now,
        state=LegState.DONE,
        ship="FACTORY-1",
        bought=40,
        cost=400,
        delivered=40,
        revenue=500,
        assigned_at=now,
        ended_at=now,
        traded_at=now,
    )
    legs = [replace(leg, id=f"old-{one_of}") for one_of in range(number)]
    await one.application.store.transact(lambda tx: tx.legs.add(legs))


class Calls:
    """Counts the calls inside planning: what a pass costs, the same on every machine."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: Any, event: str, argument: Any) -> None:
        if event == "call" and "goodsfactory/planning" in frame.f_code.co_filename:
            self.count += 1

    def __enter__(self) -> "Calls":
        sys.setprofile(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


async def planning(clock: Any, flown: int) -> int:
    """Calls for ten minutes of planning of a factory that has ``flown`` legs behind it."""
    async with stage(clock) as one:
        player = await one.begin()
        factory_id = await one.produce(player, "COPPER", continuous=True, terminal=Terminal.SELL)
        await fly(one, player, factory_id, flown)
        with Calls() as calls:
            await clock.sleep(600)
        return calls.count


@in_virtual_time
async def test_a_pass_costs_the_same_however_much_was_flown(clock: Any) -> None:
    """Finished legs are sums to planning: thousands of them add less than a tenth to what it does."""
    young, old = await planning(clock, 0), await planning(clock, FLOWN)
    assert young > 1_000
    assert old < 1.1 * young


@in_virtual_time
async def test_the_report_of_a_factory_tells_its_newest_legs(clock: Any) -> None:
    """A watcher asks for it again and again: it does not grow, and still says how many there were."""
    async with stage(clock) as one:
        player = await one.begin()
        factory_id = await one.produce(player, "COPPER", continuous=True, terminal=Terminal.SELL)
        await fly(one, player, factory_id, FLOWN)
        report = await one.application.factory(player.id, factory_id)
        document = report.to_json()
        assert len(document["legs"]) <= 150
        assert document["legs_total"] >= FLOWN
        assert "FACTORY-1" in document["ships_used"]


@in_virtual_time
async def test_the_speedup_does_not_grow_with_what_was_flown(clock: Any) -> None:
    """It is how many ships work side by side, however many legs they have flown."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        factory_id = await one.produce(player, "COPPER", continuous=True, terminal=Terminal.SELL)
        await fly(one, player, factory_id, FLOWN)
        await clock.sleep(600)
        document = (await one.application.factory(player.id, factory_id)).to_json()
        assert 0 < document["estimated_speedup"] <= 1
