"""A world and its armed faults as bytes: kept whole, and read without running what a foreign file names."""

import io
import pickle
from collections.abc import Mapping
from types import MappingProxyType, MethodType
from typing import Any

from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.world import World

_UNREADABLE = (
    *(pickle.UnpicklingError, ArithmeticError, AttributeError, EOFError, LookupError, MemoryError),
    *(TypeError, ValueError),
)
"""What scribbled pages can make of a snapshot."""


def image_of(world: World, faults: Faults) -> bytes:
    """All of a world but its clock, and its faults."""
    image = io.BytesIO()
    _Writer(image, pickle.HIGHEST_PROTOCOL).dump((world, faults))
    return image.getvalue()


def read_image(image: bytes) -> tuple[World, Faults]:
    """What :func:`image_of` made bytes of. Raises ValueError for anything else."""
    try:
        world, faults = _Reader(io.BytesIO(image)).load()
    except _UNREADABLE as error:
        raise ValueError(f"its snapshot cannot be read: {error}") from None
    if not isinstance(world, World) or not isinstance(faults, Faults):
        raise ValueError("its snapshot is of no world")
    return world, faults


_PLAIN = {
    "builtins": {"set", "frozenset", "complex", "slice", "range"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copyreg": {"_reconstructor"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "random": {"Random"},
}
_MAKERS = {"goodsfactory.sandbox.ship_types": {"as_built"}, __name__: {"bound", "read_only"}}
"""Functions of ours by which values are made again."""

_OURS = ("goodsfactory.sandbox.", "goodsfactory.domain.")
_OUTSIDE = (
    *(__name__, "goodsfactory.sandbox.http", "goodsfactory.sandbox.serve", "goodsfactory.sandbox.in_thread"),
    *("goodsfactory.sandbox.operator", "goodsfactory.sandbox.opening", "goodsfactory.sandbox.captured"),
    "goodsfactory.sandbox.state_file",
)
"""Ours, but of the process around a world: they open files and sockets, and no world holds one."""


class _Writer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Methods of our own values, and read-only mappings, are kept as what they are made of."""
        if isinstance(value, MethodType) and type(value.__self__).__module__.startswith(_OURS):
            return bound, (value.__self__, value.__name__)
        if isinstance(value, MappingProxyType):
            return read_only, (dict(value),)
        return NotImplemented


def bound(owner: object, name: str) -> Any:
    """The public method of one of the sandbox's own values; raises UnpicklingError for anything else."""
    if not type(owner).__module__.startswith(_OURS) or name.startswith("_"):
        raise pickle.UnpicklingError(f"it names the method {name}")
    return getattr(owner, name)


def read_only(values: dict[Any, Any]) -> Mapping[Any, Any]:
    """A mapping nobody can write to."""
    return MappingProxyType(values)


class _Reader(pickle.Unpickler):
    """Makes values of the sandbox and nothing else, so that a foreign file runs no foreign code."""

    def find_class(self, module: str, name: str) -> Any:
        plain, maker = name in _PLAIN.get(module, ()), name in _MAKERS.get(module, ())
        if plain or maker or (module.startswith(_OURS) and not module.startswith(_OUTSIDE)):
            found = super().find_class(module, name)
            # What a module of ours has imported from elsewhere is not ours.
            if plain or maker or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError(f"it names {module}.{name}")
