"""The gRPC server on its unix socket: one daemon a socket, for its owner alone."""

import asyncio
import fcntl
import os
import socket as sockets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from goodsfactory.api import daemon_pb2, daemon_pb2_grpc, goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.error_status import ErrorStatus
from goodsfactory.daemon.services import DaemonService
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_insight import InsightService
from goodsfactory.daemon.services_orders import OrderService
from goodsfactory.daemon.services_quotes import QuoteService
from goodsfactory.daemon.services_scout import ScoutService
from goodsfactory.daemon.socket_place import check_place
from goodsfactory.domain.errors import UserError

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application

GRACE = 1.0
"""Real seconds a call may go on after the stop."""

SERVICES = (
    daemon_pb2.DESCRIPTOR.services_by_name["DaemonService"].full_name,
    goodsfactory_pb2.DESCRIPTOR.services_by_name["FactoryService"].full_name,
    goodsfactory_pb2.DESCRIPTOR.services_by_name["QuoteService"].full_name,
    goodsfactory_pb2.DESCRIPTOR.services_by_name["OrderService"].full_name,
    goodsfactory_pb2.DESCRIPTOR.services_by_name["InsightService"].full_name,
    goodsfactory_pb2.DESCRIPTOR.services_by_name["ScoutService"].full_name,
)


async def serve(
    application: "Application",
    socket: Path,
    *,
    stop: asyncio.Event,
    ready: Callable[[str], None],
) -> None:
    """Answer calls until ``stop`` is set (a Shutdown call sets it too), then end within about a second.

    ``ready`` is told the address once calls are answered. Raises UserError where another daemon listens on
    the socket or the socket cannot be made.
    """
    with held(socket):
        server = grpc.aio.server(interceptors=[ErrorStatus()])
        health_service = _add_services(server, application, stop=stop)
        _bind(server, socket)
        await server.start()
        try:
            for name in ("", *SERVICES):
                await health_service.set(name, health_pb2.HealthCheckResponse.SERVING)
            ready(f"unix:{socket}")
            await stop.wait()
        finally:
            await health_service.enter_graceful_shutdown()
            await server.stop(GRACE)


def _add_services(
    server: grpc.aio.Server,
    application: "Application",
    *,
    stop: asyncio.Event,
) -> Any:
    daemon_pb2_grpc.add_DaemonServiceServicer_to_server(DaemonService(application), server)
    goodsfactory_pb2_grpc.add_FactoryServiceServicer_to_server(FactoryService(application, stop=stop), server)
    goodsfactory_pb2_grpc.add_QuoteServiceServicer_to_server(QuoteService(application), server)
    goodsfactory_pb2_grpc.add_OrderServiceServicer_to_server(OrderService(application), server)
    goodsfactory_pb2_grpc.add_InsightServiceServicer_to_server(InsightService(application), server)
    goodsfactory_pb2_grpc.add_ScoutServiceServicer_to_server(ScoutService(application), server)
    # The published types know the module without its asyncio half.
    health_module: ModuleType = health
    health_service = health_module.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_service, server)
    reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    return health_service


@contextmanager
def held(socket: Path) -> Iterator[None]:
    """Hold the right to listen on a socket; a socket file that a dead daemon left behind is removed.

    The right is a lock on a file beside the socket, which the system drops with the process: looking at the
    socket alone would let two daemons through that start in the same moment. The directory is the user's own
    and closed to others; gRPC does not tell who calls, so this and the socket's mode 0600 keep others off.
    Raises UserError where a daemon is alive, the path is too long or taken by something else, or the
    directory is another user's, open to others, or cannot be written.
    """
    lock = _open_lock(socket)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already_running(socket) from None
        _remove_stale(socket)
        yield
        socket.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _open_lock(socket: Path) -> int:
    try:
        check_place(socket)
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_place(socket)
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(f"{socket}.lock", flags, 0o600)
    except OSError as error:
        raise UserError(
            f"The daemon cannot write to {socket.parent}: {error.strerror}; give another --socket.",
            kind="precondition",
        ) from None


def _remove_stale(socket: Path) -> None:
    try:
        mode = socket.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UserError(f"{socket} exists and is not a socket; give another --socket.", kind="exists")
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as knocker:
        knocker.settimeout(1)
        try:
            knocker.connect(str(socket))
        except OSError:
            socket.unlink()
            return
    raise _already_running(socket)


def _already_running(socket: Path) -> UserError:
    return UserError(
        f"A daemon is already running on {socket}; stop it with `spacetraders daemon stop` "
        "or give another --socket.",
        kind="exists",
    )


def _bind(server: grpc.aio.Server, socket: Path) -> None:
    # The socket must not be open to others even for a moment, so the mask comes first and chmod confirms.
    mask = os.umask(0o177)
    try:
        server.add_insecure_port(f"unix:{socket}")
        socket.chmod(0o600)
    except (RuntimeError, OSError):
        raise UserError(
            f"The daemon cannot listen on {socket}; give another --socket.", kind="precondition"
        ) from None
    finally:
        os.umask(mask)
