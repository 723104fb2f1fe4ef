"""The engine that keeps containers alive: durable for a daemon, in process for simulation.

A body is a plain, idempotent coroutine: started again after a crash it re-reads the world and goes on. The
row in ``containers`` is the truth; the engine only makes bodies run for RUNNING rows. Its epoch is the right
to act: a body whose row has moved on to a newer epoch neither runs again nor ends the row.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from goodsfactory.domain.container import Container, ContainerType

Body = Callable[[Container], Awaitable[str | None]]
"""Runs one container; the return value is the sentence why it ended well.

It may raise ContainerFailed (ends FAILED). Any other exception is a bug: logged, and the body is started
again after a back-off. CancelledError must get out: it means stop or shutdown.
"""

OnLost = Callable[[Container, str], Awaitable[None]]
"""Called once a container ended FAILED, by its body or after too many crashes: (container, reason)."""


class ContainerFailed(Exception):
    """The container cannot do its work, and starting it again cannot help. The text is its exit reason."""


@dataclass(frozen=True)
class Recovery:
    """What a restart found: ``resumed`` containers run again, ``lost`` could not be started.

    ``waiting`` belong to players that cannot work now; they are resumed once these can.
    """

    resumed: int
    lost: int
    waiting: int = 0


class Engine(Protocol):
    def register(self, type_: ContainerType, body: Body, *, restarts: int | None) -> None:
        """Say what runs for a type. ``restarts`` bugs in a row end the container (None: never)."""
        ...

    def on_lost(self, callback: OnLost) -> None: ...

    async def start(self, container: Container) -> None:
        """Store the row (if new) and run its body. Starting a running container does nothing."""
        ...

    async def stop(self, container_id: str, *, reason: str) -> bool:
        """End it as STOPPED, free its ships, and return once its body is gone. False: it was not running."""
        ...

    def is_running(self, container_id: str) -> bool: ...

    def running(self, player_id: int | None = None) -> int:
        """How many containers run here, of one player or of all."""
        ...

    async def resume(self, player_ids: Collection[int] | None = None) -> Recovery:
        """Start every RUNNING or PENDING row, its ship claimed again first: at boot, or as a new owner.

        With ``player_ids`` only those of these players; the others are left waiting, and their ships alone.
        What runs here already is left alone. What another process ran is taken from it.
        """
        ...

    async def let_go(self, player_ids: Collection[int]) -> None:
        """Take the bodies of these players down and touch nothing else: another process owns them now.

        Rows stay RUNNING and ships claimed, and this process does not start them again unless ``resume``
        names their player. Returns once the bodies are gone.
        """
        ...

    async def shutdown(self) -> None:
        """Take every body down, free its ships, and leave the rows RUNNING for the next boot to resume."""
        ...
