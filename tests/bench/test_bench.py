"""The benchmark measures the program, not the day it ran on."""

from dataclasses import replace
from typing import Any

import pytest
from bench.production import CASES, Case, Figures, run

SMALL = Case("small", "IRON", 40, 1)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return run(SMALL)


def test_a_case_repeats_exactly_but_for_the_wall_clock(figures: Figures) -> None:
    """One seed gives the same simulated time, requests, credits and legs every time (law L13)."""
    again = run(SMALL)
    real: dict[str, Any] = {"wall_seconds": 0.0, "wall_milliseconds_per_request": 0.0}
    assert replace(again, **real) == replace(figures, **real)


def test_a_case_makes_what_it_was_asked_for(figures: Figures) -> None:
    """Forty units are made and sold, by ships that sent requests and spent credits."""
    assert figures.case == "small"
    assert figures.units >= SMALL.units
    assert min(figures.simulated_seconds, figures.requests, figures.credits_spent, figures.legs) > 0
    assert figures.requests_per_unit == round(figures.requests / figures.units, 2)


def test_the_books_of_a_case_balance(figures: Figures) -> None:
    """The ledger's sum is the balance that the server keeps (law L3)."""
    assert figures.ledger_balanced
    assert 0 <= figures.credits_looking < figures.credits_spent


def test_cases_have_names_of_their_own() -> None:
    """Figures are compared between versions by their names."""
    assert len({case.name for case in CASES}) == len(CASES)
