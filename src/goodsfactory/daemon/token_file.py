"""A token of a file that a user names."""

import errno
import sys
from pathlib import Path

from goodsfactory.domain.named_file import first_line, read_text


def read_token(file: Path) -> str:
    """The token in a file; of standard input, named ``-``, the first line.

    Raises OSError whose ``strerror`` says why it cannot be read.
    """
    if str(file) == "-":
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        return first_line(sys.stdin.buffer).strip()
    try:
        named = file.expanduser()
    except RuntimeError:
        raise OSError(errno.ENOENT, "there is no such home folder") from None
    return read_text(named).strip()
