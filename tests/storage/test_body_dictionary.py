"""The dictionary of bodies: shipped, unchanged, and not needed for what was stored before there was one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from collector.core.errors import StoreError
from storage import open_store
from storage.database import body_dictionary
from storage.database.blobs import Decompressor, compress
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import TickingClock, bodies, item, scan

if TYPE_CHECKING:
    from pathlib import Path

    from storage import SqlStore

BODY: dict[str, Any] = {
    "arn": "arn:aws:iam::111122223333:role/reader",
    "path": "/",
    "tags": [{"Key": "owner", "Value": "ann"}],
}


@pytest.fixture
def forgotten() -> None:
    """Nothing that was read of the file before is remembered."""
    body_dictionary.body_dictionary.cache_clear()


def stored(store: SqlStore) -> list[bytes]:
    """Return the bodies as they lie in the database."""
    with store.reading() as connection:
        return [bytes(row[0]) for row in connection.exec_driver_sql("SELECT body FROM blob ORDER BY id")]


def test_a_stored_body_names_its_dictionary_and_is_shorter_with_it(store: SqlStore) -> None:
    """Most bodies are some hundred bytes, of which most are names of fields."""
    scan(store, item("reader", kind="aws.iam.role", **BODY))
    (body,) = stored(store)

    assert zstandard.get_frame_parameters(body).dict_id == body_dictionary.NUMBER
    assert len(body) < len(compress(Decompressor().decompress(body)))
    assert bodies(store) == {"reader": BODY}


def test_bodies_from_before_are_read_beside_it(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each store has those for years, and an equal body is found whichever way it was stored."""
    plain = zstandard.ZstdCompressor
    with monkeypatch.context() as patched:
        patched.setattr(zstandard, "ZstdCompressor", lambda *, level, dict_data=None: plain(level=level))  # noqa: ARG005  as before
        scan(store, item("old", **BODY))
    scan(store, item("old", **BODY), item("new", more=True, **BODY))
    store.checkpoints.checkpoint()

    assert [zstandard.get_frame_parameters(body).dict_id for body in stored(store)] == [0, body_dictionary.NUMBER]
    assert bodies(store) == {"old": BODY, "new": {"more": True, **BODY}}
    assert verify(store, VerificationRequest(rebuild=True)).bodies == 2


def test_a_body_with_another_dictionary_is_damaged() -> None:
    """No other one was ever shipped."""
    samples: list[bytes | bytearray | memoryview] = [
        b'{"number": %d, "name": "%d of many"}' % (number, number * 7) for number in range(2_000)
    ]
    other = zstandard.train_dictionary(4_096, samples, dict_id=body_dictionary.NUMBER + 1, level=3)

    with pytest.raises(StoreError, match="cannot be read"):
        Decompressor().decompress(zstandard.ZstdCompressor(level=3, dict_data=other).compress(bytes(samples[0])))


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("is_there", [True, False])
def test_another_file_in_its_place_is_refused(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: TickingClock
) -> None:
    """What it would unpack to is not what was stored; and bodies packed with it nobody else could read."""
    data = bytearray(body_dictionary._FILE.read_bytes())
    data[-1] ^= 1
    if is_there:
        (tmp_path / "other").write_bytes(data)
    monkeypatch.setattr(body_dictionary, "_FILE", tmp_path / "other")

    with (
        open_store(f"sqlite:///{tmp_path}/annexd.db", writer=True, clock=clock) as store,
        pytest.raises(StoreError, match="the dictionary of bodies"),
    ):
        scan(store, item("reader", **BODY))


def test_the_file_is_the_one_that_was_shipped() -> None:
    """A dictionary that was shipped never changes: bodies out there need exactly its bytes."""
    data = body_dictionary._FILE.read_bytes()

    assert hashlib.sha256(data).hexdigest() == body_dictionary._SHA256
    assert zstandard.ZstdCompressionDict(data).dict_id() == body_dictionary.NUMBER
