"""Laws L1, L2, L3 and L6: killed at any named point, the daemon buys nothing twice and loses nothing."""

import pytest
from tests.kill.case import Result, run_case
from tests.kill.page import PAGE, case_name, note_result, sentence, this_run
from tests.kill.points import CASES, HANDFUL
from tests.kill.processes import Sandbox


def check(result: Result) -> None:
    assert result.findings.complaints == []
    assert (result.resumed, result.lost) == (result.promised, 0)


@pytest.mark.kill_matrix
@pytest.mark.parametrize("points", CASES, ids=case_name)
def test_killed_at_a_named_point(
    server: Sandbox, database: tuple[str, str | None], points: tuple[str, ...]
) -> None:
    """It ends as it was asked for; every trade of the server is in the ledger once, no ship is left held."""
    name, url = database
    result = run_case(server, points, url)
    note_result(name, points, result, run=this_run())
    check(result)


@pytest.mark.parametrize("points", HANDFUL, ids=case_name)
def test_killed_where_it_hurts_most(
    server: Sandbox, database: tuple[str, str | None], points: tuple[str, ...]
) -> None:
    """A handful of the matrix, in every run of the tests."""
    check(run_case(server, points, database[1]))


def test_the_page_is_of_these_cases() -> None:
    """The published table has a row for every case, in words, and every figure in it is 0."""
    text = PAGE.read_text("utf-8")
    assert [case for case in CASES if f"| {sentence(case)} | 0 | 0 | 0 | 0 | 0 |" not in text] == []
    assert f"## At {len(CASES)} named moments" in text
    assert text.count("| 0 | 0 | 0 | 0 | 0 |") == len(CASES)
