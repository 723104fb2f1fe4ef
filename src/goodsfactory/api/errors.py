"""What a call of the daemon may raise."""


class DaemonError(Exception):
    """The daemon said no. ``code`` is for machines and stable, the text is a sentence for people."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class DaemonUnreachable(DaemonError):
    """No daemon answered. Start one, or name the right socket."""

    def __init__(self, message: str, *, code: str = "daemon-unreachable") -> None:
        super().__init__(message, code=code)
