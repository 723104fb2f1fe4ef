"""A market as the game tells it, listing by listing. What makes no sense is left out and told."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from goodsfactory.adapters.spacetraders import times, wire
from goodsfactory.adapters.spacetraders.bounds import printable
from goodsfactory.adapters.spacetraders.set_aside import name_of, sound
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.ports.game_api import MarketView, Transaction

_TYPES = frozenset(TradeType)
_SUPPLIES = frozenset(Supply)
_ACTIVITIES = frozenset(Activity)


def market_from(market: wire.WireMarket, asked: str, now: datetime) -> MarketView:
    """Raises ValueError for a market that names no good at all, or is another one.

    A market always trades something (api-facts §7.1): one without any good is not known yet. Prices count as
    seen where at least one listing makes sense.
    """
    if market.symbol != asked:
        raise ValueError(f"it tells of {market.symbol}")
    priced = market.trade_goods or []
    read, odd_listings = sound(priced, _listing, "the listing of")
    lists, odd_goods = _lists(market)
    kept, contradictions = _consistent([listing for listing, _ in read], lists)
    recent, odd_lines = sound(market.transactions or (), lambda raw: _transaction(raw, now), "transaction")
    if not any(lists.values()):
        raise ValueError("it names no good")
    bare = _bare(lists, priced) if market.trade_goods is not None else []
    snapshot = MarketSnapshot(
        waypoint=market.symbol,
        exports=frozenset(lists[TradeType.EXPORT]),
        imports=frozenset(lists[TradeType.IMPORT]),
        exchange=frozenset(lists[TradeType.EXCHANGE]),
        listings=tuple(kept),
        observed_at=now if kept else None,
    )
    strange = [word for _, word in read if word]
    unreadable = (*odd_goods, *odd_listings, *strange, *contradictions, *bare, *odd_lines)
    return MarketView(snapshot, tuple(recent), unreadable, lists_complete=not odd_goods)


def _lists(market: wire.WireMarket) -> tuple[dict[TradeType, set[Good]], list[str]]:
    exports, odd_exports = sound(market.exports, _good, "export")
    imports, odd_imports = sound(market.imports, _good, "import")
    exchange, odd_exchange = sound(market.exchange, _good, "exchange good")
    lists = {
        TradeType.EXPORT: set(exports),
        TradeType.IMPORT: set(imports),
        TradeType.EXCHANGE: set(exchange),
    }
    return lists, odd_exports + odd_imports + odd_exchange


def _consistent(
    listings: Sequence[Listing], lists: dict[TradeType, set[Good]]
) -> tuple[list[Listing], list[str]]:
    """Listings of which each stands once, and in no other list than it says (api-facts §7.1).

    A good that is missing in the lists is put into the one its listing names.
    """
    kept: dict[Good, Listing] = {}
    odd: list[str] = []
    twice: set[Good] = set()
    for listing in listings:
        named = {kind for kind, goods in lists.items() if listing.good in goods}
        if named - {listing.type}:
            odd.append(f"{listing.good} has a price as {listing.type} and stands in another list")
        elif kept.setdefault(listing.good, listing) != listing:
            twice.add(listing.good)
        if not named:
            lists[listing.type].add(listing.good)
    odd += [f"{good} has two prices" for good in sorted(twice)]
    return [listing for good, listing in kept.items() if good not in twice], odd


def _bare(lists: dict[TradeType, set[Good]], priced: Sequence[msgspec.Raw]) -> list[str]:
    """Goods that a market with prices trades and does not price."""
    goods = sorted(set().union(*lists.values()) - {name_of(raw) for raw in priced})
    return [f"{', '.join(goods[:5])} {'has' if len(goods) == 1 else 'have'} no price"] if goods else []


def _good(raw: msgspec.Raw) -> Good:
    return msgspec.json.decode(raw, type=wire.WireGood).symbol


def _listing(raw: msgspec.Raw) -> tuple[Listing, str]:
    """A listing, and what is strange about it: an activity only guides the choice of a source."""
    good = msgspec.json.decode(raw, type=wire.WireListing)
    if good.type not in _TYPES:
        raise ValueError(f"nobody knows the type {good.type}")
    if good.supply not in _SUPPLIES:
        # A level that cannot be ranked must not be bought at: without a listing the planner does not.
        raise ValueError(f"nobody knows the supply level {good.supply}")
    if good.sell_price > good.purchase_price:
        # economy.md §1.10
        raise ValueError(f"it pays {good.sell_price} for a unit that costs {good.purchase_price}")
    known = good.activity is None or good.activity in _ACTIVITIES
    listing = Listing(
        good=good.symbol,
        type=TradeType(good.type),
        trade_volume=good.trade_volume,
        supply=Supply(good.supply),
        activity=Activity(good.activity) if good.activity is not None and known else None,
        ask=good.purchase_price,
        bid=good.sell_price,
    )
    strange = (
        "" if known else f"nobody knows the activity {printable(str(good.activity), 64)} of {good.symbol}"
    )
    return listing, strange


def _transaction(raw: msgspec.Raw, now: datetime) -> Transaction:
    line = msgspec.json.decode(raw, type=wire.WireTransaction)
    return Transaction(
        ship=line.ship_symbol,
        good=line.trade_symbol,
        purchase=line.type == "PURCHASE",
        units=line.units,
        unit_price=line.price_per_unit,
        total=line.total_price,
        at=times.past(line.timestamp, now),
    )
