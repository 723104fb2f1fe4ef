"""Player A neither sees nor moves what is B's (L11)."""

from tests.daemon.refusals import other_token, refusal
from tests.daemon.stage import in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus


class TestIsolation:
    """Player A neither sees nor moves what is B's (L11)."""

    @staticmethod
    @in_virtual_time
    async def test_what_is_of_another_player_does_not_exist(clock: VirtualClock) -> None:
        """Factory and ship of A are unknown to B in every question, and stay as they are."""
        async with stage(clock) as one:
            a = await one.begin()
            b = await one.application.add_player(other_token(one, "STRANGER"))
            application = one.application
            factory = await one.produce(a, "IRON")
            await one.until(EventKind.LEG_ASSIGNED)
            ship = "FACTORY-1"
            for asked in (
                application.factory(b.id, factory),
                application.stop_factory(b.id, factory),
                application.ship(b.id, ship),
                application.explain_ship(b.id, ship, None),
                application.explain_ship(b.id, "STRANGER-1", factory),
                application.navigate(b.id, ship, one.world.universe.headquarters),
                application.dock(b.id, ship),
                application.orbit(b.id, ship),
                application.refuel(b.id, ship),
            ):
                await refusal(asked, "not-found")
            assert await application.factories(b.id, ()) == []
            assert {ship.symbol.split("-")[0] for ship, _ in await application.ships(b.id)} == {"STRANGER"}
            assert list(await application.events(b.id, factory, 0, 1000)) == []
            report = await one.until_over(a, factory)
            assert report.factory.status is FactoryStatus.COMPLETED
            assert {
                leg.ship for leg in report.legs if leg.ship and not leg.ship.startswith("FACTORY-")
            } == set()

    @staticmethod
    @in_virtual_time
    async def test_two_players_produce_side_by_side_with_their_own_books(clock: VirtualClock) -> None:
        """Each ledger equals its own player's balance (L3)."""
        async with stage(clock) as one:
            a = await one.begin()
            b = await one.application.add_player(other_token(one, "STRANGER"))
            started = [(player, await one.produce(player, "IRON")) for player in (a, b)]
            for player, factory in started:
                report = await one.until_over(player, factory)
                assert report.factory.status is FactoryStatus.COMPLETED
                agent = one.world.agents.find(player.agent_symbol)
                assert sum(entry.amount for entry in await one.ledger(player)) == agent.credits
                own = {entry.ship.split("-")[0] for entry in await one.ledger(player) if entry.ship}
                assert own == {player.agent_symbol}

    @staticmethod
    @in_virtual_time
    async def test_a_ship_at_work_is_not_moved_by_hand(clock: VirtualClock) -> None:
        """The owner is told for which factory it works; the ship is not touched."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "IRON")
            assigned = await one.until(EventKind.LEG_ASSIGNED)
            ship = str(assigned.ship)
            requests = len(one.line.requests)
            sentence = await refusal(one.application.orbit(player.id, ship), "precondition")
            assert factory in sentence
            assert not [one_ for one_ in one.line.requests[requests:] if one_.endswith(f"{ship}/orbit")]
