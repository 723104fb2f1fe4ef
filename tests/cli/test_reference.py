"""The written reference agrees with the program."""

from tests.cli.reference import FILE, reference


def test_the_command_reference_is_current() -> None:
    """docs/reference/cli.md is what the commands say of themselves."""
    assert FILE.read_text("utf-8") == reference()
