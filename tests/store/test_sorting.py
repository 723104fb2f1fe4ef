"""Text is sorted by code point on every database: the same seed gives the same run (law L13)."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.daemon import DaemonRow
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.ports.store import Transaction

# In English "A_B" comes before "AB", and "a" before "B".
SORTED = ["X1-A-AB", "X1-A-A_B", "X1-A-B", "X1-A-a"]


def factories(t: Transaction, rows: Any, player_id: int) -> list[str]:
    for id in reversed(SORTED):
        t.factories.add(rows.factory(player_id, id))
    return [factory.id for factory in t.factories.find()]


def nodes(t: Transaction, rows: Any, player_id: int) -> list[str]:
    t.factories.add(rows.factory(player_id))
    t.factories.save_nodes(rows.node(good=good) for good in reversed(SORTED))
    return [node.good for node in t.factories.nodes("factory-1")]


def markets(t: Transaction, rows: Any, player_id: int) -> list[str]:
    for waypoint in reversed(SORTED):
        t.markets.save(MarketSnapshot(waypoint, frozenset(), frozenset(), frozenset()))
    return [market.waypoint for market in t.markets.in_system("X1-A")]


def waypoints(t: Transaction, rows: Any, player_id: int) -> list[str]:
    t.waypoints.save([Waypoint(symbol, "X1-A", "PLANET", 1, 2) for symbol in reversed(SORTED)])
    return [waypoint.symbol for waypoint in t.waypoints.in_system("X1-A")]


def intents(t: Transaction, rows: Any, player_id: int) -> list[str]:
    for id in reversed(SORTED):
        t.money.open_intent(rows.intent(player_id, id, ship=id))
    return [intent.id for intent in t.money.open_intents(player_id)]


def daemons(t: Transaction, rows: Any, player_id: int) -> list[str]:
    for id in reversed(SORTED):
        t.daemons.beat(DaemonRow(id, "here", 1, "", ""))
    return [row.node_id for row in t.daemons.all()]


@pytest.mark.parametrize("listed", [factories, nodes, markets, waypoints, intents, daemons])
def test_lists_are_sorted_by_code_point(
    opened: OpenStore, rows: Rows, player: Player, listed: Callable[..., list[str]]
) -> None:
    """Whatever language a database was made for, lists that are sorted by a name come in one order."""
    assert opened.run(lambda t: listed(t, rows, player.id)) == SORTED
