"""Tokens: kept in a 0600 file or given by the environment, and never shown."""

import asyncio
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from goodsfactory.adapters.credentials import FILE_NAME, FileCredentials
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe

HERE = "http://here/v2"
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
NEW, OLD = Universe(HERE, "2026-11-15", NOW), Universe(HERE, "2026-11-01", NOW)
SECRET = "eyJhbGciOiJSUzI1NiJ9.payload.signature"


def playing(agent: Any, universe: Any, id: Any, *, is_default: bool = False) -> Any:
    return Player(id, agent, universe.id, universe.reset_date, universe.server, NOW, is_default=is_default)


@pytest.fixture
def player() -> Any:
    return playing("COSMIC", NEW, 1, is_default=True)


@pytest.fixture
def credentials(tmp_path: Path) -> Any:
    return FileCredentials(tmp_path / "config", server=HERE)


def test_no_file_means_no_token(credentials: Any, player: Any, tmp_path: Path) -> None:
    """A player whose token was never kept has none, and reading creates nothing."""
    assert asyncio.run(credentials.token(player)) is None
    assert list(tmp_path.iterdir()) == []


def test_kept_token_is_found_again(credentials: Any, player: Any, tmp_path: Path) -> None:
    """A token outlives the process; the agent is found in any case."""
    asyncio.run(credentials.keep("cosmic", NEW, f" {SECRET}\n"))
    assert asyncio.run(FileCredentials(tmp_path / "config", server=HERE).token(player)) == SECRET


def test_file_is_private_whatever_the_umask(credentials: Any, tmp_path: Path) -> None:
    """The file and its folder belong to their owner alone, and no other file is left."""
    before = os.umask(0)
    try:
        asyncio.run(credentials.keep("COSMIC", NEW, SECRET))
        asyncio.run(credentials.keep("OTHER", NEW, SECRET))
    finally:
        os.umask(before)
    folder = tmp_path / "config"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_tokens_are_per_agent_and_universe(credentials: Any, player: Any) -> None:
    """A token of another agent or of an earlier reset is never given out."""
    asyncio.run(credentials.keep("COSMIC", OLD, "old"))
    asyncio.run(credentials.keep("OTHER", NEW, "other"))
    assert asyncio.run(credentials.token(player)) is None
    asyncio.run(credentials.keep("COSMIC", NEW, "new"))
    assert asyncio.run(credentials.token(player)) == "new"
    assert asyncio.run(credentials.token(playing("OTHER", NEW, 2))) == "other"
    assert asyncio.run(credentials.token(playing("COSMIC", OLD, 3))) == "old"


def test_new_token_replaces_the_old(credentials: Any, player: Any) -> None:
    """Keeping a token again replaces the one before."""
    asyncio.run(credentials.keep("COSMIC", NEW, "first"))
    asyncio.run(credentials.keep("COSMIC", NEW, "second"))
    assert asyncio.run(credentials.token(player)) == "second"


def test_environment_wins_for_the_default_player(tmp_path: Path, player: Any) -> None:
    """The token of the environment is the default player's; others keep their own."""
    credentials = FileCredentials(tmp_path, server=HERE, environment_token="from outside")
    asyncio.run(credentials.keep("COSMIC", NEW, "kept"))
    asyncio.run(credentials.keep("OTHER", NEW, "other"))
    assert asyncio.run(credentials.token(player)) == "from outside"
    assert asyncio.run(credentials.token(playing("OTHER", NEW, 2))) == "other"


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_empty_environment_is_no_token(tmp_path: Path, player: Any, empty: str | None) -> None:
    """A variable that is set to nothing does not hide the kept token."""
    credentials = FileCredentials(tmp_path, server=HERE, environment_token=empty)
    asyncio.run(credentials.keep("COSMIC", NEW, "kept"))
    assert asyncio.run(credentials.token(player)) == "kept"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_file_readable_by_others_is_refused(credentials: Any, player: Any, tmp_path: Path, mode: int) -> None:
    """A file that others can read is refused, for reading and for writing, with what to do."""
    asyncio.run(credentials.keep("COSMIC", NEW, SECRET))
    file = tmp_path / "config" / FILE_NAME
    file.chmod(mode)
    content = file.read_bytes()
    attempts: list[Callable[[], Any]] = [
        lambda: asyncio.run(credentials.token(player)),
        lambda: asyncio.run(credentials.keep("COSMIC", NEW, "new")),
    ]
    for attempt in attempts:
        with pytest.raises(UserError, match=f"run chmod 600 {file}") as refused:
            attempt()
        assert refused.value.kind == "precondition"
        assert SECRET not in str(refused.value)
    assert file.read_bytes() == content
    file.chmod(0o600)
    assert asyncio.run(credentials.token(player)) == SECRET


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"http://here/v2": "eyJhbGci"}',
        b'{"http://here/v2": {"abc": {"COSMIC": 7}}}',
        b"eyJhbGci\xff",
    ],
)
def test_damaged_file_is_refused_and_kept(
    credentials: Any, player: Any, tmp_path: Path, content: bytes
) -> None:
    """A file that is not ours is neither used nor overwritten, and nothing of it is shown."""
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / FILE_NAME
    file.write_bytes(content)
    file.chmod(0o600)
    attempts: list[Callable[[], Any]] = [
        lambda: asyncio.run(credentials.token(player)),
        lambda: asyncio.run(credentials.keep("COSMIC", NEW, SECRET)),
    ]
    for attempt in attempts:
        with pytest.raises(UserError, match="is not a file of tokens: move it away") as refused:
            attempt()
        assert "eyJ" not in str(refused.value)
        assert refused.value.__context__ is None or refused.value.__suppress_context__
    assert file.read_bytes() == content


def test_empty_token_is_refused(credentials: Any, player: Any) -> None:
    """An empty token is a mistake, not a way to forget one."""
    asyncio.run(credentials.keep("COSMIC", NEW, SECRET))
    with pytest.raises(UserError, match="token of COSMIC is empty"):
        asyncio.run(credentials.keep("COSMIC", NEW, " \n"))
    assert asyncio.run(credentials.token(player)) == SECRET


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where the file cannot be written the sentence names the folder, never the token."""
    (tmp_path / "file").write_text("in the way")
    credentials = FileCredentials(tmp_path / "file" / "config", server=HERE)
    with pytest.raises(UserError, match="cannot be") as refused:
        asyncio.run(credentials.keep("COSMIC", NEW, SECRET))
    assert SECRET not in str(refused.value)


def test_folder_that_cannot_be_written(unwritable: Path) -> None:
    """A place that takes no files is refused with the folder to make writable."""
    with pytest.raises(UserError, match=f"make {unwritable} writable for you"):
        asyncio.run(FileCredentials(unwritable, server=HERE).keep("COSMIC", NEW, SECRET))


def test_token_is_never_shown(tmp_path: Path, player: Any) -> None:
    """Neither repr nor str of the credentials shows a token."""
    credentials = FileCredentials(tmp_path, server=HERE, environment_token=SECRET)
    asyncio.run(credentials.keep("COSMIC", NEW, SECRET))
    assert SECRET not in f"{credentials!r} {credentials}"
    assert str(tmp_path) in repr(credentials)


def test_a_token_is_for_the_server_that_issued_it_alone(tmp_path: Path) -> None:
    """Another server with the same reset date, and an agent of the same name there, gets no token (L12)."""
    there = Universe("http://there/v2", NEW.reset_date, NOW)
    for token in (None, "from outside"):
        here = FileCredentials(tmp_path, server=HERE, environment_token=token)
        asyncio.run(here.keep("COSMIC", NEW, SECRET))
        assert asyncio.run(here.token(playing("COSMIC", there, 2, is_default=True))) is None
        elsewhere = FileCredentials(tmp_path, server=there.server)
        assert asyncio.run(elsewhere.token(playing("COSMIC", NEW, 1, is_default=True))) is None
        assert asyncio.run(elsewhere.token(playing("COSMIC", there, 2, is_default=True))) is None


def test_a_slash_at_the_end_is_the_same_server(tmp_path: Path, player: Any) -> None:
    """An address may be written in several ways."""
    asyncio.run(FileCredentials(tmp_path, server=HERE).keep("COSMIC", NEW, SECRET))
    assert asyncio.run(FileCredentials(tmp_path, server="HTTP://Here/v2/").token(player)) == SECRET


def test_tokens_of_an_earlier_version_go_to_their_servers(tmp_path: Path, player: Any) -> None:
    """They were kept by reset date alone: each goes to the server of its player, and none to another one.

    One that belongs to nobody known is kept, and never given out again. The old file stays beside it.
    """
    earlier = {"2026-11-15": {"COSMIC": SECRET, "LOST": "eyJlost"}, "2026-11-01": {"COSMIC": "old"}}
    file = tmp_path / FILE_NAME
    file.write_text(json.dumps(earlier))
    file.chmod(0o600)
    past = playing("COSMIC", Universe("http://there/v2", "2026-11-01", NOW), 3)
    credentials = FileCredentials(tmp_path, server=HERE)
    asyncio.run(credentials.sort([player, past]))
    copy = tmp_path / f"{FILE_NAME}.before"
    assert json.loads(copy.read_text()) == earlier
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert asyncio.run(credentials.token(player)) == SECRET
    assert asyncio.run(credentials.token(past)) is None
    assert asyncio.run(FileCredentials(tmp_path, server="http://there/v2").token(past)) == "old"
    assert asyncio.run(credentials.token(playing("LOST", NEW, 4))) is None
    assert "eyJlost" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    asyncio.run(credentials.sort([player, past, playing("LOST", NEW, 4)]))
    assert file.read_bytes() == before
