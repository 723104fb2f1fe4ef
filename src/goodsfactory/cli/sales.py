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
    """One order for all while nothing is to be asked; then one for each good.

    A yes is to the losses that were named: every other good is asked about by itself, at the market shown.
    """
    plan = client.plan_sale(symbol, good=good, waypoint=waypoint)
    if is_terminal() and not as_json:
        for planned in plan.sales:
            say(f"{symbol} flies to {planned.waypoint} to sell {_worth(planned)}")
    agreed = set() if yes else _agreed(plan, as_json=as_json)
    done: set[str] = set()
    if not agreed:
        try:
            sold = client.sell_cargo(symbol, good=good, waypoint=waypoint, confirmed=yes)
        except DaemonError as refused:
            if refused.code != "needs-confirmation":
                raise
            # Only there, or since it was asked, did the bid prove to be a loss.
            plan = client.plan_sale(symbol, good=good, waypoint=waypoint)
            agreed = _agreed(plan, as_json=as_json)
            if not agreed:
                raise
        else:
            _tell(sold, as_json=as_json)
            if not sold.HasField("confirmation"):
                return
            _check_dialogue(sold.confirmation)
            done = {sale.good for sale in sold.sales}
    for planned in plan.sales:
        if planned.good not in done:
            _sell_one(client, symbol, planned, agreed=planned.good in agreed, some=bool(done))
            done.add(planned.good)


def _sell_one(client: "Client", symbol: str, planned: "PlannedSale", *, agreed: bool, some: bool) -> None:
    """Sell a good where it was planned; ``some`` others were sold before."""
    otherwise = "The rest stays aboard." if some else "Nothing was sold."
    good, place = planned.good, planned.waypoint
    asked = 0
    while True:
        if not agreed:
            plan = client.plan_sale(symbol, good=good, waypoint=place)
            agreed = good in _agreed(plan, as_json=False, otherwise=otherwise)
            asked += 1
        try:
            _tell(client.sell_cargo(symbol, good=good, waypoint=place, confirmed=agreed), as_json=False)
        except DaemonError as refused:
            if agreed or asked > 1 or refused.code != "needs-confirmation":
                raise
            continue  # there the bid proved to be a loss
        return


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


def _agreed(plan: "PlanSaleResponse", *, as_json: bool, otherwise: str = "Nothing was sold.") -> set[str]:
    """The goods whose loss was asked about and agreed to; none where there is nothing to ask.

    Raises Failure where nobody can be asked, and with ``otherwise`` where the answer is no.
    """
    if not plan.HasField("confirmation"):
        return set()
    _check_dialogue(plan.confirmation, dialogue=not as_json)
    if not yes_to(f"{plan.confirmation} Sell all the same?", given_up=otherwise):
        raise Failure(otherwise, code="declined")
    return {
        sale.good
        for sale in plan.sales
        if sale.HasField("expected") and sale.HasField("cost") and sale.expected < sale.cost
    }


def _check_dialogue(loss: str, *, dialogue: bool = True) -> None:
    """Raises Failure where nobody can be asked about a loss."""
    if not dialogue or not is_dialogue():
        raise Failure(f"{loss} Repeat the command with --yes.", code="needs-confirmation")


def _worth(planned: "PlannedSale") -> str:
    """``80 COPPER for about 1,200 cr, 41% of what it cost``, as far as that is known."""
    told = f"{planned.units} {planned.good}"
    if planned.HasField("expected"):
        told += f" for about {credits_text(planned.expected)}"
        if planned.HasField("cost") and planned.cost:
            told += f", {planned.expected / planned.cost:.0%} of what it cost"
    return told
