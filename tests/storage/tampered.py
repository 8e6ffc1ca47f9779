"""A store with some history as a file, and what an attacker, a bad disk or a careless hand may do to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from collector.core.errors import AnnexdError, StoreError
from collector.core.facts import Anchored
from collector.core.tasks import Task
from storage import SqlStore, open_store
from storage.database.blobs import Decompressor
from storage.database.unavailable import StoreUnavailable
from storage.log.dictionary import NEWEST, LeafDecompressor
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.storage.evidence import (
    BUCKETS,
    TickingClock,
    changed,
    ended,
    item,
    judged,
    planned,
    scan,
    started,
    verdict,
)

PAGE = 4096
OPERATIONAL = {"lease", "alembic_version"}
"""Who writes now, and the revision of the tables, are no evidence; the second is compared when a store is opened."""


def make_store(path: Path, runs: int = 3, size: int = 40) -> None:
    """Record some runs over buckets that change, and sign each."""
    clock = TickingClock()
    with open_store(f"sqlite:///{path}", writer=True, clock=clock) as store:
        fill(store, clock, runs=runs, size=size)


def fill(store: SqlStore, clock: TickingClock, *, runs: int, size: int) -> None:
    """Record some runs over buckets that change, sign each, and note that no authority stamped it."""
    for number in range(runs):
        run = f"run-{number}"
        store.write([started(run), planned(BUCKETS, run=run)])
        buckets = (
            item(f"b{at}", facts={"seen": number}, owner="o" * 200 if at % 9 else f"owner {number}")
            for at in range(number, size)
        )
        scan(store, *buckets, run=run)
        store.write([judged(*(changed(verdict(f"b{at}")) for at in range(number, size, 7)), run=run), ended(run)])
        head = store.checkpoints.checkpoint()
        assert head is not None
        pending = Anchored(at=clock(), size=head.size, root=head.root, kind="rfc3161", where="a", why="it is down")
        store.write([pending])


def share(store: SqlStore, clock: TickingClock) -> None:
    """Record collections that share log entries, with volatile keys that change; sign them, and note that alone."""
    for turn in range(4):
        for number in range(3):
            task = Task("production", "aws.iam.user", (f"{number:012}",))
            user = item("ann", facts={"seen": turn if number else 0})
            scan(store, user, task=task, run="run-again", every=timedelta(hours=1))
        store.write_pending()
    head = store.checkpoints.checkpoint()
    assert head is not None
    store.write([Anchored(at=clock(), size=head.size, root=head.root, kind="rfc3161", where="a", why="it is down")])


def prove(path: Path, **asked: object) -> VerificationReport:
    """Verify the file as the command does."""
    with open_store(f"sqlite:///{path}", writer=False, clock=TickingClock()) as store:
        return verify(store, VerificationRequest(**asked))  # type: ignore[arg-type]  # whatever a test asks


def refused(path: Path, **asked: object) -> str:
    """Return why a file is refused, or nothing where it is taken.

    Raises StoreUnavailable: that it could not be looked at is no answer.
    """
    try:
        prove(path, **asked)
    except StoreUnavailable:
        raise
    except AnnexdError as error:
        return error.what
    return ""


def dump(path: Path) -> list[object] | None:
    """Return everything that the file says, in the order of the file; None where it cannot be read.

    Compressed columns are opened: several sequences of bytes unpack to the same content, and the content is what is
    hashed. Left out are SQLite's entries for the indexes that it makes of itself, which have no definition.
    """
    said: list[object] = []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.text_factory = bytes
            defined = database.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 2, 1"
            ).fetchall()
            said.extend(defined)
            for name, kind, _ in defined:
                if kind == b"table" and name.decode() not in OPERATIONAL and not name.startswith(b"sqlite_"):
                    rows = database.execute(f"SELECT * FROM {name.decode()}").fetchall()  # noqa: S608
                    said.append([tuple(_opened(value) for value in row) for row in rows])
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    return said


def _opened(value: object) -> object:
    if not isinstance(value, bytes) or not value.startswith(b"(\xb5/\xfd"):
        return value
    # A raw dictionary is also given to what was compressed without one; both ways are tried, the leaf's own last.
    for open_it in (Decompressor().decompress, lambda data: LeafDecompressor().decompress(NEWEST, data)):
        try:
            return open_it(value)
        except StoreError:
            continue
    return value


def edit(path: Path, *statements: str) -> None:
    """Change the database as somebody with its password would: without triggers and foreign keys in the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        names = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in names:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        for _, sql in names:
            database.execute(sql)
