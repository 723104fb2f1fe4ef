"""A pytest plugin: the fixture ``spacetraders_sandbox`` gives a test a fresh universe of its own.

Installed with the package (entry point ``pytest11``). What it needs is imported when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from goodsfactory.sandbox.operator import Operator

_MARKER = "spacetraders_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, so that strict markers allow it."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(seed, systems, speed, compress, scenario, universe, starting_credits, starting_fleet,"
        " rate_limit, rivals, accounts_required): what the universe of the fixture is made of.",
    )


@pytest.fixture
def spacetraders_sandbox(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """A sandbox with a universe of its own on a free port; it ends with the test.

    ``url`` is the base URL for the bot under test; ``register(symbol)`` returns a token; ``fault``, ``jump``,
    ``books`` and ``reset`` are the operator's (:class:`goodsfactory.sandbox.operator.Operator`). The marker
    of the same name takes what :class:`goodsfactory.sandbox.opening.Choices` does, names and paths as text:
    ``@pytest.mark.spacetraders_sandbox(seed=7, rate_limit=False)``.
    """
    from goodsfactory.adapters.clocks import time_source
    from goodsfactory.sandbox.in_thread import served_in_thread
    from goodsfactory.sandbox.opening import Choices, open_sandbox
    from goodsfactory.sandbox.operator import Operator
    from goodsfactory.sandbox.scenarios import Scenario

    try:
        words: dict[str, Any] = {}
        # The closest comes first, and has the last word.
        for marker in reversed([*request.node.iter_markers(_MARKER)]):
            if marker.args:
                raise TypeError(f"write what {marker.args[0]!r} is, such as seed=7")
            words |= marker.kwargs
        for name, kind in (("scenario", Scenario), ("universe", Path)):
            if name in words:
                words[name] = kind(words[name])
        choices = Choices(**words)
        clock = time_source(compress=choices.compress)
        app = open_sandbox(choices, real=clock.now, sleep=clock.sleep)
    except (TypeError, ValueError) as error:
        pytest.fail(f"@pytest.mark.{_MARKER}: {error}", pytrace=False)
    try:
        with served_in_thread(app) as url:
            yield Operator(url, accounts_required=choices.accounts_required)
    finally:
        app.close()
