"""What was typed, before any command reads it: words that say something, in UTF-8."""

from collections.abc import Mapping, Sequence

from goodsfactory.cli.failure import Failure

OURS = ("GOODS_", "SPACETRADERS_", "XDG_")
"""How the variables begin that name something to this program."""


def check_variables(environ: Mapping[str, str]) -> None:
    """Raises Failure where a variable that this program may read is not UTF-8: nobody could be told it."""
    for variable, value in environ.items():
        if not variable.startswith(OURS):
            continue
        if not _is_utf8(variable):
            raise Failure("The name of an environment variable is not UTF-8 text; unset it.", code="usage")
        if not _is_utf8(value):
            raise Failure(f"The environment variable {variable} is not UTF-8 text.", code="usage")


def check_words(words: Sequence[str]) -> None:
    """Raises Failure where a word is not UTF-8, or empty: the variable of a script that is not set.

    The sandbox's own options take an empty list: a universe without further ships.
    """
    may_be_empty, before = words[:1] == ["sandbox"], ""
    for word in words:
        option, _, value = word.partition("=")
        given = option.startswith("--") and "=" in word
        name = option if given else before if before.startswith("-") else "An argument"
        if not _is_utf8(word):
            name = name if _is_utf8(name) else "An argument"
            raise Failure(f"{name} is not UTF-8 text.", code="usage")
        if not may_be_empty and not (value if given else word).strip():
            raise Failure(f"{name} is empty; leave it out, or say what it is.", code="usage")
        before = word


def _is_utf8(text: str) -> bool:
    """Python keeps bytes of the command line that are not UTF-8 as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
