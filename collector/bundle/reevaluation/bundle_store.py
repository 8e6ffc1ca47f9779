"""A bundle as the engine reads a store: what was seen, planned and found, as it stood at the end of the period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import msgspec

from collector.bundle.proofs.finding_records import FINDINGS
from collector.bundle.reevaluation.entries import range_of
from collector.bundle.reevaluation.record import LeavesBySubject
from collector.bundle.reevaluation.volatile_facts import BundleVolatileFields
from collector.bundle.verifying.contents import ABSENT, FindingLine
from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.errors import VerificationError
from collector.core.facts import TasksPlanned
from collector.core.findings import Finding, FindingId, FindingState
from collector.core.ports import Attempt, Finished, Item, Stored, StoredObservation
from collector.core.scopes import Scope, enclosing, scope_text, within
from collector.core.tasks import Observation, Task, UnreadPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.bundle.reevaluation.record import OwnTaskLeaf
    from collector.bundle.verifying.members import Members
    from collector.core.facts import Fact, RunEnded, RunStarted

_finding_line = msgspec.json.Decoder(FindingLine).decode
_inventory_row = msgspec.json.Decoder(tuple[str, str, list[str]]).decode
_REASON_WITHHELD = UnreadPart("the platform", "", "a log entry that is not in the bundle says why")


class BundleStore:
    """A `Store` that can only be read, and only as of the end of the period: `as_of` is not looked at.

    The bundle has to be verified before; nothing is proven here. `leaves` is what its leaves state, by subject.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self.leaves = LeavesBySubject(members, range_of(members).bound)
        self._absent = dict(_absent(members))
        self._findings: defaultdict[tuple[str, str], dict[Scope, list[bytes]]] = defaultdict(dict)
        if FINDINGS in members.paths():
            with members.open(FINDINGS) as file:
                for line in file:
                    finding = _finding_line(line)
                    self._findings[finding.check, finding.source].setdefault(finding.scope, []).append(line)
        self._gaps: dict[Task, Mapping[str, str]] = {}

    # What only a bundle has ------------------------------------------------------------------------------------------

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The pairs of a check and a source that the bundle has findings of, sorted."""
        return sorted(self._findings)

    def stated(self, check: str, source: str) -> Iterator[FindingLine]:
        """Yield the findings of a check in a source, each with the leaf that states it."""
        for lines in self._findings[check, source].values():
            yield from map(_finding_line, lines)

    def tasks(self, source: str, collection: str) -> set[Task]:
        """Return every task of a collection that was planned or seen."""
        plan = self.leaves.plans.get(source)
        planned = () if plan is None else plan.tasks
        return {task for task in (*planned, *self.leaves.own) if (task.source, task.collection) == (source, collection)}

    def left_out(self, task: Task) -> Mapping[str, str]:
        """Return the keys of a task's resources whose body is not in the bundle, each with the reason.

        Where volatile keys are left out, it is not known of which resource: their reason has the empty key.
        """
        if task not in self._gaps:
            gaps = {
                key: self._absent[digest] for key, digest, _, _ in self._resources_of(task) if digest in self._absent
            }
            if BundleVolatileFields(self.leaves, task, self._body).is_torn:
                gaps[""] = "volatile keys erased or withheld"
            self._gaps[task] = gaps
        return self._gaps[task]

    # The interface `Store` -------------------------------------------------------------------------------------------

    def observations(
        self, *, source: str | None = None, collection: str | None = None, as_of: datetime | None = None
    ) -> Iterator[StoredObservation]:
        """Yield the latest observation of each task."""
        del as_of
        for task in self._tasks(source, collection):
            latest = self.leaves.latest(task)
            if latest is not None:
                observation, leaf = latest
                yield _stored(observation, leaf, self.leaves.own[task][-1])

    def last_complete(self, *, source: str | None = None, as_of: datetime | None = None) -> Iterator[StoredObservation]:
        """Yield the latest complete observation of each task that has one."""
        del as_of
        for task in self._tasks(source, None):
            complete = self.leaves.complete(task)
            if complete is not None:
                own, observation, leaf = complete
                yield _stored(observation, leaf, own)

    def resources(
        self, collection: str, *, source: str, under: Scope = (), as_of: datetime | None = None
    ) -> Iterator[Stored]:
        """Stream the resources of a collection under a scope, ordered by scope_text and key."""
        del as_of
        for task in self._tasks(source, collection):
            if within(task.scope, under) and not self.leaves.is_not_used(task):
                yield from self._of_task(task)

    def findings(
        self,
        *,
        check: str | None = None,
        source: str | None = None,
        scope: Scope | None = None,
        as_of: datetime | None = None,
    ) -> Iterator[FindingState]:
        """Stream the findings as they stood, ordered by check, source, scope and subject."""
        del as_of
        for group in self.groups:
            if check in {None, group[0]} and source in {None, group[1]}:
                for where, lines in self._findings[group].items():
                    if scope in {None, where}:
                        yield from (_finding(_finding_line(line)) for line in lines)

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield for each source the latest plan that names it, the newest first."""
        del as_of
        found = {id(plan): plan for plan in self.leaves.plans.values()}
        yield from sorted(found.values(), key=lambda plan: plan.at, reverse=True)
        for source in sorted({task.source for task in self.leaves.own} - self.leaves.plans.keys()):
            yield self._presumed(source)

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield the runs that the bundle shows, the newest first."""
        del as_of
        yield from reversed(self.leaves.runs.values())

    def attempt(self, task: Task, run: str) -> Attempt:
        """Nothing is written to a bundle."""
        _refuse_write(task, run)

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Nothing is written to a bundle."""
        _refuse_write(attempt, batch)

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """Nothing is written to a bundle."""
        _refuse_write(attempt, seen)

    def is_held(self, task: Task) -> bool:  # noqa: ARG002  nothing is
        """Return that nothing is held back."""
        return False

    def drop(self, attempt: Attempt) -> None:
        """Nothing is written to a bundle."""
        _refuse_write(attempt)

    def write(self, facts: Iterable[Fact], *, after: Iterable[Task] | None = None) -> None:  # noqa: ARG002  nothing is held back
        """Nothing is written to a bundle."""
        _refuse_write(facts)

    # Internals -------------------------------------------------------------------------------------------------------

    def _tasks(self, source: str | None, collection: str | None) -> list[Task]:
        found = (
            task for task in self.leaves.own if source in {None, task.source} and collection in {None, task.collection}
        )
        return sorted(found, key=lambda task: (task.source, task.collection, scope_text(task.scope)))

    def _of_task(self, task: Task) -> Iterator[Stored]:
        latest = self.leaves.latest(task)
        if latest is None:
            return
        facts = BundleVolatileFields(self.leaves, task, self._body)
        for key, digest, unread, body_at in self._resources_of(task):
            found = facts.find(key)
            times = [at for at in (body_at, found.at) if at is not None]
            yield Stored(
                task=task,
                key=key,
                digest=Digest(digest),
                blob=self._body(digest),
                facts=found.facts,
                unread=unread,
                first_seen_at=latest[0].ended_at,  # at the latest; no check gets to know it
                facts_gone=found.is_gone,
                seen_at=max(times, default=None),
            )

    def _presumed(self, source: str) -> TasksPlanned:
        """Return a plan of every task that was seen of a source; for a source whose own plan is withheld."""
        tasks = tuple(self._tasks(source, None))
        newest = max(own[-1].seen.observation.ended_at for task, own in self.leaves.own.items() if task in tasks)
        scopes = sorted({scope for task in tasks for scope in enclosing(task.scope)})
        return TasksPlanned(run="", at=newest, tasks=tasks, scopes={source: tuple(scopes)}, incomplete_discoveries=())

    def _resources_of(self, task: Task) -> Iterator[tuple[str, str, Mapping[str, UnreadPart], datetime | None]]:
        """Yield key, digest, unread parts and time seen of each resource of a task, ordered by key.

        They are those of the last complete list, changed by every later observation. The time is None for a resource
        that is only in that list.
        """
        rows = self.leaves.rows.get(task, {})
        complete = self.leaves.complete(task)
        whole_in = -1 if complete is None else complete[0].leaf
        there: dict[str, tuple[str, Mapping[str, UnreadPart], datetime | None]] = {}
        if complete is not None:
            with self._members.open(f"data/inventory/{whole_in}.jsonl") as file:
                for line in file:
                    key, digest, names = _inventory_row(line)
                    row = rows.get(key)
                    why = {} if row is None else row.unread
                    there[key] = digest, {name: why.get(name, _REASON_WITHHELD) for name in names}, None
        for key, row in rows.items():
            if row.leaf > whole_in:
                there.pop(key, None)
                if row.digest is not None:
                    there[key] = row.digest, row.unread, row.seen_at
        for key, (digest, unread, at) in sorted(there.items()):
            yield key, digest, unread, at

    def _body(self, digest: str) -> bytes | None:
        if digest in self._absent:
            return None
        name = digest.removeprefix("sha256:")
        for folder in ("evidence", "facts"):
            path = f"data/{folder}/{name[:2]}/{name}.json"
            if self._members.size(path):
                with self._members.open(path) as file:
                    return file.read()
        raise VerificationError(f"the body {digest}, which a log entry names, is not in the bundle")


def _stored(observation: Observation, leaf: int, own: OwnTaskLeaf) -> StoredObservation:
    return StoredObservation(observation, own.seen.inventory, leaf, None if leaf == own.leaf else own.leaf)


def _finding(line: FindingLine) -> FindingState:
    observed_at = msgspec.convert(line.observed_at, datetime)
    finding = Finding(
        id=FindingId(line.check, line.source, line.scope, line.subject),
        status=Status(line.status),
        reason=line.reason,
        limits=line.limits,
        evidence=tuple(map(Digest, line.evidence)),
        observed_at=observed_at,
    )
    # The bundle's state does not say since when a finding is as it is, nor which run saw that first.
    return FindingState(finding, since=observed_at, run="")


def _absent(members: Members) -> Iterator[tuple[str, str]]:
    with members.open(ABSENT) as file:
        for line in file:
            digest, why, _ = msgspec.json.decode(line, type=tuple[str, str, int | None])
            yield digest, why


def _refuse_write(*_: object) -> NoReturn:
    raise AssertionError("a bundle is only read")
