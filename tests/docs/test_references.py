"""The documentation names only what exists."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from goodsfactory.cli.program import GROUPS, build

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
CHAPTERS = sorted((ROOT / "docs" / "explanation").glob("*.md"))
CONCERN = re.compile(r"^\| .+ \| `(?P<file>[\w/.]+\.py):(?P<symbol>\w+)` \|$")
LINK = re.compile(r"\]\((?!https?://|#)(?P<target>[^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?(?:[A-Z_]+=\S* )*(?:[\w./-]+/)?(?P<words>(?:spacetraders|make)(?: .*)?)$")
REDIRECTION = re.compile(r"\s\d?>>?\s*\S+")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home|root|tmp|Users)/")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def shown(text: str) -> Iterator[list[str]]:
    """The words of every command line in a fenced block of any language, a prompt or ``NAME=value`` left out.

    A line of output begins otherwise: ours with ``spacetraders:``, the shell's with whatever it likes.
    """
    for fence in FENCE.finditer(text):
        for line in re.sub(r"\\\n\s*", " ", fence["body"]).splitlines():
            command = COMMAND.match(line)
            if command is not None:
                yield shlex.split(REDIRECTION.sub("", command["words"]), comments=True)


def problems(text: str) -> dict[str, str]:
    """What is wrong with the command lines of a page, by line."""
    found = {}
    for words in shown(text):
        complaint = problem_of_make(words) if words[0] == "make" else problem_of(shlex.join(words))
        if complaint:
            found[shlex.join(words)] = complaint
    return found


def problem_of_make(words: list[str]) -> str | None:
    """Targets named that the Makefile does not have."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    missing = [word for word in words[1:] if "=" not in word and word not in targets]
    return f"the Makefile has no target {', '.join(missing)}" if missing else None


@cache
def program() -> Any:
    """The real command line; making it takes a tenth of a second, and parsing changes nothing in it."""
    return get_command(build(GROUPS))


def problem_of(line: str) -> str | None:
    """What the real command line does not understand of ``line``; None where it parses to a command."""
    words = shlex.split(line)
    command = program()
    try:
        while (children := getattr(command, "commands", None)) is not None:
            words = words[1:]
            if not words:
                return "names no command"
            if words[0] not in children:
                return f"there is no command {words[0]}"
            command = children[words[0]]
        # Parsed alone: a context is made and the command is not run.
        command.make_context(words[0], words[1:])
    except typer.TyperException as refusal:
        return refusal.format_message()
    return None


def symbols_of(file: Path) -> set[str]:
    """Names a module defines at its top."""
    names: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def unresolved(text: str, root: Path) -> list[str]:
    """Rows of the ``concern | file:symbol`` table that name nothing, and a complaint for a missing table."""
    rows = [row for line in text.splitlines() if (row := CONCERN.match(line))]
    missing = [] if rows else ["no table `concern | file:symbol` at the end"]
    for row in rows:
        file = root / row["file"]
        if not file.is_file():
            missing.append(f"{row['file']} does not exist")
        elif row["symbol"] not in symbols_of(file):
            missing.append(f"{row['file']} does not define {row['symbol']}")
    return missing


def dead_links(text: str, folder: Path) -> list[str]:
    """Targets of relative links that do not exist below ``folder``."""
    targets = [link["target"] for link in LINK.finditer(text)]
    return [target for target in targets if not (folder / target).exists()]


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_every_concern_of_a_chapter_leads_to_code(page: Path) -> None:
    """Each explanation ends in a table whose files exist and define the symbols named."""
    assert unresolved(page.read_text("utf-8"), ROOT) == []


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_a_chapter_ends_with_its_table(page: Path) -> None:
    """Nothing follows the table, and no row of it is written in a form the resolver would overlook."""
    text = page.read_text("utf-8").rstrip()
    _, _, table = text.partition("| concern | file:symbol |\n|---|---|\n")
    assert table
    assert all(CONCERN.match(line) for line in table.splitlines())


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("| a | `src/goodsfactory/nowhere.py:Thing` |", "src/goodsfactory/nowhere.py does not exist"),
        (
            "| a | `src/goodsfactory/planning/flow.py:decided` |",
            "src/goodsfactory/planning/flow.py does not define decided",
        ),
        ("| a | somewhere |", "no table `concern | file:symbol` at the end"),
    ],
)
def test_a_row_that_leads_nowhere_is_reported(row: str, complaint: str) -> None:
    """A moved file, a renamed symbol and a missing table are each told apart."""
    assert unresolved(row, ROOT) == [complaint]


def test_a_page_can_be_read_at_once() -> None:
    """What explains or guides has 150 lines at most, and the README leads to it; references may be longer."""
    index = (ROOT / "README.md").read_text("utf-8")
    for page in [*CHAPTERS, *(ROOT / "docs" / "how-to").glob("*.md")]:
        assert len(page.read_text("utf-8").splitlines()) <= 150, name_of(page)
        assert f"]({name_of(page)})" in index, name_of(page)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_resolve(page: Path) -> None:
    """Every link to a file of the repository leads to one."""
    assert dead_links(page.read_text("utf-8"), page.parent) == []


def test_a_dead_link_is_reported() -> None:
    """A link to a missing file is dead, whatever its fragment; addresses and anchors are not looked up."""
    text = "[a](nowhere.md) [b](nowhere.md#part) [c](README.md#part) [d](https://example.org/x) [e](#part)"
    assert dead_links(text, ROOT) == ["nowhere.md", "nowhere.md"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_parse(page: Path) -> None:
    """Every command line shown is one the program accepts, options and arguments included."""
    assert problems(page.read_text("utf-8")) == {}


@pytest.mark.parametrize("fence", ["sh", "", "text", "console"])
@pytest.mark.parametrize(
    "line",
    [
        "spacetraders goods guess COPPER",
        "$ .venv/bin/spacetraders goods guess COPPER",
        "GOODS_LOG_FORMAT=json spacetraders goods guess COPPER > out",
        "spacetraders goods produce COPPER \\\n    --fast",
        "make love",
    ],
)
def test_a_wrong_command_is_found_in_any_block(fence: str, line: str) -> None:
    """Whatever the language of the block, behind a prompt, a variable or a path, and over two lines."""
    assert len(problems(f"text\n\n```{fence}\n{line}\nspacetraders: a word of ours\n```\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "spacetraders",
        "spacetraders goods",
        "spacetraders goods guess COPPER",
        "spacetraders goods produce",
        "spacetraders goods produce COPPER --fast",
        "spacetraders goods produce COPPER --units many",
        "spacetraders goods produce COPPER --strategy clever",
        "spacetraders ships list ACME-1",
    ],
)
def test_a_command_the_program_would_refuse_is_reported(line: str) -> None:
    """Unknown commands and options, wrong values, missing and surplus arguments do not pass."""
    assert problem_of(line)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_path_of_one_machine(page: Path) -> None:
    """Nobody else has the directories of the machine a page was written on."""
    assert not MACHINE_PATH.search(page.read_text("utf-8"))


@pytest.mark.parametrize("text", ["see /home/ann/x", "cd /Users/place", "`/tmp/run/d.sock`"])
def test_a_path_of_one_machine_is_recognised(text: str) -> None:
    """Home, work and temporary directories are of one machine; routes of the API are not."""
    assert MACHINE_PATH.search(text)
    assert not MACHINE_PATH.search("GET /my/ships, docs/how-to, http://127.0.0.1:8000/v2, /sandbox/state")


def test_source_paths_of_the_fidelity_table_exist() -> None:
    """Each rule of the sandbox names the file that holds it."""
    text = (ROOT / "docs/reference/sandbox-fidelity.md").read_text("utf-8")
    files = re.findall(r"`(src/[\w/.]+\.py)`", text)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_fidelity_knows_four_strengths() -> None:
    """Every rule says how well it is known, in the words the page explains."""
    text = (ROOT / "docs/reference/sandbox-fidelity.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if "| `src/" in line]
    strengths = {line.rstrip(" |").rsplit("| ", 1)[1] for line in rows}
    assert strengths <= {"official", "measured", "thin", "assumed"}


def test_every_node_state_and_command_group_is_documented() -> None:
    """The glossary names all node states of the code; the reference names all commands."""
    from goodsfactory.domain.supply_chain import NodeState

    glossary = (ROOT / "docs/reference/glossary.md").read_text("utf-8")
    assert [state for state in NodeState if state.value not in glossary] == []
    reference = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    assert [name for name in GROUPS if f"spacetraders {name}" not in reference] == []
