"""Scenarios: in what state the markets of a sandbox begin."""

from __future__ import annotations

from enum import StrEnum


class Scenario(StrEnum):
    """The state of the home system's markets at the epoch.

    ``YOUNG``: as drawn at a reset (economy.md §11.9): exports rested, imports hungry, nothing traded yet.
    ``DRAINED``: exports of manufactured goods are SCARCE or LIMITED and so are all imports, as after a greedy
    fleet; a factory must be fed and waited for. Exchanges, raw exports and FUEL stay as in ``YOUNG``.
    """

    YOUNG = "young"
    DRAINED = "drained"
