"""Run the suite while two loops keep the processors busy and a writer the disk: ``make test-loaded``.

Words after the module are handed to pytest: ``python -m tests.under_load tests/store``. What runs beside the
suite ends with it, also where the suite is killed.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

LOOPS = 2
_BLOCK = b"\0" * (1 << 20)
_BLOCKS = 64


def busy(parent: int) -> None:
    """Use a processor for as long as the parent lives."""
    while os.getppid() == parent:
        sum(range(100_000))


def write(parent: int) -> None:
    """Write 64 MiB and see them to the disk, again and again, for as long as the parent lives."""
    with tempfile.TemporaryDirectory(prefix="gf-load-") as folder:
        while os.getppid() == parent:
            with (Path(folder) / "filler").open("wb") as file:
                for _ in range(_BLOCKS):
                    file.write(_BLOCK)
                    file.flush()
                    os.fsync(file.fileno())
                    if os.getppid() != parent:
                        return


def main(words: list[str]) -> int:
    """The exit code of pytest."""
    burdens: list[Callable[[int], None]] = [*[busy] * LOOPS, write]
    beside = [multiprocessing.Process(target=burden, args=(os.getpid(),)) for burden in burdens]
    for process in beside:
        process.start()
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "3", "--dist", "worksteal", *words], check=False
        ).returncode
    finally:
        for process in beside:
            process.terminate()
            process.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
