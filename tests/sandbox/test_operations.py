"""One agent, playing over HTTP alone, reaches whatever the sandbox serves."""

import asyncio

import pytest
from tests.sandbox.operations import journey, official_operations
from tests.sandbox.shapes import misfits, named

from goodsfactory.sandbox.http.app import ENDPOINTS


@pytest.mark.parametrize("seed", [1, 2])
def test_a_journey_reaches_every_operation_with_success(seed: int) -> None:
    """The 59 of the document and the live ones it does not know; every answer has its declared shape."""
    done = asyncio.run(journey(seed))
    assert done.reached.keys() == {endpoint.name for endpoint in ENDPOINTS}
    assert len(official_operations()) == 59
    assert official_operations() <= done.reached.keys()
    assert done.misfits == []


def test_a_field_of_one_answer_is_unknown_in_another() -> None:
    """What servers add to routes, or to a chart, is no field of a refuelling or of a cargo."""
    cargo = {"capacity": 40, "units": 0, "inventory": []}
    assert [*misfits(cargo, named("ShipCargo"))] == []
    for field in ("departure", "transaction", "modifiers"):
        assert [*misfits({**cargo, field: 1}, named("ShipCargo"))] == [f"$: {field} is unknown"]
