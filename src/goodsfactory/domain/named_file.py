"""Text of a file that a user names: any file, also one without an end."""

import errno
from pathlib import Path
from typing import IO

LARGEST = 10_000_000
"""Bytes: a hundred times the largest file that anybody means, and little beside the memory there is."""


def read_text(file: Path) -> str:
    """The whole text. Raises OSError whose ``strerror`` says why it cannot be read."""
    with file.open("rb") as opened:
        return text_of(opened)


def text_of(opened: IO[bytes]) -> str:
    """As :func:`read_text`, of an open file."""
    return in_utf8(opened.read(LARGEST + 1))


def first_line(opened: IO[bytes]) -> str:
    """The next line alone: whoever types it need not end the file."""
    return in_utf8(opened.readline(LARGEST + 1))


def in_utf8(content: bytes) -> str:
    """What was read in one bounded piece, as text. Raises OSError as :func:`read_text`."""
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST // 1_000_000} MB")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "it is not UTF-8 text") from None
