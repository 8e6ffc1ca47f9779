"""Somebody takes away what would speak against him: absence is never taken for innocence."""

from __future__ import annotations

import pytest

from collector.core.errors import VerificationError
from storage import SqlStore
from storage.log.signer_memory import LastSignedHead, SignerMemory
from storage.verification import VerificationRequest, verify
from storage.verifying.absence_check import check_absence
from storage.verifying.head_check import Heads
from storage.verifying.log_seen import LogSeen, Signing
from tests.attacks.targets import Original
from tests.storage.evidence import item, scan

SIZES = (6, 12, 18)
"""The checkpoints of the store that is attacked; its newest log entry, 18, is behind them."""


@pytest.mark.parametrize("forgets", [False, True])
def test_each_missing_checkpoint_is_named(originals: dict[str, Original], database: str, forgets: bool) -> None:
    """A log without checkpoints that was signed once is not a new one, whatever else was taken away."""
    with originals[database].copy() as copy:
        copy.change("DELETE FROM checkpoint")
        if forgets:
            copy.state.unlink()

        told = copy.refused()

    assert all(f"checkpoint {size} is missing" in told for size in SIZES)


@pytest.mark.parametrize("size", SIZES)
def test_one_missing_checkpoint_is_named(originals: dict[str, Original], database: str, size: int) -> None:
    """The others are in their places, and prove nothing about this one."""
    with originals[database].copy() as copy:
        copy.change(f"DELETE FROM checkpoint WHERE size = {size}")  # noqa: S608  our own number

        assert copy.refused().startswith(f"checkpoint {size} is missing: leaf {size} says that it had been signed")


def test_a_checkpoint_that_only_the_signer_remembers_is_missed(store: SqlStore) -> None:
    """Nothing was recorded since, so no log entry speaks of it."""
    scan(store, item("a"))
    store.checkpoints.checkpoint()
    with store.reading() as connection:
        heads = Heads.read(connection, None, store.checkpoints.remembered(connection))
    heads.kept.clear()

    with pytest.raises(VerificationError, match="checkpoint 2 is missing: the signer remembers it"):
        check_absence(LogSeen(), heads)


def test_a_memory_that_is_missing_is_told(originals: dict[str, Original], database: str) -> None:
    """An auditor's copy has none, and must not look as if it had been compared."""
    with originals[database].copy() as copy:
        compared = copy.proven().memory_compared
        copy.state.unlink()

        assert (compared, copy.proven().memory_compared) == (True, False)


def test_a_store_key_that_is_missing_is_told(originals: dict[str, Original], database: str) -> None:
    """What needs it was not compared."""
    with originals[database].copy() as copy:
        compared = copy.proven().lookups_checked
        (copy.keys / "annexd.db.key").unlink()

        assert (compared, copy.proven().lookups_checked) == (True, False)


def test_a_log_that_nobody_remembers_is_not_taken_for_a_new_one(store: SqlStore) -> None:
    """Only the signer's memory can say that nothing was signed yet."""
    scan(store, item("a"))
    verify(store, VerificationRequest())
    memory_of(store).path.unlink()

    with pytest.raises(VerificationError, match="no checkpoint, nor the signer's memory"):
        verify(store, VerificationRequest())


def test_a_signature_that_was_interrupted_is_told_and_no_alarm(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the memory and the note a process may be killed; the next one signs again."""
    scan(store, item("a"))
    with monkeypatch.context() as patch:
        patch.setattr("storage.log.checkpoints.make_note", killed)
        with pytest.raises(RuntimeError, match="killed"):
            store.checkpoints.checkpoint()
    interrupted = verify(store, VerificationRequest()).interrupted
    scan(store, item("b"))
    store.checkpoints.checkpoint()

    assert (interrupted, verify(store, VerificationRequest()).interrupted) == (2, None)


def killed(*_: object) -> str:
    """End as a process does that is killed."""
    raise RuntimeError("killed")


@pytest.mark.parametrize(
    ("signing", "sizes", "is_missing"),
    [
        (Signing(9, 0, 9, "the key was rotated"), {9}, False),
        (Signing(9, 0, 9, "the key was rotated"), {12}, True),
        (Signing(9, 5, 9, "a bundle was exported with leaf 5"), {6}, False),
        (Signing(9, 5, 9, "a bundle was exported with leaf 5"), {5, 12}, True),
    ],
)
def test_what_older_log_entries_say_of_checkpoints_counts(
    store: SqlStore, signing: Signing, sizes: set[int], is_missing: bool
) -> None:
    """They do not state what was signed, and yet could not be there without it."""
    scan(store, item("a"))
    store.checkpoints.checkpoint()
    with store.reading() as connection:
        heads = Heads.read(connection, None, None)
    kept = dict.fromkeys(sizes, heads.kept[2])
    checked = Heads(kept)

    if is_missing:
        with pytest.raises(VerificationError, match=signing.why):
            check_absence(LogSeen(signings=[signing]), checked)
    else:
        assert check_absence(LogSeen(signings=[signing]), checked) is None


@pytest.mark.parametrize(("kept", "size", "is_missing"), [(None, 0, False), (None, 4, True), (False, 4, False)])
def test_what_a_memory_of_an_earlier_version_says_counts(kept: bool | None, size: int, is_missing: bool) -> None:
    """It does not say whether the note was kept, and a log without any checkpoint speaks for itself."""
    heads = Heads({}, remembered=LastSignedHead("s", "example.org/log", size, "sha256:00", kept=kept))

    if is_missing:
        with pytest.raises(VerificationError, match="checkpoint 4 is missing"):
            check_absence(LogSeen(), heads)
    else:
        assert check_absence(LogSeen(), heads) == (size or None)


def memory_of(store: SqlStore) -> SignerMemory:
    """The signer's memory of a store."""
    return store.checkpoints._memory
