"""The comparison of the books can fail: each test makes one thing wrong, and sees that it is told."""

import copy
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from tests.kill.books import Database, Findings, compare
from tests.kill.case import run_case, suffer
from tests.kill.errands import AGENT, Production
from tests.kill.processes import Sandbox, daemon, until

from goodsfactory.adapters.store.tables import (
    CONTAINERS,
    INTENTS,
    LEDGER,
    LEGS,
    SHIP_CLAIMS,
    SHIPS,
    SPENDING_HOLDS,
)
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.money import IntentState


@dataclass
class Ended:
    """The books of a factory that ended well, and what the server knows of it: both may be spoilt."""

    books: Database
    server: dict[str, Any]

    def compared(self) -> Findings:
        return compare(self.books, self.server)


@pytest.fixture(scope="module")
def original(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("books")

    def keep(books: Database) -> None:
        books.copy_to(folder / "books.sqlite")

    run_case(server, (), afterwards=keep)
    return folder / "books.sqlite", server.books(AGENT)


@pytest.fixture
def ended(original: tuple[Path, dict[str, Any]], tmp_path: Path) -> Ended:
    file, told = original
    shutil.copy(file, tmp_path / "books.sqlite")
    return Ended(Database(str(tmp_path / "books.sqlite")), copy.deepcopy(told))


def test_books_in_order_have_nothing_to_tell(ended: Ended) -> None:
    """A run without a kill leaves purchases and nothing amiss."""
    found = ended.compared()
    assert found == replace(found, doubles=0, lost_units=0, leaked_claims=0, difference=0, complaints=[])
    assert found.purchases > 5


def test_a_purchase_made_twice_is_told(ended: Ended) -> None:
    """The server has it twice and the ledger once: a double purchase, its units lost, its price missing."""
    trades = ended.server["transactions"]
    bought = next(t for t in trades if t["type"] == "PURCHASE" and t["tradeSymbol"] != "FUEL")
    trades.append(bought)
    ended.server["credits"] -= bought["totalPrice"]
    found = ended.compared()
    assert (found.doubles, found.lost_units, found.difference) == (1, bought["units"], -bought["totalPrice"])


def _purchase_of_a_full_leg(books: Database) -> Any:
    """One without which the leg would have been too little laden: twice is more than its need."""
    needs = {leg.id: leg.units - leg.bought for leg in books.rows(LEGS)}
    return next(r for r in books.rows(LEDGER) if r.kind == "PURCHASE" and r.units > needs[r.leg_id])


def test_a_purchase_booked_twice_is_told(ended: Ended) -> None:
    """The ledger has it twice: the server knows nothing of the second, and the leg had no need of it."""
    row = _purchase_of_a_full_leg(ended.books)
    values = {name: value for name, value in row._mapping.items() if name != "number"}
    ended.books.change(insert(LEDGER).values(values))
    found = ended.compared()
    assert found.doubles == 1
    assert any("the server does not know" in line for line in found.complaints)


@pytest.mark.parametrize("change", [{"units": 1}, {"amount": -1}, {"ship": "VICTIM-9"}])
def test_a_purchase_booked_otherwise_is_told(ended: Ended, change: dict[str, Any]) -> None:
    """Units, price and ship must be those of the server's own record."""
    one = select(LEDGER.c.number).where(LEDGER.c.kind == "PURCHASE").limit(1).scalar_subquery()
    assert ended.books.change(update(LEDGER).where(LEDGER.c.number == one).values(change)) == 1
    assert ended.compared().doubles == 1


def test_cargo_that_went_overboard_is_told(ended: Ended) -> None:
    """Bought and neither sold nor aboard."""
    trades = ended.server["transactions"]
    sold = next(t for t in trades if t["type"] == "SELL")
    trades.remove(sold)
    assert ended.compared().lost_units >= sold["units"]


def test_cargo_forgotten_aboard_is_told(ended: Ended) -> None:
    """All work has ended and a ship is still laden, whether our own row of it says so or not."""
    ended.server["holds"]["VICTIM-1"] = {"COPPER": 7}
    assert "7 COPPER left aboard" in ended.compared().complaints
    ended.books.change(update(SHIPS).where(SHIPS.c.symbol == "VICTIM-1").values(cargo='{"COPPER": 7}'))
    assert "7 COPPER left aboard" in ended.compared().complaints
    assert "7 COPPER aboard VICTIM-1 unknown to us" not in ended.compared().complaints


def test_a_delivery_not_counted_is_told(ended: Ended) -> None:
    """What the server saw sold, a leg must have delivered."""
    ended.books.change(update(LEGS).values(delivered=LEGS.c.delivered - 1))
    assert ended.compared().lost_units > 0


def test_a_claim_left_behind_is_told(ended: Ended) -> None:
    """A ship that is still held when nobody works."""
    container = ended.books.rows(CONTAINERS)[0]
    row = {
        "ship": "VICTIM-1",
        "player_id": container.player_id,
        "container_id": container.id,
        "operation": "goods_factory_worker",
        "epoch": 1,
        "claimed_at": container.created_at,
        "universe": ended.books.rows(SHIPS)[0].universe,
    }
    ended.books.change(insert(SHIP_CLAIMS).values(row))
    assert ended.compared().leaked_claims == 1


def test_an_intent_left_open_is_told(ended: Ended) -> None:
    """Whether it happened is not known: that is no end."""
    one = select(INTENTS.c.id).limit(1).scalar_subquery()
    ended.books.change(update(INTENTS).where(INTENTS.c.id == one).values(state=IntentState.OPEN.value))
    assert any("still open" in line for line in ended.compared().complaints)


def test_a_balance_made_right_by_force_is_told(ended: Ended) -> None:
    """A correction explains nothing: it counts as the difference it hides."""
    row = ended.books.rows(LEDGER)[0]
    values = {name: value for name, value in row._mapping.items() if name != "number"}
    ended.books.change(insert(LEDGER).values({**values, "kind": "CORRECTION", "amount": 0}))
    ended.books.change(insert(LEDGER).values({**values, "kind": "CORRECTION", "amount": 5}))
    ended.server["credits"] += 5
    assert ended.compared().difference == 5


def test_a_purchase_forgotten_without_looking_is_a_double(server: Sandbox) -> None:
    """Killed after it happened and its intent voided unseen, as a start that does not look first would do.

    The server has a purchase that the ledger has not; the daemon itself finds credits missing and buys no
    more, which is what keeps it from buying the same load again.
    """
    server.begin_anew()
    with daemon(server.base_url) as victim:
        books = Database(victim.database)
        suffer(victim, server, books, "tranche-unread", Production())
        open_ = update(INTENTS).where(INTENTS.c.state == IntentState.OPEN.value)
        assert books.change(open_.values(state=IntentState.VOID.value)) > 0
        assert victim.start(), victim.log()
        until(lambda: books.rows(SPENDING_HOLDS), "spending stops")
        found = compare(books, server.books(AGENT), at_rest=False)
        (hold,) = books.rows(SPENDING_HOLDS)
    assert victim.said_of_books == f"ledger and server differ by {-hold.amount:,} credits"
    assert found.doubles == 1
    assert found.difference == hold.amount < 0


def test_a_container_that_does_not_go_on_is_told(server: Sandbox) -> None:
    """A worker that the next start finds ended is missing from what was promised."""

    def end(books: Database) -> None:
        ours = CONTAINERS.c.type == "goods_factory_worker"
        running = CONTAINERS.c.status == ContainerStatus.RUNNING.value
        ended = {"status": ContainerStatus.FAILED.value, "exit_reason": "ended behind its back"}
        assert books.change(update(CONTAINERS).where(ours, running).values(ended)) > 0

    result = run_case(server, ("laden-written",), meanwhile=end)
    assert result.resumed < result.promised
    assert any("was never begun again" in line for line in result.findings.complaints)
