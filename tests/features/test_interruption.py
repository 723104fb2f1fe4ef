"""interruption.feature against the real application."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from tests.daemon.stage import Fate, FullHistory
from tests.features.stage import Stage
from tests.features.valley import symbol

from goodsfactory.domain.container import Container, ContainerStatus
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.ports.engine import Recovery

scenarios("interruption.feature")

UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)
BEFORE, AFTER = Fate.FREEZES_BEFORE, Fate.FREEZES_AFTER

MOMENTS = {
    "before the ship is read": ("GET /v2/my/ships/FACTORY-1$", 1, BEFORE),
    "before it leaves its berth": ("/orbit$", 1, BEFORE),
    "after it left its berth": ("/orbit$", 1, AFTER),
    "before its flight to the source is ordered": ("/navigate$", 1, BEFORE),
    "after its flight to the source was ordered": ("/navigate$", 1, AFTER),
    "before it docks at the source": ("/dock$", 1, BEFORE),
    "after it docked at the source": ("/dock$", 1, AFTER),
    "before it looks at the source": ("B1/market$", 1, BEFORE),
    "before its purchase reaches the market": ("/purchase$", 1, BEFORE),
    "after its purchase, before the answer": ("/purchase$", 1, AFTER),
    "once it is laden": ("/orbit$", 2, BEFORE),
    "before its flight to the factory is ordered": ("/navigate$", 2, BEFORE),
    "after its flight to the factory was ordered": ("/navigate$", 2, AFTER),
    "before its sale reaches the market": ("/sell$", 1, BEFORE),
    "after its sale, before the answer": ("/sell$", 1, AFTER),
    "once it has delivered": ("B3/market$", 2, BEFORE),
    "before the lift reaches the market": ("/purchase$", 2, BEFORE),
    "after the lift, before the answer": ("/purchase$", 2, AFTER),
    "once the lift is aboard": ("B3/market$", 4, BEFORE),
}
"""The request of the voyage at which the daemon dies: the nth that matches, before or after its effect."""


@dataclass
class Story:
    """What a scenario remembers from one step to the next."""

    trades: FullHistory = field(default_factory=FullHistory)
    unfinished: list[Container] = field(default_factory=list)
    recovery: Recovery | None = None
    vanished: str = ""
    player: Player | None = None
    ledger: list[LedgerEntry] = field(default_factory=list)
    requests: int = 0


@pytest.fixture
def story() -> Story:
    return Story()


# R1, R2: killed and started again


@given("a daemon whose database outlives it")
def on_disk(stage: Stage) -> None:
    stage.on_disk = True


@given(parsers.parse("{ship} has seen every market and is at {place}"))
def has_seen(stage: Stage, story: Story, ship: str, place: str) -> None:
    for market in dict.fromkeys(row.waypoint for row in stage.rows):
        assert stage.play
        stage.put(ship, market)
        stage.run(stage.application.market(stage.player_id, symbol(market)))
    stage.put(ship, place)
    story.trades = stage.keep_every_trade()


@when(parsers.parse("the daemon is killed {moment}"))
def killed(stage: Stage, story: Story, moment: str) -> None:
    if moment == "in the middle of its flight to the source":
        half_way(stage)
    elif moment != "in full swing":
        pattern, nth, fate = MOMENTS[moment]
        assert stage.line
        stage.line.disturb(pattern, fate, nth=nth)
        stage.run(stage.line.frozen.wait())
        stage.line.disturbances.clear()
    store = stage.application.store
    story.unfinished = stage.run(store.transact(lambda tx: tx.containers.find(statuses=UNFINISHED)))
    stage.run(stage.play.kill())


def half_way(stage: Stage) -> None:
    """Wait until the ship flies, and then half of its flight."""
    ship = stage.sandbox_ship("FACTORY-1")
    while ship.route.arrival <= stage.clock.now():
        stage.wait(1)
    stage.wait((ship.route.arrival - stage.clock.now()).total_seconds() / 2)


@when(parsers.parse("it is started again after {minutes:d} minutes"))
def started_again(stage: Stage, story: Story, minutes: int) -> None:
    stage.wait(60 * minutes)
    story.recovery, complaints = stage.run(stage.play.restart())
    assert complaints == []


@when("an hour passes")
def hour_passes(stage: Stage, story: Story) -> None:
    assert stage.line
    story.requests = len(stage.line.requests)
    stage.wait(3600)


@then("COPPER_ORE and COPPER were bought once, one hold of each")
def bought_once(stage: Stage, story: Story) -> None:
    bought = Counter[str]()
    for trade in story.trades.all:
        if trade.type == "PURCHASE" and trade.good != "FUEL":
            bought[trade.good] += trade.units
    assert bought == {"COPPER_ORE": 40, "COPPER": 40}


@then("what is aboard is what the books say")
def aboard(stage: Stage) -> None:
    booked = Counter[tuple[str, str]]()
    for leg in stage.report.legs:
        if leg.state is LegState.DONE and leg.aboard:
            booked[str(leg.ship), leg.good] += leg.aboard
    held = {(ship.symbol, good): units for ship in stage.world.fleets for good, units in ship.hold.items()}
    assert dict(booked) == held


@then("it says that it resumed everything that had not ended, and lost nothing")
def says_resumed(story: Story) -> None:
    assert story.recovery == Recovery(resumed=len(story.unfinished), lost=0)


@then("each container runs again, with the ship it had")
def runs_again(stage: Stage, story: Story) -> None:
    stage.wait(1)
    kinds = Counter(container.type.value for container in story.unfinished)
    assert kinds["goods_factory_worker"] >= 2
    for before in story.unfinished:
        now = stage.run(stage.application.container(before.id))
        assert (now.epoch, now.restart_count) == (before.epoch + 1, before.restart_count + 1)
        ship = before.metadata.get("ship")
        if ship is not None and not now.status.is_over:
            claim = stage.run(
                stage.application.store.transact(
                    lambda tx: tx.claims.of_ship(str(ship))  # noqa: B023 - used at once
                )
            )
            assert claim is not None
            assert (claim.container_id, claim.epoch) == (now.id, now.epoch)


@then("only the planner runs")
def only_planner(stage: Stage) -> None:
    running = stage.run(stage.application.containers(None, ContainerStatus.RUNNING))
    assert [container.type.value for container in running] == ["planner"]


# R3: a ship that is gone


@when(parsers.parse("the ship of the first leg vanishes {moment}"))
def vanishes(stage: Stage, story: Story, moment: str) -> None:
    kind = EventKind.LEG_ASSIGNED if moment == "on its way" else EventKind.LEG_LADEN
    story.vanished = str(stage.wait_for(kind).ship)
    stage.sandbox_ship(story.vanished).agent = "NOBODY"


@then("the ship is forgotten, and another one did its work")
def forgotten(stage: Stage, story: Story) -> None:
    assert story.vanished not in {ship.symbol for ship, _ in stage.run(stage.application.ships(None))}
    legs = stage.report.legs
    [failed] = [leg for leg in legs if leg.state is LegState.FAILED]
    assert failed.ship == story.vanished
    [other] = {leg.ship for leg in legs if leg.state is LegState.DONE}
    assert other != story.vanished


@then(parsers.parse("{units:d} units that went with it are written off"))
def written_off(stage: Stage, story: Story, units: int) -> None:
    rows = [row for row in ledger_of(stage, stage.play.player) if row.kind is MoneyKind.WRITE_OFF]
    told = stage.events(EventKind.CARGO_LOST)
    assert [(row.ship, row.units, row.amount) for row in rows] == [(story.vanished, units, 0)] * bool(units)
    assert [event.data["units"] for event in told] == [units] * bool(units)
    assert [event.ship for event in stage.events(EventKind.SHIP_LOST, everywhere=True)] == [story.vanished]


# R11: a reset of the universe


@then(parsers.parse('its error says "{words}"'))
def error_says(stage: Stage, story: Story, words: str) -> None:
    assert words in str(stage.report.factory.error)
    story.player = stage.play.player
    story.ledger = ledger_of(stage, story.player)


def ledger_of(stage: Stage, player: Player) -> list[LedgerEntry]:
    return stage.run(stage.application.store.transact(lambda tx: tx.money.ledger(player.id)))


@then("an event of the agent says the same")
def event_says(stage: Stage) -> None:
    told = stage.events(EventKind.UNIVERSE_RESET, everywhere=True)
    assert stage.report.factory.error in [event.message for event in told]


@then("its history can still be read")
def history(stage: Stage) -> None:
    report = stage.report
    assert report.legs
    assert report.spent > 0
    assert len(stage.events()) > 10
    meant = stage.run(stage.application.resolve_player(None, None))
    assert meant == stage.play.player


@then("nothing was asked for the agent in that hour")
def silence(stage: Stage, story: Story) -> None:
    assert stage.line
    assert stage.line.requests[story.requests :] == []


@when("the agent is registered again")
def registered_again(stage: Stage) -> None:
    player = stage.run(stage.application.register_player("FACTORY", "COSMIC"))
    assert player.id != stage.player_id
    stage.play.player = player


@then("the books of the old universe are as they were")
def old_books(stage: Stage, story: Story) -> None:
    assert story.player
    assert ledger_of(stage, story.player) == story.ledger
    assert all(entry.player_id == stage.player_id for entry in ledger_of(stage, stage.play.player))
