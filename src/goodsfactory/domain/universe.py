"""Universes: one run of one game server, from a reset to the next. Rows and tokens belong to one of them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Universe:
    """A server's universe that began on ``reset_date`` (YYYY-MM-DD).

    ``number`` counts those of one server and one date: a server that is started anew on the same day has
    another universe. ``told_id`` is the server's own id, empty where it gives none. ``ended_at`` is set once
    the server has moved on to a later date.
    """

    server: str
    reset_date: str
    first_seen: datetime
    number: int = 1
    told_id: str = ""
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The key of its rows."""
        return universe_id(self.server, self.reset_date, self.number)


def universe_id(server: str, reset_date: str, number: int) -> str:
    """Ten characters, the same for every daemon that meets this universe."""
    told = f"{server_name(server)} {reset_date} {number}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]


def unplaced(server: str) -> str:
    """Key of the tokens that the game has just told: nobody knows yet of which universe of the server."""
    return universe_id(server, "", 1)


def server_name(base_url: str) -> str:
    """The address of a server as its universes and tokens are kept by: lower case, no slash at the end."""
    address = urlsplit(base_url.strip())
    return f"{address.scheme}://{address.netloc}".lower() + address.path.rstrip("/")
