"""One process at a time on one database file."""

from pathlib import Path

import pytest

from goodsfactory.adapters.store.exclusive import exclusive
from goodsfactory.domain.errors import UserError


def test_a_second_daemon_on_the_same_file_is_refused_with_the_path(tmp_path: Path) -> None:
    """Whoever comes second is told which file is taken and what to do."""
    file = str(tmp_path / "goods.sqlite")
    with (
        exclusive(file),
        pytest.raises(UserError, match=r"Another daemon works on .*goods\.sqlite"),
        exclusive(file),
    ):
        pass


def test_the_same_file_by_its_url_is_the_same_file(tmp_path: Path) -> None:
    """A path and a sqlite URL of that path exclude each other."""
    file = str(tmp_path / "goods.sqlite")
    with exclusive(f"sqlite:///{file}"), pytest.raises(UserError), exclusive(file):
        pass


def test_the_file_is_free_again_afterwards(tmp_path: Path) -> None:
    """The right ends with its holder, also by an exception."""
    file = str(tmp_path / "goods.sqlite")
    with pytest.raises(RuntimeError), exclusive(file):
        raise RuntimeError
    with exclusive(file):
        pass


def test_databases_in_memory_never_exclude_each_other() -> None:
    """Each is private to its process."""
    with exclusive(":memory:"), exclusive(":memory:"):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The sentence names the folder, which here is a file."""
    blocker = tmp_path / "blocker"
    blocker.write_text("")
    with pytest.raises(UserError, match="blocker"), exclusive(str(blocker / "goods.sqlite")):
        pass
