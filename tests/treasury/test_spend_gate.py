"""Every rule of the spend gate refuses alone, and a refusal leaves no trace but its event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.daemon.stage import Answer, Fate, Stage, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import ScaledClock, VirtualClock
from goodsfactory.daemon.crew import Crew
from goodsfactory.domain.container import Claim, Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Conflict, Fenced, Refused, SpendRefused
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import Listing
from goodsfactory.domain.money import Intent, MoneyKind
from goodsfactory.domain.player import Balance, Player
from goodsfactory.fleet.pilot import Duty
from goodsfactory.ports.game_api import Trade
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.spend_gate import SpendOrder

FLOOR = 5_000


@dataclass
class Desk:
    """A docked ship with a claim on it, before a market just looked at, and an order that may be made."""

    stage: Stage
    player: Player
    crew: Crew
    listing: Listing
    order: SpendOrder

    async def keep_credits(self, credits: int) -> None:
        balance = Balance(credits, self.stage.clock.now())
        await self._do(lambda tx: tx.players.set_balance(self.player.id, balance))

    async def _do(self, work: Any) -> None:
        await self.stage.application.store.transact(work)

    def intent(self, name: str, ship: str, *, reserved: int = 1) -> Intent:
        """An open purchase like the order's, of any ship."""
        return Intent(
            id=name,
            player_id=self.player.id,
            ship=ship,
            container_id="worker-2",
            kind=MoneyKind.PURCHASE,
            good=self.order.good,
            units=self.order.units,
            unit_price=self.listing.ask,
            waypoint=self.order.waypoint,
            reserved=reserved,
            units_before=0,
            credits_before=0,
            created_at=self.stage.clock.now(),
        )

    async def spend(self, order: SpendOrder) -> Trade:
        cashier = self.crew.cashier
        step = {
            MoneyKind.PURCHASE: cashier.buy,
            MoneyKind.REFUEL: cashier.refuel,
            MoneyKind.SALE: cashier.sell,
        }
        return await step[order.kind](order)

    async def refuses(self, order: SpendOrder, rule: str) -> SpendRefused:
        """The order is refused by ``rule``, and nothing was spent, reserved, asked or written down."""
        with pytest.raises(SpendRefused) as caught:
            await (self.crew.cashier.refuel if order.kind is MoneyKind.REFUEL else self.crew.cashier.buy)(
                order
            )
        assert caught.value.rule == rule
        await self.untouched()
        [event] = await self.stage.events(EventKind.SPEND_REFUSED)
        assert (event.message, event.data["rule"]) == (str(caught.value), rule)
        return caught.value

    async def untouched(self) -> None:
        assert self.stage.intents() == []
        assert self.stage.trades.all == []
        assert not [
            one for one in self.stage.line.requests if one.endswith(("/purchase", "/refuel", "/sell"))
        ]
        assert len(await self.stage.ledger(self.player)) == 1
        reserved = await self.stage.application.store.transact(lambda tx: tx.money.reserved(self.player.id))
        assert reserved == 0


@asynccontextmanager
async def desk_at_market(
    clock: VirtualClock, *, speed: float | None = None, **flags: Any
) -> AsyncIterator[Desk]:
    """With ``speed`` the application follows a server that says its time runs so fast."""
    async with stage(clock, **flags) as one:
        if speed is not None:
            one.watch = ScaledClock(start=clock.now(), monotonic=asyncio.get_running_loop().time)
            one.line.change("", lambda answer: answer.headers.update({"x-sandbox-speed": f"{speed}"}))
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        ship = (await one.application.ships(player.id))[0][0]
        now = clock.now()
        holder = Container("worker-1", ContainerType.WORKER, player.id, now, now)

        def hold(tx: Transaction) -> None:
            tx.containers.add(holder)
            tx.containers.begin(holder.id, now, restarted=False)
            assert tx.claims.claim(Claim(ship.symbol, player.id, holder.id, "a test", 1, now))

        await one.application.store.transact(hold)
        view = await crew.scout.look(ship.nav.waypoint)
        listing = view.snapshot.listing(FUEL)
        assert listing is not None
        order = SpendOrder(
            player_id=player.id,
            ship=ship.symbol,
            container_id=holder.id,
            epoch=1,
            kind=MoneyKind.PURCHASE,
            good=listing.good,
            units=min(listing.trade_volume, 5),
            waypoint=ship.nav.waypoint,
        )
        yield Desk(one, player, crew, listing, order)


@in_virtual_time
async def test_an_order_within_every_rule_is_bought(clock: VirtualClock) -> None:
    """The order that every other test spoils is a good one: it is paid, written down and settled."""
    async with desk_at_market(clock) as desk:
        trade = await desk.crew.cashier.buy(desk.order)
        assert (trade.good, trade.units) == (desk.order.good, desk.order.units)
        await check_books(desk.stage, desk.player)


@in_virtual_time
async def test_cargo_may_not_touch_the_floor(clock: VirtualClock) -> None:
    """One credit less above the floor than the worst case is too little."""
    async with desk_at_market(clock, policy__credit_floor=FLOOR) as desk:
        worst = -(-desk.listing.ask * 115 // 100) * desk.order.units
        await desk.keep_credits(FLOOR + worst - 1)
        refusal = await desk.refuses(desk.order, "floor")
        assert str(refusal).startswith("floor: ")


@in_virtual_time
async def test_a_balance_beyond_the_ledger_may_not_be_spent_yet(clock: VirtualClock) -> None:
    """One answer told it; what it holds beyond our own books counts once it is compared and booked."""
    async with desk_at_market(clock, policy__credit_floor=10_000_000) as desk:
        assert desk.stage.credits < 10_000_000
        await desk.keep_credits(1_000_000_000)
        refusal = await desk.refuses(desk.order, "floor")
        assert f", 0 of {desk.stage.credits:,} credits are free above the floor" in str(refusal)


@in_virtual_time
async def test_exactly_the_worst_case_above_the_floor_is_enough(clock: VirtualClock) -> None:
    """The floor is what stays, not what must stay and one more."""
    async with desk_at_market(clock, policy__credit_floor=FLOOR) as desk:
        worst = -(-desk.listing.ask * 115 // 100) * desk.order.units
        await desk.keep_credits(FLOOR + worst)
        assert (await desk.crew.cashier.buy(desk.order)).units == desk.order.units


@in_virtual_time
async def test_what_other_intents_reserve_is_not_free(clock: VirtualClock) -> None:
    """Two purchases at once cannot both count on the same credits."""
    async with desk_at_market(clock, policy__credit_floor=FLOOR) as desk:
        worst = -(-desk.listing.ask * 115 // 100) * desk.order.units
        await desk.keep_credits(FLOOR + 2 * worst - 1)
        other = desk.intent("intent-of-another", "FACTORY-2", reserved=worst)
        await desk.stage.application.store.transact(lambda tx: tx.money.open_intent(other))
        with pytest.raises(SpendRefused) as caught:
            await desk.crew.cashier.buy(desk.order)
        assert caught.value.rule == "floor"
        assert [row["id"] for row in desk.stage.intents()] == [other.id]
        assert desk.stage.trades.all == []


@in_virtual_time
async def test_a_purchase_on_the_wire_holds_its_worst_case_back(clock: VirtualClock) -> None:
    """Until its answer is here, ask and slack of every unit are nobody else's to spend."""
    async with desk_at_market(clock) as desk:
        desk.stage.line.disturb("/purchase$", Fate.FREEZES_BEFORE)
        buying = asyncio.create_task(desk.crew.cashier.buy(desk.order))
        await desk.stage.line.frozen.wait()
        reserved = await desk.stage.application.store.transact(lambda tx: tx.money.reserved(desk.player.id))
        assert reserved == -(-desk.listing.ask * 115 // 100) * desk.order.units
        buying.cancel()
        await asyncio.gather(buying, return_exceptions=True)


@pytest.mark.parametrize(("more", "rule"), [(1, "tranche"), (10_000, "tranche")])
@in_virtual_time
async def test_no_transaction_is_larger_than_the_trade_volume(
    clock: VirtualClock, more: int, rule: str
) -> None:
    """One unit above the trade volume is refused here, before the game would."""
    async with desk_at_market(clock) as desk:
        await desk.refuses(replace(desk.order, units=desk.listing.trade_volume + more), rule)


@pytest.mark.parametrize("units", [0, -3])
@in_virtual_time
async def test_a_purchase_of_nothing_is_refused(clock: VirtualClock, units: int) -> None:
    """Zero or negative units would reserve nothing or even give credits back."""
    async with desk_at_market(clock) as desk:
        await desk.refuses(replace(desk.order, units=units), "units")


@in_virtual_time
async def test_an_ask_above_the_ceiling_is_refused(clock: VirtualClock) -> None:
    """The ceiling is the highest ask that is paid."""
    async with desk_at_market(clock) as desk:
        await desk.refuses(replace(desk.order, ceiling=desk.listing.ask - 1), "ceiling")


@in_virtual_time
async def test_an_ask_at_the_ceiling_is_paid(clock: VirtualClock) -> None:
    """The ceiling itself is allowed."""
    async with desk_at_market(clock) as desk:
        trade = await desk.crew.cashier.buy(replace(desk.order, ceiling=desk.listing.ask))
        assert trade.unit_price == desk.listing.ask


@in_virtual_time
async def test_a_price_older_than_its_window_is_not_spent_on(clock: VirtualClock) -> None:
    """After the price window the market must be looked at again."""
    async with desk_at_market(clock, policy__price_window=120.0) as desk:
        await clock.sleep(121)
        refusal = await desk.refuses(desk.order, "price-age")
        assert str(refusal).endswith("is older than 2m00s")


@in_virtual_time
@pytest.mark.parametrize(("window", "speed", "too_fast"), [(1.0, 20.0, True), (120.0, 1.0, False)])
async def test_a_clock_too_fast_for_the_machine_is_told_with_its_remedy(
    clock: VirtualClock, window: float, speed: float, too_fast: bool
) -> None:
    """Prices that are old before anybody can buy at them: status, why and the factory say what to change.

    A price that nobody renewed in good time says nothing about the clock.
    """
    async with desk_at_market(clock, speed=speed, policy__price_window=window) as desk:
        application, player = desk.stage.application, desk.player
        factory = await desk.stage.produce(player, "IRON", exclude=(desk.order.ship,))
        await clock.sleep(window + 1)
        assert (await application.statistics())["troubles"] == []
        with pytest.raises(SpendRefused, match="is older than"):
            await desk.crew.cashier.buy(desk.order)
        troubles = (await application.statistics())["troubles"]
        report = await application.factory(player.id, factory)
        why = await application.insight.explanations.of_factory(player.id, factory, None)
        if not too_fast:
            assert (troubles, report.trouble, why.notes) == ([], None, [])
            return
        [told] = troubles
        assert (report.trouble, why.notes) == (told, [told])
        assert "clock is too fast for this machine" in told
        assert "Lower --speed" in told
        assert "raise policy.price_window from 1." in told


@in_virtual_time
async def test_a_window_too_short_on_a_server_at_the_pace_of_life_is_the_setting(clock: VirtualClock) -> None:
    """No other clock can be chosen there: the setting alone is named."""
    async with desk_at_market(clock, policy__price_window=1.0) as desk:
        await clock.sleep(2)
        with pytest.raises(SpendRefused, match="is older than"):
            await desk.crew.cashier.buy(desk.order)
        [told] = (await desk.stage.application.statistics())["troubles"]
        assert "Raise policy.price_window from 1." in told
        assert "sandbox" not in told


@in_virtual_time
async def test_a_market_never_looked_at_is_not_bought_from(clock: VirtualClock) -> None:
    """A waypoint without any stored price: unreadable means no."""
    async with desk_at_market(clock) as desk:
        await desk.refuses(replace(desk.order, waypoint="X1-NO1-A1"), "price-unknown")


@in_virtual_time
async def test_a_good_the_market_does_not_list_is_not_bought(clock: VirtualClock) -> None:
    """A fresh look without that good is no price of it."""
    async with desk_at_market(clock) as desk:
        await desk.refuses(replace(desk.order, good="JUMP_GATE_DREAMS"), "price-unknown")


def leave_out(answer: Answer) -> None:
    """One odd answer: nothing of fuel in it."""
    for name in ("exchange", "tradeGoods"):
        answer.body["data"][name] = [good for good in answer.body["data"][name] if good["symbol"] != FUEL]


@in_virtual_time
async def test_fuel_that_the_newest_look_left_out_is_looked_at_before_it_is_bought(
    clock: VirtualClock,
) -> None:
    """No ship waits until that look is old."""
    async with desk_at_market(clock) as desk:
        ship = next(iter(desk.stage.world.fleets))
        ship.fuel -= 150
        desk.stage.line.change("/market$", leave_out)
        await desk.crew.scout.look(desk.order.waypoint)
        desk.stage.line.change("/market$", None)
        observed = await desk.crew.pilot.observe(ship.symbol)
        await desk.crew.pilot.refuel(observed, Duty(desk.player.id, desk.order.container_id, 1))
        assert ship.fuel == observed.tank.capacity
        await check_books(desk.stage, desk.player)


@pytest.mark.parametrize("kind", [MoneyKind.PURCHASE, MoneyKind.REFUEL])
@in_virtual_time
async def test_the_price_of_a_good_that_a_look_leaves_out_is_not_known(
    clock: VirtualClock, kind: MoneyKind
) -> None:
    """The market was seen just now, its price minutes ago: it is refused, and is no sighting of today."""
    async with desk_at_market(clock) as desk:
        store, market = desk.stage.application.store, desk.order.waypoint
        await clock.sleep(600)
        desk.stage.line.change(f"/{market}/market$", leave_out)
        seen = await store.transact(lambda tx: tx.markets.history(market, FUEL))
        await desk.crew.scout.look(market)
        assert await store.transact(lambda tx: tx.markets.history(market, FUEL)) == seen
        await desk.refuses(replace(desk.order, kind=kind), "price-unknown")


@in_virtual_time
async def test_without_a_known_balance_nothing_is_bought(clock: VirtualClock) -> None:
    """A player whose credits were never read may not spend."""
    async with desk_at_market(clock) as desk:
        now = clock.now()
        stranger = await desk.stage.application.store.transact(
            lambda tx: tx.players.add(
                "STRANGER",
                universe="2026-01-01",
                reset_date="2026-01-01",
                base_url="https://sandbox/v2",
                headquarters="",
                now=now,
            )
        )
        with pytest.raises(SpendRefused) as caught:
            await desk.crew.cashier.buy(replace(desk.order, player_id=stranger.id))
        assert caught.value.rule == "balance"
        await desk.untouched()


@pytest.mark.parametrize("change", [{"container_id": "worker-2"}, {"epoch": 0}, {"epoch": 2}])
@pytest.mark.parametrize("kind", [MoneyKind.PURCHASE, MoneyKind.REFUEL, MoneyKind.SALE])
@in_virtual_time
async def test_only_the_holder_of_the_ship_in_its_epoch_moves_money(
    clock: VirtualClock, change: dict[str, Any], kind: MoneyKind
) -> None:
    """Another container, or an older or newer epoch of the same one, neither buys, sells nor refuels (L5)."""
    async with desk_at_market(clock) as desk:
        order = replace(desk.order, kind=kind, **change)
        cashier = desk.crew.cashier
        step = {
            MoneyKind.PURCHASE: cashier.buy,
            MoneyKind.REFUEL: cashier.refuel,
            MoneyKind.SALE: cashier.sell,
        }
        with pytest.raises(Fenced):
            await step[kind](order)
        await desk.untouched()


@in_virtual_time
async def test_a_ship_that_nobody_holds_spends_nothing(clock: VirtualClock) -> None:
    """Without a claim there is no right to act."""
    async with desk_at_market(clock) as desk:
        await desk.stage.application.store.transact(lambda tx: tx.claims.release_all("worker-1"))
        with pytest.raises(Fenced):
            await desk.crew.cashier.buy(desk.order)
        await desk.untouched()


@in_virtual_time
async def test_a_container_that_ended_spends_nothing(clock: VirtualClock) -> None:
    """Ending a container takes its ships, and with them its right to spend."""
    async with desk_at_market(clock) as desk:
        now = clock.now()
        await desk.stage.application.store.transact(
            lambda tx: tx.containers.end("worker-1", ContainerStatus.STOPPED, now)
        )
        with pytest.raises(Fenced):
            await desk.crew.cashier.buy(desk.order)
        await desk.untouched()


@in_virtual_time
async def test_fuel_may_use_the_floor(clock: VirtualClock) -> None:
    """With no more than the floor left, cargo is refused and the tank is filled all the same."""
    async with desk_at_market(clock, policy__credit_floor=1_000_000, credits=900_000) as desk:
        ship = next(iter(desk.stage.world.fleets))
        ship.fuel -= 150
        await desk.crew.pilot.observe(ship.symbol)
        await desk.refuses(desk.order, "floor")
        fuel = replace(desk.order, kind=MoneyKind.REFUEL, good=FUEL, units=2)
        trade = await desk.crew.cashier.refuel(fuel)
        assert trade.units == 2
        await check_books(desk.stage, desk.player)


@in_virtual_time
async def test_fuel_may_not_use_what_is_not_there(clock: VirtualClock) -> None:
    """The floor of a refuel is zero credits, not a debt."""
    async with desk_at_market(clock) as desk:
        await desk.keep_credits(10)
        await desk.refuses(replace(desk.order, kind=MoneyKind.REFUEL, good=FUEL, units=2), "floor")


@in_virtual_time
async def test_a_ship_with_an_open_intent_makes_no_second_money_step(clock: VirtualClock) -> None:
    """While it is not known whether the first one happened, the next one is a conflict."""
    async with desk_at_market(clock) as desk:
        unsettled = desk.intent("unsettled", str(desk.order.ship))
        await desk.stage.application.store.transact(lambda tx: tx.money.open_intent(unsettled))
        with pytest.raises(Conflict):
            await desk.crew.cashier.buy(desk.order)
        assert [row["id"] for row in desk.stage.intents()] == ["unsettled"]
        assert desk.stage.trades.all == []


@in_virtual_time
async def test_what_the_game_refuses_costs_nothing_and_frees_its_reservation(clock: VirtualClock) -> None:
    """A ship in orbit cannot buy: the intent is VOID, the ledger as before, the reservation gone."""
    async with desk_at_market(clock) as desk:
        await desk.crew.api.orbit(str(desk.order.ship))
        with pytest.raises(Refused) as caught:
            await desk.crew.cashier.buy(desk.order)
        assert caught.value.code == 4244
        assert [row["state"] for row in desk.stage.intents()] == ["VOID"]
        await check_books(desk.stage, desk.player)
        reserved = await desk.stage.application.store.transact(lambda tx: tx.money.reserved(desk.player.id))
        assert reserved == 0
