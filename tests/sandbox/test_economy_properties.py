"""The properties of the economy, of contracts and of the galaxy, measured on a living sandbox."""

import dataclasses
from collections.abc import Mapping

import pytest

from goodsfactory.sandbox.report.property import Bound, Finding, Property, find
from goodsfactory.sandbox.report.sandbox_report import DEFAULT_SEEDS, PROPERTIES

OTHER_SEED = 7
"""A universe that the report does not look at unless it is told to; its own are judged in test_report."""


@pytest.mark.parametrize("subject", PROPERTIES, ids=lambda subject: subject.id)
def test_the_property_holds(subject: Property) -> None:
    """Every figure keeps its bound in a universe other than those of the report."""
    assert OTHER_SEED not in DEFAULT_SEEDS
    finding = find(subject, (OTHER_SEED,))
    assert finding.passed, f"{subject.id}: {finding.measured}; expected {subject.expected}"


def test_all_are_there() -> None:
    """P1 to P16, C1 to C4 and G1 to G4, each with at least one bound that decides."""
    assert [subject.id for subject in PROPERTIES] == [
        *(f"P{number}" for number in range(1, 17)),
        *(f"{kind}{number}" for kind in "CG" for number in range(1, 5)),
    ]
    for subject in PROPERTIES:
        assert any(bound.at_least is not None or bound.at_most is not None for bound in subject.bounds)


def test_a_measurement_repeats() -> None:
    """L13: the same seed gives the same figures."""
    subject = PROPERTIES[8]
    assert find(subject, (3,)) == find(subject, (3,))


def a_property(*bounds: Bound, **figures: float) -> Property:
    def measure(seed: int) -> Mapping[str, float]:
        return {name: value * seed for name, value in figures.items()}

    return Property("PX", bounds, measure)


@pytest.mark.parametrize(
    ("bound", "holds"),
    [
        (Bound("x", 1, 2), True),
        (Bound("x", 1.5), True),
        (Bound("x", None, 1.5), True),
        (Bound("x"), True),
        (Bound("x", 1.51), False),
        (Bound("x", None, 1.49), False),
        (Bound("x", 2, 2, digits=0), True),
    ],
)
def test_bounds_decide_at_the_precision_of_their_source(bound: Bound, holds: bool) -> None:
    """Ends belong to the range, no end excludes nothing, and 1.5 is 2 where whole numbers are stated."""
    assert bound.holds(1.5) is holds


def test_one_bad_seed_fails_a_property() -> None:
    """A property holds in every universe or not at all."""
    subject = a_property(Bound("x", None, 2), x=1.0)
    assert find(subject, (1, 2)).passed
    assert not find(subject, (1, 3)).passed


def test_every_bound_must_hold() -> None:
    """One figure out of bounds is enough."""
    subject = a_property(Bound("x", 0, 2), Bound("y", 0, 2), x=1.0, y=5.0)
    assert not find(subject, (1,)).passed


def test_figures_to_look_at_decide_nothing() -> None:
    """A bound without ends is shown and never fails."""
    assert find(a_property(Bound("x"), x=1e9), (1,)).passed


def test_findings_say_what_was_measured_and_expected() -> None:
    """One line each: the range over the seeds, and the bounds."""
    finding = find(a_property(Bound("x", 1, 2), Bound("y", None, 9, 0), x=1.0, y=4.0), (1, 2))
    assert finding.measured == "x 1.00 … 2.00; y 4 … 8"
    assert finding.subject.expected == "x 1 … 2; y ≤ 9"
    assert dataclasses.replace(finding, figures={"x": [1.0], "y": [4.0]}).measured == "x 1.00; y 4"
    assert isinstance(finding, Finding)
