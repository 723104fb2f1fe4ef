"""DBOS at our service: one workflow per container and generation. The only module that knows DBOS."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowSerializationFormat
from dbos import error as dbos_error
from sqlalchemy.exc import SQLAlchemyError

from goodsfactory.adapters.engine.dbos_words import DbosWords
from goodsfactory.adapters.engine.system_database import SystemDatabase
from goodsfactory.domain.errors import Bug, Conflict, Unavailable

_NAME = "container"
_GENERATION = "1"
"""Part of the version that DBOS compares before it runs a workflow again: it changes only on purpose."""

_LIVING = ["PENDING", "ENQUEUED", "DELAYED"]
_OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_BATCH = 500

# DBOS keeps its state in the module: a second engine would quietly work on the database of the first.
_ONE_PER_PROCESS = threading.Lock()

_Result = TypeVar("_Result")


class IdInUse(Conflict):
    """A workflow of this id has run already: it never runs again. Take another generation."""


@dataclass(frozen=True)
class Left:
    """A workflow that is not over, and whether it belongs to this node."""

    id: str
    container_id: str
    is_ours: bool

    @property
    def generation(self) -> int:
        return int(self.id.rpartition(":")[2])


def workflow_id(container_id: str, generation: int) -> str:
    return f"{container_id}:{generation}"


class Workflows:
    """The workflows of one node. Its methods raise Unavailable where the system database does not answer.

    None may be called inside of a workflow: it would be recorded as a step of that one.
    """

    def __init__(self, database: SystemDatabase, node_id: str) -> None:
        self._database = database
        self._node_id = node_id
        self._sayings = DbosWords()
        self._workflow: Callable[[str], Coroutine[Any, Any, None]] | None = None
        self._destroyer: ThreadPoolExecutor | None = None

    def open(self, host: Callable[[str, str], Awaitable[None]]) -> None:
        """Launch DBOS in the running loop; ``host`` runs as the body of (container id, workflow id).

        It takes up to a second or two in which the loop stands still. Raises UserError where the database
        cannot be used and Bug where another engine runs in this process.
        """
        self._database.prepare()
        if not _ONE_PER_PROCESS.acquire(blocking=False):
            raise Bug("Another durable engine runs in this process: shut it down first.")
        self._destroyer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dbos-destroyer")
        self._sayings.install()
        try:
            self._launch(host)
        except (dbos_error.DBOSException, SQLAlchemyError, OSError) as error:
            self._destroy()
            self._release()
            raise self._database.refused(error) from error
        self._sayings.muted = False

    def _launch(self, host: Callable[[str, str], Awaitable[None]]) -> None:
        # DBOS hands recovered workflows to whichever process of the same application asks first: each node
        # is an application of its own, so that what it ran comes back to it and to nobody else.
        application = f"goodsfactory-{hashlib.sha256(self._node_id.encode()).hexdigest()[:16]}"
        config = DBOSConfig(
            name=application,
            application_version=f"{application}-{_GENERATION}",
            executor_id=self._node_id,
            system_database_url=self._database.url,
            system_database_engine=self._database.engine,
            max_executor_threads=16,
            notification_listener_polling_interval_sec=0.1,
            log_level="WARNING",
        )
        DBOS(config=config)

        async def container(container_id: str) -> None:
            await host(container_id, str(DBOS.workflow_id))

        # Only the id is kept, as JSON: nothing is ever unpickled, and no change of code matters to it.
        mark = DBOS.workflow(
            name=_NAME, max_recovery_attempts=None, serialization_type=WorkflowSerializationFormat.PORTABLE
        )
        self._workflow = mark(container)
        DBOS.launch()

    async def start(self, container_id: str, generation: int) -> None:
        """Run the body for it. Raises IdInUse where this generation was started before."""
        workflow = self._workflow
        assert workflow is not None

        async def begin() -> None:
            with SetWorkflowID(workflow_id(container_id, generation), workflow_id_reuse_policy="reject"):
                await DBOS.start_workflow_async(workflow, container_id)

        await _asked(begin())

    async def left(self) -> list[Left]:
        """The workflows of all nodes that are not over."""
        found = await _asked(
            DBOS.list_workflows_async(
                name=_NAME, status=_LIVING, application_name=[], load_input=False, load_output=False
            )
        )
        return [
            Left(one.workflow_id, one.workflow_id.rpartition(":")[0], one.executor_id == self._node_id)
            for one in found
        ]

    async def cancel(self, ids: Collection[str]) -> None:
        """Let nobody run them again. A body that runs is not touched."""
        if ids:
            await _asked(DBOS.cancel_workflows_async(list(ids)))

    async def forget_ended(self) -> int:
        """Delete what is over, of all nodes: the rows of the containers say how each ended."""
        forgotten = 0
        while True:
            found = await _asked(
                DBOS.list_workflows_async(
                    name=_NAME,
                    status=_OVER,
                    application_name=[],
                    load_input=False,
                    load_output=False,
                    limit=_BATCH,
                )
            )
            if found:
                await _asked(DBOS.delete_workflows_async([one.workflow_id for one in found]))
            forgotten += len(found)
            if len(found) < _BATCH:
                return forgotten

    def hush(self) -> None:
        """Let nobody hear what DBOS complains of from now on: its workflows are cancelled on purpose."""
        self._sayings.muted = True

    async def close(self) -> None:
        """Take DBOS down, after the bodies, and give the loop a pool of threads that works again."""
        if self._destroyer is None:
            return
        loop = asyncio.get_running_loop()
        # Not on the loop: DBOS waits for threads of its own that may be waiting for the loop.
        await loop.run_in_executor(self._destroyer, self._destroy)
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        self._release()

    def _destroy(self) -> None:
        DBOS.destroy(destroy_registry=True)
        self._database.close()

    def _release(self) -> None:
        assert self._destroyer is not None
        self._destroyer.shutdown(wait=False)
        self._destroyer = None
        self._sayings.remove()
        _ONE_PER_PROCESS.release()


async def _asked(work: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        return await work
    except dbos_error.DBOSWorkflowIDInUseError as error:
        raise IdInUse(str(error)) from error
    except (SQLAlchemyError, dbos_error.DBOSException) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise Unavailable(f"The engine's database does not answer ({reason}).") from error
