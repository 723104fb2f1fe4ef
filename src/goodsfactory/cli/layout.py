"""Lines of styled cells: laid out once, printed plain into a pipe or coloured on a terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text

GAP = 2


class Cell(NamedTuple):
    """A piece of text with one style (a rich style name; empty for none)."""

    text: str
    style: str = ""


Line = Sequence[Cell]


def aligned(rows: Iterable[Line], *, right: frozenset[int] = frozenset()) -> list[Line]:
    """Pad the cells of every row to common columns; those numbered in ``right`` to the right."""
    table = [list(row) for row in rows]
    columns = max((len(row) for row in table), default=0)
    widths = [max(len(row[column].text) for row in table if column < len(row)) for column in range(columns)]
    lines: list[Line] = []
    for row in table:
        line: list[Cell] = []
        for column, cell in enumerate(row):
            if not widths[column]:
                continue
            if line:
                line.append(Cell(" " * GAP))
            pad = " " * (widths[column] - len(cell.text))
            line.append(Cell(pad + cell.text if column in right else cell.text + pad, cell.style))
        lines.append(line)
    return lines


def table(
    headings: Sequence[str], rows: Iterable[Line], *, right: frozenset[int] = frozenset()
) -> list[Line]:
    """Rows below bold headings."""
    return aligned([[Cell(heading, "bold") for heading in headings], *rows], right=right)


def plain(lines: Iterable[Line]) -> str:
    """The text alone, one line each, without trailing blanks."""
    return "".join("".join(cell.text for cell in line).rstrip() + "\n" for line in lines)


def coloured(lines: Iterable[Line]) -> "Text":
    """A rich text whose lines a live picture cuts, instead of wrapping, where the terminal is narrower."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ellipsis")
    for number, line in enumerate(lines):
        one = Text()
        for cell in line:
            one.append(cell.text, style=cell.style or None)
        # Padding that runs over the edge would be cut, and show an ellipsis for nothing.
        one.rstrip()
        text.append("\n" if number else "").append_text(one)
    return text
