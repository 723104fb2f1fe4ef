"""Bodies of requests: their shapes, and the refusal of anything else (api-facts §3, §14.1, §18)."""

from typing import Annotated, TypeVar

import msgspec

from goodsfactory.sandbox.errors import ErrorCode, Refusal, unprocessable
from goodsfactory.sandbox.ships import FlightMode

Units = Annotated[int, msgspec.Meta(ge=1)]


class Registering(msgspec.Struct):
    """``POST /register``."""

    symbol: str
    faction: str


class Goods(msgspec.Struct):
    """Purchase, sell and jettison."""

    symbol: str
    units: Units


class Transfer(msgspec.Struct, rename="camel"):
    """``POST /my/ships/{shipSymbol}/transfer``; ``ship_symbol`` receives."""

    trade_symbol: str
    units: Units
    ship_symbol: str


class Delivery(msgspec.Struct, rename="camel"):
    """Contract delivery and construction supply; ``ship_symbol`` gives."""

    ship_symbol: str
    trade_symbol: str
    units: Units


class Destination(msgspec.Struct, rename="camel"):
    """``POST /my/ships/{shipSymbol}/navigate``."""

    waypoint_symbol: str


class NavChange(msgspec.Struct, rename="camel"):
    """``PATCH /my/ships/{shipSymbol}/nav``."""

    flight_mode: FlightMode | None = None


class Refuelling(msgspec.Struct, rename="camel"):
    """``POST /my/ships/{shipSymbol}/refuel``; ``units`` of ship fuel, all that fits when absent."""

    units: Units | None = None
    from_cargo: bool | None = None


class ShipOrder(msgspec.Struct, rename="camel"):
    """``POST /my/ships``."""

    ship_type: str
    waypoint_symbol: str


class NetSupply(msgspec.Struct, rename="camel"):
    """``POST /sandbox/markets/{waypoint}/{good}``."""

    net_supply: int


class Nothing(msgspec.Struct):
    """A body of which no field is read."""


_Body = TypeVar("_Body", bound=msgspec.Struct)


def read_body(shape: type[_Body], data: bytes, content_type: str) -> _Body:
    """Decode a request body.

    Nothing at all stands for ``{}``, unless it is announced as JSON (api-facts §0.1, trap 8).
    Refuses 5000 for another content type and 3001 for malformed JSON or a wrong shape.
    """
    is_json = content_type.partition(";")[0].strip().lower() == "application/json"
    if not data:
        if is_json:
            raise unprocessable("invalid_json", [], "the body is empty but announced as JSON; send {}")
        data = b"{}"
    elif not is_json:
        raise Refusal(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            f"Unsupported media type: {content_type or 'none'}. Send application/json.",
        )
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        raise unprocessable("invalid_type", _path(where, message), message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unprocessable("invalid_json", [], f"the body is not valid JSON ({error})") from error


def _path(where: str, message: str) -> list[str | int]:
    path: list[str | int] = [part for part in where.rstrip("`").split(".") if part]
    if message.startswith("Object missing required field"):
        path.append(message.split("`")[1])
    return path
