"""Proving a store on either database: what is proven, what an erasure may leave, and what a rebuild compares."""

from __future__ import annotations

import pytest

from collector.core.erasure import Erasure
from collector.core.errors import VerificationError
from collector.core.tasks import Outcome
from storage import SqlStore
from storage.verification import VerificationRequest, verify
from tests.golden_parts import compare_error
from tests.storage.evidence import (
    BUCKETS,
    MONDAY,
    REFUSED,
    changed,
    ended,
    gone,
    item,
    judged,
    planned,
    scan,
    started,
    verdict,
)


def some_history(store: SqlStore) -> None:
    """Runs with all that may happen: new, changed, gone, back again, unread, partial, verdicts that come and go."""
    store.write([started(), planned(BUCKETS)])
    scan(store, item("a", facts={"seen": 1}), item("b"), item("c", unread=["Policy"]))
    store.write([judged(changed(verdict("a")), changed(verdict("b"))), ended()])
    store.write([started("run-2")])
    scan(store, item("a", facts={"seen": 2}), item("c", size=1), run="run-2")
    scan(store, item("d"), outcome=Outcome.PARTIAL, run="run-2")
    scan(store, item("b"), item("d"), run="run-2")
    store.write([judged(gone(verdict("a")), run="run-2"), ended("run-2")])


def test_a_store_with_all_that_may_happen_is_proven(store: SqlStore) -> None:
    """Nothing that annexd itself does may look like tampering."""
    some_history(store)
    store.checkpoints.checkpoint()

    report = verify(store, VerificationRequest(rebuild=True))

    assert (report.leaves, report.signed, report.inventories, report.erased) == (12, 12, 1, 0)
    assert report.rows is not None
    assert report.rows > 20
    assert REFUSED.denied


def test_long_lists_in_payloads_are_proven_too(store: SqlStore) -> None:
    """What is too long for a leaf is behind a digest, and the digest is in the leaf."""
    scan(store, *(item(f"bucket-{number:05}") for number in range(3_000)))

    report = verify(store, VerificationRequest(rebuild=True))

    assert report.payloads >= 1
    assert report.bodies == 3_000


def test_what_was_erased_is_allowed_to_be_gone(store: SqlStore) -> None:
    """The law may ask for it, and the tree stays as it was."""
    some_history(store)
    found = store.erasing.erasable(source=BUCKETS.source, kind=BUCKETS.collection, key="a")
    digests = [*found.bodies, *found.facts]
    store.erasing.erase(
        Erasure(at=MONDAY, basis="asked", approved_by="bob", by="alice", bodies=len(found.bodies), facts=1), digests
    )
    store.checkpoints.checkpoint()

    assert verify(store, VerificationRequest(rebuild=True)).erased == len(digests) > 0


def test_a_body_that_nobody_erased_must_be_there(store: SqlStore) -> None:
    """Dropping a body in silence is how evidence disappears."""
    some_history(store)
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = NULL, lookup = NULL WHERE id = 2")

    with pytest.raises(VerificationError, match="body 2") as raised:
        verify(store, VerificationRequest())
    compare_error("storage/errors", "verify: body removed without an erasure", raised.value)


def test_a_row_that_does_not_follow_from_the_log_is_named(store: SqlStore) -> None:
    """On both databases the same words."""
    some_history(store)
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO run (id, name) VALUES (?, ?)", (99, "a run that never was"))

    verify(store, VerificationRequest())
    with pytest.raises(VerificationError, match=r"table run: .*id=99") as raised:
        verify(store, VerificationRequest(rebuild=True))
    compare_error("storage/errors", "verify: row that does not follow from the log", raised.value)


def test_an_unreferred_body_is_named(store: SqlStore) -> None:
    """Whatever is there has to be on record."""
    some_history(store)
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO blob (id, digest, lookup, body) SELECT 99, ?, ?, body FROM blob WHERE id = 1",
            (bytes(32), bytes(16)),
        )

    with pytest.raises(VerificationError, match=r"body 99: .*sha256:0000") as raised:
        verify(store, VerificationRequest())
    compare_error("storage/errors", "verify: body that no leaf refers to", raised.value)


def test_leaves_after_the_last_checkpoint_are_counted(store: SqlStore) -> None:
    """They are proven to be whole, and nobody has signed them."""
    some_history(store)
    store.checkpoints.checkpoint()
    store.write([started("run-3")])

    assert verify(store, VerificationRequest()).unsigned == 1


@pytest.mark.parametrize("note", ["", "no note", "origin\n1\nAAAA\n\n— origin AAAA\n"])
def test_what_is_no_checkpoint_from_outside_is_refused_in_words(store: SqlStore, note: str) -> None:
    """The file may be anything."""
    some_history(store)

    with pytest.raises(VerificationError, match="the checkpoint from outside"):
        verify(store, VerificationRequest(against=note))
