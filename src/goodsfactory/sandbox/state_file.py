"""A universe in a file: what it was at the last snapshot, and every request that changed it since.

The rules are deterministic, so the requests told again at their instants give the same world. A request is
written before its answer leaves: whoever got an answer finds its effect after a kill. Faults strike requests
that change nothing too, so how often each has struck is written beside them.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from goodsfactory import __version__
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.world import World
from goodsfactory.sandbox.world_image import image_of, read_image

FORMAT = f"6 of {__version__}"
"""Changes whenever an older file could no longer be read, and with the rules: they replay differently."""

SNAPSHOT_EVERY = 5_000
"""Changes after which a snapshot replaces them: replaying so many takes about a second, without rivals."""

ACTS_EVERY = 5_000
"""Acts of rivals after which it is time too: replaying so many takes about two seconds."""

_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_ACCESS = (
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
)
"""What is wrong around a file, and not in it."""

_Fact = TypeVar("_Fact")

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), world BLOB NOT NULL);
CREATE TABLE journal (number INTEGER PRIMARY KEY, at TEXT NOT NULL, request BLOB NOT NULL);
CREATE TABLE strikes (fault INTEGER PRIMARY KEY, skip INTEGER NOT NULL, struck INTEGER NOT NULL);
"""


class StateFile:
    """The file of one universe; one process at a time. It holds tokens and is readable by its owner alone.

    ``identity`` is what makes the universe (seed, scenario, …): a file of another one is not opened. ``now``
    becomes the beginning of a new universe. Raises ValueError, with a sentence, for a file that is not this
    universe's, not of this version, in use, or no state file at all; OSError where none can be made.
    """

    def __init__(self, path: Path, identity: Mapping[str, object], *, now: datetime) -> None:
        self._path, self._is_new = path, not path.exists()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._explained():
            self._database = sqlite3.connect(path, isolation_level=None)
        try:
            with self._explained():
                self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                facts = self._open(identity, now)
            self._require_same(self._fact(facts, "identity", _names), identity)
            self.begun = self._fact(facts, "begun", _instant)
            """When the universe in the file began."""
            self.reached = self._fact(facts, "reached", _instant)
            """No client has been told a later time, so time may go on from here."""
        except BaseException:
            self._database.close()
            raise
        self._changes = 0
        self._strikes: dict[int, tuple[int, int]] = {}
        self._kept: tuple[str, int] = ("", 0)

    @property
    def pending(self) -> int:
        """Requests since the last snapshot, which are told again before anything else. Raises ValueError."""
        return int(self._read("SELECT count(*) FROM journal")[0][0])

    def is_snapshot_due(self, world: World) -> bool:
        """True when it is time to :meth:`keep`: much would be told again, or of a universe that ended."""
        date, acts = self._kept
        return (
            self._changes >= SNAPSHOT_EVERY
            or world.rivals.acts - acts >= ACTS_EVERY
            or str(world.universe.reset_date) != date
        )

    def told(self, now: datetime, speed: float) -> None:
        """Note that clients may know this time: one write a second, for a second ahead."""
        if now > self.reached:
            self._reach(now + timedelta(seconds=speed))

    def record(self, at: datetime, request: bytes) -> None:
        """Write down a request that changed the world at ``at``."""
        self._changes += 1
        row = (at.isoformat(), request)
        self._database.execute("INSERT INTO journal (at, request) VALUES (?, ?)", row)

    def count_strikes(self, faults: Faults) -> None:
        """Write down how often each fault has struck; nothing where none has since the last call."""
        strikes = {fault.id: (fault.skip, fault.struck) for fault in faults}
        new = [(number, *counts) for number, counts in strikes.items() if self._strikes.get(number) != counts]
        self._database.executemany("INSERT OR REPLACE INTO strikes VALUES (?, ?, ?)", new)
        self._strikes = strikes

    def keep(self, world: World, faults: Faults) -> None:
        """Replace everything by the world as it is now, in one transaction."""
        image = image_of(world, faults)
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (image,))
        self._database.execute("DELETE FROM journal")
        self._database.execute("DELETE FROM strikes")
        self._database.execute("COMMIT")
        self._changes = 0
        self._mark(world)

    def restore(self, world: World, faults: Faults) -> None:
        """Give ``world`` and ``faults`` the state of the last snapshot; the journal comes after it.

        Raises ValueError, with a sentence, for a damaged file.
        """
        rows = self._read("SELECT world FROM snapshot")
        if rows:
            try:
                kept, armed = read_image(rows[0][0])
            except ValueError as error:
                raise self.damaged(error) from None
            world.become(kept)
            faults.become(armed)
        self._mark(world)

    def journal(self) -> Iterator[tuple[datetime, bytes]]:
        """The requests since the last snapshot, in their order. Raises ValueError for a damaged file."""
        rows = self._read("SELECT at, request FROM journal ORDER BY number")
        self._changes = len(rows)
        for at, request in rows:
            try:
                instant = _instant(at)
            except (TypeError, ValueError):
                raise self.damaged(f"it tells no time of a request, but {at!r}") from None
            if not isinstance(request, bytes):
                raise self.damaged(f"it holds no request, but {request!r}")
            yield instant, request

    def recount(self, faults: Faults) -> None:
        """Let faults have struck as often as they had; after the journal. Raises ValueError for damage."""
        for number, skip, struck in self._read("SELECT fault, skip, struck FROM strikes"):
            if not isinstance(skip, int) or not isinstance(struck, int):
                raise self.damaged(f"it tells no number of strikes, but {skip!r} and {struck!r}")
            faults.recount(number, skip=skip, struck=struck)

    def close(self, world: World, faults: Faults, now: datetime) -> None:
        """Keep the world, remember the time exactly, and let go of the file."""
        self.keep(world, faults)
        self._reach(now)
        self._database.close()

    def abandon(self) -> None:
        """Let go of the file and leave it as it is."""
        self._database.close()

    def discard(self) -> None:
        """Let go of the file; one that was made here for a universe in which nothing happened is removed."""
        unused = self._is_new and not self._changes
        self.abandon()
        if unused:
            self._path.unlink(missing_ok=True)

    def damaged(self, why: object) -> ValueError:
        """The error that names the file and says why it cannot be used."""
        return ValueError(f"{self._path} is damaged ({why}). Give another file, or begin anew without it.")

    def _read(self, question: str) -> list[Any]:
        with self._explained():
            return self._database.execute(question).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says into a sentence with the file's path."""
        try:
            yield
        except sqlite3.Error as error:
            # An extended code has the plain one in its lowest byte; text that is none has no code at all.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _IN_USE:
                told = f"{self._path} is in use. Does another sandbox have it open?"
            elif code in _NO_ACCESS:
                told = f"{self._path} cannot be used ({error}). See to its folder, or give another file."
            else:
                told = f"{self._path} is not the state of a sandbox, or damaged ({error}). Give another file."
            raise ValueError(told) from None

    def _fact(self, facts: Mapping[str, str], name: str, read: Callable[[str], _Fact]) -> _Fact:
        if name not in facts:
            raise self.damaged("its facts are incomplete")
        try:
            return read(facts[name])
        except (TypeError, ValueError):
            raise self.damaged(f"its {name} is {facts[name]!r}") from None

    def _mark(self, world: World) -> None:
        self._kept = (str(world.universe.reset_date), world.rivals.acts)

    def _reach(self, instant: datetime) -> None:
        self.reached = instant
        self._database.execute("UPDATE facts SET value = ? WHERE name = 'reached'", (instant.isoformat(),))

    def _open(self, identity: Mapping[str, object], now: datetime) -> dict[str, str]:
        if not self._database.execute("SELECT name FROM sqlite_master").fetchall():
            begin = now.isoformat()
            facts = {
                "format": FORMAT,
                "identity": json.dumps(dict(identity), sort_keys=True),
                "begun": begin,
                "reached": begin,
            }
            self._database.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
            self._database.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            return facts
        facts = dict(self._database.execute("SELECT name, value FROM facts").fetchall())
        if facts.get("format") != FORMAT:
            raise ValueError(
                f"{self._path} was written by another version of the sandbox (format {facts.get('format')}, "
                f"this one reads {FORMAT}). Give another file, or begin anew without it."
            )
        return facts

    def _require_same(self, kept: dict[str, object], asked: Mapping[str, object]) -> None:
        names = [name for name in {**asked, **kept} if kept.get(name) != asked.get(name)]
        if names:
            found = ", ".join(f"{name} {kept.get(name)}, not {asked.get(name)}" for name in names)
            needed = ", ".join(f"{name} {kept.get(name)}" for name in names)
            raise ValueError(
                f"{self._path} holds another universe ({found})."
                f" Start it with {needed}, or give another file."
            )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("it has no time zone")
    return instant


def _names(text: str) -> dict[str, object]:
    names = json.loads(text)
    if not isinstance(names, dict):
        raise TypeError("it is no object")
    return names
