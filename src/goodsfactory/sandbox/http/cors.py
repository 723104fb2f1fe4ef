"""What pages in web browsers may ask: the game answers any page, an operator those of this machine alone."""

from collections.abc import Collection

from goodsfactory.sandbox.http.admin import is_meant_for_this_machine
from goodsfactory.sandbox.http.protocol import Headers, Reply, Request

_USUAL_HEADERS = "authorization, content-type"
_EXPOSED = (
    b"date, retry-after, x-ratelimit-type, x-ratelimit-limit, x-ratelimit-limit-burst,"
    b" x-ratelimit-limit-per-second, x-ratelimit-remaining, x-ratelimit-reset,"
    b" x-sandbox-universe, x-sandbox-time, x-sandbox-speed"
)
_SECONDS_KEPT = b"86400"


def options_reply(request: Request, methods: Collection[str]) -> Reply:
    """The answer to OPTIONS: which methods there are, and that every header may be sent."""
    there = ["GET", "HEAD"] if "GET" in methods else []
    there += [method for method in methods if method != "GET"]
    names = ", ".join([*there, "OPTIONS"]).encode()
    allowed = request.wanted_headers or _USUAL_HEADERS
    return Reply(
        204,
        b"",
        [
            (b"allow", names),
            (b"access-control-allow-methods", names),
            (b"access-control-allow-headers", allowed.encode("latin-1")),
            (b"access-control-max-age", _SECONDS_KEPT),
        ],
    )


def sharing_headers(request: Request, *, any_page: bool) -> Headers:
    """Lets the page that asked read the whole answer; unless ``any_page`` may, only a local one."""
    if request.origin is None or not (any_page or is_meant_for_this_machine(request)):
        return []
    return [
        (b"access-control-allow-origin", b"*" if any_page else request.origin.encode("latin-1")),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"origin"),
    ]
