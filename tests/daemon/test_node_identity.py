"""Who a daemon is: a name that outlives it, held by one process at a time."""

from pathlib import Path

import pytest

from goodsfactory.adapters.node_identity import node_identity, sending_address
from goodsfactory.domain.errors import UserError


def test_a_state_directory_keeps_its_name(tmp_path: Path) -> None:
    """The same daemon started again is the same node: what it ran is found as its own."""
    with node_identity(tmp_path / "a") as first:
        pass
    with node_identity(tmp_path / "a") as again:
        assert again.name == first.name
        assert again.held_since > first.held_since


def test_two_state_directories_are_two_nodes(tmp_path: Path) -> None:
    """Also on one machine."""
    with node_identity(tmp_path / "a") as a, node_identity(tmp_path / "b") as b:
        assert a.name != b.name


def test_a_name_is_held_by_one_process(tmp_path: Path) -> None:
    """A second daemon on the same state directory is refused with what to do, whatever its database."""
    with (
        node_identity(tmp_path),
        pytest.raises(UserError, match="give another --state-dir"),
        node_identity(tmp_path),
    ):
        pass


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The sentence names the folder, which here is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"), node_identity(tmp_path / "file"):
        pass


def test_the_limit_goes_by_machine_and_source_address() -> None:
    """Two daemons of one machine that send from different addresses do not share a limit."""
    assert sending_address(None) == sending_address(None)
    assert len({sending_address(None), sending_address("127.0.0.2"), sending_address("127.0.0.3")}) == 3
