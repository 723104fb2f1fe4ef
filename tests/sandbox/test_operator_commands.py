"""``sandbox serve --state`` as a process, and the operator's commands that speak to it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from inspect import signature
from io import StringIO
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from goodsfactory.cli.main import main
from goodsfactory.cli.sandboxes import serve
from goodsfactory.sandbox.galaxy_parameters import DEFAULT_SYSTEMS
from goodsfactory.sandbox.opening import RANGES

PROGRAM = [sys.executable, "-m", "goodsfactory.cli", "sandbox"]
ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith(("GOODS_", "SPACETRADERS_"))}


@contextmanager
def serving(*words: Any) -> Iterator[Any]:
    """A sandbox process; yields its base URL."""
    command = [*PROGRAM, "serve", "--port", "0", "--systems", "1", "--no-rate-limit", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRON
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def ran(*words: Any) -> Any:
    """A command that ends, in this process: exit code, output, complaint."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as complaint:
        code = main(["sandbox", *words])
    return code, out.getvalue(), complaint.getvalue()


@pytest.fixture(scope="module")
def base_url() -> Iterator[Any]:
    """One sandbox for all commands that change nothing another test looks at."""
    with serving() as base:
        yield base


def test_faults_are_added_listed_and_cleared(base_url: Any) -> None:
    """Each command tells what it did; a cleared list is empty, and a second clearing of one is a failure."""
    at = ("--base-url", base_url)
    code, out, _ = ran("fault", "add", "error", "--path", "/my/*", "--count", "2", "--for", "60", *at)
    assert (code, out.splitlines()[0].startswith("Fault 1 is armed: error path /my/* count 2")) == (0, True)
    code, out, _ = ran("fault", "list", "--json", *at)
    assert (code, json.loads(out)[0]["kind"], json.loads(out)[0]["struck"]) == (0, "error", 0)
    assert ran("fault", "clear", "1", *at)[:2] == (0, "1 fault cleared.\n")
    assert ran("fault", "list", *at)[:2] == (0, "No fault is armed.\n")
    code, out, complaint = ran("fault", "clear", "1", *at)
    assert (code, out) == (1, "")
    assert "Fault 1 not found" in complaint


def test_a_fault_that_makes_no_sense_is_told(base_url: Any) -> None:
    """The sandbox's own sentence is the complaint; an unknown kind is a matter of usage."""
    code, _, complaint = ran("fault", "add", "skew", "--base-url", base_url)
    assert code == 1
    assert "needs seconds" in complaint
    assert ran("fault", "add", "mischief", "--base-url", base_url)[0] == 2


def test_time_is_turned(base_url: Any) -> None:
    """Pause, speed and jump are told back."""
    code, out, _ = ran("time", "--pause", "--jump", "3600", "--json", "--base-url", base_url)
    told = json.loads(out)
    assert (code, told["paused"], told["speed"]) == (0, True, 1.0)
    assert "paused" in ran("time", "--base-url", base_url)[1]
    later = json.loads(ran("time", "--resume", "--speed", "60", "--json", "--base-url", base_url)[1])
    assert (later["paused"], later["speed"], later["time"][:17]) == (False, 60.0, told["time"][:17])
    assert ran("time", "--speed", "4000", "--base-url", base_url)[0] == 2


def test_where_no_sandbox_is_the_exit_code_is_3() -> None:
    """The complaint says what to do."""
    code, out, complaint = ran("fault", "list", "--base-url", "http://127.0.0.1:9/v2")
    assert (code, out) == (3, "")
    assert "No sandbox answers at http://127.0.0.1:9/v2" in complaint


def test_a_state_file_outlives_its_process(tmp_path: Path) -> None:
    """The reset date of the last run holds in the next; another seed is one sentence."""
    path = str(tmp_path / "universe.db")
    with serving("--state", path) as base:
        code, out, _ = ran("reset", "--json", "--base-url", base)
        assert code == 0
        date = json.loads(out)["resetDate"]
    with serving("--state", path) as base:
        following = json.loads(ran("reset", "--json", "--base-url", base)[1])["resetDate"]
        assert following > date
    command = [*PROGRAM, "serve", "--port", "0", "--systems", "1", "--state", path, "--seed", "9"]
    other = subprocess.run(command, capture_output=True, text=True, env=ENVIRON, check=False, timeout=60)
    assert (other.returncode, other.stdout) == (2, "")
    assert "holds another universe (seed 1, not 9). Start it with seed 1," in other.stderr
    assert "Traceback" not in other.stderr


def test_the_command_line_and_the_sandbox_draw_the_same_limits() -> None:
    """Neither can import the other: what an option takes at most is what a sandbox does."""
    options = get_type_hints(serve, include_extras=True)
    for name, parameter in (
        *(("systems", "systems"), ("speed", "speed"), ("compress", "compress")),
        *(("starting_credits", "credits_"), ("rivals", "rivals")),
    ):
        (option,) = options[parameter].__metadata__
        ((least, most),) = [each[2:] for each in RANGES if each[0] == name]
        assert (option.min, option.max) == (least, most), name
    assert signature(serve).parameters["systems"].default == DEFAULT_SYSTEMS
