"""A sandbox in a thread: it serves, or says why it cannot; nobody waits for an address that never comes."""

from collections.abc import Iterator
from typing import cast

import pytest

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.sandbox.http.app import SandboxApp
from goodsfactory.sandbox.in_thread import served_in_thread
from goodsfactory.sandbox.opening import Choices, open_sandbox


@pytest.fixture
def app() -> Iterator[SandboxApp]:
    clock = ScaledClock()
    opened = open_sandbox(Choices(), real=clock.now, sleep=clock.sleep)
    yield opened
    opened.close()


def test_a_port_that_does_not_exist_is_one_sentence(app: SandboxApp) -> None:
    """As for one that is taken."""
    with pytest.raises(OSError, match="Choose another port"), served_in_thread(app, port=70_000):
        pass


def test_whatever_keeps_the_server_from_starting_is_told(app: SandboxApp) -> None:
    """A mistake in a call ends the wait for the address, too."""
    with pytest.raises(TypeError), served_in_thread(app, port=cast(int, "many")):
        pass
