"""Why a factory waits, asked of the application while it works and after it has ended."""

from dataclasses import replace

import pytest
from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.explanations import EVENTS_TOLD, FactoryExplanation, ToldNode
from goodsfactory.domain.errors import SpendRule, UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.ports.store import Transaction

FEED = "IRON_ORE"


async def asked(one: Stage, player: Player, factory: str, good: str | None = None) -> FactoryExplanation:
    return await one.application.insight.explanations.of_factory(player.id, factory, good)


async def about(one: Stage, player: Player, factory: str, good: str) -> ToldNode:
    [told] = (await asked(one, player, factory, good)).nodes
    return told


@in_virtual_time
async def test_a_refused_purchase_is_told_with_its_numbers(clock: VirtualClock) -> None:
    """At the floor: the node waits for budget, the leg says when it is tried again, and nothing is spent."""
    async with stage(clock, credits=6_000, policy__credit_floor=5_900) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await one.until(EventKind.SHIP_FREED, container_id=assigned.container_id)
        await clock.sleep(5)
        told = await about(one, player, factory, FEED)
        progress = told.explanation.progress
        status = (await one.application.factory(player.id, factory)).nodes[FEED]
        assert progress.state is NodeState.WAITING_BUDGET
        assert progress == status
        newest = told.explanation.tried[0]
        assert newest.rule is SpendRule.FLOOR
        assert newest.not_before is not None
        assert newest.not_before > clock.now()


@in_virtual_time
async def test_what_the_gate_refused_stands_beside_its_rule(clock: VirtualClock) -> None:
    """The last five refusals for the good, newest first, in the words of the gate; no others are."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.NODE_STATE)

        def refuse(tx: Transaction) -> None:
            for number in range(7):
                event = Event(player.id, EventKind.SPEND_REFUSED, clock.now(), f"ceiling: ask {number}")
                tx.events.append(
                    replace(event, factory_id=factory, good=FEED, ship="FACTORY-1", data={"rule": "ceiling"})
                )
            tx.events.append(replace(event, factory_id=factory, good="IRON"))

        await one.application.store.transact(refuse)
        told = await about(one, player, factory, FEED)
        assert [event.message for event in told.refusals] == [f"ceiling: ask {n}" for n in (6, 5, 4, 3, 2)]
        assert {event.data["rule"] for event in told.refusals} == {"ceiling"}


@in_virtual_time
async def test_spending_that_is_stopped_is_told_for_the_whole_factory(clock: VirtualClock) -> None:
    """Credits that left without the daemon hold every node up: said once, with what to do."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.world.agents.find("FACTORY").credits -= 1_000
        await one.until(EventKind.SPENDING_STOPPED)
        [note] = (await asked(one, player, factory)).notes
        assert note.startswith("nothing is bought: ")


@in_virtual_time
async def test_a_factory_that_is_over_still_explains_itself(clock: VirtualClock) -> None:
    """How it ended, what each node did last and what was tried; what could be done now is not weighed."""
    async with stage(clock) as one:
        player = await one.begin()
        stopped = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_ASSIGNED)
        await one.application.stop_factory(player.id, stopped)
        made = await one.produce(player, "IRON")
        report = await one.until_over(player, made)
        assert report.factory.status is FactoryStatus.COMPLETED
        for factory, end in ((stopped, "ELECTRONICS was stopped"), (made, "IRON made for")):
            told = await asked(one, player, factory)
            assert end in told.notes[-1]
            for node in told.nodes:
                why = node.explanation
                assert (why.sources, why.sites, dict(why.ships)) == ((), (), {})
                assert why.progress.next_check is None
                assert 0 < len(node.events) <= EVENTS_TOLD
                assert {event.good for event in node.events} == {why.node.good}
        given_up = [
            leg for node in (await asked(one, player, stopped)).nodes for leg in node.explanation.tried
        ]
        assert {leg.failure for leg in given_up} == {"stopped"}


@in_virtual_time
async def test_the_history_of_an_old_universe_is_explained_too(clock: VirtualClock) -> None:
    """After a restart without a word of the token nobody works for the player; the rows still tell."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.NODE_STATE)
        one.application.roster.dismiss(player.id)
        told = await about(one, player, factory, "IRON")
        assert told.explanation.sites == ()
        assert told.explanation.progress.reason


@in_virtual_time
async def test_what_is_not_there_cannot_be_explained(clock: VirtualClock) -> None:
    """A strange factory, and a node the factory does not have: one sentence each (L10, L11)."""
    async with stage(clock) as one:
        player = await one.begin()
        other = await one.application.register_player("OTHER", one.world.universe.factions[0])
        factory = await one.produce(player, "IRON")
        with pytest.raises(UserError, match="has no node GOLD; it has IRON and IRON_ORE"):
            await asked(one, player, factory, "gold")
        for asker, name in ((other, factory), (player, "no-such-factory")):
            with pytest.raises(UserError, match="This player has no factory"):
                await asked(one, asker, name)
