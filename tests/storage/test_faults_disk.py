"""Disks that are full, and disks that fail: what was acknowledged stays, and the next start goes on."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from collector.core.errors import StoreError
from storage import SqlStore, open_store
from tests.storage.crashing import Acknowledged, hold
from tests.storage.evidence import TickingClock, item, scan

PAGE = 4096


@pytest.mark.parametrize("budgets", [pytest.param(12, id="few"), pytest.param(120, id="many", marks=pytest.mark.deep)])
def test_a_disk_may_be_full_at_any_page(url: str, path: Path, clock: TickingClock, budgets: int) -> None:
    """It is never full between two tasks."""
    acknowledged: Acknowledged = {}
    for budget in range(budgets):
        with open_store(url, writer=True, clock=clock) as store:
            _allow(store, pages=path.stat().st_size // PAGE + budget)
            with pytest.raises(StoreError, match="full") as raised:
                _write(store, acknowledged, Random(budget))
            assert "free space" in raised.value.mend
            with pytest.raises(StoreError, match="takes no more writes"):
                scan(store, item("late"))
            _allow(store, pages=1 << 30)
        hold(url, acknowledged)
    print(f"{budgets} page budgets, {len(acknowledged)} tasks acknowledged, 0 violations")  # noqa: T201  the count


@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(10))])
def test_a_write_may_fail_at_any_byte(url: str, path: Path, clock: TickingClock, seed: int) -> None:
    """Quotas and failing disks refuse a write half-way through a page.

    Ten times a store: a larger one has room for all that is written until its journal is copied into it.
    """
    acknowledged: Acknowledged = {}
    dice = Random(seed)
    log = path.with_name(path.name + "-wal")
    for budget in range(10):
        with open_store(url, writer=True, clock=clock) as store:
            held = max(path.stat().st_size, log.stat().st_size)
            longest = held + dice.randrange(60_000)
            with files_no_longer_than(longest), pytest.raises(StoreError, match="could not be written"):
                _write(store, acknowledged, Random(100 * seed + budget))
        hold(url, acknowledged)
    print(f"10 byte budgets, {len(acknowledged)} tasks acknowledged, 0 violations")  # noqa: T201  the count


def _write(store: SqlStore, acknowledged: Acknowledged, dice: Random) -> None:
    for _ in range(40):
        items = (
            item(f"{number:03}", turn=dice.randrange(9), padding=dice.randbytes(600).hex()) for number in range(20)
        )
        done = scan(store, *items)
        assert done.leaf is not None
        acknowledged[done.leaf.index] = done.leaf.hash


def _allow(store: SqlStore, *, pages: int) -> None:
    assert store._writer is not None
    store._writer._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    store._writer._connection.rollback()


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Let the system refuse what would make any file longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_the_limit_is_real(tmp_path: Path) -> None:
    """Otherwise the trials above would prove nothing."""
    with files_no_longer_than(100), (tmp_path / "file").open("wb", buffering=0) as file:
        assert file.write(b"x" * 200) == 100
        with pytest.raises(OSError, match=os.strerror(27)):
            file.write(b"x")
