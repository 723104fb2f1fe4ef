"""What a command ends with when it cannot do what was asked."""

OK = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3
INTERRUPTED = 130


class Failure(Exception):
    """One sentence for people, one code for machines, one exit code for the shell."""

    def __init__(self, message: str, *, code: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.exit_code = exit_code
