"""The bench of a year fills a database, lets retention work on it, and measures what is left."""

from bench.months import Year, document_of, measure

YEAR = Year(legs=1_200, factories=60, sightings=240, steps=73)


def test_a_small_year_is_written_thinned_and_measured() -> None:
    """What is older than a month is gone, the ledger is whole, and every figure is a measurement."""
    document = document_of(measure(YEAR, seconds=480))
    rows, month = document["rows"], YEAR.legs // 12
    assert rows["ledger"] >= YEAR.legs * YEAR.ledger_rows_per_leg
    for table, per_leg in (("events", YEAR.events_per_leg), ("legs", 1), ("containers", 1)):
        assert 0.9 * month * per_leg <= rows[table] <= 1.5 * month * per_leg + 500, table
    assert rows["intents"] < month * YEAR.intents_per_leg
    for costs in (document["costs"], document["empty"]):
        assert set(costs) == {
            *("status_ms", "list_ms", "containers_ms", "ledger_ms", "daemon_status_ms", "pass_ms")
        }
        assert all(value > 0 for value in costs.values())
    assert 0.1 < document["pass_ratio"] < 10
    assert document["db_mb"] > 1
    assert document["rss_mb"] > 50
    assert len(document["met"]) == 3
