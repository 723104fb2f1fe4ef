"""What takes processor time runs beside the loop."""

import asyncio
import threading

import pytest
from tests.patience import patience

from goodsfactory.daemon.calculator import Calculator


def test_the_loop_goes_on_meanwhile() -> None:
    """A calculation that waits for the loop would never end if the loop waited for it."""

    async def story() -> str:
        go_on = threading.Event()
        calculator = Calculator()
        working = asyncio.create_task(calculator(lambda: "done" if go_on.wait(patience(10)) else "stuck"))
        await asyncio.sleep(0)
        go_on.set()
        return await working

    assert asyncio.run(story()) == "done"


def test_a_failure_reaches_whoever_asked() -> None:
    """The exception of a calculation is raised where it is awaited."""

    def fails() -> None:
        raise ValueError("no such market")

    async def story() -> None:
        await Calculator()(fails)

    with pytest.raises(ValueError, match="no such market"):
        asyncio.run(story())


def test_the_end_does_not_wait_for_a_calculation() -> None:
    """Who stops the program is not kept waiting; what was calculated is dropped."""
    release = threading.Event()

    async def story() -> None:
        working = asyncio.create_task(Calculator()(lambda: release.wait(patience(10))))
        await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    asyncio.run(story())
    assert not release.is_set()
    release.set()
