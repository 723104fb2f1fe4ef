"""A part of the program put aside for one measurement, named by its path: a bench alone may do that.

A path that is gone fails at once, so that no measurement is believed that measured nothing.
"""

import functools
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def resolve(path: str) -> tuple[Any, str]:
    """The module or class that holds what ``module:name`` or ``module:Class.name`` names, and its name there.

    Raises LookupError where there is no such module, class or name.
    """
    module, _, name = path.partition(":")
    *outer, last = name.split(".")
    try:
        holder = functools.reduce(getattr, outer, importlib.import_module(module))
    except (ImportError, AttributeError) as gone:
        raise LookupError(f"{path} is gone: {gone}") from gone
    if last not in vars(holder):
        raise LookupError(f"{path} is gone: {holder.__name__} has no {last}")
    return holder, last


@contextmanager
def swapped(path: str, new: Any) -> Iterator[None]:
    """Put ``new`` where ``path`` names something, and wherever the program has imported that by its name.

    Whoever imports it meanwhile keeps it: use a process of its own. Raises LookupError as ``resolve`` does.
    """
    holder, name = resolve(path)
    old = vars(holder)[name]
    holders = [holder, *_importers(holder, name, old)]
    for one in holders:
        setattr(one, name, new)
    try:
        yield
    finally:
        for one in holders:
            setattr(one, name, old)


def _importers(holder: Any, name: str, old: Any) -> list[Any]:
    """Modules of the program that have imported the very thing."""
    return [
        module
        for key, module in list(sys.modules.items())
        if key.partition(".")[0] == "goodsfactory" and module is not holder and vars(module).get(name) is old
    ]
