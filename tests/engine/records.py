"""What DBOS has written down, read without DBOS."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool
from tests.patience import patience


@dataclass(frozen=True)
class Records:
    """``database`` is the one of the store beside which, or in which, the workflows are."""

    database: str

    def statuses(self) -> dict[str, str]:
        """Workflow id → status."""
        return self._by_id("status")

    def owners(self) -> dict[str, str]:
        """Workflow id → node."""
        return {
            row[0]: row[1] for row in self._rows("SELECT workflow_uuid, executor_id FROM workflow_status")
        }

    def attempts(self) -> dict[str, int]:
        """Workflow id → how often it was run."""
        return {name: int(times) for name, times in self._by_id("recovery_attempts").items()}

    def inputs(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT inputs FROM workflow_input")]

    def outputs(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT output FROM workflow_output")]

    def steps(self) -> int:
        return len(self._rows("SELECT 1 FROM operation_outputs"))

    def write(self, *statements: str) -> None:
        """Change what is written down, as something else would have done."""
        with self._engine().begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    async def until(self, statuses: dict[str, str]) -> None:
        """Wait until these, and no others, are the workflows."""
        for _ in range(int(patience(200))):
            if self.statuses() == statuses:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.statuses()} never became {statuses}")

    async def has_run_again(self, times: int = 2) -> None:
        """Wait until DBOS has brought every workflow back that is not over."""
        for _ in range(int(patience(400))):
            rows = self._rows("SELECT status, recovery_attempts FROM workflow_status")
            if all(attempts >= times for status, attempts in rows if status in ("PENDING", "ENQUEUED")):
                await asyncio.sleep(0.1)  # it is recorded before the body gets to see it
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.statuses()} did not come back")

    def _by_id(self, column: str) -> dict[str, str]:
        rows = self._rows(f"SELECT workflow_uuid, {column} FROM workflow_status")
        return {row[0]: row[1] for row in rows}

    def _rows(self, query: str) -> list[Any]:
        engine = self._engine()
        with engine.connect() as connection:
            return list(connection.execute(text(query)))

    def _engine(self) -> Engine:
        if "://" in self.database:
            url = make_url(self.database)
            return create_engine(url, poolclass=NullPool, connect_args={"options": "-c search_path=dbos"})
        path = Path(self.database)
        return create_engine(f"sqlite:///{path.with_name(path.stem + '-engine.sqlite')}", poolclass=NullPool)
