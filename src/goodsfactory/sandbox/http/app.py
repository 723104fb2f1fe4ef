"""The HTTP face of a world: the game's API under ``/v2`` and the operator's under ``/sandbox``."""

from datetime import timedelta

import msgspec

from goodsfactory.sandbox.errors import FORBIDDEN, NOT_FOUND, ErrorCode, Refusal
from goodsfactory.sandbox.faults import METHODS, Faults
from goodsfactory.sandbox.http import (
    admin,
    agent_endpoints,
    place_endpoints,
    ship_endpoints,
    work_endpoints,
    yard_endpoints,
)
from goodsfactory.sandbox.http.admin import Sleep
from goodsfactory.sandbox.http.calls import Endpoint
from goodsfactory.sandbox.http.cors import options_reply, sharing_headers
from goodsfactory.sandbox.http.disturbance import Disturbance, disturb, hang_up
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
from goodsfactory.sandbox.reset import Rebuild
from goodsfactory.sandbox.state_file import StateFile
from goodsfactory.sandbox.time_control import TimeControl
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

API_PREFIX = "/v2"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Request).decode

ENDPOINTS: tuple[Endpoint, ...] = (
    *agent_endpoints.ENDPOINTS,
    *place_endpoints.ENDPOINTS,
    *ship_endpoints.ENDPOINTS,
    *work_endpoints.ENDPOINTS,
    *yard_endpoints.ENDPOINTS,
)
"""Every operation of the API; a new one is one more row in the module of its noun."""


def create_app(
    world: World,
    *,
    rate_limit: bool = True,
    speed: float = 1.0,
    time: TimeControl | None = None,
    faults: Faults | None = None,
    sleep: Sleep | None = None,
    rebuild: Rebuild | None = None,
    state: StateFile | None = None,
) -> "SandboxApp":
    """An ASGI app that serves ``world``.

    ``speed`` is told to clients (seconds of sandbox per second of theirs); the world's clock makes it true.
    With ``time`` it is that clock's speed, and an operator may change it. ``faults`` can be armed in process
    too; ``sleep`` lets answers be slow, ``rebuild`` lets the universe reset. With ``state`` the world first
    takes the state of the file, and from then on every change is written there before it is answered.
    """
    controls = admin.Controls(speed, time, Faults() if faults is None else faults, sleep, rebuild)
    app = SandboxApp(world, controls, rate_limit=rate_limit, state=state)
    app.restore()
    return app


class SandboxApp:
    """The ASGI app of a world. Reading and sending wait; everything between happens at one instant."""

    def __init__(
        self, world: World, controls: admin.Controls, *, rate_limit: bool, state: StateFile | None
    ) -> None:
        self._world = world
        self._controls = controls
        self._faults = controls.faults
        self._state = state
        self._throttle = Throttle(world) if rate_limit else None
        self._api = RulesApp(world, ENDPOINTS, API_PREFIX)
        self._operator = RulesApp(world, admin.admin_endpoints(controls), admin.PREFIX)

    @property
    def universe(self) -> Universe:
        """The universe it serves now."""
        return self._world.universe

    def restore(self) -> None:
        """Bring the world to the state of the file: the snapshot, and the requests that came after it."""
        if self._state is None:
            return
        self._state.restore(self._world, self._faults)
        for at, entry in self._state.journal():
            try:
                request = _decode(entry)
            except msgspec.MsgspecError as error:
                raise self._state.damaged(f"it holds a request that cannot be read: {error}") from None
            rules = self._operator if request.path.startswith(admin.PREFIX) else self._api
            with self._world.one_instant(at):
                told = rules.answer(request)
                if not told.changed:
                    raise self._state.damaged(
                        f"it holds {request.method} {request.path} of {at:%Y-%m-%d %H:%M:%S}, which is"
                        " refused now: it is of another sandbox"
                    )
                self._world.rivals.stir(at)
        self._state.recount(self._faults)

    def close(self) -> None:
        """Write the state down for good; nothing is served afterwards."""
        if self._state is not None:
            self._state.close(self._world, self._faults, self._world.now())

    def discard(self) -> None:
        """It was never served: what its state file holds stays, and a new one is removed."""
        if self._state is not None:
            self._state.discard()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. A bug is answered with 3002 and raised for the log."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        if scope["type"] != "http":
            return
        head = scope["method"] == "HEAD"
        try:
            request = await read_request(scope, receive)
        except Refusal as refusal:
            reply = refusal_reply(refusal, "no-request")
            # What is left of the request is not read, so nothing else can come over this connection.
            reply.headers.append((b"connection", b"close"))
            reply.headers += clock_headers(self._world, self._controls.pace, timedelta())
            await respond(send, reply, head=head)
            return
        spoilt = Disturbance()
        # What a browser asks beforehand is no request of the player's: it uses up no fault.
        disturbed = request.path.startswith(API_PREFIX) and request.method != "OPTIONS"
        if self._faults and disturbed:
            spoilt = disturb(self._faults, request, request.path.removeprefix(API_PREFIX), self._world)
            if self._state is not None:
                self._state.count_strikes(self._faults)
            if spoilt.delay and self._controls.sleep is not None:
                await self._controls.sleep(spoilt.delay)
            if spoilt.drop_before:
                await hang_up(scope, receive)
                return
        try:
            with self._world.one_instant():
                headers = clock_headers(self._world, self._controls.pace, spoilt.skew)
                headers += sharing_headers(request, any_page=request.path.startswith(API_PREFIX))
                reply = spoilt.instead or self._answer(request)
                if reply.changed:
                    self._world.rivals.stir(self._world.now())
                if self._state is not None:
                    self._write_down(self._state, request, reply)
        except Exception as error:
            await respond(send, _failed(request, error))
            raise
        if spoilt.drop_after:
            await hang_up(scope, receive)
            return
        reply = spoilt.afterwards or reply
        reply.headers += headers
        await respond(send, reply, head=head)

    def _write_down(self, state: StateFile, request: Request, reply: Reply) -> None:
        now = self._world.now()
        if reply.changed:
            state.record(now, _encode(request))
            if state.is_snapshot_due(self._world):
                state.keep(self._world, self._faults)
        state.told(now, self._controls.pace)

    def _answer(self, request: Request) -> Reply:
        if request.method == "OPTIONS" and request.path == "*":
            return options_reply(request, METHODS)
        prefix = "/" + request.path.partition("/")[2].partition("/")[0]
        if prefix == API_PREFIX:
            if request.method == "OPTIONS":
                return options_reply(request, self._api.methods(request.path))
            return self._answer_player(request)
        if prefix == admin.PREFIX and admin.is_local(request):
            if not admin.is_meant_for_this_machine(request):
                return refusal_reply(Refusal(FORBIDDEN, admin.FROM_ELSEWHERE), "no-operator")
            # Operators have no tokens; a client that sends an old one along is not to be refused for it.
            request.authorization = None
            if request.method == "OPTIONS":
                return options_reply(request, self._operator.methods(request.path))
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
