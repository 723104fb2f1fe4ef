"""The HTTP face of a world: the game's API under ``/v2`` and the operator's under ``/sandbox``."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.http import admin, agent_endpoints, place_endpoints, ship_endpoints
from goodsfactory.sandbox.http.calls import Endpoint
from goodsfactory.sandbox.http.protocol import App, Receive, RulesApp, Scope, Send, error_body
from goodsfactory.sandbox.http.throttle import Throttle
from goodsfactory.sandbox.world import World

API_PREFIX = "/v2"

ENDPOINTS: tuple[Endpoint, ...] = (
    *agent_endpoints.ENDPOINTS,
    *place_endpoints.ENDPOINTS,
    *ship_endpoints.ENDPOINTS,
)
"""Every operation of the API; a new one is one more row in the module of its noun."""


def create_app(world: World, *, rate_limit: bool = True, speed: float = 1.0) -> Starlette:
    """An ASGI app that serves ``world``.

    ``speed`` is told to clients (seconds of sandbox per second of theirs); the world's clock makes it true.
    """
    apps: Mapping[str, App] = {
        API_PREFIX: Throttle(RulesApp(world, ENDPOINTS, API_PREFIX), world, enabled=rate_limit, speed=speed),
        admin.PREFIX: admin.LoopbackOnly(
            RulesApp(world, admin.admin_endpoints(speed), admin.PREFIX), world, speed=speed
        ),
    }
    nowhere = Throttle(RulesApp(world, (), ""), world, enabled=False, speed=speed)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        prefix = "/" + scope["path"].split("/", 2)[1]
        await apps.get(prefix, nowhere)(scope, receive, send)

    return Starlette(routes=[Mount("/", app=dispatch)], exception_handlers={Exception: _failed})


async def _failed(request: Request, error: Exception) -> Response:
    """The answer to a bug of the sandbox itself; Starlette raises it again for the log."""
    refusal = Refusal(ErrorCode.ALL_ERROR_HANDLERS_FAILED, f"Internal error: {type(error).__name__}.")
    body = error_body(refusal, request.url.path.strip("/").replace("/", "-") or "root")
    return Response(body, status_code=refusal.status, media_type="application/json")
