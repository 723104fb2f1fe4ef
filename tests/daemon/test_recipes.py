"""Whose recipes a factory is planned by: a file the user named, else the server's, else the bundled copy."""

import json

from tests.daemon.stage import Fate, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock


@in_virtual_time
async def test_the_servers_recipes_are_asked_for(clock: VirtualClock) -> None:
    """Without a file each player works by the recipes of the universe it plays in."""
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        assert crew.recipes.origin == "the game server's recipes"
        assert any("supply-chain" in request for request in one.line.requests)


@in_virtual_time
async def test_a_server_without_recipes_does_not_stop_the_player(clock: VirtualClock) -> None:
    """Where they cannot be had the bundled copy serves."""
    async with stage(clock) as one:
        one.line.disturb("/market/supply-chain$", Fate.FAILS_BEFORE, on=True)
        player = await one.begin()
        assert one.application.roster.crew(player.id).recipes.origin == "bundled recipes"


@in_virtual_time
async def test_a_file_that_the_user_names_wins(clock: VirtualClock) -> None:
    """Nobody asks the server then."""
    async with stage(clock) as one:
        file = one.folder / "recipes.json"
        file.write_text(json.dumps({"exportToImportMap": {"IRON": ["IRON_ORE"]}}))
        one.flags["supply_chain_path"] = str(file)
        player = await one.begin()
        assert one.application.roster.crew(player.id).recipes.goods == {"IRON", "IRON_ORE"}
        assert not any("supply-chain" in request for request in one.line.requests)
