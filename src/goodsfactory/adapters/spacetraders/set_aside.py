"""Parts of answers that make no sense: reported, and left out."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import structlog

from goodsfactory.adapters.spacetraders.bounds import printable
from goodsfactory.domain.errors import UserError
from goodsfactory.ports.clock import Clock

Value = TypeVar("Value")

SENSELESS = (ValueError, OverflowError, RecursionError, UserError)
"""What decoding and mapping raise at an answer without sense: shape, bounds, dates, nesting, symbols."""

_MOST_SENTENCES = 50

TOLD_FOR = timedelta(hours=6)
"""Game time after which a question that nobody asked again is not worth telling any more."""

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

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sentences: dict[tuple[str | None, str], tuple[str, ...]] = {}
        self._said: dict[tuple[str | None, str], datetime] = {}

    def note(self, token: str | None, asked: str, sentences: Iterable[str]) -> None:
        """The newest answer to ``asked`` said this beside what makes sense; nothing, where it is whole."""
        told = tuple(sentences)[:_MOST_SENTENCES]
        before = self._sentences.get((token, asked), ())
        if told:
            self._said[token, asked] = self._clock.now()
        if told == before:
            return
        if told:
            self._sentences[token, asked] = told
            _log.warning(f"{asked}: {'; '.join(told[:5])}.", kind="ANSWER_SET_ASIDE")
        else:
            self._forget(token, asked)
            _log.info(f"{asked} can be understood again.", kind="ANSWER_UNDERSTOOD")

    def drop(self, token: str | None, asked: str) -> None:
        """The game refuses ``asked`` now: what it said before is of no use any more."""
        if (token, asked) in self._sentences:
            self._forget(token, asked)
            _log.info(f"{asked} is refused now.", kind="ANSWER_UNDERSTOOD")

    def _forget(self, token: str | None, asked: str) -> None:
        del self._sentences[token, asked], self._said[token, asked]

    def of(self, token: str | None = None) -> tuple[str, ...]:
        """Every sentence of the last hours, each with what was asked; those of one token, or of all."""
        oldest = self._clock.now() - TOLD_FOR
        for question in [question for question, at in self._said.items() if at < oldest]:
            self._forget(*question)
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
