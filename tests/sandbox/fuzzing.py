"""The document's every operation, fuzzed over a socket: ``python -m tests.sandbox.fuzzing [SEED …]``.

All phases of schemathesis, with every check but the two named here. What no server keeps to is taken out of
the document first (``tests.sandbox.test_schemathesis.read_document``).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.sandbox.test_schemathesis import read_document

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.sandbox.in_thread import served_in_thread
from goodsfactory.sandbox.opening import Choices, open_sandbox
from goodsfactory.sandbox.operator import Operator

NOT_OURS = "unsupported_method,positive_data_acceptance"
"""The game answers 404 for a method it does not have, and refuses what is well formed and makes no sense."""


def fuzz(seed: int, examples: int) -> int:
    """The exit code of schemathesis against a fresh universe."""
    clock = ScaledClock()
    app = open_sandbox(
        Choices(
            seed=seed,
            systems=10,
            rate_limit=False,
            accounts_required=True,
            starting_credits=50_000_000,
            speed=60,
        ),
        real=clock.now,
        sleep=clock.sleep,
    )
    with tempfile.TemporaryDirectory() as folder, served_in_thread(app) as url:
        document = Path(folder) / "document.json"
        document.write_text(json.dumps(read_document()))
        operator = Operator(url)
        account = operator.account("fuzzer")
        token = operator.register("FUZZER", account_token=account)
        header = f'headers = {{ Authorization = "Bearer {account}" }}'
        told = f'[[operations]]\ninclude-name = "POST /register"\n{header}\n'
        (Path(folder) / "schemathesis.toml").write_text(told)
        command = [str(Path(sys.executable).parent / "st"), "run", str(document), "--url", url]
        command += ["--header", f"Authorization: Bearer {token}", "--seed", str(seed)]
        command += ["--phases", "examples,coverage,fuzzing,stateful", "--exclude-checks", NOT_OURS]
        command += ["--max-examples", str(examples), "--continue-on-failure", "--warnings", "off"]
        return subprocess.run(command, cwd=folder, check=False).returncode


def main(seeds: Iterable[int]) -> int:
    """1 when any seed found something."""
    return max(fuzz(seed, examples=25) for seed in seeds)


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or range(1, 6)))
