"""What a factory earned, from the sums of its ledger rows."""

from dataclasses import replace

import pytest

from goodsfactory.domain.books import FactoryBooks, Posting, books_of
from goodsfactory.domain.money import MoneyKind


def books(**changes: int) -> FactoryBooks:
    """IRON for 900 was fed, COPPER for 300 made into a product that brought 2,000; fuel was 100."""
    postings = [
        Posting(MoneyKind.PURCHASE, "IRON", 30, -900),
        Posting(MoneyKind.PURCHASE, "COPPER", 10, -300),
        Posting(MoneyKind.REFUEL, "FUEL", 1, -100),
        Posting(MoneyKind.SALE, "IRON", 30, 400),
        Posting(MoneyKind.SALE, "COPPER", 10, 1600),
    ]
    return replace(books_of(postings, in_work=0, acquired=1200, seconds=7200), **changes)


def test_profit_is_sales_less_goods_and_fuel() -> None:
    """Every part is told, and they add up."""
    told = books().to_json()
    assert (told["purchases"], told["fuel"], told["sales"]) == (1200, 100, 2000)
    assert told["net"] == told["profit"] == 700


def test_cargo_aboard_is_neither_won_nor_lost() -> None:
    """What it cost is given back to the profit until it is sold."""
    assert books(in_work=300).net == 700
    assert books(in_work=300).profit == 1000


def test_goods_another_factory_paid_for_are_a_cost() -> None:
    """And those that another one took over are none."""
    assert books(acquired=1500).profit == 400
    assert books(acquired=1000).profit == 900


def test_cargo_that_is_gone_is_lost() -> None:
    """A write-off moves no credits; the purchase stays paid, and nobody else is charged with it."""
    lost = books_of(
        [Posting(MoneyKind.PURCHASE, "IRON", 10, -300), Posting(MoneyKind.WRITE_OFF, "IRON", 10, 300)],
        in_work=0,
        acquired=0,
        seconds=7200,
    )
    assert (lost.net, lost.taken_over, lost.profit) == (-300, 0, -300)


@pytest.mark.parametrize(
    ("seconds", "an_hour"), [(7200, 350), (3600, 700), (60, 42_000), (59, None), (0, None)]
)
def test_an_hour_is_one_of_its_whole_life(seconds: int, an_hour: int | None) -> None:
    """The profit by the time it is shown to have taken; in its first minute nobody can tell."""
    assert books(seconds=seconds).to_json()["profit_per_hour"] == an_hour
