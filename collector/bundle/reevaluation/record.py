"""What the leaves of a bundle state of tasks, plans, runs and rules: what judging again needs besides bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.reevaluation.entries import leaves_until
from collector.core.facts import CheckCounts, InForce, RuleInForce, RunEnded, RunStarted, TasksPlanned
from collector.core.tasks import SAYS_WHAT_THERE_IS, Observation, Outcome, Task, UnreadPart
from storage.log import unchanged_tasks
from storage.tables.projections import GONE, Change, TaskSeen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.bundle.reevaluation.entries import BundleLeaf
    from collector.bundle.verifying.members import Members

_read_unread = msgspec.json.Decoder(dict[str, UnreadPart] | None).decode


class OwnTaskLeaf(NamedTuple):
    """A leaf that holds the observation of one task."""

    leaf: int
    seen: TaskSeen


class UnchangedTaskRow(NamedTuple):
    """The row of a task in a leaf of unchanged tasks: it showed the same as in its leaf `own`."""

    leaf: int
    own: int
    observation: Observation
    facts: tuple[str, ...]


class ResourceRow(NamedTuple):
    """What the latest leaf with a change of a resource states of it. Without a digest the resource was gone."""

    leaf: int
    digest: str | None
    unread: Mapping[str, UnreadPart]
    seen_at: datetime


class _Judged(Struct):
    run: str
    tallies: tuple[CheckCounts, ...] = ()


class LeavesBySubject:
    """What the leaves of a bundle up to the index `bound` state, by their subject.

    `hidden` is how many of them show only a hash. `codes` has the digest of a check's code by run, check and source.
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
        for leaf in leaves_until(members, bound):
            if leaf is None:
                self.hidden += 1
            else:
                self._take(leaf)

    def latest(self, task: Task) -> tuple[Observation, int] | None:
        """Return the latest observation of a task with its leaf, None where the bundle shows none."""
        own = self.own.get(task)
        return None if own is None else self._last_showing(task, own[-1])

    def complete(self, task: Task) -> tuple[OwnTaskLeaf, Observation, int] | None:
        """Return the task's own leaf with its latest complete list, and the latest observation that showed that."""
        for own in reversed(self.own.get(task, [])):
            if own.seen.observation.outcome is Outcome.COMPLETE:
                return own, *self._last_showing(task, own)
        return None

    def is_not_used(self, task: Task) -> bool:
        """Return whether what a task lists cannot exist, by what the platform said last."""
        seen = (own.seen.observation for own in reversed(self.own.get(task, [])))
        latest = next((observation for observation in seen if observation.outcome in SAYS_WHAT_THERE_IS), None)
        return latest is not None and latest.is_not_used

    def is_over(self, run: str) -> bool:
        """Whether the bundle shows that a run ended; before that not all of its evidence was judged."""
        return run in self._ended

    def _last_showing(self, task: Task, own: OwnTaskLeaf) -> tuple[Observation, int]:
        for row in reversed(self.again.get(task, [])):
            if row.own == own.leaf:
                return row.observation, row.leaf
        return own.seen.observation, own.leaf

    def _take(self, leaf: BundleLeaf) -> None:
        match leaf.kind:
            case "task":
                self._take_task(leaf)
            case unchanged_tasks.KIND:
                self._take_unchanged(leaf)
            case "tasks_planned":
                plan = replace(leaf.fact(TasksPlanned), tasks=tuple(leaf.rows(Task)))
                named = {
                    *plan.scopes,
                    *(discovery.source for discovery in plan.incomplete_discoveries),
                    *(task.source for task in plan.tasks),
                }
                self.plans.update(dict.fromkeys(named, plan))
            case "run_started":
                started = leaf.fact(RunStarted)
                self.runs[started.run] = (started, None)
            case "run_ended":
                ended = leaf.fact(RunEnded)
                self._ended.add(ended.run)
                if ended.run in self.runs:
                    self.runs[ended.run] = (self.runs[ended.run][0], ended)
            case "judged":
                judged = leaf.fact(_Judged)
                self.codes.update({(judged.run, tally.check, tally.source): tally.code for tally in judged.tallies})
            case "in_force":
                rules = tuple(leaf.rows(RuleInForce))
                self.in_force = (leaf.index, replace(leaf.fact(InForce), rules=rules))
            case _:
                pass

    def _take_task(self, leaf: BundleLeaf) -> None:
        seen = leaf.fact(TaskSeen)
        task = seen.observation.task
        own = OwnTaskLeaf(leaf.index, seen)
        self.own.setdefault(task, []).append(own)
        self._task_of[leaf.index] = own
        rows = self.rows.setdefault(task, {})
        for change in leaf.rows(Change):
            digest = None if change.change == GONE else change.digest
            unread = _read_unread(change.unread) or {}
            rows[change.key] = ResourceRow(leaf.index, digest, unread, seen.observation.ended_at)

    def _take_unchanged(self, leaf: BundleLeaf) -> None:
        head = leaf.fact(unchanged_tasks.UnchangedTasks)
        for row in leaf.rows(unchanged_tasks.UnchangedTask):
            own = self._task_of.get(row.leaf)
            if own is not None:
                before = own.seen.observation
                seen = unchanged_tasks.observation_of(before, head, row)
                facts = head.facts if row.facts else ()
                self.again.setdefault(before.task, []).append(UnchangedTaskRow(leaf.index, row.leaf, seen, facts))
