"""What the leaves of a bundle say of tasks, plans, runs and rules: all that judging again needs besides bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.reevaluation.entries import said_by
from collector.core.facts import CheckCounts, InForce, RuleInForce, RunEnded, RunStarted, TasksPlanned
from collector.core.tasks import Observation, Outcome, Task, UnreadPart
from storage.log import unchanged_tasks
from storage.tables.projections import GONE, Change, TaskSeen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.bundle.reevaluation.entries import BundleLeaf
    from collector.bundle.verifying.members import Members

_read_unread = msgspec.json.Decoder(dict[str, UnreadPart] | None).decode


class OwnTaskLeaf(NamedTuple):
    """A leaf of a task's own."""

    leaf: int
    seen: TaskSeen


class UnchangedTaskRow(NamedTuple):
    """A leaf in which a task was seen again, and showed the same as in its own leaf `own`."""

    leaf: int
    own: int
    observation: Observation
    facts: tuple[str, ...]


class ResourceRow(NamedTuple):
    """The last that a leaf said of a resource. Without a digest it was gone."""

    leaf: int
    digest: str | None
    unread: Mapping[str, UnreadPart]
    seen_at: datetime


class _Judged(Struct):
    run: str
    tallies: tuple[CheckCounts, ...] = ()


class LeavesBySubject:
    """The leaves of a bundle up to the last one that counts, sorted by what they speak of.

    `hidden` is how many of them show only a hash. `codes` are the digests of the checks that each run judged with.
    """

    def __init__(self, members: Members, bound: int) -> None:
        self.hidden = 0
        self.own: dict[Task, list[OwnTaskLeaf]] = {}
        self.again: dict[Task, list[UnchangedTaskRow]] = {}
        self.rows: dict[Task, dict[str, ResourceRow]] = {}
        self.plans: dict[str, TasksPlanned] = {}
        self.runs: dict[str, tuple[RunStarted, RunEnded | None]] = {}
        self.codes: dict[tuple[str, str, str], str] = {}
        self.in_force: tuple[int, InForce] | None = None
        self._ended: set[str] = set()
        self._task_of: dict[int, OwnTaskLeaf] = {}
        for said in said_by(members, bound):
            if said is None:
                self.hidden += 1
            else:
                self._take(said)

    def latest(self, task: Task) -> tuple[Observation, int] | None:
        """Return the latest observation of a task with its leaf, None where the bundle shows none."""
        own = self.own.get(task)
        return None if own is None else self._seen(task, own[-1])

    def complete(self, task: Task) -> tuple[OwnTaskLeaf, Observation, int] | None:
        """Return the task's own leaf with its latest complete list, and the latest observation that showed that."""
        for own in reversed(self.own.get(task, [])):
            if own.seen.observation.outcome is Outcome.COMPLETE:
                return own, *self._seen(task, own)
        return None

    def is_over(self, run: str) -> bool:
        """Whether the bundle shows that a run ended: only then was all judged that it saw."""
        return run in self._ended

    def _seen(self, task: Task, own: OwnTaskLeaf) -> tuple[Observation, int]:
        for one in reversed(self.again.get(task, [])):
            if one.own == own.leaf:
                return one.observation, one.leaf
        return own.seen.observation, own.leaf

    def _take(self, said: BundleLeaf) -> None:
        match said.kind:
            case "task":
                self._task(said)
            case unchanged_tasks.KIND:
                self._again(said)
            case "tasks_planned":
                plan = replace(said.fact(TasksPlanned), tasks=tuple(said.rows(Task)))
                named = {
                    *plan.scopes,
                    *(hole.source for hole in plan.incomplete_discoveries),
                    *(task.source for task in plan.tasks),
                }
                self.plans.update(dict.fromkeys(named, plan))
            case "run_started":
                started = said.fact(RunStarted)
                self.runs[started.run] = (started, None)
            case "run_ended":
                ended = said.fact(RunEnded)
                self._ended.add(ended.run)
                if ended.run in self.runs:
                    self.runs[ended.run] = (self.runs[ended.run][0], ended)
            case "judged":
                judged = said.fact(_Judged)
                self.codes.update({(judged.run, one.check, one.source): one.code for one in judged.tallies})
            case "in_force":
                rules = tuple(said.rows(RuleInForce))
                self.in_force = (said.index, replace(said.fact(InForce), rules=rules))
            case _:
                pass

    def _task(self, said: BundleLeaf) -> None:
        seen = said.fact(TaskSeen)
        task = seen.observation.task
        own = OwnTaskLeaf(said.index, seen)
        self.own.setdefault(task, []).append(own)
        self._task_of[said.index] = own
        rows = self.rows.setdefault(task, {})
        for change in said.rows(Change):
            digest = None if change.change == GONE else change.digest
            unread = _read_unread(change.unread) or {}
            rows[change.key] = ResourceRow(said.index, digest, unread, seen.observation.ended_at)

    def _again(self, said: BundleLeaf) -> None:
        head = said.fact(unchanged_tasks.UnchangedTasks)
        for row in said.rows(unchanged_tasks.UnchangedTask):
            own = self._task_of.get(row.leaf)
            if own is not None:
                before = own.seen.observation
                seen = unchanged_tasks.observation_of(before, head, row)
                facts = head.facts if row.facts else ()
                self.again.setdefault(before.task, []).append(UnchangedTaskRow(said.index, row.leaf, seen, facts))
