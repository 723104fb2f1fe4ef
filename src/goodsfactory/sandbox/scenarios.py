"""Scenarios: in what state the markets of a sandbox begin."""

from __future__ import annotations

from enum import StrEnum


class Scenario(StrEnum):
    """The state of the home systems' markets at the epoch; markets elsewhere begin ``YOUNG``.

    ``YOUNG``: as drawn at a reset (economy.md §11.9): exports rested, imports hungry, nothing traded yet.
    ``DRAINED``: exports of manufactured goods are SCARCE or LIMITED and so are all imports, as after a greedy
    fleet; a factory must be fed and waited for. Exchanges, raw exports and FUEL stay as in ``YOUNG``.
    ``DEVELOPED``: as a heavy bot leaves a system it has worked for weeks (economy.md §8.5): trade volumes
    grown up to 111, exports spread from SCARCE to ABUNDANT, imports mostly SCARCE.
    """

    YOUNG = "young"
    DRAINED = "drained"
    DEVELOPED = "developed"
