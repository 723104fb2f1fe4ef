"""Players and their balances."""

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Bug, UserError
from goodsfactory.domain.player import Balance, Player


def test_first_player_becomes_the_default(opened: OpenStore, rows: Rows) -> None:
    """The first player of a universe is its default, the second is not."""
    first = opened.run(lambda t: rows.player(t, "ONE"))
    second = opened.run(lambda t: rows.player(t, "TWO"))
    assert (first.is_default, second.is_default) == (True, False)
    assert opened.run(lambda t: t.players.all()) == [first, second]


def test_known_agent_is_refused(opened: OpenStore, rows: Rows, player: Player) -> None:
    """An agent is added once; upper and lower case are the same agent."""
    with pytest.raises(UserError, match="COSMIC is known already") as refusal:
        opened.run(lambda t: rows.player(t, "cosmic"))
    assert refusal.value.kind == "exists"
    assert opened.run(lambda t: t.players.all()) == [player]


def test_agent_is_found_in_any_case(opened: OpenStore, player: Player) -> None:
    """A call sign is found in upper and in lower case."""
    assert opened.run(lambda t: t.players.by_agent("cosmic")) == player
    assert opened.run(lambda t: t.players.by_agent("COSMIC")) == player


def test_unknown_players_are_none(opened: OpenStore, player: Player) -> None:
    """Asking for a player that does not exist answers None."""
    assert opened.run(lambda t: t.players.get(99)) is None
    assert opened.run(lambda t: t.players.by_agent("NOBODY")) is None


def test_default_moves(opened: OpenStore, rows: Rows, player: Player) -> None:
    """One player of a universe is the default at any time."""
    second = opened.run(lambda t: rows.player(t, "TWO"))
    opened.run(lambda t: t.players.make_default(second.id))
    assert [p.is_default for p in opened.run(lambda t: t.players.all())] == [False, True]


def test_unknown_player_cannot_be_the_default(opened: OpenStore, player: Player) -> None:
    """Making an unknown player the default is refused and leaves the default alone."""
    with pytest.raises(UserError, match="no player 99") as refusal:
        opened.run(lambda t: t.players.make_default(99))
    assert refusal.value.kind == "not-found"
    assert opened.found(lambda t: t.players.get(player.id)).is_default


def test_balance_is_unknown_at_first(opened: OpenStore, player: Player) -> None:
    """A balance that no answer has shown is None, not zero."""
    assert opened.run(lambda t: t.players.balance(player.id)) is None
    assert opened.run(lambda t: t.players.balance(99)) is None


def test_older_balance_is_ignored(opened: OpenStore, rows: Rows, player: Player) -> None:
    """An answer that was overtaken by a newer one does not change the balance."""
    newest = Balance(-5, rows.later(10))
    opened.run(lambda t: t.players.set_balance(player.id, newest))
    opened.run(lambda t: t.players.set_balance(player.id, Balance(900, rows.later(9))))
    assert opened.run(lambda t: t.players.balance(player.id)) == newest


def test_balance_of_the_same_instant_is_replaced(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Two answers of one instant: the one told last counts."""
    opened.run(lambda t: t.players.set_balance(player.id, Balance(900, rows.now)))
    opened.run(lambda t: t.players.set_balance(player.id, Balance(3_000_000_000, rows.now)))
    assert opened.found(lambda t: t.players.balance(player.id)).credits == 3_000_000_000


def test_balance_of_nobody_is_a_bug(opened: OpenStore, rows: Rows) -> None:
    """A balance for an unknown player is not dropped silently."""
    with pytest.raises(Bug, match="no player 99"):
        opened.run(lambda t: t.players.set_balance(99, Balance(1, rows.now)))


def test_one_table_alone_has_a_place_for_a_token() -> None:
    """Daemons that share a database find tokens in ``agent_tokens``; no other row can carry one (law L12)."""
    from goodsfactory.adapters.store.tables import METADATA

    columns = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if "token" in column.name or "secret" in column.name
    }
    assert columns == {"agent_tokens.token"}
