"""The places of request allowances that several daemons share."""


def kept(opened, scope):
    return opened.run(lambda t: t.request_places.kept(scope))


def test_nothing_is_kept_at_first(opened):
    """A scope nobody asked within has no places yet."""
    assert kept(opened, "https://here/v2") == []


def test_places_come_back_in_order(opened, rows):
    """Places are told by pool and slot, in numbers and not in letters."""
    for pool, slot in ((1, 0), (0, 10), (0, 9)):
        opened.run(lambda t, p=pool, s=slot: t.request_places.put("here", p, s, rows.later(p + s)))
    assert kept(opened, "here") == [(0, 9, rows.later(9)), (0, 10, rows.later(10)), (1, 0, rows.later(1))]


def test_newest_instant_of_a_place_counts(opened, rows):
    """A place that is taken again is free at another instant, an earlier one too."""
    for seconds in (5, 60, 30):
        opened.run(lambda t, s=seconds: t.request_places.put("here", 0, 0, rows.later(s)))
    assert kept(opened, "here") == [(0, 0, rows.later(30))]


def test_scopes_do_not_share(opened, rows):
    """Each address has an allowance of its own."""
    opened.run(lambda t: t.request_places.put("here", 0, 0, rows.later(1)))
    opened.run(lambda t: t.request_places.put("there", 0, 0, rows.later(2)))
    assert kept(opened, "here") == [(0, 0, rows.later(1))]
    assert kept(opened, "there") == [(0, 0, rows.later(2))]
