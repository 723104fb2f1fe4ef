"""The pages about the sandbox say what its operator can really do."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec

from goodsfactory.sandbox.faults import FaultKind
from goodsfactory.sandbox.http.admin import PREFIX, Controls, admin_endpoints

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "sandbox-operator.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to" / "test-your-own-bot.md").read_text("utf-8")
ROW = re.compile(r"^\| `([A-Z]+ /sandbox[^`]*)` \|([^|]*)\|", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")


def test_the_page_lists_every_endpoint_with_its_fields() -> None:
    """Those of the code, no more and no fewer; the one query is that of the books."""
    listed = {endpoint: NAME.findall(fields) for endpoint, fields in ROW.findall(PAGE)}
    served = {
        f"{each.method} {PREFIX}{each.template}": [
            field.encode_name for field in (msgspec.structs.fields(each.body) if each.body else ())
        ]
        for each in admin_endpoints(Controls())
    }
    served["GET /sandbox/transactions"] = ["agent"]
    assert listed == served


def test_the_page_lists_every_kind_of_fault() -> None:
    """In the order of the code."""
    kinds = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert kinds == [kind.value for kind in FaultKind]


def test_the_python_of_the_how_to_runs(tmp_path: Path) -> None:
    """As written, in an empty folder, by the plugin that is installed with the package."""
    code = re.findall(r"^```python\n(.*?)^```$", HOW_TO, re.MULTILINE | re.DOTALL)
    assert len(code) == 2
    for number, body in enumerate(code):
        (tmp_path / f"test_page_{number}.py").write_text(body)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
        "-W",
        "error",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout
