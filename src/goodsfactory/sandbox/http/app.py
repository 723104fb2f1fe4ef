"""The HTTP face of a world: the game's API under ``/v2`` and the operator's under ``/sandbox``."""

from goodsfactory.sandbox.errors import NOT_FOUND, ErrorCode, Refusal
from goodsfactory.sandbox.http import (
    admin,
    agent_endpoints,
    place_endpoints,
    ship_endpoints,
    work_endpoints,
    yard_endpoints,
)
from goodsfactory.sandbox.http.calls import Endpoint
from goodsfactory.sandbox.http.protocol import (
    Headers,
    Receive,
    Reply,
    Request,
    RulesApp,
    Scope,
    Send,
    clock_headers,
    read_request,
    refusal_reply,
    respond,
)
from goodsfactory.sandbox.http.throttle import Throttle
from goodsfactory.sandbox.world import World

API_PREFIX = "/v2"

ENDPOINTS: tuple[Endpoint, ...] = (
    *agent_endpoints.ENDPOINTS,
    *place_endpoints.ENDPOINTS,
    *ship_endpoints.ENDPOINTS,
    *work_endpoints.ENDPOINTS,
    *yard_endpoints.ENDPOINTS,
)
"""Every operation of the API; a new one is one more row in the module of its noun."""


def create_app(world: World, *, rate_limit: bool = True, speed: float = 1.0) -> "SandboxApp":
    """An ASGI app that serves ``world``.

    ``speed`` is told to clients (seconds of sandbox per second of theirs); the world's clock makes it true.
    """
    return SandboxApp(world, rate_limit=rate_limit, speed=speed)


class SandboxApp:
    """The ASGI app of a world. Reading and sending wait; everything between happens at one instant."""

    def __init__(self, world: World, *, rate_limit: bool, speed: float) -> None:
        self._world = world
        self._speed = speed
        self._throttle = Throttle(world) if rate_limit else None
        self._api = RulesApp(world, ENDPOINTS, API_PREFIX)
        self._operator = RulesApp(world, admin.admin_endpoints(speed), admin.PREFIX)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. A bug is answered with 3002 and raised for the log."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        if scope["type"] != "http":
            return
        request = await read_request(scope, receive)
        try:
            with self._world.one_instant():
                headers = clock_headers(self._world, self._speed)
                reply = self._answer(request)
        except Exception as error:
            await respond(send, _failed(request, error))
            raise
        reply.headers += headers
        await respond(send, reply)

    def _answer(self, request: Request) -> Reply:
        prefix = "/" + request.path.split("/", 2)[1]
        if prefix == API_PREFIX:
            return self._answer_player(request)
        if prefix == admin.PREFIX and admin.is_local(request):
            return self._operator.answer(request)
        refusal = Refusal(NOT_FOUND, f"Route {request.method}:{request.path} not found.")
        return refusal_reply(refusal, "no-route")

    def _answer_player(self, request: Request) -> Reply:
        headers: Headers = []
        if self._throttle is not None:
            headers, refused = self._throttle.check(request)
            if refused is not None:
                refused.headers += headers
                return refused
        reply = self._api.answer(request)
        reply.headers += headers
        return reply


def _failed(request: Request, error: Exception) -> Reply:
    refusal = Refusal(ErrorCode.ALL_ERROR_HANDLERS_FAILED, f"Internal error: {type(error).__name__}.")
    return refusal_reply(refusal, request.path.strip("/").replace("/", "-") or "root")


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
