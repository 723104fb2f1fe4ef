"""Where the factories of one player tell each other what they still want.

It is kept in memory: all coordinators of a player live in one process, and each of them tells anew with
every pass. After a start the board fills again with their first passes.
"""

from collections.abc import Iterable

from goodsfactory.planning.neighbours import Want


class NoticeBoard:
    """What each factory wants, by its id."""

    def __init__(self) -> None:
        self._wants: dict[str, tuple[Want, ...]] = {}

    def post(self, factory_id: str, wants: Iterable[Want]) -> None:
        """This is what the factory wants now; what it told before no longer counts."""
        self._wants[factory_id] = tuple(wants)

    def take_down(self, factory_id: str) -> None:
        """The factory wants nothing any more."""
        self._wants.pop(factory_id, None)

    def others(self, factory_id: str) -> tuple[Want, ...]:
        """What all the other factories want."""
        return tuple(
            want for name, wants in sorted(self._wants.items()) if name != factory_id for want in wants
        )
