"""A quote, and a quote beside its outcome, as lines (docs/reference/json.md, "quote" and "outcome")."""

from collections.abc import Iterator, Mapping
from typing import Any

from goodsfactory.cli.durations import UNKNOWN, counted, credits_text, duration, units_text
from goodsfactory.cli.factory_view import OVER
from goodsfactory.cli.layout import Cell, Line, aligned, table
from goodsfactory.cli.tree import ASCII_BRANCHES, BRANCHES

_LONGEST_REASON = 100

_FIGURES = {
    "seconds": "time",
    "credits": "net cost",
    "ship_hours": "ship-hours",
    "requests": "requests",
    "units": "units",
}


def quote_lines(quote: Mapping[str, Any], *, ascii_only: bool = False) -> list[Line]:
    """The figures, the tree with its decisions, what may go wrong, and the timeline where there is one."""
    asked = quote["units_wanted"]
    what = units_text(asked) if asked else "one shipload"
    if quote["finished"]:
        lines = [*_headline(quote, what), [], *_figures(quote), [], *_tree(quote, ascii_only)]
    else:
        lines = [
            [Cell(quote["target_good"], "bold"), Cell(f" in {quote['system_symbol']}: {what}")],
            [Cell("No replay came to its end: as things are, it would not be made.", "red")],
            *_cautions(quote),
            [],
            *_tree(quote, ascii_only),
        ]
    if quote["cautions"] and quote["finished"]:
        lines += [[], [Cell("What may go wrong", "bold")], *_cautions(quote)]
    if quote["timeline"]:
        lines += [[], [Cell("One replay, of median length", "bold")]]
        lines += aligned(
            [
                [Cell(f"  {duration(moment['seconds'])}", "dim"), Cell(_short(moment["sentence"]))]
                for moment in quote["timeline"]
            ]
        )
    return lines


def _cautions(quote: Mapping[str, Any]) -> list[Line]:
    return [[Cell(f"  {caution}", "yellow")] for caution in quote["cautions"]]


def report_lines(report: Mapping[str, Any]) -> list[Line]:
    """Every figure as quoted and as it came, and what differed most; of what is not finished, so far."""
    head: list[Line] = [
        [
            Cell(report["target_good"], "bold"),
            Cell(f"  {report['status']}  factory {report['factory_id']}", "dim"),
        ]
    ]
    taken, lots = report["taken"], report["lots"]
    if report["quote"] is None:
        return [*head, [Cell(f"No quote was taken of it; until now it took {_took(taken)}.")]]
    if not report["quote"]["finished"]:
        return [*head, *_never(report["quote"]), [Cell(f"Until now it took {_took(taken)}.")]]
    when = report["quote"]["elapsed_seconds"]
    head.append([Cell(f"quoted {duration(when)} after its start, once its markets were seen", "dim")])
    if not report["final"]:
        unfinished = "it ended unfinished" if report["status"] in OVER else "it is not finished"
        told = f"{unfinished}: what it took so far stands beside the quote of the whole"
        if report["lots"] is not None:
            told = "it goes on without end: the quote is of one lot"
            told += f", and so is what it took, the mean of {report['lots']:g} lots so far" if lots else ""
            told += f" ({_took(taken)} in all)"
        head.append([Cell(told, "yellow")])
    rows: list[Line] = [
        [
            Cell(_FIGURES[one["figure"]]),
            Cell(_text(one["figure"], one["quoted"]["expected"])),
            Cell(_span(one["figure"], one["quoted"]), "dim"),
            Cell(_text(one["figure"], one["came"])),
            Cell("" if one["error"] is None else f"{one['error']:+.1%}"),
            Cell("outside" if one["within_band"] is False else "", "yellow"),
        ]
        for one in report["comparisons"]
    ]
    came = ("CAME", "ERROR") if report["final"] else ("A LOT" if lots else "SO FAR", "")
    lines = [*head, [], *table(("", "QUOTED", "BAND", *came, ""), rows, right=frozenset({1, 3, 4}))]
    if report["differences"]:
        lines += [[], [Cell("What differed", "bold")]]
        lines += [[Cell(f"  {sentence}")] for sentence in report["differences"]]
    return lines


def _never(quote: Mapping[str, Any]) -> list[Line]:
    """Why there is nothing to compare."""
    told = "When it was quoted no replay came to its end, so nothing was foretold and nothing is compared."
    return [[Cell(told, "yellow")], *([Cell(f"  {caution}", "dim")] for caution in quote["cautions"])]


def _took(taken: Mapping[str, Any]) -> str:
    took = f"{_text('seconds', taken['seconds'])} and {credits_text(taken['credits'])}"
    return f"{took} for {units_text(taken['units'])}"


def _headline(quote: Mapping[str, Any], what: str) -> list[Line]:
    made, ships = quote["units"]["expected"], quote["cargo_ships"]
    return [
        [
            Cell(quote["target_good"], "bold"),
            Cell(f" in {quote['system_symbol']}: {what} by {counted(ships, 'ship')}, {quote['strategy']}"),
        ],
        [
            Cell(_about(round(quote["credits"]["expected"])), "bold"),
            Cell(f" and {duration(quote['seconds']['expected'])} for {units_text(round(made))}"),
            Cell(f"  ({counted(quote['replays'], 'replay')})", "dim"),
        ],
    ]


def _about(credits: int) -> str:
    """Credits that the purse loses; a chain that pays earns them."""
    return f"about {credits_text(credits)}" if credits >= 0 else f"earns about {credits_text(-credits)}"


def _figures(quote: Mapping[str, Any]) -> list[Line]:
    rows: list[Line] = [
        [
            Cell(words),
            Cell(_text(name, quote[name]["expected"])),
            Cell(_span(name, quote[name]), "dim"),
        ]
        for name, words in _FIGURES.items()
        if name != "units"
    ]
    for terminal, amount in quote["profit"].items():
        note = "at the best bids in the end" if terminal != "SELL" else "after the sale"
        rows.append([Cell(f"profit {terminal}"), Cell(credits_text(amount)), Cell(note, "dim")])
    return aligned(rows, right=frozenset({1}))


def _tree(quote: Mapping[str, Any], ascii_only: bool) -> list[Line]:
    nodes = {node["good"]: node for node in quote["nodes"]}
    lines: list[Line] = []
    rows: list[Line] = []
    notes: list[tuple[str, list[str]]] = []
    for node, prefix, below in _drawn(quote["tree"], "", "", ASCII_BRANCHES if ascii_only else BRANCHES):
        figures = nodes.get(node["good"])
        bought = (
            f"{units_text(figures['units'])}, {credits_text(figures['cost'])}"
            if figures and figures["units"]
            else ""
        )
        rows.append(
            [
                Cell(prefix + node["good"]),
                Cell(node["acquisition"]),
                Cell(node["supply"] or "", "dim"),
                Cell(bought),
                Cell(node["source"] or "", "dim"),
            ]
        )
        said = [node["reason"], figures["production"] if figures else ""]
        notes.append((below, [sentence for sentence in said if sentence]))
    for row, (below, sentences) in zip(aligned(rows), notes, strict=True):
        lines.append(row)
        lines += [[Cell(f"{below}  "), Cell(sentence, "dim")] for sentence in sentences]
    return lines


def _drawn(
    node: Mapping[str, Any], prefix: str, below: str, branches: tuple[str, str, str, str]
) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    fork, corner, pipe, blank = branches
    children = node["children"]
    yield node, prefix, below + (pipe if children else blank)
    for child in children:
        last = child is children[-1]
        yield from _drawn(
            child, below + (corner if last else fork), below + (blank if last else pipe), branches
        )


def _span(figure: str, band: Mapping[str, float]) -> str:
    return f"{_text(figure, band['low'])} to {_text(figure, band['high'])}"


def _text(figure: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    match figure:
        case "seconds":
            return duration(value)
        case "credits":
            return credits_text(round(value))
        case "ship_hours":
            return f"{value:.1f}"
    return f"{value:,.0f}"


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST_REASON else sentence[: _LONGEST_REASON - 1].rstrip() + "…"
