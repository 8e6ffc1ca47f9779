"""The signer's memory where its files cannot be used: then nothing is signed, and what was signed stays known."""

from __future__ import annotations

import pytest

from collector.core.errors import StoreError
from storage import SqlStore
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import scan


def test_without_its_lock_nothing_is_signed(store: SqlStore) -> None:
    """Two processes that sign at once would sign two heads of one size."""
    scan(store)
    store.checkpoints.checkpoint()
    scan(store, run="run-2")
    memory = store.checkpoints.memory_file
    lock, before = memory.with_name(f"{memory.name}.lock"), memory.read_bytes()
    lock.unlink()
    lock.mkdir()

    with pytest.raises(StoreError, match="cannot be locked"):
        store.checkpoints.checkpoint()

    assert memory.read_bytes() == before
    lock.rmdir()
    assert store.checkpoints.checkpoint() is not None


def test_whoever_only_reads_needs_no_lock(store: SqlStore) -> None:
    """An auditor's copy is verified with the memory, and nothing is written beside it."""
    scan(store)
    store.checkpoints.checkpoint()
    memory = store.checkpoints.memory_file
    lock = memory.with_name(f"{memory.name}.lock")
    lock.unlink()

    assert verify(store, VerificationRequest()).memory_compared
    assert not lock.exists()


def test_a_memory_that_cannot_be_written_is_told_and_stays(store: SqlStore) -> None:
    """As where its disk is full: the daemon takes no error but annexd's own, and the next run signs."""
    scan(store)
    memory = store.checkpoints.memory_file
    before = memory.read_bytes()
    fresh = memory.with_name(f"{memory.name}.new")
    fresh.mkdir()

    with pytest.raises(StoreError, match="cannot be written"):
        store.checkpoints.checkpoint()

    assert memory.read_bytes() == before
    fresh.rmdir()
    assert store.checkpoints.checkpoint() is not None
