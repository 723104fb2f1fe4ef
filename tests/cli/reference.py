"""The reference of the command line, written from the commands themselves.

``python -m tests.cli.reference`` writes docs/reference/cli.md; a test checks that it is current.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from goodsfactory.cli.program import GROUPS, build

FILE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
PREFACE = """\
# The command line

`spacetraders` talks to the daemon over a unix socket; `spacetraders-daemon` is `spacetraders daemon run`.
This page is written by `python -m tests.cli.reference`.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed; one sentence on stderr says why |
| 2 | usage: the command or an option is wrong |
| 3 | no daemon answers on the socket |
| 130 | Ctrl-C; a factory that was watched keeps running |

With `--json` a command prints one JSON object on stdout ([json.md](json.md)), errors included. Without it,
output is coloured on a terminal and plain text in a pipe. The socket is `--socket`, or `$GOODS_SOCKET`, or
`$XDG_RUNTIME_DIR/spacetraders-daemon.sock`. Commands act for the default player unless `--player` or
`--agent` names another.

Settings of the daemon come from a file (`--config`, else `$GOODS_CONFIG`, else `goodsfactory.toml` in the
user's configuration directory, never one of the working directory), overruled by the environment
(`SPACETRADERS_TOKEN`, `SPACETRADERS_BASE_URL`, `GOODS_…`), overruled by flags; any of them can be given as
`--set NAME=VALUE`, and `daemon settings` shows what holds. Tokens are read from files and the environment
only.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, in the order of the help."""
    yield from _leaves(get_command(build(GROUPS)), ())


def _leaves(group: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, (*names, name))
        else:
            yield " ".join((*names, name)), command


def reference() -> str:
    """The whole page."""
    parts = [PREFACE]
    for name, command in commands():
        context = command.make_context(f"spacetraders {name}", [], resilient_parsing=True, terminal_width=100)
        parts.append(f"\n## {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
    sys.exit(0)
