"""Forgetting on purpose: bodies go, and everything that proves what there was stays."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collector.core.erasure import BodyOwner, Erasable, Erasure, Lock
from collector.core.errors import StoreError, VerificationError
from collector.core.tasks import Outcome, Task
from storage import SqlStore, open_store
from storage.erasing import drop, erased
from storage.log.dictionary import LeafDecompressor
from storage.log.merkle import Frontier, leaf_hash
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import BUCKETS, MONDAY, TickingClock, bodies, facts, item, keys, scan

DAY = timedelta(days=1)
ELSEWHERE = Task("production", "aws.s3.bucket", ("444455556666", "eu-central-1"))


def erasure(found: Erasable) -> Erasure:
    """An erasure as the law asks for it."""
    return Erasure(
        at=MONDAY,
        basis="GDPR article 17",
        approved_by="Data protection officer",
        by="ann",
        bodies=len(found.bodies),
        facts=len(found.facts),
        source="production",
        kind="aws.s3.bucket",
        key="logs",
    )


def erase(store: SqlStore, key: str = "logs") -> Erasable:
    """Erase everything of a bucket."""
    found = store.erasing.erasable(source="production", kind="aws.s3.bucket", key=key)
    store.erasing.erase(erasure(found), (*found.bodies, *found.facts))
    return found


def leaf_hashes(store: SqlStore) -> list[tuple[bytes, bytes]]:
    """Each leaf by the hash that is kept, and by the one that its bytes have."""
    opener = LeafDecompressor()
    with store._reading(None) as (connection, _):
        rows = connection.exec_driver_sql("SELECT dictionary, body, hash FROM log_leaf ORDER BY idx").fetchall()
    return [(kept, leaf_hash(opener.decompress(number, body))) for number, body, kept in rows]


def root(hashes: list[tuple[bytes, bytes]]) -> bytes:
    """The root over leaves, from their bytes."""
    tree = Frontier()
    for _, made in hashes:
        tree.append(made)
    return tree.root()


def test_every_version_of_the_one_resource_is_forgotten_and_no_other(store: SqlStore, clock: TickingClock) -> None:
    """What was erased must be gone in every past state too, and nothing else may be."""
    scan(store, item("logs", owner="ann"), item("web"))
    then = clock.now
    scan(store, item("logs", owner="bob"), item("web"))

    found = erase(store)

    assert len(found.bodies) == 2
    assert found.resources == (BodyOwner("production", "aws.s3.bucket", BUCKETS.scope, "logs"),)
    for moment in (None, then):
        stored = store.resources("aws.s3.bucket", source="production", as_of=moment)
        assert {resource.key: resource.blob is None for resource in stored} == {"logs": True, "web": False}
        assert keys(store, as_of=moment) == ["logs", "web"]


def test_the_tree_is_what_it_was_and_one_leaf_longer(store: SqlStore) -> None:
    """Erasing must not cost the proof of anything else."""
    scan(store, item("logs", owner="ann"), item("web"))
    before = leaf_hashes(store)
    found = erase(store)
    after = leaf_hashes(store)

    assert all(kept == made for kept, made in after)
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert root(after[: len(before)]) == root(before)
    with store._reading(None) as (connection, _):
        assert list(erased(connection)) == [(len(before), digest) for digest in found.bodies]


def test_the_proof_takes_what_was_erased_and_nothing_else(store: SqlStore) -> None:
    """A body that is missing is a hole in the evidence, unless the record says why."""
    scan(store, item("logs", owner="ann", facts={"last": 1}), item("web"))
    found = erase(store)
    report = verify(store, VerificationRequest(rebuild=True))
    left = store.erasing.erasable(source="production", kind="aws.s3.bucket", key="web").bodies
    with store._open_writer().transaction() as connection:
        drop(connection, left)

    assert report.erased == len(found.bodies) + len(found.facts) == 2
    with pytest.raises(VerificationError, match="no leaf says that it was erased"):
        verify(store, VerificationRequest())


def test_nothing_of_the_body_is_left_in_the_files(store: SqlStore, path: Path, url: str) -> None:
    """Bytes in a free page are bytes that somebody can read."""
    secret = "Ann-Sophie-of-the-second-floor"
    noise = [hashlib.sha256(bytes([number])).hexdigest() for number in range(40)]
    scan(store, item("logs", owner=secret, noise=noise))
    found = store.erasing.erasable(source="production", kind="aws.s3.bucket", key="logs")
    with store._reading(None) as (connection, _):
        (body,) = connection.exec_driver_sql("SELECT body FROM blob WHERE body IS NOT NULL").scalars()
    piece = bytes(body)[200:260]
    with store._open_writer().transaction() as connection:
        # Some builds of SQLite overwrite by themselves; ours has to do it on every one.
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    store.erasing.erase(erasure(found), found.bodies)
    store.close()
    with open_store(url, writer=True, clock=TickingClock()):
        pass

    assert piece not in path.read_bytes()


def test_volatile_keys_go_as_well(store: SqlStore, clock: TickingClock) -> None:
    """When somebody signed in is personal too, and stands in another blob."""
    scan(store, item("logs", facts={"last": "monday"}), item("web", facts={"last": "sunday"}))
    then = clock.now
    scan(store, item("logs"), item("web", facts={"last": "tuesday"}))

    found = erase(store)
    stored = {resource.key: resource for resource in store.resources("aws.s3.bucket", source="production", as_of=then)}

    assert len(found.facts) == 1
    assert {key: (resource.facts, resource.facts_gone) for key, resource in stored.items()} == {
        "logs": (None, True),
        "web": (None, True),
    }
    assert facts(store) == {"logs": None, "web": {"last": "tuesday"}}


def test_a_body_that_is_seen_again_is_new_evidence(store: SqlStore) -> None:
    """The platform still has it; an equal body must not bring the old one back."""
    scan(store, item("logs", owner="ann"))
    (old,) = erase(store).bodies
    finished = scan(store, item("logs", owner="ann"))
    (new,) = store.resources("aws.s3.bucket", source="production")

    assert finished.changed == 1
    assert new.digest != old
    assert bodies(store) == {"logs": {"owner": "ann"}}


def test_who_shares_the_body_is_named(store: SqlStore) -> None:
    """One body is kept once, so that erasing it is felt wherever it was seen."""
    scan(store, item("logs", owner="ann"))
    scan(store, item("logs", owner="ann"), task=ELSEWHERE)
    found = store.erasing.erasable(source="production", kind="aws.s3.bucket", key="logs", scope=BUCKETS.scope)

    assert len(found.bodies) == 1
    assert [owner.scope for owner in found.resources] == [BUCKETS.scope, ELSEWHERE.scope]


def test_erasing_twice_is_refused_and_leaves_no_leaf(store: SqlStore) -> None:
    """A leaf that says so and a body that was not dropped would be a lie for ever."""
    scan(store, item("logs"), item("web"))
    (digest,) = erase(store).bodies
    left = store.erasing.erasable(source="production", kind="aws.s3.bucket", key="web").bodies
    before = len(leaf_hashes(store))

    with pytest.raises(StoreError, match="there is no body of"):
        store.erasing.erase(erasure(Erasable()), (*left, digest))
    assert len(leaf_hashes(store)) == before
    assert store.erasing.erasable(source="production", kind="aws.s3.bucket", key="web").bodies == left
    assert store.erasing.erasable(source="production", kind="aws.s3.bucket", key="logs") == Erasable()


def test_a_blob_cannot_be_changed_under_the_name_of_an_erasure(store: SqlStore) -> None:
    """The door for erasures lets nothing else through."""
    scan(store, item("logs"))

    with pytest.raises(StoreError, match="a blob may only be erased"), store._open_writer().transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = ?", (b"other",))


def days_of_change(store: SqlStore, clock: TickingClock, days: int) -> list[datetime]:
    """A bucket that is another one each day, with facts that move, beside one that stays as it is."""
    moments = []
    for day in range(days):
        clock.now = MONDAY + day * DAY
        scan(store, item("logs", day=day, facts={"last": day}), item("web", facts={"last": 0}))
        moments.append(clock.now)
    return moments


def test_only_what_was_superseded_before_is_too_old(store: SqlStore, clock: TickingClock) -> None:
    """How old a body is counts from the day on which it was not true any more."""
    moments = days_of_change(store, clock, 4)

    for count, limit in enumerate([moments[0] - DAY, *moments]):
        found = store.erasing.expired(before=limit)
        expected = max(count - 1, 0)
        assert (len(found.bodies), len(found.facts)) == (expected, expected)
    now = {stored.digest for stored in store.resources("aws.s3.bucket", source="production")}
    assert now.isdisjoint(store.erasing.expired(before=clock.now + 400 * DAY).bodies)


def test_a_locked_span_keeps_all_that_was_in_force_in_it(store: SqlStore, clock: TickingClock) -> None:
    """An auditor who comes in spring asks about last year, whatever the policy says."""
    moments = days_of_change(store, clock, 6)
    lock = Lock(moments[2] + timedelta(hours=1), moments[3] + timedelta(hours=1))
    free = store.erasing.expired(before=clock.now)
    locked = store.erasing.expired(before=clock.now, locks=[lock])
    store.erasing.erase(erasure(locked), (*locked.bodies, *locked.facts))

    assert (len(free.bodies), len(locked.bodies)) == (5, 3)
    assert (len(free.facts), len(locked.facts)) == (5, 3)
    for number, moment in enumerate(moments):
        there = store.resources("aws.s3.bucket", source="production", as_of=moment)
        held = {resource.key: resource.blob is not None for resource in there}
        assert held == {"logs": number in {2, 3, 5}, "web": True}


def test_facts_that_still_count_are_never_too_old(store: SqlStore, clock: TickingClock) -> None:
    """A list that was never complete again still stands on its last complete one."""
    scan(store, item("logs", facts={"last": 1}), item("web", facts={"last": 2}))
    clock.now += DAY
    scan(store, item("logs", facts={"last": 3}), outcome=Outcome.PARTIAL)

    assert store.erasing.expired(before=clock.now + 400 * DAY) == Erasable()


def test_facts_that_did_not_change_are_one_blob_and_stay_with_the_newest(store: SqlStore, clock: TickingClock) -> None:
    """What was found again is as young as the last time it was found."""
    for day in range(3):
        clock.now = MONDAY + day * DAY
        scan(store, item("logs", facts={"last": "never"}))

    assert store.erasing.expired(before=clock.now + 400 * DAY) == Erasable()
    assert facts(store) == {"logs": {"last": "never"}}


def test_an_unknown_resource_has_nothing_to_erase(store: SqlStore) -> None:
    """A key that is mistyped must not look like one that was erased."""
    scan(store, item("logs"))

    assert store.erasing.erasable(source="production", kind="aws.s3.bucket", key="log") == Erasable()
    assert store.erasing.erasable(source="x", kind="aws.s3.bucket", key="logs") == Erasable()


def test_facts_that_shared_a_blob_are_found_and_heal(store: SqlStore) -> None:
    """A volatile key is forgotten with what stands beside it; the next look keeps all of them again."""
    hour = timedelta(hours=1)
    for turn in range(2):
        for task in (BUCKETS, ELSEWHERE):
            scan(store, item("logs", facts={"n": turn}), task=task, every=hour)
    store.write_pending()
    found = store.erasing.erasable(source="production", kind="aws.s3.bucket", key="logs", scope=BUCKETS.scope)
    assert len(found.facts) == 2

    store.erasing.erase(erasure(found), found.facts)

    for task in (BUCKETS, ELSEWHERE):
        seen = list(store.resources(task.collection, source=task.source, under=task.scope))
        assert [stored.facts_gone for stored in seen] == [True]
        scan(store, item("logs", facts={"n": 1}), task=task, every=hour)
        assert facts(store, task=task) == {"logs": {"n": 1}}
    verify(store, VerificationRequest(rebuild=True))


def test_facts_that_others_lie_over_are_in_force_until_all_are_kept_again(store: SqlStore) -> None:
    """Retention must not take the ground from under what was seen an hour ago."""
    for hour in range(4):
        at = MONDAY + timedelta(hours=hour)
        scan(store, item("ann", facts={"n": hour}), item("bob", facts={"n": 0}), every=timedelta(hours=1), ended_at=at)
    store.write_pending()
    far = MONDAY + 365 * DAY
    assert store.erasing.expired(before=far).facts == ()

    scan(store, item("ann", facts={"n": 9}), item("bob", facts={"n": 0}))

    assert len(store.erasing.expired(before=far).facts) == 4
