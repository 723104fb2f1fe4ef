"""Holds an answer against the game's own document."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.recorded import official_document

LEFTOVERS = {"ShipyardShip": {"symbol"}}
"""Properties the document requires although no server has sent them for years (api-facts §14.1)."""

_KINDS: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
}


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
    """Where a value contradicts a schema: missing fields, wrong types, unknown symbols."""
    name = ""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = _document()["components"]["schemas"][name]
    for part in schema.get("allOf", ()):
        yield from misfits(value, part, where)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is no {name}"
    kind = schema.get("type")
    if kind in _KINDS and not isinstance(value, _KINDS[kind]):
        yield f"{where}: {value!r} is no {kind}"
        return
    if kind == "object":
        for field in schema.get("required", ()):
            if field not in value and field not in LEFTOVERS.get(name, ()):
                yield f"{where}: {field} is missing"
        for field, inner in schema.get("properties", {}).items():
            if field in value:
                yield from misfits(value[field], inner, f"{where}.{field}")
    if kind == "array":
        for index, item in enumerate(value):
            yield from misfits(item, schema["items"], f"{where}[{index}]")


def named(name: str) -> dict[str, str]:
    """The schema of that name, for :func:`misfits`."""
    return {"$ref": f"#/components/schemas/{name}"}
