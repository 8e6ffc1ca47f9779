"""The power goes at any moment, or the disk refuses to sync: what was acknowledged is there."""

from __future__ import annotations

import random
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage import open_store
from tests.storage.crashing import Acknowledged, hold
from tests.storage.evidence import TickingClock, changed, item, judged, scan, verdict
from tests.storage.powerless import Play, cuts, play

WHOLE_EVERY = 25  # cuts; the others are looked at without the parts that take longest
_STAGED = (
    "CREATE TEMP TABLE staged (attempt BIGINT NOT NULL, key BLOB NOT NULL, blob BIGINT NOT NULL,"
    " digest BLOB NOT NULL, unread BLOB, facts BLOB, PRIMARY KEY (attempt, key)) WITHOUT ROWID"
)


@dataclass
class Recorded:
    """A scan as its statements, with the state before it and the leaf after each of its commits."""

    start: Path
    statements: list[str]
    leaves: list[dict[int, bytes]]


@pytest.fixture
def recorded(url: str, path: Path, clock: TickingClock, tmp_path: Path) -> Recorded:
    """Scan for real, and keep what was said to the database."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("first"))
        store.checkpoints.checkpoint()
    start = tmp_path / "start"
    start.mkdir()
    for file in path.parent.glob("annexd.db*"):
        shutil.copyfile(file, start / file.name)
    statements: list[str] = [_STAGED]
    dice = random.Random(5)
    with open_store(url, writer=True, clock=clock) as store:
        assert store._writer is not None
        driver = store._writer._connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(statements.append)
        for _ in range(12):
            items = (
                item(f"{number:02}", turn=dice.randrange(3), padding=dice.randbytes(300).hex()) for number in range(20)
            )
            scan(store, *items)
            store.write([judged(changed(verdict(f"bucket-{dice.randrange(9)}")))])
        driver.set_trace_callback(None)
        with store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT idx, hash FROM log_leaf ORDER BY idx").fetchall()
    commits = statements.count("COMMIT")
    before = len(rows) - commits
    leaves = [{row.idx: row.hash for row in rows[: before + number]} for number in range(commits + 1)]
    # What a trigger does is told as a remark: it happens by itself.
    return Recorded(start, [statement for statement in statements if not statement.startswith("--")], leaves)


def _played(recorded: Recorded, tmp_path: Path, *, synchronous: str = "FULL", fail_sync: int = 0) -> Play:
    folder = tmp_path / f"played-{synchronous}-{fail_sync}"
    folder.mkdir()
    shutil.copyfile(recorded.start / "annexd.db", folder / "annexd.db")
    return play(folder / "annexd.db", recorded.statements, synchronous=synchronous, fail_sync=fail_sync)


def _lost(files: dict[str, bytearray], acknowledged: Acknowledged, folder: Path) -> bool:
    """Put the files where they were found, and say whether an acknowledged leaf is missing or the file is damaged."""
    for old in folder.glob("annexd.db*"):
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    connection = sqlite3.connect(folder / "annexd.db")
    try:
        kept = dict(connection.execute("SELECT idx, hash FROM log_leaf"))
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()
    return sound != "ok" or any(kept.get(index) != hashed for index, hashed in acknowledged.items())


def _hold(recorded: Recorded, files: dict[str, bytearray], acknowledged: Acknowledged, folder: Path) -> None:
    for old in folder.glob("annexd.db*"):
        old.unlink()
    for file in recorded.start.iterdir():
        shutil.copyfile(file, folder / file.name)
        (folder / file.name).chmod(0o600)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    hold(f"sqlite:///{folder / 'annexd.db'}", dict(acknowledged))


ROUNDS = [
    pytest.param(0, 60, id="few"),
    *(pytest.param(n, 500, id=f"deep-{n}", marks=pytest.mark.deep) for n in range(1, 21)),
]


@pytest.mark.parametrize(("seed", "trials"), ROUNDS)
def test_the_power_may_go_at_any_moment(recorded: Recorded, tmp_path: Path, seed: int, trials: int) -> None:
    """A commit that was acknowledged is on disk, and one that was not leaves nothing half done."""
    start = {"annexd.db": (recorded.start / "annexd.db").read_bytes()}
    done = _played(recorded, tmp_path)
    folder = tmp_path / "found"
    folder.mkdir()

    for number, (commits, files) in enumerate(cuts(start, done, trials, random.Random(seed))):
        assert not _lost(files, recorded.leaves[commits], folder)
        if number % WHOLE_EVERY == 0:
            _hold(recorded, files, recorded.leaves[commits], folder)

    assert len(done.commits) == len(recorded.leaves) - 1
    print(f"{trials} power cuts over {len(done.steps)} steps, {len(done.commits)} commits, 0 violations")  # noqa: T201  the count


def test_the_played_power_cut_finds_what_is_not_synced(recorded: Recorded, tmp_path: Path) -> None:
    """Otherwise the trials above would prove nothing."""
    start = {"annexd.db": (recorded.start / "annexd.db").read_bytes()}
    done = _played(recorded, tmp_path, synchronous="NORMAL")
    folder = tmp_path / "found"
    folder.mkdir()

    lost = sum(
        _lost(files, recorded.leaves[commits], folder) for commits, files in cuts(start, done, 40, random.Random(3))
    )

    assert lost > 10


@pytest.mark.parametrize("every", [pytest.param(9, id="some"), pytest.param(1, id="all", marks=pytest.mark.deep)])
def test_any_sync_may_fail(recorded: Recorded, tmp_path: Path, every: int) -> None:
    """What a disk did not take was not acknowledged, and what it took before is there."""
    start = {"annexd.db": (recorded.start / "annexd.db").read_bytes()}
    syncs = _played(recorded, tmp_path).syncs
    folder = tmp_path / "found"
    folder.mkdir()
    trials = range(1, syncs + 1, every)

    for which in trials:
        done = _played(recorded, tmp_path, fail_sync=which)
        commits, files = list(cuts(start, done, 200, random.Random(which)))[-1]
        assert not _lost(files, recorded.leaves[commits], folder)
        assert commits < len(recorded.leaves) - 1 or which == syncs
    print(f"{len(trials)} of {syncs} syncs failed, one at a time, 0 violations")  # noqa: T201  the count
