"""The bench of few ships: what it asks of the program, and what it says in its document."""

from bench.starve import GOODS, PURSE, Starve, document_of, run


def test_it_begins_with_plenty_in_stock_and_six_factories() -> None:
    """Every good lies ready at the start; nothing was lifted before an hour has passed."""
    begun = run(0, 0)
    assert set(begun.in_stock) == set(GOODS)
    assert begun.start == PURSE
    assert begun.purse == []
    assert begun.first_lift_minutes == dict.fromkeys(GOODS)
    assert begun.requests > 0


def test_the_summary_tells_the_latest_first_lift_and_what_was_gained() -> None:
    """Of goods in stock one that was never lifted counts as late as the run is long."""
    lifts: dict[str, float | None] = dict.fromkeys(GOODS, 7.5) | {"MEDICINE": None}
    alone = Starve(0, 100, [150, 90], lifts, ["CLOTHING"], 5, 9, 0.1)
    summary = document_of([alone])["summary"]
    assert summary == {
        "first_lift_minutes": lifts,
        "latest_first_lift_minutes": 7.5,
        "gained": {"0 haulers": [50, -10]},
    }
    never = Starve(0, 100, [150], lifts, ["MEDICINE"], 5, 9, 0.1)
    assert document_of([never])["summary"]["latest_first_lift_minutes"] == 60  # type: ignore[index]
