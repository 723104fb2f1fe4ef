"""The sandbox's report on its economy, laid out for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from goodsfactory.cli.layout import Cell, Line, table


def report_lines(report: dict[str, Any]) -> list[Line]:
    """A table of the properties, figure by figure, and one of young systems beside the captured one."""
    seeds = ", ".join(map(str, report["seeds"]))
    lines: list[Line] = [[Cell(f"Economy of the sandbox, seeds {seeds}", "bold")], []]
    lines += table(("ID", "FIGURE", "MEASURED", "EXPECTED", ""), _properties(report))
    lines += [[], [Cell("Young systems after three days beside the captured one", "bold")], []]
    rows: Iterable[Line] = (
        [
            Cell(row["figure"]),
            Cell(f"{row['captured']:g}"),
            Cell(f"{row['young']:g}"),
            Cell(f"{row['lowest']:g} … {row['highest']:g}"),
        ]
        for row in report["side_by_side"]
    )
    lines += table(("FIGURE", "CAPTURED", "YOUNG", "OVER SEEDS"), rows, right=frozenset({1, 2}))
    for captured in report["captured"]:
        lines += [[], *_share(captured), *_by_age(captured["by_age"])]
    failed = [row["id"] for row in report["properties"] if not row["pass"]]
    failed += [f"P11 of {each['universe']}" for each in report["captured"] if each["by_age"]["pass"] is False]
    verdict = f"{', '.join(failed)} failed" if failed else "all properties hold"
    lines += [[], [Cell(f"{verdict[0].upper()}{verdict[1:]}.", "red" if failed else "green")]]
    return lines


def _share(captured: dict[str, Any]) -> list[Line]:
    """What the price law gives of a captured system, and the listings it does not."""
    counts = (
        f"{captured['reproduced']} of {captured['listings']} listings reproduced ({captured['share']:.1%})"
    )
    lines: list[Line] = [[Cell(f"{captured['universe']}: {counts}", "bold")]]
    if captured["left_out"]:
        rows = (
            [Cell(left["waypoint"]), Cell(left["good"]), Cell(left["why"])] for left in captured["left_out"]
        )
        lines += table(("LEFT OUT", "GOOD", "WHY"), rows)
    return lines


def _by_age(judged: dict[str, Any]) -> list[Line]:
    """P11 for a captured system: its labels beside those of young systems as old as it was."""
    if judged["pass"] is None:
        return [[Cell(f"Its labels are not judged (P11): {judged['why']}.")]]
    verdict = "agree" if judged["pass"] else "DISAGREE"
    rows: Iterable[Line] = (
        [Cell(row["figure"]), Cell(f"{row['captured']:g}"), Cell(f"{row['young']:g}")]
        for row in judged["figures"]
    )
    head = f"Beside young systems {judged['age_days']} days old its labels {verdict} (P11)"
    return [[Cell(head)], *table(("FIGURE", "CAPTURED", "YOUNG"), rows, right=frozenset({1, 2}))]


def _properties(report: dict[str, Any]) -> Iterable[Line]:
    for row in report["properties"]:
        for place, figure in enumerate(report["figures"][row["id"]]):
            low, high = figure["at_least"], figure["at_most"]
            decides = low is not None or high is not None
            verdict = ("pass" if figure["pass"] else "FAIL") if decides else ""
            yield [
                Cell(row["id"] if place == 0 else "", "bold"),
                Cell(figure["figure"]),
                Cell(_span(figure["values"])),
                Cell(_bound(low, high)),
                Cell(verdict, "green" if figure["pass"] else "red"),
            ]


def _span(values: Sequence[float]) -> str:
    low, high = (f"{round(end, 3):g}" for end in (min(values), max(values)))
    return low if low == high else f"{low} … {high}"


def _bound(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"≤ {high:g}"
    if high is None:
        return f"≥ {low:g}"
    return f"{low:g}" if low == high else f"{low:g} … {high:g}"
