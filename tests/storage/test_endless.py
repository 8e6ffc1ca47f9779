"""Somebody with the database writes values that have no end: each is named, and nothing hangs or breaks over it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from collector.core.canonical import encode
from collector.core.errors import StoreError, VerificationError
from storage import open_store
from storage.database.blobs import compress
from storage.log.dictionary import NEWEST, compress_leaf
from storage.log.merkle import leaf_hash
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import TickingClock, changed, ended, item, judged, scan, started, verdict
from tests.storage.intruder import Intruder, intruder

_DEEP = 40
_LEAF = "INSERT INTO log_leaf (idx, kind, recorded_at, dictionary, body, hash, mac) VALUES (?, ?, ?, ?, ?, ?, ?)"
_PAYLOAD = "INSERT INTO payload (id, digest, body) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM payload), ?, ?)"


def _forge(inside: Intruder, content: bytes) -> None:
    """Append an entry of these bytes, in which INDEX and STORE stand for what belongs there."""
    index = inside.next_index(inside.connection)
    store = inside.connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'store'").scalar_one()
    data = content.replace(b"INDEX", b"%d" % index).replace(b"STORE", store.encode())
    values = (index, "judged", 0, NEWEST, compress_leaf(data), leaf_hash(data), b"\x00" * 32)
    inside.connection.exec_driver_sql(_LEAF, values)


def _entry(more: bytes) -> bytes:
    return b'{"at":"1970-01-01T00:00:00Z",%b,"i":INDEX,"k":"judged","rnd":"00","store":"STORE","v":1}' % more


def _payload(inside: Intruder, *digests: str) -> str:
    data = encode({"rows": list(digests), "salt": "00"})
    digest = hashlib.sha256(data).digest()
    inside.connection.exec_driver_sql(_PAYLOAD, (digest, compress(data)))
    return f"sha256:{digest.hex()}"


def _rows_in(above: int, digest: str) -> bytes:
    return _entry(b'"fact":{"run":"r"},"rows_in":{"above":%d,"count":1,"payloads":["%b"]}' % (above, digest.encode()))


def _doubled(inside: Intruder) -> None:
    digest = _payload(inside, "x")
    for _ in range(_DEEP):
        digest = _payload(inside, digest, digest)
    _forge(inside, _rows_in(_DEEP, digest))


def _twice(inside: Intruder) -> None:
    digest = _payload(inside, "x")
    _forge(inside, _rows_in(1, _payload(inside, digest, digest)))


def _nested_fact(inside: Intruder) -> None:
    _forge(inside, _entry(b'"fact":' + b"[" * 50_000 + b"]" * 50_000))


def _large(inside: Intruder) -> None:
    _forge(inside, _entry(b'"fact":"%b"' % (b"x" * (64 << 20))))


def _text_key(inside: Intruder) -> None:
    if inside.connection.dialect.name == "sqlite":  # PostgreSQL keeps the type of a column
        inside.connection.exec_driver_sql("UPDATE resource_now SET key = CAST(key AS TEXT)")
    else:
        _nested_unread(inside)


def _nested_unread(inside: Intruder) -> None:
    nested = b"[" * 50_000 + b"]" * 50_000
    inside.connection.exec_driver_sql("UPDATE version SET unread = ?", (nested,))


SHAPES: dict[str, tuple[Callable[[Intruder], None], str]] = {
    "payloads that double": (_doubled, "its rows are 40 payloads deep"),
    "a payload named twice": (_twice, "it names the payload sha256:[0-9a-f]{64} twice"),
    "a nested fact": (_nested_fact, "leaf 5 cannot be read: maximum recursion depth"),
    "a large entry": (_large, "claims to unpack to more than 1048576 bytes"),
    "a text as a key": (_text_key, "a row holds what was never written: (Attribute|Recursion)Error"),
    "a nested column": (_nested_unread, "a row holds what was never written: RecursionError"),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_value_without_an_end_is_named(url: str, clock: TickingClock, shape: str) -> None:
    """Verification ends, and says what it is; whoever has no key to compute MACs with sees it too."""
    change, said = SHAPES[shape]
    with open_store(url, writer=True, clock=clock) as store:
        store.write([started()])
        scan(store, item("logs"))
        scan(store, item("logs"), item("web"))
        store.write([ended()])
        store.checkpoints.checkpoint()
    with intruder(url, mac=None) as inside:
        change(inside)

    with open_store(url, writer=False, clock=clock) as store, pytest.raises(VerificationError, match=said):
        verify(store, VerificationRequest(rebuild=True))


@pytest.mark.parametrize("value", [b"{", b"[" * 50_000, b"5"])
def test_a_scan_says_that_a_column_is_damaged(url: str, clock: TickingClock, value: bytes) -> None:
    """It is no defect of annexd, and nothing is recorded beside it."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
        with intruder(url) as inside:
            inside.connection.exec_driver_sql("UPDATE version SET unread = ?", (value,))
        with pytest.raises(StoreError, match="the unread parts of a resource cannot be read"):
            scan(store, item("logs"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE finding_event SET status = 'zzz'",
        "UPDATE finding_event SET observed_at = 9223372036854775807",
        "UPDATE finding SET scope = '{'",
    ],
)
def test_whoever_reads_is_told_that_a_column_is_damaged(url: str, clock: TickingClock, change: str) -> None:
    """A scan reads what was found before, and so does each page; neither breaks over it."""
    with open_store(url, writer=True, clock=clock) as store:
        store.write([started(), judged(changed(verdict()))])
    with intruder(url) as inside:
        inside.do(change)

    damage = pytest.raises(StoreError, match="a row holds what was never written")
    with open_store(url, writer=False, clock=clock) as store, damage:
        list(store.findings())
