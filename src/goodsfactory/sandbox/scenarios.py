"""Scenarios: in what state the markets of a sandbox begin."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from goodsfactory.sandbox.parameters import USUAL, EconomyParameters


class Scenario(StrEnum):
    """The state of the home systems' markets at the epoch; markets elsewhere begin ``YOUNG``.

    ``YOUNG``: as drawn at a reset (economy.md §11.9): exports rested, imports hungry, nothing traded yet.
    ``DRAINED``: exports of manufactured goods are SCARCE or LIMITED and so are all imports, as after a greedy
    fleet; a factory must be fed and waited for. Exchanges, raw exports and FUEL stay as in ``YOUNG``.
    ``DEVELOPED``: as a heavy bot leaves a system it has worked for weeks (economy.md §8.5): trade volumes
    grown up to 111, exports spread from SCARCE to ABUNDANT, imports mostly SCARCE.
    ``GENEROUS``: as ``YOUNG``, but exports grow ten times instead of seven (20 to 59), as two bots saw them
    do (operations.md §9.1, S4).
    """

    YOUNG = "young"
    DRAINED = "drained"
    DEVELOPED = "developed"
    GENEROUS = "generous"

    @property
    def economy(self) -> EconomyParameters:
        """The constants of the economy under this scenario."""
        return replace(USUAL, export_steps=10) if self is Scenario.GENEROUS else USUAL
