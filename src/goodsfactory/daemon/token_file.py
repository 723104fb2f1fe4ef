"""A token of a file that a user names."""

import sys
from pathlib import Path

from goodsfactory.domain.named_file import first_line, read_text


def read_token(file: Path) -> str:
    """The token in a file; of standard input, named ``-``, the first line.

    Raises OSError whose ``strerror`` says why it cannot be read.
    """
    text = first_line(sys.stdin.buffer) if str(file) == "-" else read_text(file.expanduser())
    return text.strip()
