"""Markets of the current universe: the newest look at each, and every look with prices as history."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.row_memo import RowMemo
from goodsfactory.adapters.store.tables import MARKET_HISTORY, MARKETS
from goodsfactory.adapters.store.upsert import insert_into, upsert
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.ports.store import Markets

_IN_UNIVERSE = MARKETS.c.reset_date == bindparam("universe")
_ONE = select(MARKETS).where(_IN_UNIVERSE, MARKETS.c.waypoint == bindparam("place"))
_IN_SYSTEM = (
    select(MARKETS)
    .where(_IN_UNIVERSE, MARKETS.c.system_symbol == bindparam("system"))
    .order_by(code_points(MARKETS.c.waypoint))
)


def _snapshot(row: Row[Any]) -> MarketSnapshot:
    return MarketSnapshot(
        waypoint=row.waypoint,
        exports=frozenset(json.loads(row.exports)),
        imports=frozenset(json.loads(row.imports)),
        exchange=frozenset(json.loads(row.exchange)),
        listings=tuple(_listing(fields) for fields in json.loads(row.listings)),
        observed_at=row.observed_at,
    )


def _listing(fields: list[Any]) -> Listing:
    good, kind, trade_volume, supply, activity, ask, bid = fields
    return Listing(
        good=good,
        type=TradeType(kind),
        trade_volume=trade_volume,
        supply=Supply(supply),
        activity=None if activity is None else Activity(activity),
        ask=ask,
        bid=bid,
    )


def _fields(listing: Listing) -> list[Any]:
    return [
        listing.good,
        listing.type.value,
        listing.trade_volume,
        listing.supply.value,
        None if listing.activity is None else listing.activity.value,
        listing.ask,
        listing.bid,
    ]


def _text(goods: Collection[Good]) -> str:
    return json.dumps(sorted(goods))


class SqlMarkets(Markets):
    def __init__(self, connection: Connection, universe: str) -> None:
        self._connection = connection
        self._universe = universe
        self._save_prices = upsert(connection, MARKETS)
        self._save_lists = upsert(connection, MARKETS, keep=("listings", "observed_at"))
        # The same look may be told twice, by the ship that arrived and by the one that trades there.
        self._append = insert_into(connection, MARKET_HISTORY).on_conflict_do_nothing()
        self._memo = RowMemo(_snapshot)

    def save(self, snapshot: MarketSnapshot) -> None:
        priced = snapshot.observed_at is not None
        listings = [_fields(listing) for listing in snapshot.listings] if priced else []
        self._connection.execute(
            self._save_prices if priced else self._save_lists,
            {
                "reset_date": self._universe,
                "waypoint": snapshot.waypoint,
                "system_symbol": system_of(snapshot.waypoint),
                "exports": _text(snapshot.exports),
                "imports": _text(snapshot.imports),
                "exchange": _text(snapshot.exchange),
                "listings": json.dumps(listings),
                "observed_at": snapshot.observed_at,
            },
        )
        if listings:
            self._connection.execute(self._append, [self._look(snapshot, fields) for fields in listings])

    def get(self, waypoint: str) -> MarketSnapshot | None:
        row = self._connection.execute(_ONE, {"universe": self._universe, "place": waypoint}).first()
        return None if row is None else self._memo.value(waypoint, row)

    def in_system(self, system: str) -> list[MarketSnapshot]:
        rows = self._connection.execute(_IN_SYSTEM, {"universe": self._universe, "system": system})
        return [self._memo.value(row.waypoint, row) for row in rows]

    def _look(self, snapshot: MarketSnapshot, fields: list[Any]) -> dict[str, Any]:
        good, kind, trade_volume, supply, activity, ask, bid = fields
        return {
            "reset_date": self._universe,
            "waypoint": snapshot.waypoint,
            "good": good,
            "observed_at": snapshot.observed_at,
            "type": kind,
            "trade_volume": trade_volume,
            "supply": supply,
            "activity": activity,
            "ask": ask,
            "bid": bid,
        }
