"""Launching processes: the daemon, a sandbox, and both as children of the demo.

The only room of the command line that may look behind the gRPC door, and only inside functions.
"""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

from goodsfactory.cli.durations import counted
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.screen import tell

if TYPE_CHECKING:
    from goodsfactory.daemon.doctor import Finding

START_SECONDS = 60.0
"""Real seconds a child may take until it is ready."""

END_SECONDS = 15.0
"""Real seconds a child may take to end before it is killed."""


def run_daemon(flags: Mapping[str, Any], config: Path | None, *, ready: Callable[[str], None]) -> int:
    """Run the daemon until it is stopped. Raises Failure with the sentence of whatever prevents it."""
    # The core of gRPC writes to stderr past any log; what matters of it comes back as an error.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from goodsfactory.daemon.error_status import EXPLAINED, wire_error
    from goodsfactory.daemon.running import run_daemon as run
    from goodsfactory.daemon.settings import load_settings, settings_file

    async def until_signalled() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await run(settings, stop=stop, ready=ready)

    try:
        file = settings_file(config, os.environ)
        settings = load_settings(flags, os.environ, file)
        _tell_of_unread(file)
        return asyncio.run(until_signalled())
    except EXPLAINED as error:
        told = wire_error(error)
        raise Failure(told.message, code=told.code) from None
    except OSError as error:
        raise Failure(f"The daemon cannot run: {_sentence(error)}", code="system") from None


def effective_settings(flags: Mapping[str, Any], config: Path | None) -> list[dict[str, Any]]:
    """Every setting with the value that :func:`run_daemon` would obey and its source; secrets are hidden.

    Raises Failure with the sentence of whatever is wrong with one.
    """
    from goodsfactory.adapters.store.database import database_url
    from goodsfactory.daemon.error_status import EXPLAINED, wire_error
    from goodsfactory.daemon.settings import effective, load_settings, settings_file

    try:
        file = settings_file(config, os.environ)
        database_url(load_settings(flags, os.environ, file).database)
        return effective(flags, os.environ, file)
    except EXPLAINED as error:
        told = wire_error(error)
        raise Failure(told.message, code=told.code) from None


def bundled_goods() -> list[str]:
    """The goods that the recipes of this program name, sorted; a server may know others."""
    from goodsfactory.daemon.recipe_file import bundled_goods as goods

    return goods()


def read_token(file: Path) -> str:
    """The token in a file, ``-`` for standard input. Raises OSError whose ``strerror`` says why not."""
    from goodsfactory.daemon.token_file import read_token as read

    return read(file)


def examine_without_daemon(socket: Path, base_url: str | None, config: Path | None) -> list[dict[str, str]]:
    """The checks of the doctor that need no daemon: settings, server, disk, socket.

    Nobody knows here with which flags a daemon was run: so it says which server is asked, and why that.
    """
    from goodsfactory.adapters.store.database import database_url
    from goodsfactory.daemon.bootstrap import examine_without_daemon as examine
    from goodsfactory.daemon.doctor import check_socket, fail
    from goodsfactory.daemon.error_status import EXPLAINED
    from goodsfactory.daemon.settings import effective, load_settings, settings_file

    flags = {"base_url": base_url}
    try:
        file = settings_file(config, os.environ)
        settings = load_settings(flags, os.environ, file)
        database_url(settings.database)
        source = next(
            one["source"] for one in effective(flags, os.environ, file) if one["name"] == "base_url"
        )
    except EXPLAINED as error:
        found = [fail("settings", str(error).rstrip("."), "Correct it; nothing starts until then.")]
    else:
        found = [asked_server(settings.base_url, source), *asyncio.run(examine(settings))]
    if socket.exists():
        found.append(check_socket(socket))
    return [
        {"check": one.check, "verdict": one.verdict.value, "text": one.text, "remedy": one.remedy}
        for one in found
    ]


def asked_server(address: str, source: str) -> "Finding":
    """Which server the doctor asks by itself, and what named it."""
    from goodsfactory.daemon.doctor import ok, warn

    text = f"base_url is {address} ({source})"
    if source != "default":
        return ok("settings", text)
    return warn("settings", text, "If your daemon plays on another server, name it: --base-url URL.")


def _tell_of_unread(file: Path | None) -> None:
    """Say that a settings file of the working directory, which once was obeyed, is not."""
    here = Path("goodsfactory.toml")
    if here.is_file() and not (file is not None and file.exists() and here.samefile(file)):
        tell("spacetraders: ./goodsfactory.toml is not read; name it with --config if you mean it.")


def serve_sandbox(
    *,
    universe: Path | None,
    seed: int,
    scenario: str,
    systems: int,
    speed: float,
    compress: int,
    host: str,
    port: int,
    ships: Sequence[str],
    starting_credits: int | None,
    rate_limit: bool,
    strict_accounts: bool,
    rivals: int,
    state: Path | None,
    started: Callable[[str, str], None],
) -> None:
    """Serve a sandbox until a signal; ``started`` hears its base URL and the name of its universe.

    What a captured universe left open is told on stderr. Raises Failure for a bad universe, state, ship type,
    host or port.
    """
    from goodsfactory.adapters.clocks import time_source
    from goodsfactory.daemon.log import open_log
    from goodsfactory.sandbox.agents import STARTING_CREDITS
    from goodsfactory.sandbox.opening import Choices, open_sandbox
    from goodsfactory.sandbox.scenarios import Scenario
    from goodsfactory.sandbox.serve import serve_until_signalled

    # Time that never runs back; the sandbox's own speed is put upon it.
    clock = time_source(compress=compress)
    try:
        app = open_sandbox(
            Choices(
                seed=seed,
                universe=universe,
                scenario=Scenario(scenario),
                systems=systems,
                speed=speed,
                compress=compress,
                starting_credits=STARTING_CREDITS if starting_credits is None else starting_credits,
                starting_fleet=ships,
                rate_limit=rate_limit,
                accounts_required=strict_accounts,
                rivals=rivals,
                state=state,
            ),
            real=clock.now,
            sleep=clock.sleep,
            replaying=lambda requests: tell(f"Replaying {counted(requests, 'request')} of {state}."),
        )
        for assumption in app.universe.assumptions:
            tell(f"Assumed: {assumption}")
        end = app.discard

        def serving(url: str) -> None:
            nonlocal end
            end = app.close
            started(url, app.universe.name)

        try:
            with open_log(sys.stderr, level="INFO", now=clock.now):
                serve_until_signalled(app, host=host, port=port, started=serving)
        finally:
            end()
    except ValueError as error:
        raise Failure(_sentence(error), code="invalid") from None
    except OSError as error:
        raise Failure(_sentence(error), code="system") from None


def ask_sandbox(base_url: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """One request to the operator's namespace of a running sandbox; its ``data``.

    Raises Failure with the sandbox's own sentence where it refuses, or when there is none.
    """
    from goodsfactory.sandbox.operator import Operator, SandboxRefused, SandboxUnreachable

    try:
        return Operator(base_url).ask(method, path, body)
    except SandboxRefused as error:
        raise Failure(str(error), code="refused") from None
    except SandboxUnreachable as error:
        message = f"No sandbox answers at {base_url} ({error}). Start one, or give another --base-url."
        raise Failure(message, code="unreachable") from None


def report_on_sandbox(seeds: Sequence[int] | None, universes: Sequence[Path]) -> dict[str, Any]:
    """Measure the sandbox's economy. Raises Failure for a captured universe that cannot be read."""
    from goodsfactory.sandbox.report.sandbox_report import DEFAULT_SEEDS, make_report

    try:
        return make_report(seeds or DEFAULT_SEEDS, universes)
    except ValueError as error:
        raise Failure(_sentence(error), code="invalid") from None


@dataclass(frozen=True)
class Stage:
    """A sandbox and a daemon that play it, as processes of their own."""

    base_url: str
    socket: Path

    def sandbox_state(self) -> dict[str, Any]:
        """What the sandbox knows of time, requests and purses (its operator's namespace)."""
        import urllib.request

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        address = self.base_url.removesuffix("/v2") + "/sandbox/state"
        with opener.open(address, timeout=10) as answer:
            state: dict[str, Any] = json.load(answer)
        return state


@contextmanager
def stage(
    *, sandbox: Sequence[str], daemon: Sequence[str], progress: Callable[[str], None]
) -> Iterator[Stage]:
    """Start a sandbox and a daemon on a temporary state directory; both end with the context.

    ``sandbox`` and ``daemon`` are further arguments of their commands. Raises Failure with the last words of
    a child that does not come up.
    """
    with (
        tempfile.TemporaryDirectory(prefix="goodsfactory-demo-") as directory,
        _termination_as_interrupt(),
        _children() as children,
    ):
        folder = Path(directory)
        progress("Starting a sandbox universe.")
        base_url = _start(children, folder, "sandbox", ["sandbox", "serve", "--port", "0", *sandbox])
        progress(f"Starting the daemon against {base_url}.")
        socket = folder / "daemon.sock"
        # An empty file of its own: what the user set for the real daemon is not meant for this one.
        (folder / "settings.toml").touch()
        arguments = ["--config", str(folder / "settings.toml"), "--base-url", base_url]
        arguments += ["--state-dir", str(folder / "state"), "--socket", str(socket)]
        _start(children, folder, "daemon", ["daemon", "run", *arguments, *daemon])
        yield Stage(base_url, socket)


@contextmanager
def _children() -> Iterator[list[subprocess.Popen[str]]]:
    children: list[subprocess.Popen[str]] = []
    try:
        yield children
    finally:
        for child in reversed(children):
            child.terminate()
            try:
                child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout is not None:
                child.stdout.close()


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """A SIGTERM must not leave the children behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _start(children: list[subprocess.Popen[str]], folder: Path, name: str, arguments: Sequence[str]) -> str:
    """Start a command of ours and return its first line, which says that it is ready."""
    words = folder / f"{name}.log"
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("GOODS_", "SPACETRADERS_"))
    }
    with words.open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "goodsfactory.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env=environ,
            # Ctrl-C is for the demo, which then ends its children in order.
            start_new_session=True,
        )
    children.append(child)
    line = _first_line(child.stdout)
    if not line:
        last = (words.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise Failure(f"The {name} did not start: {last}", code="start")
    return line


def _first_line(stream: IO[str] | None) -> str:
    if stream is None or not select.select([stream], [], [], START_SECONDS)[0]:
        return ""
    return stream.readline().strip()


def _sentence(error: Exception) -> str:
    text = (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).strip()
    if isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {text}"
    return text if text.endswith((".", "?")) else f"{text}."
