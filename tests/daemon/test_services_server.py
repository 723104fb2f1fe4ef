"""The server on its socket: for one owner, one at a time, and quick to end."""

import socket as sockets
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tests.cli.living_daemon import living_daemon
from tests.foreign import give_away

from goodsfactory.api.errors import DaemonUnreachable
from goodsfactory.daemon.server import held
from goodsfactory.domain.errors import UserError


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def refusal(socket: Path) -> UserError:
    with pytest.raises(UserError) as caught, held(socket):
        raise AssertionError("the socket was given away")
    return caught.value


def test_the_socket_is_for_its_owner_alone() -> None:
    """Mode 0600: whoever may call the daemon may spend the agent's credits."""
    with living_daemon(players=False) as daemon:
        mode = daemon.socket.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


def test_a_missing_directory_is_made_for_the_owner_alone(folder: Path) -> None:
    """The fall-back directory comes into being with mode 0700."""
    with held(folder / "own" / "d.sock"):
        assert stat.S_IMODE((folder / "own").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "trap", ["is open to other users (mode 0770)", "is a link", "belongs to another user"]
)
def test_a_directory_of_others_is_refused(trap: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can write there could put a socket of their own in the place of ours."""
    place = folder / "place"
    place.mkdir(mode=0o700)
    if trap == "is a link":
        place.rename(folder / "real")
        place.symlink_to(folder / "real")
    elif trap == "belongs to another user":
        give_away(place, monkeypatch)
    else:
        place.chmod(0o770)
    error = refusal(place / "d.sock")
    assert error.kind == "precondition"
    assert str(error).startswith(f"{place} {trap}, so the daemon does not listen there; make a directory")
    assert list(place.iterdir()) == []


def test_a_second_daemon_is_refused_on_the_socket_of_a_living_one() -> None:
    """Two daemons must not act on the same ships, so the first keeps its socket."""
    with living_daemon(players=False) as daemon:
        error = refusal(daemon.socket)
        assert error.kind == "exists"
        assert str(error) == (
            f"A daemon is already running on {daemon.socket}; stop it with `spacetraders daemon stop` "
            "or give another --socket."
        )
        with daemon.client() as client:
            assert client.health().status == "ok"


def test_a_daemon_that_is_still_starting_holds_its_socket_already(folder: Path) -> None:
    """The right is taken before anybody listens, so two that start together do not both get it."""
    with held(folder / "d.sock"):
        assert refusal(folder / "d.sock").kind == "exists"
    with held(folder / "d.sock"):
        pass


def test_a_foreign_listener_on_the_socket_is_not_thrown_out(folder: Path) -> None:
    """Whoever listens without our lock is alive as well."""
    socket = folder / "d.sock"
    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str(socket))
        listener.listen()
        assert refusal(socket).kind == "exists"
        assert socket.exists()


def test_the_socket_of_a_dead_daemon_is_taken_over(folder: Path) -> None:
    """A socket file that nobody listens on is removed."""
    socket = folder / "d.sock"
    with sockets.socket(sockets.AF_UNIX) as dead:
        dead.bind(str(socket))
    with held(socket):
        assert not socket.exists()


def test_a_file_that_is_no_socket_is_never_removed(folder: Path) -> None:
    """A wrong --socket must not cost anybody a file."""
    file = folder / "notes.txt"
    file.write_text("precious")
    assert str(refusal(file)) == f"{file} exists and is not a socket; give another --socket."
    assert file.read_text() == "precious"


def test_a_path_longer_than_a_socket_may_have_is_refused(folder: Path) -> None:
    """The system would say something obscure."""
    path = folder / ("x" * 120)
    assert str(refusal(path)) == (
        f"The socket path {path} is longer than 107 bytes; give a shorter --socket."
    )


def test_a_directory_that_cannot_be_written_is_refused(folder: Path) -> None:
    """The sentence names the directory and the system's reason."""
    (folder / "file").write_text("")
    error = refusal(folder / "file" / "deeper" / "d.sock")
    assert error.kind == "precondition"
    assert str(error) == (
        f"The daemon cannot write to {folder / 'file' / 'deeper'}: Not a directory; give another --socket."
    )


def test_the_socket_is_gone_after_a_clean_end() -> None:
    """Clients see at once that nobody is there."""
    with living_daemon(players=False) as daemon:
        socket = daemon.socket
        assert socket.exists()
        daemon.end()
    assert not socket.exists()


def test_open_streams_end_with_the_daemon_and_say_why() -> None:
    """A watcher that waits for events does not keep a daemon alive, and learns that it stopped."""
    # Slow enough that no stream looks up by itself before its grace is over.
    with living_daemon(speed=15) as daemon, daemon.client() as client, client.events() as events:
        first = next(events)
        assert first.seq > 0
        ended: list[Exception] = []

        def read() -> None:
            try:
                for _ in events:
                    pass
            except DaemonUnreachable as error:
                ended.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        assert client.shutdown() == "The daemon is stopping; its factories go on when it runs again."
        reader.join(20)
    assert [str(error) for error in ended] == [
        "The daemon is stopping; its factories go on when it runs again."
    ]


def test_health_and_reflection_are_served() -> None:
    """Standard tools can ask whether it is well and what it offers."""
    with living_daemon(players=False) as daemon, grpc.insecure_channel(f"unix:{daemon.socket}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", "daemon.DaemonService", "goodsfactory.v1.FactoryService"):
            answer = health.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {"daemon.DaemonService", "goodsfactory.v1.FactoryService"} <= set(database.get_services())
        assert database.FindFileContainingSymbol("daemon.DaemonService").package == "daemon"
