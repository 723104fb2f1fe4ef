"""The operator's namespace ``/sandbox``: for tests and the demo, without tokens, from this machine only."""

from typing import cast

from goodsfactory.sandbox.errors import NOT_FOUND, Refusal
from goodsfactory.sandbox.http.bodies import NetSupply
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.protocol import (
    Message,
    Receive,
    RulesApp,
    Scope,
    Send,
    clock_headers,
    error_body,
    respond,
)
from goodsfactory.sandbox.world import World

PREFIX = "/sandbox"


def admin_endpoints(speed: float) -> tuple[Endpoint, ...]:
    """What an operator may ask of a sandbox whose clock runs at ``speed``."""

    def show_state(call: Call) -> Answer:
        """``GET /sandbox/state``."""
        return Answer(whole={**call.world.state(), "speed": speed})

    def set_net_supply(call: Call) -> Answer:
        """``POST /sandbox/markets/{waypoint}/{good}``: set the hidden stock, in units."""
        waypoint, good = call.parts
        units = cast(NetSupply, call.content).net_supply
        call.world.set_net_supply(waypoint, good, units)
        return Answer({"waypointSymbol": waypoint, "tradeSymbol": good, "netSupply": units})

    return (
        Endpoint("GET", "/state", show_state, Access.PUBLIC),
        Endpoint("POST", "/markets/{waypoint}/{good}", set_net_supply, Access.PUBLIC, NetSupply),
    )


class LoopbackOnly:
    """Hides an app from everybody who is not on this machine."""

    def __init__(self, inner: RulesApp, world: World, *, speed: float) -> None:
        self._inner = inner
        self._world = world
        self._speed = speed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a local request on; answer 404 to any other."""
        headers = clock_headers(self._world, self._speed)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            refusal = Refusal(NOT_FOUND, f"Route {scope['method']}:{scope['path']} not found.")
            await respond(send_with_headers, refusal.status, error_body(refusal, "local-only"))
            return
        await self._inner(scope, receive, send_with_headers)


def is_loopback(address: str) -> bool:
    """True for an address of this very machine."""
    return address == "::1" or address.startswith(("127.", "::ffff:127."))
