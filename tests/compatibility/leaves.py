"""From a fact to the bytes of its leaf and back, as the program does it today."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, create_engine

from collector.core.attestations import Attested
from collector.core.audit_requests import RequestAct
from collector.core.erasure import Erasure
from collector.core.facts import CompanyFile, Fact, InForce, Judged, RuleInForce, TasksPlanned
from collector.core.findings import FindingChange
from collector.core.record_reviews import RecordEntered
from collector.core.tasks import Task
from storage.database.blobs import Decompressor, compress
from storage.database.columns import digest_bytes
from storage.log import leaf_encoding, leaves, mac_epochs, origins, unchanged_tasks
from storage.log.dictionary import NEWEST, LeafDecompressor
from storage.log.merkle import leaf_hash
from storage.tables.projections import Change, TaskSeen
from storage.tables.schema import METADATA
from tests.compatibility.builders import AT, Golden

STORE = "f2d4eabf-1067-414e-8318-06fd91eac7b4"

# What the storage writes itself, and what everybody may write.
TYPES: Mapping[str, Any] = {
    origins.GENESIS: origins.Genesis,
    origins.MIGRATED: origins.Migrated,
    origins.KEY: origins.NewKey,
    origins.RESTORE: origins.Restored,
    mac_epochs.MACS: mac_epochs.MacsBegin,
    "task": TaskSeen,
    unchanged_tasks.KIND: unchanged_tasks.UnchangedTasks,
    leaf_encoding.ERASURE: Erasure,
    **{kind: of for of, kind in leaf_encoding._KINDS.items()},
}
"""Every kind of leaf, with the type of what it states."""

WRITTEN = frozenset(get_args(Fact))
_ROWS: Mapping[type[Struct], Any] = {
    Judged: FindingChange,
    TasksPlanned: Task,
    Attested: str,
    RequestAct: str,
    RecordEntered: str,
    CompanyFile: str,
    InForce: RuleInForce,
    TaskSeen: Change,
    unchanged_tasks.UnchangedTasks: unchanged_tasks.UnchangedTask,
    Erasure: str,
}


class _FirstLeaf:
    """A place at the beginning of a log; MACs are no part of what a leaf says."""

    def next_index(self, _: Connection) -> int:
        return 0

    def extend(self, _: Connection, _index: int, _hashed: bytes) -> bytes:
        return b""


@contextmanager
def scratch_log() -> Iterator[Connection]:
    """Yield a connection to an empty log."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            METADATA.create_all(connection, [METADATA.tables[name] for name in ("log_leaf", "payload", "checkpoint")])
            yield connection
    finally:
        engine.dispose()


def encode(golden: Golden) -> tuple[bytes, list[bytes]]:
    """Return the bytes of the first leaf of a log, and of the payloads that it refers to."""
    kinds = {of: kind for kind, of in TYPES.items()}
    with scratch_log() as connection, patch("os.urandom", lambda size: bytes(range(size))):
        stated: Struct
        if type(golden.fact) in WRITTEN:
            kind, stated, fields = leaf_encoding.encode_fact(connection, golden.fact)  # type: ignore[arg-type]  # looked at above
        else:
            kind, stated, rows = kinds[type(golden.fact)], golden.fact, leaves.Rows(connection)
            for row in golden.rows:
                rows.add(msgspec.json.decode(msgspec.json.encode(row)))  # a row may hold raw JSON
            fields = rows.fields()
        leaves.append(
            connection, _FirstLeaf(), store=STORE, at=AT, kind=kind, fact=msgspec.to_builtins(stated), rows=fields
        )
        (body,) = connection.exec_driver_sql("SELECT body FROM log_leaf").one()
        payloads = connection.exec_driver_sql("SELECT body FROM payload ORDER BY id").scalars().all()
    return LeafDecompressor().decompress(NEWEST, body), [Decompressor().decompress(one) for one in payloads]


def decode(data: bytes, payloads: Mapping[str, bytes]) -> Golden:
    """Return what a leaf says. `payloads` are those that it may refer to, by digest."""
    with scratch_log() as connection:
        for at, (digest, payload) in enumerate(payloads.items()):
            statement = "INSERT INTO payload (id, digest, body) VALUES (?, ?, ?)"
            connection.exec_driver_sql(statement, (at, digest_bytes(digest), compress(payload)))
        record = leaves.leaf_from_bytes(connection, 0, leaf_hash(data), data)
        of = TYPES[record.kind]
        fact = record.fact(of)
        rows = [row for some in record.rows(_ROWS[of]) for row in some] if of in _ROWS else []
    if of in WRITTEN and of in _ROWS:
        return Golden(msgspec.structs.replace(fact, **{leaf_encoding._PARTS[of]: tuple(rows)}))
    return Golden(fact, rows)


def recorded_codes(database: Path) -> dict[str, str]:
    """Return the digest of the code of each check, as the newest leaf of what is in force has it."""
    with closing(sqlite3.connect(database)) as opened:
        statement = "SELECT body FROM log_leaf WHERE kind = 'in_force' ORDER BY idx DESC LIMIT 1"
        (body,) = opened.execute(statement).fetchone()
    fact = decode(LeafDecompressor().decompress(NEWEST, body), {}).fact
    assert isinstance(fact, InForce)
    return {rule.check: rule.code for rule in fact.rules}
