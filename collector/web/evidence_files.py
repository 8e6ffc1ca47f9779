"""One stored resource as files: its bytes, their proof, and both with what verifies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from collector.bundle.proofs.evidence_proof import encoded, evidence_proof, proof_archive
from collector.core.errors import UsageError
from collector.web.opened import is_opened
from storage import SqlStore
from storage.log.ranges import LogParts
from storage.tables.reading import bound_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.proofs.evidence_proof import EvidenceProof
    from collector.core.history import Version
    from collector.core.ports import Stored
    from collector.report.state.known import Reading

ENDINGS = (".raw", ".proof", ".zip")
"""What stands behind the key in the address of a file."""


def evidence_file(reading: Reading, stored: Stored, ending: str) -> Response:
    """Return a file to be saved. Raises UsageError on a body that was erased, and where there is no proof."""
    if stored.blob is None:
        raise UsageError("the body of this resource was erased", mend="its digest is still in the log")
    name = stored.digest.removeprefix("sha256:")
    match ending:
        case ".raw":
            return _saved(f"{name}.json", stored.blob)
        case ".proof":
            return _saved(f"{name}.proof.json", encoded(_proof(reading, stored)))
        case _:
            folder = f"evidence-{name[:16]}"
            return _saved(f"{folder}.zip", proof_archive(folder, stored.blob, _proof(reading, stored)))


def why_no_proof(reading: Reading, stored: Stored, versions: Sequence[Version]) -> str:
    """Return why there is no proof of a resource; empty where there is one. `versions` begin with its newest."""
    store, task = reading.store, stored.task
    if not isinstance(store, SqlStore):
        return "this store keeps no log that proves anything"
    complete = store.last_complete(source=task.source, as_of=reading.as_of)
    listed = next((found for found in complete if found.observation.task == task), None)
    if listed is None or listed.leaf is None or not versions or versions[0].leaf > listed.leaf:
        return "what was read is in no complete list"
    if not is_opened(listed.observation.ended_at):
        return "the newest complete list was read before the period that is opened: ask the company for its proof"
    with store.reading() as connection:
        is_signed = LogParts(connection).signed_above(listed.leaf) is not None
    return "" if is_signed else f"no signed log hash covers log entry {listed.leaf} yet"


def _proof(reading: Reading, stored: Stored) -> EvidenceProof:
    store, task = reading.store, stored.task
    versions = list(store.versions(task, stored.key, as_of=reading.as_of)) if isinstance(store, SqlStore) else []
    why = why_no_proof(reading, stored, versions)
    if why or not isinstance(store, SqlStore):
        raise UsageError(f"{stored.key!r} has no proof: {why}", mend="ask again after the next run")
    with store.reading() as connection:
        return evidence_proof(connection, task, stored.key, stored.digest, bound_of(connection, reading.as_of))


def _saved(name: str, data: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)
