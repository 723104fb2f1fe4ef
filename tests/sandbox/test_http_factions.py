"""Factions and systems as the game tells of them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.recorded import CAPTURED, official_document
from tests.sandbox.conftest import client_of

from goodsfactory.sandbox.captured import load_universe
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.vocabulary import WAYPOINT_TRAITS, WAYPOINT_TYPES
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


def ask(universe: Any, story: Callable[[World, Any], Any]) -> None:
    """Let a story ask a world on the universe, without a token."""

    async def told() -> None:
        world = World(universe, now=lambda: EPOCH, seed=universe.seed)
        async with client_of(world, rate_limit=False) as http:
            await story(world, http)

    asyncio.run(told())


def test_nineteen_factions_of_which_half_recruit() -> None:
    """All have traits; a recruiting one has a system for headquarters, another one an empty string."""
    universe = generate_universe(5, epoch=EPOCH, systems=60)

    async def story(world: World, http: Any) -> None:
        answer = (await http.get("/factions?limit=20")).json()
        factions = answer["data"]
        enum = official_document()["components"]["schemas"]["FactionSymbol"]["enum"]
        assert [each["symbol"] for each in factions] == enum
        assert answer["meta"]["total"] == 19
        assert all(each["traits"] for each in factions)
        recruiting = [each for each in factions if each["isRecruiting"]]
        assert len(recruiting) == 10
        assert len({each["headquarters"] for each in recruiting}) == 10
        for each in recruiting:
            assert (await http.get(f"/systems/{each['headquarters']}")).status_code == 200
        assert {each["headquarters"] for each in factions if not each["isRecruiting"]} == {""}

    ask(universe, story)


def test_an_agent_need_not_begin_where_its_faction_sits() -> None:
    """The agent's headquarters is a waypoint of its home; the faction's is a system, mostly another one."""
    universe = generate_universe(5, epoch=EPOCH, systems=60)

    async def story(world: World, http: Any) -> None:
        elsewhere = 0
        for number, faction in enumerate(universe.factions):
            form = {"symbol": f"AGENT{number}", "faction": faction}
            told = (await http.post("/register", json=form)).json()["data"]
            home = told["ships"][0]["nav"]["systemSymbol"]
            assert told["agent"]["headquarters"].rpartition("-")[0] == home
            elsewhere += told["faction"]["headquarters"] != home
        assert elsewhere >= 8

    ask(universe, story)


def test_a_captured_system_is_the_seat_of_its_factions() -> None:
    """There is no other; whoever has no place there does not recruit."""

    async def story(world: World, http: Any) -> None:
        factions = (await http.get("/factions?limit=20")).json()["data"]
        recruiting = {each["symbol"]: each["headquarters"] for each in factions if each["isRecruiting"]}
        assert recruiting == {"LORDS": "X1-AD75"}

    ask(load_universe(CAPTURED, seed=1, epoch=EPOCH), story)


def test_a_system_has_a_name_and_a_constellation(tmp_path: Path) -> None:
    """The same every time it is asked; those of one pair of letters lie in one constellation."""
    universe = generate_universe(5, epoch=EPOCH, systems=60)

    async def story(world: World, http: Any) -> None:
        first = (await http.get("/systems?limit=20")).json()["data"]
        assert all(each["name"] and each["constellation"] for each in first)
        alone = (await http.get(f"/systems/{first[3]['symbol']}")).json()["data"]
        assert (alone["name"], alone["constellation"]) == (first[3]["name"], first[3]["constellation"])
        assert len({each["name"] for each in first}) > 10

    ask(universe, story)


def test_the_words_of_the_map_are_the_documents() -> None:
    """What a filter takes is what the document lists."""
    schemas = official_document()["components"]["schemas"]
    assert set(schemas["WaypointType"]["enum"]) == WAYPOINT_TYPES
    assert set(schemas["WaypointTraitSymbol"]["enum"]) == WAYPOINT_TRAITS
