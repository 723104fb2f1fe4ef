"""Refusals of the server: the code table of api-facts §3.1 and the exception that carries a code."""

from collections.abc import Mapping, Sequence
from enum import IntEnum


class ErrorCode(IntEnum):
    """Codes the server lists at ``GET /error-codes`` (api-facts §3.1)."""

    RESPONSE_SERIALIZATION = 3000
    UNPROCESSABLE_INPUT = 3001
    ALL_ERROR_HANDLERS_FAILED = 3002
    SYSTEM_STATUS_MAINTENANCE = 3100
    RESET = 3200
    COOLDOWN_CONFLICT = 4000
    WAYPOINT_NO_ACCESS = 4001
    TOKEN_EMPTY = 4100
    TOKEN_MISSING_SUBJECT = 4101
    TOKEN_INVALID_SUBJECT = 4102
    MISSING_TOKEN_REQUEST = 4103
    INVALID_TOKEN_REQUEST = 4104
    INVALID_TOKEN_SUBJECT = 4105
    ACCOUNT_NOT_EXISTS = 4106
    AGENT_NOT_EXISTS = 4107
    ACCOUNT_HAS_NO_AGENT = 4108
    TOKEN_INVALID_VERSION = 4109
    REGISTER_AGENT_SYMBOL_RESERVED = 4110
    REGISTER_AGENT_CONFLICT_SYMBOL = 4111
    REGISTER_AGENT_NO_STARTING_LOCATIONS = 4112
    TOKEN_RESET_DATE_MISMATCH = 4113
    INVALID_ACCOUNT_ROLE = 4114
    INVALID_TOKEN = 4115
    MISSING_ACCOUNT_TOKEN_REQUEST = 4116
    NAVIGATE_IN_TRANSIT = 4200
    NAVIGATE_INVALID_DESTINATION = 4201
    NAVIGATE_OUTSIDE_SYSTEM = 4202
    NAVIGATE_INSUFFICIENT_FUEL = 4203
    NAVIGATE_SAME_DESTINATION = 4204
    SHIP_EXTRACT_INVALID_WAYPOINT = 4205
    SHIP_EXTRACT_PERMISSION = 4206
    SHIP_IN_TRANSIT = 4214
    SHIP_MISSING_SENSOR_ARRAYS = 4215
    PURCHASE_SHIP_CREDITS = 4216
    SHIP_CARGO_EXCEEDS_LIMIT = 4217
    SHIP_CARGO_MISSING = 4218
    SHIP_CARGO_UNIT_COUNT = 4219
    SHIP_SURVEY_VERIFICATION = 4220
    SHIP_SURVEY_EXPIRATION = 4221
    SHIP_SURVEY_WAYPOINT_TYPE = 4222
    SHIP_SURVEY_ORBIT = 4223
    SHIP_SURVEY_EXHAUSTED = 4224
    SHIP_CARGO_FULL = 4228
    WAYPOINT_CHARTED = 4230
    SHIP_TRANSFER_SHIP_NOT_FOUND = 4231
    SHIP_TRANSFER_AGENT_CONFLICT = 4232
    SHIP_TRANSFER_SAME_SHIP_CONFLICT = 4233
    SHIP_TRANSFER_LOCATION_CONFLICT = 4234
    WARP_INSIDE_SYSTEM = 4235
    SHIP_NOT_IN_ORBIT = 4236
    SHIP_INVALID_REFINERY_GOOD = 4237
    SHIP_INVALID_REFINERY_TYPE = 4238
    SHIP_MISSING_REFINERY = 4239
    SHIP_MISSING_SURVEYOR = 4240
    SHIP_MISSING_WARP_DRIVE = 4241
    SHIP_MISSING_MINERAL_PROCESSOR = 4242
    SHIP_MISSING_MINING_LASERS = 4243
    SHIP_NOT_DOCKED = 4244
    PURCHASE_SHIP_NOT_PRESENT = 4245
    SHIP_MOUNT_NO_SHIPYARD = 4246
    SHIP_MISSING_MOUNT = 4247
    SHIP_MOUNT_INSUFFICIENT_CREDITS = 4248
    SHIP_MISSING_POWER = 4249
    SHIP_MISSING_SLOTS = 4250
    SHIP_MISSING_MOUNTS = 4251
    SHIP_MISSING_CREW = 4252
    SHIP_EXTRACT_DESTABILIZED = 4253
    SHIP_JUMP_INVALID_ORIGIN = 4254
    SHIP_JUMP_INVALID_WAYPOINT = 4255
    SHIP_JUMP_ORIGIN_UNDER_CONSTRUCTION = 4256
    SHIP_MISSING_GAS_PROCESSOR = 4257
    SHIP_MISSING_GAS_SIPHONS = 4258
    SHIP_SIPHON_INVALID_WAYPOINT = 4259
    SHIP_SIPHON_PERMISSION = 4260
    WAYPOINT_NO_YIELD = 4261
    SHIP_JUMP_DESTINATION_UNDER_CONSTRUCTION = 4262
    SHIP_SCRAP_INVALID_TRAIT = 4263
    SHIP_REPAIR_INVALID_TRAIT = 4264
    AGENT_INSUFFICIENT_CREDITS = 4265
    SHIP_MODULE_NO_SHIPYARD = 4266
    SHIP_MODULE_NOT_INSTALLED = 4267
    SHIP_MODULE_INSUFFICIENT_CREDITS = 4268
    CANT_SLOW_DOWN_WHILE_IN_TRANSIT = 4269
    SHIP_EXTRACT_INVALID_SURVEY_LOCATION = 4270
    SHIP_TRANSFER_DOCKED_ORBIT_CONFLICT = 4271
    ACCEPT_CONTRACT_NOT_AUTHORIZED = 4500
    ACCEPT_CONTRACT_CONFLICT = 4501
    FULFILL_CONTRACT_DELIVERY = 4502
    CONTRACT_DEADLINE = 4503
    CONTRACT_FULFILLED = 4504
    CONTRACT_NOT_ACCEPTED = 4505
    CONTRACT_NOT_AUTHORIZED = 4506
    SHIP_DELIVER_TERMS = 4508
    SHIP_DELIVER_FULFILLED = 4509
    SHIP_DELIVER_INVALID_LOCATION = 4510
    EXISTING_CONTRACT = 4511
    MARKET_TRADE_INSUFFICIENT_CREDITS = 4600
    MARKET_TRADE_NO_PURCHASE = 4601
    MARKET_TRADE_NOT_SOLD = 4602
    MARKET_NOT_FOUND = 4603
    MARKET_TRADE_UNIT_LIMIT = 4604
    SHIP_NOT_AVAILABLE_FOR_PURCHASE = 4605
    WAYPOINT_NO_FACTION = 4700
    CONSTRUCTION_MATERIAL_NOT_REQUIRED = 4800
    CONSTRUCTION_MATERIAL_FULFILLED = 4801
    SHIP_CONSTRUCTION_INVALID_LOCATION = 4802
    UNSUPPORTED_MEDIA_TYPE = 5000

    @property
    def label(self) -> str:
        """The camel-case name under which the server lists the code."""
        head, *rest = self.name.lower().split("_")
        return head + "".join(word.capitalize() for word in rest)


NOT_FOUND = 404
"""Body code of an unknown resource: no number of the table is established for it (api-facts §3)."""

FORBIDDEN = 403
"""Body code of a request to the operator's namespace from elsewhere: no such namespace is in the game."""

TOO_LARGE = 413
"""Body code of a request whose body is too large; the game's own is not known."""

_CONFLICTS = frozenset(
    {
        ErrorCode.COOLDOWN_CONFLICT,
        ErrorCode.REGISTER_AGENT_CONFLICT_SYMBOL,
        ErrorCode.SHIP_SURVEY_EXHAUSTED,
    }
)


def http_status(code: int) -> int:
    """The HTTP status a code travels under (api-facts §3; 400 for everything not told otherwise)."""
    if code in _CONFLICTS:
        return 409
    if 4100 <= code <= 4109 or 4113 <= code <= 4116:
        return 401
    if code in (NOT_FOUND, ErrorCode.MARKET_NOT_FOUND):
        return 404
    if code in (FORBIDDEN, TOO_LARGE):
        return code
    if code == ErrorCode.UNPROCESSABLE_INPUT:
        return 422
    if code == ErrorCode.UNSUPPORTED_MEDIA_TYPE:
        return 415
    return 500 if 3000 <= code <= 3002 else 400


class Refusal(Exception):
    """The server says no and nothing has changed.

    ``code`` is the game's error code, ``data`` the machine-readable detail of the error envelope.
    """

    def __init__(self, code: int, message: str, data: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = int(code)
        self.message = message
        self.data = data

    @property
    def status(self) -> int:
        """The HTTP status this refusal travels under."""
        return http_status(self.code)


def unprocessable(issue: str, path: Sequence[str | int], message: str) -> Refusal:
    """The refusal (3001) of input that is malformed at ``path``, with one issue in ``data.zodIssues``."""
    where = ".".join(str(step) for step in path) or "body"
    return Refusal(
        ErrorCode.UNPROCESSABLE_INPUT,
        f"Request could not be processed: {where}: {message}.",
        {"zodIssues": [{"code": issue, "path": list(path), "message": message}]},
    )


def not_found(kind: str, symbol: str) -> Refusal:
    """The refusal for a resource nobody knows, e.g. ``not_found("Ship", "AGENT-9")``."""
    return Refusal(NOT_FOUND, f"{kind} {symbol} not found.")
