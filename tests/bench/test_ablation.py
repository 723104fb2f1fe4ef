"""The bench of rules plays without one at a time, and says what each is worth."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
from bench.ablation.cases import FIGURES, ORDERS, ordering, parts, totals
from bench.ablation.rows import EVERY, play
from bench.ablation.rules import CHANCE, RULES, Rule, check
from bench.ablation.table import Row, judge, page
from bench.makespan.cases import Setting, Workload
from bench.makespan.systems import System
from bench.swapping import resolve

from goodsfactory.sandbox.scenarios import Scenario

SMALL = Setting(System.FIRST, Scenario.YOUNG, Workload.ONE, ("ELECTRONICS",), 3)


def standing(path: str) -> Any:
    holder, name = resolve(path)
    return vars(holder)[name]


@pytest.mark.parametrize("rule", EVERY.values(), ids=lambda rule: rule.name)
def test_every_rule_is_found_and_put_aside_and_back(rule: Rule) -> None:
    """A rule that was moved or removed fails here by its path, and so does one that is replaced by itself."""
    before = {path: standing(path) for path in rule.swaps}
    with rule.aside():
        for path, old in before.items():
            new = standing(path)
            assert new is not old, path
            assert callable(new) == callable(old), path
            if callable(old):
                as_called_now(old, new)
            elif isinstance(old, (int, float)):
                assert new != old, path
    assert before == {path: standing(path) for path in rule.swaps}


def as_called_now(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """What stands in the place of a function can be called as that is, by place or by name."""
    given = inspect.signature(old).parameters.values()
    placed = [one.name for one in given if one.kind is not one.KEYWORD_ONLY]
    named = {one.name: one.name for one in given if one.kind is one.KEYWORD_ONLY}
    inspect.signature(new).bind(*placed, **named)


def test_a_rule_that_is_gone_stops_everything_before_it_begins() -> None:
    """The path is named, and nothing is measured that would show nothing."""
    gone = Rule("gone", "it is not there", {"goodsfactory.planning.plan:nowhere": lambda old: old})
    with pytest.raises(LookupError, match=r"plan:nowhere is gone"):
        check([*RULES, gone])


def test_a_rule_is_aside_while_its_row_is_played_and_no_longer() -> None:
    """It is so in every module that has imported it, too."""
    path = EVERY["patience"].lives
    usual = standing(path)
    row = play("patience", {"seen": lambda scouted: {"seen": standing(path)}})
    assert row.figures == {"seen": math.inf} != {"seen": usual}
    assert standing(path) == usual
    assert play("", {"seen": lambda scouted: {"seen": standing(path)}}).figures == {"seen": usual}


def test_a_program_that_fails_without_a_rule_costs_its_row_alone() -> None:
    """The row says where it ended, and has what was measured before."""

    def fails(scouted: bool) -> dict[str, float]:
        raise ZeroDivisionError("one rule too few")

    row = play("posts", {"frigate": lambda scouted: {"frigate": 7.0}, "chain": fails})
    assert row.figures == {"frigate": 7.0}
    assert "one rule too few" in row.crash


def test_orders_are_played_to_their_end_with_and_without_a_standing_scout() -> None:
    """Time, credits and ship-hours are told, and over all orders once each of them was played."""
    alone, scouted = (ordering("small", SMALL)(scouted) for scouted in (False, True))
    assert alone.keys() == scouted.keys() == {"small", "small_credits", "small_ship_hours"}
    assert min(alone.values()) > 0
    every = {f"{name}_{what}": 2.0 for name in ORDERS for what in ("credits", "ship_hours")}
    assert dict(totals(every)) == {"orders_credits": 10.0, "orders_ship_hours": 10.0}
    every.popitem()
    assert dict(totals(every)) == {"orders_credits": 10.0}


def test_every_part_has_a_column_and_a_rule_its_own_name() -> None:
    """What is played is shown, and rows are told apart by their names."""
    assert parts().keys() <= FIGURES.keys()
    assert len(EVERY) == len(RULES) + len(CHANCE)


def test_more_time_and_less_earned_are_losses() -> None:
    """Without the rule it takes a tenth longer and earns a fifth less: so much is it worth."""
    found = judge({"five_young": 4.0, "frigate": 1_000, "chain": 50}, {"five_young": 4.4, "frigate": 800})
    assert found.changes == pytest.approx({"five_young": 10, "frigate": -20})
    assert found.losses == pytest.approx({"five_young": 10, "frigate": 20})
    assert (found.mean, found.most) == pytest.approx((15, 20))
    assert found.is_met
    assert not judge({"chain": 50}, {"chain": 50}).is_met


def test_the_page_shows_every_row_beside_the_one_with_all_rules() -> None:
    """Rules that are worth little, that no case meets and that nothing runs without are named apart."""
    names = ("posts", "patience", "slack", "spread", "(chance 1)")
    rows = {
        name: Row(name, {"five_young": hours})
        for name, hours in zip(names, (4.4, 4.04, 4.0, 0.0, 3.96), strict=True)
    }
    rows |= {"": Row("", {"five_young": 4.0}), "spread": Row("spread", {}, crash="ZeroDivisionError")}
    text = page([EVERY[name] for name in names], rows)
    assert "| rule | without it | five loads, young, h | worth: mean | most |" in text
    assert "| *all rules* |  | 4.00 |  |  |" in text
    assert f"| posts | {EVERY['posts'].without} | 4.40 (+10.0) | +10.0 | +10.0 |" in text
    assert "Worth less than 2 per cent in every figure: patience." in text
    assert "Met by no case: every figure is the same without it: slack." in text
    assert "The program does not run without it: spread." in text
    assert f"| posts | `{EVERY['posts'].lives}` |" in text
