"""Opening a database: what is created, and the sentence for everything that can go wrong."""

import asyncio
import errno
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from goodsfactory.adapters.store import open_store
from goodsfactory.adapters.store.database import close, open_database
from goodsfactory.adapters.store.failures import opening_failed
from goodsfactory.adapters.store.sqlite_connection import connect
from goodsfactory.domain.errors import UserError

UNIVERSE = "2026-11-15"


def refusal(path: Any) -> UserError:
    """Try both ways to open, and give the sentence that both must say."""
    sentences = []
    for inline in (True, False):
        with pytest.raises(UserError) as refused:
            asyncio.run(open_store(path, universe=UNIVERSE, inline=inline))
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]
    return refused.value


def test_file_and_folder_are_private(tmp_path: Path) -> None:
    """The database and its folder are created for their owner alone, whatever the umask."""
    file = tmp_path / "state" / "store.db"
    before = os.umask(0)
    try:
        connection = open_database(file)
        with connection.begin():
            connection.exec_driver_sql("DELETE FROM events")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
        close(connection)
    finally:
        os.umask(before)
    assert modes.pop("store.db") == 0o600
    assert set(modes.values()) <= {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_sqlite_is_set_up_for_durability(tmp_path: Path) -> None:
    """Readers never block the writer, foreign keys hold, and a locked file is waited for."""
    connection = open_database(tmp_path / "store.db")
    with connection.begin():
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
    close(connection)
    assert settings == ["wal", 1, 1, 5000]


def test_url_and_path_mean_the_same_file(tmp_path: Path) -> None:
    """A path, its text and a sqlite URL open the same database."""
    file = tmp_path / "store.db"
    for name in (file, str(file), f"sqlite:///{file}"):
        close(open_database(name))
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where the folder cannot exist, the sentence names what to make writable."""
    (tmp_path / "file").write_text("in the way")
    error = refusal(tmp_path / "file" / "state" / "store.db")
    assert error.kind == "precondition"
    assert "cannot be written: make" in str(error)
    assert str(tmp_path / "file" / "state") in str(error)


def test_folder_that_refuses_files(unwritable: Path) -> None:
    """An unwritable place is refused with a sentence, for the superuser too, and nothing is left behind."""
    assert f"make {unwritable} writable for you" in str(refusal(unwritable / "store.db"))


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    """A folder is not a database."""
    assert "this is a folder" in str(refusal(tmp_path))


def test_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of something else is refused and not touched."""
    file = tmp_path / "notes.txt"
    file.write_text("do not lose me\n" * 400)
    error = refusal(file)
    assert "not a database of this program" in str(error)
    assert file.read_text() == "do not lose me\n" * 400


def test_database_of_another_program(tmp_path: Path) -> None:
    """A SQLite file with foreign tables is refused and left as it was."""
    file = tmp_path / "other.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE players (name TEXT)")
    other.close()
    assert "tables of another program" in str(refusal(file))
    other = sqlite3.connect(file)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("players",)]
    other.close()


def test_database_of_a_newer_program(tmp_path: Path) -> None:
    """A schema from the future is refused: the sentence says to install that version."""
    file = tmp_path / "store.db"
    close(open_database(file))
    future = sqlite3.connect(file)
    future.execute("UPDATE alembic_version SET version_num = '9999'")
    future.commit()
    future.close()
    error = refusal(file)
    assert "newer version of this program (schema 9999)" in str(error)
    assert str(file) in str(error)


@pytest.mark.parametrize(
    "url", ["mysql://me:hunter2@server/goods", "postgresql+psycopg2://me:hunter2@server/x"]
)
def test_other_kinds_of_database_are_refused(url: str) -> None:
    """A URL we do not serve says what to give instead, and shows no password."""
    error = refusal(url)
    assert str(error).endswith("are not supported: give the path of a file, or postgresql://…")
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "://nonsense",
        "postgresql://me:hun@ter2:3x@server/goods",
        "postgresql://me:hun@ter2@server/goods",
        "postgresql://me:hun@ter2/3@server/goods",
        "postgresql://me:hun@ter2?3@server/goods",
    ],
)
def test_url_that_cannot_be_read(url: str) -> None:
    """Who wrote a URL that is none hears how one looks, and sees nothing of it: it may hold a password."""
    error = refusal(url)
    assert "cannot be read: give a path" in str(error)
    assert "write @ : / ? # % as %40 %3A %2F %3F %23 %25" in str(error)
    assert "hun" not in str(error)
    assert "ter2" not in str(error)
    assert error.__cause__ is None


def provoke(tmp_path: Any, act: Any) -> sqlite3.Error:
    """The real error of SQLite for ``act`` on a database file."""
    connection = sqlite3.connect(tmp_path / "real.db", timeout=0, isolation_level=None)
    try:
        with pytest.raises(sqlite3.Error) as failure:
            act(connection)
        return failure.value
    finally:
        connection.close()


def test_full_disk_sentence(tmp_path: Path) -> None:
    """A full disk is named as such, whoever noticed it."""

    def fill(connection: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE rows (content)")

    where = Path("/data/store.db")
    for error in (provoke(tmp_path, fill), OSError(errno.ENOSPC, "No space left on device")):
        sentence = "The disk that holds /data/store.db is full: free some space and start again."
        assert str(opening_failed(error, where)) == sentence


def test_locked_database_sentence(tmp_path: Path) -> None:
    """A database that another process keeps locked is named as in use."""
    owner = sqlite3.connect(tmp_path / "real.db", isolation_level=None)
    owner.execute("BEGIN EXCLUSIVE")
    error = provoke(tmp_path, lambda connection: connection.execute("CREATE TABLE rows (content)"))
    owner.close()
    assert "in use by another process" in str(opening_failed(error, Path("/data/store.db")))


def test_unexpected_error_sentence() -> None:
    """An error without a sentence of its own is shown with its reason."""
    error = opening_failed(sqlite3.InterfaceError("strange weather"), None)
    assert "The database in memory cannot be opened (strange weather)" in str(error)


def test_a_disk_without_a_write_ahead_log_is_refused(tmp_path: Path) -> None:
    """Money is synced in that log: where SQLite cannot keep one, as here without locks, nothing is begun."""
    url = make_url(f"sqlite:///file:{tmp_path}/x.sqlite?vfs=unix-none&uri=true")
    with pytest.raises(UserError, match="local disk"):
        connect(url)
