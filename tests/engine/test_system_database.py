"""Where DBOS keeps its workflows, and what is said where it cannot."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from tests.engine.bodies import Sleeper
from tests.engine.records import Records
from tests.engine.stand import DURABLE, on_dbos
from tests.engine.yard import Yard
from tests.postgres import PostgresServer

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.engine.system_database import SystemDatabase
from goodsfactory.domain.errors import UserError


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_file_of_its_own_beside_the_store(tmp_path: Path, form: str) -> None:
    """Readable by its owner alone, like the store; its folder is made where it is missing."""
    database = SystemDatabase(form.format(tmp_path / "state" / "fleet.sqlite"))
    database.prepare()
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    database.close()
    [file] = (tmp_path / "state").glob("*.sqlite")
    assert file.name == "fleet-engine.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("database", [":memory:", "sqlite://", "sqlite:///:memory:"])
def test_memory_is_refused(database: str) -> None:
    """Nothing in memory outlives the process."""
    with pytest.raises(UserError, match="give the path of a file"):
        SystemDatabase(database)


def test_the_driver_is_ours_to_choose() -> None:
    """``postgresql:`` names the server, not the driver."""
    database = SystemDatabase("postgresql://me@here/fleet")
    assert database.engine.url.drivername == "postgresql+psycopg"
    database.close()


def test_what_the_url_says_counts(tmp_path: Path) -> None:
    """Our settings of a connection are added to those a user gives, and never replace them."""
    database = SystemDatabase("postgresql://me@here/fleet?connect_timeout=2&options=-c%20work_mem%3D1MB")
    assert database.engine.url.query["connect_timeout"] == "2"
    assert "work_mem=1MB" in database.engine.url.query["options"]
    assert "idle_in_transaction_session_timeout" in database.engine.url.query["options"]
    database.close()


@on_dbos(*DURABLE)
async def test_a_database_that_cannot_be_used_is_one_sentence(
    one: Yard, records: Records, postgres: PostgresServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No traceback, no password, nothing of DBOS; and the next engine of the process can be launched."""
    if "://" in records.database:
        wrong = make_url(postgres.url).set(password="secret", port=1).render_as_string(hide_password=False)
    else:
        (tmp_path / "fleet-engine.sqlite").write_bytes(b"this is a letter, not a database" * 100)
        wrong = str(tmp_path / "fleet.sqlite")
    engine = DurableEngine(one.store, ScaledClock(), database_url=wrong, node_id="node-1")
    with pytest.raises(UserError) as refusal:
        await engine.launch()
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")
    await engine.shutdown()
    assert capfd.readouterr() == ("", "")
    body = Sleeper(one)
    await (await one.engine_with(body)).start(one.container())
    await body.runs()


def test_a_file_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """The sentence says which file, and what to do."""
    (tmp_path / "fleet-engine.sqlite").mkdir()
    with pytest.raises(UserError, match=r"fleet-engine\.sqlite cannot be written"):
        SystemDatabase(str(tmp_path / "fleet.sqlite")).prepare()


def test_a_closed_database_turns_late_threads_away(tmp_path: Path) -> None:
    """One that would try for ever keeps no process alive."""
    database = SystemDatabase(str(tmp_path / "fleet.sqlite"))
    database.prepare()
    database.close()
    with pytest.raises(RuntimeError, match="shut down"):
        database.engine.connect()
