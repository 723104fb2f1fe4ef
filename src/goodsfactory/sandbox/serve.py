"""Serve a sandbox on a socket."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Any, cast

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from goodsfactory.sandbox.http.app import API_PREFIX, SandboxApp
from goodsfactory.sandbox.http.disturbance import HANG_UP, hang_up
from goodsfactory.sandbox.http.protocol import App, Receive, Scope, Send

_GRACE_SECONDS = 1


async def serve(
    app: SandboxApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    started: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until ``stop`` is set; without ``stop``, until SIGINT or SIGTERM arrives.

    ``started`` hears the base URL (``http://127.0.0.1:PORT/v2``) once connections are accepted; port 0
    takes a free one. Raises OSError, with a sentence, when host and port cannot be had.
    """
    with closing(_listen(host, port)) as listener:
        server = _Server(
            uvicorn.Config(
                _ending_quietly(app),
                http=_Protocol,
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="error",
                proxy_headers=False,
                ws="none",
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        waiting = asyncio.create_task(_stop_when(stop or _signalled(), server))
        try:
            if started is not None:
                bound_host, bound_port = listener.getsockname()[:2]
                shown = f"[{bound_host}]" if ":" in bound_host else bound_host
                started(f"http://{shown}:{bound_port}{API_PREFIX}")
            await serving
        finally:
            server.should_exit = True
            waiting.cancel()
            await asyncio.gather(serving, waiting, return_exceptions=True)


def serve_until_signalled(app: SandboxApp, *, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve on a loop of its own, a fast one, until SIGINT or SIGTERM arrives. Raises as :func:`serve`."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, host=host, port=port, started=started))


def _ending_quietly(app: App) -> App:
    """Nobody is answered whose answer was not due when the server ended; uvicorn would call that a bug."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            await hang_up(scope, receive)

    return served


class _Protocol(HttpToolsProtocol):
    def on_message_begin(self) -> None:
        """Let the app close the connection instead of answering."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope["extensions"] = {HANG_UP: self.transport.close}


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone: uvicorn would raise them once more after it has stopped cleanly."""
        yield


async def _stop_when(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True


def _signalled() -> asyncio.Event:
    signalled = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)
    return signalled


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio turns Nagle off on what is accepted: with it an answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        listener.setblocking(False)
    except (OSError, OverflowError) as error:  # OverflowError: there is no such port
        listener.close()
        number, why = (error.errno, error.strerror or error) if isinstance(error, OSError) else (None, error)
        raise OSError(
            number,
            f"cannot listen on {host}:{port}: {str(why).rstrip('.')}. "
            "Choose another port, or port 0 for any free one.",
        ) from error
    except BaseException:
        listener.close()
        raise
    return listener
