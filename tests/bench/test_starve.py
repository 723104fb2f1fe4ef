"""The bench of few ships: what it asks of the program, and what it says in its document."""

from typing import Any

from bench.starve import GOODS, PURSE, Starve, document_of, run


def test_it_begins_with_plenty_in_stock_and_six_factories() -> None:
    """Every good lies ready at the start; nothing was lifted before an hour has passed."""
    begun = run(0, 0)
    assert set(begun.in_stock) == set(GOODS)
    assert begun.start == PURSE
    assert begun.purse == []
    assert begun.first_lift_minutes == dict.fromkeys(GOODS)
    assert begun.requests > 0


def fleet(haulers: int, *purse: int, lifts: float | None = 7.5, in_stock: str = "CLOTHING") -> Starve:
    first: dict[str, float | None] = dict.fromkeys(GOODS, lifts) | {"MEDICINE": None}
    return Starve(haulers, PURSE, list(purse), first, [in_stock], 5, 9, 0.1)


def summary_of(*runs: Starve) -> dict[str, Any]:
    summary = document_of(runs)["summary"]
    assert isinstance(summary, dict)
    return summary


def test_the_summary_tells_the_first_lifts_of_the_frigate_alone() -> None:
    """Of goods in stock one that was never lifted counts as late as the run is long."""
    told = summary_of(fleet(4, PURSE, lifts=1), fleet(0, PURSE))
    assert told["first_lift_minutes"]["CLOTHING"] == 7.5
    assert told["first_lift_minutes"]["MEDICINE"] is None
    assert told["latest_first_lift_minutes"] == 7.5
    assert summary_of(fleet(0, PURSE, in_stock="MEDICINE"))["latest_first_lift_minutes"] == 60


def test_what_the_frigate_gains_in_two_hours_is_set_against_the_first_version() -> None:
    """742,810 credits were gained then, of a purse of 175,000 at the start."""
    told = summary_of(fleet(0, 300_000, 175_000 + 1_485_620))
    assert told["credits_2h_vs_today"] == 2.0
    assert summary_of(fleet(0, 300_000))["credits_2h_vs_today"] is None


def test_the_purse_of_ten_haulers_is_set_against_the_first_version() -> None:
    """It held 819,467 after three hours then; an hour after which it holds less than before is a fall."""
    told = summary_of(fleet(10, 900_000, 900_000, 1_638_934))
    assert (told["ten_haulers_3h_vs_today"], told["ten_haulers_never_falls"]) == (2.0, True)
    assert not summary_of(fleet(10, 900_000, 899_999, 950_000))["ten_haulers_never_falls"]
    assert not summary_of(fleet(10, PURSE - 1))["ten_haulers_never_falls"]


def test_every_fleet_is_told_hour_by_hour() -> None:
    """Its purse after 1, 2, 4 and 8 hours, and what it had gained after each; what was not played is None."""
    told = summary_of(fleet(1, 200_000, 210_000, 220_000, 230_000))
    assert told["purse"] == {"1 haulers": {"1 h": 200_000, "2 h": 210_000, "4 h": 230_000, "8 h": None}}
    assert told["gained"] == {"1 haulers": [25_000, 35_000, 45_000, 55_000]}
    for key in ("first_lift_minutes", "latest_first_lift_minutes", "credits_2h_vs_today"):
        assert told[key] is None
    assert (told["ten_haulers_never_falls"], told["ten_haulers_3h_vs_today"]) == (None, None)
