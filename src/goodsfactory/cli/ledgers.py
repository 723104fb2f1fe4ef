"""``spacetraders ledger``: every credit in or out, against the server's balance."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age, credits_text, moment
from goodsfactory.cli.layout import Cell, Line, aligned, table
from goodsfactory.cli.options import AgentOption, JsonOption, PlayerOption, SocketOption, connect
from goodsfactory.cli.screen import document, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Ledger

app = typer.Typer()

MOST_ROWS = 10_000


@app.command("show", epilog="Example: spacetraders ledger show --limit 50")
def show_(
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MOST_ROWS, help="How many of the newest rows.")
    ] = 20,
    before: Annotated[
        str | None,
        typer.Option(
            "--before", metavar="TIME", help="Only rows before a day or an instant, and the sum up to it."
        ),
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show the newest credit movements, and whether their sum is the server's balance."""
    with connect(socket, player, agent) as client:
        ledger = client.ledger(limit, before=before)
    if as_json:
        show_json(document(ledger))
        return
    show(ledger_table(ledger))
    say("")
    show(ledger_lines(ledger))


@app.command(epilog="Example: spacetraders ledger accept")
def accept(
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Book what the ledger cannot explain as a correction, and let spending go on.

    The balance is read first: what is booked is the difference as it is now.
    """
    with connect(socket, player, agent) as client:
        accepted = client.accept_ledger()
    if as_json:
        show_json(document(accepted))
        return
    if accepted.booked:
        said = f"Booked {accepted.booked:+,} cr as a correction."
    else:
        said = "The ledger equals the server's balance; there is nothing to book."
    say(f"{said} Spending goes on." if accepted.resumed else said)


def ledger_table(ledger: "Ledger") -> list[Line]:
    """One line a row, oldest first."""
    rows: list[Line] = [
        [
            Cell(moment(row.at), "dim"),
            Cell(row.kind, "bold"),
            Cell(f"{row.amount:+,}", "red" if row.amount < 0 else "green"),
            Cell(f"{row.units}" if row.units else ""),
            Cell(row.good),
            Cell(f"{row.unit_price:,}" if row.unit_price else ""),
            Cell(row.ship),
            Cell(row.waypoint),
            Cell(f"{row.balance_after:,}" if row.HasField("balance_after") else "", "dim"),
        ]
        for row in ledger.rows
    ]
    headings = ("AT", "KIND", "CREDITS", "UNITS", "GOOD", "EACH", "SHIP", "WAYPOINT", "BALANCE")
    return table(headings, rows, right=frozenset({2, 3, 5, 8}))


def _balance(ledger: "Ledger") -> str:
    """What the server said last, and how long ago."""
    said = credits_text(ledger.server_balance)
    return f"{said}, {age(ledger.balance_at, ledger.now)} ago" if ledger.balance_at and ledger.now else said


def ledger_lines(ledger: "Ledger") -> list[Line]:
    """How the books stand, a fact a line."""
    known = ledger.HasField("server_balance")
    facts = [("then", Cell(credits_text(ledger.closing_sum)))] if ledger.HasField("closing_sum") else []
    facts += [
        ("ledger", Cell(credits_text(ledger.ledger_sum))),
        ("balance", Cell(_balance(ledger) if known else "not known yet")),
        ("stock", Cell(f"{credits_text(ledger.stock_cost)} paid for what `stock list` shows")),
    ]
    if ledger.HasField("hold"):
        hold = ledger.hold
        facts.append(("spending", Cell(f"stopped since {moment(hold.since)}: {hold.reason}", "red")))
    elif ledger.HasField("trouble"):
        facts.append(("spending", Cell(f"waits: {ledger.trouble}", "red")))
    else:
        facts.append(("spending", Cell("goes on")))
    return aligned([[Cell(name, "dim"), fact] for name, fact in facts])
