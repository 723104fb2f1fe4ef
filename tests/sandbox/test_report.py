"""The report on the sandbox's economy, as an object and as a page."""

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from tests.recorded import CAPTURED, recorded

from goodsfactory.cli.economy_report import report_lines
from goodsfactory.cli.layout import plain
from goodsfactory.cli.main import main
from goodsfactory.sandbox.captured import load_universe
from goodsfactory.sandbox.report.captured_age import age_in_days, beside_its_age
from goodsfactory.sandbox.report.captured_figures import CAPTURED_FIGURES
from goodsfactory.sandbox.report.laboratory import EPOCH
from goodsfactory.sandbox.report.likeness import figures_of, share_of, side_by_side
from goodsfactory.sandbox.report.sandbox_report import PROPERTIES, make_report


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """What the command prints for one universe, as a program reads it; all properties hold in it."""
    captured = ("--universe", str(CAPTURED))
    with redirect_stdout(StringIO()) as printed:
        assert main(["sandbox", "report", "--seed", "1", *captured, *captured, "--json"]) == 0
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


def test_its_shape(report: dict[str, Any]) -> None:
    """Seeds, one row a property with four names, the figures behind them, and the comparison."""
    assert list(report) == ["seeds", "properties", "figures", "side_by_side", "captured", "pass"]
    assert (report["seeds"], report["pass"]) == ([1], True)
    assert [row["id"] for row in report["properties"]] == [subject.id for subject in PROPERTIES]
    assert all(list(row) == ["id", "measured", "expected", "pass"] for row in report["properties"])
    assert report["pass"] is all(row["pass"] for row in report["properties"])
    for row in report["properties"]:
        figures = report["figures"][row["id"]]
        assert row["pass"] is all(figure["pass"] for figure in figures)
        assert all(len(figure["values"]) == 1 for figure in figures)


def test_a_page_of_it(report: dict[str, Any]) -> None:
    """A line a figure with measured and expected, then the comparison, then the verdict."""
    page = plain(report_lines(report))
    assert page.startswith("Economy of the sandbox, seeds 1\n")
    first_words = [line.partition(" ")[0] for line in page.splitlines()]
    ids = [subject.id for subject in PROPERTIES]
    assert [word for word in first_words if word in ids] == ids
    assert "P5   share of labels" in page
    assert page.endswith("\nAll properties hold.\n")
    (line,) = [line for line in page.splitlines() if line.startswith("markets  ")]
    assert line.split()[1:] == ["25", "25", "25", "…", "25"]


def test_every_captured_system_has_its_share(report: dict[str, Any]) -> None:
    """How many listings the price law gives, and what is left out and why, in numbers and on the page."""
    assert len(report["captured"]) == 2
    found = report["captured"][0]
    assert found["universe"] == "X1-AD75 as captured in X1-AD75"
    assert found["reproduced"] == found["listings"] - len(found["left_out"]) >= 141
    assert all(left["why"] for left in found["left_out"])
    page = plain(report_lines(report))
    counts = f"{found['reproduced']} of 147 listings reproduced ({found['share']:.1%})"
    assert page.count(f"X1-AD75 as captured in X1-AD75: {counts}") == 2
    assert "I56  ANTIMATTER" in page


def test_a_captured_system_is_judged_by_its_own_age(report: dict[str, Any]) -> None:
    """Three days from its charts to the last trade: its labels agree with young systems of three days."""
    judged = report["captured"][0]["by_age"]
    assert (judged["age_days"], judged["pass"], judged["why"]) == (3, True, None)
    assert len(judged["figures"]) == 6
    assert "Beside young systems 3 days old its labels agree (P11)" in plain(report_lines(report))


def _copy_of_the_capture(folder: Path, *, days: int = 3, volume: int | None = None) -> Path:
    """The captured system, read so many days after its reset, perhaps with its FAB_MATS grown."""
    shutil.copytree(CAPTURED, folder / "copy")
    markets = json.loads((folder / "copy" / "markets.json").read_text())
    for market in markets["data"]:
        for sale in market["transactions"]:
            sale["timestamp"] = f"2025-04-{6 + days:02}T15:00:00.000Z"
        for good in market["tradeGoods"]:
            if volume and (good["symbol"], good["type"]) == ("FAB_MATS", "EXPORT"):
                good["tradeVolume"] = volume
    (folder / "copy" / "markets.json").write_text(json.dumps(markets))
    for name in ("ships_start.json", "shipyards.json"):
        (folder / "copy" / name).unlink()
    return folder / "copy"


def test_a_system_is_laid_beside_others_of_its_age(tmp_path: Path) -> None:
    """Hours after a reset stocks are still as drawn: what was captured after three days differs from that."""
    judged = beside_its_age(_copy_of_the_capture(tmp_path, days=0), (1, 2))
    assert (judged["age_days"], judged["why"]) == (0, None)
    assert judged["pass"] is False


def test_a_worked_system_is_not_judged(tmp_path: Path) -> None:
    """P11 is about systems left alone: a grown export tells that this one was not."""
    judged = beside_its_age(_copy_of_the_capture(tmp_path, days=20, volume=43), (1,))
    assert (judged["age_days"], judged["pass"], judged["figures"]) == (20, None, [])
    assert "was worked" in str(judged["why"])


def test_a_system_without_dates_is_not_judged(tmp_path: Path) -> None:
    """Trades alone do not tell when it was charted, nor charts when it was read: its age is not known."""
    shutil.copy(CAPTURED / "markets.json", tmp_path / "markets.json")
    judged = beside_its_age(tmp_path, (1,))
    assert (judged["age_days"], judged["pass"]) == (None, None)
    charts = [{"submittedOn": f"2025-04-0{day}T13:00:00.000Z"} for day in (6, 7)]
    (tmp_path / "markets.json").write_text(json.dumps(charts))
    assert age_in_days(tmp_path) is None


def test_a_failure_is_named(report: dict[str, Any]) -> None:
    """The figure says FAIL and the verdict names the property, and a captured system that disagrees."""
    broken = json.loads(json.dumps(report))
    broken["captured"][0]["by_age"]["pass"] = False
    broken["properties"][2]["pass"] = broken["figures"]["P3"][0]["pass"] = broken["pass"] = False
    page = plain(report_lines(broken))
    assert page.endswith("\nP3, P11 of X1-AD75 as captured in X1-AD75 failed.\n")
    assert page.count("FAIL") == 1


def test_young_systems_resemble_the_captured_one() -> None:
    """Counts agree, shares of labels within 0.15, price ratios within 2 %, distances within a quarter."""
    rows = {row["figure"]: row for row in side_by_side((1, 2, 3, 4), None)}
    captured = {name: float(str(row["captured"])) for name, row in rows.items()}
    young = {name: float(str(row["young"])) for name, row in rows.items()}
    for name in ("markets", "shipyards", "EXPORT entries", "IMPORT entries", "EXCHANGE entries"):
        assert young[name] == captured[name]
    for kind in ("EXPORT", "IMPORT", "EXCHANGE"):
        for level in ("SCARCE", "LIMITED", "MODERATE", "HIGH", "ABUNDANT"):
            assert abs(young[f"{kind} {level}"] - captured[f"{kind} {level}"]) <= 0.15
        for ratio in ("ask/B", "bid/B", "ask/bid"):
            name = f"{kind} {ratio}, median"
            assert young[name] == pytest.approx(captured[name], rel=0.02)
    for name in ("market to market, median", "market to market, p90", "import to nearest source, median"):
        assert young[name] == pytest.approx(captured[name], rel=0.25)


def test_the_figures_kept_are_those_of_the_capture() -> None:
    """What stands in for the captured system when there is no capture was computed from it."""
    assert figures_of(load_universe(CAPTURED, seed=0, epoch=EPOCH), EPOCH) == CAPTURED_FIGURES
    assert side_by_side((2,), CAPTURED) == side_by_side((2,), None)


def test_a_partial_capture_is_laid_beside_with_what_it_has(tmp_path: Path) -> None:
    """One market without neighbours has shares of labels, and no distances."""
    (market,) = [each for each in recorded("markets") if each["symbol"] == "X1-AD75-A2"]
    (tmp_path / "markets.json").write_text(json.dumps({"data": [market]}), "utf-8")
    rows = {row["figure"] for row in side_by_side((1,), tmp_path)}
    assert "IMPORT SCARCE" in rows
    assert "market to market, median" not in rows
    assert share_of(tmp_path)["listings"] == len(market["tradeGoods"])


def test_no_seed_is_refused() -> None:
    """There is nothing to measure then."""
    with pytest.raises(ValueError, match="at least one seed"):
        make_report(())


def test_a_captured_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, before anything is measured."""
    assert main(["sandbox", "report", "--universe", "nowhere"]) == 2
    assert capsys.readouterr().err == "spacetraders: nowhere: there is no such folder of captured data.\n"


@pytest.mark.parametrize("words", [["--seed", "one"], ["--seeds", "1"], ["extra"]])
def test_bad_usage_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with what is wrong on stderr."""
    assert main(["sandbox", "report", *words]) == 2
    assert words[-1] in capsys.readouterr().err or words[0] in words
