"""``spacetraders market``: what is traded where."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import (
    AgentOption,
    JsonOption,
    PlayerOption,
    SocketOption,
    connect,
    good_argument,
)
from goodsfactory.cli.screen import document, say, show, show_json
from goodsfactory.cli.trends import TREND_EPILOG, trend

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Listing

app = typer.Typer()

SUPPLY_STYLES = {"SCARCE": "red", "LIMITED": "yellow", "HIGH": "green", "ABUNDANT": "green"}
UNKNOWN = "?"


@app.command(epilog="Example: spacetraders market find COPPER")
def find(
    good: Annotated[str, good_argument("A trade symbol, such as COPPER.")],
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYMBOL", help="Where; the player's home if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """List the markets that trade a good, the best source first."""
    with connect(socket, player, agent) as client:
        found = client.find_markets(good.upper(), system.upper() if system else None)
    if as_json:
        show_json(document(found))
    elif not found.listings:
        say(f"No market of {found.system_symbol} trades {found.good}.")
    else:
        show(listing_table(list(found.listings), found.now, first="waypoint"))


@app.command("show", epilog="Example: spacetraders market show X1-GZ7-A1")
def show_(
    waypoint: Annotated[
        str, typer.Argument(metavar="WAYPOINT", help="A waypoint symbol, such as X1-GZ7-A1.")
    ],
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show a market's goods and prices; fresh ones where one of your ships is present."""
    with connect(socket, player, agent) as client:
        market = client.market(waypoint.upper())
    if as_json:
        show_json(document(market))
        return
    seen = f"seen {age(market.observed_at, market.now)} ago" if market.observed_at else "never seen"
    say(f"{market.waypoint}: prices {seen}")
    show(listing_table(list(market.listings), market.now, first="good"))


app.command(epilog=TREND_EPILOG)(trend)


def listing_table(listings: "list[Listing]", now: str, *, first: str) -> list[Line]:
    """One line a listing; ``first`` names the leading column, ``good`` or ``waypoint``."""
    rows: list[Line] = [
        [
            Cell(getattr(listing, first), "bold"),
            Cell(listing.type),
            Cell(listing.supply or UNKNOWN, SUPPLY_STYLES.get(listing.supply, "")),
            Cell(listing.activity),
            Cell(_number(listing, "ask")),
            Cell(_number(listing, "bid")),
            Cell(_number(listing, "trade_volume")),
            Cell(age(listing.observed_at, now) if listing.observed_at else "", "dim"),
        ]
        for listing in listings
    ]
    headings = (first.upper(), "TYPE", "SUPPLY", "ACTIVITY", "ASK", "BID", "VOLUME", "AGE")
    return table(headings, rows, right=frozenset({4, 5, 6}), drop=("VOLUME", "ACTIVITY", "TYPE"))


def _number(listing: "Listing", name: str) -> str:
    return f"{getattr(listing, name):,}" if listing.HasField(name) else UNKNOWN
