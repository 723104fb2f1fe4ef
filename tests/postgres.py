"""A PostgreSQL server of the tests' own: the system's binaries, an unprivileged user, a temporary folder.

Nothing is installed here: ``make test-setup`` does that, and ``.ci/run`` calls it.
"""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url
from tests.patience import patience

from goodsfactory.adapters.store.tables import METADATA

_DRIVER = "postgresql+psycopg"

# Whoever comes by this name must know a password; everybody else is trusted.
LOCKED = "gf_locked"

# Sorts "a_b" before "AB", unlike SQLite: what depends on the order of a database shows.
ENGLISH = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"


@dataclass
class PostgresServer:
    """A running server. ``url`` names a database of it that always exists."""

    url: str
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def fresh_database(self, options: str = "") -> str:
        """The URL of a new, empty database; ``options`` of CREATE DATABASE, where the server knows them."""
        name = f"gf_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            try:
                connection.execute(f'CREATE DATABASE "{name}" {options}')
            except psycopg.errors.SyntaxError:
                connection.execute(f'CREATE DATABASE "{name}"')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database and whatever is still connected to it."""
        name = make_url(url).database
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self, *, immediately: bool = False) -> None:
        """End the server: in order, or as in a crash."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        self._process.wait(patience(60))

    def start(self) -> None:
        """Start it, or start it again on the same port and data."""
        words = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [_binary("postgres"), "-D", str(self.folder / "data")],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            cwd=self.folder,
            **_unprivileged(),
        )
        words.close()
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        question = [_binary("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-t", "1", "-q"]
        deadline = time.monotonic() + patience(60)
        while subprocess.run(question, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                last = (self.folder / "log").read_text("utf-8", "replace").splitlines()[-5:]
                raise RuntimeError(f"PostgreSQL did not start: {' / '.join(last)}")
            time.sleep(0.05)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the context lasts; it ends with it, and so does its data."""
    folder = Path(tempfile.mkdtemp(prefix="gf-postgres-"))
    server: PostgresServer | None = None
    try:
        _own(folder)
        port = _free_port()
        _initialise(folder, port)
        server = PostgresServer(f"{_DRIVER}://gf@127.0.0.1:{port}/postgres", folder, port)
        server.start()
        yield server
    finally:
        if server is not None and server._process is not None and server._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                server.stop(immediately=True)
        shutil.rmtree(folder, ignore_errors=True)


def missing() -> str | None:
    """What to do where there is no PostgreSQL to start; None where there is."""
    try:
        _binary("initdb")
    except RuntimeError as error:
        return str(error)
    return None


def patient(url: str) -> str:
    """The same with time-outs that a busy machine does not exceed; nothing else about it changes."""
    seconds = {"idle_in_transaction_session_timeout": 10, "lock_timeout": 30, "statement_timeout": 45}
    options = " ".join(f"-c {name}={patience(usual):.0f}s" for name, usual in seconds.items())
    return make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)


def plain(url: str) -> str:
    """The same for the driver itself, which knows no ``+psycopg``, with the time-outs of the server."""
    return make_url(url).set(drivername="postgresql", query={}).render_as_string(hide_password=False)


def empty(url: str) -> None:
    """Remove every row of ours and of DBOS, and count from 1 again: quicker than another database."""
    tables = reversed(METADATA.sorted_tables)
    counted = [(table.name, table.autoincrement_column) for table in METADATA.sorted_tables]
    statements = [f"DELETE FROM {table.name}" for table in tables]
    statements += [
        f"ALTER SEQUENCE {name}_{key.name}_seq RESTART" for name, key in counted if key is not None
    ]
    with psycopg.connect(plain(url), autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'dbos'").fetchall()
        theirs = {"workflow_input", "workflow_output", "operation_outputs", "workflow_status"}
        statements += [f"DELETE FROM dbos.{name}" for (name,) in found if name in theirs]
        connection.execute("; ".join(statements))


def _binary(name: str) -> str:
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if installed:
        return str(installed[0])
    if found:
        return found
    raise RuntimeError(f"{name} of PostgreSQL is not installed; `make test-setup` installs it (Debian).")


def _unprivileged() -> dict[str, Any]:
    """Arguments of Popen that make a child run as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("There is no unprivileged user to run PostgreSQL as.")


def _own(folder: Path) -> None:
    who = _unprivileged()
    if who:
        os.chown(folder, who["user"], who["group"])


def _initialise(folder: Path, port: int) -> None:
    done = subprocess.run(
        [_binary("initdb"), "-D", str(folder / "data"), "-U", "gf", "-A", "trust", "-E", "UTF8", "--no-sync"],
        capture_output=True,
        cwd=folder,
        check=False,
        **_unprivileged(),
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")
    access = folder / "data" / "pg_hba.conf"
    access.write_text(f"host all {LOCKED} 127.0.0.1/32 scram-sha-256\n{access.read_text('utf-8')}", "utf-8")
    with (folder / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write(
            f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{folder}'\n"
            # The tests kill processes, not machines: what the kernel holds survives them.
            "fsync = off\nmax_connections = 60\nshared_buffers = 32MB\n"
            # Each database lives for seconds: nothing of it has to be cleaned, archived or compiled.
            "autovacuum = off\njit = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n"
        )


def _free_port() -> int:
    """Below those the kernel hands out: while this server is down, nobody else may be given its port."""
    while True:
        port = random.randrange(10_240, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
