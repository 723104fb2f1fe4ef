"""The supply-chain tree and the summary of a factory, as lines."""

from collections.abc import Iterator
from datetime import datetime

from goodsfactory.cli.durations import counted, credits_text, remaining, span, units_text
from goodsfactory.cli.factory_view import OVER, FactoryView, NodeView
from goodsfactory.cli.layout import Cell, Line, aligned, table

STATE_STYLES = {
    "DONE": "green",
    "IN_TRANSIT": "cyan",
    "PRODUCING": "magenta",
    "PAUSED": "dim",
    "FAILED": "bold red",
    "COMPLETED": "bold green",
    "STOPPED": "dim",
    "ACTIVE": "cyan",
    "PENDING": "yellow",
}
"""Everything else waits, and is yellow."""

LONGEST_DETAIL = 60
BRANCHES = ("├── ", "└── ", "│   ", "    ")
ASCII_BRANCHES = ("|-- ", "`-- ", "|   ", "    ")


def state_cell(state: str) -> Cell:
    return Cell(state, STATE_STYLES.get(state, "yellow"))


def standing_cell(
    status: str,
    now: datetime | None,
    *,
    paused_at: datetime | None,
    hibernates: bool,
    parked_since: datetime | None,
) -> Cell:
    """The status of a factory; ``ACTIVE, paused 4m`` while its user has paused it."""
    if parked_since and status not in OVER:
        # No span: the clock of another universe is another one.
        return Cell(f"PARKED since {parked_since:%Y-%m-%d %H:%M}", "yellow")
    if status in OVER or not (paused_at or hibernates):
        return state_cell(status)
    idle = f"paused {span(paused_at, now)}" if paused_at else "hibernates"
    return Cell(f"{status}, {idle}", "yellow")


def standing_of(factory: FactoryView, now: datetime | None) -> Cell:
    """The standing of a factory as its report tells it."""
    hibernates = factory.hibernates is not None
    return standing_cell(
        factory.status,
        now,
        paused_at=factory.paused_at,
        hibernates=hibernates,
        parked_since=factory.parked_since,
    )


def factory_lines(
    factory: FactoryView, now: datetime | None, *, verbose: bool = False, ascii_only: bool = False
) -> list[Line]:
    """The summary and, below it, the tree with one line a node (two where ``verbose``)."""
    lines = summary_lines(factory, now)
    if factory.tree is not None:
        lines += tree_lines(factory.tree, now, verbose=verbose, ascii_only=ascii_only)
    return lines


def summary_lines(factory: FactoryView, now: datetime | None) -> list[Line]:
    """What is made, how far it is, what it cost so far; the error of a failed factory."""
    facts = [
        f"{factory.nodes_completed} of {counted(factory.nodes_total, 'node')}",
        *_lots(factory),
        units_text(factory.quantity_acquired),
        _cost(factory),
        *_earned(factory),
        counted(len(factory.ships_used), "ship"),
        span(factory.created_at, factory.completed_at or now),
    ]
    lines: list[Line] = [
        [
            Cell(factory.target_good, "bold"),
            Cell(f" in {factory.system_symbol}  "),
            standing_of(factory, now),
            Cell(f"  {', '.join(facts)}"),
        ],
        [Cell(f"factory {factory.id}", "dim")],
    ]
    if factory.error:
        lines.append([Cell(factory.error, "red")])
    elif factory.hibernates_until and not factory.is_over:
        left = remaining(now, factory.hibernates_until)
        lines.append([Cell(f"hibernates, {left} left: {factory.hibernates}", "yellow")])
    if factory.trouble:
        lines.append([Cell(factory.trouble, "red")])
    return lines


def _cost(factory: FactoryView) -> str:
    """What it cost, and how much of that somebody else had paid for."""
    of_stock = f" ({credits_text(factory.taken_over)} of it for stock)" if factory.taken_over > 0 else ""
    return f"{credits_text(factory.total_cost)}{of_stock}"


def _earned(factory: FactoryView) -> list[str]:
    """What a factory that sells has earned, and what is left of it."""
    if factory.earned is None or factory.profit is None:
        return []
    told = [f"{credits_text(factory.earned)} earned", f"profit {credits_text(factory.profit)}"]
    if factory.profit_per_hour is not None:
        told.append(f"{credits_text(factory.profit_per_hour)} an hour")
    return told


def _lots(factory: FactoryView) -> list[str]:
    """``lot 2 of 5 (80 units each)`` where there is more than one lot."""
    if factory.lot is None:
        return []
    end = f" of {factory.batches_wanted}" if factory.batches_wanted else ""
    size = f" ({units_text(factory.units_wanted)} each)" if factory.units_wanted else ""
    return [f"lot {factory.lot}{end}{size}"]


def tree_lines(
    tree: NodeView, now: datetime | None, *, verbose: bool = False, ascii_only: bool = False
) -> list[Line]:
    """One aligned line a node, inputs below their output; a shared input is drawn under each of them."""
    branches = ASCII_BRANCHES if ascii_only else BRANCHES
    drawn = list(_drawn(tree, "", "", branches))
    rows = aligned(
        [_row(node, prefix, now) for node, prefix, _ in drawn], drop=(2, 6, 1, 5), cut=frozenset({4, 5})
    )
    if not verbose:
        return rows
    lines: list[Line] = []
    for row, (node, _, below) in zip(rows, drawn, strict=True):
        lines.append(row)
        lines.append([Cell(below + "  "), Cell(_explanation(node, now), "dim")])
    return lines


def node_table(tree: NodeView, now: datetime | None) -> list[Line]:
    """Every good once, in a flat table."""
    return table(
        ("GOOD", "BY", "MARKET", "STATE", "DETAIL", "SHIP", "WAYPOINT"),
        [_row(node, "", now) for node in tree.every()],
        drop=("MARKET", "WAYPOINT", "BY", "SHIP"),
        cut=("DETAIL", "SHIP"),
    )


def _drawn(
    node: NodeView, prefix: str, below: str, branches: tuple[str, str, str, str]
) -> Iterator[tuple[NodeView, str, str]]:
    """(node, what stands before its name, what stands before anything below it)."""
    fork, corner, pipe, blank = branches
    yield node, prefix, below + (pipe if node.children else blank)
    for child in node.children:
        last = child is node.children[-1]
        yield from _drawn(
            child, below + (corner if last else fork), below + (blank if last else pipe), branches
        )


def _row(node: NodeView, prefix: str, now: datetime | None) -> Line:
    fabricated = node.acquisition == "FABRICATE"
    return [
        Cell(prefix + node.good),
        Cell(node.acquisition),
        Cell((node.activity if fabricated else node.supply) or "", "dim"),
        state_cell(node.state),
        Cell(_detail(node, now)),
        Cell(_ships(node.ships)),
        Cell((node.factory_waypoint if fabricated else node.source) or "", "dim"),
    ]


def _detail(node: NodeView, now: datetime | None) -> str:
    got = f"{units_text(node.quantity)}, {credits_text(node.cost)}" if node.quantity else ""
    if node.state in ("DONE", "STOPPED"):
        return got or _short(node.reason)
    if node.state == "PRODUCING" and not node.held_up:
        return _times(node, now) or _short(node.reason)
    return _short(node.reason)


def _times(node: NodeView, now: datetime | None) -> str:
    parts = []
    if node.since is not None:
        parts.append(f"since {span(node.since, now)}")
    if node.next_check is not None:
        parts.append(f"next check {remaining(now, node.next_check)}")
    return ", ".join(parts)


def _explanation(node: NodeView, now: datetime | None) -> str:
    got = f"{units_text(node.quantity)} for {credits_text(node.cost)}" if node.quantity else ""
    source = f"source {node.source}" if node.source else ""
    return "; ".join(part for part in (node.reason.rstrip("."), source, got, _times(node, now)) if part)


def _ships(ships: tuple[str, ...]) -> str:
    return ships[0] if len(ships) == 1 else f"{ships[0]} +{len(ships) - 1}" if ships else ""


def _short(reason: str) -> str:
    reason = reason.rstrip(".")
    return reason if len(reason) <= LONGEST_DETAIL else reason[: LONGEST_DETAIL - 1].rstrip() + "…"
