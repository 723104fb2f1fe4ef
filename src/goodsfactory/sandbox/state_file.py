"""A universe in a file: what it was at the last snapshot, and every request that changed it since.

The rules are deterministic, so the requests told again at their instants give the same world. A request is
written before its answer leaves: whoever got an answer finds its effect after a kill.
"""

import io
import json
import os
import pickle
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, MethodType
from typing import Any

from goodsfactory import __version__
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.world import World

FORMAT = f"5 of {__version__}"
"""Changes whenever an older file could no longer be read, and with the rules: they replay differently."""

SNAPSHOT_EVERY = 5_000
"""Changes after which a snapshot replaces them: replaying so many takes about a second."""

_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_UNREADABLE = (
    *(pickle.UnpicklingError, ArithmeticError, AttributeError, EOFError, LookupError, MemoryError),
    *(TypeError, ValueError),
)
"""What scribbled pages can make of a snapshot."""

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), world BLOB NOT NULL);
CREATE TABLE journal (number INTEGER PRIMARY KEY, at TEXT NOT NULL, request BLOB NOT NULL);
"""


class StateFile:
    """The file of one universe; one process at a time. It holds tokens and is readable by its owner alone.

    ``identity`` is what makes the universe (seed, scenario, …): a file of another one is not opened. ``now``
    becomes the beginning of a new universe. Raises ValueError, with a sentence, for a file that is not this
    universe's, not of this version, in use, or no state file at all; OSError where none can be made.
    """

    def __init__(self, path: Path, identity: Mapping[str, object], *, now: datetime) -> None:
        self._path = path
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            facts = self._open(identity, now)
            self.begun = datetime.fromisoformat(facts["begun"])
            """When the universe in the file began."""
            self.reached = datetime.fromisoformat(facts["reached"])
            """No client has been told a later time, so time may go on from here."""
        except sqlite3.DatabaseError as error:
            self._database.close()
            if error.sqlite_errorcode in _IN_USE:
                raise ValueError(f"{path} is in use. Does another sandbox have it open?") from None
            raise ValueError(
                f"{path} is not the state of a sandbox, or damaged ({error}). Give another file."
            ) from None
        except (KeyError, TypeError):
            self._database.close()
            raise self._damaged("its facts are incomplete") from None
        except ValueError:
            self._database.close()
            raise
        self._changes = 0

    @property
    def pending(self) -> int:
        """Requests since the last snapshot, which are told again before anything else. Raises ValueError."""
        return int(self._read("SELECT count(*) FROM journal")[0][0])

    @property
    def snapshot_due(self) -> bool:
        """True when it is time to call :meth:`keep`."""
        return self._changes >= SNAPSHOT_EVERY

    def told(self, now: datetime, speed: float) -> None:
        """Note that clients may know this time: one write a second, for a second ahead."""
        if now > self.reached:
            self._reach(now + timedelta(seconds=speed))

    def record(self, at: datetime, request: bytes) -> None:
        """Write down a request that changed the world at ``at``."""
        self._changes += 1
        row = (at.isoformat(), request)
        self._database.execute("INSERT INTO journal (at, request) VALUES (?, ?)", row)

    def keep(self, world: World, faults: Faults) -> None:
        """Replace everything by the world as it is now, in one transaction."""
        image = io.BytesIO()
        _Writer(image, pickle.HIGHEST_PROTOCOL).dump((world, faults))
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (image.getvalue(),))
        self._database.execute("DELETE FROM journal")
        self._database.execute("COMMIT")
        self._changes = 0

    def restore(self, world: World, faults: Faults) -> None:
        """Give ``world`` and ``faults`` the state of the last snapshot; the journal comes after it.

        Raises ValueError, with a sentence, for a damaged file.
        """
        rows = self._read("SELECT world FROM snapshot")
        if not rows:
            return
        try:
            kept, armed = _Reader(io.BytesIO(rows[0][0])).load()
        except _UNREADABLE as error:
            raise ValueError(f"{self._path} holds a state that cannot be read ({error}).") from None
        world.become(kept)
        faults.become(armed)

    def journal(self) -> Iterator[tuple[datetime, bytes]]:
        """The requests since the last snapshot, in their order. Raises ValueError for a damaged file."""
        rows = self._read("SELECT at, request FROM journal ORDER BY number")
        self._changes = len(rows)
        for at, request in rows:
            try:
                instant = datetime.fromisoformat(at)
            except (TypeError, ValueError):
                raise self._damaged(f"it tells no time of a request, but {at!r}") from None
            yield instant, request

    def close(self, world: World, faults: Faults, now: datetime) -> None:
        """Keep the world, remember the time exactly, and let go of the file."""
        self.keep(world, faults)
        self._reach(now)
        self._database.close()

    def abandon(self) -> None:
        """Let go of the file and leave it as it is."""
        self._database.close()

    def _read(self, question: str) -> list[Any]:
        try:
            return self._database.execute(question).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from None

    def _damaged(self, why: object) -> ValueError:
        return ValueError(f"{self._path} is damaged ({why}). Give another file, or begin anew without it.")

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
        self._require_same(json.loads(facts["identity"]), identity)
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


_PLAIN = {
    "builtins": {"set", "frozenset", "complex", "slice", "range"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copyreg": {"_reconstructor"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "random": {"Random"},
}
_MAKERS = {"goodsfactory.sandbox.ship_types": {"as_built"}, __name__: {"bound", "read_only"}}
"""Functions of ours by which values are made again."""

_OURS = ("goodsfactory.sandbox.", "goodsfactory.domain.")
_OUTSIDE = (
    *(__name__, "goodsfactory.sandbox.http", "goodsfactory.sandbox.serve", "goodsfactory.sandbox.in_thread"),
    *("goodsfactory.sandbox.operator", "goodsfactory.sandbox.opening", "goodsfactory.sandbox.captured"),
)
"""Ours, but of the process around a world: they open files and sockets, and no world holds one."""


class _Writer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Methods of our own values, and read-only mappings, are kept as what they are made of."""
        if isinstance(value, MethodType) and type(value.__self__).__module__.startswith(_OURS):
            return bound, (value.__self__, value.__name__)
        if isinstance(value, MappingProxyType):
            return read_only, (dict(value),)
        return NotImplemented


def bound(owner: object, name: str) -> Any:
    """The public method of one of the sandbox's own values; raises UnpicklingError for anything else."""
    if not type(owner).__module__.startswith(_OURS) or name.startswith("_"):
        raise pickle.UnpicklingError(f"it names the method {name}")
    return getattr(owner, name)


def read_only(values: dict[Any, Any]) -> Mapping[Any, Any]:
    """A mapping nobody can write to."""
    return MappingProxyType(values)


class _Reader(pickle.Unpickler):
    """Makes values of the sandbox and nothing else, so that a foreign file runs no foreign code."""

    def find_class(self, module: str, name: str) -> Any:
        plain, maker = name in _PLAIN.get(module, ()), name in _MAKERS.get(module, ())
        if plain or maker or (module.startswith(_OURS) and not module.startswith(_OUTSIDE)):
            found = super().find_class(module, name)
            # What a module of ours has imported from elsewhere is not ours.
            if plain or maker or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError(f"it names {module}.{name}")
