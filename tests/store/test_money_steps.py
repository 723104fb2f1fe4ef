"""Shipyards as last seen, holds on spending, and intents that no ship makes."""

from dataclasses import replace
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.money import IntentState, MoneyKind, SpendingHold
from goodsfactory.domain.player import Player
from goodsfactory.domain.shipyard import ShipOffer, ShipyardSnapshot

YARD = "X1-AA1-B1"


def test_a_yard_comes_back_as_it_was_seen(opened: OpenStore, rows: Rows) -> None:
    """Types and prices; yards of a system by name."""
    seen = ShipyardSnapshot(
        YARD, frozenset({"SHIP_PROBE", "SHIP_SURVEYOR"}), (ShipOffer("SHIP_PROBE", 20_012),), rows.now
    )
    other = ShipyardSnapshot("X1-AA1-A9", frozenset({"SHIP_PROBE"}))
    elsewhere = ShipyardSnapshot("X1-BB2-A1", frozenset())
    for yard in (seen, other, elsewhere):
        opened.run(lambda t: t.shipyards.save(yard))
    assert opened.run(lambda t: t.shipyards.get(YARD)) == seen
    assert opened.run(lambda t: t.shipyards.get("X1-AA1-C1")) is None
    assert opened.run(lambda t: t.shipyards.in_system("X1-AA1")) == [other, seen]


def test_a_look_from_afar_does_not_erase_prices(opened: OpenStore, rows: Rows) -> None:
    """The types are those told last, the prices and their age those seen last."""
    seen = ShipyardSnapshot(YARD, frozenset({"SHIP_PROBE"}), (ShipOffer("SHIP_PROBE", 7),), rows.now)
    opened.run(lambda t: t.shipyards.save(seen))
    opened.run(lambda t: t.shipyards.save(ShipyardSnapshot(YARD, frozenset({"SHIP_PROBE", "SHIP_NEW"}))))
    kept = opened.run(lambda t: t.shipyards.get(YARD))
    assert kept == replace(seen, types=frozenset({"SHIP_PROBE", "SHIP_NEW"}))


def test_a_hold_stands_until_it_is_lifted(opened: OpenStore, rows: Rows, player: Player) -> None:
    """One a player: a later one takes its place; lifting what does not stand says so."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    first = SpendingHold(player.id, -5, rows.now, "because")
    opened.run(lambda t: t.spending_holds.place(first))
    assert opened.run(lambda t: t.spending_holds.of_player(player.id)) == first
    assert opened.run(lambda t: t.spending_holds.of_player(other.id)) is None
    later = replace(first, amount=-(10**12), reason="more")
    opened.run(lambda t: t.spending_holds.place(later))
    assert opened.run(lambda t: t.spending_holds.of_player(player.id)) == later
    assert opened.run(lambda t: t.spending_holds.lift(player.id)) is True
    assert opened.run(lambda t: t.spending_holds.of_player(player.id)) is None
    assert opened.run(lambda t: t.spending_holds.lift(player.id)) is False


@pytest.mark.parametrize(
    ("kind", "reference", "subject"),
    [
        (MoneyKind.SHIP, None, "fleet:1"),
        (MoneyKind.ACCEPTANCE, "c1", "contract:c1"),
        (MoneyKind.FULFILMENT, "c1", "contract:c1"),
    ],
)
def test_a_step_without_a_ship_binds_what_it_is_about(
    opened: OpenStore, rows: Rows, player: Player, kind: Any, reference: str | None, subject: str
) -> None:
    """At most one is open for a fleet, or for a contract, whatever its kind (law L1)."""
    intent = rows.intent(player.id, kind=kind, ship=None, reference=reference, ledger_row=3)
    opened.run(lambda t: t.money.open_intent(intent))
    assert opened.run(lambda t: t.money.open_intent_of(subject)) == intent
    with pytest.raises(Conflict, match=f"{subject} has an open intent"):
        opened.run(lambda t: t.money.open_intent(replace(intent, id="another")))
    done = replace(intent, state=IntentState.DONE, settled_at=rows.later(1))
    opened.run(lambda t: t.money.close_intent(done))
    opened.run(lambda t: t.money.open_intent(replace(intent, id="another")))


def test_two_fleets_and_two_contracts_do_not_bind_each_other(
    opened: OpenStore, rows: Rows, player: Player
) -> None:
    """Another player's fleet, and another contract of the same player, are free."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    wanted: dict[str, dict[str, Any]] = {
        "a": {"player_id": player.id, "kind": MoneyKind.SHIP},
        "b": {"player_id": other.id, "kind": MoneyKind.SHIP},
        "c": {"player_id": player.id, "kind": MoneyKind.ACCEPTANCE, "reference": "c1"},
        "d": {"player_id": player.id, "kind": MoneyKind.ACCEPTANCE, "reference": "c2"},
    }
    for id_, changes in wanted.items():
        intent = replace(rows.intent(player.id, id_, ship=None), **changes)
        opened.run(lambda t: t.money.open_intent(intent))
    assert [intent.id for intent in opened.run(lambda t: t.money.open_intents(player.id))] == ["a", "c", "d"]


def test_the_newest_row_of_a_player_has_a_number_that_grows(
    opened: OpenStore, rows: Rows, player: Player
) -> None:
    """0 while there is none; rows of others do not move it."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    assert opened.run(lambda t: t.money.newest_row(player.id)) == 0
    opened.run(lambda t: t.money.record(rows.entry(player.id)))
    first = opened.run(lambda t: t.money.newest_row(player.id))
    opened.run(lambda t: t.money.record(rows.entry(other.id)))
    assert opened.run(lambda t: t.money.newest_row(player.id)) == first > 0
    opened.run(lambda t: t.money.record(rows.entry(player.id)))
    assert opened.run(lambda t: t.money.newest_row(player.id)) > first
