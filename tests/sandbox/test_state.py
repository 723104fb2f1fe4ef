"""A universe in a file: it survives restarts and kills, and is never mistaken for another."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.recorded import CAPTURED
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox import state_file
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.http.app import SandboxApp
from goodsfactory.sandbox.opening import Choices, open_sandbox
from goodsfactory.sandbox.state_file import StateFile
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, tzinfo=UTC)


class Keeper:
    """A sandbox on a state file, killed and restarted at will; every request takes a second."""

    def __init__(self, path: Any, **choices: Any) -> None:
        self.choices = Choices(seed=7, systems=3, rate_limit=False, state=path, **choices)
        self.real = EPOCH
        self.token = None
        self.app: SandboxApp | None = None
        self.start()

    def start(self) -> None:
        """Open the file; whatever ran before is gone without a word, as after a kill."""
        self.abandon()
        self.app = open_sandbox(self.choices, real=lambda: self.real, sleep=asyncio.sleep)

    @property
    def running(self) -> SandboxApp:
        """The sandbox as it is now."""
        assert self.app is not None
        return self.app

    @property
    def state(self) -> StateFile:
        """The file it keeps."""
        assert self.running._state is not None
        return self.running._state

    def abandon(self) -> None:
        """Let go of the file as a killed process does."""
        if self.app is not None:
            self.state.abandon()

    def stop(self) -> None:
        """End in order."""
        self.running.close()
        self.app = None
        self.start()

    def ask(self, method: Any, path: Any, body: Any = None) -> Any:
        """The ``data`` of a success; the error of anything else."""
        self.real += timedelta(seconds=1)

        async def one() -> Any:
            headers: dict[str, str] = {"authorization": f"Bearer {self.token}"} if self.token else {}
            transport = httpx2.ASGITransport(app=self.running)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://sandbox/v2", headers=headers
            ) as http:
                return await http.request(method, path, json=body)

        answer = asyncio.run(one()).json()
        return answer.get("data", answer.get("error", answer))

    def play(self) -> None:
        """Register, trade, fly, deal and break something; returns where the tale takes place."""
        faction = self.ask("GET", "/factions")[0]["symbol"]
        new = self.ask("POST", "/register", {"symbol": "KEEPER", "faction": faction})
        self.token, home = new["token"], new["agent"]["headquarters"]
        self.place = f"/systems/{home.rpartition('-')[0]}/waypoints/{home}/market"
        good = self.ask("GET", self.place)["tradeGoods"][0]["symbol"]
        bought = self.ask("POST", "/my/ships/KEEPER-1/purchase", {"symbol": good, "units": 2})
        assert bought["transaction"]["units"] == 2
        self.ask("POST", f"/my/contracts/{new['contract']['id']}/accept", {})
        self.ask("POST", "/my/ships/KEEPER-1/orbit", {})
        self.ask("POST", "/my/ships/KEEPER-2/survey", {})

    def tale(self) -> Any:
        """Everything a player sees."""
        paths = ("/my/agent", "/my/ships", "/my/contracts", "/agents", self.place)
        return {path: self.ask("GET", path) for path in paths}


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A sandbox on a new state file; the last one that ran lets go of it."""
    made = Keeper(tmp_path / "universe.db")
    yield made
    made.abandon()


def test_a_kill_loses_nothing_that_was_answered(keeper: Keeper) -> None:
    """Purse, ships, cargo, contract, market and token are as they were told, after kill upon kill."""
    keeper.play()
    before = keeper.tale()
    for _ in range(2):
        keeper.start()
        assert keeper.tale() == before
    flown = keeper.ask("PATCH", "/my/ships/KEEPER-1/nav", {"flightMode": "DRIFT"})
    assert flown["nav"]["flightMode"] == "DRIFT"
    keeper.start()
    assert keeper.ask("GET", "/my/ships/KEEPER-1")["nav"]["flightMode"] == "DRIFT"


def test_an_orderly_end_keeps_everything(keeper: Keeper) -> None:
    """The snapshot alone tells the same tale as the journal, and takes its place."""
    keeper.play()
    before = keeper.tale()
    keeper.stop()
    assert not list(keeper.state.journal())
    assert keeper.tale() == before


def test_a_snapshot_replaces_the_journal(keeper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two snapshots the journal is short, and both together lose nothing."""
    monkeypatch.setattr(state_file, "SNAPSHOT_EVERY", 3)
    keeper.play()
    before = keeper.tale()
    keeper.start()
    assert keeper.tale() == before
    assert len(list(keeper.state.journal())) < 3


def test_time_goes_on_and_never_back(keeper: Keeper) -> None:
    """After a kill time is not before anything told, and at most a real second later; down-time is none."""
    keeper.play()
    told = keeper.running._world.now()
    keeper.real += timedelta(days=3)
    keeper.start()
    assert told <= keeper.running._world.now() <= told + timedelta(seconds=2)
    keeper.ask("GET", "/my/agent")
    exact = keeper.running._world.now()
    keeper.stop()
    assert keeper.running._world.now() == exact


def test_refusals_and_reads_are_not_written(keeper: Keeper) -> None:
    """Only what may have changed the world is journalled."""
    keeper.play()
    entries = len(list(keeper.state.journal()))
    for path in ("/my/agent", "/my/ships", keeper.place):
        keeper.ask("GET", path)
    refused = keeper.ask("POST", "/my/ships/KEEPER-1/purchase", {"symbol": "NOTHING", "units": 1})
    assert refused["code"]
    assert len(list(keeper.state.journal())) == entries


def test_a_reset_is_kept_too(keeper: Keeper) -> None:
    """After a kill the new reset date holds and the old token answers 4113."""
    keeper.play()
    date = keeper.ask("POST", "http://localhost/sandbox/reset", {})["resetDate"]
    assert not keeper.state.pending, "what was of the old universe is not told again"
    keeper.start()
    assert keeper.ask("GET", "/my/agent")["code"] == 4113
    keeper.token = None
    assert keeper.ask("GET", "/")["resetDate"] == date


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"compress": 20}, "compress 1, not 20.*Start it with compress 1"),
        ({"strict accounts": "on"}, "strict accounts off, not on"),
        ({"seed": 8}, "seed 7, not 8.*Start it with seed 7"),
        ({"systems": 4}, "systems 3, not 4"),
        ({"scenario": "drained"}, "scenario young, not drained"),
        ({"seed": 8, "systems": 4}, "seed 7, not 8, systems 3, not 4.*Start it with seed 7, systems 3, or"),
    ],
)
def test_a_file_of_another_universe_is_refused(tmp_path: Path, other: Any, told: str) -> None:
    """One sentence names the difference; the file is untouched."""
    path = tmp_path / "universe.db"
    identity = dict(Choices(seed=7, systems=3).identity)
    StateFile(path, identity, now=EPOCH).abandon()
    before = path.read_bytes()
    with pytest.raises(ValueError, match=told):
        StateFile(path, {**identity, **other}, now=EPOCH)
    assert path.read_bytes() == before


def test_a_refused_start_leaves_what_a_file_holds(tmp_path: Path) -> None:
    """Only a file that the same start has made goes with it."""
    keeper = Keeper(tmp_path / "universe.db", compress=20)
    keeper.play()
    before = keeper.tale()
    usual, keeper.choices = keeper.choices, replace(keeper.choices, speed=2.0)
    with pytest.raises(ValueError, match="fast or compressed"):
        keeper.start()
    keeper.choices, keeper.app = usual, None
    keeper.start()
    assert keeper.tale()["/my/agent"] == before["/my/agent"]
    keeper.abandon()


def test_a_capture_is_known_by_its_content(tmp_path: Path) -> None:
    """Where its folder lies and what it is called does not matter; one other byte is another universe."""
    one, other = tmp_path / "one" / "home", tmp_path / "other" / "home"
    for folder in (one, other):
        shutil.copytree(CAPTURED, folder)
    identity = Choices(universe=one).identity
    StateFile(tmp_path / "universe.db", identity, now=EPOCH).abandon()
    assert Choices(universe=other / "markets.json").identity == identity
    for name in ("markets.json", "agent_start.json", "../supply_chain.json"):
        with (other / name).open("a") as file:
            file.write("\n")
        changed = Choices(universe=other).identity
        assert changed != identity
        with pytest.raises(ValueError, match=r"\(universe X1-AD75 as captured \(\w+\), not X1-AD75"):
            StateFile(tmp_path / "universe.db", changed, now=EPOCH)
        shutil.copytree(CAPTURED, other, dirs_exist_ok=True)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"accounts_required": True}, "strict accounts off, not on"),
        ({"starting_credits": 9}, "credits 175000, not 9"),
        ({"starting_fleet": ("SHIP_PROBE",)}, "ships none, not SHIP_PROBE"),
    ],
)
def test_other_rules_for_agents_are_another_universe(keeper: Keeper, choice: Any, told: str) -> None:
    """After a kill before the first snapshot no agent is lost: whoever asks for other rules is refused."""
    keeper.play()
    before = keeper.tale()
    usual, keeper.choices = keeper.choices, replace(keeper.choices, **choice)
    with pytest.raises(ValueError, match=told):
        keeper.start()
    keeper.choices = usual
    keeper.start()
    assert keeper.tale() == before


def test_a_request_that_would_be_refused_now_is_told(keeper: Keeper) -> None:
    """A journal that does not fit the world is not played in part."""
    keeper.play()
    entries = list(keeper.state.journal())
    keeper.state.record(*entries[0])
    with pytest.raises(ValueError, match=r"/v2/register of .* refused now.*Give another file"):
        keeper.start()


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """The format is checked before anything is read."""
    path = tmp_path / "universe.db"
    StateFile(path, {}, now=EPOCH).abandon()
    database = sqlite3.connect(path)
    database.execute("UPDATE facts SET value = '0' WHERE name = 'format'")
    database.commit()
    database.close()
    with pytest.raises(ValueError, match=r"another version of the sandbox \(format 0, this one reads 6 of "):
        StateFile(path, {}, now=EPOCH)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Something else is not overwritten."""
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, today I bought iron. " * 40)
    with pytest.raises(ValueError, match=r"notes.txt is not the state of a sandbox"):
        StateFile(path, {}, now=EPOCH)
    assert path.read_text().startswith("Dear diary")


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """It is not said to be in use."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE notes (text TEXT)")
    with pytest.raises(ValueError, match=r"is not the state of a sandbox.*Give another file\.$"):
        StateFile(path, {}, now=EPOCH)


def test_what_is_wrong_around_a_file_is_not_blamed_on_it(tmp_path: Path) -> None:
    """A device, and a folder where SQLite puts its log: the sentence says to look there."""
    path = tmp_path / "universe.db"
    (tmp_path / "universe.db-wal").mkdir()
    for each in (path, Path("/dev/null")):
        with pytest.raises(ValueError, match=rf"{each} cannot be used \(.*\)\. See to its folder"):
            StateFile(each, {}, now=EPOCH)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal SET at = x'00' WHERE number = 2",
        "UPDATE journal SET request = x'c1' WHERE number = 2",
        "UPDATE journal SET request = 'all' WHERE number = 2",
        "UPDATE journal SET at = '2026-03-01' WHERE number = 2",
        "DELETE FROM facts WHERE name = 'reached'",
        "UPDATE facts SET value = 'soon' WHERE name = 'reached'",
        "UPDATE facts SET value = '2026-03-01' WHERE name = 'begun'",
        "UPDATE facts SET value = CAST(x'ff' AS TEXT) WHERE name = 'reached'",
        "UPDATE facts SET value = '{' WHERE name = 'identity'",
        "UPDATE facts SET value = '[]' WHERE name = 'identity'",
        "INSERT INTO strikes VALUES (1, 'none', 1)",
        "INSERT OR REPLACE INTO snapshot VALUES (1, x'80045d')",
        "INSERT OR REPLACE INTO snapshot VALUES (1, x'80044b014b02862e')",
        "",
    ],
)
def test_a_damaged_file_is_a_sentence(keeper: Keeper, damage: str) -> None:
    """Values that are none, missing facts, half a snapshot, and pages that somebody has scribbled on.

    The sentence names the file and says what to do.
    """
    keeper.play()
    keeper.abandon()
    keeper.app = None
    path = keeper.choices.state
    assert path is not None
    if damage:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(damage)
    else:
        with path.open("r+b") as file:
            file.seek(3 * 4096)
            file.write(bytes(range(256)) * 16 * 20)
    with pytest.raises(ValueError, match=rf"^{path} is .*damaged \(.*\)\. Give another file"):
        keeper.start()


def test_a_strike_is_not_forgotten(keeper: Keeper) -> None:
    """What a fault has struck, or let pass, before a kill counts after it, though it changed nothing."""
    keeper.play()
    for path, skip in (("/my/agent", 0), ("/my/ships", 1)):
        fault = {"kind": "maintenance", "path": path, "skip": skip, "count": 1}
        keeper.ask("POST", "http://localhost/sandbox/faults", fault)
    assert keeper.ask("GET", "/my/agent")["code"] == 503
    assert len(keeper.ask("GET", "/my/ships")) == 2
    keeper.start()
    assert keeper.ask("GET", "/my/agent")["symbol"] == "KEEPER"
    assert keeper.ask("GET", "/my/ships")["code"] == 503
    keeper.stop()
    assert len(keeper.ask("GET", "/my/ships")) == 2


def test_a_file_is_of_one_sandbox_at_a_time(tmp_path: Path) -> None:
    """A second opener is told that the file is in use."""
    path = tmp_path / "universe.db"
    first = StateFile(path, {}, now=EPOCH)
    first.told(EPOCH + timedelta(seconds=1), 1)
    with pytest.raises(ValueError, match="Does another sandbox have it open"):
        StateFile(path, {}, now=EPOCH)
    first.abandon()


def test_a_state_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds tokens."""
    path = tmp_path / "universe.db"
    StateFile(path, {}, now=EPOCH).abandon()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("goodsfactory.sandbox.world_image", "pickle.loads"),
        ("goodsfactory.sandbox.world_image", "MethodType"),
        ("goodsfactory.sandbox.world_image", "_Reader"),
        ("goodsfactory.sandbox.state_file", "os.system"),
        ("goodsfactory.sandbox.state_file", "Path"),
        ("goodsfactory.sandbox.state_file", "StateFile"),
        ("goodsfactory.sandbox.opening", "Path"),
        ("goodsfactory.sandbox.serve", "serve"),
        ("goodsfactory.sandbox.operator", "Operator"),
        ("goodsfactory.sandbox.report.likeness", "Path"),
        ("goodsfactory.sandbox.agents", "re.compile"),
        ("goodsfactory.sandbox.world", "World.register"),
        ("goodsfactory.sandbox.world", "datetime"),
        ("goodsfactory.daemon.settings", "Settings"),
    ],
)
def test_a_hostile_file_runs_nothing(
    tmp_path: Path, new_world: Callable[..., World], clock: Clock, module: str, name: str
) -> None:
    """A snapshot may name types of the sandbox's own world, and nothing that their modules only use."""
    words = b"".join(b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, name))
    image = b"\x80\x04" + words + f"\x93(S'{tmp_path / 'made'}'\ntR.".encode("latin-1")
    state = StateFile(tmp_path / "universe.db", {}, now=EPOCH)
    state._database.execute("INSERT INTO snapshot VALUES (1, ?)", (image,))
    with pytest.raises(ValueError, match=r"cannot be read: it names "):
        state.restore(new_world(clock), Faults())
    state.abandon()
    assert not (tmp_path / "made").exists()


def test_kill_9_of_a_real_process(tmp_path: Path) -> None:
    """The agent registered over a socket is there after SIGKILL and a new start, which tells of replaying."""
    command = [sys.executable, "-m", "goodsfactory.cli", "sandbox", "serve", "--port", "0"]
    command += ["--systems", "1", "--state", str(tmp_path / "universe.db")]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    told = []

    def run(path: Any, body: Any = None) -> Any:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with child:
            assert child.stdout is not None
            base = child.stdout.readline().strip()
            headers = {"content-type": "application/json"}
            if body is None:
                request = urllib.request.Request(base + path)
            else:
                faction = opener.open(f"{base}/factions").read().split(b'"symbol":"')[1].split(b'"')[0]
                data = body.replace("FACTION", faction.decode()).encode()
                request = urllib.request.Request(base + path, data, headers)
            answer = opener.open(request).read()
            child.send_signal(signal.SIGKILL)
            assert child.stderr is not None
            told.append(child.stderr.read())
        return answer

    run("/register", '{"symbol": "SURVIVOR", "faction": "FACTION"}')
    assert b'"SURVIVOR"' in run("/agents/SURVIVOR")
    assert told == ["", f"Replaying 1 request of {tmp_path / 'universe.db'}.\n"]
