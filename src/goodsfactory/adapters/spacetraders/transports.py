"""The two ways to a game server: over sockets, and in process to an ASGI application."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx2

TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
"""Real seconds. A purchase may take the server long; giving it up early only makes its end unknown."""

_LIMITS = httpx2.Limits(max_connections=40, max_keepalive_connections=8, keepalive_expiry=3.0)
"""More connections than the request gate ever has in flight. Idle ones are dropped before a server (5 s is
usual) drops them: a purchase sent into a connection that is just being closed would be lost."""

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


def sockets(source_address: str | None = None) -> httpx2.AsyncBaseTransport:
    """TCP and TLS, from ``source_address`` of this machine where one is given.

    Proxy settings of the environment are ignored; nothing is repeated down here.
    """
    return httpx2.AsyncHTTPTransport(limits=_LIMITS, trust_env=False, retries=0, local_address=source_address)


def in_process(application: Application) -> httpx2.AsyncBaseTransport:
    """Straight into ``application``, whole HTTP messages without sockets; its crash is a 500, as outside."""
    return httpx2.ASGITransport(application, raise_app_exceptions=False)
