"""At a silent server: whatever only reads shows what was seen last, and says what is wrong (law L9)."""

import asyncio
import re

import pytest
from tests.daemon.stage import AGENT, Stage, in_virtual_time, stage
from tests.faults.test_identity import Front, another_world, at_work

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.layout import plain
from goodsfactory.cli.trends import market_lines, sighting_lines
from goodsfactory.daemon.doctor import Finding, Verdict
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_insight import InsightService
from goodsfactory.domain.errors import GoodsFactoryError, UserError
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.http.app import create_app

CAUSE = "The game server|another universe of https://sandbox"


async def becomes_silent(one: Stage, front: Front, how: str) -> None:
    """Before a start, or while the daemon works; or another universe of the address is started in."""
    if how != "at work":
        await one.application.stop()
    if how == "another universe":
        front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=one.clock.sleep)
    else:
        front.instead = lambda request, token: (503, b"away")
    if how != "at work":
        await (await one.open()).start()
    else:
        await one.clock.sleep(600)


async def seen(one: Stage, player: Player, good: str) -> tuple[list[tuple[str, int]], str, list[str]]:
    """Who asks what for a good, a market of it, and how it went there, as the commands show them."""
    factories = FactoryService(one.application, stop=asyncio.Event())
    insight = InsightService(one.application)
    found = await factories.FindMarkets(own.FindMarketsRequest(player_id=player.id, good=good), None)
    first = found.listings[0].waypoint
    market = await factories.ShowMarket(own.ShowMarketRequest(player_id=player.id, waypoint=first), None)
    trend = await insight.ShowTrend(own.ShowTrendRequest(player_id=player.id, good=good), None)
    there = await insight.ShowTrend(
        own.ShowTrendRequest(player_id=player.id, good=good, waypoint=first), None
    )
    assert plain(market_lines(trend, spark=True))
    assert plain(sighting_lines(there, spark=True))
    looks = [f"{one.waypoint} {len(one.sightings)}" for one in trend.markets]
    return [(one.waypoint, one.ask) for one in found.listings], market.observed_at, looks


@pytest.mark.parametrize("how", ["at the start", "at work", "another universe"])
@in_virtual_time
async def test_markets_and_trends_are_shown_as_seen_last(clock: VirtualClock, how: str) -> None:
    """Prices, when they were seen, and every sighting; what nobody ever saw is refused with the cause."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        good = next(leg.good for leg in await one.legs(factory) if leg.state is LegState.LADEN)
        before, observed, looks = await seen(one, player, good)
        await becomes_silent(one, front, how)
        markets, still_observed, now_looks = await seen(one, player, good)
        assert [place for place, _ in markets] == [place for place, _ in before]
        assert any(ask for _, ask in markets)
        assert still_observed >= observed
        assert len(now_looks) == len(looks)
        assert sum(int(line.split()[1]) for line in now_looks) > 0
        for order in (
            one.application.find_markets(player.id, "ELECTRONICS", "X1-NOWHERE"),
            one.application.market(player.id, "X1-NOWHERE-A1"),
        ):
            with pytest.raises(GoodsFactoryError, match=CAUSE):
                await order
        with pytest.raises(UserError, match="no good called"):
            await one.application.find_markets(player.id, "NONSENSE", None)


@pytest.mark.parametrize("how", ["at the start", "at work", "another universe"])
@in_virtual_time
async def test_a_ship_is_explained_as_seen_last(clock: VirtualClock, how: str) -> None:
    """It can be given no work, first because nobody can act; then comes what else keeps it from work."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        await becomes_silent(one, front, how)
        service = FactoryService(one.application, stop=asyncio.Event())
        for chosen in ("", factory):
            told = await service.ExplainShip(
                own.ExplainShipRequest(player_id=player.id, ship_symbol=f"{AGENT}-1", factory_id=chosen), None
            )
            assert not told.eligible
            assert re.search(CAUSE, told.reasons[0])
            assert "as it was seen last" in told.notes[-1]


@in_virtual_time
async def test_a_server_that_answers_again_is_asked_by_the_command_itself(clock: VirtualClock) -> None:
    """The daemon asks ever more rarely: a registration does not refuse from memory, and work goes on."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        await becomes_silent(one, front, "at the start")
        await clock.sleep(1800)
        with pytest.raises(UserError, match="gives no answer"):
            await one.application.enrol_player("RIVAL", "COSMIC")
        front.instead = lambda request, token: None
        began = clock.now()
        await one.application.enrol_player("RIVAL", "COSMIC")
        assert (clock.now() - began).total_seconds() < 15
        assert (await one.application.statistics())["troubles"] == []
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_the_doctor_believes_the_answer_it_has_just_heard(clock: VirtualClock) -> None:
    """While the daemon has not asked again, what it remembers is told as that; then all is well."""
    async with stage(clock) as one:
        front = Front(one)
        await at_work(one)
        await becomes_silent(one, front, "at the start")
        await clock.sleep(1800)

        async def examined() -> dict[str, Finding]:
            found = await one.application.insight.doctor.examine()
            return {one.check: one for one in found}

        silent = await examined()
        assert [silent[check].verdict for check in ("server", "daemon", "agent")] == [Verdict.FAIL] * 3
        front.instead = lambda request, token: None
        heard = await examined()
        assert heard["server"].verdict is Verdict.OK
        for check in ("daemon", "agent"):
            assert heard[check].verdict is Verdict.WARN
            assert heard[check].text.startswith("When the daemon asked last: ")
            assert heard[check].text.endswith("The server answers now")
        await clock.sleep(3600)
        well = await examined()
        assert [well[check].verdict for check in ("server", "daemon", "agent")] == [Verdict.OK] * 3
