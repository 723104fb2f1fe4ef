"""A PostgreSQL server of the tests' own: the system's binaries, an unprivileged user, a temporary folder.

``GF_TEST_POSTGRES_URL`` names a server to use instead (its user must be allowed to create databases).
Binaries that are missing are installed where that is possible. In CI a server that cannot be had is a
failure, elsewhere the tests that need it are skipped with the reason.
"""

import fcntl
import os
import pwd
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
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy import make_url

from goodsfactory.adapters.store.tables import METADATA

OVERRIDE = "GF_TEST_POSTGRES_URL"
_START_SECONDS = 60
_DRIVER = "postgresql+psycopg"

# Whoever comes by this name must know a password; everybody else is trusted.
LOCKED = "gf_locked"

# Sorts "a_b" before "AB", unlike SQLite: what depends on the order of a database shows.
ENGLISH = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"


@dataclass
class PostgresServer:
    """A running server. ``url`` names a database of it that always exists."""

    url: str
    folder: Path | None = None
    port: int = 0
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
        assert self._process is not None, "a server named by the environment is not ours to stop"
        self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        self._process.wait(_START_SECONDS)

    def start(self) -> None:
        """Start it, or start it again on the same port and data."""
        assert self.folder is not None, "a server named by the environment is not ours to start"
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
        assert self.folder is not None
        question = [_binary("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-t", "1", "-q"]
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run(question, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                last = (self.folder / "log").read_text("utf-8", "replace").splitlines()[-5:]
                raise RuntimeError(f"PostgreSQL did not start: {' / '.join(last)}")
            time.sleep(0.05)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the context lasts; it ends with it, and so does its data."""
    if named := os.environ.get(OVERRIDE):
        yield PostgresServer(make_url(named).set(drivername=_DRIVER).render_as_string(hide_password=False))
        return
    folder = Path(tempfile.mkdtemp(prefix="gf-postgres-"))
    server: PostgresServer | None = None
    try:
        _install()
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


def unavailable(error: Exception) -> NoReturn:
    """A failure in CI, a skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"PostgreSQL is needed and cannot be had: {error}")
    pytest.skip(f"PostgreSQL cannot be had here: {error}")


def plain(url: str) -> str:
    """The same for the driver itself, which knows no ``+psycopg``."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


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
    raise RuntimeError(f"{name} is not installed (Debian: apt-get install postgresql)")


def _install() -> None:
    """Install the binaries where they are missing and this process may; one process at a time."""
    with (Path(tempfile.gettempdir()) / "gf-postgres-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _binary("initdb")
        except RuntimeError:
            if os.geteuid() != 0 or shutil.which("apt-get") is None:
                raise
            # Only the binaries: no cluster of the system's own shall start.
            environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for command in (
                ["apt-get", "update", "-q"],
                ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql-common"],
            ):
                subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
            with suppress(OSError):
                Path("/etc/postgresql-common/createcluster.conf").write_text("create_main_cluster = false\n")
            subprocess.run(
                ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"],
                check=True,
                env=environ,
                stdout=subprocess.DEVNULL,
            )


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
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
