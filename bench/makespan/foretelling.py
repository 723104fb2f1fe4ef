"""Quotes set against what came, in a run of its own: the system is scouted before anything is ordered."""

import asyncio
from datetime import datetime

from bench.makespan.cases import Case
from bench.makespan.run import LONGEST, PROBE, Foretold, customer, open_case, request_of, until_over
from bench.makespan.schedules import Scheduler
from tests.playground import Playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.scouting_orders import ScoutWish
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.quote import Quote


def is_quoted(case: Case) -> bool:
    """The product is: a quote is its own."""
    return case.scheduler is Scheduler.PRODUCT


def foretell(case: Case) -> tuple[Foretold, ...]:
    """Scout the system, then order each target in turn, each with a quote taken in that moment.

    One for each target, in their order. What is quoted first is quoted before the others are ordered.
    """
    return run_virtual(lambda clock: _foretell(case, clock))


async def _foretell(case: Case, clock: VirtualClock) -> tuple[Foretold, ...]:
    targets = case.setting.targets
    async with open_case(case, clock) as ground:
        application, player = ground.application, ground.player.id
        application.quotes.handed_over = True
        await application.desks.scouting.start(player, ScoutWish(ships=(PROBE,), rounds=1))
        while not all([await _was_seen(ground, target) for target in targets]):
            await clock.sleep(60)
        for container in await application.containers(player, ContainerStatus.RUNNING):
            if container.type is ContainerType.STANDING_SCOUT:
                await application.stop_container(container.id)
        purse, ordered = ground.credits, list[tuple[datetime, Quote, str]]()
        async with customer(ground, targets):
            for target in targets:
                begun = clock.now()
                quote = await application.quotes.quote(player, target, None, request_of(case))
                # In a task of its own, as each request of a client is.
                order = asyncio.create_task(ground.produce(target, request_of(case)))
                ordered.append((begun, quote, await order))
            latest = ordered[0][0] + LONGEST
            over = await asyncio.gather(*(until_over(ground, one, latest) for _, _, one in ordered))
        lost, found = purse - ground.credits, []
        for beside, ((begun, quote, factory_id), factory) in enumerate(zip(ordered, over, strict=True)):
            done = factory.completed_at if factory.status is FactoryStatus.COMPLETED else None
            # The purse is that of all orders together: of several, each one's own books tell.
            report = await application.quotes.report(player, factory_id)
            credits = lost if len(targets) == 1 else report.taken.credits
            seconds = None if done is None else (done - begun).total_seconds()
            found.append(Foretold(quote, seconds, credits, beside))
        return tuple(found)


async def _was_seen(ground: Playground, target: str) -> bool:
    """True once every market was looked at that trades a good of the target's whole chain."""
    recipes = ground.application.roster.crew(ground.player.id).recipes
    goods, waiting = set(), [target]
    while waiting:
        good = waiting.pop()
        if good not in goods:
            goods.add(good)
            waiting += () if recipes.is_raw(good) else recipes.inputs(good)
    home = ground.world.universe.home.symbol
    markets = await ground.application.store.transact(lambda tx: tx.markets.in_system(home))
    matter = [market for market in markets if goods & (market.exports | market.exchange)]
    return bool(matter) and all(market.observed_at is not None for market in matter)
