"""Tables and facts, from recorded messages, as a whole."""

import json

import pytest

from goodsfactory.api import daemon_pb2 as wire
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.containers import container_lines, container_table, log_lines, why_parked
from goodsfactory.cli.daemons import status_lines
from goodsfactory.cli.factory_table import factory_table
from goodsfactory.cli.layout import plain
from goodsfactory.cli.ledgers import ledger_lines
from goodsfactory.cli.markets import listing_table
from goodsfactory.cli.performance import summary_lines
from goodsfactory.cli.players import player_table
from goodsfactory.cli.screen import document, show
from goodsfactory.cli.ships import fleet_table, ship_lines

NOW = "2026-11-23T12:00:00.000Z"

FLEET = """\
SHIP    ROLE       STATUS            WAYPOINT         FUEL   HOLD  CARGO                  WORK
ACME-1  COMMAND    DOCKED            X1-GZ7-A1     380/400   0/40                         free
ACME-2  SATELLITE  IN_ORBIT          X1-GZ7-H5  needs none    0/0                         free
ACME-A  HAULER     IN_TRANSIT 1m10s  X1-GZ7-B2     120/600  42/80  2 ALUMINUM, 40 COPPER  COPPER to X1-GZ7-B2
"""


def fleet() -> list[own.FleetShip]:
    return [
        own.FleetShip(
            symbol="ACME-1",
            role="COMMAND",
            location="X1-GZ7-A1",
            nav_status="DOCKED",
            flight_mode="CRUISE",
            fuel_current=380,
            fuel_capacity=400,
            cargo_capacity=40,
            engine_speed=36,
        ),
        own.FleetShip(symbol="ACME-2", role="SATELLITE", location="X1-GZ7-H5", nav_status="IN_ORBIT"),
        own.FleetShip(
            symbol="ACME-A",
            role="HAULER",
            location="X1-GZ7-B2",
            nav_status="IN_TRANSIT",
            flight_mode="CRUISE",
            arrival="2026-11-23T12:01:10.000Z",
            fuel_current=120,
            fuel_capacity=600,
            cargo_capacity=80,
            cargo={"COPPER": 40, "ALUMINUM": 2},
            engine_speed=15,
            container_id="worker-7",
            operation="COPPER to X1-GZ7-B2",
        ),
    ]


def test_the_fleet_says_where_each_ship_is_and_what_it_does() -> None:
    """A ship under way says how long; a probe needs no fuel."""
    assert plain(fleet_table(fleet(), NOW)) == FLEET


def test_one_ship_shows_all_its_facts() -> None:
    """One fact a line, one line a good."""
    assert plain(ship_lines(fleet()[2], NOW)) == (
        "ship         ACME-A\n"
        "role         HAULER\n"
        "status       IN_TRANSIT 1m10s\n"
        "waypoint     X1-GZ7-B2\n"
        "flight mode  CRUISE\n"
        "speed        15\n"
        "fuel         120/600\n"
        "hold         42/80\n"
        "cargo        2 ALUMINUM\n"
        "cargo        40 COPPER\n"
        "work         COPPER to X1-GZ7-B2 (worker-7)\n"
    )


def test_a_market_that_nobody_has_seen_shows_question_marks() -> None:
    """Unknown is not zero."""
    listings = [
        own.Listing(
            waypoint="X1-GZ7-A1",
            good="COPPER",
            type="EXPORT",
            trade_volume=60,
            supply="HIGH",
            activity="WEAK",
            ask=1203,
            bid=97,
            observed_at="2026-11-23T11:58:01.000Z",
        ),
        own.Listing(waypoint="X1-GZ7-B22", good="COPPER", type="IMPORT"),
    ]
    assert plain(listing_table(listings, NOW, first="waypoint")) == (
        "WAYPOINT    TYPE    SUPPLY  ACTIVITY    ASK  BID  VOLUME  AGE\n"
        "X1-GZ7-A1   EXPORT  HIGH    WEAK      1,203   97      60  1m59s\n"
        "X1-GZ7-B22  IMPORT  ?                     ?    ?       ?\n"
    )


def test_the_default_player_carries_a_star() -> None:
    """And the number that --player takes stands beside the call sign."""
    players = [
        own.Player(
            player_id=1,
            agent_symbol="ACME",
            reset_date="2026-11-22",
            base_url="http://127.0.0.1:8000/v2",
            headquarters="X1-GZ7-A1",
            is_default=True,
        ),
        own.Player(player_id=12, agent_symbol="OTHER", reset_date="2026-11-22", headquarters="X1-AB1-A1"),
    ]
    assert plain(player_table(players)) == (
        "   ID  AGENT  HEADQUARTERS  UNIVERSE    SERVER\n"
        "*   1  ACME   X1-GZ7-A1     2026-11-22  http://127.0.0.1:8000/v2\n"
        "   12  OTHER  X1-AB1-A1     2026-11-22\n"
    )


def test_parked_players_come_last_and_carry_no_star() -> None:
    """Each universe has its default player; commands without a name never mean a parked one."""
    here = own.Player(player_id=3, agent_symbol="ACME", is_default=True)
    parked = own.Player(player_id=1, agent_symbol="ACME", reset_date="2026-11-22", is_default=True)
    past = own.Player(player_id=2, agent_symbol="ACME", reset_date="2026-11-15", is_default=True)
    lines = plain(player_table([here], [parked], [past])).splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [
        ["*", "3", "ACME"],
        ["1", "ACME", "parked"],
        ["2", "ACME", "past"],
    ]


def test_parked_containers_are_explained_once_a_player() -> None:
    """Why they wait and what resumes them; nothing of a player that is at work."""
    here = own.Player(player_id=3, trouble="")
    elsewhere = own.Player(player_id=1, trouble="It goes on with --base-url URL.")
    told = why_parked({1}, [here, elsewhere])
    assert told == ["Containers of player 1 are parked: It goes on with --base-url URL."]


def test_factories_are_a_line_each() -> None:
    """With nodes, units, cost and time."""
    report = {
        "factory_id": "3f2a6c1e",
        "target_good": "COPPER",
        "system_symbol": "X1-GZ7",
        "status": "COMPLETED",
        "quantity_acquired": 80,
        "total_cost": 18376,
        "nodes_completed": 2,
        "nodes_total": 2,
        "ships_used": ["ACME-1"],
        "created_at": "2026-11-23T11:00:00.000Z",
        "completed_at": "2026-11-23T11:17:47.000Z",
    }
    running = {**report, "factory_id": "aa01", "status": "ACTIVE", "completed_at": None, "nodes_completed": 1}
    factories = [own.Factory(document=json.dumps(one), now=NOW) for one in (report, running)]
    assert plain(factory_table(factories)) == (
        "FACTORY   GOOD    STATUS     NODES      MADE       COST    TIME  SYSTEM\n"
        "3f2a6c1e  COPPER  COMPLETED    2/2  80 units  18,376 cr  17m47s  X1-GZ7\n"
        "aa01      COPPER  ACTIVE       1/2  80 units  18,376 cr   1h00m  X1-GZ7\n"
    )


def test_a_factory_that_sells_shows_what_it_earned() -> None:
    """EARNED is its sales, PROFIT what is left of them, PER HOUR that by the hours of TIME."""
    report = {
        "factory_id": "3f2a6c1e",
        "target_good": "IRON",
        "system_symbol": "X1-GZ7",
        "status": "STOPPED",
        "quantity_acquired": 80,
        "total_cost": 18_376,
        "nodes_completed": 2,
        "nodes_total": 2,
        "ships_used": ["ACME-1"],
        "created_at": "2026-11-23T10:00:00.000Z",
        "completed_at": "2026-11-23T11:30:00.000Z",
        "terminal": "SELL",
        "books": {"sales": 19_876, "profit": 1_500, "profit_per_hour": 1_000},
    }
    kept = {**report, "factory_id": "aa01", "terminal": "HOLD"}
    factories = [own.Factory(document=json.dumps(one), now=NOW) for one in (report, kept)]
    assert plain(factory_table(factories)) == (
        "FACTORY   GOOD  STATUS   NODES      MADE       COST     EARNED    PROFIT  PER HOUR   TIME  SYSTEM\n"
        "3f2a6c1e  IRON  STOPPED    2/2  80 units  18,376 cr  19,876 cr  1,500 cr  1,000 cr  1h30m  X1-GZ7\n"
        "aa01      IRON  STOPPED    2/2  80 units  18,376 cr                                 1h30m  X1-GZ7\n"
    )


def test_a_balance_carries_its_age() -> None:
    """It is as old as the last answer that named it; one that nobody knows yet is said to be so."""
    ledger = own.Ledger(
        ledger_sum=500, server_balance=470, balance_at="2026-11-23T11:55:30.000Z", now=NOW, stock_cost=0
    )
    assert "balance   470 cr, 4m30s ago\n" in plain(ledger_lines(ledger))
    assert "balance   not known yet\n" in plain(ledger_lines(own.Ledger(ledger_sum=500, now=NOW)))


def test_spending_that_waits_is_told_with_the_reason() -> None:
    """A player of a parked universe spends nothing though nothing holds it back."""
    ledger = own.Ledger(ledger_sum=500, now=NOW, trouble="its work is parked")
    assert "spending  waits: its work is parked\n" in plain(ledger_lines(ledger))
    ledger.ClearField("trouble")
    assert "spending  goes on\n" in plain(ledger_lines(ledger))


def test_containers_are_a_line_each() -> None:
    """With passes and restarts."""
    info = wire.ContainerInfo(
        container_id="worker-7",
        container_type="goods_factory_worker",
        status="RUNNING",
        player_id=1,
        created_at="2026-11-23T11:00:00.000Z",
        updated_at="2026-11-23T11:00:05.000Z",
        current_iteration=3,
        max_iterations=-1,
        restart_count=1,
    )
    assert plain(container_table([info])) == (
        "CONTAINER  TYPE                  STATUS   PLAYER  PASSES  RESTARTS  CREATED              UPDATED\n"
        "worker-7   goods_factory_worker  RUNNING       1       3         1  2026-11-23 11:00:00"
        "  2026-11-23 11:00:05\n"
    )
    metadata = {"factory_id": "3f2a", "last_effect": "bought 40 COPPER", "exit_reason": None}
    found = wire.GetContainerResponse(container=info, metadata=json.dumps(metadata))
    assert plain(container_lines(found)) == (
        "container    worker-7\n"
        "type         goods_factory_worker\n"
        "status       RUNNING\n"
        "player       1\n"
        "created      2026-11-23T11:00:00.000Z\n"
        "updated      2026-11-23T11:00:05.000Z\n"
        "passes       3\n"
        "restarts     1\n"
        "factory id   3f2a\n"
        "last effect  bought 40 COPPER\n"
    )


def test_a_log_is_a_line_an_entry() -> None:
    """Time, level and message."""
    entries = [
        wire.ContainerLogEntry(timestamp="2026-11-23T11:00:00.000Z", level="INFO", message="runs"),
        wire.ContainerLogEntry(timestamp="2026-11-23T11:00:02.000Z", level="WARNING", message="waits"),
    ]
    assert plain(log_lines(entries)) == (
        "2026-11-23 11:00:00  INFO     runs\n2026-11-23 11:00:02  WARNING  waits\n"
    )


def test_the_daemon_says_how_it_is() -> None:
    """Requests by purpose, books, and a balance that may not be known yet."""
    health = document(wire.HealthCheckResponse(status="ok", version="0.1.0", active_containers=3))
    statistics = document(
        own.Statistics(
            requests_sent=1234,
            requests_retried=3,
            requests_limited=2,
            requests_by_purpose={"money": 200, "motion": 1034},
            max_parallel_workers=6,
            uptime_seconds=7500.2,
            ledger_sum=829324,
            now=NOW,
        )
    )
    quiet = {
        "game_trouble": None,
        "game_unreadable": [],
        "troubles": ["ACME has no token: add it with `spacetraders player add`."],
        "parked": ["BETA is parked."],
        "universe": {"server": "http://127.0.0.1:8000/v2", "reset_date": "2026-11-22"},
    }
    assert plain(status_lines(health, {**statistics, **quiet})) == (
        "daemon        ok, version 0.1.0, up 2h05m\n"
        "trouble       ACME has no token: add it with `spacetraders player add`.\n"
        "parked        BETA is parked.\n"
        "universe      http://127.0.0.1:8000/v2, reset 2026-11-22\n"
        "game time     2026-11-23T12:00:00.000Z\n"
        "containers    3 running\n"
        "workers       at most 6 at once\n"
        "requests      1,234 (200 money, 1034 motion)\n"
        "retried       3, of them rate limited 2\n"
        "ledger        829,324 cr\n"
        "balance       not known yet\n"
        "open intents  0\n"
    )
    loud = {"game_trouble": "Rate limited.", "game_unreadable": [f"ship {n}" for n in range(7)]}
    told = plain(status_lines(health, {**statistics, **quiet, **loud}))
    assert "game          Rate limited.\n" in told
    assert told.count("set aside") == 6
    assert "set aside     and 2 more\n" in told
    unmet = plain(status_lines(health, {**statistics, **quiet, "now": "", "waiting_containers": 4}))
    assert "game time     not known until the game server answers\n" in unmet
    assert "containers    3 running, 4 wait until their player can be worked for\n" in unmet


@pytest.mark.parametrize(
    ("balanced", "sentence"),
    [(True, "equals the server's balance"), (False, "differs from the server's balance")],
)
def test_the_demo_ends_with_what_it_came_to(balanced: bool, sentence: str) -> None:
    """Units, money, requests, game time, ships and the books."""
    outcome = {
        "factory": {
            "quantity_acquired": 160,
            "target_good": "COPPER",
            "status": "COMPLETED",
            "total_cost": 1504920,
        },
        "ships_used": ["DEMO-1", "DEMO-3"],
        "max_parallel_workers": 6,
        "requests": 1373,
        "simulated_seconds": 1011.0,
        "credits_spent": 650840,
        "ledger_balanced": balanced,
    }
    assert plain(summary_lines(outcome)) == (
        "made       160 units of COPPER, COMPLETED\n"
        "paid       1,504,920 cr\n"
        "net        650,840 cr after what the inputs were sold for\n"
        "requests   1,373\n"
        "game time  16m51s\n"
        "ships      2 (DEMO-1, DEMO-3)\n"
        "workers    at most 6 at once\n"
        f"ledger     {sentence}\n"
    )


def test_a_message_becomes_an_object_with_every_field() -> None:
    """Unset optional fields are null, maps are objects, numbers stay numbers, lists stay lists."""
    assert document(own.FindMarketsResponse(good="X", listings=[own.Listing(good="X", ask=5)], now=NOW)) == {
        "good": "X",
        "listings": [
            {
                "waypoint": "",
                "good": "X",
                "type": "",
                "trade_volume": None,
                "supply": None,
                "activity": None,
                "ask": 5,
                "bid": None,
                "observed_at": None,
            }
        ],
        "now": NOW,
        "system_symbol": "",
    }
    assert document(own.FleetShip(cargo={"B": 2, "A": 1}))["cargo"] == {"A": 1, "B": 2}
    assert document(own.Statistics(ledger_sum=2**40))["ledger_sum"] == 2**40


def test_a_pipe_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    """No escape sequence leaves the terminal."""
    show(fleet_table(fleet(), NOW))
    assert "\x1b" not in capsys.readouterr().out
