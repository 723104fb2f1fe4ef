"""Where a made good is sold."""

from typing import Any

from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.market.selling import choose_sink

CHART = charted(**{name: 10 * i for i, name in enumerate("ABCDEF")})


def market(name: str, kind: TradeType, bid: int | None) -> MarketSnapshot:
    goods = [frozenset({"MEDICINE"}) if each is kind else frozenset() for each in TradeType]
    listings = () if bid is None else (Listing("MEDICINE", kind, 20, Supply.LIMITED, None, bid * 2, bid),)
    return MarketSnapshot(name, goods[0], goods[1], goods[2], listings)


def choose(*markets: MarketSnapshot, avoid: tuple[str, ...] = ()) -> Any:
    return choose_sink("MEDICINE", markets, CHART, near="A", avoid=avoid)


def test_a_good_nobody_trades_names_the_markets_looked_at() -> None:
    """No sink is a decision with a reason, not an error."""
    choice = choose(MarketSnapshot("A", frozenset(), frozenset(), frozenset()))
    assert (choice.waypoint, choice.reason) == (None, "no market trades MEDICINE (known: A)")


def test_unseen_and_avoided_markets_are_never_chosen() -> None:
    """Selling needs a bid that was seen; the unseen market is reported for a scout."""
    choice = choose(market("A", TradeType.IMPORT, None), market("B", TradeType.IMPORT, 9), avoid=("B",))
    assert choice.waypoint is None
    assert choice.unseen == ("A",)
    assert choice.reason == "no market to sell MEDICINE at: A not seen yet; B avoided after a failure"


def test_an_importer_is_taken_before_a_higher_bid_elsewhere() -> None:
    """Importers first, then exchanges, then exporters: an import is where the game wants the good."""
    importer = market("C", TradeType.IMPORT, 10)
    assert choose(market("A", TradeType.EXCHANGE, 99), importer).waypoint == "C"
    exchange = market("C", TradeType.EXCHANGE, 10)
    assert choose(market("A", TradeType.EXPORT, 99), exchange).waypoint == "C"


def test_the_best_bid_wins_then_the_nearest_then_the_name() -> None:
    """Bids decide among importers."""
    near = market("B", TradeType.IMPORT, 50)
    assert choose(near, market("F", TradeType.IMPORT, 51)).waypoint == "F"
    assert choose(market("D", TradeType.IMPORT, 50), near).waypoint == "B"


def test_the_reason_warns_where_nobody_imports_the_good() -> None:
    """FAB_MATS and others have no in-system sink (economy.md §8.2): the bid is then about half."""
    choice = choose(market("B", TradeType.EXPORT, 40), market("C", TradeType.IMPORT, None))
    assert choice.reason == (
        "MEDICINE sells at B (export) for 40 each, 10 away; no market seen imports it, so the bid is low; "
        "C not seen yet"
    )


def test_a_real_good_sells_at_an_importer(captured: CapturedSystem) -> None:
    """In the captured system ELECTRONICS sells at one of its importers, at the highest bid among them."""
    choice = choose_sink("ELECTRONICS", captured.markets, captured.chart, near=None)
    shown = [m.listing("ELECTRONICS") for m in captured.markets if "ELECTRONICS" in m.imports]
    bids = [listing.bid for listing in shown if listing]
    assert choice.listing is not None
    assert choice.listing.type is TradeType.IMPORT
    assert choice.listing.bid == max(bids)
