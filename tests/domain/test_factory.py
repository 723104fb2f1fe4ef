"""The life cycle of a goods factory."""

from datetime import UTC, datetime, timedelta

import pytest

from goodsfactory.domain.errors import IllegalTransition, UserError
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Strategy, Terminal

BORN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = BORN + timedelta(minutes=5)
PENDING = GoodsFactory("f-1", 1, "COPPER", "X1-T", BORN, BORN)
ACTIVE = PENDING.activate(BORN)

STEPS = {
    "activate": lambda factory: factory.activate(LATER),
    "complete": lambda factory: factory.complete(LATER, quantity=7, cost=900),
    "fail": lambda factory: factory.fail(LATER, "no exporter"),
    "stop": lambda factory: factory.stop(LATER),
}
OVER = {
    "completed": ACTIVE.complete(BORN, quantity=1, cost=1),
    "failed": ACTIVE.fail(BORN, "x"),
    "stopped": ACTIVE.stop(BORN),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("ended", OVER)
def test_a_factory_that_is_over_stays_over(ended: str, step: str) -> None:
    """COMPLETED, FAILED and STOPPED have no way on; the error names both states."""
    with pytest.raises(IllegalTransition, match=r"^Factory f-1 is [A-Z]+ and cannot become [A-Z]+\.$"):
        STEPS[step](OVER[ended])


def test_a_pending_factory_cannot_complete() -> None:
    """Work must have started."""
    with pytest.raises(IllegalTransition, match="is PENDING and cannot become COMPLETED"):
        PENDING.complete(LATER, quantity=1, cost=0)


def test_an_active_factory_cannot_start_again() -> None:
    """Activation happens once; started_at keeps the first moment."""
    with pytest.raises(IllegalTransition):
        ACTIVE.activate(LATER)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_made_is_not_completed(quantity: int) -> None:
    """W16: any positive output completes; none does not."""
    with pytest.raises(IllegalTransition, match="without a unit of COPPER"):
        ACTIVE.complete(LATER, quantity=quantity, cost=5)


def test_activation_notes_the_time() -> None:
    """C14: PENDING → ACTIVE when work starts."""
    active = PENDING.activate(LATER)
    assert (active.status, active.started_at, active.updated_at) == (FactoryStatus.ACTIVE, LATER, LATER)
    assert active.completed_at is None
    assert PENDING.status is FactoryStatus.PENDING


def test_completion_keeps_quantity_cost_and_time() -> None:
    """C15: what was made, for how much, and when."""
    done = ACTIVE.complete(LATER, quantity=7, cost=900)
    assert (done.quantity_acquired, done.total_cost, done.completed_at) == (7, 900, LATER)
    assert (done.status.is_over, done.error) == (True, None)


@pytest.mark.parametrize("factory", [PENDING, ACTIVE])
def test_failure_keeps_the_error_and_its_time(factory: GoodsFactory) -> None:
    """C16: a factory fails from either open state."""
    failed = factory.fail(LATER, "no market exports COPPER")
    assert (failed.status, failed.error) == (FactoryStatus.FAILED, "no market exports COPPER")
    assert failed.completed_at == LATER


@pytest.mark.parametrize("factory", [PENDING, ACTIVE])
def test_a_stop_is_no_error(factory: GoodsFactory) -> None:
    """W11: the user's wish, from either open state."""
    stopped = factory.stop(LATER)
    assert (stopped.status, stopped.error, stopped.completed_at) == (FactoryStatus.STOPPED, None, LATER)


class TestRequest:
    def test_it_survives_the_store(self) -> None:
        """Every choice of the user is there again after a restart."""
        request = FactoryRequest(
            strategy=Strategy.PREFER_BUY,
            units=40,
            terminal=Terminal.SELL,
            max_depth=3,
            priority=2.5,
            ships=("A-1",),
            exclude=("A-2", "A-3"),
            fail_if_no_ship=True,
        )
        assert FactoryRequest.from_json(request.to_json()) == request

    def test_what_an_older_row_lacks_gets_its_default(self) -> None:
        """An empty object is the usual request."""
        assert FactoryRequest.from_json({}) == FactoryRequest()

    @pytest.mark.parametrize("units", [0, -5])
    def test_nothing_is_no_wish(self, units: int) -> None:
        """A target below one unit could never be reached, or was reached before it began."""
        with pytest.raises(UserError, match=rf"^A factory makes at least 1 unit, not {units}\.$"):
            FactoryRequest(units=units)

    @pytest.mark.parametrize("priority", [0.0, -1.0, 1000.5, float("inf"), float("-inf"), float("nan")])
    def test_a_priority_that_cannot_be_weighed_is_refused(self, priority: float) -> None:
        """An infinite weight, or one that is no number, stopped the matching of every other factory."""
        with pytest.raises(UserError, match=r"^The priority must be above 0 and at most 1000, not "):
            FactoryRequest(priority=priority)

    @pytest.mark.parametrize("priority", [0.001, 1000.0])
    def test_the_limits_of_priority_are_wishes_themselves(self, priority: float) -> None:
        """Above nothing, up to a thousand."""
        assert FactoryRequest(units=1, priority=priority).priority == priority

    def test_an_unknown_strategy_is_refused(self) -> None:
        """A word we do not know is never guessed at."""
        with pytest.raises(ValueError, match="smartest"):
            FactoryRequest.from_json({"strategy": "smartest"})


@pytest.mark.parametrize("factory", [PENDING, ACTIVE])
def test_a_pause_is_no_status_and_counts_from_the_first(factory: GoodsFactory) -> None:
    """A paused factory keeps its status; a second pause keeps the first moment; a resume ends it."""
    paused = factory.pause(LATER)
    assert (paused.status, paused.paused_at) == (factory.status, LATER)
    assert paused.pause(LATER + timedelta(minutes=5)) is paused
    assert paused.resume(LATER).paused_at is None
    assert factory.resume(LATER) is factory


@pytest.mark.parametrize("ended", OVER)
@pytest.mark.parametrize("wish", ["pause", "resume"])
def test_a_factory_that_is_over_is_neither_paused_nor_resumed(ended: str, wish: str) -> None:
    """The error names its status."""
    with pytest.raises(IllegalTransition, match=rf"^Factory f-1 is [A-Z]+ already and cannot be {wish}d\.$"):
        getattr(OVER[ended], wish)(LATER)


def test_a_factory_that_ends_is_not_paused_any_more() -> None:
    """Stopped, or completed by its last voyage."""
    assert ACTIVE.pause(LATER).stop(LATER).paused_at is None
    assert ACTIVE.pause(LATER).complete(LATER, quantity=1, cost=1).paused_at is None
