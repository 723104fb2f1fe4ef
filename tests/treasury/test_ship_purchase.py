"""Every rule of the spend gate holds for a ship as for cargo, and the yard is chosen well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.daemon.refusals import refusal
from tests.daemon.stage import AGENT, Fate, Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.crew import Crew
from goodsfactory.domain.container import Claim
from goodsfactory.domain.errors import Fenced, Refused, SpendRefused
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.money import MoneyKind, subject_of
from goodsfactory.domain.player import Balance, Player
from goodsfactory.domain.shipyard import ShipyardSnapshot
from goodsfactory.fleet.pilot import Duty
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.spend_gate import SpendOrder

TYPE = "SHIP_LIGHT_SHUTTLE"
FLOOR = 5_000


@dataclass
class Counter:
    """A yard just looked at, the fleet held for one order, and an order that may be made."""

    stage: Stage
    player: Player
    crew: Crew
    price: int
    order: SpendOrder

    @property
    def worst(self) -> int:
        return -(-self.price * 105 // 100)

    async def keep_credits(self, credits: int) -> None:
        now = self.stage.clock.now()
        await self.stage.application.store.transact(
            lambda tx: tx.players.set_balance(self.player.id, Balance(credits, now))
        )

    async def refuses(self, order: SpendOrder, rule: str) -> None:
        """The order is refused by ``rule``; nothing was asked of the game, and nothing written but that."""
        with pytest.raises(SpendRefused) as caught:
            await self.crew.cashier.buy_ship(order)
        assert caught.value.rule == rule
        self.untouched()
        [event] = await self.stage.events(EventKind.SPEND_REFUSED)
        assert (event.message, event.data["rule"]) == (str(caught.value), rule)

    def untouched(self) -> None:
        assert self.stage.intents() == []
        assert "POST /v2/my/ships" not in self.stage.line.requests
        assert len(self.stage.world.fleets.of(self.stage.world.agents.find(AGENT))) == 7


@asynccontextmanager
async def counter(clock: VirtualClock, **flags: Any) -> AsyncIterator[Counter]:
    async with stage(clock, policy__credit_floor=FLOOR, **flags) as one:
        player = await one.begin()
        plan = await one.application.desks.yard.plan(player.id, TYPE)
        fleet = subject_of(MoneyKind.SHIP, player.id, None, None)
        claim = Claim(fleet, player.id, "a test", "a test", 0, clock.now())
        await one.application.store.transact(lambda tx: tx.claims.claim(claim))
        order = Duty(player.id, "a test", 0).order(None, MoneyKind.SHIP, TYPE, 1, plan.waypoint)
        yield Counter(one, player, one.application.roster.crew(player.id), plan.price, order)


@in_virtual_time
async def test_an_order_within_every_rule_is_bought(clock: VirtualClock) -> None:
    """The order that every other test spoils is a good one."""
    async with counter(clock) as desk:
        trade = await desk.crew.cashier.buy_ship(desk.order)
        assert trade.bought is not None
        assert (trade.good, trade.total, trade.bought.symbol) == (TYPE, desk.price, f"{AGENT}-8")
        assert trade.balance == desk.stage.credits


@in_virtual_time
async def test_a_ship_may_not_touch_the_floor(clock: VirtualClock) -> None:
    """One credit less above the floor than its worst case is too little."""
    async with counter(clock) as desk:
        await desk.keep_credits(FLOOR + desk.worst - 1)
        await desk.refuses(desk.order, "floor")


@in_virtual_time
async def test_exactly_the_worst_case_above_the_floor_is_enough(clock: VirtualClock) -> None:
    """The worst case of a ship is five per cent above the price seen: two sales to others."""
    async with counter(clock) as desk:
        await desk.keep_credits(FLOOR + desk.worst)
        assert (await desk.crew.cashier.buy_ship(desk.order)).total == desk.price


@in_virtual_time
async def test_a_purchase_on_the_wire_holds_its_worst_case_back(clock: VirtualClock) -> None:
    """Until its answer is here nobody else may spend it."""
    async with counter(clock) as desk:
        desk.stage.line.disturb(r"POST /v2/my/ships$", Fate.FREEZES_BEFORE)
        buying = asyncio.create_task(desk.crew.cashier.buy_ship(desk.order))
        await desk.stage.line.frozen.wait()
        reserved = await desk.stage.application.store.transact(lambda tx: tx.money.reserved(desk.player.id))
        assert reserved == desk.worst
        buying.cancel()
        await asyncio.gather(buying, return_exceptions=True)


@in_virtual_time
async def test_a_price_above_the_most_that_is_allowed_is_refused(clock: VirtualClock) -> None:
    """The price itself is allowed, one credit less is not."""
    async with counter(clock) as desk:
        await desk.refuses(replace(desk.order, ceiling=desk.price - 1), "ceiling")
        assert (await desk.crew.cashier.buy_ship(replace(desk.order, ceiling=desk.price))).bought


@in_virtual_time
async def test_a_price_older_than_its_window_is_not_spent_on(clock: VirtualClock) -> None:
    """After the price window the yard must be looked at again."""
    async with counter(clock, policy__price_window=120.0) as desk:
        await clock.sleep(121)
        await desk.refuses(desk.order, "price-age")


@pytest.mark.parametrize("change", [{"waypoint": "X1-NO1-A1"}, {"good": "SHIP_OF_DREAMS"}])
@in_virtual_time
async def test_a_price_that_was_never_seen_is_not_spent_on(
    clock: VirtualClock, change: dict[str, Any]
) -> None:
    """Neither at a yard nobody looked at, nor of a type that a look did not show."""
    async with counter(clock) as desk:
        await desk.refuses(replace(desk.order, **change), "price-unknown")


@in_virtual_time
async def test_a_type_whose_price_was_not_shown_is_not_bought(clock: VirtualClock) -> None:
    """From afar a yard tells its types and no prices: that is not a price of zero."""
    async with counter(clock) as desk:
        afar = ShipyardSnapshot("X1-AA1-B1", frozenset({TYPE}))
        await desk.stage.application.store.transact(lambda tx: tx.shipyards.save(afar))
        await desk.refuses(replace(desk.order, waypoint=afar.waypoint), "price-unknown")


@pytest.mark.parametrize(("units", "rule"), [(0, "units"), (-1, "units"), (2, "tranche")])
@in_virtual_time
async def test_one_ship_at_a_time(clock: VirtualClock, units: int, rule: str) -> None:
    """The game sells one a call; none and two are no purchase."""
    async with counter(clock) as desk:
        await desk.refuses(replace(desk.order, units=units), rule)


@in_virtual_time
async def test_without_a_known_balance_no_ship_is_bought(clock: VirtualClock) -> None:
    """A player whose credits were never read may not spend."""
    async with counter(clock) as desk:
        now = clock.now()

        def stranger(tx: Transaction) -> Player:
            other = tx.players.add(
                "STRANGER",
                universe="2026-01-01",
                reset_date="2026-01-01",
                base_url="https://sandbox/v2",
                headquarters="",
                now=now,
            )
            fleet = subject_of(MoneyKind.SHIP, other.id, None, None)
            tx.claims.claim(Claim(fleet, other.id, "a test", "a test", 0, now))
            return other

        other = await desk.stage.application.store.transact(stranger)
        with pytest.raises(SpendRefused) as caught:
            await desk.crew.cashier.buy_ship(replace(desk.order, player_id=other.id))
        assert caught.value.rule == "balance"
        desk.untouched()


@pytest.mark.parametrize("change", [{"container_id": "another"}, {"epoch": 1}])
@in_virtual_time
async def test_only_who_holds_the_fleet_buys_for_it(clock: VirtualClock, change: dict[str, Any]) -> None:
    """Another order, or an older one whose claim was freed, buys nothing (L5)."""
    async with counter(clock) as desk:
        with pytest.raises(Fenced, match="no longer holds fleet:1"):
            await desk.crew.cashier.buy_ship(replace(desk.order, **change))
        desk.untouched()


@in_virtual_time
async def test_what_the_game_refuses_costs_nothing_and_frees_its_reservation(clock: VirtualClock) -> None:
    """The last ship left the yard between look and purchase: VOID, and the credits are free again."""
    async with counter(clock) as desk:
        probe = next(ship for ship in desk.stage.world.fleets if ship.symbol == f"{AGENT}-2")
        desk.stage.world.fleets.remove(probe)
        with pytest.raises(Refused) as caught:
            await desk.crew.cashier.buy_ship(desk.order)
        assert caught.value.code == 4245
        assert [row["state"] for row in desk.stage.intents()] == ["VOID"]
        reserved = await desk.stage.application.store.transact(lambda tx: tx.money.reserved(desk.player.id))
        assert reserved == 0


class TestYard:
    """Where a ship is bought."""

    @staticmethod
    async def bring(one: Stage, player: Player, ship: str, waypoint: str) -> None:
        flight = await one.application.navigate(player.id, ship, waypoint)
        assert flight.nav.arrival is not None
        await one.clock.sleep((flight.nav.arrival - one.clock.now()).total_seconds() + 1)

    @staticmethod
    def yards_of(one: Stage, type_: str) -> dict[str, int]:
        """Yard → price, cheapest first."""
        yards = one.world.universe.shipyards
        found = {place: offer.price for place in yards for offer in yards[place] if offer.type == type_}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @staticmethod
    @in_virtual_time
    async def test_the_cheapest_yard_with_a_ship_of_ours_is_chosen(clock: VirtualClock) -> None:
        """Prices are looked at just before; a yard that is cheaper and out of sight does not count."""
        async with stage(clock) as one:
            player = await one.begin()
            (cheap, price), (dear, _) = TestYard.yards_of(one, "SHIP_PROBE").items()
            assert (await one.application.desks.yard.plan(player.id, "probe")).waypoint == dear
            await TestYard.bring(one, player, f"{AGENT}-2", cheap)
            await TestYard.bring(one, player, f"{AGENT}-3", dear)
            plan = await one.application.desks.yard.plan(player.id, "Probe")
            assert (plan.waypoint, plan.price, plan.present) == (cheap, price, f"{AGENT}-2")
            bought = await one.application.desks.yard.buy(player.id, "SHIP_PROBE", dear)
            assert bought.waypoint == dear

    @staticmethod
    @in_virtual_time
    async def test_a_type_sold_elsewhere_names_the_yard(clock: VirtualClock) -> None:
        """The sentence says where to bring a ship."""
        async with stage(clock) as one:
            player = await one.begin()
            [yard] = TestYard.yards_of(one, "SHIP_SIPHON_DRONE")
            desk = one.application.desks.yard
            sentence = await refusal(desk.plan(player.id, "siphon drone"), "precondition")
            assert (
                sentence == f"None of your ships is where a SHIP_SIPHON_DRONE is sold; bring one to {yard}:"
                f" `spacetraders ships go {AGENT}-1 {yard}`."
            )

    @staticmethod
    @in_virtual_time
    async def test_wishes_in_vain_get_a_sentence_and_change_nothing(clock: VirtualClock) -> None:
        """An unknown type, a place without a yard, without a ship of ours, and no place at all (L10)."""
        async with stage(clock) as one:
            player = await one.begin()
            desk = one.application.desks.yard
            home = one.world.universe.headquarters
            yard = next(iter(one.world.universe.shipyards))
            before = one.credits
            assert "did you mean SHIP_LIGHT_SHUTTLE" in await refusal(
                desk.buy(player.id, "light shutle"), "not-found"
            )
            assert "they sell SHIP_LIGHT_HAULER, " in await refusal(
                desk.buy(player.id, "death star"), "not-found"
            )
            assert await refusal(desk.buy(player.id, "probe", home), "not-found") == (
                f"There is no shipyard at {home}."
            )
            sold = "SHIP_LIGHT_HAULER, SHIP_LIGHT_SHUTTLE and SHIP_PROBE"
            assert await refusal(desk.buy(player.id, "surveyor", yard), "precondition") == (
                f"{yard} sells no SHIP_SURVEYOR; it sells {sold}."
            )
            other = next(place for place in one.world.universe.shipyards if place != yard)
            assert await refusal(desk.buy(player.id, "probe", other), "precondition") == (
                f"None of your ships is at {other}; one must be there to buy a ship:"
                f" `spacetraders ships go {AGENT}-1 {other}`."
            )
            await refusal(desk.buy(player.id, "probe", "moon"), "invalid")
            assert (one.intents(), one.credits) == ([], before)
