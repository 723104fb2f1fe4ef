"""Leftovers that nobody needs: sold where they bring most, so that nothing rots in a hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.factory import GoodsFactory, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import duration
from goodsfactory.planning.dispatch.matching import Match
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.value import Worth


def clear_leftovers(
    rows: Iterable[StockRow],
    ships: Sequence[Ship],
    kept: Collection[str],
    factories: Sequence[GoodsFactory],
    markets: Mapping[str, MarketSnapshot],
    chart: Chart,
    now: datetime,
    policy: Policy,
) -> list[Match]:
    """A lot for each of the idle ``ships`` that has a leftover nobody needs, the dearest good first.

    Those in ``kept`` have cargo of somebody's aboard: that stays, and all that lies beside it.

    ``factories`` are those at work. What one of them takes in is left to it, and so is whatever has been
    aboard for less than ``leftover_patience``: the next factory may be started in a moment.
    """
    idle = {ship.symbol: ship for ship in ships if ship.symbol not in kept}
    found: dict[str, Match] = {}
    for row in sorted(rows, key=lambda one: (-one.cost, one.ship, one.good)):
        ship = idle.get(row.ship)
        ripe = row.since + timedelta(seconds=policy.leftover_patience) <= now
        if row.kind is not StockKind.LEFTOVER or ship is None or row.ship in found or not ripe:
            continue
        if row.good in _taken_in(factories, ship.nav.system):
            continue
        near = [market for market in markets.values() if market.waypoint in chart]
        here = [market for market in near if chart.places[market.waypoint].system == ship.nav.system]
        sink = choose_sink(row.good, here, chart, near=ship.nav.waypoint, units=row.units)
        if sink.waypoint is not None:
            waited = duration((now - row.since).total_seconds())
            reason = f"no factory needed {row.good} for {waited}; {sink.reason}"
            lot = Lot(
                order_id=row.factory_id,
                good=row.good,
                feeds=None,
                source=ship.nav.waypoint,
                destination=sink.waypoint,
                units=ship.hold.of(row.good),
                worth=Worth(),
                reason=reason,
                since=row.since,
                clears=True,
            )
            found[row.ship] = Match(lot, ship, 0, reason)
    return list(found.values())


def _taken_in(factories: Sequence[GoodsFactory], system: str) -> Collection[Good]:
    """Goods that factories at work use, or sell as their output."""
    goods: set[Good] = set()
    for factory in factories:
        if factory.system_symbol != system or factory.tree is None:
            continue
        goods |= {child.good for child, _ in factory.tree.edges()}
        if factory.request.terminal is Terminal.SELL:
            goods.add(factory.target_good)
    return goods
