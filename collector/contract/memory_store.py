"""A store in memory that implements the engine's store interface without a database."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from collector.core.canonical import digest_of, encode
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import FindingChange, FindingCount, FindingState
from collector.core.ports import Attempt, Difference, Finished, Leaf, Stored, StoredObservation
from collector.core.scopes import scope_text, within
from collector.core.tasks import SAYS_WHAT_THERE_IS, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.core.facts import Fact
    from collector.core.findings import FindingId
    from collector.core.ports import Item
    from collector.core.scopes import Scope
    from collector.core.tasks import Observation, Task

T = TypeVar("T")
History = list[tuple["datetime", T]]


class MemoryStore:
    """Keeps everything as lists of (recorded at, value), from which the state as of any moment is read."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = count()
        self._leaves = count()
        self._staged: dict[Attempt, dict[str, Item]] = {}
        self._tasks: dict[Attempt, Task] = {}
        self._blobs: dict[tuple[str, str, bytes], bytes] = {}
        self._seen: defaultdict[Task, History[StoredObservation]] = defaultdict(list)
        self._kept: defaultdict[Task, dict[str, History[Stored | None]]] = defaultdict(dict)
        self._findings: defaultdict[FindingId, History[FindingState | None]] = defaultdict(list)
        self._facts: History[Fact] = []

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin an attempt at a task, and return its key."""
        with self._lock:
            attempt = Attempt(f"{run} {task} {next(self._numbers)}")
            self._staged[attempt] = {}
            self._tasks[attempt] = task
            return attempt

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Stage items, the later of two with one key; return how many keys came again."""
        with self._lock:
            staged = self._staged[attempt]
            before = len(staged)
            staged.update({item.key: item for item in batch})
            return before + len(batch) - len(staged)

    def is_held(self, task: Task) -> bool:  # noqa: ARG002  nothing is
        """Return that nothing is held back."""
        return False

    def drop(self, attempt: Attempt) -> None:
        """Drop what an attempt has staged."""
        with self._lock:
            del self._staged[attempt]

    def are_current(
        self, attempt: Attempt, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]
    ) -> Sequence[bool]:
        """Return of each key and body whether the resource of the attempt's task with that key has this very body."""
        with self._lock:
            task = self._tasks[attempt]
            before = self._seen[task][-1][1].observation if self._seen[task] else None
            if before is None or before.outcome is not Outcome.COMPLETE or before.run not in runs:
                return [False] * len(bodies)
            kept = {key: history[-1][1] for key, history in self._kept[task].items()}
        return [
            (stored := kept.get(key)) is not None
            and stored.blob is not None
            and stored.blob.startswith(b'{"body":' + body + b',"key":')
            for key, body in bodies
        ]

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """Keep the items that changed, and return the counts; only a complete observation closes missing ones."""
        with self._lock:
            items, at = self._staged.pop(attempt), self._clock()
            counts = dict.fromkeys(("appeared", "changed", "gone", "unchanged"), 0)
            for key, item in sorted(items.items()):
                counts[self._keep(seen.task, key, item, at, seen.ended_at)] += 1
            complete = seen.outcome is Outcome.COMPLETE
            for key, history in self._kept[seen.task].items():
                if complete and key not in items and history[-1][1] is not None:
                    history.append((at, None))
                    counts["gone"] += 1
            inventory = digest_of(encode(self._inventory(seen.task))) if complete else None
            difference = self._difference(seen)
            leaf = Leaf(next(self._leaves), b"")
            self._seen[seen.task].append((at, StoredObservation(seen, inventory, leaf.index)))
            return Finished(leaf=leaf, inventory=inventory, difference=difference, **counts)

    def _difference(self, seen: Observation) -> Difference | None:
        """Return in which resources this observation differs from the one before, which has to be complete too."""
        before = self._seen[seen.task][-1][1].observation if self._seen[seen.task] else None
        if before is None or any(each.outcome is not Outcome.COMPLETE or each.clock_off for each in (seen, before)):
            return None
        keys = set()
        for key, history in self._kept[seen.task].items():
            old, new = history[-2][1] if len(history) > 1 else None, history[-1][1]
            if (old and (old.digest, old.facts, old.unread)) != (new and (new.digest, new.facts, new.unread)):
                keys.add(key)
        return Difference(before.run, frozenset(keys))

    def _keep(self, task: Task, key: str, item: Item, at: datetime, seen_at: datetime) -> str:
        blob = self._blobs.setdefault((item.kind, key, item.body), self._blob(item))
        history = self._kept[task].setdefault(key, [])
        old = history[-1][1] if history else None
        new = Stored(task, key, digest_of(blob), blob, item.facts, dict(item.unread), at, seen_at=seen_at)
        history.append((at, replace(new, first_seen_at=old.first_seen_at) if old is not None else new))
        if old is None:
            return "appeared"
        return "unchanged" if (old.digest, {*old.unread}) == (new.digest, {*new.unread}) else "changed"

    def _blob(self, item: Item) -> bytes:
        rest = encode({"key": item.key, "kind": item.kind, "salt": f"{len(self._blobs):032x}"})
        return b'{"body":' + item.body + b"," + rest[1:]

    def _inventory(self, task: Task) -> list[Any]:
        kept = (_latest(history, None) for _, history in sorted(self._kept[task].items()))
        return [[stored.key, stored.digest, sorted(stored.unread)] for stored in kept if stored is not None]

    def write(self, facts: Iterable[Fact], *, after: Iterable[Task] | None = None) -> None:  # noqa: ARG002  none is held
        """Add facts; a `Judged` also changes the current findings."""
        with self._lock:
            at = self._clock()
            for fact in facts:
                encode(msgspec.to_builtins(fact))  # what cannot be encoded fails here as in a database
                next(self._leaves)
                self._facts.append((at, fact))
                if isinstance(fact, Judged):
                    for change in fact.changes:
                        self._change(change, fact.run, at)

    def _change(self, change: FindingChange, run: str, at: datetime) -> None:
        history = self._findings[change.id]
        old = history[-1][1] if history else None
        if change.now is None:
            history.append((at, None))
        else:
            same = old is not None and old.finding.status is change.now.status
            history.append(
                (at, replace(old, finding=change.now) if old and same else FindingState(change.now, at, run))
            )

    def observations(
        self, *, source: str | None = None, collection: str | None = None, as_of: datetime | None = None
    ) -> Iterator[StoredObservation]:
        """Yield the latest observation of each task."""
        return self._observed(source, collection, as_of, lambda _seen: True)

    def last_complete(self, *, source: str | None = None, as_of: datetime | None = None) -> Iterator[StoredObservation]:
        """Yield the latest complete observation of each task."""
        return self._observed(source, None, as_of, lambda seen: seen.observation.outcome is Outcome.COMPLETE)

    def _observed(
        self,
        source: str | None,
        collection: str | None,
        as_of: datetime | None,
        which: Callable[[StoredObservation], bool],
    ) -> Iterator[StoredObservation]:
        with self._lock:
            latest = [
                _latest([(at, seen) for at, seen in history if which(seen)], as_of)
                for task, history in self._seen.items()
                if source in {None, task.source} and collection in {None, task.collection}
            ]
        return iter([seen for seen in latest if seen is not None])

    def resources(
        self, collection: str, *, source: str, under: Scope = (), as_of: datetime | None = None
    ) -> Iterator[Stored]:
        """Yield the current resources of a collection, by scope and key."""
        with self._lock:
            there = self._there(collection, source, under, as_of)
            gone = {task for task in {stored.task for stored in there} if self._is_not_used(task, as_of)}
            return iter([stored for stored in there if stored.task not in gone])

    def _is_not_used(self, task: Task, as_of: datetime | None) -> bool:
        said = [(at, seen) for at, seen in self._seen[task] if seen.observation.outcome in SAYS_WHAT_THERE_IS]
        latest = _latest(said, as_of)
        return latest is not None and latest.observation.is_not_used

    def _there(self, collection: str, source: str, under: Scope, as_of: datetime | None) -> list[Stored]:
        latest = [
            _latest(history, as_of)
            for task, kept in self._kept.items()
            if (task.collection, task.source) == (collection, source) and within(task.scope, under)
            for history in kept.values()
        ]
        return sorted(
            (stored for stored in latest if stored is not None),
            key=lambda stored: (scope_text(stored.task.scope), stored.key),
        )

    def findings(
        self,
        *,
        check: str | None = None,
        source: str | None = None,
        scope: Scope | None = None,
        as_of: datetime | None = None,
    ) -> Iterator[FindingState]:
        """Yield the current findings, by check, source, scope and subject."""
        with self._lock:
            latest = [
                _latest(history, as_of)
                for id_, history in self._findings.items()
                if check in {None, id_.check} and source in {None, id_.source} and scope in {None, id_.scope}
            ]
        standing = [state for state in latest if state is not None]
        return iter(sorted(standing, key=_order))

    def resources_of(self, task: Task, keys: Collection[str]) -> Iterator[Stored]:
        """Yield those existing resources of a task that have one of these keys, by key."""
        found = self.resources(task.collection, source=task.source, under=task.scope)
        return iter([stored for stored in found if stored.task == task and stored.key in keys])

    def findings_of(self, check: str, task: Task, subjects: Collection[str]) -> Iterator[FindingState]:
        """Yield the current findings of a check on subjects in the scope of a task, by subject."""
        found = self.findings(check=check, source=task.source, scope=task.scope)
        return iter([state for state in found if state.finding.id.subject in subjects])

    def finding_counts(self, source: str) -> Iterator[FindingCount]:
        """Yield how many current findings of a source there are by check, scope and status, in that order."""
        counts = Counter(
            (state.finding.id.check, state.finding.id.scope, state.finding.status)
            for state in self.findings(source=source)
        )
        return iter([FindingCount(*of, count) for of, count in counts.items()])

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield all plans, the newest first."""
        return iter([fact for fact in self._written(as_of) if isinstance(fact, TasksPlanned)])

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield each run's start and its end, None without one; the newest first."""
        facts = self._written(as_of)
        ended = {fact.run: fact for fact in facts if isinstance(fact, RunEnded)}
        return iter([(fact, ended.get(fact.run)) for fact in facts if isinstance(fact, RunStarted)])

    def _written(self, as_of: datetime | None) -> list[Fact]:
        with self._lock:
            return [fact for at, fact in reversed(self._facts) if as_of is None or at <= as_of]


def _latest(history: History[T], as_of: datetime | None) -> T | None:
    return next((what for at, what in reversed(history) if as_of is None or at <= as_of), None)


def _order(state: FindingState) -> tuple[str, str, str, str]:
    id_ = state.finding.id
    return id_.check, id_.source, scope_text(id_.scope), id_.subject
