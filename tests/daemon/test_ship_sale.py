"""Selling by hand what a ship holds, through the real application and sandbox."""

import asyncio
from typing import Any

import pytest
from tests.daemon.refusals import WORK, refusal, rows
from tests.daemon.stage import Answer, Fate, Stage, check_books, in_virtual_time, stage
from tests.planning.flow_world import charted, market, ship

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.sale_voyage import Sold
from goodsfactory.daemon.ship_sale import SaleOrder, plan_sale
from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.market import Listing, Supply, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.stock import StockKind, StockRow

SHIP = "FACTORY-1"


def load(one: Stage, good: str, units: int, ship: str = SHIP) -> None:
    """Put units aboard, as if they had always been there."""
    next(found for found in one.world.fleets if found.symbol == ship).hold[good] = units


def places_with(one: Stage, kind: TradeType, good: str) -> list[str]:
    """Markets of the universe that have the good in one of their lists."""
    lists = {TradeType.IMPORT: "imports", TradeType.EXPORT: "exports", TradeType.EXCHANGE: "exchange"}
    found = one.world.universe.markets.items()
    return sorted(symbol for symbol, market in found if good in getattr(market, lists[kind]))


async def see(one: Stage, player: Player, waypoint: str) -> None:
    """Let the last ship fly to a market and look at it."""
    crew = one.application.roster.crew(player.id)
    ships = [ship for ship, _ in await one.application.ships(player.id) if not ship.is_probe]
    flight = await one.application.navigate(player.id, ships[-1].symbol, waypoint)
    assert flight.nav.arrival is not None
    await one.clock.sleep((flight.nav.arrival - one.clock.now()).total_seconds() + 1)
    assert (await crew.scout.look(waypoint)).snapshot.listings


class TestSold:
    """What an order to sell does."""

    @staticmethod
    @in_virtual_time
    async def test_a_finished_factorys_load_is_sold_and_its_ship_works_again(clock: VirtualClock) -> None:
        """Every unit leaves the hold, every credit is in the ledger, and the ship is eligible again."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS", units=40)
            await one.until_over(player, factory)
            ships = [ship for ship, _ in await one.application.ships(player.id) if ship.hold.units]
            ship = ships[0].symbol
            held = ships[0].hold.of("ELECTRONICS")
            before = await one.application.explain_ship(player.id, ship, None)
            assert not before.eligible
            assert "keeps" in before.reasons[0]
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            credits = one.credits
            sale = await one.application.sell(player.id, ship.lower(), None, importer.lower())
            assert sale.sold == (Sold("ELECTRONICS", held, sale.revenue, importer),)
            sold = [entry for entry in await one.ledger(player) if entry.kind is MoneyKind.SALE]
            sold = [entry for entry in sold if entry.ship == ship and entry.factory_id is None]
            assert sum(entry.amount for entry in sold) == sale.revenue
            assert one.credits > credits
            await check_books(one, player)
            assert (await one.application.ship(player.id, ship)).hold.units == 0
            assert (await one.application.explain_ship(player.id, ship, None)).eligible

    @staticmethod
    @in_virtual_time
    async def test_the_best_bid_seen_is_flown_to(clock: VirtualClock) -> None:
        """Without --at it is the importer that a ship has looked at; the plan says the same beforehand."""
        async with stage(clock) as one:
            player = await one.begin()
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            await see(one, player, importer)
            load(one, "ELECTRONICS", 15)
            await one.application.roster.crew(player.id).pilot.observe(SHIP)
            (planned,) = await one.application.plan_sale(player.id, SHIP)
            assert (planned.good, planned.units, planned.waypoint) == ("ELECTRONICS", 15, importer)
            sale = await one.application.sell(player.id, SHIP)
            assert [(one_.units, one_.waypoint) for one_ in sale.sold] == [(15, importer)]
            assert (await one.application.ship(player.id, SHIP)).nav.waypoint == importer

    @staticmethod
    @in_virtual_time
    async def test_no_tranche_is_larger_than_the_trade_volume(clock: VirtualClock) -> None:
        """A full hold takes several transactions, and the look afterwards shows what they did to the bid."""
        async with stage(clock) as one:
            player = await one.begin()
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            load(one, "ELECTRONICS", 40)
            await one.application.sell(player.id, SHIP, None, importer)
            sold = [trade for trade in one.trades.all if trade.good == "ELECTRONICS"]
            stored = await one.application.store.transact(lambda tx: tx.markets.get(importer))
            listing = stored.listing("ELECTRONICS") if stored else None
            assert listing is not None
            assert sum(trade.units for trade in sold) == 40
            assert max(trade.units for trade in sold) <= listing.trade_volume
            assert len(sold) == -(-40 // listing.trade_volume)
            assert listing.bid < sold[0].unit_price

    @staticmethod
    @in_virtual_time
    async def test_one_good_can_be_sold_and_the_other_kept(clock: VirtualClock) -> None:
        """--good leaves the rest of the hold alone; without it the rest goes too."""
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 5)
            load(one, "COPPER", 7)
            where = places_with(one, TradeType.EXPORT, "COPPER")[0]
            sale = await one.application.sell(player.id, SHIP, "copper", where)
            assert [(sold.good, sold.units) for sold in sale.sold] == [("COPPER", 7)]
            assert (await one.application.ship(player.id, SHIP)).hold.inventory == {"ELECTRONICS": 5}
            await check_books(one, player)


class TestAskedFirst:
    """What an order does not do unasked: sell at a loss, crush a market, or sell beside another one."""

    @staticmethod
    @in_virtual_time
    async def test_a_sale_below_cost_needs_a_word(clock: VirtualClock) -> None:
        """The refusal tells both figures, nothing moves, and the confirmed order is carried out."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS", units=20)
            await one.until_over(player, factory)
            ship = next(ship for ship, _ in await one.application.ships(player.id) if ship.hold.units)
            cost = sum(
                -entry.amount
                for entry in await one.ledger(player)
                if entry.kind is MoneyKind.PURCHASE and entry.good == "ELECTRONICS"
            )
            exporter = places_with(one, TradeType.EXPORT, "ELECTRONICS")[0]
            before = rows(one, *WORK)
            order = (player.id, ship.symbol, None, exporter)
            sentence = await refusal(one.application.sell(*order), "needs-confirmation")
            assert sentence.startswith(f"20 ELECTRONICS that cost {cost:,} credits are to bring about ")
            assert sentence.endswith(f" at {exporter}. Confirm the order to sell at a loss.")
            assert rows(one, *WORK) == before
            (planned,) = await one.application.plan_sale(*order)
            assert planned.cost == cost
            assert planned.expected is not None
            assert planned.expected < cost
            sale = await one.application.sell(*order, confirmed=True)
            assert abs(sale.revenue - planned.expected) <= planned.expected * 0.05
            await check_books(one, player)

    @staticmethod
    @in_virtual_time
    async def test_a_bid_that_nobody_had_seen_is_asked_about_at_the_market(clock: VirtualClock) -> None:
        """The ship has flown there for the look; nothing is sold."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS", units=5)
            await one.until_over(player, factory)
            ship = next(ship for ship, _ in await one.application.ships(player.id) if ship.hold.units)
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            there = one.world.universe.markets[importer].good("ELECTRONICS", clock.now())
            assert there is not None
            there.net_supply = 20 * there.trade_volume
            sentence = await refusal(
                one.application.sell(player.id, ship.symbol, None, importer), "needs-confirmation"
            )
            assert importer in sentence
            found = await one.application.ship(player.id, ship.symbol)
            assert (found.nav.waypoint, found.hold.of("ELECTRONICS")) == (importer, 5)

    @staticmethod
    @in_virtual_time
    async def test_a_crushed_market_leaves_the_rest_aboard(clock: VirtualClock) -> None:
        """Below half of its first bid nothing more is sold; the answer says what stayed, and why."""
        async with stage(clock) as one:
            player = await one.begin()
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            there = one.world.universe.markets[importer].good("ELECTRONICS", clock.now())
            assert there is not None
            there.trade_volume, there.net_supply = 2, 0
            load(one, "ELECTRONICS", 40)
            sale = await one.application.sell(player.id, SHIP, None, importer)
            bids = [trade.unit_price for trade in one.trades.all if trade.good == "ELECTRONICS"]
            assert min(bids) >= max(bids) * 0.5
            (sold,) = sale.sold
            assert 0 < sold.units < 40
            assert sold.kept == 40 - sold.units
            assert sold.kept_reason.startswith(f"{importer} pays {there.bid:,} for ELECTRONICS by now, ")
            assert (await one.application.ship(player.id, SHIP)).hold.of("ELECTRONICS") == sold.kept
            await check_books(one, player)

    @staticmethod
    @in_virtual_time
    async def test_two_ships_do_not_sell_into_one_market_at_once(clock: VirtualClock) -> None:
        """The second order is told before its ship leaves, and is carried out once the first has ended."""
        async with stage(clock) as one:
            player = await one.begin()
            other = [ship.symbol for ship, _ in await one.application.ships(player.id) if not ship.is_probe][
                -1
            ]
            where = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            for symbol in (SHIP, other):
                load(one, "ELECTRONICS", 10, symbol)
            answers = await asyncio.gather(
                one.application.sell(player.id, SHIP, None, where),
                one.application.sell(player.id, other, None, where),
                return_exceptions=True,
            )
            assert str(answers[1]) == (
                f"Another ship is selling at {where}; wait for its end, or sell what {other} has elsewhere."
            )
            assert (await one.application.ship(player.id, other)).nav.waypoint != where
            assert (await one.application.sell(player.id, other, None, where)).sold[0].units == 10
            await check_books(one, player)

    @staticmethod
    @pytest.mark.parametrize("told", [0, 1])
    @in_virtual_time
    async def test_an_answer_that_leaves_the_price_out_is_no_word_of_the_market(
        clock: VirtualClock, told: int
    ) -> None:
        """It takes the good as before: what was sold is told, and the rest can be ordered again."""
        async with stage(clock) as one:
            player = await one.begin()
            importer = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            load(one, "ELECTRONICS", 40)
            looks = 0

            def leave_out(answer: Answer) -> None:
                nonlocal looks
                looks += 1
                if looks > told:
                    goods = answer.body["data"]["tradeGoods"]
                    answer.body["data"]["tradeGoods"] = [
                        good for good in goods if good["symbol"] != "ELECTRONICS"
                    ]

            await see(one, player, importer)
            one.line.change(f"/{importer}/market$", leave_out)
            odd = f"{importer} does not show its price of ELECTRONICS; order again in a minute."
            if told:
                (sold,) = (await one.application.sell(player.id, SHIP, None, importer)).sold
                assert 0 < sold.units == 40 - sold.kept < 40
                assert sold.kept_reason == odd
            else:
                with pytest.raises(Unavailable, match=odd):
                    await one.application.sell(player.id, SHIP, None, importer)
            one.line.change(f"/{importer}/market$", None)
            await one.application.sell(player.id, SHIP, None, importer)
            assert (await one.application.ship(player.id, SHIP)).hold.units == 0
            await check_books(one, player)

    @staticmethod
    @in_virtual_time
    async def test_a_good_whose_price_is_left_out_hides_no_other_sale(clock: VirtualClock) -> None:
        """The goods after it are sold, one at a loss that was agreed to; itself it is kept, with the reason.

        That yes is to the loss at one market only.
        """
        async with stage(clock) as one:
            player = await one.begin()
            goods = ("ELECTRONICS", "COPPER", "FUEL")
            places = [set().union(*(places_with(one, kind, good) for kind in TradeType)) for good in goods]
            where = sorted(set.intersection(*places))[0]
            for good in goods:
                load(one, good, 3)

            def leave_out(answer: Answer) -> None:
                listed = answer.body["data"]["tradeGoods"]
                answer.body["data"]["tradeGoods"] = [one for one in listed if one["symbol"] != "COPPER"]

            await see(one, player, where)
            row = StockRow(player.id, SHIP, "ELECTRONICS", 3, 90_000, StockKind.LEFTOVER, "f", clock.now())
            await one.application.store.transact(lambda tx: tx.stock.keep(row))
            one.line.change(f"/{where}/market$", leave_out)
            order = (player.id, SHIP, None, where)
            elsewhere = one.application.sell(*order, agreed={"ELECTRONICS": f"{where}X"})
            assert "that cost 90,000" in await refusal(elsewhere, "needs-confirmation")
            sale = await one.application.sell(*order, agreed={"electronics": where.lower()})
            told = [(sold.good, sold.units, sold.kept, sold.kept_reason) for sold in sale.sold]
            odd = f"{where} does not show its price of COPPER; order again in a minute."
            assert told == [("COPPER", 0, 3, odd), ("ELECTRONICS", 3, 0, ""), ("FUEL", 3, 0, "")]
            await check_books(one, player)


class TestPlanned:
    """Where an order to sell would go, from what is known."""

    NEAR, FAR = "X1-W-N", "X1-W-F"
    CHART = charted(**{"X1-W-O": 0, NEAR: 10, FAR: 90})

    @staticmethod
    def listing(good: str, kind: TradeType, bid: int) -> Listing:
        return Listing(good, kind, 20, Supply.MODERATE, None, bid * 2, bid)

    def test_the_nearest_stop_comes_first(self) -> None:
        """Two goods, two markets: the order of the goods does not matter."""
        markets = [
            market(self.FAR, self.listing("COPPER", TradeType.IMPORT, 50)),
            market(self.NEAR, self.listing("IRON", TradeType.IMPORT, 40)),
        ]
        laden = ship("S", cargo={"COPPER": 3, "IRON": 4})
        planned = plan_sale(laden, markets, self.CHART, SaleOrder())
        assert [(one.good, one.waypoint) for one in planned] == [("IRON", self.NEAR), ("COPPER", self.FAR)]

    def test_the_better_bid_is_worth_the_longer_way(self) -> None:
        """Among importers that were seen the bid decides."""
        markets = [
            market(self.NEAR, self.listing("IRON", TradeType.IMPORT, 40)),
            market(self.FAR, self.listing("IRON", TradeType.IMPORT, 41)),
        ]
        (planned,) = plan_sale(ship("S", cargo={"IRON": 4}), markets, self.CHART, SaleOrder())
        assert planned.waypoint == self.FAR

    def test_one_good_without_a_buyer_holds_the_whole_order_back(self) -> None:
        """It is named; --good sells the others."""
        markets = [market(self.NEAR, self.listing("IRON", TradeType.IMPORT, 40))]
        laden = ship("S", cargo={"IRON": 4, "JUNK": 1})
        with pytest.raises(UserError, match=r"No market of X1-W takes JUNK\."):
            plan_sale(laden, markets, self.CHART, SaleOrder())
        assert len(plan_sale(laden, markets, self.CHART, SaleOrder("IRON"))) == 1

    def test_the_nearest_unseen_importer_is_flown_to(self) -> None:
        """Whatever its name, and rather than to an exporter whose poor bid was seen."""
        iron = self.listing("IRON", TradeType.IMPORT, 1)
        markets = [
            market(self.FAR, iron, seen=None),
            market(self.NEAR, iron, seen=None),
            market("X1-W-O", self.listing("IRON", TradeType.EXPORT, 20)),
        ]
        (planned,) = plan_sale(ship("S", cargo={"IRON": 4}), markets, self.CHART, SaleOrder())
        assert (planned.waypoint, planned.expected) == (self.NEAR, None)

    def test_an_exporter_will_do_where_nobody_imports(self) -> None:
        """Its poor bid is the best there is."""
        markets = [market(self.NEAR, self.listing("IRON", TradeType.EXPORT, 20))]
        (planned,) = plan_sale(ship("S", cargo={"IRON": 4}), markets, self.CHART, SaleOrder())
        assert planned.waypoint == self.NEAR


class TestRefused:
    """An order that cannot be carried out gets one sentence, and nothing moves (L10)."""

    @staticmethod
    @pytest.mark.parametrize(
        ("cargo", "good", "at", "kind", "words"),
        [
            ({}, None, None, "precondition", "FACTORY-1 has nothing aboard."),
            (
                {"COPPER": 3},
                "IRON",
                None,
                "precondition",
                "FACTORY-1 carries no IRON; aboard are 3 COPPER.",
            ),
            ({"MOON_DUST": 3}, None, None, "precondition", "takes MOON_DUST."),
            ({"COPPER": 3}, None, "nowhere", "invalid", "is not a waypoint symbol"),
            ({"COPPER": 3}, None, "X1-ZZ9-A1", "invalid", "X1-ZZ9-A1 is not in "),
        ],
    )
    @in_virtual_time
    async def test_a_sale_in_vain_changes_nothing(
        clock: VirtualClock, cargo: dict[str, int], good: str | None, at: str | None, kind: str, words: str
    ) -> None:
        """No claim stays, no row is written, no ship leaves."""
        async with stage(clock) as one:
            player = await one.begin()
            for held, units in cargo.items():
                load(one, held, units)
            await one.application.find_markets(player.id, "COPPER", None)
            before = rows(one, *WORK)
            assert words in await refusal(one.application.sell(player.id, SHIP, good, at), kind)
            assert rows(one, *WORK) == before
            assert not [request for request in one.line.requests if request.endswith("/navigate")]

    @staticmethod
    @in_virtual_time
    async def test_a_market_that_does_not_trade_the_good_is_refused_before_the_flight(
        clock: VirtualClock,
    ) -> None:
        """So is a place that is no market."""
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 3)
            universe = one.world.universe
            trading = {place for kind in TradeType for place in places_with(one, kind, "ELECTRONICS")}
            other = next(symbol for symbol in universe.markets if symbol not in trading)
            sentence = await refusal(one.application.sell(player.id, SHIP, None, other), "precondition")
            assert sentence == f"{other} does not take ELECTRONICS."
            system = other.rpartition("-")[0]
            sentence = await refusal(
                one.application.sell(player.id, SHIP, None, f"{system}-NONE"), "not-found"
            )
            assert sentence == f"There is no market at {system}-NONE."

    @staticmethod
    @in_virtual_time
    async def test_an_importer_that_nobody_has_seen_is_asked_before_it_is_sold_to(
        clock: VirtualClock,
    ) -> None:
        """Neither the exporter's poor bid nor one below what was paid is taken unasked."""
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 3)
            importers = places_with(one, TradeType.IMPORT, "ELECTRONICS")
            await see(one, player, places_with(one, TradeType.EXPORT, "ELECTRONICS")[0])
            row = StockRow(player.id, SHIP, "ELECTRONICS", 3, 90_000, StockKind.LEFTOVER, "f", clock.now())
            await one.application.store.transact(lambda tx: tx.stock.keep(row))
            sentence = await refusal(one.application.sell(player.id, SHIP), "needs-confirmation")
            assert sentence.startswith("3 ELECTRONICS that cost 90,000 credits are to bring about ")
            assert one.trades.all == []
            sold = await one.application.sell(player.id, SHIP, confirmed=True)
            assert [(sale.waypoint, sale.units) for sale in sold.sold] == [(importers[0], 3)]

    @staticmethod
    @in_virtual_time
    async def test_a_ship_at_work_is_left_alone(clock: VirtualClock) -> None:
        """Its factory is named, and what ends it; the plan is refused alike."""
        async with stage(clock, ships=()) as one:
            player = await one.begin()
            factory_id = await one.produce(player, "ELECTRONICS")
            laden = await one.until(EventKind.LEG_LADEN)
            assert laden.ship is not None
            for order in (one.application.sell, one.application.plan_sale):
                sentence = await refusal(order(player.id, laden.ship), "precondition")
                assert sentence == (
                    f"{laden.ship} is at work for factory {factory_id}, which makes ELECTRONICS; to have it"
                    f" now, end that: `spacetraders goods stop {factory_id}`."
                )

    @staticmethod
    @in_virtual_time
    async def test_two_orders_for_one_ship_are_one_order(clock: VirtualClock) -> None:
        """The second one is told to wait and sells nothing."""
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 10)
            where = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            answers = await asyncio.gather(
                one.application.sell(player.id, SHIP, None, where),
                one.application.sell(player.id, SHIP, None, where),
                return_exceptions=True,
            )
            assert "is at work on another order by hand" in str(answers[1])
            assert sum(trade.units for trade in one.trades.all if trade.good == "ELECTRONICS") == 10
            await check_books(one, player)

    @staticmethod
    @in_virtual_time
    async def test_the_ship_of_another_player_does_not_exist(clock: VirtualClock) -> None:
        """Neither sold from nor planned for (L11)."""
        async with stage(clock) as one:
            await one.begin()
            other = await one.application.register_player("OTHER", one.world.universe.factions[0])
            for order in (one.application.sell, one.application.plan_sale):
                assert SHIP in await refusal(order(other.id, SHIP), "not-found")


class TestInterrupted:
    """An order that breaks off halfway."""

    @staticmethod
    @pytest.mark.parametrize("fate", [Fate.FAILS_BEFORE, Fate.FAILS_AFTER])
    @in_virtual_time
    async def test_an_answer_that_is_lost_is_looked_up_and_the_rest_sold(
        clock: VirtualClock, fate: Fate
    ) -> None:
        """A sale that happened is found out and the order goes on; one that did not ends the order.

        Nothing is sold twice (L1).
        """
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 40)
            where = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            one.line.disturb(r"POST .*/sell$", fate, nth=1)
            if fate is Fate.FAILS_BEFORE:
                with pytest.raises(Unavailable, match="did not happen"):
                    await one.application.sell(player.id, SHIP, None, where)
                assert one.intents()[-1]["state"] == "VOID"
            assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
            await one.application.sell(player.id, SHIP, None, where)
            assert sum(trade.units for trade in one.trades.all if trade.good == "ELECTRONICS") == 40
            await check_books(one, player)

    @staticmethod
    @in_virtual_time
    async def test_an_order_given_up_frees_the_ship_where_it_is(clock: VirtualClock) -> None:
        """No claim stays, and another order may follow at once."""
        async with stage(clock) as one:
            player = await one.begin()
            load(one, "ELECTRONICS", 5)
            where = places_with(one, TradeType.IMPORT, "ELECTRONICS")[0]
            order: asyncio.Task[Any] = asyncio.create_task(one.application.sell(player.id, SHIP, None, where))
            await clock.sleep(20)
            order.cancel()
            assert isinstance(
                (await asyncio.gather(order, return_exceptions=True))[0], asyncio.CancelledError
            )
            assert not [trade for trade in one.trades.all if trade.type == "SELL"]
            assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
            sale = await one.application.sell(player.id, SHIP, None, where)
            assert [sold.units for sold in sale.sold] == [5]
