"""What runs for each type of container."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from goodsfactory.adapters.engine.container_rows import ContainerRows
from goodsfactory.adapters.engine.life import Kind, Life
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, ContainerFailed, OnLost


@dataclass
class Unfinished:
    """Rows that nobody ends: to be resumed, without a body of their type, or of other players."""

    ready: list[Container] = field(default_factory=list)
    lost: list[Container] = field(default_factory=list)
    waiting: list[Container] = field(default_factory=list)


class Kinds:
    """The registered types, and who hears of containers that are lost."""

    def __init__(self, rows: ContainerRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._kinds: dict[ContainerType, Kind] = {}
        self._on_lost: list[OnLost] = []

    def register(self, type_: ContainerType, body: Body, *, restarts: int | None) -> None:
        self._kinds[type_] = Kind(body, restarts)

    def on_lost(self, callback: OnLost) -> None:
        self._on_lost.append(callback)

    def require(self, type_: ContainerType) -> None:
        """Raises ContainerFailed for a type that was not registered."""
        if type_ not in self._kinds:
            raise ContainerFailed(f"No body is registered for containers of type {type_}.")

    def life(self, row: Container) -> Life:
        return Life(row, self._kinds[row.type], self._rows, self._clock, self._on_lost)

    def sort(
        self,
        unfinished: Iterable[Container],
        player_ids: Collection[int] | None,
        is_running: Callable[[str], bool],
    ) -> Unfinished:
        """Leave out what runs, and sort the rest."""
        found = Unfinished()
        for row in unfinished:
            if is_running(row.id):
                continue
            if player_ids is not None and row.player_id not in player_ids:
                found.waiting.append(row)
            elif row.type in self._kinds:
                found.ready.append(row)
            else:
                found.lost.append(row)
        return found
