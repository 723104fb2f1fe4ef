"""Retention removes details that are old, a bounded number at a time, and nothing that still counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store.tables import UNIVERSES
from goodsfactory.domain.container import Container, ContainerLog, ContainerStatus
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.money import IntentState
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.store import Transaction

DAY = 86_400


def thin(opened: OpenStore, rows: Rows, seconds: float, most: int = 100) -> int:
    return opened.run(lambda t: thin_all(t, rows.later(seconds), most, rows.later(seconds + 30 * DAY)))


def thin_all(t: Transaction, before: datetime, most: int, now: datetime) -> int:
    """Everything that is older, whatever its kind."""
    return t.history.thin(before, most, now=now, settled_before=before, looked_before=before)


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
            flown = replace(leg, ship="S-1", bought=5, cost=9, assigned_at=at)
            t.legs.update(replace(flown, state=LegState.DONE, ended_at=at))
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
    assert written.run(lambda t: t.history.events_gone(player.id)) == (4, rows.later(4 * DAY))


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


def test_what_a_namesake_of_another_universe_loaded_takes_nothing_away(
    written: OpenStore, rows: Rows
) -> None:
    """Symbols come again after a reset: a newer load there is not this ship's."""
    other = written.run(lambda t: rows.player(t, universe="another"))
    written.run(lambda t: t.factories.add(rows.factory(other.id, "factory-2")))
    newer = rows.leg(
        other.id,
        "leg-other",
        factory_id="factory-2",
        ship="S-1",
        bought=5,
        cost=9,
        assigned_at=rows.later(20 * DAY),
    )
    written.run(lambda t: t.legs.add([newer]))
    thin(written, rows, 30 * DAY)
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
        now = rows.later(30 * DAY)
        while opened.run(
            lambda t: t.history.thin(ages[0], most, now=now, settled_before=ages[0], looked_before=ages[1])
        ):
            pass

    roll_up(0, 3 * 3_600)
    assert asks(opened) == [59, 159, 259, 300, 320, 340, 359]
    roll_up(2 * 3_600, 4 * 3_600)
    assert asks(opened) == [259, 359]


def there(number: int, rows: Rows, **fields: Any) -> Universe:
    return Universe("http://here/v2", f"2026-11-0{number}", rows.now, **fields)


def details(t: Transaction, rows: Rows, universe: Universe, at: datetime) -> None:
    """One detail of every kind, at an instant of the universe's own clock."""
    t.universes.save(universe)
    agent = t.players.by_agent("COSMIC")
    if agent is None:
        agent = rows.player(t, universe=universe.id)
        t.factories.add(rows.factory(agent.id, universe.id))
    name = f"{universe.id}-{at:%d%H%M}"
    t.events.append(rows.event(agent.id, name, at=at))
    t.legs.add([leg := rows.leg(agent.id, name, factory_id=universe.id, created_at=at)])
    t.legs.update(replace(leg, state=LegState.DONE, ended_at=at))
    t.containers.add(rows.container(agent.id, name, created_at=at, updated_at=at))
    t.containers.log(ContainerLog(name, at, "INFO", "it went"))
    t.containers.end(name, ContainerStatus.COMPLETED, at)
    t.money.open_intent(intent := rows.intent(agent.id, name, created_at=at))
    t.money.close_intent(replace(intent, state=IntentState.DONE, settled_at=at))
    t.markets.save(replace(look(rows, 0, 50), observed_at=at))


def write_details(opened: OpenStore, rows: Rows, universe: Universe, *seconds: float) -> None:
    opened.store.enter_universe(universe.id)
    for second in seconds:
        opened.run(partial(details, rows=rows, universe=universe, at=rows.later(second)))


def thinned(opened: OpenStore, rows: Rows, universe: Universe, now: float, keep: float = 30 * DAY) -> None:
    opened.store.enter_universe(universe.id)
    before = rows.later(now - keep)
    while opened.run(lambda t: thin_all(t, before, 2, rows.later(now))):
        pass


def left(opened: OpenStore, universe: Universe) -> set[int]:
    """How many details of each kind a universe has."""
    its = f"(SELECT id FROM players WHERE universe = '{universe.id}')"
    tables = ("events", "legs", "containers", "intents")
    asked = [f"SELECT count(*) FROM {table} WHERE player_id IN {its}" for table in tables]
    asked.append(f"SELECT count(*) FROM market_history WHERE universe = '{universe.id}'")
    asked.append(f"SELECT count(*) FROM container_logs WHERE container_id LIKE '{universe.id}%'")
    return {opened.execute(question)[0][0] for question in asked}


def test_the_clock_of_one_server_does_not_judge_the_rows_of_another(opened: OpenStore, rows: Rows) -> None:
    """A sandbox that is ahead removes nothing of the live server, and keeps nothing of it either."""
    live, sandbox = there(1, rows), replace(there(2, rows), server="http://sandbox/v2")
    write_details(opened, rows, sandbox, 75 * DAY, 75 * DAY + 600)
    write_details(opened, rows, live, 0, 600)
    thinned(opened, rows, sandbox, 75 * DAY + 3_600)
    assert (left(opened, live), left(opened, sandbox)) == ({2}, {2})
    write_details(opened, rows, live, 90 * DAY)
    thinned(opened, rows, live, 90 * DAY)
    assert (left(opened, live), left(opened, sandbox)) == ({1}, {2})
    write_details(opened, rows, sandbox, 110 * DAY)
    thinned(opened, rows, sandbox, 110 * DAY)
    assert (left(opened, live), left(opened, sandbox)) == ({1}, {1})


def left_ago(opened: OpenStore, universe: Universe, days: float) -> None:
    """Nobody has played it for so many days of real time."""
    moment = datetime.now(UTC) - timedelta(days=days)
    opened.execute(update(UNIVERSES).where(UNIVERSES.c.id == universe.id).values(played_at=moment))


@pytest.mark.parametrize("ahead", [0, 200 * DAY], ids=["in step", "far ahead"])
@pytest.mark.parametrize("how", ["over", "parked", "of another server"])
def test_details_of_a_universe_that_is_left_go_too(
    opened: OpenStore, rows: Rows, how: str, ahead: float
) -> None:
    """Once nobody has played it for as long, in real time and whatever its own clock said; no sooner."""
    before = there(1, rows, ended_at=rows.now if how == "over" else None)
    if how == "of another server":
        before = replace(before, server="http://127.0.0.1:40312/v2")
    here = there(2, rows)
    write_details(opened, rows, before, ahead, ahead + 60)
    write_details(opened, rows, here, 0, 20 * DAY)
    left_ago(opened, before, 29)
    thinned(opened, rows, here, 31 * DAY)
    assert (left(opened, before), left(opened, here)) == ({2}, {1})
    left_ago(opened, before, 31)
    thinned(opened, rows, here, 31 * DAY)
    assert (left(opened, before), left(opened, here)) == ({0}, {1})
    opened.store.enter_universe(before.id)
    agent = opened.found(lambda t: t.players.by_agent("COSMIC"))
    gone = opened.found(lambda t: t.history.events_gone(agent.id))
    assert gone[1] > rows.later(ahead + 60)


def test_what_a_clock_that_is_gone_wrote_does_not_hold_up_the_rest(opened: OpenStore, rows: Rows) -> None:
    """It is of a time that has not come: it is passed over."""
    here = there(1, rows)
    write_details(opened, rows, here, 200 * DAY, 0)
    thinned(opened, rows, here, 31 * DAY)
    assert left(opened, here) == {1}


def test_a_new_universe_does_not_go_through_what_others_were_gone_through_for(
    opened: OpenStore, rows: Rows
) -> None:
    """However much was ever kept, it begins where they ended, and nothing of it counts as gone."""
    over, here = there(1, rows, ended_at=rows.now), there(2, rows)
    write_details(opened, rows, over, *range(0, 600, 60))
    agent = opened.found(lambda t: t.players.by_agent("COSMIC"))
    kind = EventKind.FACTORY_COMPLETED
    opened.run(lambda t: t.events.append(rows.event(agent.id, kind=kind)))
    thinned(opened, rows, over, 31 * DAY)
    write_details(opened, rows, here, 31 * DAY)
    steps = []
    while step := opened.run(lambda t: thin_all(t, rows.later(2 * DAY), 2, rows.later(32 * DAY))):
        steps.append(step)
    assert steps == []
    agent = opened.found(lambda t: t.players.by_agent("COSMIC"))
    assert opened.run(lambda t: t.history.events_gone(agent.id)) is None
    assert next(event.kind for event in opened.run(lambda t: t.events.after(0))) is kind


def test_what_is_gone_is_told_by_player(opened: OpenStore, rows: Rows) -> None:
    """Whoever watches a parked agent is told what is gone of its universe, and of no other."""
    live, sandbox = there(1, rows), replace(there(2, rows), server="http://sandbox/v2")
    agents = []
    for universe in (live, sandbox):
        write_details(opened, rows, universe, 0)
        agents.append(opened.found(lambda t: t.players.by_agent("COSMIC")).id)
    thinned(opened, rows, sandbox, 31 * DAY)
    gone = [opened.run(lambda t, agent=agent: t.history.events_gone(agent)) for agent in agents]  # type: ignore[misc]
    assert gone == [None, (2, rows.later(DAY))]


def test_events_since_a_time_are_found_by_the_clock_of_their_player(opened: OpenStore, rows: Rows) -> None:
    """Events of a server whose clock is ahead stand between those of the live one."""
    live, sandbox = there(1, rows), replace(there(2, rows), server="http://sandbox/v2")
    for hour in range(4):
        write_details(opened, rows, live, 3_600 * hour)
        write_details(opened, rows, sandbox, 45 * DAY + 3_600 * hour)
    opened.store.enter_universe(live.id)
    agent = opened.found(lambda t: t.players.by_agent("COSMIC")).id
    seq = opened.run(lambda t: t.events.before(rows.later(3_600 * 1.5), agent))
    told = opened.run(lambda t: t.events.after(seq, player_id=agent))
    assert [event.at for event in told] == [rows.later(3_600 * hour) for hour in (2, 3)]
