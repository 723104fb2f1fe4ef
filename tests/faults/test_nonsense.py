"""The server answers nonsense about one thing: it is told, nothing is believed of it, and the rest works."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.daemon.stage import AGENT, Answer, Fate, Stage, check_books, in_virtual_time, stage
from tests.faults.trial import GOOD, HOLD, INPUT, ONE_SHIP, cargo_bought, completes

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import SpendRule, Unavailable
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus, Terminal
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState


def listing_with(good: str, **odd: Any) -> Callable[[Answer], None]:
    """Changes one listing of every market that prices the good; None takes a key away."""

    def change(answer: Answer) -> None:
        for listing in answer.body.get("data", {}).get("tradeGoods", ()):
            if listing["symbol"] == good:
                listing |= odd
                for key in [key for key, value in odd.items() if value is None]:
                    del listing[key]

    return change


async def stored_listings(one: Stage, player: Player, good: str) -> list[Any]:
    """What the store knows of a good, now and in its history."""
    system = one.world.universe.headquarters.rsplit("-", 1)[0]
    markets = await one.application.store.transact(lambda tx: tx.markets.in_system(system))
    histories = await one.application.store.transact(
        lambda tx: [tx.markets.history(market.waypoint, good) for market in markets]
    )
    newest = [listing for market in markets if (listing := market.listing(good)) is not None]
    return [*newest, *(sighting.listing for history in histories for sighting in history)]


NONSENSE = [
    {"tradeVolume": 0},
    {"tradeVolume": None, "purchasePrice": -5},
    {"purchasePrice": 10**20},
    {"supply": "OVERFLOWING"},
    {"type": "LUXURY"},
]


@pytest.mark.parametrize("odd", NONSENSE, ids=lambda odd: next(iter(odd.items())).__repr__())
@in_virtual_time
async def test_a_listing_that_makes_no_sense_is_told_and_never_stored(
    clock: VirtualClock, odd: dict[str, Any]
) -> None:
    """While it lasts nodes say so; no worker crashes, and the factory completes once it is over."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        one.line.change("/market$", listing_with(INPUT, **odd))
        factory = await one.produce(player, GOOD)
        await clock.sleep(1800)
        report = await one.application.factory(player.id, factory)
        reasons = "; ".join(node.reason for node in report.nodes.values())
        assert f"the listing of {INPUT} cannot be understood" in reasons
        told = (await one.application.statistics())["game_unreadable"]
        assert any(INPUT in sentence for sentence in told)
        why = await one.application.insight.explanations.of_factory(player.id, factory, None)
        assert any(f"the listing of {INPUT} cannot be understood" in note for note in why.notes)
        assert await stored_listings(one, player, INPUT) == []
        assert await one.events(EventKind.CONTAINER_CRASHED) == []
        looks = await one.events(EventKind.MARKET_OBSERVED)
        assert len(looks) < 60
        one.line.change("/market$", None)
        await completes(one, player, factory)
        assert all(listing.trade_volume > 0 for listing in await stored_listings(one, player, INPUT))


@in_virtual_time
async def test_prices_that_are_missing_where_a_ship_is_are_told_and_asked_for_more_rarely(
    clock: VirtualClock,
) -> None:
    """No prices at all, for half an hour: the reason names the ship, and nobody looks every few seconds."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def bare(answer: Answer) -> None:
            answer.body.get("data", {}).pop("tradeGoods", None)

        one.line.change("/market$", bare)
        factory = await one.produce(player, GOOD)
        await clock.sleep(3600)
        report = await one.application.factory(player.id, factory)
        reasons = "; ".join(node.reason for node in report.nodes.values())
        assert "it shows no prices although FACTORY-" in reasons
        assert len(await one.events(EventKind.MARKET_OBSERVED)) < 60
        one.line.change("/market$", None)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_market_that_refuses_every_look_is_asked_more_and_more_rarely(clock: VirtualClock) -> None:
    """An hour of no: its nodes say so, few looks are wasted, and work goes on when it answers again."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        asked = []

        def no(answer: Answer) -> None:
            asked.append(clock.now())
            answer.status, answer.body = 400, {"error": {"code": 4000, "message": "not today"}}

        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        one.line.change("/market$", no)
        await clock.sleep(3600)
        nodes = (await one.application.factory(player.id, factory)).nodes.values()
        assert any("not today" in node.reason for node in nodes)
        assert 0 < len(asked) < 40
        one.line.change("/market$", None)
        await completes(one, player, factory)


@pytest.mark.parametrize("moment", [EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_a_price_that_a_voyage_never_sees_is_asked_for_more_and_more_rarely(
    clock: VirtualClock, moment: EventKind
) -> None:
    """A ship that has bought nothing is freed and another source sought, a laden one keeps its leg.

    Nodes say what they wait for.
    """
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        event = await one.until(moment)
        laden, good = moment is EventKind.LEG_LADEN, str(event.good)
        [leg] = [leg for leg in await one.legs(factory) if leg.id == event.data["leg_id"]]
        where = leg.destination if laden else leg.source
        asked = []

        def left_out(answer: Answer) -> None:
            asked.append(clock.now())
            listed = answer.body.get("data", {}).get("tradeGoods", ())
            answer.body["data"]["tradeGoods"] = [one for one in listed if one["symbol"] != good]

        one.line.change(f"/{where}/market$", left_out)
        told, reasons = set(), set()
        for _ in range(360):
            await clock.sleep(10)
            [leg] = [leg for leg in await one.legs(factory) if leg.id == event.data["leg_id"]]
            node = (await one.application.factory(player.id, factory)).nodes[leg.good]
            told.add((leg.rule, leg.failure, leg.state.is_open, node.state))
            reasons.add(node.reason)
        hidden = f"{where} does not show its price of {good}."
        waits = NodeState.WAITING_PRICE if laden else NodeState.WAITING_SOURCE
        why = hidden.rstrip(".") if laden else f"{where}: {good} has no price"
        assert (SpendRule.PRICE_UNKNOWN, hidden, laden, waits) in told
        assert any(why in reason for reason in reasons)
        assert 0 < len(asked) < 30
        one.line.change(f"/{where}/market$", None)
        await completes(one, player, factory)


@in_virtual_time
async def test_odd_lines_of_a_markets_history_hide_no_price(clock: VirtualClock) -> None:
    """A receipt without units, one of the year 2099 and one that is no object: the factory completes."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def odd(answer: Answer) -> None:
            lines = answer.body.get("data", {}).get("transactions")
            if lines is not None:
                lines[:0] = [{"units": None}, 7, {"timestamp": "2099-01-01T00:00:00Z"}]

        one.line.change("/market$", odd)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_line_of_a_markets_history_that_contradicts_itself_settles_no_trade(
    clock: VirtualClock,
) -> None:
    """No answer to a sale is heard, and the history says 40 units for nothing: the balance tells."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def free(answer: Answer) -> None:
            for line in answer.body.get("data", {}).get("transactions", ()):
                line["pricePerUnit"] = 0

        one.line.change("/sell$", page)
        one.line.change("/market$", free)
        factory = await one.produce(player, GOOD, terminal=Terminal.SELL)
        report = await one.until_over(player, factory, hours=8)
        assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
        sold = [row for row in await one.ledger(player) if row.kind is MoneyKind.SALE]
        assert sold
        assert all(row.unit_price for row in sold)
        await check_books(one, player)


def page(answer: Answer) -> None:
    """A machine in front of the game lost its patience after the game had done its work."""
    answer.status, answer.headers, answer.body = 408, {"content-type": "text/html"}, b"<h1>Timeout</h1>"


def bare_json(answer: Answer) -> None:
    answer.status, answer.body = 409, {"message": "Conflict", "statusCode": 409}


def forbidden(answer: Answer) -> None:
    answer.status, answer.headers, answer.body = 403, {"content-type": "text/html"}, b"<h1>Forbidden</h1>"


def limited(answer: Answer) -> None:
    answer.status, answer.headers, answer.body = 429, {"content-type": "text/html"}, b"<h1>Slow down</h1>"


def senseless(answer: Answer) -> None:
    answer.body = {"data": {"agent": {"credits": "many"}, "cargo": None, "transaction": []}}


def another(answer: Answer) -> None:
    answer.body["data"]["transaction"] |= {"units": 1}


@pytest.mark.parametrize("answered", [page, bare_json, forbidden, limited, senseless, another])
@in_virtual_time
async def test_a_purchase_is_looked_at_unless_the_game_itself_says_no(
    clock: VirtualClock, answered: Callable[[Answer], None]
) -> None:
    """Every first answer to a purchase is another's word: each hold is paid once, and the books are right."""
    async with stage(clock, ships=ONE_SHIP, policy__outside_spending="book") as one:
        player = await one.begin()
        purchases: list[int] = []

        def change(answer: Answer) -> None:
            purchases.append(answer.status)
            if len(purchases) % 2 and answer.status == 201:
                answered(answer)

        one.line.change("/purchase$", change)
        factory = await one.produce(player, GOOD)
        report = await one.until_over(player, factory, hours=8)
        assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
        assert cargo_bought(one) == {INPUT: HOLD, GOOD: HOLD}
        assert purchases
        await check_books(one, player)


@in_virtual_time
async def test_a_look_that_is_refused_tells_nothing_of_the_refuel_it_was_to_settle(
    clock: VirtualClock,
) -> None:
    """The tank is full, nobody said so, and the purse is told "in transit": the ship stays until it is known.

    A ship that flew meanwhile would have less fuel than before, and the refuel would count as never made.
    """
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        refuels: list[int] = []
        refused: list[int] = []

        def unheard(answer: Answer) -> None:
            if answer.status == 200:
                refuels.append(answer.status)
                senseless(answer)

        def in_transit(answer: Answer) -> None:
            if len(refused) < len(refuels):
                refused.append(answer.status)
                answer.status, answer.body = 400, {"error": {"code": 4214, "message": "in transit"}}

        one.line.change("/refuel$", unheard)
        one.line.change("/my/agent$", in_transit)
        factory = await one.produce(player, GOOD)
        report = await one.until_over(player, factory, hours=8)
        assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
        assert refused
        await check_books(one, player)


@pytest.mark.parametrize("listed", [True, False])
@in_virtual_time
async def test_a_refuel_nobody_heard_of_is_as_much_as_was_paid_for(clock: VirtualClock, listed: bool) -> None:
    """The gauge was told as empty: so much was not bought, as the market's list says, or else the balance."""
    async with stage(clock) as one:
        player = await one.begin()
        ship = next(ship for ship in one.world.fleets if ship.symbol == f"{AGENT}-1")
        ship.fuel -= 150

        def empty(answer: Answer) -> None:
            if ship.fuel < ship.type.fuel_capacity:
                answer.body["data"]["fuel"]["current"] = 0

        def unlisted(answer: Answer) -> None:
            if not listed:
                answer.body["data"]["transactions"] = []

        one.line.change(f"/my/ships/{ship.symbol}$", empty)
        one.line.change("/market$", unlisted)
        one.line.change("/refuel$", page)
        await one.application.refuel(player.id, ship.symbol)
        assert ship.fuel == ship.type.fuel_capacity
        [row] = [row for row in await one.ledger(player) if row.kind is MoneyKind.REFUEL]
        assert row.units == 2
        await check_books(one, player)


@in_virtual_time
async def test_a_wrong_gauge_makes_no_refuel_of_one_that_never_was(clock: VirtualClock) -> None:
    """The tank was told as empty, and the request failed on its way: that it is not empty proves nothing."""
    async with stage(clock) as one:
        player = await one.begin()
        ship = next(ship for ship in one.world.fleets if ship.symbol == f"{AGENT}-1")
        ship.fuel -= 150
        refuel = one.line.disturb("/refuel$", Fate.FAILS_BEFORE)

        def empty(answer: Answer) -> None:
            if not refuel.seen:
                answer.body["data"]["fuel"]["current"] = 0

        one.line.change(f"/my/ships/{ship.symbol}$", empty)
        with pytest.raises(Unavailable, match="did not happen"):
            await one.application.refuel(player.id, ship.symbol)
        await check_books(one, player)


@in_virtual_time
async def test_a_refuel_that_lands_late_beside_a_wrong_gauge_is_waited_for(clock: VirtualClock) -> None:
    """The first look shows a tank that is fuller than was told, and no payment: it may come yet."""
    async with stage(clock) as one:
        player = await one.begin()
        ship = next(ship for ship in one.world.fleets if ship.symbol == f"{AGENT}-1")
        ship.fuel -= 150
        refuel = one.line.disturb("/refuel$", Fate.LANDS_LATE)

        def empty(answer: Answer) -> None:
            if not refuel.seen:
                answer.body["data"]["fuel"]["current"] = 0

        one.line.change(f"/my/ships/{ship.symbol}$", empty)
        await one.application.refuel(player.id, ship.symbol)
        assert ship.fuel == ship.type.fuel_capacity
        await check_books(one, player)


@in_virtual_time
async def test_one_wrong_gauge_does_not_call_a_refuel_undone(clock: VirtualClock) -> None:
    """Nobody heard of it, for a minute no look gets through, and the first that does tells an empty tank."""
    async with stage(clock) as one:
        player = await one.begin()
        ship = next(ship for ship in one.world.fleets if ship.symbol == f"{AGENT}-1")
        ship.fuel -= 150
        looks = []

        def gauge(answer: Answer) -> None:
            if ship.fuel < ship.type.fuel_capacity:
                return
            looks.append(clock.now())
            if len(looks) <= 3:
                page(answer)
            elif len(looks) == 4:
                answer.body["data"]["fuel"]["current"] = 0

        one.line.change(f"/my/ships/{ship.symbol}$", gauge)
        one.line.change("/refuel$", page)
        await one.application.refuel(player.id, ship.symbol)
        assert len(looks) > 4
        await check_books(one, player)


@in_virtual_time
async def test_one_wrong_manifest_writes_no_cargo_off(clock: VirtualClock) -> None:
    """The voyage begins anew, and the first look tells of another good aboard: the second one counts."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        laden = await one.until(EventKind.LEG_LADEN)
        docks: list[int] = []
        looks: list[int] = []

        def in_vain(answer: Answer) -> None:
            if not looks:
                page(answer)
            docks.append(answer.status)

        def other(answer: Answer) -> None:
            if docks and not looks:
                answer.body["data"]["cargo"]["inventory"][0]["symbol"] = "OVERFLOWING"
                looks.append(answer.status)

        one.line.change("/dock$", in_vain)
        one.line.change(f"/my/ships/{laden.ship}$", other)
        await completes(one, player, factory)
        assert looks
        assert await one.events(EventKind.CARGO_LOST) == []


@in_virtual_time
async def test_an_arrival_in_2099_does_not_keep_a_ship_for_ever(clock: VirtualClock) -> None:
    """The ship is read once the longest possible flight is over."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def far(answer: Answer) -> None:
            if answer.status == 200:
                answer.body["data"]["nav"]["route"]["arrival"] = "2099-01-01T00:00:00.000Z"

        one.line.change("/navigate$", far)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory, hours=12)


@pytest.mark.parametrize("told", ["7200", "80000", "1e308", "-3", "nan", "soon", None])
@in_virtual_time
async def test_a_limit_is_waited_for_in_minutes_probed_and_shown(
    clock: VirtualClock, told: str | None
) -> None:
    """A machine in front of the game answers 429 to everything for twelve minutes, and asks for hours."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await clock.sleep(60)

        def slow_down(answer: Answer) -> None:
            limited(answer)
            if told is not None:
                answer.headers["retry-after"] = told

        one.line.change(".", slow_down)
        before = len(one.line.requests)
        await clock.sleep(660)
        numbers = await one.application.statistics()
        assert str(numbers["game_trouble"]).startswith("Rate limited until ")
        assert numbers["requests_limited_until"] is not None
        report = await one.application.factory(player.id, factory)
        assert any("Rate limited until " in node.reason for node in report.nodes.values())
        assert len(one.line.requests) - before < 40
        await clock.sleep(60)
        one.line.change(".", None)
        await clock.sleep(400)
        assert (await one.application.statistics())["game_trouble"] is None
        await completes(one, player, factory)


@in_virtual_time
async def test_a_503_that_asks_for_a_day_is_tried_again_in_minutes(clock: VirtualClock) -> None:
    """One navigate is answered so: the ship does not sleep for 22 hours."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        flights: list[int] = []

        def busy(answer: Answer) -> None:
            flights.append(answer.status)
            if len(flights) == 1:
                answer.status, answer.body = 503, {"error": {"message": "Busy.", "code": 503}}
                answer.headers["retry-after"] = "80000"

        one.line.change("/FACTORY-1/navigate$", busy)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory, hours=4)


@pytest.mark.parametrize("body", [{}, {"status": "maintenance"}, {"resetDate": None}])
@in_virtual_time
async def test_a_status_without_a_date_is_no_reset(clock: VirtualClock, body: dict[str, Any]) -> None:
    """Work goes on, and nothing is said to have ended."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)

        def undated(answer: Answer) -> None:
            answer.body = body

        def refused(answer: Answer) -> None:
            answer.status, answer.body = 401, {"error": {"message": "Token mismatch.", "code": 4113}}

        one.line.change("GET /v2/$", undated)
        one.line.change("/my/", refused)
        await clock.sleep(300)
        one.line.change("/my/", None)
        await clock.sleep(300)
        one.line.change("GET /v2/$", None)
        assert await one.events(EventKind.UNIVERSE_RESET, EventKind.FACTORY_FAILED) == []
        await completes(one, player, factory)


@in_virtual_time
async def test_what_the_game_says_is_printable(clock: VirtualClock) -> None:
    """Escape sequences and marks that turn a line round reach neither a reason nor an event."""
    nasty = "\x1b[2J\x1b]0;owned\x07 \u202egnorw\u202c Caf\u00e9" + "!" * 5000
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def shouting(answer: Answer) -> None:
            answer.status = 400
            answer.body = {"error": {"message": nasty, "code": 4604, "data": {nasty: nasty}}}

        one.line.change("/purchase$", shouting)
        factory = await one.produce(player, GOOD)
        await clock.sleep(1800)
        report = await one.application.factory(player.id, factory)
        events = await one.events()
        shown = str(report.to_json()) + "".join(event.message + str(event.data) for event in events)
        assert "gnorw Café" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "!" * 400 not in shown


@pytest.mark.parametrize("odd", [{"cargo": {"capacity": 0, "units": 0, "inventory": None}}, {"fuel": 1.5}])
@in_virtual_time
async def test_one_ship_that_makes_no_sense_at_the_start_harms_only_itself(
    clock: VirtualClock, odd: dict[str, Any]
) -> None:
    """The daemon starts, says which ship is set aside, and the other one does the work."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.kill()
        await clock.sleep(61)  # the game's own windows: a new process does not know what the old one used

        def strange(answer: Answer) -> None:
            found = answer.body.get("data")
            for ship in found if isinstance(found, list) else [found]:
                if isinstance(ship, dict) and ship.get("symbol") == "FACTORY-2":
                    ship |= odd

        one.line.change("GET /v2/my/ships", strange)
        application = await one.open()
        await application.start()
        told = (await application.statistics())["game_unreadable"]
        assert any("FACTORY-2 cannot be understood" in sentence for sentence in told)
        await completes(one, player, factory)
