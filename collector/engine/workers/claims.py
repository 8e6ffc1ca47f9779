"""What a worker says, held against what the process that writes knows itself.

What a platform answered is the worker's to say. What was to be done, by which code, how long it holds and when it can
have happened is not: a verdict would stand for as long as a worker likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.checks import Status
from collector.core.redaction import ruleset_digest
from collector.core.scopes import is_scope_name

if TYPE_CHECKING:
    from collections.abc import Collection as AnyOf
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from collector.core.connectors import Collection
    from collector.core.findings import FindingChange
    from collector.core.tasks import Observation, Task
    from collector.engine.clock import Clock
    from collector.engine.sources import Source
    from collector.engine.workers.messages import Collected

_STATUSES = frozenset(status.value for status in Status)


class FalseClaim(Exception):
    """A worker says what cannot be; what."""


class Ordered:
    """A task as it was ordered, and when: by both clocks, so that one that is set meanwhile makes no worker a liar."""

    def __init__(self, source: Source, collection: Collection[Any], task: Task, clock: Clock) -> None:
        self._source = source
        self._collection = collection
        self._task = task
        self._clock = clock
        self._at, self._mark = clock.now(), clock.monotonic()

    def check(self, said: Collected, run: str, worker: str, limit: timedelta) -> None:
        """Raise FalseClaim where the observation is of something else, or of another time; `limit` is of the clocks."""
        seen, source, made = said.observation, self._source, said.observation.provenance
        for what, claimed, known in (
            ("the task", seen.task, self._task),
            ("the run", seen.run, run),
            ("how often it is done", seen.every, source.every or self._collection.every),
            ("the connector", made.connector, f"{source.connector.name}/{source.connector.version}"),
            ("the code", made.code, source.code),
            ("what is redacted", made.redaction, ruleset_digest(self._collection.kind.redact)),
            ("the worker", made.worker, worker),
        ):
            if claimed != known:
                raise FalseClaim(f"{what} of an observation is {claimed}, and not {known}")
        self._check_times(seen, limit)
        if not all(is_scope_name(found.name) for found in said.discovered):
            raise FalseClaim("what it discovered can be the name of no scope")

    def _check_times(self, seen: Observation, limit: timedelta) -> None:
        now = self._clock.now()
        passed = type(limit)(seconds=self._clock.monotonic() - self._mark)
        first, last = min(self._at, now - passed) - limit, max(now, self._at + passed) + limit
        if not all(first <= moment <= last for moment in (seen.started_at, seen.ended_at)):
            raise FalseClaim(
                f"an observation is of {seen.started_at} to {seen.ended_at}, asked for from {first} to {last}"
            )


def check_changes(changes: Sequence[FindingChange], checks: AnyOf[str], latest: Observation) -> None:
    """Raise FalseClaim where changes are of other findings than those to be judged, or of evidence yet to come."""
    task = latest.task
    for change in changes:
        ids = {change.id, *(() if change.now is None else (change.now.id,))}
        if (
            len(ids) > 1
            or change.id.check not in checks
            or (change.id.source, change.id.scope) != (task.source, task.scope)
        ):
            raise FalseClaim(f"{', '.join(sorted(map(str, ids)))} was not to be judged")
        if change.now is not None and change.now.observed_at > latest.ended_at:
            raise FalseClaim(f"{change.id} is of {change.now.observed_at}, and the evidence of {latest.ended_at}")


def check_counts(counts: Mapping[str, Mapping[str, int]], checks: AnyOf[str]) -> None:
    """Raise FalseClaim where verdicts are counted of checks that were not to be done, or of no status."""
    if not counts.keys() <= set(checks) or not all(found.keys() <= _STATUSES for found in counts.values()):
        raise FalseClaim(f"verdicts are counted of {', '.join(sorted(counts))}, which were not all to be judged")
