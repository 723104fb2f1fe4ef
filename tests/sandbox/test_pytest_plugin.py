"""The fixture that a stranger's tests use: installed with the package, a fresh universe for every test."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.recorded import CAPTURED

from goodsfactory.sandbox.operator import Operator, SandboxRefused, SandboxUnreachable


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest, run by somebody who has only installed the package."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def get(url: str, token: str = "") -> Any:
    """One request of a client that knows nothing of the sandbox."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return json.load(answer)


def test_who_does_not_use_it_pays_nothing(tmp_path: Path) -> None:
    """The sandbox is imported by the fixture, not by the plugin."""
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\n\ndef test_mine():\n"
        "    assert 'goodsfactory.pytest_plugin' in sys.modules\n"
        "    assert not [each for each in sys.modules if each.startswith('goodsfactory.sandbox')]\n"
    )
    ran = pytest_in(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_choice_nobody_knows_is_a_sentence(tmp_path: Path) -> None:
    """A misspelt choice fails the test with the name of the marker and no traceback."""
    wrong = (
        *("sead=7", "scenario='ruined'", "universe='nowhere'", "starting_fleet=['SHIP_CANOE']", "7"),
        *("seed='a'", "starting_credits=-1", "starting_credits=2**53", "rate_limit='no'"),
        *("starting_fleet='SHIP_PROBE'", "speed=60, compress=20"),
    )
    tests = "".join(
        f"@pytest.mark.spacetraders_sandbox({each})\ndef test_{number}(spacetraders_sandbox):\n    pass\n"
        for number, each in enumerate(wrong)
    )
    (tmp_path / "test_bot.py").write_text(f"import pytest\n{tests}")
    ran = pytest_in(tmp_path)
    assert ran.returncode == 1
    told = [
        line for line in ran.stdout.splitlines() if line.startswith("@pytest.mark.spacetraders_sandbox: ")
    ]
    words = (
        *("sead", "ruined", "nowhere", "SHIP_CANOE", "write what 7 is, such as seed=7"),
        *("seed is a whole number", "not -1", "to 9,007,199,254,740,991", "rate_limit is True or False"),
        *("such as ['SHIP_PROBE']", "choose a speed, or a factor to compress by"),
    )
    for word, line in zip(words, told, strict=True):
        assert word in line
    assert "Traceback" not in ran.stdout


@pytest.mark.spacetraders_sandbox(universe=str(CAPTURED), scenario="young")
def test_choices_may_be_text(spacetraders_sandbox: Operator) -> None:
    """A path and a scenario by their names."""
    systems = get(f"{spacetraders_sandbox.url}/systems")["data"]
    assert [each["symbol"] for each in systems] == ["X1-AD75"]


@pytest.mark.spacetraders_sandbox(seed=7, systems=1, starting_credits=900_000, rate_limit=False)
def test_a_bot_plays_and_its_books_are_read(spacetraders_sandbox: Operator) -> None:
    """Credits, trades and holds of an agent; a jump moves the time that the bot is told."""
    url, token = spacetraders_sandbox.url, spacetraders_sandbox.register("BOT")
    ship = get(f"{url}/my/ships", token)["data"][0]
    before = get(f"{url}/")["health"]["lastMarketUpdate"]
    assert spacetraders_sandbox.jump(7200)[:13] > before[:13]
    order = json.dumps({"symbol": "FUEL", "units": 3}).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(f"{url}/my/ships/{ship['symbol']}/purchase", order, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        spent = json.load(answer)["data"]["transaction"]["totalPrice"]
    books = spacetraders_sandbox.books("BOT")
    assert (books.starting_credits, books.credits) == (900_000, 900_000 - spent)
    assert [each["units"] for each in books.transactions] == [3]
    assert books.holds[ship["symbol"]] == {"FUEL": 3}


def test_a_fault_strikes_until_it_is_cleared(spacetraders_sandbox: Operator) -> None:
    """Armed with the fields of the operator's endpoint; what makes no sense is refused with its sentence."""
    url = spacetraders_sandbox.url
    spacetraders_sandbox.fault("error", status=503, path="/systems*", duration_seconds=3600)
    with pytest.raises(urllib.error.HTTPError, match="503") as struck:
        get(f"{url}/systems")
    struck.value.close()
    spacetraders_sandbox.clear_faults()
    assert get(f"{url}/systems")["data"]
    with pytest.raises(SandboxRefused, match="needs seconds above 0"):
        spacetraders_sandbox.fault("slow")
    with pytest.raises(SandboxRefused, match="secs: there is no such field"):
        spacetraders_sandbox.fault("slow", seconds=4, secs=4)
    with pytest.raises(SandboxRefused, match="seed: there is no such field; none is known here"):
        spacetraders_sandbox.ask("POST", "/reset", {"seed": 5})


@pytest.mark.spacetraders_sandbox(accounts_required=True, systems=1)
def test_strict_accounts(spacetraders_sandbox: Operator) -> None:
    """Without the token of an account nobody registers: the fixture opens one, or is given one's token.

    That is good after a reset too.
    """
    url = spacetraders_sandbox.url
    with pytest.raises(SandboxRefused, match="Missing account token"):
        Operator(url).register("BOT")
    assert get(f"{url}/my/agent", spacetraders_sandbox.register("BOT"))
    account = spacetraders_sandbox.account("me")
    spacetraders_sandbox.reset()
    assert get(f"{url}/my/agent", spacetraders_sandbox.register("BOT", account_token=account))


@pytest.mark.spacetraders_sandbox(systems=1, starting_credits=5)
class TestMarkersAddUp:
    """What a class chooses holds for its tests, unless they choose otherwise."""

    @pytest.mark.spacetraders_sandbox(starting_credits=7)
    def test_the_closest_marker_has_the_last_word(self, spacetraders_sandbox: Operator) -> None:
        """One system as the class says, and the credits of the test."""
        spacetraders_sandbox.register("BOT")
        assert spacetraders_sandbox.books("BOT").credits == 7
        assert len(get(f"{spacetraders_sandbox.url}/systems")["data"]) == 1


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """The base URL of something that answers one request so, and is no sandbox."""

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(raw)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v2"
        thread.join()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"NONSENSE\r\n\r\n", "NONSENSE"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{}", "IncompleteRead"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "answers without data: is it a sandbox"),
    ],
)
def test_what_is_no_sandbox_is_told(raw: bytes, told: str) -> None:
    """Broken HTTP and an answer of another shape are SandboxUnreachable like a port without a server."""
    with answering(raw) as url, pytest.raises(SandboxUnreachable, match=told):
        Operator(url).clear_faults()


def test_every_test_has_a_universe_of_its_own(spacetraders_sandbox: Operator) -> None:
    """Nobody is registered yet; after a reset nobody is again, and the date is a later one."""
    agents = f"{spacetraders_sandbox.url}/agents"
    assert get(agents)["data"] == []
    spacetraders_sandbox.register("BOT")
    before = get(f"{spacetraders_sandbox.url}/")["resetDate"]
    assert spacetraders_sandbox.reset() > before
    assert get(agents)["data"] == []


def test_nobody_there_is_told() -> None:
    """An address at which nothing listens."""
    with pytest.raises(SandboxUnreachable):
        Operator("http://127.0.0.1:9/v2").jump(1)
