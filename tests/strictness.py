"""A test passes or fails: one that is skipped, or expected to fail, counts as failed."""

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skipped itself, failed as expected, or passed although it should not have."""
    report = yield
    _strict(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that skipped itself."""
    report = yield
    _strict(report)
    return report


def _strict(report: Any) -> None:
    if report.skipped or hasattr(report, "wasxfail"):
        why = getattr(report, "wasxfail", "") or report.longrepr
        if isinstance(why, tuple):
            why = why[-1]
        report.outcome = "failed"
        report.longrepr = f"No test may be skipped or expected to fail, and this one was: {why}"
        vars(report).pop("wasxfail", None)
