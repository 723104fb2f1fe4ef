"""Factories and their nodes."""

from dataclasses import replace
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Strategy, Terminal
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode

TREE = SupplyChainNode(
    "MACHINERY",
    Acquisition.FABRICATE,
    "the recipe says so",
    source="X1-AA1-C1",
    factory_waypoint="X1-AA1-C1",
    children=(SupplyChainNode("IRON", Acquisition.BUY, "X1-AA1-B1 has plenty", source="X1-AA1-B1"),),
)


def test_request_tree_and_error_come_back(opened: OpenStore, rows: Rows, player: Player) -> None:
    """What was asked for, what was planned and why it failed are kept with the factory."""
    failed = replace(
        rows.factory(player.id),
        tree=TREE,
        request=FactoryRequest(
            Strategy.PREFER_BUY, 40, Terminal.SELL, 3, 2.5, ("COSMIC-1",), ("COSMIC-2",), True
        ),
    ).fail(rows.later(9), "no market exports MACHINERY")
    opened.run(lambda t: t.factories.add(failed))
    assert opened.run(lambda t: t.factories.get(failed.id, player.id)) == failed


def test_factory_of_another_player_is_not_found(opened: OpenStore, rows: Rows, factory: GoodsFactory) -> None:
    """A factory is found by its id and its owner together (law L11)."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    assert opened.run(lambda t: t.factories.get(factory.id, other.id)) is None


def test_unknown_factory_is_none(opened: OpenStore, player: Player) -> None:
    """Asking for a factory that does not exist answers None."""
    assert opened.run(lambda t: t.factories.get("nothing", player.id)) is None


def test_same_id_is_refused(opened: OpenStore, factory: GoodsFactory) -> None:
    """A factory is added once."""
    with pytest.raises(Conflict, match=r"(?i)unique"):
        opened.run(lambda t: t.factories.add(factory))


def test_factory_of_nobody_is_refused(opened: OpenStore, rows: Rows) -> None:
    """A factory belongs to a player that exists."""
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.factories.add(rows.factory(99)))


def test_update_keeps_every_step(opened: OpenStore, rows: Rows, factory: GoodsFactory) -> None:
    """A factory's life cycle and figures are stored as they change."""
    active = replace(factory.activate(rows.later(1)), tree=TREE, ships_used=3, market_queries=7)
    opened.run(lambda t: t.factories.update(active))
    assert opened.run(lambda t: t.factories.get(factory.id, factory.player_id)) == active
    done = replace(
        active.complete(rows.later(2), quantity=12, cost=34_000), parallel_levels=2, estimated_speedup=2.5
    )
    opened.run(lambda t: t.factories.update(done))
    assert opened.run(lambda t: t.factories.get(factory.id, factory.player_id)) == done


def test_updating_an_unknown_factory_is_a_conflict(
    opened: OpenStore, rows: Rows, factory: GoodsFactory
) -> None:
    """An update that would change nothing is not lost silently."""
    for stranger in (replace(factory, id="nothing"), replace(factory, player_id=99)):
        with pytest.raises(Conflict, match="no factory"):
            opened.run(lambda t: t.factories.update(stranger))


def test_find_filters_and_sorts(opened: OpenStore, rows: Rows, player: Player) -> None:
    """Factories are found by owner and state, oldest first; no states means all."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    newest = rows.factory(player.id, "c", created_at=rows.later(30))
    active = rows.factory(player.id, "b", created_at=rows.later(20)).activate(rows.later(25))
    oldest = rows.factory(other.id, "z", created_at=rows.later(10))
    for factory in (newest, active, oldest):
        opened.run(lambda t: t.factories.add(factory))

    def ids(**filters: Any) -> Any:
        return [f.id for f in opened.run(lambda t: t.factories.find(**filters))]

    assert ids() == ["z", "b", "c"]
    assert ids(player_id=player.id) == ["b", "c"]
    assert ids(statuses={FactoryStatus.PENDING}) == ["z", "c"]
    assert ids(player_id=player.id, statuses=[FactoryStatus.ACTIVE, FactoryStatus.FAILED]) == ["b"]
    assert ids(player_id=99) == []


def test_nodes_are_replaced_by_good(opened: OpenStore, rows: Rows, factory: GoodsFactory) -> None:
    """A node is one row per factory and good, and its newest state wins."""
    first = rows.node(ships=("COSMIC-1", "COSMIC-A"), look_at=("X1-AA1-B1",), next_check=rows.later(30))
    opened.run(lambda t: t.factories.save_nodes([first, rows.node(good="COPPER")]))
    bought = replace(first, state=NodeState.DONE, reason="bought", quantity=40, cost=5000, checks=2)
    opened.run(lambda t: t.factories.save_nodes([bought]))
    assert opened.run(lambda t: t.factories.nodes(factory.id)) == [rows.node(good="COPPER"), bought]


def test_nodes_of_an_unknown_factory_are_a_conflict(
    opened: OpenStore, rows: Rows, factory: GoodsFactory
) -> None:
    """Progress for a factory that does not exist is refused, and nothing of the batch is kept."""
    with pytest.raises(Conflict, match="no factory nothing"):
        opened.run(lambda t: t.factories.save_nodes([rows.node(), rows.node("nothing")]))
    assert opened.run(lambda t: t.factories.nodes(factory.id)) == []
    assert opened.run(lambda t: t.factories.nodes("nothing")) == []
