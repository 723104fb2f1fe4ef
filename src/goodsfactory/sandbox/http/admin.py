"""The operator's namespace ``/sandbox``: for tests and the demo, without tokens, from this machine only."""

from typing import cast

from goodsfactory.sandbox.http.bodies import AccountOpening, NetSupply
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.protocol import Request

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

    def open_account(call: Call) -> Answer:
        """``POST /sandbox/accounts``: open an account; its token may register agents."""
        name = cast(AccountOpening, call.content).name
        return Answer({"name": name, "token": call.world.accounts.open(name, call.world.now())})

    return (
        Endpoint("GET", "/state", show_state, Access.PUBLIC),
        Endpoint("POST", "/accounts", open_account, Access.PUBLIC, AccountOpening, 201),
        Endpoint("POST", "/markets/{waypoint}/{good}", set_net_supply, Access.PUBLIC, NetSupply),
    )


def is_local(request: Request) -> bool:
    """True for a request from this machine, or from within this process."""
    return request.address is None or is_loopback(request.address)


def is_loopback(address: str) -> bool:
    """True for an address of this very machine."""
    return address == "::1" or address.startswith(("127.", "::ffff:127."))
