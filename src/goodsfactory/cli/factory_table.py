"""Factories as ``goods list`` shows them: a line each."""

from typing import TYPE_CHECKING

from goodsfactory.cli.durations import credits_text, game_time, span, units_text
from goodsfactory.cli.factory_view import FactoryView
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.tree import standing_of
from goodsfactory.cli.watch import view

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Factory

EARNINGS = ("EARNED", "PROFIT", "PER HOUR")


def earnings(factory: FactoryView) -> tuple[int | None, int | None, int | None]:
    """What stands below EARNINGS; nothing for a factory that does not sell."""
    return factory.earned, factory.profit, factory.profit_per_hour


def factory_table(factories: "list[Factory]") -> list[Line]:
    """One line a factory."""
    rows: list[Line] = []
    shown = EARNINGS if any(view(one).earned is not None for one in factories) else ()
    for one in factories:
        factory = view(one)
        now = game_time(one.now)
        rows.append(
            [
                Cell(factory.id),
                Cell(factory.target_good, "bold"),
                standing_of(factory, now),
                Cell(f"{factory.nodes_completed}/{factory.nodes_total}"),
                Cell(units_text(factory.quantity_acquired)),
                Cell(credits_text(factory.total_cost)),
                *(
                    Cell("" if amount is None else credits_text(amount))
                    for amount in earnings(factory)[: len(shown)]
                ),
                Cell(span(factory.created_at, factory.completed_at or now)),
                Cell(factory.system_symbol, "dim"),
            ]
        )
    headings = ("FACTORY", "GOOD", "STATUS", "NODES", "MADE", "COST", *shown, "TIME", "SYSTEM")
    return table(
        headings,
        rows,
        right=frozenset(range(3, 7 + len(shown))),
        drop=("SYSTEM", "NODES", "TIME", "MADE", *shown[:1], "COST"),
        cut=("FACTORY", "GOOD", "STATUS"),
    )
