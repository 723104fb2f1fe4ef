"""The two-pool request limit of api-facts §2."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goodsfactory.sandbox.rate_limit import BURST, PER_SECOND, Allowance, RateLimit

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: Any) -> Any:
    """An instant after the start."""
    return START + timedelta(seconds=seconds)


def passed(limit: Any, seconds: Any, count: Any, ip: str = "1.1.1.1", account: Any = None) -> Any:
    """How many of ``count`` requests at one instant pass."""
    return sum(limit.check(ip, account, at(seconds)).allowed for _ in range(count))


def test_both_pools_empty_after_32_requests() -> None:
    """2 per second and 30 per minute make 32 at once; the 33rd is refused."""
    limit = RateLimit()
    assert passed(limit, 0, 40) == PER_SECOND + BURST
    refused = limit.check("1.1.1.1", None, at(0.25))
    assert (refused.allowed, refused.type, refused.remaining) == (False, "IP Address", 0)
    assert (refused.reset, refused.retry_after) == (at(1), 1)


def test_the_static_pool_refills_one_second_after_its_first_use() -> None:
    """The window opens with the first request, not on the whole second."""
    limit = RateLimit()
    passed(limit, 0.7, 32)
    assert passed(limit, 1.69, 5) == 0
    assert passed(limit, 1.7, 5) == 2


def test_the_burst_pool_refills_sixty_seconds_after_its_own_first_use() -> None:
    """Its window opens when the static pool first runs dry, not with the first request."""
    limit = RateLimit()
    assert passed(limit, 0, 2) == 2
    assert passed(limit, 10, 32) == 32
    assert passed(limit, 69.9, 40) == 2
    assert passed(limit, 71, 40) == 32


def test_the_static_pool_is_used_first() -> None:
    """Two requests a second never touch the burst pool, however long they go on."""
    limit = RateLimit()
    for second in range(100):
        assert passed(limit, second, 2) == 2
    assert passed(limit, 100, 40) == 32


def test_agents_on_one_address_share_its_pool() -> None:
    """Another account does not help behind the same address."""
    limit = RateLimit()
    assert passed(limit, 0, 32, account="one") == 32
    verdict = limit.check("1.1.1.1", "two", at(0))
    assert (verdict.allowed, verdict.type) == (False, "IP Address")


def test_addresses_of_one_account_share_its_pool() -> None:
    """Another address does not help the same account; the refusal names the account."""
    limit = RateLimit()
    assert passed(limit, 0, 32, ip="1.1.1.1", account="one") == 32
    verdict = limit.check("2.2.2.2", "one", at(0))
    assert (verdict.allowed, verdict.type) == (False, "Account")


def test_a_refusal_costs_nothing() -> None:
    """Requests refused for the account leave the pools of their address untouched."""
    limit = RateLimit()
    passed(limit, 0, 32, ip="1.1.1.1", account="one")
    assert passed(limit, 0, 50, ip="2.2.2.2", account="one") == 0
    assert passed(limit, 0, 40, ip="2.2.2.2", account="two") == 32


@given(st.lists(st.floats(0, 3, allow_nan=False), max_size=300))
def test_no_second_and_no_minute_exceeds_its_pools(gaps: Any) -> None:
    """Any second or minute meets at most two windows of each pool, whatever the rhythm."""
    allowance, now, granted = Allowance("IP Address"), START, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if allowance.look(now).allowed:
            allowance.take(now)
            granted.append(now)
    for index, first in enumerate(granted):
        second = [each for each in granted[index:] if each - first < timedelta(seconds=1)]
        minute = [each for each in granted[index:] if each - first < timedelta(seconds=60)]
        assert len(second) <= 2 * PER_SECOND + 2 * BURST
        assert len(minute) <= 61 * PER_SECOND + 2 * BURST


@given(st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=200))
def test_retry_after_is_enough_and_needed(gaps: Any) -> None:
    """A refused client that waits until ``reset`` passes, and one that does not wait is refused again."""
    allowance, now = Allowance("Account"), START
    for gap in gaps:
        now += timedelta(seconds=gap / 10)
        verdict = allowance.look(now)
        if verdict.allowed:
            allowance.take(now)
            assert verdict.retry_after == 0
        else:
            assert now < verdict.reset <= now + timedelta(seconds=verdict.retry_after)
            assert not allowance.look(verdict.reset - timedelta(microseconds=1)).allowed
            assert allowance.look(verdict.reset).allowed


@given(st.lists(st.sampled_from([0.5, 0.6, 1.0]), max_size=200))
def test_a_client_that_spaces_its_requests_is_never_refused(gaps: Any) -> None:
    """Two requests a second pass for ever (api-facts §2, client practice)."""
    limit, now = RateLimit(), START
    for gap in gaps:
        now += timedelta(seconds=gap)
        assert limit.check("1.1.1.1", "one", now).allowed
