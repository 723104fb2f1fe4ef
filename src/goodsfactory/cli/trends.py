"""``spacetraders market trend``: how the prices of a good moved, and what markets made of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age, counted, duration, game_time, instant
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import (
    AgentOption,
    JsonOption,
    PlayerOption,
    SocketOption,
    connect,
    good_argument,
)
from goodsfactory.cli.screen import ascii_only, document, is_terminal, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import MarketTrend, Trend

TREND_EPILOG = "Example: spacetraders market trend ELECTRONICS --hours 6"
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 24
"""Columns of a spark line."""

UNKNOWN = "?"


def trend(
    good: Annotated[str, good_argument("A trade symbol, such as COPPER.")],
    market: Annotated[
        str | None,
        typer.Option("--market", metavar="WAYPOINT", help="Every sighting there; all markets if left out."),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option("--hours", metavar="HOURS", help="How far back, at most history.keep; 24 if left out."),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYMBOL", help="Where; the ships' own if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show how ask, bid and supply of a good went at each market, and what was made there.

    What a market made in half an hour is read out of its prices, with your own trades taken off; `?` where
    they do not tell. Only what was looked at is known: a standing scout sees more.
    """
    with connect(socket, player, agent) as client:
        told = client.trend(
            good.upper(),
            waypoint=market.upper() if market else None,
            system_symbol=system.upper() if system else None,
            hours=hours,
        )
    if as_json:
        show_json(document(told))
        return
    spark = is_terminal() and not ascii_only()
    if not told.markets:
        say(f"No market of {told.system_symbol} trades {told.good}.")
    elif market is None:
        show(market_lines(told, spark=spark))
    else:
        show(sighting_lines(told, spark=spark))


def market_lines(told: "Trend", *, spark: bool) -> list[Line]:
    """One line a market: from and to of every number in the time asked for."""
    rows: list[Line] = []
    for one in told.markets:
        seen = one.sightings
        rows.append(
            [
                Cell(one.waypoint, "bold"),
                Cell(one.type),
                Cell(_path([f"{sighting.ask:,}" for sighting in seen])),
                Cell(spark_line(one, told) if spark else "", "cyan"),
                Cell(_path([f"{sighting.bid:,}" for sighting in seen])),
                Cell(_path([sighting.supply for sighting in seen])),
                Cell(_path([sighting.activity or "" for sighting in seen])),
                Cell(_path([f"{sighting.trade_volume:,}" for sighting in seen])),
                Cell(_made(one)),
                Cell(age(seen[-1].observed_at, told.now) if seen else "", "dim"),
            ]
        )
    headings = ("MARKET", "TYPE", "ASK", "", "BID", "SUPPLY", "ACTIVITY", "VOLUME", "PER 30 MIN", "AGE")
    return table(
        headings, rows, right=frozenset({8}), drop=("", "VOLUME", "ACTIVITY", "TYPE", "AGE", "SUPPLY")
    )


def sighting_lines(told: "Trend", *, spark: bool) -> list[Line]:
    """Every sighting of one market."""
    [one] = told.markets
    sentence = f"{told.good} at {one.waypoint} ({one.type}): {counted(len(one.sightings), 'sighting')}"
    if one.HasField("per_half_hour"):
        sentence += f", {_made(one)} units in 30 min, measured over {duration(one.measured_seconds)}"
    lines: list[Line] = [[Cell(sentence)]]
    if spark and one.sightings:
        lines.append([Cell(f"ask {spark_line(one, told)}", "cyan")])
    rows: list[Line] = [
        [
            Cell(age(seen.observed_at, told.now), "dim"),
            Cell(f"{seen.ask:,}"),
            Cell(f"{seen.bid:,}"),
            Cell(seen.supply),
            Cell(seen.activity),
            Cell(f"{seen.trade_volume:,}"),
        ]
        for seen in one.sightings
    ]
    if rows:
        headings = ("AGE", "ASK", "BID", "SUPPLY", "ACTIVITY", "VOLUME")
        lines += table(headings, rows, right=frozenset({1, 2, 5}))
    return lines


def spark_line(one: "MarketTrend", told: "Trend") -> str:
    """The ask over the time asked for, a bar for each part of it; blank before it was first seen."""
    begin = instant(told.since)
    end = game_time(told.now) or max((instant(seen.observed_at) for seen in one.sightings), default=begin)
    asks: list[int | None] = []
    at, known = 0, None
    for column in range(1, WIDTH + 1):
        until = begin + (end - begin) * (column / WIDTH)
        while at < len(one.sightings) and instant(one.sightings[at].observed_at) <= until:
            known = one.sightings[at].ask
            at += 1
        asks.append(known)
    return "".join(_bars(asks))


def _bars(values: Sequence[int | None]) -> list[str]:
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    steps = len(BARS) - 1
    return [
        " "
        if value is None
        else BARS[steps // 2 if low == high else round((value - low) * steps / (high - low))]
        for value in values
    ]


def _path(values: Sequence[str]) -> str:
    """``HIGH → SCARCE``, or the one value that stayed."""
    if not values:
        return UNKNOWN
    return values[0] if values[0] == values[-1] else f"{values[0]} → {values[-1]}"


def _made(one: "MarketTrend") -> str:
    return f"{one.per_half_hour:+,.1f}" if one.HasField("per_half_hour") else UNKNOWN
