"""Somebody changes the file, or the disk does: annexd says what is wrong, whatever it is."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import open_store
from storage.log.dictionary import LeafDecompressor, compress_leaf
from storage.log.merkle import leaf_hash
from tests.golden_parts import compare_part
from tests.storage.evidence import TickingClock, item, scan
from tests.storage.tampered import PAGE, dump, edit, make_store, prove, refused


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and its keys, closed."""
    folder = tmp_path_factory.mktemp("original")
    make_store(folder / "annexd.db")
    assert not (folder / "annexd.db-wal").exists()
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a copy of it, and returns the database."""

    def make() -> Path:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(original, tmp_path / "copy")
        return tmp_path / "copy" / "annexd.db"

    return make


def test_what_nobody_touched_is_proven(copy: Callable[[], Path]) -> None:
    """An alarm that always rings is no alarm."""
    report = prove(copy(), rebuild=True)

    assert (report.checkpoints, report.unsigned, report.inventories, report.pending) == (3, 1, 1, 3)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM log_leaf WHERE idx = 7", "leaf 7 is missing: the next one that is there is 8"),
        ("DELETE FROM log_leaf WHERE idx = 0", "leaf 0 is missing: the next one that is there is 1"),
        ("DELETE FROM log_leaf WHERE idx >= 15", "covers 18: the last 3 are missing"),
        ("UPDATE log_leaf SET hash = zeroblob(32) WHERE idx = 3", "leaf 3: its hash is kept as sha256:0000"),
        ("UPDATE log_leaf SET body = (SELECT body FROM log_leaf WHERE idx = 4) WHERE idx = 5", "leaf 5: its hash is"),
        ("UPDATE log_leaf SET kind = 'task' WHERE idx = 1", "leaf 1: it says kind 'run_started' itself"),
        ("UPDATE log_leaf SET recorded_at = recorded_at + 1 WHERE idx = 2", "leaf 2: it says time"),
        ("UPDATE log_leaf SET dictionary = 9 WHERE idx = 2", "leaf 2 is damaged"),
        ("UPDATE log_leaf SET body = CAST(body || x'00' AS BLOB) WHERE idx = 2", "leaf 2 is damaged: its bytes cannot"),
        ("UPDATE blob SET body = CAST(body || x'00' AS BLOB) WHERE id = 3", "body 3"),
        ("UPDATE log_leaf SET body = 'text' WHERE idx = 2", "leaf 2 is damaged: its columns hold values of other"),
        ("UPDATE blob SET body = NULL WHERE id = 3", "is empty, and no leaf says that it was erased"),
        ("UPDATE blob SET digest = zeroblob(32) WHERE id = 3", "body 3: it is kept as sha256:0000"),
        ("UPDATE blob SET lookup = zeroblob(16) WHERE id = 3", "body 3: it is looked up as 0000"),
        ("DELETE FROM blob WHERE id = 3", "is missing, and a leaf refers to it"),
        ("INSERT INTO pending (blob) VALUES (3)", "marked as never referred to, and the log refers to it"),
        ("INSERT INTO pending (blob) VALUES (999)", "body 999 is marked as never referred to, and is not there"),
        ("UPDATE checkpoint SET note = replace(note, '18', '17') WHERE size = 18", "checkpoint 18: its note is of 17"),
        ("UPDATE checkpoint SET peaks = zeroblob(64) WHERE size = 18", "checkpoint 18: its edge leads to sha256:"),
        ("UPDATE checkpoint SET size = 17 WHERE size = 18", "checkpoint 17: its note is of 18"),
        ("DELETE FROM checkpoint WHERE size = 6", "checkpoint 6 is missing: leaf 6 says that it had been signed"),
        ("UPDATE meta SET value = 'x' WHERE name = 'key_check'", "the store calls itself"),
        ("DROP INDEX ix_finding_event_history", "index ix_finding_event_history is missing"),
        ("DROP TRIGGER version_refuses_update", "trigger version_refuses_update is missing"),
        ("UPDATE version SET blob = 3 WHERE id = 9", "the tables show of it has the inventory root"),
        ("DELETE FROM resource_now WHERE key = CAST('b9' AS BLOB)", "the tables show of it has the inventory root"),
        ("UPDATE finding_count SET total = total + 1", "table finding_count: total is "),
        ("UPDATE finding_count SET status = 'pass'", "table finding_count: status is 'pass'"),
        ("DELETE FROM finding_count", "follows from the findings, and is missing"),
    ],
)
def test_an_edit_is_named(copy: Callable[[], Path], statement: str, told: str) -> None:
    """Who has the database and not the key cannot change it unnoticed, and is told where."""
    path = copy()
    if statement.startswith("DROP TRIGGER"):
        edit(path)  # the triggers are made again in another order, which changes nothing
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(statement)
    else:
        edit(path, statement)

    assert told in refused(path)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE finding_event SET status = 'pass' WHERE id = 2", "table finding_event: status is 'pass' in the row"),
        ("UPDATE finding_event SET observed_at = observed_at + 1 WHERE id = 1", "table finding_event: observed_at is"),
        ("DELETE FROM finding_event WHERE id = 1", "table finding_event: id is 2"),
        ("UPDATE observation SET outcome = 'partial' WHERE leaf = 3", "table observation: outcome is 'partial'"),
        ("UPDATE run SET name = 'run-9' WHERE id = 1", "table run: name is 'run-9'"),
        ("UPDATE resource SET first_seen_at = '1' WHERE id = 4", "table resource: first_seen_at is 1 "),
        ("UPDATE version SET unread = CAST('{}' AS BLOB) WHERE id = 5", "table version: unread is b'{}'"),
        ("INSERT INTO plan (source, leaf) VALUES ('zz', 2)", "source='zz', leaf=2 does not follow from the log"),
        ("DELETE FROM run_event WHERE leaf = 17", "table run_event: the row"),
        ("UPDATE finding_count SET observed_at = observed_at + 1", "table finding_count: observed_at is"),
    ],
)
def test_an_edit_of_what_is_derived_is_named_by_a_rebuild(copy: Callable[[], Path], statement: str, told: str) -> None:
    """What people are shown comes from these tables."""
    path = copy()
    edit(path, statement)

    assert told in refused(path, rebuild=True)


def test_two_leaves_that_swapped_places_are_named(copy: Callable[[], Path]) -> None:
    """The order of events is evidence too."""
    path = copy()
    edit(
        path,
        "PRAGMA foreign_keys = OFF",
        "UPDATE log_leaf SET idx = -1 WHERE idx = 7",
        "UPDATE log_leaf SET idx = 7 WHERE idx = 8",
        "UPDATE log_leaf SET idx = 8 WHERE idx = -1",
    )

    compare_part("storage/errors", "verify: two leaves exchanged", refused(path))


def test_a_leaf_that_was_written_anew_with_its_hash_meets_the_checkpoint(copy: Callable[[], Path]) -> None:
    """Hashes can be made by anybody; signatures cannot."""
    path = copy()
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM log_leaf WHERE idx = 9").fetchone()
    forged = LeafDecompressor().decompress(1, body).replace(b'"outcome":"complete"', b'"outcome":"partial"')
    edit(
        path,
        f"UPDATE log_leaf SET body = x'{compress_leaf(forged).hex()}' WHERE idx = 9",  # noqa: S608  our own hex
        f"UPDATE log_leaf SET hash = x'{leaf_hash(forged).hex()}' WHERE idx = 9",  # noqa: S608  our own hex
    )

    told = refused(path)

    assert all(value in told for value in ("first 12 leaves", "from 6 to 11"))
    compare_part("storage/errors", "verify: leaf written anew with its hash", told)


def flips(copy: Callable[[], Path], trials: int, seed: int) -> tuple[int, int, list[int]]:
    """Flip one bit at a time anywhere in the file; return how many changed anything, were found, and which were not."""
    chance, whole = random.Random(seed), healthy(copy)
    logical, found, missed = 0, 0, []
    for _ in range(trials):
        path = copy()
        data = bytearray(path.read_bytes())
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        told = refused(path, rebuild=True)
        if dump(path) != whole:
            logical += 1
            found += bool(told)
            if not told:
                missed.append(at)
    return logical, found, missed


def healthy(copy: Callable[[], Path]) -> list[object]:
    """Everything that the untouched file says."""
    said = dump(copy())
    assert said is not None
    return said


def pages(copy: Callable[[], Path], trials: int, seed: int) -> tuple[int, int, list[str]]:
    """Zero, duplicate or cut off pages; return how many changed anything, were found, and which were not."""
    chance, whole = random.Random(seed), healthy(copy)
    logical, found, missed = 0, 0, []
    for _ in range(trials):
        path = copy()
        data = bytearray(path.read_bytes())
        count = len(data) // PAGE
        at, other, how = chance.randrange(count), chance.randrange(count), chance.choice(("zero", "double", "cut"))
        if how == "zero":
            data[at * PAGE : (at + 1) * PAGE] = bytes(PAGE)
        elif how == "double":
            data[at * PAGE : (at + 1) * PAGE] = data[other * PAGE : (other + 1) * PAGE]
        else:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        told = refused(path, rebuild=True)
        if dump(path) != whole:
            logical += 1
            found += bool(told)
            if not told:
                missed.append(f"{how} {at} {other}")
    return logical, found, missed


def test_no_flipped_bit_that_changes_anything_goes_unnoticed(copy: Callable[[], Path]) -> None:
    """Disks forget, and SQLite's own check sees few of it."""
    logical, found, missed = flips(copy, 25, random.randrange(1 << 30))

    print(f"flipped bits: 25 trials, {logical} changed something, {found} found")  # noqa: T201  the count is the result
    assert missed == []


def test_no_damaged_page_goes_unnoticed_or_breaks_the_proof(copy: Callable[[], Path]) -> None:
    """A torn page must end in words, not in a traceback."""
    logical, found, missed = pages(copy, 12, random.randrange(1 << 30))

    print(f"damaged pages: 12 trials, {logical} changed something, {found} found")  # noqa: T201  the count is the result
    assert missed == []


def test_no_flipped_bit_of_the_log_file_goes_unnoticed(tmp_path: Path) -> None:
    """SQLite drops what it cannot read of its log file in silence, and with it what was acknowledged."""
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=TickingClock()) as store:
        for number in range(3):
            scan(store, *(item(f"b{at}", number=number) for at in range(20)))
            store.checkpoints.checkpoint()
        (tmp_path / "live").mkdir()
        for file in tmp_path.glob("annexd.db*"):
            shutil.copy(file, tmp_path / "live")
    whole, chance, lost = dump(tmp_path / "annexd.db"), random.Random(), 0
    for _ in range(12):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(tmp_path / "live", tmp_path / "copy")
        path = tmp_path / "copy" / "annexd.db"
        data = bytearray((tmp_path / "copy" / "annexd.db-wal").read_bytes())
        data[chance.randrange(len(data))] ^= 1
        (tmp_path / "copy" / "annexd.db-wal").write_bytes(data)
        told = refused(path, rebuild=True)
        said = dump(path)
        if said != whole and not told:
            # Only the row of the newest checkpoint may be lost: the leaves are those that were signed.
            assert prove(path).unsigned > 0
            assert prove(path).leaves == 4
        lost += said != whole

    print(f"flipped bits of the log file: 12 trials, {lost} lost something")  # noqa: T201  the count is the result


# Five thousand and a thousand at night, in rounds that are each shorter than what a test may take.


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(20260302, 20260322))
def test_no_flipped_bit_goes_unnoticed_in_thousands(copy: Callable[[], Path], seed: int) -> None:
    """Three clean thousands bound the rate of misses at one in a thousand."""
    logical, found, missed = flips(copy, 250, seed)

    print(f"flipped bits: 250 trials, {logical} changed something, {found} found")  # noqa: T201  the count is the result
    assert missed == []


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(20260402, 20260427))
def test_no_damaged_page_goes_unnoticed_in_a_thousand(copy: Callable[[], Path], seed: int) -> None:
    """The same for pages that were zeroed, doubled or cut off."""
    logical, found, missed = pages(copy, 40, seed)

    print(f"damaged pages: 40 trials, {logical} changed something, {found} found")  # noqa: T201  the count is the result
    assert missed == []
