"""Things of another user."""

import os
from pathlib import Path

import pytest

STRANGER = 12_345
"""A number that is nobody's here."""


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``path`` be another user's: root gives it away, anybody else becomes somebody else."""
    if os.geteuid() == 0:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
