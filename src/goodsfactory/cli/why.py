"""``spacetraders goods why``: what every node waits for, and what was weighed, tried and refused."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age, counted, credits_text, game_time, instant, left, units_text, when
from goodsfactory.cli.factory_choice import FactoryArgument, find_factory
from goodsfactory.cli.factory_view import OVER
from goodsfactory.cli.layout import Cell, Line, aligned
from goodsfactory.cli.options import AgentOption, JsonOption, PlayerOption, SocketOption, connect
from goodsfactory.cli.screen import document, show, show_json
from goodsfactory.cli.tree import standing_cell, state_cell

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Attempt, FactoryExplanation, MarketOption, NodeExplanation

WHY_EPILOG = "Example: spacetraders goods why 3f2a COPPER"
TOLD = 3
"""Attempts, refusals and events a node shows when all nodes are shown; with one node, all that came."""


def why(
    factory: FactoryArgument = None,
    node: Annotated[
        str | None, typer.Argument(metavar="[NODE]", help="One good of its supply chain; all if left out.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell of every node what is told of one.")
    ] = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Say of every node what it waits for, since when, and what was weighed, tried and refused.

    Works for a factory that is over, too. With a NODE, the markets that were weighed and the ships that
    could fly are told as well.
    """
    with connect(socket, player, agent) as client:
        told = client.explain_factory(find_factory(client, factory).factory_id, node)
    if as_json:
        show_json(document(told))
    else:
        show(explanation_lines(told, everything=verbose or node is not None))


def explanation_lines(told: "FactoryExplanation", *, everything: bool) -> list[Line]:
    """The factory in a line or two, then a paragraph a node."""
    lines: list[Line] = [
        [Cell(told.target_good, "bold"), Cell(f" in {told.system_symbol}  "), _standing(told)],
        [Cell(f"factory {told.factory_id}", "dim")],
    ]
    lines += [[Cell(sentence, "red" if told.error else "yellow")] for sentence in told.notes]
    for node in told.nodes:
        lines += [[], *_paragraph(node, told, everything)]
    return lines


def _standing(told: "FactoryExplanation") -> Cell:
    paused_at = instant(told.paused_at) if told.HasField("paused_at") else None
    now = game_time(told.now)
    parked_since = instant(told.parked_since) if told.HasField("parked_since") else None
    return standing_cell(
        told.status, now, paused_at=paused_at, hibernates=told.hibernates, parked_since=parked_since
    )


def _paragraph(node: "NodeExplanation", told: "FactoryExplanation", everything: bool) -> list[Line]:
    over = told.status in OVER
    head: Line = [
        Cell(node.good, "bold"),
        Cell(f"  {node.acquisition}  "),
        state_cell(node.state),
        Cell(f"  {', '.join(_times(node, told.now, over))}", "dim"),
    ]
    because = "said last" if over and node.state != "DONE" else "because"
    rows = [(because, [Cell(node.reason)]), *_facts(node, told.now, everything)]
    named: list[Line] = []
    for number, (name, cells) in enumerate(rows):
        repeated = number > 0 and rows[number - 1][0] == name
        named.append([Cell("  " + ("" if repeated else name), "dim"), *cells])
    return [head, *aligned(named)]


def _times(node: "NodeExplanation", now: str, over: bool) -> Iterator[str]:
    if over:
        yield f"since {when(node.since, now)}"
    else:
        yield f"since {age(node.since, now)}"
    if node.next_check:
        yield f"next check {left(node.next_check, now)}"
    if node.checks:
        yield counted(node.checks, "look")
    if node.quantity:
        yield f"{units_text(node.quantity)} for {credits_text(node.cost)}"


def _facts(node: "NodeExplanation", now: str, everything: bool) -> Iterator[tuple[str, list[Cell]]]:
    yield "decision", [Cell(node.decision)]
    yield from (("stock", [Cell(sentence)]) for sentence in node.stock)
    most = max(len(node.tried), len(node.refusals), len(node.events)) if everything else TOLD
    for attempt in node.tried[:most]:
        yield "tried", [Cell(_attempt(attempt, now))]
    if (more := node.tried_total - min(most, len(node.tried))) > 0:
        yield "tried", [Cell(f"and {counted(more, 'time')} before")]
    for retry in node.retries:
        again = f"in {left(retry.at, now)}, for {retry.output}"
        yield "tried again", [Cell(f"{again}, after {counted(retry.failures, 'failure')}")]
    for refusal in node.refusals[:most]:
        who = f" to {refusal.ship_symbol}" if refusal.ship_symbol else ""
        yield "refused", [Cell(f"{when(refusal.at, now)}{who}: {refusal.reason}")]
    if not everything:
        return
    yield from _markets("bought at", node.sources, now)
    yield from _markets("made at", node.sites, now)
    for ship in node.ships:
        answer = "can be sent" if ship.eligible else "; ".join(ship.reasons)
        yield "ships", [Cell(answer if not ship.eligible else f"{ship.ship_symbol} {answer}")]
    for event in node.events:
        yield "events", [Cell(f"{when(event.at, now)}  {event.message}")]


def _attempt(attempt: "Attempt", now: str) -> str:
    way = f"{attempt.source} → {attempt.destination}" if attempt.destination else attempt.source
    who = f" {attempt.ship_symbol}" if attempt.ship_symbol else ""
    again = ""
    if attempt.not_before:
        again = f"; again in {left(attempt.not_before, now)}"
    return f"{when(attempt.at, now)} {attempt.state}{who} {way}: {attempt.reason.rstrip('.')}{again}"


def _markets(name: str, options: "Iterable[MarketOption]", now: str) -> Iterator[tuple[str, list[Cell]]]:
    rows = aligned([_option(option, now) for option in options])
    for row in rows:
        yield name, [Cell("".join(cell.text for cell in row).rstrip())]


def _option(option: "MarketOption", now: str) -> Line:
    listing = option.listing
    priced = listing.HasField("ask")
    return [
        Cell(listing.waypoint),
        Cell(listing.type),
        Cell(listing.supply),
        Cell(listing.activity),
        Cell(f"ask {listing.ask:,}" if priced else ""),
        Cell(f"bid {listing.bid:,}" if priced else ""),
        Cell(f"volume {listing.trade_volume:,}" if priced else ""),
        Cell(f"{option.distance:,} away" if option.HasField("distance") else ""),
        Cell(f"seen {age(listing.observed_at, now)} ago" if listing.observed_at else ""),
        Cell(option.verdict),
    ]
