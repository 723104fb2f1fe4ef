"""How many workers flew at the same time, counted from the events."""

from goodsfactory.domain.container import ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.store import Transaction

_PAGE = 1_000


class Parallelism:
    """Reads each event once, however often it is asked."""

    def __init__(self, after_seq: int = 0) -> None:
        self._seq = after_seq
        self._flying: set[str] = set()
        self._most = 0

    def most(self, tx: Transaction) -> int:
        """The largest number of workers that ran at once since ``after_seq``."""
        while events := tx.events.after(self._seq, limit=_PAGE):
            for event in events:
                self._seq = event.seq
                if event.container_id is None or event.data.get("type") != ContainerType.WORKER:
                    continue
                if event.kind is EventKind.CONTAINER_STARTED:
                    self._flying.add(event.container_id)
                elif event.kind is EventKind.CONTAINER_ENDED:
                    self._flying.discard(event.container_id)
                self._most = max(self._most, len(self._flying))
        return self._most
