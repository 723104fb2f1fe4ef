"""Holds an answer against the game's own document."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.recorded import official_document

LEFTOVERS = {"ShipyardShip": {"symbol"}}
"""Properties the document requires although no server has sent them for years (api-facts §14.1)."""

LIVE_ONLY = {
    "ShipNavRoute": {"departure"},
    "GET /": {"health"},
    "POST /register.data": {"ship"},
    "POST /my/ships/{shipSymbol}/chart.data": {"transaction"},
    "POST /my/ships/{shipSymbol}/extract/survey.data": {"modifiers"},
    "POST /my/ships/{shipSymbol}/transfer.data": {"targetCargo"},
    "POST /my/ships/{shipSymbol}/warp.data": {"events"},
}
"""Fields that servers send and the document does not know (§14.1), by the schema, or by the place in the
answer of an operation where the schema has no name."""

MAY_BE_EMPTY = {"Faction": {"headquarters"}}
"""Texts that a server sends empty although the document asks for a letter (a faction without recruits)."""

_KINDS: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@cache
def _document() -> dict[str, Any]:
    return official_document()


def answer_misfits(method: str, template: str, status: int, answer: Any) -> Iterator[str]:
    """Where a success contradicts what the document declares for its operation and status.

    Nothing for an operation the document does not know; ``answer`` is None where there is no body.
    """
    operation = _document()["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return
    declared = operation["responses"].get(str(status))
    if declared is None:
        yield f"{method} {template}: status {status} is not declared"
    elif answer is not None:
        schema = declared["content"]["application/json"]["schema"]
        yield from misfits(answer, schema, f"{method} {template}")


def misfits(value: Any, schema: Any, where: str = "$") -> Iterator[str]:
    """Where a value contradicts a schema: missing or unknown fields, wrong types, unknown symbols, limits."""
    name = ""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = _document()["components"]["schemas"][name]
    for part in schema.get("allOf", ()):
        yield from misfits(value, part, where)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is no {name}"
    kind = schema.get("type")
    # To Python True is a number; to JSON it is none.
    if kind in _KINDS and isinstance(value, bool) != (kind == "boolean"):
        yield f"{where}: {value!r} is no {kind}"
        return
    if kind in _KINDS and not isinstance(value, _KINDS[kind]):
        yield f"{where}: {value!r} is no {kind}"
        return
    yield from _beyond_limits(value, schema, where)
    if kind == "object":
        for field in schema.get("required", ()):
            if field not in value and field not in LEFTOVERS.get(name, ()):
                yield f"{where}: {field} is missing"
        known = schema.get("properties", {})
        for field in value if known else ():
            if field not in known and field not in LIVE_ONLY.get(name or where, ()):
                yield f"{where}: {field} is unknown"
            elif field in known and (value[field] != "" or field not in MAY_BE_EMPTY.get(name, ())):
                yield from misfits(value[field], known[field], f"{where}.{field}")
    if kind == "array":
        for index, item in enumerate(value):
            yield from misfits(item, schema["items"], f"{where}[{index}]")


def _beyond_limits(value: Any, schema: Any, where: str) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield f"{where}: {value!r} is too short"
        if schema.get("format") == "date-time" and not _INSTANT.fullmatch(value):
            yield f"{where}: {value!r} is no instant"
    elif isinstance(value, (int, float)):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if value < least or value > most:
            yield f"{where}: {value!r} is beyond its limits"


def named(name: str) -> dict[str, str]:
    """The schema of that name, for :func:`misfits`."""
    return {"$ref": f"#/components/schemas/{name}"}
