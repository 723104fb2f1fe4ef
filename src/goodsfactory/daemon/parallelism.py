"""How many workers fly at the same time, counted as they begin and end."""

from collections.abc import Iterator
from contextlib import contextmanager


class Parallelism:
    """``most`` is the largest number of workers that ran at once since this was made."""

    def __init__(self) -> None:
        self._flying = 0
        self.most = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """A worker runs inside."""
        self._flying += 1
        self.most = max(self.most, self._flying)
        try:
            yield
        finally:
            self._flying -= 1
