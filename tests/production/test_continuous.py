"""Factories that go on: lots in a row, lots without end, and the end of what does not pay."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.daemon.stage import Fate, stage
from tests.playground import Playground, playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.supply_chain import NodeState

CHAIN = fabricating(continuous=True, terminal=Terminal.SELL)
GOOD = "CLOTHING"


@dataclass(frozen=True)
class Story:
    report: FactoryReport
    events: list[Event]
    started: datetime
    realised: int


async def _told(play: Playground, factory: str, started: datetime) -> Story:
    report = await play.application.factory(play.player.id, factory)
    realised = await play.application.store.transact(
        lambda tx: tx.money.realised(play.player.id, factory, started)
    )
    return Story(report, await play.events(factory), started, realised)


def lived(request: FactoryRequest, hours: float, **flags: Any) -> Story:
    """Start a factory, let so many hours pass, and see what became of it."""

    async def story(clock: VirtualClock) -> Story:
        async with playground(clock, **flags) as play:
            started = clock.now()
            factory = await play.produce(GOOD, request)
            await clock.sleep(hours * 3600)
            return await _told(play, factory, started)

    return run_virtual(story)


@pytest.fixture(scope="module")
def chain() -> Story:
    """Four hours of a chain that pays."""
    return lived(CHAIN, 4, policy__kill_window=3600)


def test_a_chain_makes_lot_after_lot(chain: Story) -> None:
    """It is not over after its first lot, and counts them."""
    factory = chain.report.factory
    assert factory.status is FactoryStatus.ACTIVE
    document = chain.report.to_json()
    assert document["continuous"]
    assert document["units_wanted"] == 40, "a lot without a size is one shipload"
    assert document["lot"] == factory.quantity_acquired // 40 + 1 > 2


def test_a_chain_that_pays_is_not_killed(chain: Story) -> None:
    """It was judged many times by a window of an hour, and earned."""
    assert chain.realised > 0
    assert not [e for e in chain.events if e.kind is EventKind.FACTORY_UNPROFITABLE]


def test_inputs_of_the_next_lot_arrive_before_the_last_one_is_lifted(chain: Story) -> None:
    """No lot waits for the one before: feeding and lifting overlap in time."""
    done = [leg for leg in chain.report.legs if leg.state is LegState.DONE]
    lifts = [leg.traded_at for leg in done if leg.is_lift and leg.traded_at]
    feeds = [leg.created_at for leg in done if leg.feeds]
    assert any(min(lifts) < fed < max(lifts) for fed in feeds)


def test_the_books_of_a_chain_add_up(chain: Story) -> None:
    """Nodes and fuel are the header; profit is the purse's growth and what is aboard at cost."""
    document = chain.report.to_json()
    books = document.get("books", {})
    costs: dict[str, int] = {}

    def add(node: dict[str, Any]) -> None:
        costs[node["good"]] = node["cost"]
        for child in node["children"]:
            add(child)

    add(document["dependency_tree"])
    assert books.get("nodes") == sum(costs.values()) > 0
    assert books["taken_over"] == books["written_off"] == 0
    assert books["nodes"] + books["former_nodes"] == books["acquired"] == books["purchases"]
    assert books["purchases"] + books["fuel"] == document["total_cost"]
    assert books["net"] == books["sales"] - document["total_cost"]
    assert books["profit"] == books["net"] + books["in_work"]
    assert abs(books["profit"] - chain.realised) <= 100, "but for rounding"
    assert books["profit_per_hour"] == pytest.approx(books["profit"] / 4, rel=0.02)


def test_the_speedup_is_ship_hours_for_each_hour(chain: Story) -> None:
    """However many legs were flown, no more than the ships that flew them were at work at once."""
    document = chain.report.to_json()
    done = [leg for leg in chain.report.legs if leg.state is LegState.DONE]
    assert len(done) > 3 * len(document["ships_used"])
    assert 0 < document["estimated_speedup"] <= len(document["ships_used"])


def test_what_was_realised_is_sales_less_cost_and_fuel(chain: Story) -> None:
    """Goods still aboard are neither won nor lost: the ledger less their cost."""
    aboard = sum(
        round(leg.cost * leg.aboard / leg.bought)
        for leg in chain.report.legs
        if leg.bought and leg.aboard > 0
    )
    cash = chain.report.books.sales - chain.report.spent
    assert chain.realised == pytest.approx(cash + aboard, abs=len(chain.report.legs))


def test_a_chain_that_does_not_pay_hibernates_and_is_tried_again() -> None:
    """After its first full window it rests, its ships are free; then it works, and rests longer."""
    story = lived(CHAIN, 4.8, policy__kill_window=3600, policy__kill_below=50_000_000)
    begun = story.report.factory.started_at
    assert begun is not None
    first, second = [e for e in story.events if e.kind is EventKind.FACTORY_UNPROFITABLE]
    (woken,) = [e for e in story.events if e.kind is EventKind.FACTORY_RESUMED]
    assert timedelta(hours=1) <= first.at - begun <= timedelta(hours=1, minutes=20)
    assert first.data["per_hour"] < first.data["kill_below"] == 50_000_000
    assert timedelta(hours=1) <= woken.at - first.at <= timedelta(hours=1, minutes=5)
    sold = [e for e in story.events if e.kind is EventKind.SOLD and woken.at < e.at < second.at]
    assert sold
    factory = story.report.factory
    assert factory.status is FactoryStatus.ACTIVE
    assert factory.hibernation is not None
    assert factory.hibernation.until - second.at == timedelta(hours=2)
    assert story.report.to_json()["hibernates"]["reason"] == second.message
    assert not [leg for leg in story.report.legs if leg.state.is_open]
    assert {node.state for node in story.report.nodes.values()} <= {NodeState.PAUSED, NodeState.DONE}


def test_a_window_of_outage_ends_no_chain() -> None:
    """The server is away for hours, longer than the window: such time does not count, and work goes on."""

    async def story(clock: VirtualClock) -> list[Event]:
        async with stage(clock, policy__kill_window=3600, policy__kill_below=20_000) as one:
            player = await one.begin()
            factory = await one.produce(player, GOOD, continuous=True, terminal=Terminal.SELL)
            await one.until(EventKind.SOLD, factory_id=factory)
            away = one.line.disturb(r".", Fate.FAILS_BEFORE, on=True)
            await clock.sleep(4 * 3600)
            one.line.disturbances.remove(away)
            await clock.sleep(3600)
            assert (await one.application.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE
            return await one.events(EventKind.FACTORY_UNPROFITABLE, EventKind.SOLD)

    told = run_virtual(story)
    assert [event for event in told if event.kind is EventKind.FACTORY_UNPROFITABLE] == []
    assert (told[-1].at - told[0].at) > timedelta(hours=4)


def test_two_lots_are_two_lots() -> None:
    """A number of batches ends with the last unit of the last one."""

    async def story(clock: VirtualClock) -> FactoryReport:
        async with playground(clock) as play:
            return await play.until_over(await play.produce(GOOD, fabricating(units=20, batches=2)))

    report = run_virtual(story)
    assert report.factory.status is FactoryStatus.COMPLETED
    assert report.factory.quantity_acquired >= 40
    assert report.to_json()["lot"] == 2


def test_an_endless_order_goes_on_where_others_keep_its_inputs_full() -> None:
    """No first delivery is awaited that nobody wants: what the export holds is taken as it comes."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            site = next(
                place
                for place in play.world.universe.markets.values()
                if (row := place.good("ELECTRONICS", clock.now())) and row.type is TradeType.EXPORT
            )
            for good, steps in {"ELECTRONICS": 3, "SILICON_CRYSTALS": 9, "COPPER": 9}.items():
                row = site.good(good, clock.now())
                assert row is not None
                play.world.set_net_supply(site.waypoint, good, steps * row.trade_volume)
            wish = FactoryRequest(Strategy.SMART, units=5, terminal=Terminal.HOLD, continuous=True)
            factory = await play.produce("ELECTRONICS", wish)
            await clock.sleep(1_800)
            report = await play.application.factory(play.player.id, factory)
            assert report.factory.quantity_acquired >= 40, report.nodes["ELECTRONICS"].reason
            assert not [leg for leg in report.legs if leg.feeds == "ELECTRONICS"]

    run_virtual(story)
