"""A sample bundle: what one draw took from a population, each item with the leaf that stated it."""

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
    """A draw with its items; `at` is the moment up to which the record was used for it."""

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
        return frozenset(Task(one.source, one.kind, one.scope) for one in self.items)


def sample_of(app: App, store: SqlStore, leaf: int) -> Sample:
    """Return what was drawn in a leaf. Raises UsageError where it is none of a draw, before anything is recorded."""
    known = {one.leaf: one for one in draws(store)}
    draw = known.get(leaf)
    so = "nothing was exported, and nothing recorded"
    if draw is None:
        raise UsageError(
            f"nothing was drawn in leaf {leaf}", so=so, mend=would_do(str(leaf), map(str, known), "the draws are in")
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
        found = (one.leaf for one in store.history.versions(task, item.key, as_of=at) if one.digest == item.digest)
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

    def __init__(self, dossier: BundleContents, export_leaf: int, sample: Sample) -> None:
        super().__init__(dossier, export_leaf)
        self._tasks = sample.tasks
        self._drawn = {(Task(one.source, one.kind, one.scope), one.key) for one in sample.items}

    def leaf(self, leaf: EncodedLeaf) -> bool:
        """Whether only the hash of a leaf is shown; none of those that are here, as nothing can be withheld."""
        del leaf
        return False

    @property
    def everything(self) -> bool:
        """Whether no findings are shown: a sample is of evidence."""
        return True

    def is_asked(self, task: Task) -> bool:
        """Whether something was drawn from what a task saw."""
        return task in self._tasks

    def body(self, task: Task, key: str) -> bool:
        """Whether the body of a resource is left out: it was not drawn."""
        return (task, key) not in self._drawn

    def facts(self, data: bytes) -> bool:
        """Whether volatile keys are left out: they stand together with those of what was not drawn."""
        del data
        return True


def leaves_of(connection: Connection, sample: Sample) -> tuple[set[int], int]:
    """Return the leaves that state the items and the lists that these stood in, and the last leaf that counts."""
    bound = min(LogParts(connection).end_of(sample.at) - 1, sample.draw.leaf)
    lists = {one.complete for one in LiveState(connection, bound).tasks() if one.task in sample.tasks}
    items = {one.leaf for one in sample.items}
    return {one for one in (*lists, *items) if one is not None}, bound


def write_samples(connection: Connection, sample: Sample, found: EntryRange, bag: Bag) -> None:
    """Write the list of the items, and a proof that stands alone for the leaf of each and for that of the draw."""
    proofs = Proofs(LogParts(connection).hashes(found.size), found.note.text)
    bag.add(proof_of("draw"), proofs.of(sample.draw.leaf))
    for one in sample.items:
        if one.leaf is not None:
            bag.add(proof_of(one.number), proofs.of(one.leaf))
    with bag.file(SAMPLES) as out:
        for one in sample.items:
            out.write(encode(to_builtins(one)) + b"\n")


def _period_of(draw: DrawLeaf) -> Period:
    return period_of(draw.first, draw.last, ZoneInfo(draw.zone))
