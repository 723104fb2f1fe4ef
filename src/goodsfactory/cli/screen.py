"""Standard output: coloured on a terminal, plain text in a pipe, JSON on request."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Line, coloured, plain

if TYPE_CHECKING:
    from google.protobuf.message import Message


def is_terminal() -> bool:
    return sys.stdout.isatty()


def is_dialogue() -> bool:
    """True where somebody reads the output and can answer."""
    return is_terminal() and sys.stdin is not None and sys.stdin.isatty()


def yes_to(question: str, *, given_up: str = "Nothing was done.") -> bool:
    """Ask, and take nothing but a yes for one. Raises Failure at Ctrl-C, which says ``given_up``."""
    say(f"{question} [y/N] ", end="")
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except KeyboardInterrupt:
        say("")
        raise Failure(given_up, code="interrupted") from None
    except UnicodeDecodeError:
        return False


def ascii_only() -> bool:
    """True where the terminal's encoding has no box-drawing characters."""
    return "utf" not in (sys.stdout.encoding or "").lower()


def show(lines: Iterable[Line]) -> None:
    """Print laid out lines; the colours go to a terminal alone."""
    if is_terminal():
        from rich.console import Console

        console = Console(highlight=False)
        console.print(coloured(lines, console.width), soft_wrap=True)
    else:
        say(plain(lines), end="")


def say(text: str, *, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def tell(text: str) -> None:
    """A line for people beside the output proper; a terminal gets it broken between words."""
    if sys.stderr is None:
        return
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
    with suppress(OSError):  # then nobody can be told that either
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def show_json(value: Any) -> None:
    say(json.dumps(value, indent=2))


def document(message: "Message") -> dict[str, Any]:
    """A message as a JSON object: every field under its own name, null where an optional one is unset."""
    values: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            values[field.name] = dict(sorted(value.items()))
        elif field.is_repeated:
            values[field.name] = [document(one) if field.message_type else one for one in value]
        elif field.has_presence and not message.HasField(field.name):
            values[field.name] = None
        else:
            values[field.name] = document(value) if field.message_type else value
    return values
