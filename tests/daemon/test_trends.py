"""The history of a good, asked of the application after a run in the sandbox."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.trends import Trend
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.player import Player
from goodsfactory.planning.market.trend import exact_net_supply

GOOD = "ELECTRONICS"


async def trend(one: Stage, player: Player, good: str = GOOD, **how: Any) -> Trend:
    return await one.application.insight.trends.of_good(player.id, good, **how)


@in_virtual_time
async def test_what_a_market_made_is_what_the_sandbox_says(clock: VirtualClock) -> None:
    """Stock at the last look, less stock at the first, with our own trades taken off: to the unit."""
    async with stage(clock) as one:
        player = await one.begin()
        [site] = [m for m in one.world.universe.markets.values() if GOOD in m.exports]
        stock: list[tuple[datetime, int]] = []

        def look() -> None:
            listing = site.good(GOOD, clock.now())
            assert listing is not None
            stock.append((clock.now(), listing.net_supply))

        one.line.disturb(rf"GET .*/{site.waypoint}/market", on=True, first=look)
        factory = await one.produce(player, GOOD, units=100)
        await one.until_over(player, factory)
        for _ in range(12):  # the ships that hold the output are still there
            await clock.sleep(900)
            await one.application.market(player.id, site.waypoint)
        told = await trend(one, player, waypoint=site.waypoint)
        [market] = told.markets
        assert (told.good, market.type) == (GOOD, TradeType.EXPORT)
        assert len({seen.listing.ask for seen in market.sightings}) > 2
        exact = [seen.observed_at for seen in market.sightings if exact_net_supply(seen.listing) is not None]
        began, ended = exact[0], exact[-1]
        at = dict(stock)
        bought = sum(trade.units for trade in one.trades.all if trade.good == GOOD and trade.at <= ended)
        assert bought >= 100
        assert market.output is not None
        assert market.output.span == ended - began
        made = market.output.per_tick * (market.output.span / timedelta(minutes=30))
        assert made == pytest.approx(at[ended] - at[began] + bought)
        assert made > 0


@in_virtual_time
async def test_markets_nobody_looked_at_are_in_the_list_too(clock: VirtualClock) -> None:
    """A market without a sighting is one that could be looked at; exports come first, then imports."""
    async with stage(clock) as one:
        player = await one.begin()
        told = await trend(one, player)
        types = [market.type for market in told.markets]
        assert types == sorted(types, key=[TradeType.EXPORT, TradeType.EXCHANGE, TradeType.IMPORT].index)
        traders = {
            m.waypoint
            for m in one.world.universe.markets.values()
            if GOOD in (*m.exports, *m.imports, *m.exchange)
        }
        assert {market.waypoint for market in told.markets} <= traders
        assert [market.output for market in told.markets] == [None] * len(types)


@in_virtual_time
async def test_only_the_time_asked_for_is_told(clock: VirtualClock) -> None:
    """What was seen before it is left out."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until_over(player, factory)
        await clock.sleep(2 * 3600)
        assert any(market.sightings for market in (await trend(one, player, "IRON")).markets)
        assert not any(market.sightings for market in (await trend(one, player, "IRON", hours=1)).markets)


@in_virtual_time
async def test_a_trend_of_nothing_is_refused(clock: VirtualClock) -> None:
    """Unknown good, system and market, a market that does not trade it, and times that are none (L10)."""
    async with stage(clock) as one:
        player = await one.begin()
        strange = next(
            m.waypoint
            for m in one.world.universe.markets.values()
            if GOOD not in (*m.exports, *m.imports, *m.exchange)
        )
        for how, words in (
            ({"good": "ELECTRONIX"}, "Did you mean ELECTRONICS"),
            ({"system": "X1-ZZ99"}, "There is no system X1-ZZ99."),
            ({"waypoint": "NOWHERE"}, "is not a waypoint symbol"),
            ({"waypoint": strange}, f"{strange} does not trade ELECTRONICS"),
            ({"hours": 0.0}, "more than 0 and at most 720 hours, not 0."),
            ({"hours": float("nan")}, "at most 720 hours, not nan."),
            ({"hours": 721.0}, "at most 720 hours, not 721."),
        ):
            with pytest.raises(UserError, match=words):
                await trend(one, player, **how)


@in_virtual_time
async def test_as_much_is_told_as_is_kept(clock: VirtualClock) -> None:
    """Whoever keeps details for long can ask for all of them, events too."""
    async with stage(clock, history__keep=400) as one:
        player = await one.begin()
        assert (await trend(one, player, hours=400 * 24)).markets
        with pytest.raises(UserError, match="at most 9600 hours"):
            await trend(one, player, hours=400 * 24 + 1)
        service = FactoryService(one.application, stop=asyncio.Event())
        ask = own.WatchEventsRequest(stored_only=True, since_seconds=400 * 86_400)
        assert [event async for event in service.WatchEvents(ask, None)]
        ask.since_seconds += 1
        with pytest.raises(UserError, match="400 days at most"):
            await anext(service.WatchEvents(ask, None))
