"""The makespan bench runs what it says, and its report says what was run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bench.makespan.__main__ import main
from bench.makespan.bound import Bound
from bench.makespan.cases import FLEETS, LOAD, SCENARIOS, TARGETS, Case, Setting, Workload, cases, targets_of
from bench.makespan.figures import Figures, summary
from bench.makespan.run import Foretold, Outcome
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import System, build_universe
from bench.makespan.tables import page
from tests.bench.test_makespan_bound import EPOCH
from tests.store.test_quotes import QUOTE

from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.quote import Band
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.planning.chain.resolver import resolve
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.sandbox.scenarios import Scenario

KEYS = {
    "five_loads_ratio_to_bound",
    "five_loads_worst",
    "five_loads_vs_levels",
    "five_loads_vs_sequential",
    "five_loads_credits_vs_sequential",
    "five_loads_dearest_vs_sequential",
    "portfolio_ratio_to_bound",
    "portfolio_mean_finish",
    "portfolio_vs_sequential",
    "portfolio_vs_levels",
    "quote_credits_error",
    "quote_time_error",
    "quote_band_coverage",
    "quote_captured_coverage",
    "quote_portfolio_time_error",
    "quote_portfolio_coverage",
}


def figures(
    hours: float,
    scheduler: Scheduler = Scheduler.PRODUCT,
    *,
    workload: Workload = Workload.FIVE,
    target: str = "MACHINERY",
    ships: int = 10,
    credits: int = 8_000,
) -> Figures:
    """A case with a bound of two hours."""
    setting = Setting(System.FIRST, Scenario.DRAINED, workload, (target,), ships)
    outcome = Outcome(hours * 3600, setting.units, credits, 400, 7_200, {target: hours * 3600}, {}, 1.0)
    return Figures(Case(setting, scheduler), outcome, Bound(7_200, 60, 60))


def levels_of(target: str, system: System) -> int:
    universe = build_universe(system, Scenario.YOUNG, EPOCH)
    home = universe.home
    markets = [
        MarketSnapshot(place, frozenset(one.exports), frozenset(one.imports), frozenset(one.exchange))
        for place, one in universe.markets_in(home.symbol).items()
    ]
    places = [Waypoint(one.symbol, home.symbol, "", one.x, one.y) for one in home.waypoints.values()]
    strategy = Strategy.PREFER_FABRICATE
    return resolve(
        target, RecipeMap.bundled(), markets, chart_of(places, markets), strategy=strategy, max_depth=12
    ).depth()


def test_the_targets_are_a_dozen_and_two_of_them_five_levels_deep() -> None:
    """Each can be made in every system that lists it, and the last two stand on four levels of others."""
    assert len(set(TARGETS)) == len(TARGETS) >= 12
    for system in System:
        depths = {target: levels_of(target, system) for target in targets_of(system)}
        assert min(depths.values()) >= 3
        assert [depths[target] for target in targets_of(system) if depths[target] == 5]
    assert [levels_of(target, System.FIRST) for target in TARGETS[-2:]] == [5, 5]


def test_all_that_was_promised_is_run() -> None:
    """Each target alone, all fleets, scenarios and systems, every workload with every scheduler."""
    every = cases()
    assert len({case.name for case in every}) == len(every)
    alone = [case.setting for case in every if case.setting.workload is not Workload.PORTFOLIO]
    assert {target for setting in alone for target in setting.targets} >= set(TARGETS[:-1])
    assert {case.setting.ships for case in every} == set(FLEETS)
    assert {case.setting.system for case in every} == set(System)
    assert {case.setting.scenario for case in every} == set(SCENARIOS)
    for workload in Workload:
        ran = {case.scheduler for case in every if case.setting.workload is workload}
        assert ran >= {Scheduler.SEQUENTIAL, Scheduler.LEVELS, Scheduler.PRODUCT}
    assert {case.setting.workload for case in cases(quick=True)} == set(Workload)


def test_sequential_is_played_once_for_all_fleets() -> None:
    """It has one ship, so the other fleets' cases come to the same; the product's do not."""
    for scheduler, runs in ((Scheduler.SEQUENTIAL, 1), (Scheduler.PRODUCT, 2)):
        played = {figures(3, scheduler, ships=ships).case.played for ships in (6, 10)}
        assert len(played) == runs


def test_the_summary_holds_medians_over_the_largest_fleet() -> None:
    """Cases with fewer ships, and pairs of which one was not run, count for nothing."""
    results = [
        figures(3, target="MACHINERY"),
        figures(6, Scheduler.LEVELS, target="MACHINERY"),
        figures(4, target="CLOTHING"),
        figures(16, Scheduler.LEVELS, target="CLOTHING"),
        figures(5, target="MEDICINE"),
        figures(9, target="MACHINERY", ships=6),
        figures(90, Scheduler.LEVELS, target="MACHINERY", ships=6),
        figures(2, target="MACHINERY", workload=Workload.PORTFOLIO),
        figures(14, Scheduler.SEQUENTIAL, target="MACHINERY", workload=Workload.PORTFOLIO),
    ]
    found = summary(results)
    assert found.keys() == KEYS
    assert found["five_loads_ratio_to_bound"] == 2.0
    assert found["five_loads_worst"] == 2.5
    assert found["portfolio_ratio_to_bound"] == 1.0
    assert found["portfolio_mean_finish"] == 2.0
    assert found["five_loads_vs_levels"] == 3.0
    assert found["five_loads_vs_sequential"] is None
    assert found["portfolio_vs_sequential"] == 7.0


def test_orders_are_done_one_after_the_other() -> None:
    """The mean counts each target when it was done, and one that was given up when the case ended."""
    setting = Setting(System.FIRST, Scenario.YOUNG, Workload.PORTFOLIO, ("MACHINERY", "CLOTHING"), 10)
    plain = figures(4).outcome
    for finished, mean in (
        ({"MACHINERY": 3_600.0, "CLOTHING": 7_200.0}, 1.5),
        ({"MACHINERY": 3_600.0}, 2.5),
    ):
        outcome = replace(plain, finished=finished)
        found = Figures(Case(setting, Scheduler.PRODUCT), outcome, Bound(7_200, 60, 60))
        assert summary([found])["portfolio_mean_finish"] == mean
        assert found.to_json()["mean_finish_seconds"] == mean * 3600
        assert f"|  | {mean:.2f} |" in page([found], summary([found]))


def test_credits_are_compared_where_both_made_all_of_it() -> None:
    """The median of 0.9, 1.0 and 1.2 times as dear, and the dearest; one that gave up has no price."""
    results = []
    for target, credits in (("MACHINERY", 9_000), ("CLOTHING", 10_000), ("MEDICINE", 12_000)):
        results.append(figures(3, target=target, credits=credits))
        results.append(figures(6, Scheduler.SEQUENTIAL, target=target, credits=10_000))
    results.append(figures(3, target="FAB_MATS", credits=99_000))
    gave_up = figures(144, Scheduler.SEQUENTIAL, target="FAB_MATS", credits=10_000)
    results.append(replace(gave_up, outcome=replace(gave_up.outcome, finished={})))
    found = summary(results)
    assert found["five_loads_credits_vs_sequential"] == 1.0
    assert found["five_loads_dearest_vs_sequential"] == 1.2


def foretold(credits: float, seconds: float | None, *, width: float = 0.1, beside: int = 0) -> Foretold:
    """A quote that said 10,000 credits and 1,000 s, give or take ``width``, and what came."""

    def band(value: float) -> Band:
        return Band(value * (1 - width), value, value * (1 + width))

    return Foretold(
        replace(QUOTE, credits=band(10_000), seconds=band(1_000)), seconds, round(credits), beside
    )


def quoted(credits: float, seconds: float | None, *, system: System = System.FIRST) -> Figures:
    plain = figures(2)
    setting = replace(plain.case.setting, system=system)
    outcome = replace(plain.outcome, foretold=foretold(credits, seconds))
    return Figures(Case(setting, Scheduler.PRODUCT), outcome, plain.bound)


def test_quotes_are_judged_by_what_came() -> None:
    """Errors are shares of what came, by their median; the coverage counts every band that was stated."""
    found = summary([quoted(10_000, 1_000), quoted(8_000, 1_050), quoted(20_000, 2_000)])
    assert found["quote_credits_error"] == 0.25
    assert found["quote_time_error"] == pytest.approx(0.048, abs=1e-3)
    assert found["quote_band_coverage"] == 0.5


def test_quotes_in_the_captured_system_are_judged_by_themselves_too() -> None:
    """They count with all the others, and alone: one of two bands held there, three of four in all."""
    found = summary([quoted(10_000, 1_000), quoted(10_000, 2_000, system=System.CAPTURED)])
    assert (found["quote_band_coverage"], found["quote_captured_coverage"]) == (0.75, 0.5)


def test_quotes_beside_other_orders_are_judged_apart() -> None:
    """Those of a portfolio's orders do not count with those of single cases; one given up counts nowhere."""
    plain = figures(2, workload=Workload.PORTFOLIO)
    three = (foretold(10_000, 1_000), foretold(10_000, 2_000, beside=1), foretold(10_000, None, beside=2))
    one = replace(plain, outcome=replace(plain.outcome, foretold_beside=three))
    found = summary([one])
    assert (found["quote_portfolio_time_error"], found["quote_portfolio_coverage"]) == (0.25, 0.75)
    assert found["quote_band_coverage"] is None
    told = one.to_json()["quotes_beside"]
    assert [quote["beside"] for quote in told] == [0, 1, 2]
    assert told[1]["seconds"]["came"] == 2_000


def test_a_quote_whose_target_was_given_up_is_not_judged() -> None:
    """Without an outcome there is nothing to compare with."""
    assert summary([quoted(10_000, None)])["quote_time_error"] is None


def test_a_case_tells_its_quote() -> None:
    """The report holds the band beside what came."""
    told = quoted(9_500, 990).to_json()["quote"]
    assert told["seconds"] == {"low": 900, "expected": 1000, "high": 1100, "came": 990}
    assert told["credits"]["came"] == 9_500


def test_without_a_quote_its_figures_are_null() -> None:
    """What cannot be measured yet is there and empty, and so is all of a summary of nothing."""
    assert set(summary([]).values()) == {None}
    assert summary([]).keys() == KEYS


def test_a_case_tells_what_a_unit_took() -> None:
    """400 units for 8,000 credits with 400 requests and two ship hours, in two hours."""
    told = figures(2).to_json()
    assert (told["units"], told["credits_per_unit"], told["requests_per_unit"]) == (5 * LOAD, 20, 1)
    assert told["ship_hours_per_unit"] == 0.005
    assert told["request_budget_share"] == pytest.approx(400 / (2 * 7200 + 30 * 120), abs=1e-4)
    assert told["ratio_to_bound"] == 1.0


def test_the_page_shows_schedulers_beside_one_another() -> None:
    """Baselines are shown as multiples of the product's time; what was given up took at least so long."""
    slow = figures(30, Scheduler.SEQUENTIAL)
    given_up = Figures(slow.case, Outcome(30 * 3600, 0, 0, 1, 1.0, {}, {}, 1.0), slow.bound)
    results = [figures(3), figures(6, Scheduler.LEVELS), given_up]
    text = page(results, summary(results))
    assert "| MACHINERY | generated-1 | drained | 10 | 2.00 | 3.00 | 1.50 | 2.00 | over 10.00 |  |" in text
    assert "| Quote against outcome: error of credits | not measured yet |" in text
    assert "| Five loads of one good: time over lower bound | 1.500 |" in text


def test_the_program_keeps_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the cases is measured, written as JSON and shown; progress is told apart from it."""
    output = tmp_path / "makespan.json"
    arguments = ["--workload", "one", "--cases", "/young/one/MACHINERY", "--scheduler", "product"]
    assert main([*arguments, "--output", str(output)]) == 0
    document = json.loads(output.read_text())
    assert document["complete"]
    assert document["summary"].keys() == KEYS
    (case,) = document["cases"]
    assert case["targets"] == ["MACHINERY"]
    assert case["simulated_seconds"] > sum(case["bound_seconds"].values()) / 3
    shown = capsys.readouterr()
    assert "| MACHINERY |" in shown.out
    assert "[1/1]" in shown.err


def test_cases_can_be_listed_and_none_of_them_run(capsys: pytest.CaptureFixture[str]) -> None:
    """One name a line, of the cases that fit."""
    assert main(["--list", "--workload", "portfolio", "--scheduler", "levels"]) == 0
    names = capsys.readouterr().out.split()
    assert names
    assert all(name.endswith("/portfolio/all/10/levels") for name in names)
