"""Intents and the ledger."""

from dataclasses import replace
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Bug, Conflict
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.money import IntentState, MoneyKind
from goodsfactory.domain.player import Player


@pytest.fixture
def written(opened: OpenStore, rows: Rows, player: Player) -> Any:
    """An open intent of COSMIC-1."""
    intent = rows.intent(player.id)
    opened.run(lambda t: t.money.open_intent(intent))
    return intent


def test_open_intent_is_found(opened: OpenStore, player: Player, written: Any) -> None:
    """After a crash the open intent of a ship is there to be looked into."""
    assert opened.run(lambda t: t.money.open_intent_of("COSMIC-1")) == written
    assert opened.run(lambda t: t.money.open_intents(player.id)) == [written]


def test_second_open_intent_of_a_ship_is_refused(
    opened: OpenStore, rows: Rows, player: Player, written: Any
) -> None:
    """A ship has one money step under way at most (law L1)."""
    with pytest.raises(Conflict, match="COSMIC-1 has an open intent"):
        opened.run(lambda t: t.money.open_intent(rows.intent(player.id, "intent-2")))
    assert opened.run(lambda t: t.money.open_intents(player.id)) == [written]


def test_other_ships_have_their_own_intents(
    opened: OpenStore, rows: Rows, player: Player, written: Any
) -> None:
    """Open intents are listed oldest first, and the worst cases add up."""
    second = rows.intent(player.id, "a", ship="COSMIC-2", reserved=300, created_at=rows.later(1))
    opened.run(lambda t: t.money.open_intent(second))
    assert opened.run(lambda t: t.money.open_intents(player.id)) == [written, second]
    assert opened.run(lambda t: t.money.reserved(player.id)) == 2500


@pytest.mark.parametrize("outcome", [IntentState.DONE, IntentState.VOID])
def test_closing_frees_ship_and_credits(
    opened: OpenStore, rows: Rows, player: Player, written: Any, outcome: Any
) -> None:
    """A settled intent reserves nothing, and the ship may take the next step."""
    opened.run(lambda t: t.money.close_intent(replace(written, state=outcome, settled_at=rows.later(1))))
    assert opened.run(lambda t: t.money.open_intent_of("COSMIC-1")) is None
    assert opened.run(lambda t: t.money.reserved(player.id)) == 0
    opened.run(lambda t: t.money.open_intent(rows.intent(player.id, "intent-2")))


def test_intent_is_settled_once(opened: OpenStore, rows: Rows, player: Player, written: Any) -> None:
    """Who settles a settled intent is stopped, and what it wanted to record with it is not kept (law L3)."""
    done = replace(written, state=IntentState.DONE, settled_at=rows.later(1))

    def settle(t: Any) -> None:
        t.money.record(rows.entry(player.id, -2000, intent_id=written.id))
        t.money.close_intent(done)

    opened.run(settle)
    with pytest.raises(Conflict, match="not open"):
        opened.run(settle)
    assert opened.run(lambda t: t.money.ledger_sum(player.id)) == -2000


def test_unknown_intent_cannot_be_closed(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Closing what was never written is a conflict."""
    with pytest.raises(Conflict, match="never written"):
        opened.run(lambda t: t.money.close_intent(rows.intent(player.id, state=IntentState.VOID)))


def test_states_are_guarded(opened: OpenStore, rows: Rows, player: Player, written: Any) -> None:
    """An intent begins OPEN and is closed as something else: anything else is our own mistake."""
    with pytest.raises(Bug, match="still OPEN"):
        opened.run(lambda t: t.money.close_intent(written))
    with pytest.raises(Bug, match="only an OPEN one"):
        opened.run(lambda t: t.money.open_intent(rows.intent(player.id, "i", state=IntentState.DONE)))


def test_same_intent_id_is_refused(opened: OpenStore, rows: Rows, player: Player, written: Any) -> None:
    """An id is used once, for another ship too."""
    with pytest.raises(Conflict):
        opened.run(lambda t: t.money.open_intent(rows.intent(player.id, ship="COSMIC-2")))


def test_reservations_are_per_player(opened: OpenStore, rows: Rows, player: Player, written: Any) -> None:
    """What one player holds back does not bind another (law L11)."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    assert opened.run(lambda t: t.money.reserved(other.id)) == 0
    assert opened.run(lambda t: t.money.open_intents(other.id)) == []


def test_ledger_sums(opened: OpenStore, rows: Rows, player: Player) -> None:
    """The sum of a player's rows is the balance; a factory's rows give its own result."""
    rows_of_player = [
        rows.entry(player.id, 150_000, kind=MoneyKind.OPENING),
        rows.entry(player.id, -2000, factory_id="f1", ship="COSMIC-1", good="IRON", units=20, unit_price=100),
        rows.entry(player.id, -72, kind=MoneyKind.REFUEL, factory_id="f2", balance_after=147_928),
        rows.entry(player.id, 5000, kind=MoneyKind.SALE, factory_id="f1", leg_id="l", intent_id="i"),
    ]
    for entry in rows_of_player:
        opened.run(lambda t: t.money.record(entry))
    assert opened.run(lambda t: t.money.ledger(player.id)) == rows_of_player
    assert opened.run(lambda t: t.money.ledger_sum(player.id)) == 152_928
    assert opened.run(lambda t: sum(one.credits for one in t.money.books(player.id, "f1"))) == 3000


def test_a_sale_whose_cost_is_forgotten_realises_nothing(
    opened: OpenStore, rows: Rows, player: Player
) -> None:
    """Legs are removed with age; a sale of theirs is then neither profit nor loss, its fuel still is."""
    for entry in (
        rows.entry(player.id, 5000, kind=MoneyKind.SALE, factory_id="f1", leg_id="gone"),
        rows.entry(player.id, -72, kind=MoneyKind.REFUEL, factory_id="f1", leg_id="gone"),
    ):
        opened.run(lambda t: t.money.record(entry))
    since = rows.later(-86_400)
    assert opened.run(lambda t: t.money.realised(player.id, "f1", since)) == -72


def test_a_sale_of_what_its_leg_never_bought_realises_nothing(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Where no purchase is known, what was sold is not all profit."""
    sale = rows.entry(player.id, 5000, kind=MoneyKind.SALE, factory_id=factory.id, leg_id="leg-1")
    opened.run(lambda t: t.legs.add([rows.leg(player.id)]))
    opened.run(lambda t: t.money.record(sale))
    assert opened.run(lambda t: t.money.realised(player.id, factory.id, rows.later(-86_400))) == 0


def test_ledger_limit_shows_the_newest(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A limited ledger shows its newest rows, still in the order they were recorded."""
    for amount in range(5):
        opened.run(lambda t: t.money.record(rows.entry(player.id, amount)))
    shown = opened.run(lambda t: t.money.ledger(player.id, limit=2))
    assert [entry.amount for entry in shown] == [3, 4]


def test_empty_ledger_sums_to_zero(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Nothing recorded is zero, not unknown; rows of others do not count."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    opened.run(lambda t: t.money.record(rows.entry(other.id, 70, factory_id="f1")))
    assert opened.run(lambda t: t.money.ledger_sum(player.id)) == 0
    assert opened.run(lambda t: t.money.books(player.id, "f1")) == []
    assert opened.run(lambda t: t.money.ledger(player.id)) == []


def test_ledger_row_of_nobody_is_refused(opened: OpenStore, rows: Rows) -> None:
    """A credit belongs to a player that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.money.record(rows.entry(99)))
