"""What a refusal must look like, and what it must leave alone."""

import sqlite3
from typing import Any

import pytest
from tests.daemon.stage import Stage

from goodsfactory.domain.errors import UserError

WORK = ("goods_factories", "containers", "events", "legs", "nodes", "ship_claims", "intents", "ledger")


def rows(one: Stage, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything these tables hold, but for the heartbeats of containers."""
    connection = sqlite3.connect(one.folder / "goodsfactory.sqlite")
    try:
        held = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        if "containers" in tables:
            held["containers"] = connection.execute("SELECT id, status, epoch FROM containers").fetchall()
        return held
    finally:
        connection.close()


def kept_tokens(one: Stage) -> str:
    """The file of tokens; empty where none is in it, whether or not somebody tried that it can be written."""
    file = one.folder / "credentials.json"
    text = file.read_text() if file.exists() else ""
    return "" if text == "{}\n" else text


async def refusal(work: Any, kind: str) -> str:
    """The sentence of the UserError that ``work`` ends in."""
    with pytest.raises(UserError) as caught:
        await work
    assert caught.value.kind == kind
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def other_token(one: Stage, agent: str) -> str:
    """The token of an agent registered by somebody else."""
    return one.world.register(agent, one.world.universe.factions[0]).token
