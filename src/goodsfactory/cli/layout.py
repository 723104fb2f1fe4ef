"""Lines of styled cells: laid out once, printed plain into a pipe or coloured and fitted on a terminal.

Where a terminal is too narrow, columns are cut with an ellipsis, the least important ones are left out and
named below, and sentences are folded between words. Nothing is ever left to the terminal to wrap.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text

GAP = 2
NARROWEST = 16
"""Columns of text that a cut column keeps at least."""

NARROWEST_FOLD = 24
"""Columns below which a sentence is not folded beside other columns."""

ELLIPSIS = "…"
BRANCHES = " │|"
"""What may stand before a line of a tree, and goes on before the rest of it."""


class Cell(NamedTuple):
    """A piece of text with one style (a rich style name; empty for none)."""

    text: str
    style: str = ""


Line = Sequence[Cell]


class Row(tuple[Cell, ...]):
    """A padded line of a block; it can be laid out again for another width."""

    block: "Block"
    number: int


@dataclass(frozen=True)
class Block:
    """Rows with common columns. ``drop`` numbers the columns to leave out, the least important first.

    ``cut`` are the columns to shorten; with ``fold`` the last one is folded between words instead. Where the
    first row is ``headed``, what was left out is named below the last one.
    """

    rows: list[list[Cell]]
    right: frozenset[int]
    drop: Sequence[int]
    cut: frozenset[int]
    fold: bool
    headed: bool = False

    @cached_property
    def widths(self) -> list[int]:
        """As wide as the widest cell of each column; 0 where a column has no text at all."""
        columns = max((len(row) for row in self.rows), default=0)
        return [
            max(len(row[column].text) for row in self.rows if column < len(row)) for column in range(columns)
        ]

    def padded(self, number: int, widths: Sequence[int]) -> list[Cell]:
        """One row; columns of no width are left out, cells that are too long are cut."""
        line: list[Cell] = []
        for column, cell in enumerate(self.rows[number]):
            if not widths[column]:
                continue
            if line:
                line.append(Cell(" " * GAP))
            text = cut(cell.text, widths[column])
            pad = " " * (widths[column] - len(text))
            line.append(Cell(pad + text if column in self.right else text + pad, cell.style))
        return line

    def fitted(self, number: int, width: int) -> list[Line]:
        """One row as the lines it takes in so many columns."""
        if _total(self.widths) <= width:
            return [self.padded(number, self.widths)]
        before = _total(self.widths[:-1])
        room = width - before - GAP if before else width
        if self.fold and room >= min(NARROWEST_FOLD, width // 2):
            return self._folded(number, room)
        kept = self._shrunk(width)
        lines: list[Line] = [self.padded(number, kept)]
        if self.headed and number == len(self.rows) - 1:
            gone = [self.rows[0][one].text for one, wide in enumerate(self.widths) if wide and not kept[one]]
            if gone:
                lines += _folded([Cell(f"Too narrow for {', '.join(gone)}.", "dim")], width)
        return lines

    def _folded(self, number: int, room: int) -> list[Line]:
        """One row with its last column broken between words, each part below the other."""
        *before, last = self.widths
        row = self.rows[number]
        if len(row) < len(self.widths):
            return [self.padded(number, self.widths)]
        first, *others = _words(row[-1].text, room)
        head = Block([[*row[:-1], Cell(first, row[-1].style)]], self.right, (), frozenset(), fold=False)
        indent = Cell(" " * (_total(before) + GAP if any(before) else 0))
        return [head.padded(0, [*before, min(room, last)]), *([indent, Cell(text)] for text in others)]

    def _shrunk(self, width: int) -> list[int]:
        """Column widths that fit: first what may be cut, then without the columns that may go."""
        widths = self.widths
        numbers = [column for column, wide in enumerate(widths) if wide]
        elastic = self.cut or frozenset(numbers) - self.right
        order = [*self.drop, *(column for column in reversed(numbers[1:]) if column not in self.drop)]
        kept = list(widths)
        for gone in (None, *order):
            if gone is not None:
                kept[gone] = 0
            shrunk = _cut_to(kept, elastic, width)
            if shrunk is not None:
                return shrunk
        return [min(wide, width) for wide in kept]


def _total(widths: Sequence[int]) -> int:
    shown = [wide for wide in widths if wide]
    return sum(shown) + GAP * max(0, len(shown) - 1)


def _cut_to(widths: Sequence[int], elastic: frozenset[int], width: int) -> list[int] | None:
    """Shorten the widest elastic column again and again; None where that is not enough."""
    fitted = list(widths)
    while (over := _total(fitted) - width) > 0:
        widest = max(
            (column for column in elastic if fitted[column] > NARROWEST),
            key=lambda column: fitted[column],
            default=None,
        )
        if widest is None:
            return None
        others = [fitted[column] for column in elastic if column != widest and fitted[column] > NARROWEST]
        step = max(1, fitted[widest] - max([NARROWEST, *others]))
        fitted[widest] -= min(over, step)
    return fitted


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits before an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)].rstrip() + ELLIPSIS


def _words(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def aligned(
    rows: Iterable[Line],
    *,
    right: frozenset[int] = frozenset(),
    drop: Sequence[int] = (),
    cut: frozenset[int] = frozenset(),
    fold: bool = True,
    headed: bool = False,
) -> list[Line]:
    """Pad the cells of every row to common columns; those numbered in ``right`` to the right.

    Where they do not fit a terminal the last column is folded, or with ``drop`` or ``cut`` as Block says.
    """
    block = Block([list(row) for row in rows], right, drop, cut, fold and not drop and not cut, headed)
    lines: list[Line] = []
    for number in range(len(block.rows)):
        line = Row(block.padded(number, block.widths))
        line.block, line.number = block, number
        lines.append(line)
    return lines


def table(
    headings: Sequence[str],
    rows: Iterable[Line],
    *,
    right: frozenset[int] = frozenset(),
    drop: Sequence[str] = (),
    cut: Sequence[str] = (),
) -> list[Line]:
    """Rows below bold headings.

    On a narrow terminal the columns named in ``cut`` are shortened (all that are not numbers, if left out),
    then those named in ``drop`` go, the least important first; a line below the table names them.
    """
    numbers = {heading: number for number, heading in enumerate(headings)}
    return aligned(
        [[Cell(heading, "bold") for heading in headings], *rows],
        right=right,
        drop=[numbers[heading] for heading in drop],
        cut=frozenset(numbers[heading] for heading in cut),
        fold=False,
        headed=True,
    )


def fitted(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """The lines as they fit a terminal of so many columns; none is longer."""
    for line in lines:
        if isinstance(line, Row):
            yield from line.block.fitted(line.number, width)
        elif sum(len(cell.text) for cell in line) <= width:
            yield line
        else:
            yield from _folded(line, width)


def _folded(line: Line, width: int) -> Iterator[Line]:
    """A free line, broken between words; what follows is indented as it was."""
    whole = "".join(cell.text for cell in line)
    indent = whole[: min(len(whole) - len(whole.lstrip(BRANCHES)), width // 2)]
    styles = [cell.style for cell in line for _ in cell.text]
    at = len(indent)
    for part in _words(whole[len(indent) :].strip(), max(1, width - len(indent))):
        cells = [Cell(indent)] if indent else []
        for character in part:
            while whole[at] != character:
                at += 1
            if cells and cells[-1].style == styles[at]:
                cells[-1] = Cell(cells[-1].text + character, styles[at])
            else:
                cells.append(Cell(character, styles[at]))
            at += 1
        yield cells


def plain(lines: Iterable[Line]) -> str:
    """The text alone, one line each, without trailing blanks."""
    return "".join("".join(cell.text for cell in line).rstrip() + "\n" for line in lines)


def coloured(lines: Iterable[Line], width: int) -> "Text":
    """A rich text of lines that fit a terminal of so many columns."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="crop")
    for number, line in enumerate(fitted(lines, width)):
        one = Text()
        for cell in line:
            one.append(cell.text, style=cell.style or None)
        one.rstrip()
        text.append("\n" if number else "").append_text(one)
    return text
