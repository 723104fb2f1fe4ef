"""What a command ends with when it cannot do what was asked."""

OK = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3
INTERRUPTED = 130

_ENDS = {
    "usage": USAGE,
    "invalid": USAGE,
    "daemon-unreachable": UNREACHABLE,
    "stopping": UNREACHABLE,
    "unreachable": UNREACHABLE,
    "interrupted": INTERRUPTED,
}


def exit_code_of(code: str) -> int:
    """The exit code that goes with a machine code: the one rule for every command.

    2 where what was typed can never be right, whoever finds that out; 3 where nobody answers; else 1.
    """
    return _ENDS.get(code, FAILED)


class Failure(Exception):
    """One sentence for people, and one code for machines, which tells the exit code for the shell."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
