"""Conservation over every operation, on a generated galaxy: slices of the million of the bench."""

from collections import Counter

import pytest
from bench.conservation import Bookkeeper, BooksDiffer


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_requests_break_no_law(seed: int) -> None:
    """Credits, cargo, fuel, stock, places and time are what the answers said, and no answer is a 5xx."""
    figures = Bookkeeper(seed).run(4_000)
    assert figures.requests == 4_000
    assert figures.done.total() > 500
    assert figures.statuses[400] > 500
    assert {"navigate", "refuel", "purchase", "sell"} <= set(figures.done)


def test_the_same_seed_is_the_same_story() -> None:
    """Statuses and successes repeat exactly."""
    one, two = Bookkeeper(9).run(400), Bookkeeper(9).run(400)
    assert (one.statuses, one.done) == (two.statuses, two.done)


@pytest.mark.parametrize("law", ["credits", "cargo", "fuel"])
def test_a_broken_law_is_told(law: str) -> None:
    """The books notice a single credit, unit or drop of fuel from nowhere."""
    books = Bookkeeper(4)
    ship = next(iter(books.world.fleets))
    if law == "credits":
        next(iter(books.world.agents)).credits += 1
    elif law == "cargo":
        ship.hold["IRON"] = 1
    else:
        ship.fuel -= 1
    with pytest.raises(BooksDiffer, match=law):
        books.audit()


def test_a_ship_of_which_nobody_was_told_is_noticed() -> None:
    """A ship that appears without a purchase is no ship of the books."""
    books = Bookkeeper(4)
    ship = next(iter(books.world.fleets))
    books.holds[f"{ship.symbol}0"] = Counter()
    with pytest.raises(BooksDiffer, match="one of each ship"):
        books.audit()
