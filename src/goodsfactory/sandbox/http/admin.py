"""The operator's namespace ``/sandbox``: for tests and the demo, without tokens, from this machine only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from goodsfactory.sandbox.errors import unprocessable
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.http.bodies import AccountOpening, BeginningAnew, NetSupply, TimeChange
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.fault_endpoints import fault_endpoints
from goodsfactory.sandbox.http.place_views import market_transaction_view
from goodsfactory.sandbox.http.protocol import Request
from goodsfactory.sandbox.reset import Rebuild, reset
from goodsfactory.sandbox.time_control import FASTEST, SLOWEST, TimeControl
from goodsfactory.sandbox.timestamps import timestamp, whole_milliseconds

PREFIX = "/sandbox"

FROM_ELSEWHERE = (
    "The operator's namespace answers programs of this machine only: ask it at 127.0.0.1 or localhost,"
    " and not from a web page of another host."
)

Sleep = Callable[[float], Awaitable[None]]
"""Waits for seconds of the clients' time."""


@dataclass(slots=True)
class Controls:
    """What an operator may turn. Without ``time`` the clock is somebody else's and runs at ``speed``."""

    speed: float = 1.0
    time: TimeControl | None = None
    faults: Faults = field(default_factory=Faults)
    sleep: Sleep | None = None
    rebuild: Rebuild | None = None

    @property
    def pace(self) -> float:
        """Sandbox seconds per second of the clients."""
        return self.speed if self.time is None else self.time.speed


def admin_endpoints(controls: Controls) -> tuple[Endpoint, ...]:
    """What an operator may ask of a sandbox."""

    def show_state(call: Call) -> Answer:
        """``GET /sandbox/state``."""
        paused = controls.time is not None and controls.time.paused
        compress = call.world.calendar.compress
        clock = {"speed": controls.pace / compress, "compress": compress, "paused": paused}
        return Answer(whole={**call.world.state(), **clock})

    def show_transactions(call: Call) -> Answer:
        """``GET /sandbox/transactions?agent=SYMBOL``: an agent's trades, purse and holds, in one moment."""
        symbol = next(iter(call.query.get("agent", ())), "")
        agent = call.world.agents.find(symbol)
        trades = call.world.trading.book.of(agent.symbol)
        return Answer(
            {
                "credits": agent.credits,
                "startingCredits": agent.starting_credits,
                "transactions": [
                    {"number": number, **market_transaction_view(trade)} for number, trade in trades
                ],
                "holds": {ship.symbol: dict(ship.hold) for ship in call.world.fleets.of(agent)},
            }
        )

    def change_time(call: Call) -> Answer:
        """``POST /sandbox/time``: speed, pause, resume, jump."""
        order, time = cast(TimeChange, call.content), controls.time
        if time is None:
            raise unprocessable("custom", ["time"], "the clock of this sandbox is not its own")
        turned = order.speed is not None or order.paused is not None or order.jump_seconds
        if turned and call.world.calendar.compress > 1:
            message = "this sandbox keeps real time and compresses durations: neither is to be turned"
            raise unprocessable("custom", ["time"], message)
        if order.speed is not None:
            if not SLOWEST <= order.speed <= FASTEST:
                message = f"must be from {SLOWEST:g} to {FASTEST:g}"
                raise unprocessable("out_of_range", ["speed"], message)
            try:
                call.world.rivals.require_sustainable(order.speed)
            except ValueError as error:
                raise unprocessable("custom", ["speed"], str(error).rstrip(".")) from None
            time.run_at(order.speed)
        if order.paused is not None:
            (time.pause if order.paused else time.resume)()
        if order.jump_seconds:
            time.jump(timedelta(seconds=order.jump_seconds))
        calendar = call.world.calendar
        reached = timestamp(calendar.told(whole_milliseconds(time.now())))
        runs = {"speed": time.speed / calendar.compress, "compress": calendar.compress}
        return Answer({"time": reached, **runs, "paused": time.paused})

    def begin_anew(call: Call) -> Answer:
        """``POST /sandbox/reset``: a fresh universe under a new reset date; faults end with the old one."""
        if controls.rebuild is None:
            raise unprocessable("custom", ["reset"], "this sandbox was started without a way to begin anew")
        try:
            date = reset(call.world, controls.rebuild)
        except ValueError as error:
            raise unprocessable("custom", ["reset"], str(error).rstrip(".")) from None
        controls.faults.clear()
        return Answer({"resetDate": date})

    def set_net_supply(call: Call) -> Answer:
        """``POST /sandbox/markets/{waypoint}/{good}``: set the hidden stock, in units."""
        waypoint, good = call.parts
        units = cast(NetSupply, call.content).net_supply
        call.world.set_net_supply(waypoint, good, units)
        return Answer({"waypointSymbol": waypoint, "tradeSymbol": good, "netSupply": units})

    def open_account(call: Call) -> Answer:
        """``POST /sandbox/accounts``: open an account; its token may register agents."""
        name = cast(AccountOpening, call.content).name
        return Answer(
            {
                "name": name,
                "token": call.world.accounts.open(name, call.world.calendar.told(call.world.now())),
            }
        )

    return (
        Endpoint("GET", "/state", show_state, Access.PUBLIC),
        Endpoint("GET", "/transactions", show_transactions, Access.PUBLIC),
        Endpoint("POST", "/time", change_time, Access.PUBLIC, TimeChange, repeatable=False),
        Endpoint("POST", "/reset", begin_anew, Access.PUBLIC, BeginningAnew),
        *fault_endpoints(controls.faults, can_wait=controls.sleep is not None),
        Endpoint("POST", "/accounts", open_account, Access.PUBLIC, AccountOpening, 201),
        Endpoint("POST", "/markets/{waypoint}/{good}", set_net_supply, Access.PUBLIC, NetSupply),
    )


def is_local(request: Request) -> bool:
    """True for a request from this machine, or from within this process."""
    return request.address is None or is_loopback(request.address)


def is_meant_for_this_machine(request: Request) -> bool:
    """False where a web browser may have been led here: by a page of another host, or by a name that lies."""
    if not _names_loopback(f"http://{request.host}"):
        return False
    return request.origin is None or _names_loopback(request.origin)


def _names_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """True for an address of this very machine."""
    return address == "::1" or address.startswith(("127.", "::ffff:127."))
