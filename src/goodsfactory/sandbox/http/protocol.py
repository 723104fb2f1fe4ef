"""Between bytes and rules: ask the endpoint of a request, and write its answer in the API's envelope."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2s
from typing import Any
from urllib.parse import parse_qs

import msgspec

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import NOT_FOUND, TOO_LARGE, ErrorCode, Refusal
from goodsfactory.sandbox.http.bodies import read_body
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint, whole_number
from goodsfactory.sandbox.http.routing import RouteTable
from goodsfactory.sandbox.timestamps import Calendar, timestamp
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LARGEST_BODY = 1024 * 1024
"""Bytes; the largest body of the game, a survey, has some thousands."""


@dataclass(slots=True)
class Request:
    """All that the rules can know of a request. ``path`` is whole, ``address`` None when nobody knows it."""

    method: str
    path: str
    query: bytes = b""
    authorization: bytes | None = None
    content_type: str = ""
    data: bytes = b""
    address: str | None = None
    host: str = ""
    origin: str | None = None
    wanted_headers: str = ""


@dataclass(slots=True)
class Reply:
    """A response before it is sent; ``changed`` when the world may be another one since."""

    status: int
    body: bytes
    headers: Headers
    changed: bool = False
    content_type: bytes = b"application/json; charset=utf-8"


class RulesApp:
    """Answers the given endpoints; every refusal travels in the error envelope."""

    def __init__(self, world: World, endpoints: Iterable[Endpoint], prefix: str) -> None:
        self._world = world
        self._encode = msgspec.json.Encoder(enc_hook=world.calendar.write).encode
        self._prefix = len(prefix)
        self._routes = RouteTable(endpoints, lambda endpoint: (endpoint.method, endpoint.template))

    def answer(self, request: Request) -> Reply:
        """Answer one request, whole and at once."""
        world = self._world
        agent: Agent | None = None
        name = f"{request.method} unknown"
        changed = False
        try:
            found = self._routes.find(request.method, request.path[self._prefix :])
            if found is None:
                raise Refusal(NOT_FOUND, f"Route {request.method}:{request.path} not found.")
            endpoint, parts = found
            name = endpoint.name
            agent, account_token = self._identify(endpoint.access, request.authorization)
            content: msgspec.Struct | None = None
            if endpoint.body is not None:
                content = read_body(endpoint.body, request.data, request.content_type)
            query = read_query(request.query)
            answer = endpoint.handler(Call(world, parts, query, agent, account_token, content))
        except Refusal as refusal:
            status, body = refusal.status, self._error(refusal)
        else:
            status, body = self._success(endpoint, answer)
            changed = endpoint.changes
        world.traffic.answered(name, agent.symbol if agent else None)
        return Reply(status, body, [], changed)

    def methods(self, path: str) -> Collection[str]:
        """The methods of the endpoints at a whole path."""
        return self._routes.methods(path[self._prefix :])

    def _identify(self, access: Access, header: bytes | None) -> tuple[Agent | None, str | None]:
        accounts = self._world.accounts
        # A client that has no token yet may send an empty one.
        if access is Access.OPEN or (access is Access.PUBLIC and header is not None and bearer(header) == ""):
            header = None
        if header is None:
            if access is Access.ACCOUNT:
                accounts.admit(None)
            if access in (Access.AGENT, Access.EITHER):
                raise Refusal(
                    ErrorCode.MISSING_TOKEN_REQUEST,
                    "Missing bearer token in the request. Send the header Authorization: Bearer TOKEN.",
                )
            return None, None
        token = bearer(header)
        if token is None:
            message = "Failed to parse token. The Authorization header must read Bearer TOKEN."
            raise Refusal(ErrorCode.INVALID_TOKEN_REQUEST, message)
        if access is Access.ACCOUNT:
            accounts.admit(token)
            return None, token
        known = self._world.agents.holder(token)
        if known is None and access is Access.EITHER and accounts.is_open(token):
            return None, token
        if known is None and access is Access.AGENT:
            accounts.require_agent_token(token)
        return known or self._world.agents.authenticate(token), None

    def _error(self, refusal: Refusal) -> bytes:
        number = self._world.traffic.total
        seed = self._world.universe.seed
        request_id = blake2s(f"{seed}:{number}".encode(), digest_size=8).hexdigest()
        return error_body(refusal, request_id, calendar=self._world.calendar)

    def _success(self, endpoint: Endpoint, answer: Answer) -> tuple[int, bytes]:
        if answer.whole is not None:
            return endpoint.status, self._encode(answer.whole)
        if answer.data is None:
            return 204, b""
        envelope: dict[str, object] = {"data": answer.data}
        if answer.meta is not None:
            envelope["meta"] = answer.meta
        return endpoint.status, self._encode(envelope)


def error_body(refusal: Refusal, request_id: str, *, calendar: Calendar) -> bytes:
    """The error envelope (api-facts §3), with the times in it as the calendar tells them."""
    error: dict[str, object] = {"message": refusal.message, "code": refusal.code}
    if refusal.data is not None:
        error["data"] = refusal.data
    error["requestId"] = request_id
    return msgspec.json.encode({"error": error}, enc_hook=calendar.write)


def refusal_reply(refusal: Refusal, request_id: str) -> Reply:
    """A refusal that no endpoint made, and that speaks of no time of the rules."""
    return Reply(refusal.status, error_body(refusal, request_id, calendar=Calendar()), [])


async def respond(send: Send, reply: Reply, *, head: bool = False) -> None:
    """Send a whole response, or with ``head`` what comes before its body; an empty body has no type."""
    headers: Headers = [(b"content-length", b"%d" % len(reply.body)), *reply.headers]
    if reply.body:
        headers.append((b"content-type", reply.content_type))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Take a request off the wire, body included; HEAD asks what GET does.

    Refuses 413 once the body is known to be too large.
    """
    client = scope.get("client")
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    request = Request(method, scope["path"], scope["query_string"], address=client[0] if client else None)
    for name, value in scope["headers"]:
        match name.lower():
            case b"authorization":
                request.authorization = value
            case b"content-type":
                request.content_type = value.decode("latin-1")
            case b"host":
                request.host = value.decode("latin-1")
            case b"origin":
                request.origin = value.decode("latin-1")
            case b"access-control-request-headers":
                request.wanted_headers = value.decode("latin-1")
            case b"content-length" if (whole_number(value.decode("latin-1")) or 0) > LARGEST_BODY:
                raise _too_large()
    if request.method != "GET":
        request.data = await _receive_body(receive)
    return request


def bearer(header: bytes) -> str | None:
    """The token of an Authorization header; None when it is not a bearer one."""
    scheme, _, token = header.decode("latin-1").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def clock_headers(world: World, speed: float, skew: timedelta) -> Headers:
    """Which universe this is, and what a client needs to follow its clock, told wrong by ``skew``.

    ``speed`` is that of the rules; what of it is compressed away no client has to know.
    """
    told = world.calendar.told(world.now()) + skew
    return [
        # Clients that know no sandbox go by the Date header.
        (b"date", _http_date(told.replace(microsecond=0))),
        (b"x-sandbox-universe", universe_id(world.universe).encode()),
        (b"x-sandbox-time", timestamp(told).encode()),
        (b"x-sandbox-speed", b"%g" % (speed / world.calendar.compress)),
    ]


@lru_cache(maxsize=4)
def _http_date(second: datetime) -> bytes:
    return format_datetime(second, usegmt=True).encode()


def universe_id(universe: Universe) -> str:
    """Differs between universes that begin on one day; a kept one that is resumed has the same."""
    told = f"{universe.reset_date} {universe.epoch.isoformat()}"
    return blake2s(told.encode(), digest_size=8).hexdigest()


def read_query(query: bytes) -> Mapping[str, Sequence[str]]:
    """The values of a query string by name."""
    return parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}


async def _receive_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    received = 0
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        received += len(chunks[-1])
        if received > LARGEST_BODY:
            raise _too_large()
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large() -> Refusal:
    return Refusal(TOO_LARGE, f"The body is too large: send at most {LARGEST_BODY:,} bytes.")
