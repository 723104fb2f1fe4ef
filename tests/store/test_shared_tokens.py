"""Tokens of daemons that share a database: found by whoever takes over, and never by anything else."""

import asyncio
from typing import Any, cast

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store.tokens import SharedCredentials
from goodsfactory.domain.player import Player
from goodsfactory.ports.store import Store

SECRET = "eyJhbGciOiJSUzI1NiJ9.payload.signature"


@pytest.fixture
def player(rows: Rows) -> Any:
    return Player(1, "COSMIC", "2026-11-15", "2026-11-15", "http://here/v2", rows.now, is_default=True)


def kept(opened: Any, agent: Any, token: Any, universe: str = "2026-11-15") -> None:
    opened.run(lambda tx: tx.tokens.put(agent, universe, token))


def found(opened: Any, agent: Any, universe: str = "2026-11-15") -> Any:
    return opened.run(lambda tx: tx.tokens.get(agent, universe))


def test_a_token_is_found_by_every_daemon(opened: OpenStore) -> None:
    """It is kept once, in whatever case the call sign is written."""
    kept(opened, "cosmic", f" {SECRET}\n")
    assert found(opened, "COSMIC") == SECRET
    kept(opened, "COSMIC", "newer")
    assert found(opened, "Cosmic") == "newer"


def test_a_token_belongs_to_one_universe(opened: OpenStore) -> None:
    """After a reset the old one is not taken for the new one."""
    kept(opened, "COSMIC", SECRET, "2026-11-01")
    assert found(opened, "COSMIC") is None


def test_the_environment_wins_for_the_default_player(opened: OpenStore, player: Any) -> None:
    """As with a file of tokens."""
    kept(opened, "COSMIC", SECRET)

    class Immediate:
        async def transact(self, work: Any) -> Any:
            return opened.run(work)

    store = cast("Store", Immediate())
    credentials = SharedCredentials(store, server="http://here/v2", environment_token=" from outside ")
    assert asyncio.run(credentials.token(player)) == "from outside"
    assert SECRET not in f"{credentials!r}"
    elsewhere = SharedCredentials(store, server="http://there/v2", environment_token="from outside")
    assert asyncio.run(elsewhere.token(player)) is None
