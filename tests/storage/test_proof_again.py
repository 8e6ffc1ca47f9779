"""The proof of a body whose list was found again: by the entry that collections share, to both verifiers."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from collector.bundle.proofs.evidence_proof import EvidenceProof, SeenAgain, evidence_proof, proof_archive
from collector.bundle.verifying.evidence import verify_evidence
from collector.core.errors import VerificationError
from collector.core.tasks import Task
from storage import SqlStore, open_store
from tests.bundle.verifiers import script
from tests.storage.evidence import BUCKETS, MONDAY, TickingClock, item, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from collector.core.ports import Stored

DAY = timedelta(days=1)
MANY = 150
"""So many that the rows of the shared entry are in a payload."""


def look(store: SqlStore, day: int, count: int, **but: Any) -> None:
    """Look at so many collections on one day, and sign."""
    at = MONDAY + day * DAY
    for number in range(count):
        task = BUCKETS if not number else Task("production", "aws.s3.bucket", (f"{number:012}",))
        scan(store, item("logs"), task=task, started_at=at, ended_at=at + timedelta(seconds=number + 30), **but)
    store.checkpoints.checkpoint()


@pytest.fixture(scope="module", params=[2, MANY], ids=["in the entry", "in a payload"])
def proven(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SqlStore, bytes, EvidenceProof]]:
    """A store, a body in it, and its proof after two days on which nothing changed."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/annexd.db"
    with open_store(url, writer=True, clock=TickingClock(MONDAY)) as store:
        for day in range(3):
            look(store, day, request.param)
        found = body_of(store)
        with store.reading() as connection:
            proof = evidence_proof(connection, BUCKETS, "logs", found.digest, None)
        yield store, found.blob or b"", proof


def body_of(store: SqlStore) -> Stored:
    """The one body of a collection."""
    (found,) = store.resources(BUCKETS.collection, source="production", under=BUCKETS.scope)
    return found


def verdicts(folder: Path, store: SqlStore, body: bytes, proof: EvidenceProof) -> tuple[str, str]:
    """Return what annexd finds wrong, and what the script finds wrong."""
    path, key = folder / "evidence.zip", store.checkpoints.key()
    path.write_bytes(proof_archive("evidence", body, proof))
    ours = theirs = ""
    try:
        verify_evidence(path, key)
    except VerificationError as error:
        ours = error.what
    try:
        with closing(script().opened(str(path))) as opened:
            script().verify_evidence(opened, script().read_key(str(key)))
    except script().Bad as error:
        theirs = str(error)
    return ours, theirs


def test_both_verifiers_say_until_when_the_list_was_the_same(
    proven: tuple[SqlStore, bytes, EvidenceProof], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list that is two days old and was found again today is evidence of today."""
    store, body, proof = proven

    assert verdicts(tmp_path, store, body, proof) == ("", "")
    found = verify_evidence(tmp_path / "evidence.zip", store.checkpoints.key())
    assert found.observed_at == MONDAY + 2 * DAY + timedelta(seconds=30)
    assert found.again is not None
    assert found.again > found.leaf
    assert f"again       {found.again}, the same list was found until 2026-03-04T06:00:30Z" in capsys.readouterr().out


def test_as_of_a_day_the_proof_is_of_that_day(proven: tuple[SqlStore, bytes, EvidenceProof]) -> None:
    """Whoever may see a period is shown nothing that came after it."""
    store, _, proof = proven
    later = msgspec.json.decode(proof.again.entry)["i"]  # type: ignore[union-attr]  # the fixture has it

    digest = body_of(store).digest
    with store.reading() as connection:
        earlier = evidence_proof(connection, BUCKETS, "logs", digest, later - 1)
        first = evidence_proof(connection, BUCKETS, "logs", digest, msgspec.json.decode(proof.entry)["i"])

    assert msgspec.json.decode(earlier.again.entry)["i"] < later  # type: ignore[union-attr]  # as above
    assert first.again is msgspec.UNSET


def changed(text: str, change: Callable[[Any], Any]) -> str:
    """Return JSON of which something was changed."""
    made = msgspec.json.decode(text)
    change(made)
    return msgspec.json.encode(made).decode()


def _row(again: SeenAgain) -> SeenAgain:
    if again.payloads:
        return msgspec.structs.replace(
            again, payloads=[text.replace("30000000", "30000001") for text in again.payloads]
        )
    return msgspec.structs.replace(again, entry=again.entry.replace("30000000", "30000001"))


@pytest.mark.parametrize(
    "edit",
    [
        _row,
        lambda again: msgspec.structs.replace(again, entry=changed(again.entry, lambda made: made.update(i=1))),
        lambda again: msgspec.structs.replace(again, entry=changed(again.entry, lambda made: made.update(k="task"))),
        lambda again: msgspec.structs.replace(again, proof=again.proof.replace("index ", "index 1")),
        lambda again: msgspec.structs.replace(again, proof=again.proof.partition("\n\n")[0] + "\n\n"),
    ],
    ids=["a row", "another number", "another kind", "another index", "no signature"],
)
def test_nothing_of_it_can_be_another(
    proven: tuple[SqlStore, bytes, EvidenceProof], tmp_path: Path, edit: Callable[[SeenAgain], SeenAgain]
) -> None:
    """Who makes a list younger than it is makes evidence of nothing."""
    store, body, proof = proven
    assert isinstance(proof.again, SeenAgain)

    assert all(verdicts(tmp_path, store, body, msgspec.structs.replace(proof, again=edit(proof.again))))


def test_an_entry_about_other_lists_proves_nothing(store: SqlStore, tmp_path: Path) -> None:
    """The entry that is shared has to name the list's own."""
    other = Task("production", "aws.s3.bucket", (f"{1:012}",))
    for task in (BUCKETS, other, other):
        scan(store, item("logs"), task=task)
    store.checkpoints.checkpoint()
    found = body_of(store)
    (theirs,) = store.resources(other.collection, source="production", under=other.scope)
    with store.reading() as connection:
        shared = evidence_proof(connection, other, "logs", theirs.digest, None)
        mine = evidence_proof(connection, BUCKETS, "logs", found.digest, None)
    assert mine.again is msgspec.UNSET
    mixed = msgspec.structs.replace(mine, again=shared.again)

    ours, theirs_found = verdicts(tmp_path, store, found.blob or b"", mixed)

    assert "was found again" in ours
    assert "was found again" in theirs_found
