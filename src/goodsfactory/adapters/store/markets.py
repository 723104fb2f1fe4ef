"""Markets of the current universe: the newest look at each, and what looks with prices saw change."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.row_memo import RowMemo
from goodsfactory.adapters.store.tables import MARKET_HISTORY, MARKETS
from goodsfactory.adapters.store.upsert import insert_into, upsert
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Sighting, Supply, TradeType
from goodsfactory.ports.store import Markets

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

_IN_UNIVERSE = MARKETS.c.universe == bindparam("universe")
_ONE = select(MARKETS).where(_IN_UNIVERSE, MARKETS.c.waypoint == bindparam("place"))
_IN_SYSTEM = (
    select(MARKETS)
    .where(_IN_UNIVERSE, MARKETS.c.system_symbol == bindparam("system"))
    .order_by(code_points(MARKETS.c.waypoint))
)
_OF_GOOD = tuple(MARKET_HISTORY.c[key] == bindparam(key) for key in ("universe", "waypoint", "good"))
_HISTORY = (
    select(MARKET_HISTORY)
    .where(*_OF_GOOD, MARKET_HISTORY.c.observed_at >= bindparam("since"))
    .order_by(MARKET_HISTORY.c.observed_at)
)
_FORGET = delete(MARKET_HISTORY).where(
    MARKET_HISTORY.c.universe == bindparam("universe"),
    MARKET_HISTORY.c.waypoint == bindparam("waypoint"),
    MARKET_HISTORY.c.good.in_(bindparam("goods", expanding=True)),
    MARKET_HISTORY.c.observed_at == bindparam("last"),
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


def _sighting(row: Row[Any]) -> Sighting:
    seen = _listing([row.good, row.type, row.trade_volume, row.supply, row.activity, row.ask, row.bid])
    return Sighting(row.waypoint, seen, row.observed_at)


def _text(goods: Collection[Good]) -> str:
    return json.dumps(sorted(goods))


class SqlMarkets(Markets):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._save_prices = upsert(connection, MARKETS)
        self._save_lists = upsert(connection, MARKETS, keep=("listings", "observed_at"))
        # The same look may be told twice, by the ship that arrived and by the one that trades there.
        self._append = insert_into(connection.dialect.name, MARKET_HISTORY).on_conflict_do_nothing(
            index_elements=["universe", "waypoint", "good", "observed_at"]
        )
        self._memo = RowMemo(_snapshot)
        # Goods whose newest row, of that moment, says what the one before it says. It goes when a third
        # one does too. A look that this process did not take is not in here: then one row more is kept.
        self._repeated: dict[str, tuple[datetime, set[Good]]] = {}
        self._kept = kept

    def save(self, snapshot: MarketSnapshot) -> None:
        priced = snapshot.observed_at is not None
        before = self.get(snapshot.waypoint) if priced else None
        listings = [_fields(listing) for listing in snapshot.listings] if priced else []
        self._connection.execute(
            self._save_prices if priced else self._save_lists,
            {
                "universe": self._universe,
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
            self._remember(snapshot, before)
        self._keep(snapshot.waypoint)

    def get(self, waypoint: str) -> MarketSnapshot | None:
        known: object = self._kept.kept(("markets", system_of(waypoint)))
        if isinstance(known, dict) and isinstance(market := known.get(waypoint), MarketSnapshot):
            return market
        row = self._connection.execute(_ONE, {"universe": self._universe, "place": waypoint}).first()
        return None if row is None else self._memo.value(waypoint, row)

    def in_system(self, system: str) -> list[MarketSnapshot]:
        def read() -> dict[str, MarketSnapshot]:
            rows = self._connection.execute(_IN_SYSTEM, {"universe": self._universe, "system": system})
            return {row.waypoint: self._memo.value(row.waypoint, row) for row in rows}

        return list(self._kept.read(("markets", system), read).values())

    def _keep(self, waypoint: str) -> None:
        """Bring what is kept up to date: many look at the markets of one system."""
        scope = ("markets", system_of(waypoint))
        known = self._kept.kept(scope)
        if isinstance(known, dict) and waypoint in known:
            row = self._connection.execute(_ONE, {"universe": self._universe, "place": waypoint}).one()
            known[waypoint] = self._memo.value(waypoint, row)
        else:
            self._kept.drop(scope)

    def history(self, waypoint: str, good: Good, *, since: datetime | None = None) -> list[Sighting]:
        asked = {"universe": self._universe, "waypoint": waypoint, "good": good, "since": since or _EVER}
        return [_sighting(row) for row in self._connection.execute(_HISTORY, asked)]

    def _remember(self, look: MarketSnapshot, before: MarketSnapshot | None) -> None:
        place, now = look.waypoint, look.observed_at
        rows = [self._row(look, listing) for listing in look.listings]
        last = before.observed_at if before else None
        if before is not None and last is not None and now is not None and last < now:
            alike = {listing.good for listing in set(before.listings) & set(look.listings)}
            moment, repeated = self._repeated.get(place, (None, set()))
            if moment == last and (idle := alike & repeated):
                asked = {"universe": self._universe, "waypoint": place, "goods": sorted(idle), "last": last}
                self._connection.execute(_FORGET, asked)
            self._repeated[place] = (now, alike)
        self._connection.execute(self._append, rows)

    def _row(self, look: MarketSnapshot, listing: Listing) -> dict[str, Any]:
        return {
            "universe": self._universe,
            "waypoint": look.waypoint,
            "good": listing.good,
            "observed_at": look.observed_at,
            "type": listing.type.value,
            "trade_volume": listing.trade_volume,
            "supply": listing.supply.value,
            "activity": None if listing.activity is None else listing.activity.value,
            "ask": listing.ask,
            "bid": listing.bid,
        }
