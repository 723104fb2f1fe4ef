"""``spacetraders-daemon``: the same as ``spacetraders daemon run``."""

import sys

from goodsfactory.cli.main import main as spacetraders


def main() -> int:
    return spacetraders(["daemon", "run", *sys.argv[1:]])
