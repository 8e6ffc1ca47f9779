"""Older copies of the store, of the signer's memory, and of both: every pair of a history, and what shows it."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import pytest

from collector.core.errors import StoreError, VerificationError
from storage import open_store
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import TickingClock, item, scan
from tests.storage.tampered import refused

RUNS = 5
STATE = "annexd.db.signing.pem.state"


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    """The folder as it was after each run, with the checkpoint that was given away then."""
    folder = tmp_path_factory.mktemp("history")
    clock, made = TickingClock(), []
    for number in range(RUNS):
        with open_store(f"sqlite:///{folder / 'live.db'}", writer=True, clock=clock) as store:
            scan(store, *(item(f"b{at}", turn=number) for at in range(number + 3)))
            head = store.checkpoints.checkpoint()
        assert head is not None
        copy = tmp_path_factory.mktemp(f"copy{number}")
        for file in folder.iterdir():
            shutil.copy(file, copy / file.name.replace("live.db", "annexd.db"))
        made.append((copy, head.note))
    return made


def mixed(database: Path, memory: Path, into: Path) -> Path:
    """Put the database of one day beside the memory of another."""
    shutil.copytree(database, into)
    shutil.copy(memory / STATE, into / STATE)
    return into / "annexd.db"


def opened(path: Path) -> None:
    """Open it as a scan does."""
    open_store(f"sqlite:///{path}", writer=True, clock=TickingClock()).close()


def test_an_older_database_or_an_older_memory_is_refused(copies: list[tuple[Path, str]], tmp_path: Path) -> None:
    """Whichever of the two somebody puts back, the other one shows it; nothing is written."""
    trials = 0
    for old, new in combinations(range(RUNS), 2):
        rolled = mixed(copies[old][0], copies[new][0], tmp_path / f"database-{old}-{new}")
        forgot = mixed(copies[new][0], copies[old][0], tmp_path / f"memory-{old}-{new}")
        before = [rolled.read_bytes(), forgot.read_bytes()]
        with pytest.raises(StoreError, match="rolled back") as database:
            opened(rolled)
        with pytest.raises(StoreError, match="signer's memory") as memory:
            opened(forgot)
        trials += 2

        assert "annexd store restored --acknowledge" in database.value.mend
        assert "annexd store restored --acknowledge" in memory.value.mend
        assert "this is an older copy" in refused(rolled)
        assert "its memory is an older copy" in refused(forgot)
        assert [before[0][:100], before[1][:100]] == [rolled.read_bytes()[:100], forgot.read_bytes()[:100]]
    print(f"{trials} copies put back, database or memory, {trials} refused")  # noqa: T201  the count is the result


def test_both_together_are_shown_by_a_checkpoint_from_outside_alone(
    copies: list[tuple[Path, str]], tmp_path: Path
) -> None:
    """This is what annexd cannot know by itself: every pair, before and after it grew again."""
    trials = 0
    for old, new in combinations(range(RUNS), 2):
        path = mixed(copies[old][0], copies[old][0], tmp_path / f"both-{old}-{new}")
        outside = VerificationRequest(against=copies[new][1])
        with open_store(f"sqlite:///{path}", writer=True, clock=TickingClock()) as store:
            verify(store, VerificationRequest())
            with pytest.raises(VerificationError, match="from outside covers"):
                verify(store, outside)
            for number in range(2 * RUNS):
                scan(store, item("other", turn=number))
            store.checkpoints.checkpoint()
            verify(store, VerificationRequest())
            with pytest.raises(VerificationError, match="from outside says"):
                verify(store, outside)
        trials += 2
    print(f"{trials} copies put back with their memory, {trials} shown by a checkpoint from outside")  # noqa: T201  the count


def test_what_belongs_together_is_taken(copies: list[tuple[Path, str]], tmp_path: Path) -> None:
    """An alarm that always rings is no alarm; and an earlier checkpoint leads to every later store."""
    for old, new in combinations(range(RUNS), 2):
        path = mixed(copies[new][0], copies[new][0], tmp_path / f"whole-{old}-{new}")

        opened(path)
        assert refused(path, against=copies[old][1]) == ""
