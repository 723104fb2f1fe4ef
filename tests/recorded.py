"""What the live game said once: a home system, and the shapes its document declares (``tests/data``)."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
CAPTURED = DATA / "X1-AD75"
"""One home system three days after a reset; a folder the sandbox can load."""
RECIPES = DATA / "supply_chain.json"
OFFICIAL = DATA / "spacetraders-openapi.json"


def recorded(name: str) -> Any:
    """The ``data`` of one captured answer, by the name of its file without ``.json``."""
    return json.loads((CAPTURED / f"{name}.json").read_text("utf-8"))["data"]


def official_document() -> dict[str, Any]:
    """The document of the game's API, version 2.3.0: paths, parameters and schemas."""
    document: dict[str, Any] = json.loads(OFFICIAL.read_text("utf-8"))
    return document
