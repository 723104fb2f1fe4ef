"""Errors on the wire: a status, a machine code, a sentence, and nothing of the inside."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from goodsfactory.daemon.error_status import ErrorStatus, Stopping, wire_error
from goodsfactory.daemon.log import open_log
from goodsfactory.domain.errors import (
    Bug,
    CannotEver,
    Conflict,
    Fenced,
    IllegalTransition,
    NotFound,
    Refused,
    SpendRefused,
    SpendRule,
    StaleToken,
    Unavailable,
    UserError,
)
from goodsfactory.domain.recipes import MalformedRecipes

CASES = [
    (UserError("No.", kind="not-found"), "NOT_FOUND", "not-found", "No."),
    (UserError("No."), "INVALID_ARGUMENT", "invalid", "No."),
    (UserError("No.", kind="exists"), "ALREADY_EXISTS", "exists", "No."),
    (UserError("No.", kind="precondition"), "FAILED_PRECONDITION", "precondition", "No."),
    (UserError("No.", kind="forbidden"), "PERMISSION_DENIED", "forbidden", "No."),
    (Refused("Poor.", code=4600), "FAILED_PRECONDITION", "game-4600", "Poor. (code 4600)"),
    (NotFound("Gone.", code=404, status=404), "NOT_FOUND", "game-404", "Gone. (code 404)"),
    (StaleToken("Old.", code=4113, status=401), "UNAUTHENTICATED", "stale-token", "Old. (code 4113)"),
    (Unavailable("Rests."), "UNAVAILABLE", "game-unavailable", "Rests."),
    (Conflict("Changed."), "ABORTED", "conflict", "Changed."),
    (Fenced("Replaced."), "ABORTED", "fenced", "Replaced."),
    (SpendRefused("Dear.", rule=SpendRule.CEILING), "FAILED_PRECONDITION", "spend-ceiling", "Dear."),
    (IllegalTransition("Over."), "FAILED_PRECONDITION", "illegal-transition", "Over."),
    (CannotEver("Never."), "FAILED_PRECONDITION", "cannot-ever", "Never."),
    (MalformedRecipes("Bad."), "FAILED_PRECONDITION", "malformed-recipes", "Bad."),
    (Stopping("Ends."), "UNAVAILABLE", "stopping", "Ends."),
]
SECRET = "the token is eyJ"


def _SAME(message: bytes) -> bytes:
    return message


BUG = "The daemon met a bug (KeyError); its log has the details."


def handlers() -> "grpc.GenericRpcHandler[Any, Any]":
    """A service whose calls end as their request says."""

    async def answer(request: bytes, context: Any) -> bytes:
        raise _raised(request)

    async def stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield b"one"
        raise _raised(request)

    async def aborting(request: bytes, context: Any) -> None:
        await context.abort(grpc.StatusCode.DATA_LOSS, "as the servicer says")

    return grpc.method_handlers_generic_handler(
        "trial.Trial",
        {
            "Answer": grpc.unary_unary_rpc_method_handler(answer),
            "Stream": grpc.unary_stream_rpc_method_handler(stream),
            "Abort": grpc.unary_unary_rpc_method_handler(aborting),
        },
    )


def _raised(request: bytes) -> Exception:
    return KeyError(SECRET) if request == b"bug" else UserError("There is none.", kind="not-found")


@asynccontextmanager
async def trial() -> AsyncIterator[grpc.aio.Channel]:
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:{Path(folder) / 's'}"
        server = grpc.aio.server(interceptors=[ErrorStatus()])
        server.add_generic_rpc_handlers((handlers(),))
        server.add_insecure_port(address)
        await server.start()
        try:
            async with grpc.aio.insecure_channel(address) as channel:
                yield channel
        finally:
            await server.stop(None)


def ended(method: str, request: bytes) -> tuple[str, str | None, str, list[bytes]]:
    """Status, machine code, message and what was received before the end."""

    async def call() -> tuple[str, str | None, str, list[bytes]]:
        received: list[bytes] = []
        path = f"/trial.Trial/{method}"
        async with trial() as channel:
            try:
                if method == "Stream":
                    async for one in channel.unary_stream(path, _SAME, _SAME)(request):
                        received.append(one)
                else:
                    received.append(await channel.unary_unary(path, _SAME, _SAME)(request))
            except grpc.aio.AioRpcError as error:
                codes: dict[str, Any] = dict(error.trailing_metadata())  # type: ignore[arg-type]
                return error.code().name, codes.get("error-code"), error.details() or "", received
        raise AssertionError("the call did not fail")

    return asyncio.run(call())


@pytest.mark.parametrize(("error", "status", "code", "message"), CASES, ids=[case[2] for case in CASES])
def test_every_error_of_the_domain_has_a_status_and_a_machine_code(
    error: Exception, status: str, code: str, message: str
) -> None:
    """Clients tell by the code what to do, people by the sentence."""
    told = wire_error(error)
    assert (told.status.name, told.code, told.message) == (status, code, message)


@pytest.mark.parametrize("error", [Bug("ids: 7, 8"), KeyError(SECRET), RuntimeError(SECRET)])
def test_a_bug_tells_its_kind_and_nothing_else(error: Exception) -> None:
    """What stands in an unexpected exception may be anything, so none of it leaves the process."""
    told = wire_error(error)
    assert (told.status.name, told.code) == ("INTERNAL", "bug")
    assert told.message == f"The daemon met a bug ({type(error).__name__}); its log has the details."


def test_a_refused_call_carries_its_code_in_the_trailing_metadata() -> None:
    """error-code stands beside the status."""
    assert ended("Answer", b"") == ("NOT_FOUND", "not-found", "There is none.", [])


def test_a_stream_that_breaks_keeps_what_was_said_before() -> None:
    """A stream ends with the same status as a call would."""
    assert ended("Stream", b"") == ("NOT_FOUND", "not-found", "There is none.", [b"one"])


def test_a_bug_inside_a_call_shows_no_traceback_and_is_logged() -> None:
    """The client gets a sentence, the daemon's log the details."""
    stream = StringIO()
    with open_log(stream, level="INFO", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)):
        assert ended("Answer", b"bug") == ("INTERNAL", "bug", BUG, [])
    logged = stream.getvalue()
    assert "rpc_bug" in logged
    assert "/trial.Trial/Answer" in logged
    assert "KeyError" in logged


def test_a_bug_inside_a_stream_shows_no_traceback() -> None:
    """Streams are guarded as calls are."""
    assert ended("Stream", b"bug") == ("INTERNAL", "bug", BUG, [b"one"])


def test_a_status_that_a_servicer_chose_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """An abort is a decision, neither an error to explain nor a bug to log."""
    assert ended("Abort", b"") == ("DATA_LOSS", None, "as the servicer says", [])
    assert "rpc_bug" not in "".join(capsys.readouterr())


def test_an_unknown_method_is_unimplemented() -> None:
    """The interceptor lets gRPC answer for calls that nobody serves."""
    assert ended("Nothing", b"")[0] == "UNIMPLEMENTED"
