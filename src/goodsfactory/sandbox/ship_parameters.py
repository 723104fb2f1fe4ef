"""The constants of ships at work, each with the place it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

_COMMON = 500
_RARE_TRAITS: Mapping[str, int] = MappingProxyType(
    {
        "MARKETPLACE": 4_000,
        "SHIPYARD": 8_000,
        "PRECIOUS_METAL_DEPOSITS": 2_000,
        "RARE_METAL_DEPOSITS": 3_000,
        "FOSSILS": 1_000,
        "VAST_RUINS": 3_000,
    }
)


@dataclass(frozen=True, slots=True)
class SurveySize:
    """How rich a deposit of a size is. ``units`` are drawn between the two; ``weight`` is its share."""

    symbol: str
    weight: int
    units: tuple[int, int]


_SURVEY_SIZES = (
    SurveySize("SMALL", 4, (200, 450)),
    SurveySize("MODERATE", 4, (450, 1051)),
    SurveySize("LARGE", 2, (750, 2431)),
)


@dataclass(frozen=True, slots=True)
class ShipParameters:
    """How ships mine, survey, refine, scan, jump, wear and are mended.

    Sources are sections of api-facts. Those marked *assumed* were never measured: run a bot over a range.

    cooldown_base, cooldown_per_power: seconds of rest after reactor work (§12); for scans and refining
        *assumed* to be the same.
    yield_spread: units by which each laser or siphon may miss its strength, either way (§12; the ±5 of 2023
        belongs to stronger lasers, hence *assumed*).
    critical_yield: share of a yield that is left at the critical limit (*assumed*; §12 says poor).
    extractions_per_minute, engineered_per_minute: what an asteroid stands for ever (§12).
    critical_minutes, unstable_minutes: minutes' worth of extractions above that pace at which modifiers
        CRITICAL_LIMIT and UNSTABLE appear (*assumed*); the surplus heals at the pace itself.
    survey_sizes: units before exhaustion, measured by players (§12); weights *assumed*.
    survey_lifetime: shortest and longest life of a survey (§12, *assumed*).
    survey_deposits: fewest and most deposits a survey lists (*assumed*).
    refine_batch, refine_output: units in and out of one refining (§12, official text).
    scan_reach: how many systems, waypoints or ships one scan shows, nearest first (*assumed*).
    chart_base, chart_bonus: credits for a chart, and more for each rare trait (§6; amounts *assumed*).
    chart_gate: credits for the chart of a jump gate, whatever its traits (operations.md §7.1).
    jump_cooldown_base: seconds of rest after a jump, plus one per unit of distance (§10).
    wear_chance, wear_loss: chance of a condition event per voyage or extraction, and the range of condition
        it takes (§16 has no formula, *assumed*; recorded ships stood at 0.999 after a day).
    slowest: share of its speed that is left to a ship whose frame or engine is wholly worn; between, the
        speed falls with the condition (operations.md §10 S9: half as long again at worst).
    worn_rest: seconds by which a wholly worn reactor rests longer after work (S9).
    repair_units: units of plating or ship parts to mend one wholly worn component (*assumed*, §16).
    repair_scar: share of the mended damage that integrity loses for ever (*assumed*, §16).
    scrap_share: share of its hull's plating a scrapped ship pays (*assumed*, §16).
    yard_step: share by which a sale raises the price of a ship type at a yard (§13, recorded).
    yard_recovery: time in which half of such a rise is gone; None: prices never come down (operations.md §10
        S8: never measured).
    yard_level_sales: sales after which the supply of a type at a yard is listed one level lower, so long as
        prices have not recovered; None: the label never moves (S8: never measured).
    yard_supply_price: share by which the price is higher with each level the supply has fallen (*assumed*:
        ships are made of parts and plating, so the supply of a yard should matter; 0: it does not).
    modifications_fee: credits for fitting or removing a part where the yard names no fee (§13.1).
    """

    cooldown_base: int = 60
    cooldown_per_power: int = 10
    yield_spread: int = 2
    critical_yield: float = 0.5
    extractions_per_minute: int = 10
    engineered_per_minute: int = 20
    critical_minutes: float = 2.0
    unstable_minutes: float = 4.0
    survey_sizes: tuple[SurveySize, ...] = _SURVEY_SIZES
    survey_lifetime: tuple[timedelta, timedelta] = (timedelta(minutes=5), timedelta(minutes=60))
    survey_deposits: tuple[int, int] = (3, 7)
    refine_batch: int = 100
    refine_output: int = 10
    scan_reach: int = 20
    chart_base: int = _COMMON
    chart_bonus: Mapping[str, int] = field(default_factory=lambda: dict(_RARE_TRAITS))
    chart_gate: int = 10_000
    jump_cooldown_base: int = 60
    wear_chance: float = 0.02
    wear_loss: tuple[float, float] = (0.001, 0.004)
    slowest: float = 1 / 1.5
    worn_rest: int = 5
    repair_units: int = 5
    repair_scar: float = 0.05
    scrap_share: float = 0.3
    yard_step: float = 0.025
    yard_recovery: timedelta | None = None
    yard_level_sales: int | None = None
    yard_supply_price: float = 0.0
    modifications_fee: int = 100
