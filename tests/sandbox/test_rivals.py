"""Rivals: agents of the sandbox's own, who play by the rules, want one gate, and follow from the seed."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox import rivals, state_file
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.opening import Choices, open_sandbox
from goodsfactory.sandbox.rival import Rival
from goodsfactory.sandbox.rival_plans import Errand
from goodsfactory.sandbox.rivals import Rivals
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, tzinfo=UTC)
HOURS = 4
HOUR = timedelta(hours=1)
HALF = timedelta(seconds=0.5)


def home(count: int = 2, seed: int = 1) -> World:
    """A young home whose only player does nothing but register."""
    world = World(generate_universe(seed, epoch=EPOCH), now=lambda: EPOCH, seed=seed, rivals=count)
    world.register("PLAYER", world.universe.factions[0])
    return world


def after(world: World, hours: float) -> World:
    """The same world so long after its epoch."""
    with world.one_instant(EPOCH + timedelta(hours=hours)):
        return world


@pytest.fixture(scope="module")
def played() -> World:
    """A home in which two rivals have played for some hours, looked at only now."""
    return after(home(), HOURS)


def facts(world: World) -> Any:
    """Purses, ships, holds, every trade, the gate's bill and the hidden state of all markets."""
    at = EPOCH + timedelta(hours=HOURS)
    return (
        [(agent.symbol, agent.credits) for agent in world.agents],
        [(ship.symbol, ship.type.symbol, ship.route, ship.fuel, ship.hold) for ship in world.fleets],
        [world.trading.book.of(agent.symbol) for agent in world.agents],
        bill(world),
        [
            (symbol, good.symbol, good.net_supply, good.trade_volume)
            for symbol in world.universe.markets
            for good in world.universe.markets[symbol].goods(at)
        ],
    )


def bill(world: World) -> Any:
    """Required and fulfilled units of the home's gate."""
    return dict(world.universe.constructions[next(iter(world.universe.constructions))])


def test_they_trade_buy_ships_and_fill_the_gate(played: World) -> None:
    """Within hours: a trade every few minutes, another ship, and material at the site."""
    assert played.trading.book.written > 60 * HOURS
    assert len(played.fleets) > 3 * 2
    assert sum(fulfilled for _, fulfilled in bill(played).values()) > 1
    assert {agent.symbol for agent in played.agents} == {"PLAYER", "RIVAL1", "RIVAL2"}
    assert {agent.headquarters for agent in played.agents} == {played.universe.headquarters}


def test_the_same_seed_gives_the_same_rivals_however_often_somebody_looks(played: World) -> None:
    """One world is looked at every few minutes, the other once; every fact is the same."""
    watched = home()
    for minutes in range(7, 60 * HOURS, 7):
        after(watched, minutes / 60)
    assert facts(after(watched, HOURS)) == facts(played)
    assert facts(after(home(seed=2), HOURS)) != facts(played)


def test_their_books_are_equal(played: World) -> None:
    """What a purse lost is what trades and ships cost; what was bought is sold, aboard, or in the gate."""
    left: Counter[str] = Counter()
    ships_sold = [sale for yard in played.universe.shipyards for sale in played.shipyards.history.at(yard)]
    for agent in played.agents:
        trades = [trade for _, trade in played.trading.book.of(agent.symbol)]
        balance = sum(trade.total if trade.type == "SELL" else -trade.total for trade in trades)
        ships = sum(sale.price for sale in ships_sold if sale.agent == agent.symbol)
        assert agent.credits == agent.starting_credits + balance - ships >= 0
        for trade in trades:
            if trade.good != "FUEL":
                left[trade.good] += trade.units if trade.type == "PURCHASE" else -trade.units
    for ship in played.fleets:
        left.subtract(ship.hold)
    built = {good: fulfilled for good, (_, fulfilled) in bill(played).items() if fulfilled}
    built.pop("QUANTUM_STABILIZERS")
    assert {good: units for good, units in left.items() if units} == built


def test_they_keep_the_rules(played: World) -> None:
    """No trade above a trade volume, no hold or tank overfilled, nobody in two places."""
    at = EPOCH + timedelta(hours=HOURS)
    volumes = {
        (symbol, good.symbol): good.trade_volume
        for symbol, market in played.universe.markets.items()
        for good in market.goods(at)
    }
    for agent in played.agents:
        for _, trade in played.trading.book.of(agent.symbol):
            # Trade volumes grow and never shrink.
            assert 1 <= trade.units <= volumes[trade.waypoint, trade.good] or trade.good == "FUEL"
    for ship in played.fleets:
        assert 0 <= ship.cargo_units <= ship.type.cargo_capacity
        assert 0 <= ship.fuel <= ship.type.fuel_capacity
    trades = [trade for agent in played.agents for _, trade in played.trading.book.of(agent.symbol)]
    for ship in played.fleets:
        mine = [trade for trade in trades if trade.ship == ship.symbol]
        for one, other in pairwise(mine):
            assert one.waypoint == other.waypoint or other.at - one.at >= timedelta(seconds=15)


def test_each_request_takes_a_ship_half_a_second(played: World) -> None:
    """Whoever traded departs later, by a second at least for each trade and the look after it."""
    trades = [trade for agent in played.agents for _, trade in played.trading.book.of(agent.symbol)]
    waited = 0
    for ship in played.fleets:
        left = ship.route.departure
        mine = [trade for trade in trades if trade.ship == ship.symbol]
        here = [trade for trade in mine if trade.waypoint == ship.route.origin]
        last = max((trade.at for trade in here if trade.at <= left), default=EPOCH)
        latest = [trade for trade in here if trade.at == last]
        if latest:
            waited += 1
            requests = sum(1 if trade.good == "FUEL" else 2 for trade in latest)
            assert left - last >= requests * HALF
    assert waited


def test_all_ships_of_a_rival_share_its_requests() -> None:
    """To dock, look and sell three times, with a look after each, takes 4 s; another ship waits for it."""
    world = home(count=0)
    rival, at = Rival(world.agents.find("PLAYER")), EPOCH + timedelta(seconds=5)
    with world.one_instant(at):
        ship = world.ship(rival.agent, "PLAYER-1")
        good = next(each for each in world.market(ship.waypoint).goods(at) if each.symbol != "FUEL")
        ship.hold = {good.symbol: 2 * good.trade_volume + 1}
        rival.errands[ship.symbol] = Errand(ship.waypoint, good.symbol, purpose="sell")
        assert [*rival.act(world, "PLAYER-1", at)] == [(at + 8 * HALF, "PLAYER-1")]
    assert world.trading.book.written == 3
    assert [*rival.act(world, "PLAYER-2", at + HALF)] == [(at + 8 * HALF, "PLAYER-2")]


def test_no_two_rivals_share_an_account(played: World) -> None:
    """So that each has a request limit of its own, as players have."""
    assert len({agent.account for agent in played.agents}) == 3


def test_they_come_to_the_home_of_whoever_plays() -> None:
    """In a galaxy of many homes the first player's faction is theirs; a name that is taken is left out."""
    world = World(generate_universe(1, epoch=EPOCH, systems=60), now=lambda: EPOCH, seed=1, rivals=1)
    assert list(after(world, 24).agents) == []
    player = world.register("RIVAL1", "COSMIC").agent
    assert player.headquarters != world.universe.headquarters
    after(world, 2)
    rival = world.agents.find("RIVAL2")
    assert rival.headquarters == player.headquarters
    system = player.headquarters.rpartition("-")[0]
    assert {ship.system for ship in world.fleets.of(rival)} == {system}
    sites = (world.universe.constructions.get(place) for place in world.universe.systems[system].waypoints)
    (gate,) = [site for site in sites if site is not None]
    assert sum(fulfilled for _, fulfilled in gate.values()) > 1


@pytest.mark.parametrize(("count", "speed", "most"), [(20, 3600.0, 600), (4, 3001.0, 3000)])
def test_a_clock_too_fast_for_them_is_refused(count: int, speed: float, most: int) -> None:
    """One sentence says how fast time may run; just so fast is not refused."""
    with pytest.raises(ValueError, match=f"let it run {most} times as fast at most, or have fewer"):
        open_sandbox(Choices(systems=1, rivals=count, speed=speed), real=Clock(EPOCH), sleep=asyncio.sleep)
    Rivals(count).require_sustainable(most)
    Rivals(0).require_sustainable(3600)


class Kept:
    """A sandbox with rivals on a state file, and its clock."""

    def __init__(self, path: Path, count: int = 2) -> None:
        self.clock = Clock(EPOCH)
        self.path = path
        self.count = count
        self.app = self.open()

    def open(self) -> Any:
        choices = Choices(systems=1, rivals=self.count, state=self.path, rate_limit=False)
        return open_sandbox(choices, real=self.clock, sleep=asyncio.sleep)

    def register(self) -> None:
        """The player whom the rivals follow."""
        self.ask(("POST", "/register", {"symbol": "PLAYER", "faction": self.app.universe.factions[0]}))

    def ask(self, *requests: tuple[str, str, Any]) -> list[Any]:
        """What each request is answered, in order."""

        async def story() -> list[Any]:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox/v2") as http:
                answers = [await http.request(method, path, json=body) for method, path, body in requests]
            return [answer.json().get("data") for answer in answers]

        return asyncio.run(story())


def test_a_player_meets_them(tmp_path: Path) -> None:
    """They are among the agents, and what they supplied is missing no more on the site a player reads."""
    kept = Kept(tmp_path / "universe.db")
    kept.register()
    kept.clock.advance(2 * 3600)
    gate = next(iter(kept.app.universe.constructions))
    where = f"/systems/{gate.rpartition('-')[0]}/waypoints/{gate}/construction"
    agents, site = kept.ask(("GET", "/agents", None), ("GET", where, None))
    assert [agent["symbol"] for agent in agents] == ["PLAYER", "RIVAL1", "RIVAL2"]
    assert sum(line["fulfilled"] for line in site["materials"]) > 1
    kept.app.close()


def test_a_kept_universe_keeps_them(tmp_path: Path) -> None:
    """After a kill and after an orderly end they are as they were, and go on; without them it is refused."""
    kept = Kept(tmp_path / "universe.db")
    kept.register()
    kept.clock.advance(3600)
    (before,) = kept.ask(("GET", "/agents", None))
    kept.app._state.abandon()
    kept.app = kept.open()
    assert kept.ask(("GET", "/agents", None)) == [before]
    kept.app.close()
    kept.app = kept.open()
    assert kept.ask(("GET", "/agents", None)) == [before]
    kept.clock.advance(1800)
    assert kept.ask(("GET", "/agents", None)) != [before]
    kept.app.close()
    kept.count = 0
    with pytest.raises(ValueError, match=r"holds another universe \(rivals 2, not 0"):
        kept.open()


def test_a_start_need_not_play_all_of_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many acts of theirs the next change makes a snapshot, however few changes there were."""
    monkeypatch.setattr(state_file, "ACTS_EVERY", 200)
    account, agents = (
        ("POST", "http://localhost/sandbox/accounts", {"name": "anybody"}),
        ("GET", "/agents", None),
    )
    kept = Kept(tmp_path / "universe.db")
    kept.register()
    pending = []
    for _ in range(4):
        kept.clock.advance(1200)
        kept.ask(account)
        pending.append(kept.app._state.pending)
    assert 0 in pending
    assert max(pending) > 1
    kept.clock.advance(60)
    (before,) = kept.ask(agents)
    kept.app._state.abandon()
    kept.app = kept.open()
    assert kept.ask(agents) == [before]
    kept.app.close()


def test_they_rest_when_nobody_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some time after the last act of a player they stand still until the next one; a kill alters nothing."""
    monkeypatch.setattr(rivals, "_AWAKE", timedelta(hours=2))
    agents = ("GET", "/agents", None)
    kept = Kept(tmp_path / "universe.db")
    kept.register()
    kept.clock.advance(3600)
    (rested,) = kept.ask(agents)
    kept.clock.advance(40 * 3600)
    assert kept.ask(agents) == [rested]
    kept.ask(("POST", "http://localhost/sandbox/accounts", {"name": "anybody"}))
    kept.clock.advance(1800)
    (awake,) = kept.ask(agents)
    assert awake != rested
    late = [trade.at for _, trade in kept.app._world.trading.book.of("RIVAL1") if trade.at > EPOCH + HOUR]
    assert late
    assert min(late) >= EPOCH + 41 * HOUR
    kept.app._state.abandon()
    kept.app = kept.open()
    assert kept.ask(agents) == [awake]
    kept.app.close()


def test_a_reset_brings_them_back_poor(tmp_path: Path) -> None:
    """A new universe has new ones as soon as it has a player, with the credits everybody begins with."""
    kept = Kept(tmp_path / "universe.db")
    kept.register()
    kept.clock.advance(3600)
    kept.ask(("GET", "/agents", None), ("POST", "http://localhost/sandbox/reset", {}))
    assert kept.ask(("GET", "/agents", None)) == [[]]
    kept.register()
    (agents,) = kept.ask(("GET", "/agents", None))
    assert [(agent["symbol"], agent["credits"]) for agent in agents] == [
        *(("PLAYER", 175_000), ("RIVAL1", 175_000), ("RIVAL2", 175_000))
    ]
    kept.app.close()


def test_a_home_bears_only_so_many() -> None:
    """More than twenty are refused with a sentence."""
    with pytest.raises(ValueError, match="0 to 20 rivals, not 21"):
        home(count=21)
