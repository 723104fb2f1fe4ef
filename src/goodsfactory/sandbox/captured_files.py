"""The files of a captured universe: read, or refused with their path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from goodsfactory.domain.named_file import read_text
from goodsfactory.domain.recipes import RecipeMap

FILES = (
    *("markets.json", "system.json", "waypoints.json", "shipyards.json"),
    *("construction.json", "jump_gate.json", "agent_start.json"),
)
"""What a capture may consist of, but for the recipes, which may also lie beside it."""


class Malformed(ValueError):
    """A whole sentence about a file, which begins with its path."""


class Complaint:
    """Turns a missing key or a wrong type inside a file into a sentence with the file's path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError):
            raise Malformed(f"{self._path}: an entry lacks the key {error}.") from error
        if isinstance(error, (TypeError, AttributeError)):
            raise Malformed(f"{self._path}: an entry does not have the shape of the API's answer.") from error
        if isinstance(error, ValueError) and not isinstance(error, Malformed):
            raise Malformed(f"{self._path}: {error}.") from error


def read(path: Path, kind: type) -> Any:
    """The ``data`` of a captured answer, an object or a list with something in it."""
    try:
        document = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise Malformed(f"{path}: is not JSON ({error}).") from error
    except RecursionError:
        raise Malformed(f"{path}: is nested too deeply.") from None
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, kind) or not data:
        wanted = "an object" if kind is dict else "a list"
        raise Malformed(f"{path}: expected an object whose 'data' is {wanted} with something in it.")
    entries: list[object] = data if isinstance(data, list) else []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("symbol", ""), str):
            raise Malformed(f"{path}: entry {number} is no object with a 'symbol' that is text.")
    return data


def read_if_there(path: Path, kind: type) -> Any:
    """As :func:`read`, and an empty value of the kind where there is no such file."""
    return read(path, kind) if path.exists() else kind()


def digest_of(folder: Path) -> str:
    """Twelve letters that tell this capture from any other, whatever its folder is called."""
    digest = sha256()
    recipes = _recipes_file(folder)
    for path in (*(folder / name for name in FILES), *([recipes] if recipes else [])):
        if path.exists():
            content = _content(path).encode()
            digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]


def recipes_of(folder: Path) -> tuple[Mapping[str, tuple[str, ...]], bool]:
    """The captured recipes, inside the folder or beside it, and True; else the bundled ones, and False."""
    path = _recipes_file(folder)
    if path is None:
        return RecipeMap.bundled().imports_of, False
    return RecipeMap.from_text(_text(path), origin=str(path)).imports_of, True


def _recipes_file(folder: Path) -> Path | None:
    paths = (folder / "supply_chain.json", folder.parent / "supply_chain.json")
    return next((path for path in paths if path.is_file()), None)


def _text(path: Path) -> str:
    """Without the mark that some programs begin a file with."""
    return _content(path).removeprefix("\ufeff")


def _content(path: Path) -> str:
    try:
        return read_text(path)
    except OSError as error:
        raise Malformed(f"{path}: cannot be read ({error.strerror}).") from error
