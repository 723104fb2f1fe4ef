"""``spacetraders contract``: goods owed to a faction, and what it pays."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import credits_text, left, units_text
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Cell, Line, aligned, table
from goodsfactory.cli.options import (
    MOST_UNITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    ShipArgument,
    SocketOption,
    connect,
)
from goodsfactory.cli.screen import document, is_terminal, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Contract

app = typer.Typer()

ContractArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONTRACT]", help="Id of a contract, or its first characters; the open one if left out."
    ),
]


@app.command("list", epilog="Example: spacetraders contract list")
def list_(
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """List the agent's contracts, oldest first."""
    with connect(socket, player, agent) as client:
        found = client.contracts()
    if as_json:
        show_json(document(found))
    elif not found.contracts:
        say("The agent has no contract.")
    else:
        show(contract_table(list(found.contracts), found.now))


@app.command("show", epilog="Example: spacetraders contract show")
def show_(
    contract: ContractArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show what a contract asks for, by when, and what it pays."""
    with connect(socket, player, agent) as client:
        found = client.contract(contract)
    if as_json:
        show_json(document(found))
    else:
        show(contract_lines(found))


@app.command(epilog="Example: spacetraders contract accept")
def accept(
    contract: ContractArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Accept an offer; its advance is paid at once.

    The game takes the advance back where the contract is not fulfilled in time.
    """
    with connect(socket, player, agent) as client:
        paid = client.accept_contract(contract)
    if as_json:
        show_json(document(paid))
        return
    owed = ", ".join(f"{line.required} {line.good} to {line.destination}" for line in paid.contract.owed)
    say(
        f"Contract {paid.contract.contract_id} is accepted for {credits_text(paid.credits)}; bring {owed}"
        f" by {paid.contract.deadline}."
    )


@app.command(epilog="Example: spacetraders contract deliver ACME-1")
def deliver(
    ship: ShipArgument,
    contract: Annotated[
        str | None,
        typer.Option(
            "--contract", metavar="ID", help="Which, or its first characters; the open one if left out."
        ),
    ] = None,
    good: Annotated[
        str | None, typer.Option("--good", metavar="GOOD", help="Which good, where several are asked for.")
    ] = None,
    units: Annotated[
        int | None, typer.Option("--units", min=1, max=MOST_UNITS, help="How many; all it can if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Fly a free ship to a contract's destination and hand over what it carries of the good.

    The command stays until that is done. Ctrl-C gives the order up: the ship is free then.
    """
    with connect(socket, player, agent) as client:
        try:
            if is_terminal() and not as_json:
                owed = client.contract(contract).owed
                say(f"{ship.upper()} goes to {', '.join(dict.fromkeys(line.destination for line in owed))}")
            done = client.deliver_contract(
                ship.upper(), contract_id=contract, good=good.upper() if good else None, units=units
            )
        except KeyboardInterrupt:
            raise Failure(
                f"The order was given up; {ship.upper()} keeps what is not delivered.", code="interrupted"
            ) from None
    if as_json:
        show_json(document(done))
        return
    missing = sum(line.required - line.fulfilled for line in done.contract.owed)
    rest = f"{units_text(missing)} missing" if missing else "all is delivered"
    to = done.contract.contract_id
    say(f"{done.ship_symbol} delivered {done.units} {done.good} to contract {to}: {rest}.")


@app.command(epilog="Example: spacetraders contract fulfill")
def fulfill(
    contract: ContractArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """End a contract to which all is delivered; the rest of its payment comes in."""
    with connect(socket, player, agent) as client:
        paid = client.fulfill_contract(contract)
    if as_json:
        show_json(document(paid))
    else:
        say(f"Contract {paid.contract.contract_id} is fulfilled for {credits_text(paid.credits)}.")


def contract_table(contracts: "list[Contract]", now: str) -> list[Line]:
    """One line for each good of each contract."""
    rows: list[Line] = [
        [
            Cell(contract.contract_id, "bold"),
            Cell(contract.status),
            Cell(line.good),
            Cell(f"{line.fulfilled}/{line.required}"),
            Cell(line.destination),
            Cell(credits_text(contract.on_accepted)),
            Cell(credits_text(contract.on_fulfilled)),
            Cell(_left(contract, now), "dim"),
        ]
        for contract in contracts
        for line in contract.owed
    ]
    headings = ("CONTRACT", "STATUS", "GOOD", "UNITS", "TO", "ADVANCE", "PAYMENT", "DEADLINE")
    return table(
        headings, rows, right=frozenset({3, 5, 6}), drop=("ADVANCE", "PAYMENT", "CONTRACT"), cut=("CONTRACT",)
    )


def contract_lines(contract: "Contract") -> list[Line]:
    """Everything about one contract, a fact a line."""
    facts = [
        ("contract", contract.contract_id),
        ("faction", contract.faction),
        ("status", contract.status),
        *(
            ("wants", f"{line.fulfilled} of {line.required} {line.good} at {line.destination}")
            for line in contract.owed
        ),
        ("advance", credits_text(contract.on_accepted)),
        ("payment", credits_text(contract.on_fulfilled)),
        ("accept by", contract.accept_by or "any time"),
        ("deadline", contract.deadline),
    ]
    return aligned([[Cell(name, "dim"), Cell(value)] for name, value in facts])


def _left(contract: "Contract", now: str) -> str:
    if contract.status not in ("OFFERED", "ACCEPTED"):
        return ""
    return f"in {left(contract.deadline, now)}"
