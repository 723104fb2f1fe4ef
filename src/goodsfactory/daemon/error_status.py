"""How errors of the domain look on the wire: one status code, one machine code, one sentence."""

from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import grpc
import grpc.aio
import structlog

from goodsfactory.domain.errors import (
    CannotEver,
    Conflict,
    Fenced,
    GoodsFactoryError,
    IllegalTransition,
    NotFound,
    Refused,
    SpendRefused,
    StaleToken,
    Unavailable,
    UserError,
)
from goodsfactory.domain.recipes import MalformedRecipes
from goodsfactory.planning.objections import ObjectionKind

ERROR_CODE = "error-code"
"""The key of the trailing metadata that carries the machine code."""

EXPLAINED: tuple[type[Exception], ...] = (GoodsFactoryError, MalformedRecipes)
"""Errors that bring a sentence for people; anything else is a bug."""

_USER_STATUS = {
    "not-found": grpc.StatusCode.NOT_FOUND,
    "invalid": grpc.StatusCode.INVALID_ARGUMENT,
    "exists": grpc.StatusCode.ALREADY_EXISTS,
    "precondition": grpc.StatusCode.FAILED_PRECONDITION,
    "forbidden": grpc.StatusCode.PERMISSION_DENIED,
    "needs-confirmation": grpc.StatusCode.FAILED_PRECONDITION,
    **{kind.value: grpc.StatusCode.FAILED_PRECONDITION for kind in ObjectionKind},
}


class WireError(NamedTuple):
    """What a client is told."""

    status: grpc.StatusCode
    code: str
    """stable, for machines: docs/reference/json.md lists them"""
    message: str


class Stopping(GoodsFactoryError):
    """The daemon is going down. Ask again once it runs."""


def wire_error(error: Exception) -> WireError:
    """Say an error so that a client can act on it; of a bug only its kind is told."""
    message = str(error)
    match error:
        case UserError():
            return WireError(_USER_STATUS[error.kind], error.kind, message)
        case StaleToken():
            return WireError(grpc.StatusCode.UNAUTHENTICATED, "stale-token", message)
        case NotFound():
            return WireError(grpc.StatusCode.NOT_FOUND, f"game-{error.code}", message)
        case Refused():
            return WireError(grpc.StatusCode.FAILED_PRECONDITION, f"game-{error.code}", message)
        case Unavailable():
            return WireError(grpc.StatusCode.UNAVAILABLE, "game-unavailable", message)
        case Fenced():
            return WireError(grpc.StatusCode.ABORTED, "fenced", message)
        case Conflict():
            return WireError(grpc.StatusCode.ABORTED, "conflict", message)
        case SpendRefused():
            return WireError(grpc.StatusCode.FAILED_PRECONDITION, f"spend-{error.rule}", message)
        case IllegalTransition():
            return WireError(grpc.StatusCode.FAILED_PRECONDITION, "illegal-transition", message)
        case CannotEver():
            return WireError(grpc.StatusCode.FAILED_PRECONDITION, "cannot-ever", message)
        case MalformedRecipes():
            return WireError(grpc.StatusCode.FAILED_PRECONDITION, "malformed-recipes", message)
        case Stopping():
            return WireError(grpc.StatusCode.UNAVAILABLE, "stopping", message)
        case _:
            kind = type(error).__name__
            told = f"The daemon met a bug ({kind}); its log has the details."
            return WireError(grpc.StatusCode.INTERNAL, "bug", told)


if TYPE_CHECKING:
    _Interceptor = grpc.aio.ServerInterceptor[Any, Any]
else:
    # Generic in its published types alone.
    _Interceptor = grpc.aio.ServerInterceptor


class ErrorStatus(_Interceptor):
    """Turns every exception of a servicer into a status; no traceback ever reaches a client."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                _answering(handler.unary_unary, method),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                _streaming(handler.unary_stream, method),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        return handler


def _answering(behaviour: Callable[[Any, Any], Awaitable[Any]], method: str) -> Callable[[Any, Any], Any]:
    async def answer(request: Any, context: Any) -> Any:
        async with _Telling(context, method, request):
            return await behaviour(request, context)

    return answer


def _streaming(
    behaviour: Callable[[Any, Any], AsyncIterator[Any]], method: str
) -> Callable[[Any, Any], AsyncIterator[Any]]:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        async with _Telling(context, method, request):
            async for answer in behaviour(request, context):
                yield answer

    return stream


class _Telling:
    """Ends a call whose body raised with the status of its error; a cancelled call stays cancelled."""

    def __init__(self, context: Any, method: str, request: Any) -> None:
        self._context = context
        self._asked = {"method": method, "agent": getattr(request, "agent_symbol", "")}

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, grpc.aio.AbortError):
            return
        told = wire_error(error)
        if told.code == "bug":
            structlog.stdlib.get_logger(__name__).error("rpc_bug", **self._asked, exc_info=error)
        await self._context.abort(told.status, told.message, ((ERROR_CODE, told.code),))
