"""Retention removes details that are old, a bounded number at a time, and nothing that still counts."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.container import Container, ContainerLog, ContainerStatus
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.money import IntentState
from goodsfactory.domain.player import Player
from goodsfactory.ports.store import Transaction

DAY = 86_400


def thin(opened: OpenStore, rows: Rows, seconds: float, most: int = 100) -> int:
    return opened.run(lambda t: t.history.thin(rows.later(seconds), most))


def counts(opened: OpenStore) -> list[int]:
    tables = ("events", "legs", "containers", "container_logs", "intents", "ledger")
    return [opened.execute(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.fixture
def written(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> OpenStore:
    """Ten days with an event, a leg, a container with a line, an intent and a ledger row each."""
    for day in range(10):
        at = rows.later(day * DAY)

        def write(t: Transaction, day: int = day, at: datetime = at) -> None:
            t.events.append(rows.event(player.id, f"day {day}", at=at))
            leg = rows.leg(player.id, f"leg-{day}", created_at=at)
            t.legs.add([leg])
            t.legs.update(replace(leg, state=LegState.DONE, ship="S-1", bought=5, cost=9, updated_at=at))
            t.containers.add(rows.container(player.id, f"worker-{day}", created_at=at, updated_at=at))
            t.containers.log(ContainerLog(f"worker-{day}", at, "INFO", "it went"))
            t.containers.end(f"worker-{day}", ContainerStatus.COMPLETED, at)
            intent = rows.intent(player.id, f"intent-{day}", created_at=at)
            t.money.open_intent(intent)
            t.money.close_intent(replace(intent, state=IntentState.DONE, settled_at=at))
            t.money.record(rows.entry(player.id, -7, at=at, leg_id=leg.id, factory_id=factory.id))

        opened.run(write)
    return opened


def test_what_is_older_is_removed_and_the_rest_stays(written: OpenStore, rows: Rows, player: Player) -> None:
    """The ledger stays whole."""
    assert thin(written, rows, 4 * DAY) > 0
    assert counts(written) == [6, 6, 6, 6, 6, 10]
    assert [event.message for event in written.run(lambda t: t.events.after(0))] == [
        f"day {day}" for day in range(4, 10)
    ]
    assert thin(written, rows, 4 * DAY) == 0
    assert written.run(lambda t: t.history.events_gone()) == (4, rows.later(4 * DAY))


def test_sums_do_not_change(written: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """Totals of legs, the ledger's sum and the books of a factory are what they were."""

    def sums(t: Transaction) -> Any:
        realised = t.money.realised(player.id, factory.id, rows.later(5 * DAY))
        return (
            t.legs.totals(factory.id),
            t.money.ledger_sum(player.id),
            t.money.books(player.id, factory.id),
            realised,
        )

    before = written.run(sums)
    thin(written, rows, 4 * DAY)
    assert written.run(sums) == before
    assert before[1] == -70


def test_a_transaction_removes_no_more_than_it_was_told(written: OpenStore, rows: Rows) -> None:
    """Whoever waits for the database waits for a few rows; the next transaction goes on."""
    steps = []
    while thin(written, rows, 20 * DAY, most=3):
        steps.append(counts(written))
    assert steps[0] == [7, 7, 7, 7, 7, 10]
    assert steps[-1][0] == 0
    assert len(steps) == 4


def test_the_life_of_a_factory_stays(opened: OpenStore, rows: Rows, player: Player) -> None:
    """How it ended is told for ever; watchers end by it."""
    kinds = (EventKind.FACTORY_CREATED, EventKind.LEG_DONE, EventKind.FACTORY_COMPLETED, EventKind.PURCHASED)
    opened.run(lambda t: [t.events.append(rows.event(player.id, kind=kind)) for kind in kinds])
    thin(opened, rows, DAY)
    assert [event.kind for event in opened.run(lambda t: t.events.after(0))] == [kinds[0], kinds[2]]


def test_what_is_not_over_stays(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """Open legs, running containers and open intents are no history, however old they are."""

    def write(t: Transaction) -> None:
        t.legs.add([rows.leg(player.id), rows.leg(player.id, "flying", state=LegState.LADEN, bought=4)])
        t.containers.add(rows.container(player.id))
        t.money.open_intent(rows.intent(player.id))

    opened.run(write)
    thin(opened, rows, 9 * DAY)
    assert counts(opened)[:5] == [0, 2, 1, 0, 1]


def test_what_loaded_a_ship_last_stays(written: OpenStore, rows: Rows) -> None:
    """Cargo that has been aboard for months still has its leg, and with it its owner and its cost."""
    thin(written, rows, 30 * DAY)
    assert counts(written) == [0, 1, 0, 0, 0, 10]
    last = written.run(lambda t: t.legs.last_of("S-1", "IRON"))
    assert last is not None
    assert last.id == "leg-9"


def test_ends_that_are_gone_are_not_remembered(written: OpenStore, rows: Rows, player: Player) -> None:
    """What a store keeps of its reads is what is there."""

    def newest(t: Transaction) -> list[Container]:
        return t.containers.newest(player.id, ContainerStatus.COMPLETED, [rows.container(1).type], limit=20)

    assert len(written.run(newest)) == 10
    thin(written, rows, 4 * DAY)
    assert len(written.run(newest)) == 6


def look(rows: Rows, seconds: float, ask: int) -> MarketSnapshot:
    listing = Listing("IRON", TradeType.EXPORT, 60, Supply.HIGH, Activity.STRONG, ask, ask // 2)
    return MarketSnapshot(
        "X1-AA1-B1", frozenset({"IRON"}), frozenset(), frozenset(), (listing,), rows.later(seconds)
    )


def asks(opened: OpenStore) -> list[int]:
    return [one.listing.ask for one in opened.run(lambda t: t.markets.history("X1-AA1-B1", "IRON"))]


@pytest.mark.parametrize("most", [100, 2])
def test_old_sightings_become_one_an_hour_and_go_at_last(opened: OpenStore, rows: Rows, most: int) -> None:
    """The last of each hour stays, in however many steps; the young stay all, and the oldest none."""
    begin = -rows.now.minute * 60 - rows.now.second  # at a full hour
    looks = [
        look(rows, begin + 3_600 * hour + 60 * minute, 100 * hour + minute)
        for hour in range(4)
        for minute in (0, 20, 40, 59)
    ]

    def save(t: Transaction) -> None:
        for one in looks:
            t.markets.save(one)

    opened.run(save)

    def roll_up(before: float, looked_before: float) -> None:
        ages = rows.later(begin + before), rows.later(begin + looked_before)
        while opened.run(lambda t: t.history.thin(ages[0], most, looked_before=ages[1])):
            pass

    roll_up(0, 3 * 3_600)
    assert asks(opened) == [59, 159, 259, 300, 320, 340, 359]
    roll_up(2 * 3_600, 4 * 3_600)
    assert asks(opened) == [259, 359]


def test_sightings_of_a_past_universe_go_too(opened: OpenStore, rows: Rows) -> None:
    """Nobody looks at its markets again: their age alone ends them."""
    opened.run(lambda t: t.markets.save(look(rows, 0, 50)))
    opened.execute("UPDATE market_history SET universe = 'over'")
    thin(opened, rows, DAY)
    assert opened.execute("SELECT count(*) FROM market_history")[0][0] == 0
