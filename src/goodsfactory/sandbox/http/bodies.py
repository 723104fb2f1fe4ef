"""Bodies of requests: their shapes, and the refusal of anything else (api-facts §3, §14.1, §18)."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, TypeVar, get_args, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from goodsfactory.sandbox.errors import ErrorCode, Refusal, unprocessable
from goodsfactory.sandbox.faults import FaultKind
from goodsfactory.sandbox.ships import FlightMode

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50
_LONGEST_NAME = 40

_LARGEST = 2**53 - 1
_MOST_SECONDS = 10 * 365 * 86_400

Units = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=_MOST_SECONDS)]
"""Ten years at most: the calendar ends somewhere."""


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

    flight_mode: FlightMode | msgspec.UnsetType = msgspec.UNSET


class Refuelling(msgspec.Struct, rename="camel"):
    """``POST /my/ships/{shipSymbol}/refuel``; ``units`` of ship fuel, all that fits when absent."""

    units: Units | None = None
    from_cargo: bool | None = None


class ShipOrder(msgspec.Struct, rename="camel"):
    """``POST /my/ships``."""

    ship_type: str
    waypoint_symbol: str


class NetSupply(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """``POST /sandbox/markets/{waypoint}/{good}``."""

    net_supply: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


class Deposit(msgspec.Struct):
    """One entry of a survey's ``deposits``."""

    symbol: str


class SurveyBody(msgspec.Struct):
    """``POST /my/ships/{shipSymbol}/extract/survey``: a survey as it was handed out."""

    signature: str
    symbol: str
    deposits: list[Deposit]
    expiration: str
    size: str


class Extracting(msgspec.Struct):
    """``POST /my/ships/{shipSymbol}/extract``; ``survey`` is deprecated."""

    survey: SurveyBody | None = None


class Refining(msgspec.Struct):
    """``POST /my/ships/{shipSymbol}/refine``."""

    produce: str


class Part(msgspec.Struct):
    """Installing and removing mounts and modules."""

    symbol: str


class AccountOpening(msgspec.Struct, forbid_unknown_fields=True):
    """``POST /sandbox/accounts``."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class BeginningAnew(msgspec.Struct, forbid_unknown_fields=True):
    """``POST /sandbox/reset``: there is nothing to choose."""


class TimeChange(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """``POST /sandbox/time``; ``jump_seconds`` of sandbox time ahead, after the rest is done."""

    speed: float | None = None
    paused: bool | None = None
    jump_seconds: Seconds | None = None


class FaultOrder(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """``POST /sandbox/faults``: the fields of a fault, and how long it lasts in sandbox time."""

    kind: FaultKind
    method: str | None = None
    path: str | None = None
    agent: str | None = None
    ship: str | None = None
    page: Count | None = None
    waypoint: str | None = None
    good: str | None = None
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    seconds: Annotated[float, msgspec.Meta(ge=-_MOST_SECONDS, le=_MOST_SECONDS)] = 0.0
    skip: Count = 0
    count: Count | None = None
    duration_seconds: Annotated[float, msgspec.Meta(gt=0, le=_MOST_SECONDS)] | None = None


class Nothing(msgspec.Struct):
    """A body of which no field is read."""


_Body = TypeVar("_Body", bound=msgspec.Struct)


def read_body(shape: type[_Body], data: bytes, content_type: str) -> _Body:
    """Decode a request body: JSON, or a form whose numbers are text.

    Nothing at all stands for ``{}``, however it is announced: real clients send JSON headers without a body.
    Where no field is read, the content type does not matter. Refuses 5000 for another content type and 3001
    for malformed JSON or a wrong shape.
    """
    if not data.strip():
        data = b"{}"
    else:
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _FORM:
            return _read_form(shape, data)
        if kind != "application/json" and shape is Nothing:
            return shape()
        if kind != "application/json":
            raise Refusal(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                f"Unsupported media type: {content_type or 'none'}. Send application/json.",
            )
    try:
        if shape.__struct_config__.forbid_unknown_fields:
            _require_known(shape, msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise _misshapen(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unprocessable("invalid_json", [], f"the body is not valid JSON ({error})") from error


def _read_form(shape: type[_Body], data: bytes) -> _Body:
    try:
        fields: dict[str, object] = dict(
            parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        )
        if shape.__struct_config__.forbid_unknown_fields:
            _require_known(shape, fields)
        for name in _numbers(shape) & fields.keys():
            fields[name] = _scalar(str(fields[name]))
        return msgspec.convert(fields, type=shape)
    except msgspec.ValidationError as error:
        raise _misshapen(error) from error
    except ValueError as error:
        raise unprocessable("invalid_form", [], f"the body is not a valid form ({error})") from error


def _require_known(shape: type[msgspec.Struct], names: Iterable[str]) -> None:
    """Refuse a misspelt field of the operator's: what is left out matches everything, or changes nothing."""
    known = [field.encode_name for field in msgspec.structs.fields(shape)]
    for name in names:
        if name not in known:
            shown = f"known are {', '.join(known)}" if known else "none is known here"
            message = f"there is no such field; {shown}. JSON is read as content-type application/json"
            raise unprocessable("unrecognized_keys", [name[:_LONGEST_NAME]], message)


@lru_cache
def _numbers(shape: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that hold no text, by their names in a body."""
    kinds = get_type_hints(shape)
    return frozenset(
        field.encode_name
        for field in msgspec.structs.fields(shape)
        if {int, float, bool} & {kinds[field.name], *get_args(kinds[field.name])}
    )


def _scalar(text: str) -> object:
    """What JSON would say in place of a form's text, so that both are held to the same numbers."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError):
        return text


def _misshapen(error: msgspec.ValidationError) -> Refusal:
    message, _, where = str(error).partition(" - at `$")
    return unprocessable("invalid_type", _path(where, message), message)


def _path(where: str, message: str) -> list[str | int]:
    path: list[str | int] = [part for part in where.rstrip("`").split(".") if part]
    if message.startswith("Object missing required field"):
        path.append(message.split("`")[1])
    return path
