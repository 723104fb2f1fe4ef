"""A game server: registers agents and opens their sessions over one client and one request gate."""

import random
from collections.abc import Callable
from ipaddress import ip_address

import httpx2

from goodsfactory import __version__
from goodsfactory.adapters.spacetraders import mapping, wire
from goodsfactory.adapters.spacetraders.exchange import Call, Exchange, Permit
from goodsfactory.adapters.spacetraders.request_gate import Purpose, RequestGate
from goodsfactory.adapters.spacetraders.retries import Repeat, RetryPolicy
from goodsfactory.adapters.spacetraders.session import SpaceTradersSession, read_status, sound_token
from goodsfactory.adapters.spacetraders.set_aside import SENSELESS
from goodsfactory.adapters.spacetraders.transports import TIMEOUT
from goodsfactory.domain.errors import UserError
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import (
    GameApi,
    Registration,
    RequestStatistics,
    ServerStatus,
)
from goodsfactory.ports.waiting import waited_for


class SpaceTradersServer:
    """GameServer over HTTP.

    ``base_url`` ends in ``/v2``. ``gate`` is given, because everything behind one IP address must share one.
    ``chance`` spreads the pauses between retries; ``permit`` is asked before each request is sent;
    ``is_ours`` is told which universe an answer came from, empty where it does not say; one that is not ours
    is not believed. Raises UserError where ``base_url`` is no HTTP address.
    """

    def __init__(
        self,
        transport: httpx2.AsyncBaseTransport,
        base_url: str,
        clock: Clock,
        gate: RequestGate,
        chance: random.Random,
        *,
        policy: RetryPolicy | None = None,
        timeout: httpx2.Timeout = TIMEOUT,
        permit: Permit | None = None,
        is_ours: Callable[[str], bool] = lambda told: True,
    ) -> None:
        self._client = httpx2.AsyncClient(
            transport=transport,
            base_url=_address(base_url),
            headers={"user-agent": f"goods-factory/{__version__}", "accept": "application/json"},
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )
        self._exchange = Exchange(self._client, clock, gate, policy or RetryPolicy(), chance, permit, is_ours)

    async def status(self) -> ServerStatus:
        return await read_status(self._exchange)

    async def register(self, agent: str, faction: str, *, account_token: str | None = None) -> Registration:
        """Never blindly repeated: Unavailable.maybe_done says that the call sign may be taken by us now.

        Raises UserError where the answer's token would travel unencrypted.
        """
        self._require_private()
        token = None if account_token is None else sound_token(account_token)
        body = {"symbol": agent, "faction": faction}
        call = Call("POST", "/register", Purpose.SAFETY, Repeat.NEVER, body)
        with waited_for():
            envelope = await self._exchange.ask(call, wire.RegisterAnswer, token)
        try:
            return mapping.registration_from(envelope.data, self._exchange.now())
        except SENSELESS as error:
            raise self._exchange.unreadable(call, token, error) from None

    def session(self, token: str, *, refused: Callable[[], None] | None = None) -> GameApi:
        """Raises UserError where the token would travel unencrypted, beyond this machine (law L12)."""
        self._require_private()
        session = SpaceTradersSession(self._exchange, token)
        if refused is not None:
            self._exchange.hear_refusals(sound_token(token), refused)
        return session

    def statistics(self) -> RequestStatistics:
        """Of all sessions together."""
        return self._exchange.statistics()

    def _require_private(self) -> None:
        url = self._client.base_url
        if url.scheme != "https" and not _is_loopback(url.host):
            raise UserError(
                f"{str(url).rstrip('/')} would carry tokens unencrypted: use https, or a server on this"
                " machine.",
                kind="precondition",
            )

    async def close(self) -> None:
        await self._client.aclose()


def _address(base_url: str) -> httpx2.URL:
    complaint = f"{base_url!r} is not the address of a game server; it should look like https://host/v2."
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        raise UserError(complaint) from None
    if url.userinfo:
        raise UserError("The address of a game server carries no user name or password.")
    if url.scheme not in ("http", "https") or not url.host:
        raise UserError(complaint)
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
