"""One ship that makes IRON while something goes wrong: what has to be true of it in the end."""

from collections import Counter

from tests.daemon.stage import Stage, check_books, check_nothing_leaks

from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState

GOOD, INPUT = "IRON", "IRON_ORE"
ONE_SHIP: tuple[str, ...] = ()
"""The command frigate of the start, and no other ship that carries cargo."""

HOLD = 40
"""Units the frigate carries: what one voyage of each good buys, and no unit more."""


def cargo_bought(one: Stage) -> Counter[str]:
    """Units of each good that the sandbox sold, fuel left out."""
    bought = Counter[str]()
    for trade in one.trades.all:
        if trade.type == "PURCHASE" and trade.good != "FUEL":
            bought[trade.good] += trade.units
    return bought


async def waits_with_a_reason(one: Stage, player: Player, factory: str, words: str) -> None:
    """Some node says ``words``; everyone that is not done has a reason, a since and a next check (L8)."""
    report = await one.application.factory(player.id, factory)
    waiting = [node for node in report.nodes.values() if node.state is not NodeState.DONE]
    assert waiting, report.to_json()
    for node in waiting:
        assert node.reason
        assert node.since <= one.clock.now()
        assert node.next_check is not None
    reasons = [node.reason for node in waiting]
    assert any(words in reason for reason in reasons), reasons
    told = next(node for node in waiting if words in node.reason)
    assert told.next_check is not None
    # What is being tried at this moment was due a moment ago; a try may take some repeats.
    assert (told.next_check - one.clock.now()).total_seconds() > -120


async def completes(one: Stage, player: Player, factory: str, *, hours: float = 8, limited: int = 0) -> None:
    """The factory completes; each hold was paid once; ledger, ships and limit are as they should be.

    The sandbox counts ``limited`` answers 429: those it was told to give, and none besides.
    """
    report = await one.until_over(player, factory, hours=hours)
    assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
    assert cargo_bought(one) == {INPUT: HOLD, GOOD: HOLD}
    assert one.world.traffic.refused_by_limit == limited
    await check_books(one, player)
    await check_nothing_leaks(one, player, factory)
