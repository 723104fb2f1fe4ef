"""What is left after a factory was stopped, a token was missing, or a wish was strange."""

from tests.daemon.stage import Fate, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus, Terminal


@in_virtual_time
async def test_stopped_in_the_middle_of_a_purchase_the_books_still_balance(clock: VirtualClock) -> None:
    """The intent that a stop left open is looked at, though no leg of that ship ever follows (L3)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.line.disturb("/purchase$", Fate.FREEZES_AFTER)
        await one.line.frozen.wait()
        await one.application.stop_factory(player.id, factory)
        await clock.sleep(3600)
        await check_books(one, player)


@in_virtual_time
async def test_a_token_missing_for_one_start_loses_no_factory(clock: VirtualClock) -> None:
    """Started once without the token file and then given the token again, the factory goes on (L6)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_ASSIGNED)
        await one.application.stop()
        kept = {}
        for path in one.folder.rglob("*"):
            if path.is_file() and not path.name.startswith("goodsfactory.sqlite"):
                kept[path] = path.read_bytes()
                path.unlink()
        assert kept, list(one.folder.rglob("*"))
        await (await one.open()).start()
        await clock.sleep(60)
        await one.application.stop()
        for path, content in kept.items():
            path.write_bytes(content)
            path.chmod(0o600)
        await (await one.open()).start()
        report = await one.until_over(player, factory, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_output_is_not_dumped_at_a_crushed_price(clock: VirtualClock) -> None:
    """A lift that is sold loads no more than its sink pays for (economy.md §1.8)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "SHIP_PARTS", terminal=Terminal.SELL, units=80)
        await one.until_over(player, factory, hours=8)
        lifts = [leg for leg in await one.legs(factory) if leg.is_lift]
        assert all(leg.revenue >= leg.cost * 0.9 for leg in lifts), [
            (leg.bought, leg.cost, leg.delivered, leg.revenue) for leg in lifts
        ]
        trades = [e for e in await one.ledger(player) if e.good == "SHIP_PARTS"]
        for leg in lifts:
            sold = [e.unit_price for e in trades if e.leg_id == leg.id and e.amount > 0]
            bought = [e.unit_price for e in trades if e.leg_id == leg.id and e.amount < 0]
            assert min(sold) > max(bought), (sold, bought)
