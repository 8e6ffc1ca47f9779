"""A bundle as the engine reads a store: what was seen, planned and found, as it stood at the end of the period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import msgspec

from collector.bundle.proofs.finding_records import FINDINGS
from collector.bundle.reevaluation.entries import place_of
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

    from collector.bundle.verifying.members import Members
    from collector.core.facts import Fact, RunEnded, RunStarted

_state = msgspec.json.Decoder(FindingLine).decode
_listed = msgspec.json.Decoder(tuple[str, str, list[str]]).decode
_NOT_TOLD = UnreadPart("the platform", "", "why is told by a leaf that is not in the bundle")


class BundleStore:
    """A `Store` that can only be read, and only as of the end of the period: `as_of` is not looked at.

    The bundle has to be verified before; nothing is proven here. `told` is what its leaves say.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self.told = LeavesBySubject(members, place_of(members).bound)
        self._absent = dict(_absent(members))
        self._findings: defaultdict[tuple[str, str], dict[Scope, list[bytes]]] = defaultdict(dict)
        if FINDINGS in members.paths():
            with members.open(FINDINGS) as file:
                for line in file:
                    one = _state(line)
                    self._findings[one.check, one.source].setdefault(one.scope, []).append(line)
        self._gaps: dict[Task, Mapping[str, str]] = {}

    # What a bundle says besides --------------------------------------------------------------------------------------

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Every check with a source in which a finding of it stands."""
        return sorted(self._findings)

    def stated(self, check: str, source: str) -> Iterator[FindingLine]:
        """Yield the findings of a check in a source, each with the leaf that states it."""
        for lines in self._findings[check, source].values():
            yield from map(_state, lines)

    def tasks(self, source: str, collection: str) -> set[Task]:
        """Return every task of a collection that was planned or seen."""
        plan = self.told.plans.get(source)
        planned = () if plan is None else plan.tasks
        return {one for one in (*planned, *self.told.own) if (one.source, one.collection) == (source, collection)}

    def left_out(self, task: Task) -> Mapping[str, str]:
        """Return the resources of a task of which the body is not in the bundle, each with why.

        Where volatile keys are left out it is not known of which resource: that stands under the empty key.
        """
        if task not in self._gaps:
            gaps = {key: self._absent[digest] for key, digest, _, _ in self._listed(task) if digest in self._absent}
            if BundleVolatileFields(self.told, task, self._body).is_torn:
                gaps[""] = "volatile keys erased or withheld"
            self._gaps[task] = gaps
        return self._gaps[task]

    # What the engine asks --------------------------------------------------------------------------------------------

    def observations(
        self, *, source: str | None = None, collection: str | None = None, as_of: datetime | None = None
    ) -> Iterator[StoredObservation]:
        """Yield the latest observation of each task."""
        del as_of
        for task in self._tasks(source, collection):
            latest = self.told.latest(task)
            if latest is not None:
                observation, leaf = latest
                yield StoredObservation(observation, self.told.own[task][-1].seen.inventory, leaf)

    def last_complete(self, *, source: str | None = None, as_of: datetime | None = None) -> Iterator[StoredObservation]:
        """Yield the latest complete observation of each task that has one."""
        del as_of
        for task in self._tasks(source, None):
            complete = self.told.complete(task)
            if complete is not None:
                own, observation, leaf = complete
                yield StoredObservation(observation, own.seen.inventory, leaf)

    def resources(
        self, collection: str, *, source: str, under: Scope = (), as_of: datetime | None = None
    ) -> Iterator[Stored]:
        """Stream what is there of a collection under a scope, ordered by scope_text and key."""
        del as_of
        for task in self._tasks(source, collection):
            if within(task.scope, under):
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
                        yield from (_finding(_state(line)) for line in lines)

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield for each source the latest plan that names it, the newest first."""
        del as_of
        found = {id(plan): plan for plan in self.told.plans.values()}
        yield from sorted(found.values(), key=lambda plan: plan.at, reverse=True)
        for source in sorted({task.source for task in self.told.own} - self.told.plans.keys()):
            yield self._presumed(source)

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield the runs that the bundle shows, the newest first."""
        del as_of
        yield from reversed(self.told.runs.values())

    def attempt(self, task: Task, run: str) -> Attempt:
        """Nothing is written to a bundle."""
        _never(task, run)

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Nothing is written to a bundle."""
        _never(attempt, batch)

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """Nothing is written to a bundle."""
        _never(attempt, seen)

    def drop(self, attempt: Attempt) -> None:
        """Nothing is written to a bundle."""
        _never(attempt)

    def write(self, facts: Iterable[Fact]) -> None:
        """Nothing is written to a bundle."""
        _never(facts)

    # How it is done --------------------------------------------------------------------------------------------------

    def _tasks(self, source: str | None, collection: str | None) -> list[Task]:
        found = (one for one in self.told.own if source in {None, one.source} and collection in {None, one.collection})
        return sorted(found, key=lambda one: (one.source, one.collection, scope_text(one.scope)))

    def _of_task(self, task: Task) -> Iterator[Stored]:
        latest = self.told.latest(task)
        if latest is None:
            return
        facts = BundleVolatileFields(self.told, task, self._body)
        for key, digest, unread, body_at in self._listed(task):
            found = facts.find(key)
            times = [at for at in (body_at, found.at) if at is not None]
            yield Stored(
                task=task,
                key=key,
                digest=Digest(digest),
                blob=self._body(digest),
                facts=found.facts,
                unread=unread,
                first_seen_at=latest[0].ended_at,  # by then; no check is told since when
                facts_gone=found.is_gone,
                seen_at=max(times, default=None),
            )

    def _presumed(self, source: str) -> TasksPlanned:
        """Return what must have been planned for a source at least, where its plan is withheld."""
        tasks = tuple(self._tasks(source, None))
        newest = max(own[-1].seen.observation.ended_at for task, own in self.told.own.items() if task in tasks)
        scopes = sorted({scope for task in tasks for scope in enclosing(task.scope)})
        return TasksPlanned(run="", at=newest, tasks=tasks, scopes={source: tuple(scopes)}, incomplete_discoveries=())

    def _listed(self, task: Task) -> Iterator[tuple[str, str, Mapping[str, UnreadPart], datetime | None]]:
        """Yield what was there: the last complete list, and what later observations said, ordered by key."""
        rows = self.told.rows.get(task, {})
        complete = self.told.complete(task)
        whole_in = -1 if complete is None else complete[0].leaf
        there: dict[str, tuple[str, Mapping[str, UnreadPart], datetime | None]] = {}
        if complete is not None:
            with self._members.open(f"data/inventory/{whole_in}.jsonl") as file:
                for line in file:
                    key, digest, names = _listed(line)
                    row = rows.get(key)
                    why = {} if row is None else row.unread
                    there[key] = digest, {name: why.get(name, _NOT_TOLD) for name in names}, None
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
        raise VerificationError(f"the body {digest}, which a leaf names, is not in the bundle")


def _finding(one: FindingLine) -> FindingState:
    observed_at = msgspec.convert(one.observed_at, datetime)
    finding = Finding(
        id=FindingId(one.check, one.source, one.scope, one.subject),
        status=Status(one.status),
        reason=one.reason,
        limits=one.limits,
        evidence=tuple(map(Digest, one.evidence)),
        observed_at=observed_at,
    )
    # Since when it stands, and which run saw that first, tells the history and not the state.
    return FindingState(finding, since=observed_at, run="")


def _absent(members: Members) -> Iterator[tuple[str, str]]:
    with members.open(ABSENT) as file:
        for line in file:
            digest, why, _ = msgspec.json.decode(line, type=tuple[str, str, int | None])
            yield digest, why


def _never(*_: object) -> NoReturn:
    raise AssertionError("a bundle is only read")
