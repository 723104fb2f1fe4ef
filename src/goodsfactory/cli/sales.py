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
    from goodsfactory.api.client import Client
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
    with connect(socket, player, agent) as client:
        try:
            _sell(
                client,
                symbol=ship.upper(),
                good=good.upper() if good else None,
                waypoint=at.upper() if at else None,
                yes=yes,
                as_json=as_json,
            )
        except KeyboardInterrupt:
            raise Failure(
                f"The order was given up; {ship.upper()} keeps what is not sold.", code="interrupted"
            ) from None


def _sell(
    client: "Client", *, symbol: str, good: str | None, waypoint: str | None, yes: bool, as_json: bool
) -> None:
    """One order for all goods, and for the rest another after each question that came up on the way.

    A yes is to the losses that were named, at the markets shown. What was told of is not sold again.
    """
    told: list[str] = []
    plan = client.plan_sale(symbol, good=good, waypoint=waypoint)
    if is_terminal() and not as_json:
        for planned in plan.sales:
            say(f"{symbol} flies to {planned.waypoint} to sell {_worth(planned)}")
    agreed = {} if yes else _agreed(plan, as_json=as_json)
    while True:
        refusal: DaemonError | None = None
        try:
            sold = client.sell_cargo(
                symbol,
                good=good,
                waypoint=waypoint,
                confirmed=yes,
                confirmed_goods=agreed,
                kept_goods=told,
            )
        except DaemonError as refused:
            if refused.code != "needs-confirmation":
                raise
            refusal = refused  # only there, or since it was asked, did the bid prove to be a loss
        else:
            _tell(sold, as_json=as_json)
            if not sold.HasField("confirmation"):
                return
            told += [sale.good for sale in sold.sales]
        plan = client.plan_sale(symbol, good=good, waypoint=waypoint, confirmed_goods=agreed, kept_goods=told)
        otherwise = "The rest stays aboard." if told else "Nothing was sold."
        more = _agreed(plan, as_json=as_json, otherwise=otherwise)
        if refusal is not None and not more:
            raise refusal
        agreed |= more


def _tell(sold: "SellCargoResponse", *, as_json: bool) -> None:
    """Raises Exit where an object says that not all is sold."""
    if as_json:
        show_json(document(sold))
        if sold.HasField("confirmation"):
            raise typer.Exit(FAILED)
        return
    for sale in sold.sales:
        if sale.units:
            at_market = f"{sale.units} {sale.good} at {sale.waypoint}"
            say(f"{sold.ship_symbol} sold {at_market} for {credits_text(sale.revenue)}.")
        if sale.kept:
            say(f"{counted(sale.kept, 'unit')} of {sale.good} stay aboard: {sale.kept_reason.rstrip('.')}.")


def _agreed(
    plan: "PlanSaleResponse", *, as_json: bool, otherwise: str = "Nothing was sold."
) -> dict[str, str]:
    """The goods whose loss was asked about and agreed to, each with its market; none where nothing is asked.

    Raises Failure where nobody can be asked, and with ``otherwise`` where the answer is no.
    """
    if not plan.HasField("confirmation"):
        return {}
    if as_json or not is_dialogue():
        raise Failure(f"{plan.confirmation} Repeat the command with --yes.", code="needs-confirmation")
    if not yes_to(f"{plan.confirmation} Sell all the same?", given_up=otherwise):
        raise Failure(otherwise, code="declined")
    return {sale.good: sale.waypoint for sale in plan.sales if sale.loss}


def _worth(planned: "PlannedSale") -> str:
    """``80 COPPER for about 1,200 cr, 41% of what it cost``, as far as that is known."""
    told = f"{planned.units} {planned.good}"
    if planned.HasField("expected"):
        told += f" for about {credits_text(planned.expected)}"
        if planned.HasField("cost") and planned.cost:
            told += f", {planned.expected / planned.cost:.0%} of what it cost"
    return told
