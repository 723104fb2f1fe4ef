"""What a shell may complete: goods at any time; what only the daemon knows only where one runs."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from goodsfactory.cli.failure import Failure
from goodsfactory.cli.options import connect, usual_socket

if TYPE_CHECKING:
    from goodsfactory.api.client import Client

_SHOWN = 50
"""Factories that a shell may complete at once, the newest."""


def goods(incomplete: str) -> list[str]:
    """The goods of the bundled recipes that begin so."""
    from goodsfactory.cli.launch import bundled_goods

    return [good for good in bundled_goods() if good.startswith(incomplete)]


def ships(incomplete: str) -> list[str]:
    """The ships of the default player that begin so, in either case."""
    return _known(lambda client: (ship.symbol for ship in client.fleet().ships), incomplete.upper())


def factories(incomplete: str) -> list[str]:
    """The ids of the default player's factories that begin so."""
    return _known(lambda client: _newest(client, incomplete), incomplete)


def _newest(client: "Client", incomplete: str) -> Iterable[str]:
    page = client.factory_page(id_prefix=incomplete or None, limit=_SHOWN)
    return (factory.factory_id for factory in page.factories)


def _known(names: "Callable[[Client], Iterable[str]]", incomplete: str) -> list[str]:
    from goodsfactory.api.errors import DaemonError

    try:
        with connect(usual_socket()) as client:
            return [name for name in names(client) if name.startswith(incomplete)]
    except (DaemonError, Failure):
        return []
