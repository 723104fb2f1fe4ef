"""What armed faults do to one request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.faults import Fault, FaultKind, Faults, Sighting
from goodsfactory.sandbox.http.calls import whole_number
from goodsfactory.sandbox.http.protocol import (
    Receive,
    Reply,
    Request,
    Scope,
    bearer,
    read_query,
    refusal_reply,
)
from goodsfactory.sandbox.http.throttle import limit_headers, too_many
from goodsfactory.sandbox.rate_limit import Verdict
from goodsfactory.sandbox.world import World

HANG_UP = "sandbox.hang_up"
"""The ASGI extension by which a server closes a connection that gets no answer."""

_MAINTENANCE = 503


@dataclass(slots=True)
class Disturbance:
    """The faults that strike one request, taken together."""

    delay: float = 0.0
    drop_before: bool = False
    drop_after: bool = False
    skew: timedelta = field(default_factory=timedelta)
    instead: Reply | None = None
    afterwards: Reply | None = None


def disturb(faults: Faults, request: Request, path: str, world: World) -> Disturbance:
    """Let the armed faults look at a request (``path`` without prefix) and say what becomes of it."""
    token = bearer(request.authorization) if request.authorization else None
    agent = world.agents.holder(token) if token else None
    page, ships = None, []
    parts = path.strip("/").split("/")
    if parts[:2] == ["my", "ships"]:
        ships = parts[2:3]
        if len(parts) == 2 and request.method == "GET" and agent is not None:
            query = read_query(request.query)
            page, limit = _number(query.get("page"), 1), _number(query.get("limit"), 10)
            shown = world.fleets.of(agent)[(page - 1) * limit : page * limit]
            ships = [ship.symbol for ship in shown]
    seen = Sighting(request.method, path, agent.symbol if agent else None, ships, page)
    result = Disturbance()
    for fault in faults.strike(seen, world.now()):
        _apply(fault, result, world)
    return result


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Leave a request without an answer: close its connection; in process, raise ConnectionResetError."""
    close = scope.get("extensions", {}).get(HANG_UP)
    if close is None:
        raise ConnectionResetError("The sandbox dropped the connection, as it was told to.")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _apply(fault: Fault, result: Disturbance, world: World) -> None:
    match fault.kind:
        case FaultKind.SLOW:
            result.delay += fault.seconds
        case FaultKind.SKEW:
            result.skew += timedelta(seconds=fault.seconds)
        case FaultKind.DROP_BEFORE:
            result.drop_before = True
        case FaultKind.DROP_AFTER:
            result.drop_after = True
        case FaultKind.LIMITED:
            now = world.now()
            verdict = Verdict(False, "IP Address", 0, now + timedelta(seconds=1), 1)
            result.instead = too_many(world, verdict)
            result.instead.headers += limit_headers(verdict, world.calendar)
        case FaultKind.MAINTENANCE:
            message = "The sandbox is down for maintenance. Try again in a few minutes."
            result.instead = _reply(_MAINTENANCE, _MAINTENANCE, message, fault)
        case FaultKind.HTML:
            result.instead = _page(fault)
        case FaultKind.HTML_AFTER:
            result.afterwards = _page(fault)
        case FaultKind.UNREADABLE:
            message = "The response could not be serialized."
            result.instead = _reply(500, ErrorCode.RESPONSE_SERIALIZATION, message, fault)
        case FaultKind.ERROR:
            message = "Something went wrong on the server."
            code = ErrorCode.ALL_ERROR_HANDLERS_FAILED if fault.status == 500 else fault.status
            result.instead = _reply(fault.status, code, message, fault)


def _reply(status: int, code: int, message: str, fault: Fault) -> Reply:
    reply = refusal_reply(Refusal(code, message), f"fault-{fault.id:x}-{fault.struck:x}")
    reply.status = status
    return reply


def _page(fault: Fault) -> Reply:
    told = f"{fault.status} {_phrase(fault.status)}"
    page = f"<html><head><title>{told}</title></head><body><h1>{told}</h1></body></html>\n"
    return Reply(fault.status, page.encode(), [], content_type=b"text/html")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _number(values: Sequence[str] | None, default: int) -> int:
    number = whole_number(values[-1]) if values else None
    return default if number is None else max(1, number)
