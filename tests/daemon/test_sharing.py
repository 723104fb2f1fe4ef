"""Several daemons share the agents: each is worked for by one, and none works for much more than its part."""

from hypothesis import given
from hypothesis import strategies as st

from goodsfactory.daemon.sharing import Sharing, share_agents


def test_a_daemon_alone_takes_everything() -> None:
    """Whatever nobody alive works for is taken at once."""
    assert share_agents("a", {"a"}, {1: None, 2: "gone", 3: None}) == Sharing(take=(1, 2, 3))


def test_of_two_each_takes_half() -> None:
    """The rest is left to the other, which takes it on its own next beat."""
    assert share_agents("a", {"a", "b"}, {1: None, 2: None, 3: None}) == Sharing(take=(1, 2))
    assert share_agents("b", {"a", "b"}, {1: "a", 2: "a", 3: None}) == Sharing(take=(3,))


def test_a_daemon_that_joins_is_given_its_part() -> None:
    """The newest of the surplus go; the one that joined takes nothing from a living one by itself."""
    owners = {1: "a", 2: "a", 3: "a", 4: "a"}
    assert share_agents("a", {"a", "b"}, owners) == Sharing(hand_over=(3, 4))
    assert share_agents("b", {"a", "b"}, owners) == Sharing()


def test_an_uneven_number_does_not_wander() -> None:
    """Three agents of two daemons: two and one is fair for both."""
    owners = {1: "a", 2: "a", 3: "b"}
    assert share_agents("a", {"a", "b"}, owners) == share_agents("b", {"a", "b"}, owners) == Sharing()


def test_what_is_free_is_not_handed_over_as_well() -> None:
    """The other daemon fills up from the free ones first."""
    assert share_agents("a", {"a", "b"}, {1: "a", 2: "a", 3: "a", 4: None, 5: None}) == Sharing()


def test_a_daemon_that_cannot_work_gives_everything_up() -> None:
    """It stands by: another one works from its address."""
    assert share_agents("a", {"b"}, {1: "a", 2: "b"}) == Sharing(hand_over=(1,))


@given(
    st.dictionaries(st.integers(1, 40), st.sampled_from(["a", "b", "c", "gone", None]), max_size=30),
    st.sets(st.sampled_from(["a", "b", "c"]), min_size=1),
)
def test_whatever_the_start_it_settles(owners: dict[int, str | None], workers: set[str]) -> None:
    """In a few rounds every agent has a living daemon, none more than one above another, and it stays so."""
    for _ in range(4):
        for worker in sorted(workers):
            decision = share_agents(worker, workers, owners)
            owners |= dict.fromkeys(decision.take, worker) | dict.fromkeys(decision.hand_over)
    before = dict(owners)
    counts = [sum(owner == worker for owner in owners.values()) for worker in workers]
    assert set(owners.values()) <= workers
    fair = -(-len(owners) // len(workers))
    assert max(counts, default=0) <= fair
    for worker in workers:
        assert share_agents(worker, workers, owners) == Sharing()
    assert owners == before
