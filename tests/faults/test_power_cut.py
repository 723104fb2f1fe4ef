"""The power fails: what was written after the last sync is gone, and no credit is spent twice or forgotten.

A disk keeps what was synced, and of what came later whatever it likes. Here it keeps nothing of that: at each
``fsync`` of the daemon on the write-ahead log the database is copied as it is, and the power cut puts the
newest copy in the place of the files. The limits: syncs that SQLite makes by itself, inside its library, are
not seen (they only add to what is kept), torn writes are SQLite's own checksums' to find, and a disk that
lies about ``fsync`` cannot be helped. PostgreSQL is asked for ``synchronous_commit`` (tests/store).
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.daemon.stage import Fate, Stage, in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import Unavailable

FILE = "goodsfactory.sqlite"
PARTS = (FILE, f"{FILE}-wal")


class Disk:
    """What every ``fsync`` of a write-ahead log found: ``kept`` is the newest, by file name.

    ``broken`` lets them fail.
    """

    def __init__(self, sync: Callable[[int], None]) -> None:
        self._sync = sync
        self.kept: dict[str, bytes] = {}
        self.syncs = 0
        self.broken = False

    def fsync(self, file: int) -> None:
        log = Path(os.readlink(f"/proc/self/fd/{file}"))
        if log.name != f"{FILE}-wal":
            return self._sync(file)
        if self.broken:
            raise OSError(5, "Input/output error")
        self.syncs += 1
        self.kept = {name: (log.parent / name).read_bytes() for name in PARTS}

    def cut_power(self, folder: Path) -> None:
        """Leave what was kept, and nothing else."""
        for file in folder.glob(f"{FILE}*"):
            file.unlink()
        for name, content in self.kept.items():
            (folder / name).write_bytes(content)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    watched = Disk(os.fsync)
    monkeypatch.setattr(os, "fsync", watched.fsync)
    return watched


async def power_cut(one: Stage, disk: Disk) -> None:
    """From one moment to the next, in the middle of a request; then the machine starts again."""
    written, kept = [row["id"] for row in one.intents()], dict(disk.kept)
    await one.kill()
    assert kept, "nothing was ever synced"
    disk.kept = kept
    disk.cut_power(one.folder)
    assert [row["id"] for row in one.intents()] == written
    one.line.frozen.clear()
    await (await one.open()).start()


@pytest.mark.parametrize("nth", [1, 2, 4, 6])
@in_virtual_time
async def test_no_intent_is_missing_for_a_call_that_was_made(
    clock: VirtualClock, disk: Disk, nth: int
) -> None:
    """Whichever money step it was: done and not answered, it is found in the books and made once."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        one.line.disturb(r"/(purchase|refuel|sell)$", Fate.FREEZES_AFTER, nth=nth)
        assert await clock.wait(one.line.frozen, 3600 * 4), "no such money step was made"
        await power_cut(one, disk)
        await completes(one, player, factory)


@in_virtual_time
async def test_what_was_answered_is_booked_for_good(clock: VirtualClock, disk: Disk) -> None:
    """The power fails between two money steps: the ledger has every one, to the credit."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        one.line.disturb(r"/(purchase|refuel|sell)$", Fate.FREEZES_BEFORE, nth=3)
        assert await clock.wait(one.line.frozen, 3600 * 4), "no third money step was made"
        before = [row for row in one.intents() if row["state"] == "DONE"]
        await power_cut(one, disk)
        after = [row for row in one.intents() if row["state"] == "DONE"]
        assert [row["id"] for row in after] == [row["id"] for row in before]
        await completes(one, player, factory)


@in_virtual_time
async def test_only_money_waits_for_the_disk(clock: VirtualClock, disk: Disk) -> None:
    """Each money step is synced before it is made and after it; looks and moves are not."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        before = disk.syncs
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        assert disk.syncs - before == 2 * len(one.intents())


@in_virtual_time
async def test_a_disk_that_does_not_sync_lets_nothing_be_spent(clock: VirtualClock, disk: Disk) -> None:
    """The request never leaves; once the disk is well again the order can be given again, and buys once."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        desk = one.application.desks.yard
        disk.broken = True
        with pytest.raises(Unavailable, match="disk"):
            await desk.buy(player.id, "probe")
        assert not [request for request in one.line.requests if request == "POST /v2/my/ships"]
        disk.broken = False
        await desk.buy(player.id, "probe")
        assert one.line.requests.count("POST /v2/my/ships") == 1
        assert sum(entry.amount for entry in await one.ledger(player)) == one.credits
