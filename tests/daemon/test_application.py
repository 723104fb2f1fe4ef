"""Wishes that cannot be, files that cannot be used, and a universe that ends (L10, L14)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.refusals import WORK, other_token, refusal, rows
from tests.daemon.stage import Fate, Stage, in_virtual_time, stage
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

RESET = (
    "The universe was reset: the work of FACTORY has ended, its history is kept. Register it again"
    " with `spacetraders player register FACTORY`."
)


def reset(one: Stage) -> World:
    """The universe ends and another begins a week later, behind the same address."""
    later = one.clock.now() + timedelta(days=7)
    world = World(generate_universe(9, epoch=later), now=lambda: one.clock.now() + timedelta(days=7), seed=9)
    one.line.serve(create_app(world))
    return world


class TestWishesInVain:
    """A factory that cannot be gets one sentence and leaves no trace (L10)."""

    @staticmethod
    @pytest.mark.parametrize(
        ("good", "system", "request_", "kind", "words"),
        [
            ("ADVANCED_CIRCUTRY", None, {}, None, "ADVANCED_CIRCUITRY"),
            ("NONSENSE", None, {}, None, "NONSENSE"),
            ("IRON", "X1-ZZ999", {}, "not-found", "X1-ZZ999"),
            ("IRON", None, {"ships": ("STRANGER-1",)}, "not-found", "STRANGER-1"),
            ("IRON", None, {"exclude": ("FACTORY-99",)}, "not-found", "FACTORY-99"),
        ],
    )
    @in_virtual_time
    async def test_a_wish_in_vain_changes_nothing(
        clock: VirtualClock, good: str, system: str | None, request_: Any, kind: str | None, words: str
    ) -> None:
        """Unknown good (with what was meant), unknown system, foreign ship: one sentence, no row."""
        async with stage(clock) as one:
            player = await one.begin()
            other_token(one, "STRANGER")
            await clock.sleep(1)
            before = rows(one, *WORK)
            with pytest.raises(UserError) as caught:
                await one.application.start_factory(player.id, good, system, fabricating(**request_))
            assert words in str(caught.value)
            assert kind in (None, caught.value.kind)
            assert rows(one, *WORK) == before

    @staticmethod
    @in_virtual_time
    async def test_a_server_that_does_not_answer_starts_no_factory(clock: VirtualClock) -> None:
        """Unavailable, and no half-made factory is left."""
        async with stage(clock) as one:
            player = await one.begin()
            await clock.sleep(1)
            before = rows(one, *WORK)
            one.line.disturb("/waypoints", Fate.FAILS_BEFORE, on=True)
            with pytest.raises(Unavailable):
                await one.produce(player, "IRON")
            assert rows(one, *WORK) == before

    @staticmethod
    @in_virtual_time
    async def test_a_factory_that_is_over_is_not_stopped_again(clock: VirtualClock) -> None:
        """The sentence says what it is already."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "IRON")
            await one.application.stop_factory(player.id, factory)
            sentence = await refusal(one.application.stop_factory(player.id, factory), "precondition")
            assert "STOPPED" in sentence

    @staticmethod
    @in_virtual_time
    async def test_stopping_a_factory_at_work_frees_all_its_ships(clock: VirtualClock) -> None:
        """No claim, no running container and no open leg of it are left (L2)."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS")
            await one.until(EventKind.LEG_LADEN)
            report = await one.application.stop_factory(player.id, factory)
            assert report.factory.status is FactoryStatus.STOPPED
            assert [leg for leg in report.legs if leg.state.is_open] == []
            running = await one.application.containers(player.id, ContainerStatus.RUNNING)
            assert [container for container in running if container.metadata.get("factory_id")] == []
            holders = {claim.container_id for _, claim in await one.application.ships(player.id) if claim}
            assert holders <= {container.id for container in running}


class TestFiles:
    """Files that cannot be used are named, and the application is not built."""

    @staticmethod
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("{", "recipes.json"),
            ("[]", "recipes.json"),
            ('{"exportToImportMap": {"IRON": "IRON_ORE"}}', "recipes.json"),
            (None, "cannot be read"),
        ],
    )
    @in_virtual_time
    async def test_a_recipe_file_that_cannot_be_used_is_named(
        clock: VirtualClock, content: str | None, words: str
    ) -> None:
        """Missing or malformed: the sentence has its path, and no database is made."""
        async with stage(clock) as one:
            file = one.folder / "recipes.json"
            if content is not None:
                file.write_text(content)
            sentence = await refusal(one.open(supply_chain_path=str(file)), "invalid")
            assert words in sentence
            assert str(file) in sentence
            assert not (one.folder / "goodsfactory.sqlite").exists()

    @staticmethod
    @in_virtual_time
    async def test_a_database_that_cannot_be_made_is_named(clock: VirtualClock) -> None:
        """A path below a file: one sentence with the path."""
        async with stage(clock) as one:
            (one.folder / "occupied").write_text("a file")
            place = one.folder / "occupied" / "goodsfactory.sqlite"
            with pytest.raises(UserError) as caught:
                await one.open(database=str(place))
            assert str(Path(place)) in str(caught.value)


class TestReset:
    """The universe ends (L14)."""

    @staticmethod
    @in_virtual_time
    async def test_a_reset_under_way_fails_the_factory_with_a_clear_sentence(clock: VirtualClock) -> None:
        """The old token is refused: work stops, it is told what to do, history stays."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS")
            await one.until(EventKind.LEG_LADEN)
            trades = len(one.trades.all)
            reset(one)
            report = await one.until_over(player, factory)
            assert report.factory.status is FactoryStatus.FAILED
            assert report.factory.error == RESET
            assert len(one.trades.all) == trades
            await clock.sleep(3600)
            requests = len(one.line.requests)
            await clock.sleep(3600)
            assert len(one.line.requests) - requests < 10
            assert len(await one.ledger(player)) > 1

    @staticmethod
    @in_virtual_time
    async def test_a_start_after_a_reset_does_no_work_of_the_old_universe(clock: VirtualClock) -> None:
        """The daemon starts, asks nothing for the old agent, and lets its name be registered again."""
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS")
            await one.until(EventKind.LEG_LADEN)
            await one.application.stop()
            world = reset(one)
            asked = len(one.line.requests)
            application = await one.open()
            _, told = await application.start()
            assert "universe was reset" in told[0]
            assert "register FACTORY" in told[0]
            await clock.sleep(600)
            running = await application.containers(player.id, ContainerStatus.RUNNING)
            assert [container.id for container in running] == []
            assert not [request for request in one.line.requests[asked:] if "/my/" in request]
            again = await application.register_player("FACTORY", world.universe.factions[0])
            assert again.id != player.id
            assert again.reset_date != player.reset_date
            assert len(await one.ledger(player)) > 1
            old = (await application.factory(player.id, factory)).factory
            assert (old.status, old.error) == (FactoryStatus.FAILED, RESET)
