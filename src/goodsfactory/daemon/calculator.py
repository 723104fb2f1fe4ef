"""Where the daemon does what takes processor time."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar, cast

Result = TypeVar("Result")


class Calculator:
    """Threads for what takes processor time, one at a time; the end of the program does not wait for them.

    The loop's own threads are DBOS's, and those of an executor would be waited for.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def __call__(self, work: Callable[[], Result]) -> Result:
        async with self._turn:
            loop = asyncio.get_running_loop()
            done: asyncio.Future[Result] = loop.create_future()

            def tell(result: Result | None, trouble: Exception | None) -> None:
                if done.cancelled():
                    return
                if trouble is not None:
                    done.set_exception(trouble)
                else:
                    done.set_result(cast("Result", result))

            def calculate() -> None:
                result, trouble = None, None
                try:
                    result = work()
                except Exception as raised:  # noqa: BLE001 - whoever awaits it is told
                    trouble = raised
                with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                    loop.call_soon_threadsafe(tell, result, trouble)

            threading.Thread(target=calculate, name="calculator", daemon=True).start()
            return await done


class Inline:
    """In virtual time nothing else could happen meanwhile."""

    async def __call__(self, work: Callable[[], Result]) -> Result:
        return work()
