"""Players as the application knows them: registered, added, chosen, refused."""

import re

import pytest
from tests.daemon.refusals import kept_tokens, other_token, refusal
from tests.daemon.stage import Fate, in_virtual_time, stage
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, UserError
from goodsfactory.domain.factory import FactoryStatus


class TestPlayers:
    """Who this daemon works for."""

    @staticmethod
    @in_virtual_time
    async def test_the_first_player_is_the_default(clock: VirtualClock) -> None:
        """No id and no name mean the first one registered, until another is chosen."""
        async with stage(clock) as one:
            first = await one.begin()
            second = await one.application.add_player(other_token(one, "SECOND"))
            assert await one.application.resolve_player(None, None) == first
            assert await one.application.resolve_player(0, "") == first
            chosen = await one.application.use_player("second")
            assert (chosen.id, chosen.is_default) == (second.id, True)
            assert await one.application.resolve_player(None, None) == chosen

    @staticmethod
    @in_virtual_time
    async def test_without_players_the_sentence_says_how_to_get_one(clock: VirtualClock) -> None:
        """Nothing can be resolved before there is a player."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            assert "player register" in await refusal(application.resolve_player(None, None), "precondition")

    @staticmethod
    @in_virtual_time
    async def test_an_unknown_player_is_refused_with_those_there_are(clock: VirtualClock) -> None:
        """By id and by name, and the sentence names who is known."""
        async with stage(clock) as one:
            player = await one.begin()
            for asked in (
                one.application.resolve_player(99, None),
                one.application.resolve_player(None, "nobody"),
                one.application.use_player("NOBODY"),
            ):
                sentence = await refusal(asked, "not-found")
                assert f"FACTORY ({player.id})" in sentence

    @staticmethod
    @pytest.mark.parametrize("agent", ["", "AB", "A" * 15, "HAS SPACE", "ÄRGER", "semi;colon"])
    @in_virtual_time
    async def test_an_impossible_call_sign_is_not_even_asked_for(clock: VirtualClock, agent: str) -> None:
        """Refused here, without a request, a player or a token."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            await refusal(application.register_player(agent, "COSMIC"), "invalid")
            assert not [request for request in one.line.requests if "register" in request]
            assert (await application.players(), kept_tokens(one)) == ([], "")

    @staticmethod
    @in_virtual_time
    async def test_a_taken_call_sign_changes_nothing(clock: VirtualClock) -> None:
        """The game's refusal is handed on; no player and no token are kept."""
        async with stage(clock) as one:
            other_token(one, "TAKEN")
            application = await one.open()
            await application.start()
            with pytest.raises(Refused, match=r"taken: register another call sign, .*player add.*4111"):
                await application.register_player("taken", one.world.universe.factions[0])
            assert (await application.players(), kept_tokens(one)) == ([], "")

    @staticmethod
    @pytest.mark.parametrize("unreadable", [False, True])
    @in_virtual_time
    async def test_a_registration_whose_answer_is_lost_says_what_helps(
        clock: VirtualClock, unreadable: bool
    ) -> None:
        """The game tells a token once: what may be taken now is told, and the two ways on."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            if unreadable:
                one.line.change("POST .*/register", lambda answer: setattr(answer, "body", b"<html>"))
            else:
                one.line.disturb("POST .*/register", Fate.FAILS_AFTER)
            with pytest.raises(Unavailable) as lost:
                await application.register_player("LOST", one.world.universe.factions[0])
            told = str(lost.value)
            assert "Give the command again; if LOST is taken then, its token was lost" in told
            assert "register another call sign, or give a token of this one from the game's site" in told
            assert lost.value.maybe_done
            one.line.change("POST .*/register", None)
            with pytest.raises(Refused, match="register another call sign"):
                await application.register_player("LOST", one.world.universe.factions[0])
            assert (await application.players(), kept_tokens(one)) == ([], "")

    @staticmethod
    @pytest.mark.parametrize("token", ["not-a-token", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
    @in_virtual_time
    async def test_a_wrong_token_is_refused_and_forgotten(clock: VirtualClock, token: str) -> None:
        """No player, nothing in the credentials, and the token is in no sentence (L12)."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            with pytest.raises(StaleToken) as caught:
                await application.add_player(token)
            assert token not in str(caught.value)
            assert (await application.players(), kept_tokens(one)) == ([], "")

    @staticmethod
    @in_virtual_time
    async def test_a_token_of_another_agent_is_refused(clock: VirtualClock) -> None:
        """Whoever names the agent gets that one or none."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            token = other_token(one, "SOMEBODY")
            sentence = await refusal(application.add_player(token, "anybody"), "invalid")
            assert "SOMEBODY" in sentence
            assert "ANYBODY" in sentence
            assert (await application.players(), kept_tokens(one)) == ([], "")

    @staticmethod
    @in_virtual_time
    async def test_adding_a_player_twice_is_one_player(clock: VirtualClock) -> None:
        """The second time only renews the token; there is one planner."""
        async with stage(clock) as one:
            application = await one.open()
            await application.start()
            token = other_token(one, "SOMEBODY")
            first = await application.add_player(token)
            again = await application.add_player(token, "somebody")
            assert first.id == again.id
            assert len(await application.players()) == 1
            await clock.sleep(1)
            assert len(await application.containers(first.id, ContainerStatus.RUNNING)) == 1

    @staticmethod
    @in_virtual_time
    async def test_a_player_whose_token_is_lost_harms_no_other(
        clock: VirtualClock,
    ) -> None:
        """Start says which player cannot work and what to do; the others work (L9)."""
        async with stage(clock) as one:
            await one.begin()
            second = await one.application.add_player(other_token(one, "SECOND"))
            await one.application.stop()
            file = one.folder / "credentials.json"
            file.write_text(re.sub(r'"FACTORY": "[^"]*",?\s*', "", file.read_text()))
            application = await one.open()
            _, complaints = await application.start()
            assert len(complaints) == 1
            assert "FACTORY has no token" in complaints[0]
            assert "player add" in complaints[0]
            report = await application.start_factory(second.id, "IRON", None, fabricating())
            assert (await one.until_over(second, report.factory.id)).factory.status is FactoryStatus.COMPLETED

    @staticmethod
    @in_virtual_time
    async def test_a_token_file_that_others_can_read_stops_the_start(clock: VirtualClock) -> None:
        """The sentence names the file and the command that helps."""
        async with stage(clock) as one:
            await one.begin()
            await one.application.stop()
            (one.folder / "credentials.json").chmod(0o644)
            application = await one.open()
            assert "chmod 600" in await refusal(application.start(), "precondition")

    @staticmethod
    @in_virtual_time
    async def test_a_registration_whose_token_cannot_be_kept_says_so(clock: VirtualClock) -> None:
        """A state directory that is no directory: a sentence with its path, and no player without token."""
        async with stage(clock) as one:
            (one.folder / "occupied").write_text("a file")
            application = await one.open(
                state_dir=str(one.folder / "occupied"), database=str(one.folder / "goodsfactory.sqlite")
            )
            with pytest.raises(UserError, match="occupied"):
                await application.register_player("FACTORY", one.world.universe.factions[0])
            assert await application.players() == []
