"""The client: where it knocks, and what it says when nobody answers."""

import os
import socket as sockets
import tempfile
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from tests.foreign import STRANGER, as_stranger_listening, give_away

from goodsfactory.api import daemon_pb2
from goodsfactory.api.address import default_socket
from goodsfactory.api.client import Client
from goodsfactory.api.errors import DaemonError, DaemonUnreachable


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def serve(socket: Path, status: grpc.StatusCode, message: str, code: str | None) -> grpc.Server:
    """A server that refuses every HealthCheck in the given way."""

    def refuse(request: daemon_pb2.HealthCheckRequest, context: grpc.ServicerContext) -> None:
        if code is not None:
            context.set_trailing_metadata((("error-code", code),))
        context.abort(status, message)

    handler = grpc.unary_unary_rpc_method_handler(
        refuse, request_deserializer=daemon_pb2.HealthCheckRequest.FromString
    )
    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("daemon.DaemonService", {"HealthCheck": handler}),)
    )
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    return server


def refused(socket: Path, status: grpc.StatusCode, message: str, code: str | None) -> DaemonError:
    server = serve(socket, status, message, code)
    try:
        with Client(socket) as client, pytest.raises(DaemonError) as caught:
            client.health()
        return caught.value
    finally:
        server.stop(None).wait()


def test_the_default_socket_lies_in_the_runtime_directory() -> None:
    """$XDG_RUNTIME_DIR/spacetraders-daemon.sock is where clients look."""
    assert default_socket({"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/spacetraders-daemon.sock")


@pytest.mark.parametrize("trap", ["made by a stranger", "open to all", "a link", "a file"])
def test_a_directory_that_somebody_prepared_is_not_trusted(
    trap: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token would be sent to them: the socket lies in the user's state directory then."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    (folder / "tmp").mkdir()
    prepared = default_socket({}).parent
    assert prepared.parent == folder / "tmp"
    match trap:
        case "made by a stranger":
            prepared.mkdir(mode=0o700)
            give_away(prepared, monkeypatch)
            prepared.rename(prepared.with_name(f"spacetraders-{os.geteuid()}"))
        case "open to all":
            prepared.mkdir()
            prepared.chmod(0o755)
        case "a link":
            (folder / "elsewhere").mkdir(mode=0o700)
            prepared.symlink_to(folder / "elsewhere")
        case _:
            prepared.write_text("")
    assert default_socket({}) == folder / "state" / "goodsfactory" / "spacetraders-daemon.sock"


def test_the_runtime_directory_of_another_user_is_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `sudo` leaves it in the environment."""
    (folder / "run").mkdir(mode=0o700)
    give_away(folder / "run", monkeypatch)
    assert default_socket({"XDG_RUNTIME_DIR": str(folder / "run")}).parent != folder / "run"


def listening(socket: Path) -> sockets.socket:
    listener = sockets.socket(sockets.AF_UNIX)
    listener.bind(str(socket))
    socket.chmod(0o600)
    listener.listen()
    return listener


def refusal_of(socket: Path) -> str:
    """What a client says that was to talk to ``socket``; nobody may have been called, or told anything."""
    with pytest.raises(DaemonUnreachable) as caught:
        Client(socket).health()
    return caught.value.message


@pytest.mark.parametrize(
    "trap", ["is open to other users (mode 0755)", "is a link", "belongs to another user"]
)
def test_a_client_tells_nothing_in_a_directory_of_others(
    trap: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not even knock: whoever can write there may listen there."""
    place = folder / "place"
    place.mkdir(mode=0o700)
    with listening(place / "d.sock") as listener:
        if trap == "is a link":
            place.rename(folder / "real")
            place.symlink_to(folder / "real")
        elif trap == "belongs to another user":
            give_away(place, monkeypatch)
        else:
            place.chmod(0o755)
        assert refusal_of(place / "d.sock").startswith(
            f"{place} {trap}, so nothing is sent there; make a dir"
        )
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_client_tells_nothing_at_a_socket_of_another_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the directory is the user's own."""
    socket = folder / "d.sock"
    with listening(socket):
        give_away(socket, monkeypatch)
        assert "so nothing is sent there" in refusal_of(socket)


def test_a_client_tells_nothing_to_a_process_of_another_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel tells who listens; the connection that asked for it brought nothing."""
    socket = folder / "d.sock"
    if os.geteuid() == 0:
        with as_stranger_listening(socket) as listener:
            assert refusal_of(socket).startswith(
                f"Another user listens on {socket}, so nothing is sent there"
            )
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(1) == b""
    from goodsfactory.api.address import serves_somebody_else

    ours, other = sockets.socketpair()
    with ours, other:
        assert not serves_somebody_else(ours)
        monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
        assert serves_somebody_else(ours)


@pytest.mark.parametrize("environ", [{}, {"XDG_RUNTIME_DIR": ""}])
def test_without_a_runtime_directory_every_user_has_a_socket_of_their_own(environ: dict[str, str]) -> None:
    """The fall-back lies in a directory below the temporary one that only one user's daemon makes."""
    socket = default_socket(environ)
    assert socket.name == "spacetraders-daemon.sock"
    assert socket.parent.parent == Path(tempfile.gettempdir())
    assert socket.parent.name.startswith("spacetraders-")


def test_a_missing_socket_is_an_unreachable_daemon(folder: Path) -> None:
    """Where no daemon was ever started the sentence says how to start one."""
    with pytest.raises(DaemonUnreachable) as caught:
        Client(folder / "none.sock")
    assert caught.value.code == "daemon-unreachable"
    assert caught.value.message == (
        f"No daemon answers on {folder / 'none.sock'}; start one with `spacetraders daemon run`."
    )


def test_the_socket_of_a_dead_daemon_is_an_unreachable_daemon(folder: Path) -> None:
    """A socket file without a listener does not hang the client."""
    with sockets.socket(sockets.AF_UNIX) as dead:
        dead.bind(str(folder / "dead.sock"))
    with pytest.raises(DaemonUnreachable):
        Client(folder / "dead.sock")


def test_a_path_that_is_no_socket_is_an_unreachable_daemon(folder: Path) -> None:
    """A file of another kind is nobody's daemon."""
    (folder / "file").write_text("")
    with pytest.raises(DaemonUnreachable):
        Client(folder / "file")


def test_a_path_too_long_for_a_socket_is_an_unreachable_daemon() -> None:
    """A path that the system would not take is answered with the same sentence."""
    with pytest.raises(DaemonUnreachable):
        Client(Path("/tmp") / ("x" * 200))


def test_the_machine_code_of_a_refusal_reaches_the_caller(folder: Path) -> None:
    """error-code of the trailing metadata and the sentence are the exception."""
    error = refused(folder / "s", grpc.StatusCode.NOT_FOUND, "There is no system X.", "not-found")
    assert (type(error), error.code, error.message) == (DaemonError, "not-found", "There is no system X.")


def test_an_unavailable_game_is_not_an_unreachable_daemon(folder: Path) -> None:
    """UNAVAILABLE with a machine code was said by a daemon that is well."""
    error = refused(folder / "s", grpc.StatusCode.UNAVAILABLE, "The game rests.", "game-unavailable")
    assert (type(error), error.code) == (DaemonError, "game-unavailable")


def test_a_daemon_that_goes_down_is_unreachable(folder: Path) -> None:
    """A daemon on its way out is as good as gone."""
    error = refused(folder / "s", grpc.StatusCode.UNAVAILABLE, "The daemon is stopping.", "stopping")
    assert (type(error), error.code, error.message) == (
        DaemonUnreachable,
        "stopping",
        "The daemon is stopping.",
    )


def test_a_broken_connection_is_an_unreachable_daemon(folder: Path) -> None:
    """UNAVAILABLE without a machine code comes from the transport, not from a daemon."""
    error = refused(folder / "s", grpc.StatusCode.UNAVAILABLE, "connection reset", None)
    assert (type(error), error.code) == (DaemonUnreachable, "daemon-unreachable")


def test_a_call_nobody_answers_in_time_says_so(folder: Path) -> None:
    """A deadline is a failure of the call, and the daemon may be well."""
    error = refused(folder / "s", grpc.StatusCode.DEADLINE_EXCEEDED, "", None)
    assert (error.code, error.message) == ("deadline", "The daemon did not answer within 60 s.")


def test_a_status_without_a_machine_code_is_its_own_code(folder: Path) -> None:
    """A foreign server's refusal still has a code and a text."""
    error = refused(folder / "s", grpc.StatusCode.UNIMPLEMENTED, "Method not found!", None)
    assert (error.code, error.message) == ("unimplemented", "Method not found!")


def test_a_connection_that_does_not_close_holds_nobody_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C within a call leaves one whose end nobody hears, and gRPC closes only after the last of them."""
    ended = threading.Event()
    server = serve(folder / "s", grpc.StatusCode.UNAVAILABLE, "", None)
    with Client(folder / "s") as client:
        channel = client._channel
        monkeypatch.setattr(channel, "close", lambda close=channel.close: ended.wait() and close())
    assert not ended.is_set()
    ended.set()
    server.stop(None).wait()
