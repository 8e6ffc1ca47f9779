"""Signing the head of the record, and refusing to sign a second history."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from collector.core.errors import StoreError, VerificationError
from storage import SqlStore, open_store
from storage.log.dictionary import LeafDecompressor, compress_leaf
from storage.log.merkle import EMPTY, leaf_hash
from storage.log.notes import Checkpoint, Signer, make_note, open_note, parse_checkpoint
from storage.log.signing import make_signing_key, read_signing_key
from storage.verification import VerificationRequest, verify
from tests.golden_parts import compare_error
from tests.storage.evidence import TickingClock, item, scan, started
from tests.storage.tampered import edit


def saved(path: Path, where: Path, *, with_memory: bool = False) -> None:
    """Copy the database, and what the signer remembers only if asked for."""
    where.mkdir(exist_ok=True)
    shutil.copy(path, where)
    if with_memory:
        shutil.copy(path.with_name("annexd.db.signing.pem.state"), where)


def put_back(path: Path, where: Path) -> None:
    """Put a copy in the place of the database."""
    for file in path.parent.glob("annexd.db-*"):
        file.unlink()
    for file in where.iterdir():
        shutil.copy(file, path.parent)


def signed_run(url: str, clock: TickingClock, *names: str) -> str:
    """Record a scan of these buckets and sign; return the note."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, *(item(name) for name in names))
        head = store.checkpoints.checkpoint()
    assert head is not None
    return head.note


def test_a_checkpoint_covers_every_leaf_and_is_signed_by_the_key_of_the_first(store: SqlStore) -> None:
    """Whoever holds the key from outside can check what they are shown."""
    scan(store, item("logs"))

    head = store.checkpoints.checkpoint()

    assert head is not None
    assert parse_checkpoint(open_note(head.note, store.checkpoints.key())).size == head.size == 2
    assert store.checkpoints.last() == head


def test_nothing_new_is_not_signed_again(store: SqlStore) -> None:
    """One head has one note."""
    scan(store, item("logs"))
    store.checkpoints.checkpoint()

    assert store.checkpoints.checkpoint() is None


def test_a_tree_that_grew_in_steps_is_the_tree_of_all(store: SqlStore) -> None:
    """The edge that is kept saves reading, and changes nothing."""
    for number in range(9):
        scan(store, item("logs", number=number))
        store.checkpoints.checkpoint()

    assert verify(store, VerificationRequest(rebuild=True)).checkpoints == 9


def test_keys_and_memory_are_the_owners_alone(url: str, path: Path, clock: TickingClock) -> None:
    """Who reads the key can sign another history."""
    signed_run(url, clock, "logs")

    for name in ("annexd.db.signing.pem", "annexd.db.signing.pem.state"):
        assert stat.S_IMODE(path.with_name(name).stat().st_mode) == 0o600


def test_the_origin_is_what_was_asked_for(tmp_path: Path, clock: TickingClock) -> None:
    """Auditors know a log by its name."""
    with open_store(f"sqlite:///{tmp_path}/a.db", writer=True, clock=clock, origin="example.org/evidence") as store:
        assert store.checkpoints.key().name == "example.org/evidence"


def test_an_older_copy_is_refused_before_anything_is_recorded(
    url: str, path: Path, clock: TickingClock, tmp_path: Path
) -> None:
    """A second history must not begin only because somebody restored a backup."""
    signed_run(url, clock, "logs")
    saved(path, tmp_path / "old")
    signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")

    with pytest.raises(StoreError, match="rolled back") as raised:
        open_store(url, writer=True, clock=clock)
    assert "annexd store restored --acknowledge" in raised.value.mend
    compare_error("storage/errors", "rolled back", raised.value)
    with open_store(url, writer=False, clock=clock) as reader, pytest.raises(VerificationError) as refused:
        verify(reader, VerificationRequest())
    compare_error("storage/errors", "verify: older copy than the signer's memory", refused.value)


def test_an_older_copy_that_grew_again_is_not_signed(url: str, path: Path, clock: TickingClock, tmp_path: Path) -> None:
    """As many leaves as before, and other ones."""
    signed_run(url, clock, "logs")
    saved(path, tmp_path / "old")
    signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")
    with open_store(url, writer=True, clock=clock, restoring=True) as store:
        scan(store, item("other"))
        scan(store, item("another"))

        with pytest.raises(StoreError, match="another history") as raised:
            store.checkpoints.checkpoint()
        compare_error("storage/errors", "another history", raised.value)
        with pytest.raises(VerificationError, match="the signer remembers") as refused:
            verify(store, VerificationRequest())
        compare_error("storage/errors", "verify: another history than the signer's memory", refused.value)


def test_only_a_checkpoint_from_outside_shows_a_copy_with_its_memory(
    url: str, path: Path, clock: TickingClock, tmp_path: Path
) -> None:
    """This is what annexd cannot know by itself, and says so."""
    signed_run(url, clock, "logs")
    saved(path, tmp_path / "old", with_memory=True)
    outside = signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")

    with open_store(url, writer=True, clock=clock) as store:
        assert verify(store, VerificationRequest()).leaves == 2
        with pytest.raises(VerificationError, match="from outside") as missing:
            verify(store, VerificationRequest(against=outside))
        compare_error("storage/errors", "verify: older copy than the checkpoint from outside", missing.value)
        scan(store, item("other"))
        scan(store, item("another"))
        store.checkpoints.checkpoint()
        with pytest.raises(VerificationError, match="from outside") as other:
            verify(store, VerificationRequest(against=outside))
        compare_error("storage/errors", "verify: another history than the checkpoint from outside", other.value)


def test_a_checkpoint_from_outside_that_leads_here_is_taken(url: str, clock: TickingClock) -> None:
    """The usual case: last year's bundle, this year's store."""
    outside = signed_run(url, clock, "logs")
    signed_run(url, clock, "logs", "more")

    with open_store(url, writer=False, clock=clock) as store:
        assert verify(store, VerificationRequest(against=outside)).against == 2


def test_a_lost_memory_is_refused(url: str, path: Path, clock: TickingClock) -> None:
    """Without it a rollback could not be told from a first day."""
    signed_run(url, clock, "logs")
    path.with_name("annexd.db.signing.pem.state").unlink()

    with pytest.raises(StoreError, match="is missing"):
        open_store(url, writer=True, clock=clock)


def test_a_deleted_store_is_not_made_anew_in_silence(url: str, path: Path, clock: TickingClock) -> None:
    """Deleting everything is the largest rollback."""
    signed_run(url, clock, "logs")
    path.unlink()

    with pytest.raises(StoreError, match="with 2 leaves") as raised:
        open_store(url, writer=True, clock=clock)
    compare_error("storage/errors", "deleted store", raised.value)


@pytest.mark.parametrize("contents", [None, b"no key", "another"])
def test_a_key_that_is_not_this_stores_is_refused(
    url: str, path: Path, clock: TickingClock, contents: bytes | str | None
) -> None:
    """Before a scan, not after it."""
    signed_run(url, clock, "logs")
    key = path.with_name("annexd.db.signing.pem")
    key.unlink()
    if contents == "another":
        make_signing_key(key)
    elif isinstance(contents, bytes):
        key.write_bytes(contents)

    with pytest.raises(StoreError, match="signing key"):
        open_store(url, writer=True, clock=clock)
    open_store(url, writer=False, clock=clock).close()


def test_a_refused_store_lets_its_lock_go(url: str, path: Path, clock: TickingClock) -> None:
    """Mending must not need a second command."""
    signed_run(url, clock, "logs")
    memory = path.with_name("annexd.db.signing.pem.state")
    right = memory.read_bytes()
    memory.write_text("no JSON")
    with pytest.raises(StoreError, match="signer's memory"):
        open_store(url, writer=True, clock=clock)
    memory.write_bytes(right)

    open_store(url, writer=True, clock=clock).close()


def test_a_leaf_that_is_not_what_was_written_is_not_signed(url: str, clock: TickingClock, path: Path) -> None:
    """One flipped bit under a signature would spoil every proof after it."""
    import sqlite3
    from contextlib import closing

    with open_store(url, writer=True, clock=clock) as store:
        store.write([started()])
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("DROP TRIGGER log_leaf_refuses_update")
            other.execute("UPDATE log_leaf SET hash = zeroblob(32) WHERE idx = 1")

        with pytest.raises(VerificationError, match=r"leaf 1: .*sha256:0000") as raised:
            store.checkpoints.checkpoint()
        compare_error("storage/errors", "checkpoint: changed hash of a leaf", raised.value)
        assert store.checkpoints.last() is None


def test_a_new_key_is_handed_over_to_by_the_old(url: str, clock: TickingClock) -> None:
    """Who trusts the old key is led to the new one, and the old one signs no more."""
    first = signed_run(url, clock, "logs")
    with open_store(url, writer=True, clock=clock) as store:
        old = store.checkpoints.key()
        new = store.checkpoints.rotate(reason="once a year", by="alice")
        overlap = store.checkpoints.last()
    last = signed_run(url, clock, "logs", "more")

    assert overlap is not None
    assert open_note(overlap.note, old) == open_note(overlap.note, new)
    with pytest.raises(VerificationError, match="not signed by"):
        open_note(last, old)
    with open_store(url, writer=False, clock=clock) as reader:
        for key in (old, new):
            assert verify(reader, VerificationRequest(key=key, against=first)).against == 2
    assert old.public != new.public


def test_a_key_that_never_signed_here_is_not_trusted(store: SqlStore, tmp_path: Path) -> None:
    """A log that names its own key proves nothing to who has another."""
    from storage.log.notes import Signer

    scan(store, item("logs"))
    store.checkpoints.checkpoint()
    stranger = Signer(store.checkpoints.key().name, make_signing_key(tmp_path / "stranger.pem")).key

    with pytest.raises(VerificationError, match="and the key given is"):
        verify(store, VerificationRequest(key=stranger))


def test_a_rotation_that_was_killed_is_ended_by_the_next_checkpoint(
    url: str, path: Path, clock: TickingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the leaf and the file there is always a moment."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with open_store(url, writer=True, clock=clock) as store:
        old = store.checkpoints.key()
        with monkeypatch.context() as patched:
            patched.setattr("storage.log.checkpoints.make_note", killed)
            with pytest.raises(KeyboardInterrupt):
                store.checkpoints.rotate(reason="once a year", by="alice")
    key = path.with_name("annexd.db.signing.pem")
    before = key.read_bytes()
    with open_store(url, writer=True, clock=clock) as store:
        store.checkpoints.rotate(reason="once more", by="alice")
        assert verify(store, VerificationRequest(key=old)).leaves > 1

    assert key.read_bytes() != before
    assert not key.with_name(f"{key.name}.next").exists()


def test_a_restored_store_goes_on_under_another_name(url: str, path: Path, clock: TickingClock, tmp_path: Path) -> None:
    """The loss is on record, and the old name never gets a second history."""
    first = signed_run(url, clock, "logs")
    saved(path, tmp_path / "old")
    lost = signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")

    with open_store(url, writer=True, clock=clock, restoring=True) as store:
        trusted = store.checkpoints.key()
        head = store.checkpoints.acknowledge(reason="the disk died", by="alice")
    signed_run(url, clock, "logs", "other")

    assert head.origin == f"{trusted.name}~2"
    with open_store(url, writer=False, clock=clock) as store:
        assert verify(store, VerificationRequest(key=trusted, against=first, rebuild=True)).origin == head.origin
        with pytest.raises(VerificationError, match="another history"):
            verify(store, VerificationRequest(against=lost))


def test_a_store_whose_key_was_rotated_is_restored_too(
    url: str, path: Path, clock: TickingClock, tmp_path: Path
) -> None:
    """The MACs before a rotation can be computed by nobody; the checkpoint proves what they stand beside."""
    signed_run(url, clock, "logs")
    with open_store(url, writer=True, clock=clock) as store:
        store.checkpoints.rotate(reason="once a year", by="alice")
    saved(path, tmp_path / "old")
    signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")

    with open_store(url, writer=True, clock=clock, restoring=True) as store:
        trusted = store.checkpoints.key()
        store.checkpoints.acknowledge(reason="the disk died", by="alice")
    signed_run(url, clock, "logs", "other")

    with open_store(url, writer=False, clock=clock) as store:
        assert verify(store, VerificationRequest(key=trusted, rebuild=True)).origin == f"{trusted.name}~2"


def test_what_was_changed_before_a_rotation_is_not_restored(
    url: str, path: Path, clock: TickingClock, tmp_path: Path
) -> None:
    """Otherwise it would be signed under the new name, as if it had always been so."""
    signed_run(url, clock, "logs")
    with open_store(url, writer=True, clock=clock) as store:
        store.checkpoints.rotate(reason="once a year", by="alice")
    saved(path, tmp_path / "old")
    signed_run(url, clock, "logs", "more")
    put_back(path, tmp_path / "old")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        ((dictionary, body),) = database.execute("SELECT dictionary, body FROM log_leaf WHERE idx = 2").fetchall()
        data = LeafDecompressor().decompress(dictionary, body).replace(b'"rnd":"', b'"rnd":"0')
    edit(
        path,
        f"UPDATE log_leaf SET body = x'{compress_leaf(data).hex()}', hash = x'{leaf_hash(data).hex()}' WHERE idx = 2",  # noqa: S608  our own bytes
    )

    with (
        open_store(url, writer=True, clock=clock, restoring=True) as store,
        pytest.raises(VerificationError, match="was signed"),
    ):
        store.checkpoints.acknowledge(reason="the disk died", by="alice")


@pytest.mark.parametrize(
    ("name", "size", "said"), [(None, 0, "covers no log entry"), ("other.example", 1, "is of other.example, and this")]
)
def test_a_head_that_no_log_signs_is_no_proof_from_outside(
    url: str, path: Path, clock: TickingClock, name: str | None, size: int, said: str
) -> None:
    """Whoever holds the key could put one in the place of the head that was kept outside."""
    signed_run(url, clock, "logs")
    signing_key = read_signing_key(path.with_name("annexd.db.signing.pem"))
    with open_store(url, writer=False, clock=clock) as store:
        with store.reading() as connection:
            (hashed,) = connection.exec_driver_sql("SELECT hash FROM log_leaf WHERE idx = 0").one()
        key = store.checkpoints.key()
        head = Checkpoint(name or key.name, size, hashed if size else EMPTY)
        note = make_note(head, Signer(key.name, signing_key))

        with pytest.raises(VerificationError, match=said):
            verify(store, VerificationRequest(against=note))
