"""The sample bundle: the items of one sample, each with the log entry that stated it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct, to_builtins

from collector.bundle.proofs.single_entry_proof import Proofs
from collector.bundle.sampling.draws import draws
from collector.bundle.sampling.population import kinds, moment_of
from collector.bundle.sampling.sample_format import NOT_DRAWN, SAMPLES, Drawn, proof_of
from collector.bundle.withholding import Withholding
from collector.core.canonical import encode
from collector.core.errors import UsageError
from collector.core.periods import period_of
from collector.core.tasks import Task
from collector.report.state.known import Reading
from collector.setup.toml_file import would_do
from storage.log.ranges import LogParts
from storage.tables.live_state import LiveState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.proofs.entry_range import EntryRange
    from collector.bundle.sampling.draws import DrawLeaf
    from collector.core.periods import Period
    from collector.setup.app import App
    from storage import SqlStore
    from storage.log.ranges import EncodedLeaf


class Sample(Struct, frozen=True, kw_only=True):
    """A sample with its items; `at` is the moment up to which the log was used for it."""

    draw: DrawLeaf
    items: tuple[Drawn, ...]
    at: datetime

    @property
    def period(self) -> Period:
        """The days of the population."""
        return _period_of(self.draw)

    @property
    def tasks(self) -> frozenset[Task]:
        """The tasks that the items are of."""
        return frozenset(Task(item.source, item.kind, item.scope) for item in self.items)


def sample_of(app: App, store: SqlStore, leaf: int) -> Sample:
    """Return the sample in a log entry. Raises UsageError where that entry is no sample; nothing is recorded then."""
    known = {draw.leaf: draw for draw in draws(store)}
    draw = known.get(leaf)
    so = "nothing was exported, and nothing recorded"
    if draw is None:
        raise UsageError(
            f"log entry {leaf} is no sample", so=so, mend=would_do(str(leaf), map(str, known), "the samples are in")
        )
    kind = kinds(Reading(app, store, draw.logged_at)).get(draw.kind)
    if kind is None:
        raise UsageError(
            f"no configured source has the kind {draw.kind} any more", so=so, mend="configure the source again"
        )
    at = moment_of(_period_of(draw), kind, draw.logged_at)
    items = []
    for number, item in enumerate(draw.items, start=1):
        task = Task(item.source, draw.kind, item.scope)
        found = (
            version.leaf
            for version in store.history.versions(task, item.key, as_of=at)
            if version.digest == item.digest
        )
        items.append(
            Drawn(
                number=number,
                source=item.source,
                kind=draw.kind,
                scope=item.scope,
                key=item.key,
                digest=item.digest,
                leaf=None if item.digest is None else next(found, None),
            )
        )
    return Sample(draw=draw, items=tuple(items), at=at)


class SampleWithholding(Withholding):
    """Shows of the log what states the items, and of the evidence the items alone."""

    why = NOT_DRAWN

    def __init__(self, contents: BundleContents, export_leaf: int, sample: Sample) -> None:
        super().__init__(contents, export_leaf)
        self._tasks = sample.tasks
        self._drawn = {(Task(item.source, item.kind, item.scope), item.key) for item in sample.items}

    def leaf(self, leaf: EncodedLeaf) -> bool:
        """Whether only the hash of a leaf is shown; none of those that are here, as nothing can be withheld."""
        del leaf
        return False

    @property
    def everything(self) -> bool:
        """Whether no findings are shown: a sample is of evidence."""
        return True

    def is_selected(self, task: Task) -> bool:
        """Whether an item of the sample comes from this collection."""
        return task in self._tasks

    def body(self, task: Task, key: str) -> bool:
        """Whether the body of a resource is left out because it is not in the sample."""
        return (task, key) not in self._drawn

    def facts(self, data: bytes) -> bool:
        """Whether volatile fields are left out: always, because a blob has those of other resources too."""
        del data
        return True


def leaves_of(connection: Connection, sample: Sample) -> tuple[set[int], int]:
    """Return the log entries that state the items and their lists, and the last entry that counts."""
    bound = min(LogParts(connection).end_of(sample.at) - 1, sample.draw.leaf)
    lists = {task.complete for task in LiveState(connection, bound).tasks() if task.task in sample.tasks}
    items = {item.leaf for item in sample.items}
    return {leaf for leaf in (*lists, *items) if leaf is not None}, bound


def write_samples(connection: Connection, sample: Sample, found: EntryRange, bag: Bag) -> None:
    """Write the list of the items, and a proof of the log entry of each and of the sample."""
    proofs = Proofs(LogParts(connection).hashes(found.size), found.note.text)
    bag.add(proof_of("draw"), proofs.of(sample.draw.leaf))
    for item in sample.items:
        if item.leaf is not None:
            bag.add(proof_of(item.number), proofs.of(item.leaf))
    with bag.file(SAMPLES) as out:
        for item in sample.items:
            out.write(encode(to_builtins(item)) + b"\n")


def _period_of(draw: DrawLeaf) -> Period:
    return period_of(draw.first, draw.last, ZoneInfo(draw.zone))
