"""A factory that is over is shown as over."""

import pytest
from tests.daemon.stage import in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus


@pytest.mark.parametrize("fails", [False, True], ids=["stopped", "failed"])
@in_virtual_time
async def test_no_node_of_a_factory_that_is_over_waits_or_flies(clock: VirtualClock, fails: bool) -> None:
    """Its nodes say what they said last, and are not looked at again; `why` says the same.

    Of a factory that was stopped only those are DONE that had brought something.
    """
    async with stage(clock) as one:
        player = await one.begin()
        ships = tuple(ship.symbol for ship in one.world.fleets)
        wish = {"exclude": ships, "fail_if_no_ship": True} if fails else {}
        factory = await one.produce(player, "ELECTRONICS", **wish)
        if fails:
            await one.until(EventKind.FACTORY_FAILED)
        else:
            await one.until(EventKind.LEG_LADEN)
            await one.application.stop_factory(player.id, factory)
        report = await one.application.factory(player.id, factory)
        over = FactoryStatus.FAILED if fails else FactoryStatus.STOPPED
        assert report.factory.status is over
        told = await one.application.insight.explanations.of_factory(player.id, factory, None)
        nodes = [report.to_json()["dependency_tree"]]
        states = {node.explanation.progress.state.value for node in told.nodes}
        while nodes:
            node = nodes.pop()
            nodes += node["children"]
            states.add(node["state"])
            assert node["next_check"] is None
            done = node["state"] == "DONE"
            assert node["quantity"] if done else "it said last" in node["reason"]
        assert states == {"FAILED"} if fails else states <= {"STOPPED", "DONE"} and "STOPPED" in states
        assert report.nodes_completed == sum(
            one.explanation.progress.state.value == "DONE" for one in told.nodes
        )
