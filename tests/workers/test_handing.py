"""What a worker hands over is checked before it becomes evidence, and a body is stored once, with its first salt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from collector.core.errors import StoreError
from collector.core.ports import HandedItem, Item
from collector.core.tasks import Observation, Outcome, Provenance, Task
from storage import SqlStore, open_store

TASK = Task("estate", "estate.thing", ("place-0",))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ITEM = Item(kind="estate.thing", key="a", body=b'{"Id":"a"}')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store, open for a run."""
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=lambda: NOW) as opened:
        yield opened


def sealed(store: SqlStore) -> HandedItem:
    """Return the item as a worker seals it."""
    ((item,), _) = store.sealing(TASK, "run", store.worker_key()).seal([ITEM])
    return item


def finish(store: SqlStore, *items: HandedItem) -> None:
    """Record a task that listed these items."""
    attempt = store.attempt(TASK, "run")
    store.take(attempt, items)
    store.finish(
        attempt,
        Observation(
            task=TASK,
            run="run",
            outcome=Outcome.COMPLETE,
            started_at=NOW,
            ended_at=NOW,
            listed=len(items),
            every=timedelta(days=1),
            provenance=Provenance(identity=None, connector="estate/1", code="", redaction="", worker="worker 1"),
        ),
    )


def kept(store: SqlStore) -> list[str]:
    """Return the digests of the bodies that resources have."""
    return [stored.digest for stored in store.resources("estate.thing", source="estate")]


def test_first_salt_counts(store: SqlStore) -> None:
    """Two workers seal one body with two salts; it is stored once, and the second is told by its lookup."""
    first, second = sealed(store), sealed(store)
    assert first.digest != second.digest
    assert first.lookup == second.lookup
    finish(store, first)
    finish(store, second)
    assert kept(store) == [f"sha256:{first.digest.hex()}"]


def test_a_body_is_what_its_digest_says(store: SqlStore) -> None:
    """Otherwise nothing of the task is recorded."""
    wrong = msgspec.structs.replace(sealed(store), digest=bytes(32))
    with pytest.raises(StoreError, match="its bytes have another digest"):
        finish(store, wrong)
    assert kept(store) == []


def test_a_stored_body_is_stored(store: SqlStore) -> None:
    """A number that is another body's, or nobody's, is not taken on a worker's word."""
    finish(store, sealed(store))
    for wrong in (HandedItem("b", bytes(32), 1), HandedItem("b", sealed(store).digest, 7)):
        with pytest.raises(StoreError, match="where it is not stored"):
            finish(store, wrong)
    assert len(kept(store)) == 1


def test_another_body_under_a_lookup(store: SqlStore) -> None:
    """It would be recorded in the other's place."""
    finish(store, sealed(store))
    other = Item(kind="estate.thing", key="b", body=b'{"Id":"b"}')
    ((item,), _) = store.sealing(TASK, "run", store.worker_key()).seal([other])
    with pytest.raises(StoreError, match="is looked up by the value of another one"):
        finish(store, msgspec.structs.replace(item, lookup=sealed(store).lookup))
