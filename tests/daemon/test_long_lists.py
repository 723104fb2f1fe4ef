"""Lists after months of work: they come in pages, and a watcher is told what happens from now on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import grpc
import pytest
from tests.cli.living_daemon import LivingDaemon, living_daemon
from tests.cli.test_commands import Shell
from tests.cli.test_watch import command
from tests.daemon.test_services import refused

from goodsfactory.api import daemon_pb2 as wire
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.api.daemon_pb2_grpc import DaemonServiceStub
from goodsfactory.api.goodsfactory_pb2_grpc import FactoryServiceStub, OrderServiceStub
from goodsfactory.cli.main import main
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.ports.store import Transaction

MADE = 620
OLD = "00000000"
"""What the ids of these factories begin with."""


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        living.run(living.application.store.transact(lambda tx: write(tx, living)))
        yield living


@pytest.fixture(scope="module")
def channel(daemon: LivingDaemon) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"unix:{daemon.socket}") as open_channel:
        yield open_channel


def write(tx: Transaction, daemon: LivingDaemon) -> None:
    """A history: factories that are over, containers that have ended, ledger rows and events."""
    now = daemon.application.clock.now() - timedelta(days=20)
    for number in range(MADE):
        at = now + timedelta(minutes=number)
        factory = GoodsFactory(f"{OLD}-{number:027}", 1, "COPPER", "X1-AA1", at, at)
        tx.factories.add(replace(factory, status=FactoryStatus.COMPLETED, completed_at=at))
        ended = Container(f"worker-{number}", ContainerType.WORKER, 1, at, at)
        tx.containers.add(replace(ended, status=ContainerStatus.COMPLETED))
        tx.money.record(LedgerEntry(1, MoneyKind.CORRECTION, number % 2 or -1, at, units=number))
        for kind in (EventKind.NODE_STATE, EventKind.FACTORY_COMPLETED):
            tx.events.append(Event(1, kind, at, f"number {number}", factory_id=factory.id))


def ids_of(page: Any) -> list[str]:
    return [one.factory_id for one in page.factories if one.factory_id.startswith(OLD)]


def test_factories_come_in_pages(channel: grpc.Channel) -> None:
    """Asked for nothing more, an answer ends; page by page each factory comes once, newest page first."""
    service = FactoryServiceStub(channel)
    page = service.ListFactories(own.ListFactoriesRequest())
    assert len(page.factories) <= 100
    found: list[str] = []
    while True:
        assert ids_of(page) == sorted(ids_of(page))
        found[:0] = ids_of(page)
        if not page.next_page_token:
            break
        page = service.ListFactories(own.ListFactoriesRequest(page_token=page.next_page_token, limit=250))
    assert found == [f"{OLD}-{number:027}" for number in range(MADE)]


def test_factories_are_found_by_how_their_id_begins(channel: grpc.Channel) -> None:
    """Nobody reads every factory there ever was to find the one that is meant."""
    service = FactoryServiceStub(channel)
    one = service.ListFactories(own.ListFactoriesRequest(id_prefix=f"{OLD}-{7:027}"))
    assert ids_of(one) == [f"{OLD}-{7:027}"]
    few = service.ListFactories(own.ListFactoriesRequest(id_prefix=OLD, limit=3, statuses=["completed"]))
    assert ids_of(few) == [f"{OLD}-{number:027}" for number in range(MADE - 3, MADE)]
    assert ids_of(service.ListFactories(own.ListFactoriesRequest(id_prefix=OLD, statuses=["active"]))) == []


def test_containers_that_run_are_told_before_those_that_are_over(channel: grpc.Channel) -> None:
    """A planner that began first is in the first page, whatever ended since."""
    service = DaemonServiceStub(channel)
    page = service.ListContainers(wire.ListContainersRequest(player_id=1, limit=10))
    kinds = [one.container_type for one in page.containers]
    assert "planner" in kinds
    assert kinds.count("goods_factory_worker") == 10
    older = service.ListContainers(
        wire.ListContainersRequest(player_id=1, limit=500, page_token=page.next_page_token)
    )
    numbers = [int(one.container_id.removeprefix("worker-")) for one in older.containers]
    assert numbers == list(range(MADE - 510, MADE - 10))
    assert len(service.ListContainers(wire.ListContainersRequest()).containers) < MADE


def test_ledger_rows_come_in_pages(channel: grpc.Channel) -> None:
    """The sum is of all rows, whichever are shown."""
    service = OrderServiceStub(channel)
    newest = service.GetLedger(own.GetLedgerRequest(limit=5))
    older = service.GetLedger(own.GetLedgerRequest(limit=5, page_token=newest.next_page_token))
    assert [row.units for row in newest.rows] == list(range(MADE - 5, MADE))
    assert [row.units for row in older.rows] == list(range(MADE - 10, MADE - 5))
    assert older.ledger_sum == newest.ledger_sum == newest.server_balance


def test_the_ledger_tells_what_its_sum_was(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    """Before any instant, the last rows until then and their sum with all before them; or one sentence."""

    def ledger(*words: str) -> Any:
        assert main([*command(daemon.socket, "ledger", "show", "--json")[3:], *words]) == 0
        return json.loads(capsys.readouterr().out)

    rows = ledger("--limit", "10000")["rows"]
    for last in (2, 7, 300, MADE):
        told = ledger("--before", rows[last]["at"], "--limit", "3")
        assert told.get("rows", []) == rows[max(0, last - 3) : last]
        assert told["closing_sum"] == sum(row["amount"] for row in rows[:last])
    assert main([*command(daemon.socket, "ledger", "show", "--before", "soon")[3:]]) == 2
    assert "write one like 2026-10-01" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("ListFactories", {"page_token": "yesterday"}),
        ("ListFactories", {"page_token": "2026-11-15T00:00:00 x"}),
        ("ListFactories", {"limit": 0}),
        ("ListFactories", {"limit": 501}),
        ("ListFactories", {"page_token": "0001-01-01T00:00:00+14:00 x"}),
        ("ListFactories", {"page_token": "9999-12-31T23:59:59-14:00 x"}),
        ("GetLedger", {"page_token": "9" * 30}),
        ("GetLedger", {"page_token": "9" * 5000}),
        ("ListContainers", {"page_token": "9" * 30}),
        ("ListContainers", {"page_token": "9" * 5000}),
        ("WatchEvents", {"since_seconds": 1e12}),
        ("WatchEvents", {"since_seconds": -1}),
        ("WatchEvents", {"since_seconds": float("nan")}),
    ],
)
def test_a_page_that_cannot_be_is_refused(channel: grpc.Channel, call: str, fields: dict[str, Any]) -> None:
    """One sentence that says what would do."""
    stubs = {"GetLedger": OrderServiceStub, "ListContainers": DaemonServiceStub}
    service = stubs.get(call, FactoryServiceStub)(channel)
    request = getattr(wire if call == "ListContainers" else own, f"{call}Request")(**fields)
    status, _, sentence = refused(lambda it: _listed(getattr(service, call)(it)), request)
    assert status == "INVALID_ARGUMENT"
    assert sentence


def _listed(answer: Any) -> list[Any]:
    return list(answer) if hasattr(answer, "cancel") else [answer]


def test_events_are_told_since_a_time(channel: grpc.Channel) -> None:
    """By game time, and of a factory alone where one is named."""
    service = FactoryServiceStub(channel)
    factory = f"{OLD}-{MADE - 1:027}"
    ask = own.WatchEventsRequest(factory_id=factory, stored_only=True, since_seconds=3600)
    assert list(service.WatchEvents(ask)) == []
    ask.since_seconds = 31 * 24 * 3600
    assert {event.message for event in service.WatchEvents(ask)} == {f"number {MADE - 1}"}


def test_a_report_says_where_watching_goes_on(channel: grpc.Channel) -> None:
    """Events after that number are those the report does not hold yet."""
    service = FactoryServiceStub(channel)
    report = service.GetFactory(own.FactoryRef(factory_id=f"{OLD}-{0:027}"))
    assert report.as_of_seq >= MADE


def test_watching_an_old_factory_replays_nothing(
    daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    """`goods status --watch` begins now; `--since 0` tells all there is."""
    factory = f"{OLD}-{3:027}"
    words = command(daemon.socket, "goods", "status", factory)[3:]
    assert main([*words, "--watch"]) == 0
    assert "number 3" not in capsys.readouterr().out
    assert main([*words, "--since", "0"]) == 0
    assert "number 3" in capsys.readouterr().out
    assert main([*words, "--since", "soon"]) == 2
    assert "--since takes a time" in capsys.readouterr().err


@dataclass
class Noted:
    """A transaction that notes after which event it is asked for more."""

    of: Any
    seen: list[int]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.of, name)
        return Noted(found, self.seen) if name == "events" else found

    def after(self, seq: int, **limits: Any) -> Any:
        self.seen.append(seq)
        return self.of.after(seq, **limits)


def test_statistics_read_no_history(daemon: LivingDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happened since they were asked for last: they are counted as it happens."""
    store, seen = daemon.application.store, list[int]()
    transact, newest = store.transact, daemon.run(store.transact(lambda tx: tx.events.last_seq()))
    monkeypatch.setattr(store, "transact", lambda work: transact(lambda tx: work(Noted(tx, seen))))
    with daemon.client() as client:
        assert client.statistics().open_intents == 0
    assert [seq for seq in seen if seq < newest - MADE / 2] == []


def test_long_lists_say_that_they_go_on(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest rows, and how to see the others."""
    for words in (["goods", "list"], ["containers", "list"]):
        asked = command(daemon.socket, *words)[3:]
        assert main([*asked, "--limit", "7"]) == 0
        out = capsys.readouterr().out
        assert out.endswith("Older ones are not shown: --limit shows more, --all shows them all.\n")
        assert len(out.splitlines()) < 30
    assert main([*command(daemon.socket, "goods", "list")[3:], "--all", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["factories"]) >= MADE


def test_a_beginning_that_many_ids_share_names_none(
    daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not all of them are read to say so."""
    assert Shell(daemon, capsys)("goods", "status", OLD) == (
        2,
        "",
        f"spacetraders: The ids of 10 or more factories begin with {OLD}; "
        "`spacetraders goods list` shows yours.\n",
    )
