"""What of the game's newest answers makes no sense: it is told, and the rest is used."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
import structlog

from goodsfactory.adapters.spacetraders.bounds import printable
from goodsfactory.domain.errors import UserError

Value = TypeVar("Value")

SENSELESS = (ValueError, OverflowError, RecursionError, UserError)
"""What decoding and mapping raise at an answer without sense: shape, bounds, dates, nesting, symbols."""

_MOST_SENTENCES = 50

_log = structlog.stdlib.get_logger(__name__)


def reason(error: Exception) -> str:
    """Why something makes no sense, to stand inside a sentence."""
    if isinstance(error, RecursionError):
        return "it is nested without end"
    return printable(str(error)).rstrip(".") or type(error).__name__


def sound(
    elements: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], Value], what: str
) -> tuple[list[Value], list[str]]:
    """Each element that ``read`` understands, and a sentence for each it does not (``what`` names them)."""
    values: list[Value] = []
    unreadable: list[str] = []
    for number, raw in enumerate(elements, start=1):
        try:
            values.append(read(raw))
        except SENSELESS as error:
            name = name_of(raw) or f"number {number}"
            unreadable.append(f"{what} {name} cannot be understood: {reason(error)}")
    return values, unreadable


class SetAside:
    """What cannot be understood at this moment, by whose answer to what it was. Changes are logged."""

    def __init__(self) -> None:
        self._sentences: dict[tuple[str | None, str], tuple[str, ...]] = {}

    def note(self, token: str | None, asked: str, sentences: Iterable[str]) -> None:
        """The newest answer to ``asked`` said this beside what makes sense; nothing, where it is whole."""
        told = tuple(sentences)[:_MOST_SENTENCES]
        before = self._sentences.get((token, asked), ())
        if told == before:
            return
        if told:
            self._sentences[token, asked] = told
            _log.warning(f"{asked}: {'; '.join(told[:5])}.", kind="ANSWER_SET_ASIDE")
        else:
            del self._sentences[token, asked]
            _log.info(f"{asked} can be understood again.", kind="ANSWER_UNDERSTOOD")

    def of(self, token: str | None = None) -> tuple[str, ...]:
        """Every sentence, each with what was asked; those of one token, or of all."""
        found = (
            f"{asked}: {sentence}"
            for (whose, asked), sentences in self._sentences.items()
            if token is None or whose == token
            for sentence in sentences
        )
        return tuple(found)[:_MOST_SENTENCES]


class _Named(msgspec.Struct):
    symbol: str = ""
    id: str = ""
    trade_symbol: str = msgspec.field(default="", name="tradeSymbol")


def name_of(raw: msgspec.Raw) -> str:
    """What an element calls itself, as far as that can be read."""
    try:
        named = msgspec.json.decode(raw, type=_Named)
    except SENSELESS:
        return ""
    return printable(named.symbol or named.id or named.trade_symbol, 64)
