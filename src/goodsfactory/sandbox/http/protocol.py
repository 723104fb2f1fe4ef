"""The ASGI side: read a request, ask the rules, write the answer in the API's envelope."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from hashlib import blake2s
from typing import Any
from urllib.parse import parse_qs

import msgspec

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import NOT_FOUND, ErrorCode, Refusal
from goodsfactory.sandbox.http.bodies import read_body
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.routing import RouteTable
from goodsfactory.sandbox.timestamps import timestamp
from goodsfactory.sandbox.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class RulesApp:
    """An ASGI app that answers the given endpoints; every refusal travels in the error envelope."""

    def __init__(self, world: World, endpoints: Iterable[Endpoint], prefix: str) -> None:
        self._world = world
        self._prefix = prefix
        self._routes = RouteTable(endpoints, lambda endpoint: (endpoint.method, endpoint.template))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = request_headers(scope)
        path: str = scope["path"][len(self._prefix) :]
        agent: Agent | None = None
        name = f"{scope['method']} unknown"
        try:
            found = self._routes.find(scope["method"], path)
            if found is None:
                raise Refusal(NOT_FOUND, f"Route {scope['method']}:{scope['path']} not found.")
            endpoint, parts = found
            name = endpoint.name
            agent, account_token = self._identify(endpoint.access, headers.get(b"authorization"))
            content: msgspec.Struct | None = None
            if endpoint.body is not None:
                data = await _receive_body(receive)
                content = read_body(endpoint.body, data, headers.get(b"content-type", b"").decode("latin-1"))
            query = _read_query(scope)
            answer = endpoint.handler(Call(self._world, parts, query, agent, account_token, content))
        except Refusal as refusal:
            status, body = refusal.status, self._error(refusal)
        else:
            status, body = _success(endpoint, answer)
        self._world.traffic.answered(name, agent.symbol if agent else None)
        await respond(send, status, body)

    def _identify(self, access: Access, header: bytes | None) -> tuple[Agent | None, str | None]:
        if header is None:
            if access is Access.AGENT:
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
            if not token:
                raise Refusal(ErrorCode.TOKEN_EMPTY, "Token is empty.")
            if self._world.agents.holder(token) is not None:
                message = "Registering needs an account token, not an agent token."
                raise Refusal(ErrorCode.INVALID_TOKEN_SUBJECT, message)
            return None, token
        return self._world.agents.authenticate(token), None

    def _error(self, refusal: Refusal) -> bytes:
        number = self._world.traffic.total
        seed = self._world.universe.seed
        return error_body(refusal, blake2s(f"{seed}:{number}".encode(), digest_size=8).hexdigest())


def error_body(refusal: Refusal, request_id: str) -> bytes:
    """The error envelope (api-facts §3)."""
    error: dict[str, object] = {"message": refusal.message, "code": refusal.code}
    if refusal.data is not None:
        error["data"] = refusal.data
    error["requestId"] = request_id
    return msgspec.json.encode({"error": error})


async def respond(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send a whole response; an empty body has no content type."""
    all_headers: Headers = [(b"content-length", str(len(body)).encode()), *headers]
    if body:
        all_headers.append((b"content-type", b"application/json; charset=utf-8"))
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})


def request_headers(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers of a request by lower-case name."""
    return {name.lower(): value for name, value in scope["headers"]}


def bearer(header: bytes) -> str | None:
    """The token of an Authorization header; None when it is not a bearer one."""
    scheme, _, token = header.decode("latin-1").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def clock_headers(world: World, speed: float) -> Headers:
    """What a client needs to follow the sandbox's clock."""
    return [
        (b"x-sandbox-time", timestamp(world.now()).encode()),
        (b"x-sandbox-speed", f"{speed:g}".encode()),
    ]


def _success(endpoint: Endpoint, answer: Answer) -> tuple[int, bytes]:
    if answer.whole is not None:
        return endpoint.status, msgspec.json.encode(answer.whole)
    if answer.data is None:
        return 204, b""
    envelope: dict[str, object] = {"data": answer.data}
    if answer.meta is not None:
        envelope["meta"] = answer.meta
    return endpoint.status, msgspec.json.encode(envelope)


def _read_query(scope: Scope) -> Mapping[str, Sequence[str]]:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}


async def _receive_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)
