"""The suite's own rules: nothing is skipped, and the half that needs PostgreSQL is left out only openly."""

import pytest


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): pytest.skip('no reason')",
        "@pytest.mark.skipif(True, reason='no reason')\ndef test_it(): pass",
        "@pytest.mark.xfail(reason='no reason')\ndef test_it(): assert False",
        "@pytest.mark.xfail(reason='no reason')\ndef test_it(): pass",
        "pytest.skip('no reason', allow_module_level=True)",
        "no_reason = pytest.importorskip('no.reason', reason='no reason')",
    ],
)
def test_a_skip_is_a_failure(pytester: pytest.Pytester, body: str) -> None:
    """However a test gets out of running, or of counting, the run fails and says why."""
    pytester.makepyfile(f"import pytest\n{body}")
    result = pytester.runpytest_inprocess("-p", "tests.strictness", "-p", "no:cacheprovider")
    assert result.ret != 0
    result.assert_outcomes(
        failed=result.parseoutcomes().get("failed", 0), errors=result.parseoutcomes().get("errors", 0)
    )
    result.stdout.fnmatch_lines(["*may be skipped or expected to fail*no reason*"])


def test_what_passes_passes(pytester: pytest.Pytester) -> None:
    """The rule touches nothing else."""
    pytester.makepyfile("def test_it(): pass\ndef test_other(): assert False")
    result = pytester.runpytest_inprocess("-p", "tests.strictness", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
