"""Factories that go on: lots in a row, lots without end, and the end of what does not pay."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Terminal
from goodsfactory.domain.leg import LegKind, LegState

CHAIN = FactoryRequest(continuous=True, terminal=Terminal.SELL)
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
    lifts = [leg.updated_at for leg in done if leg.kind is LegKind.LIFT and leg.updated_at]
    feeds = [leg.created_at for leg in done if leg.kind is LegKind.FEED]
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


def test_what_was_realised_is_sales_less_cost_and_fuel(chain: Story) -> None:
    """Goods still aboard are neither won nor lost: the ledger less their cost."""
    aboard = sum(
        round(leg.cost * leg.aboard / leg.bought)
        for leg in chain.report.legs
        if leg.bought and leg.aboard > 0
    )
    cash = chain.report.books.sales - chain.report.spent
    assert chain.realised == pytest.approx(cash + aboard, abs=len(chain.report.legs))


def test_a_chain_that_does_not_pay_ends_with_its_numbers_and_frees_its_ships() -> None:
    """After its first full window, not before; the event and the factory's error carry the reason."""
    story = lived(CHAIN, 3, policy__kill_window=3600, policy__kill_below=50_000_000)
    (killed,) = [e for e in story.events if e.kind is EventKind.FACTORY_UNPROFITABLE]
    begun = story.report.factory.started_at
    assert begun is not None
    assert timedelta(hours=1) <= killed.at - begun <= timedelta(hours=1, minutes=6)
    assert killed.data["per_hour"] < killed.data["kill_below"] == 50_000_000
    factory = story.report.factory
    assert (factory.status, factory.error) == (FactoryStatus.STOPPED, killed.message)
    assert not [leg for leg in story.report.legs if leg.state.is_open]


def test_two_lots_are_two_lots() -> None:
    """A number of batches ends with the last unit of the last one."""

    async def story(clock: VirtualClock) -> FactoryReport:
        async with playground(clock) as play:
            return await play.until_over(await play.produce(GOOD, FactoryRequest(units=20, batches=2)))

    report = run_virtual(story)
    assert report.factory.status is FactoryStatus.COMPLETED
    assert report.factory.quantity_acquired >= 40
    assert report.to_json()["lot"] == 2
