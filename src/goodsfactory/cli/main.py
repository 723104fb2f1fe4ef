"""``spacetraders``: where every command begins; nothing is imported before Ctrl-C is minded."""

import sys
from collections.abc import Sequence

from goodsfactory.cli.failure import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 ok, 1 failed, 2 usage, 3 unreachable, 130 interrupted."""
    try:
        from goodsfactory.cli.program import run

        return run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
