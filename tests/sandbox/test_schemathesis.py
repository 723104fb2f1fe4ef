"""The whole official document, thrown at the sandbox by a fuzzer that knows nothing of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.recorded import official_document
from tests.sandbox.conftest import Clock
from tests.sandbox.shapes import LEFTOVERS

from goodsfactory.sandbox.http.app import ENDPOINTS, create_app
from goodsfactory.sandbox.http.bodies import Nothing
from goodsfactory.sandbox.world import World

LIVE_ONLY = {"GET /error-codes", "GET /my/account", "GET /my/agent/events", "GET /my/factions"}
"""Paths the game serves but the document does not know (api-facts §18)."""
LABELS = sorted({endpoint.name for endpoint in ENDPOINTS} - LIVE_ONLY)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

REAL: dict[str, list[Any]] = {
    "systemSymbol": ["X1-TINY", "X1-FAR"],
    "waypointSymbol": [f"X1-TINY-{name}" for name in ("A1", "A2", "B3", "C4", "D5")],
    "shipSymbol": ["TESTER-1", "TESTER-2", "TESTER-3", "RIVAL-1"],
    "agentSymbol": ["TESTER"],
    "factionSymbol": ["COSMIC"],
    "symbol": ["IRON", "FUEL", "IRON_ORE", "MOUNT_TURRET_I", "MODULE_CARGO_HOLD_I"],
    "tradeSymbol": ["IRON", "FUEL", "FAB_MATS"],
    "units": [1, 2, 10],
}


def read_document() -> Any:
    """The official document without what no server keeps to, and with the error envelope declared."""
    document = official_document()
    for name, leftovers in LEFTOVERS.items():
        schema = document["components"]["schemas"][name]
        schema["required"] = [field for field in schema["required"] if field not in leftovers]
    # The newer server asks for no address of mail and looks at none (api-facts §14.1).
    form = document["paths"]["/register"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    del form["properties"]["email"]
    # A faction that does not recruit has an empty one.
    del document["components"]["schemas"]["Faction"]["properties"]["headquarters"]["minLength"]
    error = {
        "type": "object",
        "required": ["message", "code", "requestId"],
        "properties": {"message": {"type": "string", "minLength": 1}, "code": {"type": "integer"}},
    }
    envelope = {"type": "object", "required": ["error"], "properties": {"error": error}}
    refusal = {"description": "Refused", "content": {"application/json": {"schema": envelope}}}
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in ("get", "post", "patch"):
                operation["responses"]["4XX"] = refusal
    return document


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document as the fuzzer reads it."""
    return schemathesis.openapi.from_dict(read_document())


def test_every_operation_of_the_document_is_served(schema: Any) -> None:
    """The sandbox serves the 59 operations of the document, and the live paths it does not know."""
    document = read_document()
    official = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
        if method in ("get", "post", "patch")
    }
    assert len(official) == 59
    assert official == set(LABELS)
    assert {endpoint.name for endpoint in ENDPOINTS} >= LIVE_ONLY


def make_real(draw: Any, fields: Any, chance: Any) -> None:
    """Replace some invented symbols and counts by some that exist."""
    for name in fields if isinstance(fields, dict) else ():
        if name in REAL and draw(chance):
            fields[name] = draw(st.sampled_from(REAL[name]))


def requests_of_each_kind() -> Iterator[Any]:
    """Well-formed requests for every operation, and malformed ones for those that read a body."""
    bodies = {endpoint.name for endpoint in ENDPOINTS if endpoint.body not in (None, Nothing)}
    for label in LABELS:
        yield pytest.param(label, GenerationMode.POSITIVE, id=f"{label} well-formed")
        if label in bodies:
            yield pytest.param(label, GenerationMode.NEGATIVE, id=f"{label} malformed")


@pytest.mark.parametrize(("label", "mode"), list(requests_of_each_kind()))
def test_whatever_is_asked_the_answer_has_its_declared_shape(
    schema: Any, new_world: Callable[..., World], clock: Clock, label: Any, mode: Any
) -> None:
    """No request, well formed or not, gets a 5xx, an undeclared status or an answer against its schema."""
    method, _, path = label.partition(" ")
    operation = schema[path][method]
    world = new_world(clock, starting_fleet=["SHIP_LIGHT_HAULER"], starting_credits=10_000_000)
    token = world.register("TESTER", "COSMIC").token
    world.register("RIVAL", "COSMIC")
    contract = world.contracts.of(world.agents.find("TESTER"), world.now())[0].id
    headers = {} if label == "POST /register" else {"Authorization": f"Bearer {token}"}
    app = create_app(world, rate_limit=False)
    answered = set()

    @settings(
        max_examples=8 if mode is GenerationMode.POSITIVE else 5,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        make_real(data.draw, case.path_parameters, st.sampled_from([True, True, True, False]))
        if "contractId" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters["contractId"] = contract
        if mode is GenerationMode.POSITIVE:
            make_real(data.draw, case.body, st.booleans())
        clock.now += timedelta(seconds=200)
        response = case.call(base_url="http://sandbox/v2", headers=headers, app=app)
        answered.add(response.status_code)
        case.validate_response(response, checks=CHECKS, headers=headers)

    ask()
    assert answered
