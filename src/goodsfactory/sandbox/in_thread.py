"""A sandbox that is served beside what runs in this process, from a thread of its own."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread

from goodsfactory.sandbox.http.app import SandboxApp
from goodsfactory.sandbox.serve import serve


@contextmanager
def served_in_thread(app: SandboxApp, *, port: int = 0) -> Iterator[str]:
    """Serve on loopback and yield the base URL; the server has ended when the context has.

    From another thread the world behind ``app`` may be asked over HTTP only. Raises what :func:`serve` does.
    """
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    address: Future[str] = Future()

    def run() -> None:
        try:
            loop.run_until_complete(serve(app, port=port, started=address.set_result, stop=stop))
        except Exception as error:
            # Whoever waits for the address is told, whatever it is; later the thread itself says it.
            if address.done():
                raise
            address.set_exception(error)
        finally:
            loop.close()

    thread = Thread(target=run, name="sandbox", daemon=True)
    thread.start()
    url = address.result()
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
