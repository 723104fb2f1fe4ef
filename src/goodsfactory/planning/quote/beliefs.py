"""What this program believes about the economy, as named numbers (economy.md §4, §5 and §11).

Nobody has measured all of it. Where the document gives a range, a replay draws its own value, so that what
is not known shows as the width of a band.
"""

import random
from dataclasses import dataclass

TICK = 1800.0
"""Seconds between two production steps of a market-good (economy.md §4.1)."""


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Paces are trade volumes per tick, durations seconds, the rest shares or chances per tick.

    restricted, weak_export, weak_import, strong: pace by activity (§4.2); growing: its pace is one of these.
    brisk_until: |s| up to which every market works at full pace; creep: pace beyond it where nobody trades
    (§4.4); full_at: |s| at which it stops (§3.3); touched_for: how long a trade keeps it brisk (§11.4).
    appetites: units of an input used for one of output (§6.3). starved_at: s of an input that holds its
    factory at the restricted pace; basal_above: s above which that pace uses the input at all (§11.5).
    relaxation: share of an exchange's imbalance that is gone after a tick (§11.5). growing_by_chance: that
    MODERATE inputs make an export GROWING (§4.7). growth_*: that a trade volume grows: of a short export with
    plentiful inputs, of a busy one otherwise, of an import, of what idles (§11.7; operations.md §9.1).
    sink_*: what wakes a pure sink (§11.6).
    """

    restricted: float = 0.2
    weak_export: float = 0.25
    weak_import: float = 0.2
    strong: float = 1.0
    growing: tuple[float, ...] = (0.55, 0.85, 1.0)
    brisk_until: float = 2.0
    full_at: float = 8.0
    creep: float = 0.04
    touched_for: float = 12 * 3600.0
    appetites: tuple[float, ...] = (0.7, 1.0, 1.4)
    starved_at: float = -8.0
    basal_above: float = -4.0
    relaxation: float = 0.05
    growing_by_chance: float = 0.2
    growth_fed: float = 0.9
    growth_otherwise: float = 0.1
    growth_import: float = 0.1
    growth_idle: float = 0.01
    growth_factor: float = 1.1
    export_steps: int = 7
    import_steps: int = 9
    sink_wakes_at: float = 4.0
    sink_window: float = 6 * 3600.0
    sink_sleeps_after: float = 24 * 3600.0


USUAL = Beliefs()


def draw_beliefs(chance: random.Random) -> Beliefs:
    """One consistent guess: what was measured stays, what is thin or assumed is drawn from its range."""
    return Beliefs(
        weak_export=chance.triangular(0.2, 0.35, USUAL.weak_export),
        creep=chance.triangular(0.02, 0.1, USUAL.creep),
        relaxation=chance.triangular(0.0, 0.1, USUAL.relaxation),
        growing_by_chance=chance.triangular(0.1, 0.3, USUAL.growing_by_chance),
        growth_fed=chance.triangular(0.8, 1.0, USUAL.growth_fed),
        growth_otherwise=chance.triangular(0.0, 0.5, USUAL.growth_otherwise),
        growth_import=chance.triangular(0.0, 0.2, USUAL.growth_import),
    )
