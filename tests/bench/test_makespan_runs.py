"""A case of the makespan bench measures its scheduler and nothing else."""

import itertools
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bench.makespan.cases import LOAD, Case, Setting, Workload
from bench.makespan.figures import BeatenBound, Figures
from bench.makespan.foretelling import foretell
from bench.makespan.measure import bound_of, forget, measure, read_kept, run
from bench.makespan.run import FRIGATE, Outcome, observe
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import System

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.sandbox.scenarios import Scenario

SETTING = Setting(System.FIRST, Scenario.YOUNG, Workload.ONE, ("ELECTRONICS",), 3)

LEVELS = {"COPPER_ORE": 1, "SILICON_CRYSTALS": 1, "COPPER": 2, "ELECTRONICS": 3}

Run = tuple[Outcome, Sequence[Event]]


@pytest.fixture(scope="module")
def runs() -> dict[Scheduler, Run]:
    return {scheduler: observe(Case(SETTING, scheduler)) for scheduler in Scheduler}


def flights(events: Sequence[Event]) -> list[tuple[int, int, str, str]]:
    """(begin, end, good, ship) of every leg, by the numbers of the events."""
    ends = {e.container_id: e.seq for e in events if e.kind is EventKind.CONTAINER_ENDED}
    return [
        (e.seq, ends[e.container_id], str(e.good), str(e.ship))
        for e in events
        if e.kind is EventKind.LEG_ASSIGNED
    ]


def test_a_case_repeats_exactly_but_for_the_wall_clock(runs: dict[Scheduler, Run]) -> None:
    """One seed gives the same simulated time, credits, requests and ship hours every time (law L13)."""
    for scheduler in (Scheduler.PRODUCT, Scheduler.LEVELS):
        again = run(Case(SETTING, scheduler))
        assert replace(again, cpu_seconds=0.0, foretold=None) == replace(runs[scheduler][0], cpu_seconds=0.0)


def test_a_quote_and_its_outcome_repeat_exactly() -> None:
    """The product is quoted once its markets were seen; quote and outcome are the same every time."""
    case = Case(SETTING, Scheduler.PRODUCT)
    (first,) = foretell(case)
    assert first.quote.units == LOAD
    assert not any("nobody has looked" in caution for caution in first.quote.cautions)
    assert (first.seconds is not None, first.beside) == (True, 0)
    assert foretell(case) == (first,)


def test_each_order_of_a_portfolio_is_quoted_as_it_begins() -> None:
    """One quote for each target, with what its own order took: the credits are not those of all together."""
    targets = ("ELECTRONICS", "MACHINERY")
    setting = replace(SETTING, workload=Workload.PORTFOLIO, targets=targets)
    outcome = run(Case(setting, Scheduler.PRODUCT))
    assert outcome.foretold is None
    assert [(one.quote.target_good, one.beside) for one in outcome.foretold_beside] == [
        ("ELECTRONICS", 0),
        ("MACHINERY", 1),
    ]
    for one in outcome.foretold_beside:
        assert one.quote.units == setting.units
        assert one.seconds is not None
        assert 0 < one.credits < 0.9 * outcome.credits


def test_baselines_are_not_quoted() -> None:
    """A quote is the product's own."""
    outcome = run(Case(SETTING, Scheduler.SEQUENTIAL))
    assert (outcome.foretold, outcome.foretold_beside) == (None, ())


def test_every_scheduler_makes_what_was_asked_for(runs: dict[Scheduler, Run]) -> None:
    """A load is made, and it took time, requests and ships; credits were spent on it."""
    for outcome, _ in runs.values():
        assert outcome.units == LOAD
        assert outcome.finished.keys() == {"ELECTRONICS"}
        assert outcome.seconds == outcome.finished["ELECTRONICS"]
        assert min(outcome.seconds, outcome.requests, outcome.hauler_seconds, outcome.credits) > 0


def test_the_frigate_is_left_out(runs: dict[Scheduler, Run]) -> None:
    """A fleet of three haulers is three ships that carry."""
    for _, events in runs.values():
        carried = {ship for _, _, _, ship in flights(events)}
        assert FRIGATE not in carried
        assert len(carried) <= SETTING.ships


def test_sequential_flies_one_leg_at_a_time_with_one_ship(runs: dict[Scheduler, Run]) -> None:
    """The next leg begins when the last one has ended, and one branch is finished before the other."""
    _, events = runs[Scheduler.SEQUENTIAL]
    legs = flights(events)
    assert len({ship for _, _, _, ship in legs}) == 1
    assert all(before[1] < after[0] for before, after in itertools.pairwise(legs))
    goods = [good for _, _, good, _ in legs]
    assert sorted(set(goods)) == sorted(LEVELS)
    assert goods.index("COPPER") == goods.index("COPPER_ORE") + 1
    assert goods[-1] == "ELECTRONICS"


def test_levels_begins_no_level_before_the_last_has_ended(runs: dict[Scheduler, Run]) -> None:
    """The first load of a good is flown after the first loads of all goods on a lower level."""
    _, events = runs[Scheduler.LEVELS]
    ended: dict[str, int] = {}
    for begin, end, good, _ in flights(events):
        lower = {other for other in LEVELS if LEVELS[other] < LEVELS[good]}
        assert all(other in ended and ended[other] < begin for other in lower), good
        ended.setdefault(good, end)


def test_the_product_waits_for_no_level(runs: dict[Scheduler, Run]) -> None:
    """What the baselines hold back is held back by them alone: the product is at least as fast."""
    product = runs[Scheduler.PRODUCT][0].seconds
    assert all(product <= outcome.seconds for outcome, _ in runs.values())


def test_no_case_beats_its_bound(runs: dict[Scheduler, Run]) -> None:
    """Figures of a case that is faster than possible cannot be made: the bound would be wrong."""
    for scheduler, (outcome, _) in runs.items():
        case = Case(SETTING, scheduler)
        figures = Figures(case, outcome, bound_of(case.played.setting))
        assert figures.ratio_to_bound >= 1
    case, bound = Case(SETTING, Scheduler.PRODUCT), bound_of(SETTING)
    with pytest.raises(BeatenBound, match="ELECTRONICS"):
        Figures(case, replace(runs[Scheduler.PRODUCT][0], seconds=bound.seconds - 60), bound)


def test_a_case_that_crashes_costs_no_other(tmp_path: Path) -> None:
    """It is complained of by name, and the others are measured; one run with one ship serves all fleets."""
    broken = Case(replace(SETTING, targets=("MOON_CHEESE",)), Scheduler.PRODUCT)
    sound = [Case(replace(SETTING, ships=ships), Scheduler.SEQUENTIAL) for ships in (1, 3)]
    told: list[str] = []
    measurement = measure([broken, *sound], jobs=1, tell=told.append, kept=tmp_path / "kept")
    assert [figures.case for figures in measurement.figures] == sound
    assert measurement.figures[0].outcome is measurement.figures[1].outcome
    assert not measurement.is_whole
    (complaint,) = measurement.complaints
    assert complaint.startswith(f"{broken.name} crashed:")
    assert "MOON_CHEESE" in complaint
    assert len(told) == 2


def test_an_interrupted_run_goes_on_where_it_ended(tmp_path: Path) -> None:
    """Ctrl-C ends the run; the next plays only what had not ended, or was cut off while written."""

    def interrupt(line: str) -> None:
        if line.startswith("[1/"):
            raise KeyboardInterrupt

    kept = tmp_path / "kept"
    asked = [Case(replace(SETTING, ships=ships), Scheduler.PRODUCT) for ships in (1, 3)]
    first = measure(asked, jobs=1, tell=interrupt, kept=kept)
    assert len(first.figures) == 1
    assert not first.is_whole
    with kept.open("ab") as file:
        file.write(b"\x80\x05cut")
    told: list[str] = []
    second = measure(asked, jobs=1, tell=told.append, kept=kept)
    assert second.is_whole
    assert first.figures[0] in second.figures
    assert len(told) == 1
    assert measure(asked, jobs=1, tell=told.append, kept=kept) == second
    assert len(told) == 1


DONE = Outcome(3600.0, LOAD, 8_000, 400, 7_200.0, {"ELECTRONICS": 3600.0}, {}, 1.0)


def test_what_one_scheduler_did_is_forgotten_and_the_rest_is_kept(tmp_path: Path) -> None:
    """It is gone from the file at once, so that no later run believes it."""
    kept = tmp_path / "kept"
    product, levels, fed = (
        Case(SETTING, one) for one in (Scheduler.PRODUCT, Scheduler.LEVELS, Scheduler.LEVELS_FED)
    )
    kept.write_bytes(b"".join(pickle.dumps((case, DONE)) for case in (product, levels, fed)))
    forget(kept, [Scheduler.PRODUCT, Scheduler.LEVELS_FED])
    assert read_kept(kept) == {levels: DONE}
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_outcomes_of_an_older_program_are_read(tmp_path: Path) -> None:
    """What it did not measure is empty. What holds parts that are gone is left out, not all after it."""
    kept = tmp_path / "kept"
    case, lost = Case(SETTING, Scheduler.LEVELS), Case(SETTING, Scheduler.PRODUCT)
    older = replace(DONE)
    del vars(older)["foretold_beside"]
    gone = pickle.dumps((lost, DONE)).replace(b"bench.makespan.run", b"bench.makespan.rum")
    kept.write_bytes(gone + pickle.dumps((case, older)))
    assert read_kept(kept) == {case: DONE}
