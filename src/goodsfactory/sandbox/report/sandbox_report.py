"""The report on the sandbox's likeness: its properties, and a look at a captured system beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from goodsfactory.sandbox.report.captured_age import beside_its_age
from goodsfactory.sandbox.report.contract_properties import C1, C2, C3, C4
from goodsfactory.sandbox.report.galaxy_properties import G1, G2, G3, G4
from goodsfactory.sandbox.report.likeness import share_of, side_by_side
from goodsfactory.sandbox.report.money_properties import P14, P15
from goodsfactory.sandbox.report.pace_properties import P8, P9, P12, P13
from goodsfactory.sandbox.report.price_properties import P1, P2, P3, P4, P5, P6, P16
from goodsfactory.sandbox.report.property import Finding, Property, find
from goodsfactory.sandbox.report.system_properties import P7, P10, P11

PROPERTIES: tuple[Property, ...] = (
    *(P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16),
    *(C1, C2, C3, C4),
    *(G1, G2, G3, G4),
)
"""The properties of economy.md §12, and those of contracts and of the galaxy (operations.md §4.1, §7.1)."""

DEFAULT_SEEDS = (1, 2, 3)


def make_report(seeds: Sequence[int] = DEFAULT_SEEDS, captured: Sequence[Path] = ()) -> dict[str, object]:
    """Measure every property for every seed, and look at captured systems.

    Young systems are laid beside the first of them; of each it is counted what the price law gives, and P11
    is judged beside young systems of its own age.

    ``pass`` is true when all properties hold and no captured system disagrees (P11). ``figures`` repeats the
    measurements as numbers. Raises ValueError for no seed, or when the captured folder cannot be read.
    """
    if not seeds:
        raise ValueError("a report needs at least one seed")
    likeness = side_by_side(seeds, captured[0] if captured else None)
    by_age = [beside_its_age(folder, seeds) for folder in captured]
    shares = [{**share_of(folder), "by_age": age} for folder, age in zip(captured, by_age, strict=True)]
    findings = [find(one, seeds) for one in PROPERTIES]
    return {
        "seeds": list(seeds),
        "properties": [_row(finding) for finding in findings],
        "figures": {finding.subject.id: _figures(finding) for finding in findings},
        "side_by_side": likeness,
        "captured": shares,
        "pass": all(finding.passed for finding in findings)
        and all(judged["pass"] is not False for judged in by_age),
    }


def _row(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.subject.id,
        "measured": finding.measured,
        "expected": finding.subject.expected,
        "pass": finding.passed,
    }


def _figures(finding: Finding) -> list[dict[str, object]]:
    return [
        {
            "figure": bound.name,
            "values": [round(value, 6) for value in finding.figures[bound.name]],
            "at_least": bound.at_least,
            "at_most": bound.at_most,
            "pass": all(map(bound.holds, finding.figures[bound.name])),
        }
        for bound in finding.subject.bounds
    ]
