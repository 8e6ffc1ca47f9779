"""The record: leaves that nobody can take away, and tables that follow from them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import IntegrityError

from collector.core.canonical import canonical, digest_of
from collector.core.checks import Status
from collector.core.tasks import Outcome, Task
from storage import SqlStore, open_store
from storage.database.blobs import Decompressor
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.merkle import Frontier, leaf_hash
from storage.tables.projections import project
from storage.tables.schema import APPEND_ONLY, METADATA
from tests.storage.evidence import (
    BUCKETS,
    TickingClock,
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

LEAVES = "SELECT idx, dictionary, body, hash FROM log_leaf ORDER BY idx"
DERIVED = (
    "finding",
    "finding_count",
    "finding_event",
    "observation",
    "plan",
    "resource",
    "resource_now",
    "run",
    "run_event",
    "task",
    "version",
)

USERS = Task("production", "aws.iam.user", ("111122223333",))


def fill(store: SqlStore, many: int = 200) -> None:
    """Record something of every kind."""
    store.write([started(), planned(BUCKETS)])
    scan(store, item("logs", public=True, facts={"n": 1}), item("web", unread=["policy"]))
    scan(store, item("logs", public=False), outcome=Outcome.PARTIAL)
    scan(store, *(item(f"many-{number}") for number in range(many)))
    store.write([judged(changed(verdict())), judged(gone(verdict()), changed(verdict("web", Status.UNKNOWN)))])
    for turn in range(3):
        scan(store, item("ann", facts={"n": turn}), task=USERS, every=timedelta(hours=1))
    store.write([ended()])


def records(store: SqlStore) -> list[tuple[bytes, bytes]]:
    """The bytes of each leaf and the hash that stands beside them."""
    opener = LeafDecompressor()
    with store._reader.connect() as connection:
        return [
            (opener.decompress(number, body), hashed) for _, number, body, hashed in connection.exec_driver_sql(LEAVES)
        ]


def test_leaves_are_canonical_hashed_numbered_and_of_this_store(store: SqlStore) -> None:
    """Each property stops one way of tampering: editing, guessing, reordering, transplanting."""
    fill(store, many=3_000)

    for index, (data, hashed) in enumerate(records(store)):
        document = msgspec.json.decode(data)
        assert canonical(document) == data
        assert hashed == leaf_hash(data)
        assert (document["i"], document["store"], document["v"]) == (index, store.name, 1)
        assert len(document["rnd"]) == 32
        assert len(data) < 64 * 1024


def test_no_two_leaves_are_alike(store: SqlStore) -> None:
    """A withheld leaf must not be guessable from one that looks the same."""
    scan(store, outcome=Outcome.PARTIAL)
    scan(store, outcome=Outcome.PARTIAL)

    random = [msgspec.json.decode(data)["rnd"] for data, _ in records(store)]

    assert len(set(random)) == 3


def test_the_kinds_of_leaves_tell_the_story_in_order(store: SqlStore) -> None:
    """Roots before the first request, tasks before the first collection, the end last."""
    store.write([started(), planned(BUCKETS)])
    scan(store)
    store.write([judged(), ended()])

    kinds = [msgspec.json.decode(data)["k"] for data, _ in records(store)]

    assert kinds == ["genesis", "run_started", "tasks_planned", "task", "judged", "run_ended"]


def test_a_finished_task_knows_its_leaf(store: SqlStore) -> None:
    """What was acknowledged can be pointed at."""
    finished = scan(store, item("logs"))

    assert finished.leaf is not None
    data, hashed = records(store)[finished.leaf.index]
    assert msgspec.json.decode(data)["k"] == "task"
    assert hashed == finished.leaf.hash


def test_the_inventory_root_can_be_computed_from_what_is_shown(store: SqlStore) -> None:
    """An auditor computes it from keys, digests and unread parts, without annexd."""
    finished = scan(store, item("b"), item("a", unread=["policy", "acl"]), item("\U0001f600"), item("\uffff"))

    tree = Frontier()
    for stored in store.resources(BUCKETS.collection, source=BUCKETS.source):
        tree.append(leaf_hash(canonical([stored.key, stored.digest, sorted(stored.unread)])))

    assert finished.inventory == "sha256:" + tree.root().hex()


def test_payloads_and_blobs_hash_to_their_digests(store: SqlStore) -> None:
    """What is outside a leaf is held by its digest."""
    fill(store, many=3_000)
    opener = Decompressor()

    with store._reader.connect() as connection:
        rows = connection.exec_driver_sql("SELECT digest, body FROM payload UNION ALL SELECT digest, body FROM blob")
        found = [(digest, opener.decompress(body)) for digest, body in rows]

    assert len(found) > 3_000
    assert all(hashlib.sha256(data).digest() == digest for digest, data in found)
    assert all(canonical(msgspec.json.decode(data)) == data for _, data in found)


def test_the_tables_follow_from_the_leaves_alone(store: SqlStore, tmp_path: Path, clock: TickingClock) -> None:
    """Then nobody needs to trust the tables."""
    fill(store, many=3_000)
    with open_store(f"sqlite:///{tmp_path}/again.db", writer=True, clock=clock) as again:
        assert again._writer is not None
        with store._reader.connect() as old, again._writer.transaction() as new:
            new.exec_driver_sql("DROP TRIGGER log_leaf_refuses_delete")
            new.exec_driver_sql("DELETE FROM log_leaf")
            for table, columns in (("blob", 4), ("payload", 3), ("log_leaf", 7)):
                rows = [tuple(row) for row in old.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608  tables of ours
                new.exec_driver_sql(f"INSERT INTO {table} VALUES ({','.join('?' * columns)})", rows)  # noqa: S608  the same
            for row in new.exec_driver_sql(LEAVES).fetchall():
                project(new, leaves.read(new, LeafDecompressor(), row))
            for table in DERIVED:
                assert _rows(new, table) == _rows(old, table), table


def test_large_tasks_are_recorded_in_pieces_that_nest(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leaf stays small however many resources changed."""
    monkeypatch.setattr(leaves, "_PAYLOAD_SIZE", 200)
    monkeypatch.setattr(leaves, "_PAYLOADS_INLINE", 3)
    monkeypatch.setattr(leaves, "_ROWS_INLINE", 100)

    finished = scan(store, *(item(f"{number:03}") for number in range(200)))

    assert finished.appeared == 200
    assert len(list(store.resources(BUCKETS.collection, source=BUCKETS.source))) == 200
    assert msgspec.json.decode(records(store)[-1][0])["fact"]["appeared"] == 200


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_record_refuses_to_be_changed(store: SqlStore, path: Path, table: str, act: str) -> None:
    """A slip in an SQL shell must not cost evidence."""
    fill(store)
    store.checkpoints.checkpoint()
    column = METADATA.tables[table].columns.keys()[-1]

    with sqlite3.connect(path) as shell, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        shell.execute(act.format(table, column, column))
    shell.close()


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE blob SET body = x'00'",
        "UPDATE blob SET digest = x'00'",
        "UPDATE blob SET lookup = x'00'",
        "UPDATE blob SET body = NULL, id = id + 100000",
        "DELETE FROM blob",
        "DELETE FROM meta",
        "UPDATE meta SET value = ''",
    ],
)
def test_a_blob_can_be_erased_and_nothing_else(store: SqlStore, path: Path, act: str) -> None:
    """Erasure by law drops body and salt; everything else stays."""
    fill(store)

    with sqlite3.connect(path) as shell:
        with pytest.raises(sqlite3.IntegrityError):
            shell.execute(act)
        shell.execute("UPDATE blob SET body = NULL, lookup = NULL")
    shell.close()


def test_an_erased_body_is_said_to_be_gone_and_is_kept_anew_when_seen_again(store: SqlStore) -> None:
    """Erasing is not forgetting that there was something, nor a ban on looking again."""
    scan(store, item("logs"))
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = NULL, lookup = NULL")

    (erased,) = store.resources(BUCKETS.collection, source=BUCKETS.source)
    scan(store, item("logs"))
    (again,) = store.resources(BUCKETS.collection, source=BUCKETS.source)

    assert erased.blob is None
    assert again.blob is not None
    assert again.digest == digest_of(again.blob) != erased.digest


def test_a_version_without_a_body_is_refused(store: SqlStore) -> None:
    """A blob that is missing is an error where it is made, not a resource without content."""
    scan(store, item("logs"))
    assert store._writer is not None

    with store._writer._connection.begin() as transaction:
        with pytest.raises(IntegrityError, match="ck_version_blob"):
            store._writer._connection.exec_driver_sql(
                "INSERT INTO version (id, resource, leaf, change, blob) VALUES (2, 1, 1, 'changed', NULL)"
            )
        transaction.rollback()


@pytest.mark.usefixtures("path")
def test_the_migrated_tables_are_those_of_the_code(store: SqlStore) -> None:
    """What migrations make and what the code expects are written down twice."""
    expected = create_engine("sqlite://")
    METADATA.create_all(expected)

    with store._reader.connect() as ours, expected.connect() as theirs:
        assert _definitions(ours) == _definitions(theirs)
    expected.dispose()


@pytest.mark.usefixtures("path")
def test_keys_are_looked_up_and_never_searched_for(store: SqlStore) -> None:
    """As-of questions must stay quick when there are years of them."""
    fill(store)
    from storage.tables import reading  # its statements

    for statement in (reading._THEN, reading._NOW, reading._FINDINGS):
        with store._reader.connect() as connection:
            marks = (1,) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", marks).fetchall()
        scans = [row[3] for row in plan if row[3].startswith("SCAN") and not row[3].startswith("SCAN f")]
        assert scans == []


def _rows(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")), key=repr)  # noqa: S608  tables of ours


def _definitions(connection: Connection) -> dict[str, list[str]]:
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        " AND name <> 'alembic_version'"
    )
    # A column that a migration adds stands on the line of the one before it.
    return {name: sorted(part.strip() for part in re.split(r",\s+|\n", sql)) for name, sql in rows}
