"""What every test may ask for, and what no test may do."""

import gc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests.postgres import PostgresServer, missing, patient, postgres_server

pytest_plugins = ["tests.strictness", "pytester"]

KILLING = Path(__file__).parent / "kill"

# Every daemon that a test starts as a process would compile the whole program for itself, and every worker
# every test: what one compiles all may load.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell without job control lets what it starts in the background, and all that starts there, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The in-process transport asks for this one at every request, and a search that found nothing is not
# remembered: None is Python's own word for a module that is not there.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A settings file, variables or a token of whoever runs the tests change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith(("GOODS_", "SPACETRADERS_"))]:
            patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _logs_where_pytest_looks() -> None:
    """Outside of a daemon's own log our lines go to the standard library, for ``caplog``."""
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests of this process."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def new_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database of its own for one test, opened with the time-outs users have: seconds."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture
def postgres_url(new_postgres_url: str) -> str:
    """An empty database of its own for one test, whose time-outs a busy machine does not exceed."""
    return patient(new_postgres_url)


def pytest_collection_finish() -> None:
    """Thousands of tests are never garbage: looking through them again and again takes processor time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without PostgreSQL its half is left out and said to be; in CI nothing is left out, and it fails.

    What kills real processes comes first: it mostly waits, and the other workers compute meanwhile.
    """
    items.sort(key=lambda item: KILLING not in item.path.parents)
    if missing() is None or os.environ.get("CI"):
        return
    left_out = [item for item in items if needs_postgres(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def needs_postgres(item: pytest.Item) -> bool:
    """Whether a test asks for the server: by a fixture, or by being the PostgreSQL case of several."""
    case = getattr(item, "callspec", None)
    params = () if case is None else case.params.values()
    return "postgres" in getattr(item, "fixturenames", ()) or any(
        isinstance(value, str) and value.endswith("postgresql") for value in params
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for what was left out, so that nobody takes half for the whole."""
    if (sentence := missing()) and not os.environ.get("CI"):
        terminalreporter.write_line(f"The PostgreSQL half of the tests was left out: {sentence}", yellow=True)
