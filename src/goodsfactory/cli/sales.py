"""``spacetraders ships sell``: cargo into credits."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.api.errors import DaemonError
from goodsfactory.cli.durations import counted, credits_text
from goodsfactory.cli.failure import FAILED, Failure
from goodsfactory.cli.options import (
    AgentOption,
    JsonOption,
    PlayerOption,
    ShipArgument,
    SocketOption,
    connect,
)
from goodsfactory.cli.screen import document, is_dialogue, is_terminal, say, show_json, yes_to

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import PlannedSale, PlanSaleResponse, SellCargoResponse

SELL_EPILOG = "Example: spacetraders ships sell ACME-1"


def sell(
    ship: ShipArgument,
    good: Annotated[
        str | None, typer.Option("--good", metavar="GOOD", help="Sell this good only; all if left out.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WAYPOINT",
            help="Sell there; if left out, at the importer whose bid seen is best, else at the nearest one.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Sell at a loss too, and do not ask.")] = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Fly a free ship to market and sell what it holds.

    Where it is expected to bring less than it cost you are asked first; a script has to say --yes. The
    command stays until all is sold, or the bid has fallen too low for the rest. Ctrl-C gives the order up:
    the ship is free then, and keeps what is not sold yet.
    """
    symbol = ship.upper()
    what, where = good.upper() if good else None, at.upper() if at else None
    with connect(socket, player, agent) as client:
        try:
            plan = client.plan_sale(symbol, good=what, waypoint=where)
            if is_terminal() and not as_json:
                for planned in plan.sales:
                    say(f"{symbol} flies to {planned.waypoint} to sell {_worth(planned)}")
            confirmed = yes or _agreed(plan, as_json=as_json)
            try:
                sold = client.sell_cargo(symbol, good=what, waypoint=where, confirmed=confirmed)
            except DaemonError as refused:
                if refused.code != "needs-confirmation":
                    raise
                # Only there, or since it was asked, did the bid prove to be a loss.
                plan = client.plan_sale(symbol, good=what, waypoint=where)
                confirmed = _agreed(plan, as_json=as_json)
                sold = client.sell_cargo(symbol, good=what, waypoint=where, confirmed=confirmed)
            if as_json:
                show_json(document(sold))
                if sold.HasField("confirmation"):
                    raise typer.Exit(FAILED)
                return
            _tell(sold)
            if not sold.HasField("confirmation"):
                return
            _ask(sold.confirmation, "Sell the rest all the same?", "The rest stays aboard.")
            done = {sale.good for sale in sold.sales}
            for left in [planned.good for planned in plan.sales if planned.good not in done]:
                _tell(client.sell_cargo(symbol, good=left, waypoint=where, confirmed=True))
        except KeyboardInterrupt:
            raise Failure(
                f"The order was given up; {symbol} keeps what is not sold.", code="interrupted"
            ) from None


def _tell(sold: "SellCargoResponse") -> None:
    for sale in sold.sales:
        at_market = f"{sale.units} {sale.good} at {sale.waypoint}"
        say(f"{sold.ship_symbol} sold {at_market} for {credits_text(sale.revenue)}.")
        if sale.kept:
            say(f"{counted(sale.kept, 'unit')} of {sale.good} stay aboard: {sale.kept_reason.rstrip('.')}.")


def _agreed(plan: "PlanSaleResponse", *, as_json: bool) -> bool:
    """True where a loss was asked about and agreed to, False where there is nothing to ask."""
    if not plan.HasField("confirmation"):
        return False
    _ask(plan.confirmation, "Sell all the same?", "Nothing was sold.", dialogue=not as_json)
    return True


def _ask(loss: str, question: str, otherwise: str, *, dialogue: bool = True) -> None:
    """Raises Failure where nobody can be asked, and with ``otherwise`` where the answer is no."""
    if not dialogue or not is_dialogue():
        raise Failure(f"{loss} Repeat the command with --yes.", code="needs-confirmation")
    if not yes_to(f"{loss} {question}", given_up=otherwise):
        raise Failure(otherwise, code="declined")


def _worth(planned: "PlannedSale") -> str:
    """``80 COPPER for about 1,200 cr, 41% of what it cost``, as far as that is known."""
    told = f"{planned.units} {planned.good}"
    if planned.HasField("expected"):
        told += f" for about {credits_text(planned.expected)}"
        if planned.HasField("cost") and planned.cost:
            told += f", {planned.expected / planned.cost:.0%} of what it cost"
    return told
