"""What is committed belongs to nobody's machine: no path of one, no package index, no credential."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"(?<![\w.}~*])/(?:work|home|root|Users)/\w")
INDEX = re.compile(r"\bhttps?://[^\s\"']+/simple\b|--(?:extra-)?index-url|\b(?:pip|uv)\.conf\b")
TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]{40,}")
"""A signature of 256 bits has 43 letters; what is made up says ``signature`` there."""
EXAMPLES = {"tests/docs/test_repository.py", "tests/docs/test_references.py"}
"""They hold what must be recognised."""


def committed() -> list[str]:
    """Names of all text files under version control."""
    told = subprocess.run(
        ["git", "grep", "--cached", "-I", "--name-only", "-e", ""],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in told.stdout.splitlines() if name not in EXAMPLES and (ROOT / name).is_file()]


def complaints(text: str) -> list[str]:
    """What must not be committed of a text."""
    return [match[0] for pattern in (PLACE, INDEX, TOKEN) for match in pattern.finditer(text)]


def test_installing_says_what_it_does(tmp_path: Path) -> None:
    """A minute without a word looks like a hang: a sentence first, then a line for each package."""
    dry = ["make", "--dry-run", "--silent", f"VENV={tmp_path}/venv", "demo"]
    told = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    before, pip, _ = told.partition("/bin/pip ")
    assert pip
    assert 'echo "Installing what the program needs into ' in before
    assert "--quiet" not in told


def test_the_tests_install_nothing() -> None:
    """Whoever runs them may be root on a machine of their own: what is missing is named, and no more."""
    installing = re.compile(r"[\"']apt-get[\"'],|pip[\"'], [\"']install")
    sources = {name: (ROOT / name).read_text("utf-8") for name in committed() if name.startswith("tests/")}
    assert [name for name, text in sources.items() if installing.search(text)] == []


def test_nothing_of_a_machine_is_committed() -> None:
    """Neither paths of one, nor a package index, nor a token that could be real."""
    found = {name: complaints((ROOT / name).read_text("utf-8", "replace")) for name in committed()}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        "see /home/ann/x",
        "(/Users/ann/y)",
        "--extra-index-url x",
        "https://packages.example.org/simple/",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZ2VudC10b2tlbiJ9." + "s" * 43,
    ],
)
def test_what_must_not_be_committed_is_recognised(text: str) -> None:
    """A path, an index and a token are each seen; routes of the API and made-up tokens are not."""
    assert complaints(text)
    assert not complaints("GET /my/ships, docs/how-to/x, eyJhbGciOiJSUzI1NiJ9.payload.signature")
