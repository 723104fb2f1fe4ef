"""Quotes are kept beside their factories."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.factory import GoodsFactory, Strategy, Terminal
from goodsfactory.domain.player import Player
from goodsfactory.domain.quote import Band, NodeQuote, Quote, QuoteMoment
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode

BAND = Band(1.0, 2.0, 3.5)
QUOTE = Quote(
    target_good="COPPER",
    system_symbol="X1-A",
    strategy=Strategy.PREFER_BUY,
    terminal=Terminal.HOLD,
    units=40,
    taken_at=datetime(2030, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC),
    elapsed=540.0,
    cargo_ships=3,
    made=BAND,
    credits=BAND,
    seconds=BAND,
    ship_hours=BAND,
    requests=BAND,
    held_value=100,
    profit={"HOLD": 98},
    tree=SupplyChainNode("COPPER", Acquisition.BUY, "because"),
    nodes=(NodeQuote("COPPER", 40, 9000, "produces 60 units per 30 min"),),
    cautions=("nobody has looked at X1-A-B",),
    replays=5,
    finished=5,
    timeline=(QuoteMoment(1.5, "S1 carries COPPER"),),
)


def test_a_quote_comes_back_as_it_was(opened: OpenStore, factory: GoodsFactory, player: Player) -> None:
    """Bands, tree, nodes, cautions and timeline are all there."""
    opened.run(lambda t: t.quotes.save(factory.id, player.id, QUOTE))
    assert opened.run(lambda t: t.quotes.of_factory(factory.id, player.id)) == QUOTE


def test_a_factory_without_a_quote_has_none(opened: OpenStore, factory: GoodsFactory, player: Player) -> None:
    """Nothing was foretold, and nothing was counted."""
    assert opened.run(lambda t: t.quotes.of_factory(factory.id, player.id)) is None
    assert opened.run(lambda t: t.quotes.requests(factory.id, player.id)) is None


def test_a_later_quote_takes_the_place_of_the_first(
    opened: OpenStore, factory: GoodsFactory, player: Player
) -> None:
    """A factory has one quote; what was counted beside it stays."""
    opened.run(lambda t: t.quotes.save(factory.id, player.id, QUOTE))
    opened.run(lambda t: t.quotes.set_requests(factory.id, player.id, 321))
    later = replace(QUOTE, elapsed=900.0)
    opened.run(lambda t: t.quotes.save(factory.id, player.id, later))
    assert opened.run(lambda t: t.quotes.of_factory(factory.id, player.id)) == later
    assert opened.run(lambda t: t.quotes.requests(factory.id, player.id)) == 321


def test_a_quote_of_another_player_is_not_found(
    opened: OpenStore, rows: Rows, factory: GoodsFactory, player: Player
) -> None:
    """A quote is found by factory and owner together (law L11)."""
    opened.run(lambda t: t.quotes.save(factory.id, player.id, QUOTE))
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    assert opened.run(lambda t: t.quotes.of_factory(factory.id, other.id)) is None


def test_a_quote_needs_a_factory(opened: OpenStore, player: Player) -> None:
    """Nothing is kept for a factory that does not exist."""
    with pytest.raises(Conflict):
        opened.run(lambda t: t.quotes.save("no-such-factory", player.id, QUOTE))
