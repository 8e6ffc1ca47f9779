"""The result of a scan, for people and for machines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.scopes import Scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.actions.progress import ProgressSummary
    from collector.core.tasks import Observation
    from collector.engine.run import RunSummary
    from collector.engine.sources import Source


class NotSeen(Struct, frozen=True):
    """A task that did not show everything."""

    source: str
    collection: str
    scope: Scope
    outcome: str
    why: str
    needs: str


class NotRead(Struct, frozen=True):
    """A part that could not be read, of so many resources of a task."""

    source: str
    collection: str
    scope: Scope
    part: str
    call: str
    needs: str
    resources: int


class ScanReport(Struct, frozen=True):
    """What `annexd scan --json` prints. `verdicts` counts what this run judged, `changes` what it changed.

    `answered` counts the tasks of which the platform gave anything at all.
    """

    run: str
    stopped: str | None
    tasks: int
    answered: int
    outcomes: dict[str, int]
    requests: int
    verdicts: dict[str, int]
    changes: dict[str, int]
    not_seen: tuple[NotSeen, ...]
    not_read: tuple[NotRead, ...]


def scan_report(summary: RunSummary, seen: ProgressSummary, sources: Iterable[Source]) -> ScanReport:
    """Return the report of a run."""
    by_name = {source.name: source for source in sources}
    verdicts: Counter[str] = Counter({"pass": 0, "fail": 0, "unknown": 0, "not_applicable": 0})
    for tally in summary.tallies:
        verdicts.update(tally.counts)
    return ScanReport(
        run=summary.run,
        stopped=summary.stopped,
        tasks=seen.tasks,
        answered=seen.answered,
        outcomes={outcome.value: summary.outcomes.get(outcome.value, 0) for outcome in Outcome},
        requests=summary.requests,
        verdicts=dict(verdicts),
        changes=dict(sorted(seen.changes.items())),
        not_seen=tuple(_not_seen(observation) for observation in seen.incomplete),
        not_read=tuple(
            part
            for observation in seen.with_unread_parts
            for part in _not_read(observation, by_name[observation.task.source])
        ),
    )


def counts_against(report: ScanReport, fail_on: Iterable[str]) -> int:
    """Return how many verdicts and failures of this run count for the exit code.

    What could not be seen or read counts as unknown by itself, also where no check depends on it.
    """
    asked = set(fail_on)
    found = sum(count for status, count in report.verdicts.items() if status in asked)
    if "unknown" in asked:
        found += sum(task.outcome != Outcome.SKIPPED.value for task in report.not_seen) + len(report.not_read)
    return found


def nothing_was_read(report: ScanReport) -> bool:
    """Whether no platform gave any answer with data."""
    left_out = report.outcomes[Outcome.SKIPPED.value] + report.outcomes[Outcome.NOT_RUN.value]
    return report.tasks > left_out and not report.answered


def _not_seen(seen: Observation) -> NotSeen:
    task = seen.task
    return NotSeen(task.source, task.collection, task.scope, seen.outcome.value, seen.why, seen.permissions)


def _not_read(seen: Observation, source: Source) -> Iterator[NotRead]:
    task = seen.task
    parts = {part.name: part for part in source.connector.parts.get(task.collection, [])}
    for name, count in seen.provenance.unread.items():
        part = parts[name]
        yield NotRead(task.source, task.collection, task.scope, name, part.call, ", ".join(part.permissions), count)
