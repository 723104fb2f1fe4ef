"""``spacetraders ships buy``: one more ship."""

from typing import Annotated

import typer

from goodsfactory.cli.durations import credits_text
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.options import (
    MOST_CREDITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    SocketOption,
    connect,
)
from goodsfactory.cli.screen import document, is_dialogue, say, show_json, yes_to

BUY_EPILOG = "Example: spacetraders ships buy SHIP_LIGHT_SHUTTLE --max-price 100000 --yes"


def buy(
    ship_type: Annotated[
        str, typer.Argument(metavar="TYPE", help="A type, such as SHIP_LIGHT_SHUTTLE; SHIP_ may be left out.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WAYPOINT",
            help="Buy there; at the cheapest yard with a ship of yours if left out.",
        ),
    ] = None,
    max_price: Annotated[
        int | None,
        typer.Option("--max-price", min=1, max=MOST_CREDITS, help="Credits it may cost at most."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Buy one ship at a shipyard where a ship of yours is.

    The price is shown first, and no more than that is paid. On a terminal you are asked; a script is not.
    """
    with connect(socket, player, agent) as client:
        plan = client.plan_ship_purchase(ship_type, waypoint=at.upper() if at else None)
        if max_price is not None and plan.price > max_price:
            raise Failure(
                f"{plan.ship_type} costs {credits_text(plan.price)} at {plan.waypoint},"
                f" more than {credits_text(max_price)}; nothing was bought.",
                code="spend-ceiling",
            )
        if is_dialogue() and not as_json:
            costs = f"{plan.ship_type} costs {credits_text(plan.price)}"
            say(f"{costs} at {plan.waypoint}, where {plan.present} is.")
            if not yes and not yes_to("Buy it?"):
                raise Failure("Nothing was bought.", code="declined")
        # What was shown is what is agreed to: a price that moved meanwhile is refused.
        bought = client.buy_ship(
            plan.ship_type, waypoint=plan.waypoint, max_price=plan.price if max_price is None else max_price
        )
    if as_json:
        show_json(document(bought))
        return
    name = f"{bought.ship_symbol}, a {bought.ship_type}," if bought.ship_symbol else f"a {bought.ship_type}"
    say(f"Bought {name} at {bought.waypoint} for {credits_text(bought.price)}.")
