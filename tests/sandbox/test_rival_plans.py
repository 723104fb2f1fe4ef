"""What a rival does next, from what it has seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.rival_plans import (
    KNOWN_ENOUGH,
    Errand,
    Outlook,
    Seen,
    best_bidder,
    nearest_fuel,
    next_errand,
    next_hop,
)
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Waypoint

EPOCH = datetime(2026, 3, 1, 13, tzinfo=UTC)
DAY = timedelta(days=1)
PLACES = {
    symbol: Waypoint(f"X1-T-{symbol}", "PLANET", "X1-T", x, 0)
    for symbol, x in (("A", 0), ("B", 100), ("C", 390), ("D", 700))
}


class TestPlans:
    """What a rival does next, from what it has seen."""

    def outlook(self, quotes: dict[str, Any], **more: Any) -> Outlook:
        """Four markets in a row; others, where many must be known, are a day away."""
        far = {f"X1-T-F{n}": Waypoint(f"X1-T-F{n}", "MOON", "X1-T", 0, 9_000) for n in range(KNOWN_ENOUGH)}
        places = {place.symbol: place for place in PLACES.values()} | far
        more = {"now": EPOCH, "looked": {"X1-T-B": EPOCH - 2 * DAY, "X1-T-C": EPOCH - DAY}, **more}
        seen = {f"X1-T-{market}": goods for market, goods in quotes.items()} | {far_: {} for far_ in far}
        known = more.pop("known", True)
        return Outlook(
            places=places,
            markets=frozenset(place.symbol for place in PLACES.values()),
            fuel=frozenset(f"X1-T-{market}" for market in more.pop("fuel", "ABCD")),
            pace=25,
            quotes=seen if known else {},
            **{"credits": 100_000, "gate": None, "bill": {}, **more},
        )

    def ship(self, at: str = "A") -> Ship:
        """A command frigate: 40 in the hold, 400 in the tank."""
        return Ship.launched("R-1", "R", "COSMIC", SHIP_TYPES["SHIP_COMMAND_FRIGATE"], f"X1-T-{at}", EPOCH)

    def test_it_looks_around_before_it_trades(self) -> None:
        """The nearest market it has not seen comes first."""
        assert next_errand(self.ship(), self.outlook({}, known=False)) == Errand("X1-T-B")

    def test_it_looks_for_news_and_rests_where_there_is_none(self) -> None:
        """Where nothing pays it goes where it was longest ago, if a tick has passed since; else nowhere."""
        seen = dict.fromkeys(("X1-T-A", "X1-T-B", "X1-T-C"), EPOCH)
        for market, ago, errand in (
            ("X1-T-C", DAY, Errand("X1-T-C")),
            ("X1-T-C", timedelta(minutes=29), None),
            ("X1-T-A", DAY, None),
        ):
            outlook = self.outlook({each: {} for each in "ABCD"}, looked={**seen, market: EPOCH - ago})
            assert next_errand(self.ship(), outlook) == errand

    def test_it_takes_the_lane_that_earns_most_a_second(self) -> None:
        """A smaller profit near by beats a larger one far away; two trade volumes at most."""
        cheap = Seen(TradeType.EXPORT, 100, 50, 10)
        quotes = {
            "A": {"IRON": cheap},
            "B": {"IRON": Seen(TradeType.IMPORT, 320, 150, 10)},
            "D": {"IRON": Seen(TradeType.IMPORT, 340, 160, 10)},
        }
        assert next_errand(self.ship(), self.outlook(quotes)) == Errand(
            "X1-T-B", "IRON", "X1-T-A", 20, "sell"
        )

    def test_a_rich_one_builds(self) -> None:
        """With money to spare it takes what the site still misses, no more; a poor one does not."""
        quotes = {"A": {"FAB_MATS": Seen(TradeType.EXPORT, 1_200, 580, 20)}}
        site = {"gate": "X1-T-C", "bill": {"FAB_MATS": [1_600, 1_593], "IRON": [5, 5]}}
        rich = self.outlook(quotes, credits=500_000, **site)
        assert next_errand(self.ship(), rich) == Errand("X1-T-C", "FAB_MATS", "X1-T-A", 7, "build")
        poor = next_errand(self.ship(), self.outlook(quotes, credits=410_000, **site))
        assert poor is not None
        assert poor.purpose == "look"

    def test_it_buys_nothing_for_a_lane_it_cannot_fly(self) -> None:
        """Without fuel half-way 700 units are too far for a tank of 400, whatever they would earn."""
        quotes = {
            "A": {"IRON": Seen(TradeType.EXPORT, 100, 50, 10)},
            "D": {"IRON": Seen(TradeType.IMPORT, 9_000, 4_000, 10)},
        }
        for fuel, purpose in (("AD", "look"), ("ABD", "look"), ("ACD", "sell")):
            errand = next_errand(self.ship(), self.outlook(quotes, fuel=fuel))
            assert errand is not None
            assert errand.purpose == purpose

    def test_what_is_left_goes_to_the_best_bidder_in_reach(self) -> None:
        """A better price beyond the reach of the tank does not count; this market does."""
        ship = self.ship()
        ship.hold["IRON"] = 5
        low, high = Seen(TradeType.IMPORT, 90, 40, 10), Seen(TradeType.IMPORT, 9_000, 4_000, 10)
        quotes = {"A": {"IRON": low}, "D": {"IRON": high}}
        assert best_bidder(ship, self.outlook(quotes, fuel="A")) == "X1-T-A"
        assert best_bidder(ship, self.outlook(quotes)) == "X1-T-D"
        assert best_bidder(ship, self.outlook({"D": {"IRON": high}}, fuel="A")) is None

    def test_it_looks_only_where_it_can_fly(self) -> None:
        """With 90 in the tank even the nearest market is out of reach: it drifts to the nearest with fuel."""
        ship = self.ship()
        ship.fuel = 90
        outlook = self.outlook({}, fuel="CD", known=False)
        assert next_errand(ship, outlook) is None
        assert nearest_fuel(ship, outlook) == "X1-T-C"

    def test_a_market_out_of_reach_keeps_it_from_nothing(self) -> None:
        """It knows few markets and cannot fly to the one that is left: it trades with those it knows."""
        quotes = {
            "X1-T-A": {"IRON": Seen(TradeType.EXPORT, 100, 50, 10)},
            "X1-T-B": {"IRON": Seen(TradeType.IMPORT, 320, 150, 10)},
            "X1-T-C": {},
        }
        errand = next_errand(self.ship(), replace(self.outlook({}, fuel="A"), quotes=quotes))
        assert errand is not None
        assert (errand.purpose, errand.good) == ("sell", "IRON")

    def test_a_long_way_has_a_stop_for_fuel(self) -> None:
        """A tank of 400 does not last for 700, but for 390 and 310; beyond two tanks there is no way."""
        outlook = self.outlook({})
        assert next_hop(self.ship(), "X1-T-B", outlook) == "X1-T-B"
        assert next_hop(self.ship(), "X1-T-D", outlook) == "X1-T-C"
        assert next_hop(self.ship(), "X1-T-F0", outlook) is None
        assert next_hop(self.ship(), "X1-T-D", self.outlook({}, fuel="ABD")) is None
