"""A process that has imported the daemon once, and forks a victim whenever one is wanted.

A daemon spends a second of processor time on imports before it does anything; killed hundreds of times, that
is most of what a test costs. A forked victim is a process of its own all the same, with files, threads and
an end of its own. ``python -m tests.kill.victim`` starts one without a nursery.
"""

import array
import atexit
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

_LONGEST_ORDER = 65536


@dataclass
class Victim:
    """A forked daemon, with as much of ``subprocess.Popen`` as a harness needs."""

    nursery: "Nursery"
    pid: int
    stdout: IO[bytes]

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        self.nursery.listen(0)
        return self.nursery.ended.get(self.pid)

    def wait(self, timeout: float) -> int:
        """Its exit code once it has ended. Raises TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = deadline - time.monotonic()
            if left < 0:
                raise subprocess.TimeoutExpired("victim", timeout)
            self.nursery.listen(left)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing happens where it has ended: its number may be somebody else's."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


@dataclass
class Nursery:
    """The way to the process that forks; it ends with this one, and its victims with it."""

    orders: socket.socket
    process: subprocess.Popen[bytes]
    ended: dict[int, int] = field(default_factory=dict)
    _born: list[int] = field(default_factory=list)

    def fork(self, words: Sequence[str], log: Path) -> Victim:
        """A daemon with these arguments, whose errors go to ``log``."""
        told, tells = os.pipe()
        with log.open("w") as errors:
            order = [json.dumps(list(words)).encode()]
            fds = array.array("i", [tells, errors.fileno()])
            self.orders.sendmsg(order, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        os.close(tells)
        while not self._born:
            self.listen(None)
        return Victim(self, self._born.pop(), os.fdopen(told, "rb", buffering=0))

    def listen(self, seconds: float | None) -> None:
        """Hear who was born and who died; wait so long for the first news."""
        while select.select([self.orders], [], [], seconds)[0]:
            news = self.orders.recv(_LONGEST_ORDER)
            assert news, "the nursery has ended"
            kind, pid, code = json.loads(news)
            if kind == "born":
                self._born.append(pid)
                self.ended.pop(pid, None)
            else:
                self.ended[pid] = code
            seconds = 0

    def close(self) -> None:
        self.orders.close()
        self.process.wait()


@cache
def nursery(folder: Path) -> Nursery:
    """The one of this process; victims run in ``folder``."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        words = [sys.executable, "-m", "tests.kill.nursery", str(theirs.fileno())]
        one = Nursery(ours, subprocess.Popen(words, pass_fds=[theirs.fileno()], cwd=folder, env=environ()))
    atexit.register(one.close)
    return one


def environ() -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("GOODS_", "SPACETRADERS_"))
    }


def _serve(orders: socket.socket) -> None:
    """Fork for every order until there are no more; whoever lives then is killed."""
    heard, hears = os.pipe()
    os.set_blocking(hears, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(hears)
    alive: set[int] = set()
    watched: list[Any] = [orders, heard]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if orders in ready:
            order, fds, _, _ = socket.recv_fds(orders, _LONGEST_ORDER, 2)
            if not order:
                break
            pid = os.fork()
            if pid == 0:
                _live(json.loads(order), fds, [orders.fileno(), heard, hears])
            alive.add(pid)
            for fd in fds:
                os.close(fd)
            _tell(orders, "born", pid)
        if heard in ready:
            os.read(heard, 4096)
            _bury(orders, alive)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _bury(orders: socket.socket, alive: set[int]) -> None:
    for pid in list(alive):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            alive.discard(pid)
            _tell(orders, "dead", pid, os.waitstatus_to_exitcode(status))


def _tell(orders: socket.socket, kind: str, pid: int, code: int = 0) -> None:
    orders.send(json.dumps([kind, pid, code]).encode())


def _live(words: list[str], fds: Sequence[int], foreign: Sequence[int]) -> NoReturn:
    """Be the victim: nothing of the nursery is left but what it imported."""
    from tests.kill.victim import main

    code: Any = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, fd in enumerate((os.open(os.devnull, os.O_RDONLY), *fds)):
            os.dup2(fd, number)
            os.close(fd)
        for fd in foreign:
            os.close(fd)
        random.seed()
        code = main(words)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter does at the top
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    import psycopg  # noqa: F401 - what the daemon would import later
    import tests.kill.victim  # noqa: F401

    with socket.socket(fileno=int(sys.argv[1])) as given:
        _serve(given)
