"""Tokens: kept in a 0600 file or given by the environment, and never shown."""

import asyncio
import os
import stat

import pytest

from goodsfactory.adapters.credentials import FILE_NAME, FileCredentials
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.player import Player

SECRET = "eyJhbGciOiJSUzI1NiJ9.payload.signature"


@pytest.fixture
def player(rows):
    return Player(1, "COSMIC", "2026-11-15", "http://here/v2", rows.now, is_default=True)


@pytest.fixture
def credentials(tmp_path):
    return FileCredentials(tmp_path / "config")


def test_no_file_means_no_token(credentials, player, tmp_path):
    """A player whose token was never kept has none, and reading creates nothing."""
    assert asyncio.run(credentials.token(player)) is None
    assert list(tmp_path.iterdir()) == []


def test_kept_token_is_found_again(credentials, player, tmp_path):
    """A token outlives the process; the agent is found in any case."""
    asyncio.run(credentials.keep("cosmic", "2026-11-15", f" {SECRET}\n"))
    assert asyncio.run(FileCredentials(tmp_path / "config").token(player)) == SECRET


def test_file_is_private_whatever_the_umask(credentials, tmp_path):
    """The file and its folder belong to their owner alone, and no other file is left."""
    before = os.umask(0)
    try:
        asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET))
        asyncio.run(credentials.keep("OTHER", "2026-11-15", SECRET))
    finally:
        os.umask(before)
    folder = tmp_path / "config"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_tokens_are_per_agent_and_universe(credentials, player, rows):
    """A token of another agent or of an earlier reset is never given out."""
    asyncio.run(credentials.keep("COSMIC", "2026-11-01", "old"))
    asyncio.run(credentials.keep("OTHER", "2026-11-15", "other"))
    assert asyncio.run(credentials.token(player)) is None
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", "new"))
    assert asyncio.run(credentials.token(player)) == "new"
    assert asyncio.run(credentials.token(Player(2, "OTHER", "2026-11-15", "", rows.now))) == "other"
    assert asyncio.run(credentials.token(Player(3, "COSMIC", "2026-11-01", "", rows.now))) == "old"


def test_new_token_replaces_the_old(credentials, player):
    """Keeping a token again replaces the one before."""
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", "first"))
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", "second"))
    assert asyncio.run(credentials.token(player)) == "second"


def test_environment_wins_for_the_default_player(tmp_path, player, rows):
    """The token of the environment is the default player's; others keep their own."""
    credentials = FileCredentials(tmp_path, environment_token="from outside")
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", "kept"))
    asyncio.run(credentials.keep("OTHER", "2026-11-15", "other"))
    assert asyncio.run(credentials.token(player)) == "from outside"
    assert asyncio.run(credentials.token(Player(2, "OTHER", "2026-11-15", "", rows.now))) == "other"


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_empty_environment_is_no_token(tmp_path, player, empty):
    """A variable that is set to nothing does not hide the kept token."""
    credentials = FileCredentials(tmp_path, environment_token=empty)
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", "kept"))
    assert asyncio.run(credentials.token(player)) == "kept"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_file_readable_by_others_is_refused(credentials, player, tmp_path, mode):
    """A file that others can read is refused, for reading and for writing, with what to do."""
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET))
    file = tmp_path / "config" / FILE_NAME
    file.chmod(mode)
    content = file.read_bytes()
    for attempt in (
        lambda: asyncio.run(credentials.token(player)),
        lambda: asyncio.run(credentials.keep("COSMIC", "2026-11-15", "new")),
    ):
        with pytest.raises(UserError, match=f"run chmod 600 {file}") as refused:
            attempt()
        assert refused.value.kind == "precondition"
        assert SECRET not in str(refused.value)
    assert file.read_bytes() == content
    file.chmod(0o600)
    assert asyncio.run(credentials.token(player)) == SECRET


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"2026-11-15": "eyJhbGci"}', b'{"2026-11-15": {"COSMIC": 7}}', b"eyJhbGci\xff"],
)
def test_damaged_file_is_refused_and_kept(credentials, player, tmp_path, content):
    """A file that is not ours is neither used nor overwritten, and nothing of it is shown."""
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / FILE_NAME
    file.write_bytes(content)
    file.chmod(0o600)
    for attempt in (
        lambda: asyncio.run(credentials.token(player)),
        lambda: asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET)),
    ):
        with pytest.raises(UserError, match="is not a file of tokens: move it away") as refused:
            attempt()
        assert "eyJ" not in str(refused.value)
        assert refused.value.__context__ is None or refused.value.__suppress_context__
    assert file.read_bytes() == content


def test_empty_token_is_refused(credentials, player):
    """An empty token is a mistake, not a way to forget one."""
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET))
    with pytest.raises(UserError, match="token of COSMIC is empty"):
        asyncio.run(credentials.keep("COSMIC", "2026-11-15", " \n"))
    assert asyncio.run(credentials.token(player)) == SECRET


def test_folder_that_cannot_be_made(tmp_path):
    """Where the file cannot be written the sentence names the folder, never the token."""
    (tmp_path / "file").write_text("in the way")
    credentials = FileCredentials(tmp_path / "file" / "config")
    with pytest.raises(UserError, match="cannot be") as refused:
        asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET))
    assert SECRET not in str(refused.value)


def test_folder_that_cannot_be_written(unwritable):
    """A place that takes no files is refused with the folder to make writable."""
    with pytest.raises(UserError, match=f"make {unwritable} writable for you"):
        asyncio.run(FileCredentials(unwritable).keep("COSMIC", "2026-11-15", SECRET))


def test_token_is_never_shown(tmp_path, player):
    """Neither repr nor str of the credentials shows a token."""
    credentials = FileCredentials(tmp_path, environment_token=SECRET)
    asyncio.run(credentials.keep("COSMIC", "2026-11-15", SECRET))
    assert SECRET not in f"{credentials!r} {credentials}"
    assert str(tmp_path) in repr(credentials)
