"""The tables. Everything except the log, payloads and blobs is derived from these three.

Text that comes from platforms is UTF-8 in binary columns, because PostgreSQL's text takes no NUL, and both databases
order bytes alike.
Times are whole microseconds since 1970, UTC. A row that carries `leaf` was derived from that leaf.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData()

# SQLite makes a 64-bit row id of INTEGER only; PostgreSQL's integer has 32 bits.
_ID = BigInteger().with_variant(Integer(), "sqlite")
# Order by code point, whatever the locale of the server.
_WORD = Text().with_variant(Text(collation="C"), "postgresql")

meta = Table(
    "meta",
    METADATA,
    Column("name", _WORD, primary_key=True),
    Column("value", Text, nullable=False),
)

log_leaf = Table(
    "log_leaf",
    METADATA,
    Column("idx", _ID, primary_key=True, autoincrement=False),  # from 0, without a gap
    Column("kind", _WORD, nullable=False),
    Column("recorded_at", BigInteger, nullable=False, index=True),
    Column("dictionary", SmallInteger, nullable=False),  # which one the body was compressed with
    Column("body", LargeBinary, nullable=False),  # zstd of canonical JSON
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of 0x00 and the canonical JSON
    Column("mac", LargeBinary),  # see storage.log.macs; NULL: written before there were any
)

Index(  # of the few leaves that are not of tasks
    "ix_log_leaf_kind",
    log_leaf.c.kind,
    log_leaf.c.idx,
    sqlite_where=text("kind <> 'task'"),
    postgresql_where=text("kind <> 'task'"),
)

checkpoint = Table(  # signed heads; everything in a row follows from the leaves and the signing key
    "checkpoint",
    METADATA,
    Column("size", _ID, primary_key=True, autoincrement=False),
    Column("peaks", LargeBinary, nullable=False),  # the frontier of the tree, so that it can grow without being read
    Column("note", Text, nullable=False),  # C2SP signed note
)

payload = Table(  # what is too long for a leaf; the leaf holds the digest
    "payload",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),  # zstd
)

blob = Table(
    "blob",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("lookup", LargeBinary, unique=True),  # NULL: erased
    Column("body", LargeBinary),  # zstd; NULL: erased
)

lease = Table(  # the current writer; each new writer increments the epoch
    "lease",
    METADATA,
    Column("name", _WORD, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

pending = Table(  # blobs that no leaf refers to yet; those of a killed process are deleted at the next start
    "pending",
    METADATA,
    Column("blob", _ID, primary_key=True, autoincrement=False),
)

run = Table(
    "run",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("name", _WORD, nullable=False, unique=True),
)

run_event = Table(  # started or ended
    "run_event",
    METADATA,
    Column("leaf", _ID, ForeignKey("log_leaf.idx"), primary_key=True, autoincrement=False),
    Column("run", _ID, ForeignKey("run.id"), nullable=False),
    Column("kind", _WORD, nullable=False),
    UniqueConstraint("run", "kind"),
)

plan = Table(  # which sources a plan names
    "plan",
    METADATA,
    Column("source", _WORD, primary_key=True),
    Column("leaf", _ID, ForeignKey("log_leaf.idx"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

task = Table(
    "task",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("source", _WORD, nullable=False),
    Column("collection", _WORD, nullable=False),
    Column("scope", _WORD, nullable=False),
    UniqueConstraint("source", "collection", "scope"),
)

observation = Table(
    "observation",
    METADATA,
    Column("leaf", _ID, ForeignKey("log_leaf.idx"), primary_key=True, autoincrement=False),
    Column("task", _ID, ForeignKey("task.id"), nullable=False),
    Column("run", _ID, ForeignKey("run.id"), nullable=False),
    Column("outcome", _WORD, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("facts", Boolean, nullable=False),  # whether it has any; their digests are in the leaf
    Column("facts_over", Boolean, nullable=False, server_default=text("false")),  # only those that changed
    Index("ix_observation_latest", "task", "leaf"),
    Index(
        "ix_observation_complete",
        "task",
        "leaf",
        sqlite_where=text("outcome = 'complete'"),
        postgresql_where=text("outcome = 'complete'"),
    ),
)

seen_again = Table(  # unchanged tasks: for each shared leaf, sets of tasks as `storage.database.columns` writes them
    "seen_again",
    METADATA,
    Column("leaf", _ID, ForeignKey("log_leaf.idx"), primary_key=True, autoincrement=False),
    Column("run", _ID, ForeignKey("run.id"), nullable=False),
    Column("tasks", LargeBinary, nullable=False),
    Column("changed", LargeBinary, nullable=False),  # those of which facts changed
    Column("facts", LargeBinary, nullable=False),  # SHA-256 digests of the blobs that hold them
)

seen_again_now = Table(  # a cache: the newest shared leaf of each task that was ever in one
    "seen_again_now",
    METADATA,
    Column("task", _ID, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("leaf", _ID, nullable=False),  # no foreign key: it would be checked for every task that is seen again
    Column("ended_at", BigInteger, nullable=False),
    postgresql_with={"fillfactor": 40},  # room for the next row beside the last one, so that the table does not grow
)

facts_changed = Table(  # the shared leaves in which volatile keys of a task changed; the blobs are those of the leaf
    "facts_changed",
    METADATA,
    Column("task", _ID, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("leaf", _ID, ForeignKey("seen_again.leaf"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

resource = Table(
    "resource",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("task", _ID, ForeignKey("task.id"), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    UniqueConstraint("task", "key"),
)

version = Table(
    "version",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("resource", _ID, ForeignKey("resource.id"), nullable=False),
    Column("leaf", _ID, ForeignKey("observation.leaf"), nullable=False),
    Column("change", _WORD, nullable=False),  # appeared, changed, gone, reappeared
    # No foreign key: it would make each delete of a blob search all versions. A trigger protects referenced blobs.
    Column("blob", _ID),  # NULL: gone
    Column("unread", LargeBinary),  # canonical JSON of {part: why it could not be read}; NULL: everything was read
    Index("ix_version_history", "resource", "leaf"),
    CheckConstraint("(change = 'gone') = (blob IS NULL)", name="ck_version_blob"),
)

resource_now = Table(  # a cache: the existing resources, in the order in which they are compared and streamed
    "resource_now",
    METADATA,
    Column("task", _ID, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary, primary_key=True),
    Column("resource", _ID, ForeignKey("resource.id"), nullable=False),
    Column("version", _ID, ForeignKey("version.id"), nullable=False),
    sqlite_with_rowid=False,
)

finding = Table(
    "finding",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("check_id", _WORD, nullable=False),
    Column("source", _WORD, nullable=False),
    Column("scope", _WORD, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    UniqueConstraint("check_id", "source", "scope", "subject"),
)

finding_event = (
    Table(  # a verdict, or the end of the finding; `since` and `since_run` are of the first of equal verdicts
        "finding_event",
        METADATA,
        Column("id", _ID, primary_key=True, autoincrement=False),
        Column("finding", _ID, ForeignKey("finding.id"), nullable=False),
        Column("leaf", _ID, ForeignKey("log_leaf.idx"), nullable=False),
        Column("status", _WORD),
        Column("ended", _WORD),
        Column("because", LargeBinary, nullable=False),
        Column("reason", LargeBinary, nullable=False),
        Column("limits", LargeBinary, nullable=False),  # canonical JSON
        Column("evidence", LargeBinary, nullable=False),  # SHA-256 digests, one after the other
        Column("observed_at", BigInteger, nullable=False),
        Column("trace", LargeBinary),
        Column("since", BigInteger, nullable=False),
        Column("since_run", _ID, ForeignKey("run.id"), nullable=False),
        Index("ix_finding_event_history", "finding", "leaf"),
    )
)

finding_count = Table(  # a cache: how many current findings are alike in everything that a count depends on
    "finding_count",
    METADATA,
    Column("check_id", _WORD, primary_key=True),
    Column("source", _WORD, primary_key=True),
    Column("scope", _WORD, primary_key=True),
    Column("status", _WORD, primary_key=True),
    Column("was_failing", Boolean, primary_key=True),  # unknown, and a fail when they were last decided
    Column("began", BigInteger, primary_key=True, autoincrement=False),  # when they began to fail, or else `since`
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("observed_at", BigInteger, primary_key=True, autoincrement=False),
    Column("since_run", _ID, ForeignKey("run.id"), primary_key=True, autoincrement=False),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

APPEND_ONLY = (
    "checkpoint",
    "facts_changed",
    "finding",
    "finding_event",
    "log_leaf",
    "observation",
    "payload",
    "plan",
    "resource",
    "run",
    "run_event",
    "seen_again",
    "task",
    "version",
)
"""Tables whose rows never change; triggers refuse updates and deletes."""
