"""``spacetraders doctor``: everything checked before the first credit is spent."""

from pathlib import Path
from typing import Annotated, Any

import typer

from goodsfactory.cli.failure import FAILED, OK, UNREACHABLE
from goodsfactory.cli.layout import Cell, Line, aligned
from goodsfactory.cli.options import JsonOption, SocketOption, connect, usual_socket
from goodsfactory.cli.screen import document, show, show_json

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="The server to ask where no daemon runs.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The settings to obey where no daemon runs.")
]


def doctor(
    base_url: BaseUrlOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> int:
    """Check server, agents, clock, database, prices and purse.

    Each line is ok, warn or fail, with what to do about it. Exit code 1 where one fails. Without a daemon
    what needs none is checked all the same, with the settings that one would obey, and the exit code is 3.
    """
    from goodsfactory.api.errors import DaemonUnreachable

    try:
        with connect(socket) as client:
            findings = [document(one) for one in client.examine().findings]
        code = FAILED if any(one["verdict"] == "fail" for one in findings) else OK
    except DaemonUnreachable as nobody:
        from goodsfactory.cli.launch import examine_without_daemon

        alone = {
            "check": "daemon",
            "verdict": "fail",
            "text": nobody.message.partition(";")[0].rstrip("."),
            "remedy": "Start one: `spacetraders daemon run`.",
        }
        findings = [alone, *examine_without_daemon(socket or usual_socket(), base_url, config)]
        code = UNREACHABLE
    if as_json:
        show_json({"findings": findings})
    else:
        show(finding_lines(findings))
    return code


def finding_lines(findings: list[dict[str, Any]]) -> list[Line]:
    """One line a finding, and below it what to do."""
    rows: list[Line] = []
    for one in findings:
        verdict, check = one["verdict"], one["check"]
        rows.append([Cell(verdict, STYLES[verdict]), Cell(check, "bold"), Cell(f"{one['text']}.")])
        if one["remedy"]:
            rows.append([Cell(""), Cell(""), Cell(one["remedy"], "dim")])
    return aligned(rows)
