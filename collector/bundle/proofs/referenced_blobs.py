"""What the leaves of a bundle refer to, and the bundle therefore holds: bodies, volatile keys, payloads, lists, files.

What is not there is listed, each with why: nobody can leave a body out unnoticed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.proofs.finding_records import write_findings
from collector.bundle.sampling.sample_format import NOT_DRAWN
from collector.core.attestations import Attested
from collector.core.canonical import Digest, encode
from collector.core.errors import StoreError
from collector.core.tasks import Task
from storage.erasing import erased
from storage.log import unchanged_tasks
from storage.log.ranges import LogParts
from storage.tables.live_state import LiveState
from storage.tables.projections import Change

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.bundle.bag import Bag
    from collector.bundle.withholding import Withholding
    from storage import SqlStore
    from storage.log.ranges import EncodedLeaf

ATTACHMENTS, NO_NAME = "data/attachments/", "file"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


class _Observed(Struct):
    task: Task


class _TaskFact(Struct):
    observation: _Observed
    facts: tuple[str, ...]


class ReferencedBlobs:
    """Gathers what leaves refer to, and writes it."""

    def __init__(self, withholding: Withholding) -> None:
        self._withholding = withholding
        self._bodies: set[str] = set()
        self._facts: set[str] = set()
        self._payloads: set[str] = set()
        self._files: dict[Digest, tuple[int, str]] = {}
        self._withheld: set[str] = set()
        self.left: dict[str, int] = {"erased": 0, "withheld": 0, NOT_DRAWN: 0}

    def named_by(self, leaf: EncodedLeaf) -> None:
        """Take in a leaf that is shown."""
        record = leaf.record
        if record.kind == "attested":
            # Its payloads are pieces of the file, which is in the bundle as one.
            filed = record.fact(Attested).attestation
            if filed.digest is not None:
                self._files[filed.digest] = (leaf.index, filed.file_name or NO_NAME)
            return
        self._payloads.update(record.payloads())
        if record.kind == "task":
            seen = record.fact(_TaskFact)
            self._facts.update(seen.facts)
            task = seen.observation.task
            for batch in record.rows(Change):
                for change in batch:
                    if change.digest is not None:
                        self._body(change.digest, is_withheld=self._withholding.body(task, change.key))
        elif record.kind == unchanged_tasks.KIND:
            self._facts.update(record.fact(unchanged_tasks.UnchangedTasks).facts)

    def write(self, connection: Connection, store: SqlStore, bound: int, bag: Bag) -> None:
        """Write the lists of resources at the end, the findings at the end, and everything that entries refer to."""
        state, parts = LiveState(connection, bound), LogParts(connection)
        for task in state.tasks():
            if (
                task.complete is not None
                and self._withholding.is_selected(task.task)
                and not self._withholding.task(task.task)
            ):
                with bag.file(f"data/inventory/{task.complete}.jsonl") as out:
                    for listed in state.listed(task):
                        out.write(listed.line + b"\n")
                        self._body(listed.digest, is_withheld=self._withholding.body(task.task, listed.key))
        if not self._withholding.everything:
            write_findings(state, self._withholding, bag)
        gone = {digest: leaf for leaf, digest in erased(connection)}
        absent: list[list[object]] = []
        for folder, digests in (("evidence", self._bodies), ("facts", self._facts)):
            for digest, body in state.bodies(sorted(digests)):
                if body is None:
                    absent.append([digest, "erased", _erasure(gone, digest)])
                elif digest in self._withheld or (folder == "facts" and self._withholding.facts(body)):
                    absent.append([digest, self._withholding.why, None])
                else:
                    name = digest.removeprefix("sha256:")
                    bag.add(f"data/{folder}/{name[:2]}/{name}.json", body)
        for digest in sorted(self._payloads):
            bag.add(f"data/payloads/{digest.removeprefix('sha256:')}.json", parts.payload(digest))
        absent.extend(self._attached(store, bag))
        for _, why, _leaf in absent:
            self.left[str(why)] += 1
        with bag.file("proof/absent.jsonl") as out:
            for line in absent:
                out.write(encode(line) + b"\n")

    def _body(self, digest: str, *, is_withheld: bool) -> None:
        self._bodies.add(digest)
        if is_withheld:
            self._withheld.add(digest)

    def _attached(self, store: SqlStore, bag: Bag) -> list[list[object]]:
        absent: list[list[object]] = []
        for digest, (leaf, name) in sorted(self._files.items()):
            data = store.file_of(leaf)
            if data is None or self._withholding.file(name):
                absent.append([digest, "withheld", None])
            else:
                bag.add(attachment_path(digest, name), data)
        return absent


def attachment_path(digest: Digest, name: str) -> str:
    """Return the path of a filed file, by a harmless name; the log entry has the original one."""
    plain = _UNSAFE.sub("_", name).strip("._-")[-_LONGEST:].lstrip("._-")
    return f"{ATTACHMENTS}{digest.removeprefix('sha256:')}/{f'file_{plain}' if plain else NO_NAME}"


def _erasure(gone: dict[Digest, int], digest: str) -> int:
    leaf = gone.get(Digest(digest))
    if leaf is None:
        raise StoreError(
            f"the body {digest} is missing, and no leaf says that it was erased",
            so="no bundle was written",
            mend="run annexd verify to learn what is damaged, and restore that from a backup",
        )
    return leaf
