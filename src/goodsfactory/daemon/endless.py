"""Work that goes on, for as long as a daemon lives or to its end, whatever befalls it on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from goodsfactory.domain.errors import GoodsFactoryError

Step = Callable[[], Awaitable[None]]
Result = TypeVar("Result")


async def forever(step: Step, *, doing: str) -> None:
    """Take ``step`` again and again until cancelled; what it raises is told in the log and ends nothing.

    ``doing`` names the work in that sentence, as ``the heartbeat``. Each step waits before it tries
    anything, so that a failure costs a pause too. The same trouble is told once, until a step succeeds.
    """
    told = ""
    while True:
        try:
            await step()
        except Exception as trouble:  # noqa: BLE001 - also a bug: nobody else would ever take this up again
            sentence = f"There is trouble with {doing}: {in_words(trouble)}. It is tried again."
            if sentence != told:
                complain(sentence)
            told = sentence
        else:
            told = ""


async def to_its_end(task: asyncio.Task[Result]) -> Result:
    """What the task brings. It goes on however often its caller is cancelled, who waits for it.

    How it failed is told in the log where the caller is gone.
    """
    cut: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cut = error
    if cut is None:
        return task.result()
    try:
        task.result()
    except Exception as trouble:  # noqa: BLE001 - also a bug: nobody else is told of it
        complain(f"A command that nobody waits for any more has failed: {in_words(trouble)}.")
    raise cut


def complain(sentence: str) -> None:
    """Into this daemon's own log: it concerns no factory, and nobody may be watching."""
    structlog.stdlib.get_logger(__name__).warning(sentence, kind="DAEMON_COMPLAINT")


def in_words(trouble: Exception) -> str:
    """What happened, without the full stop; a bug is called one."""
    if isinstance(trouble, GoodsFactoryError):
        return str(trouble).rstrip(".")
    return f"a bug ({type(trouble).__name__}: {trouble})"
