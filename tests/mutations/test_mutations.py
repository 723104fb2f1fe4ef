"""Whatever a server says instead of sense, the daemon lives, spends once, and goes on with sane answers."""

import logging

import pytest
from tests.mutations.run import one_life

MUTATIONS = 700
"""In one life; the lives together make 2,100."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nonsense_ends_nothing_and_nothing_is_bought_twice(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    """700 harmed answers while an agent does all it can: in the end each credit, ship and factory is there.

    No body crashed, no factory ended but COMPLETED, the ledger is the balance without a correction, and while
    markets told nonsense whoever asked was told so. ``python -m tests.mutations.run`` does more of them.
    """
    caplog.set_level(logging.CRITICAL)
    findings, line = one_life(seed, MUTATIONS)
    assert findings.complaints() == []
    assert line.mutations >= MUTATIONS
    assert len(line.pairs) >= 40
    assert findings.factories >= 3
    assert findings.purchases >= 10
