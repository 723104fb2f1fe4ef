"""Answers of the game, and the kinds of harm done to them: in their tree, as a whole, in their code."""

import json
import random
from dataclasses import dataclass, replace
from typing import Any

JSON = b"application/json"
HTML = b"<html><body><h1>Something is not right</h1></body></html>"
FAR_FUTURE = "2099-12-31T23:59:59.000Z"


@dataclass(frozen=True)
class Answer:
    """What a server says to one request. ``retry_after`` is the header's text."""

    status: int
    body: bytes
    content_type: bytes = JSON
    retry_after: str | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        told = [(b"content-type", self.content_type)]
        if self.retry_after is not None:
            told.append((b"retry-after", self.retry_after.encode()))
        return told


@dataclass(frozen=True)
class Mutation:
    """``kind`` names what was done, ``answer`` is what is left."""

    kind: str
    answer: Answer


def refusal(chance: random.Random) -> Mutation:
    """The game's own no, in its own words: true only of a request that changed nothing."""
    status, code = chance.choice([(400, 4000), (404, 404), (409, 4214), (401, 4100), (422, 422), (400, 4600)])
    body = {"error": {"message": "The game says no.", "code": code}}
    return Mutation(f"refusal {code}", Answer(status, json.dumps(body).encode()))


def mutate(answer: Answer, chance: random.Random) -> Mutation:
    """One kind of harm, drawn from ``chance``: to the tree in six of ten, else to the whole or its code."""
    if not 200 <= answer.status < 300 or not answer.body:
        return chance.choice((_whole, _code))(answer, chance)
    draw = chance.random()
    if draw < 0.6:
        return _tree(answer, chance)
    return _whole(answer, chance) if draw < 0.75 else _code(answer, chance)


# One place of the tree


def _tree(answer: Answer, chance: random.Random) -> Mutation:
    document = json.loads(answer.body)
    parent, key = _place(document, chance)
    name, harmed = _harm(parent[key], chance)
    if name == "missing":
        del parent[key]
    else:
        parent[key] = harmed
    if isinstance(parent, dict) and chance.random() < 0.1:
        parent["surprise"] = {"nobody": ["reads", "this"]}
    return Mutation(f"tree {name}", replace(answer, body=json.dumps(document).encode()))


def _place(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """A key of an object or list somewhere below the root: each branch is as likely as its neighbours."""
    parent: Any = {"root": document}
    key: Any = "root"
    while True:
        inside = parent[key]
        if not isinstance(inside, dict | list) or not inside:
            return parent, key
        if key != "root" and chance.random() < 0.2:
            return parent, key
        parent, key = inside, chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))


def _harm(value: Any, chance: random.Random) -> tuple[str, Any]:
    harms: list[tuple[str, Any]] = [("missing", None), ("null", None), ("other type", _other(value, chance))]
    if isinstance(value, bool):
        harms += [("zero", 0), ("word", "perhaps")]
    elif isinstance(value, int | float):
        harms += [
            ("zero", 0),
            ("negative", -abs(value) - 1),
            ("huge", 10**20),
            ("beyond 64 bits", 2**63),
            ("fraction", value + 0.5),
            ("float", float(value)),
            ("great float", 1e300),
            ("digits", str(value)),
        ]
    elif isinstance(value, str):
        harms += [
            ("unknown word", "OVERFLOWING"),
            ("empty text", ""),
            ("control characters", "\x1b[2J\x07\u202eX1\x00"),
            ("long text", "A" * 4000),
            ("surrogate", "\ud800"),
            ("far future", FAR_FUTURE),
            ("long ago", "0001-01-01T00:00:00Z"),
        ]
    elif isinstance(value, list):
        harms += [
            ("empty list", []),
            ("doubled", value + value),
            ("null inside", [*value, None]),
            ("shorter", value[: len(value) // 2]),
            ("wrapped", [value]),
        ]
    elif isinstance(value, dict):
        harms += [("empty object", {}), ("in a list", [value]), ("twice as deep", {"data": value})]
    return chance.choice(harms)


def _other(value: Any, chance: random.Random) -> Any:
    others: list[Any] = [17, "seventeen", True, [], {}, [{}], 0.5]
    return chance.choice([other for other in others if type(other) is not type(value)])


# The answer as a whole


def _whole(answer: Answer, chance: random.Random) -> Mutation:
    body = answer.body
    cut = chance.randrange(1, len(body)) if len(body) > 1 else 0
    name, harmed = chance.choice(
        [
            ("truncated", body[:cut]),
            ("html", HTML),
            ("nothing", b""),
            ("empty object", b"{}"),
            ("empty list", b"[]"),
            ("null", b"null"),
            ("null data", b'{"data": null}'),
            ("empty data", b'{"data": {}}'),
            ("list of data", b'{"data": []}'),
            ("error in a success", b'{"error": {"message": "Maintenance.", "code": 3100}}'),
            ("maintenance", b'{"status": "maintenance"}'),
            ("not utf-8", b'{"data": "\xff\xfe"}'),
            ("no number", b'{"data": NaN}'),
            ("very deep", b"[" * 5000 + b"]" * 5000),
            ("twice", body + body),
        ]
    )
    kind = b"text/html" if name == "html" else answer.content_type
    return Mutation(f"whole {name}", replace(answer, body=harmed, content_type=kind))


# Its code


def _code(answer: Answer, chance: random.Random) -> Mutation:
    make = chance.choice((_empty, _foreign, _outage, _limited, _unserialisable))
    return make(answer, chance)


def _empty(answer: Answer, chance: random.Random) -> Mutation:
    status = chance.choice([204, 202, 301, 304])
    return Mutation(f"code {status}", Answer(status, b""))


def _foreign(answer: Answer, chance: random.Random) -> Mutation:
    """A machine in front of the game speaks: whatever it says, it is not the game's word."""
    status = chance.choice([400, 401, 403, 404, 408, 409, 413, 451])
    body, kind = chance.choice([(HTML, b"text/html"), (b'{"detail": "Forbidden"}', JSON), (b"", JSON)])
    return Mutation(f"foreign {status}", Answer(status, body, kind))


def _outage(answer: Answer, chance: random.Random) -> Mutation:
    status = chance.choice([500, 502, 503, 504, 520])
    told = json.dumps({"error": {"message": "Back soon.\x1b[31m", "code": chance.choice([500, 3100, 3002])}})
    body, kind = chance.choice([(HTML, b"text/html"), (told.encode(), JSON), (answer.body, JSON)])
    wait = chance.choice([None, "30", "80000", "-1", "soon", "1e99"])
    return Mutation(f"outage {status}", Answer(status, body, kind, wait))


def _limited(answer: Answer, chance: random.Random) -> Mutation:
    wait = chance.choice([None, "0", "3", "-5", "7200", "soon", "nan", "Fri, 31 Dec 2099 23:59:59 GMT"])
    body, kind = chance.choice([(HTML, b"text/html"), (b'{"error": {"code": 429, "data": {}}}', JSON)])
    return Mutation("limited", Answer(429, body, kind, wait))


def _unserialisable(answer: Answer, chance: random.Random) -> Mutation:
    body = {"error": {"message": "Something could not be serialised.", "code": 3000}}
    return Mutation("code 3000", Answer(500, json.dumps(body).encode()))
