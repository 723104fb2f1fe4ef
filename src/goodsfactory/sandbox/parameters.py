"""The constants of the sandbox economy, each with the place it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class EconomyParameters:
    """How fast markets produce, consume, change mood and grow.

    Sources are sections of economy.md. Those marked *assumed* were never measured: run a bot over a range.

    tick: one production or consumption step of a market-good (§4.1).
    restricted, weak_export, weak_import, strong: trade volumes per tick by activity (§4.2; weak_export on
        thin evidence, 0.2 to 0.35).
    growing: the values a GROWING good's step is drawn from (§4.2).
    brisk_until: |s| up to which every market works at full pace (§4.4).
    full_at: |s| at which production or consumption stops (§3.3).
    creep: pace between the two on a market nobody trades at (§4.4; *assumed*, 0.02 to 0.1 plausible).
    touched_for: how long a trade keeps a recipe at full pace past ``brisk_until`` (§11.4, *assumed*).
    appetites: units of an input used per unit of output; one is drawn per recipe and market (§6.3, thin).
    starved_at: s at or below which an input holds its factory down to the basal pace (§11.5).
    basal_eats_above: s above which basal production still uses an input (§11.5, derived from §8.4).
    exchange_relaxation: share of an exchange's imbalance that vanishes per tick (§11.5, *assumed*).
    growing_by_chance: chance that an export with MODERATE inputs is GROWING instead of WEAK (§4.7: 4 of 25).
    sink_wakes_at: trade volumes sold within ``sink_window`` that turn a pure sink GROWING (§11.6).
    sink_sleeps_after: quiet time after which it is WEAK again (§11.6).
    growth_fed: chance per tick that the trade volume of an export grows while all its inputs are HIGH or more
        and it is LIMITED or less (§5.3, operations.md §10 S6).
    growth_otherwise: the same while it is GROWING or STRONG without that, up to MODERATE (S6).
    growth_import: chance for an import that is sold into (§11.7, *assumed*).
    growth_idle: chance for what is WEAK or RESTRICTED (§11.7).
    growth_factor: ladder of trade volumes, rounded up (§5.1).
    export_steps: the most times an export grows: 7 in most systems, 10 seen (§5.5, operations.md §9.1, S4).
    import_per_first, import_per_export: an import ends at so many times its first trade volume, and at so
        many times that of the largest export made of it (operations.md §9.1, S5).
    """

    tick: timedelta = timedelta(minutes=30)
    restricted: float = 0.2
    weak_export: float = 0.25
    weak_import: float = 0.2
    strong: float = 1.0
    growing: tuple[float, ...] = (0.55, 0.85, 1.0)
    brisk_until: float = 2.0
    full_at: float = 8.0
    creep: float = 0.04
    touched_for: timedelta = timedelta(hours=12)
    appetites: tuple[float, ...] = (0.7, 1.0, 1.4)
    starved_at: float = -8.0
    basal_eats_above: float = -4.0
    exchange_relaxation: float = 0.05
    growing_by_chance: float = 0.2
    sink_wakes_at: float = 4.0
    sink_window: timedelta = timedelta(hours=6)
    sink_sleeps_after: timedelta = timedelta(hours=24)
    growth_fed: float = 0.9
    growth_otherwise: float = 0.1
    growth_import: float = 0.1
    growth_idle: float = 0.01
    growth_factor: float = 1.1
    export_steps: int = 7
    import_per_first: float = 3.0
    import_per_export: float = 3.0


USUAL = EconomyParameters()
"""The constants unless told otherwise."""
