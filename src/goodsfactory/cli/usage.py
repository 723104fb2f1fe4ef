"""What is wrong with the words of a command, in one plain sentence."""

from collections.abc import Mapping
from typing import Any

import typer

_KINDS = {
    "int_parsing": "takes a whole number",
    "int_from_float": "takes a whole number",
    "int_parsing_size": "takes a smaller number",
    "float_parsing": "takes a number",
    "finite_number": "takes a number",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "must be at least"),
    "greater_than": ("gt", "must be above"),
    "less_than_equal": ("le", "must be at most"),
    "less_than": ("lt", "must be below"),
}
_NOT_ONE_OF = " is not one of "


def explain_usage(error: typer.TyperException) -> str:
    """The sentence of a usage error.

    A value that does not fit is told as the option takes it; the parser's own words are those of a library
    that knows of inputs and schemas.
    """
    told = _told(error)
    return told if told[-1:] in "?!." else f"{told}."


def _told(error: typer.TyperException) -> str:
    details = getattr(error.__cause__, "errors", None)
    parameter = getattr(error, "param", None)
    if details is None or parameter is None:
        return error.format_message().rstrip(".")
    fault: Mapping[str, Any] = details()[0]
    name, given = _name(parameter), fault["input"]
    if fault["type"] in _KINDS:
        return f"{name} {_KINDS[fault['type']]}, not {given!r}"
    if fault["type"] in _BOUNDS:
        key, words = _BOUNDS[fault["type"]]
        bound = fault["ctx"][key]
        return f"{name} {words} {int(bound) if bound == int(bound) else bound:,}, not {given}"
    told = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    before, is_choice, choices = told.rpartition(_NOT_ONE_OF)
    if is_choice and before:
        return f"{name} takes {_either(choices.replace(chr(39), '').split(', '))}, not {given!r}"
    return f"{name}: {told}"


def _name(parameter: Any) -> str:
    """The long form of an option; an argument as the help names it."""
    longest: str = max(parameter.opts, key=len)
    return longest if longest.startswith("-") else str(parameter.metavar or longest).upper()


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
