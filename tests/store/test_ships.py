"""Ships as last observed."""

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import Hold


def test_fleet_is_in_number_order(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Ship counters are hexadecimal: -9 stands before -A, and -A before -10."""
    symbols = ["COSMIC-10", "COSMIC-A", "COSMIC-9", "COSMIC-1"]
    opened.run(lambda t: t.ships.save(player.id, [rows.ship(symbol) for symbol in symbols]))
    fleet = opened.run(lambda t: t.ships.of_player(player.id))
    assert [ship.symbol for ship in fleet] == ["COSMIC-1", "COSMIC-9", "COSMIC-A", "COSMIC-10"]


def test_ship_without_a_counter_is_kept(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A symbol whose end is no number is listed all the same."""
    opened.run(lambda t: t.ships.save(player.id, [rows.ship("COSMIC-QUEEN"), rows.ship("PLAIN")]))
    assert [s.symbol for s in opened.run(lambda t: t.ships.of_player(player.id))] == ["COSMIC-QUEEN", "PLAIN"]


def test_saving_replaces(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Only the newest look at a ship is kept."""
    opened.run(lambda t: t.ships.save(player.id, [rows.ship()]))
    emptied = rows.ship(hold=Hold(80), observed_at=rows.later(5))
    opened.run(lambda t: t.ships.save(player.id, [emptied]))
    assert opened.run(lambda t: t.ships.get("COSMIC-1")) == (player.id, emptied)
    assert opened.run(lambda t: t.ships.of_player(player.id)) == [emptied]


def test_players_see_their_own_ships(opened: OpenStore, rows: Rows, player: Player) -> None:
    """The fleet of one player holds no ship of another (law L11)."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    opened.run(lambda t: t.ships.save(player.id, [rows.ship("COSMIC-1")]))
    opened.run(lambda t: t.ships.save(other.id, [rows.ship("OTHER-1")]))
    assert [s.symbol for s in opened.run(lambda t: t.ships.of_player(other.id))] == ["OTHER-1"]
    assert opened.found(lambda t: t.ships.get("OTHER-1"))[0] == other.id


def test_unknown_ship_is_none(opened: OpenStore, player: Player) -> None:
    """Asking for a ship nobody has seen answers None."""
    assert opened.run(lambda t: t.ships.get("COSMIC-7")) is None


def test_removed_ship_is_gone(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A ship that was sold or lost is forgotten; forgetting it twice does nothing."""
    opened.run(lambda t: t.ships.save(player.id, [rows.ship()]))
    opened.run(lambda t: t.ships.remove("COSMIC-1"))
    opened.run(lambda t: t.ships.remove("COSMIC-1"))
    assert opened.run(lambda t: t.ships.of_player(player.id)) == []


def test_ship_of_nobody_is_refused(opened: OpenStore, rows: Rows) -> None:
    """A ship belongs to a player that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.ships.save(99, [rows.ship()]))
