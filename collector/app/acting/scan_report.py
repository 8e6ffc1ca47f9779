"""What a scan came to, for people and for machines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.app.output import Mark, page
from collector.app.reading.asking import some
from collector.core.scopes import Scope, show_scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.app.acting.progress import Seen
    from collector.app.output import Page
    from collector.core.tasks import Observation
    from collector.engine.run import Summary
    from collector.engine.sources import Source

_MOST = 12
"""Reasons why something could not be seen; the rest is counted, and `annexd status` has them all."""


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
    """The shape of `annexd scan --json`. `verdicts` counts what this run judged, `changes` what it changed.

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


def scan_report(summary: Summary, seen: Seen, sources: Iterable[Source]) -> ScanReport:
    """Gather what a run came to."""
    by_name = {source.name: source for source in sources}
    verdicts: Counter[str] = Counter({"pass": 0, "fail": 0, "unknown": 0, "not_applicable": 0})
    for tally in summary.tallies:
        verdicts.update(tally.counts)
    return ScanReport(
        run=summary.run,
        stopped=summary.stopped,
        tasks=seen.tasks,
        answered=seen.answered,
        outcomes={one.value: summary.outcomes.get(one.value, 0) for one in Outcome},
        requests=summary.requests,
        verdicts=dict(verdicts),
        changes=dict(sorted(seen.changes.items())),
        not_seen=tuple(_not_seen(one) for one in seen.troubled),
        not_read=tuple(part for one in seen.lacking for part in _not_read(one, by_name[one.task.source])),
    )


def print_report(report: ScanReport, config: str) -> None:
    """Write the report for a person, and where to look next."""
    out = page()
    print_counts(report, out)
    out.head("Where to look next")
    if report.outcomes[Outcome.NOT_RUN.value]:
        out.verbatim([f"annexd{config} scan --resume        go on with what was not run"], indent=2)
    out.verbatim(
        [
            f"annexd{config} status               the whole picture on one screen",
            f"annexd{config} findings             what fails, the gravest first",
            f"annexd{config} controls             what it means for each control",
        ],
        indent=2,
    )


def print_counts(report: ScanReport, out: Page) -> None:
    """Write what a run came to, and what it could not see."""
    if report.stopped is not None:
        out.line(f"The run was ended early by {report.stopped}; what was finished is kept.")
    said = {one.value.replace("_", " "): report.outcomes[one.value] for one in Outcome}
    out.line("Tasks   ", ", ".join(f"{count} {word}" for word, count in said.items() if count) or "none")
    out.line("Requests", str(report.requests))
    verdicts = report.verdicts
    out.line(
        "Verdicts",
        f"{verdicts['fail']} fail, {verdicts['pass']} pass, {verdicts['unknown']} unknown,"
        f" {verdicts['not_applicable']} nothing to check",
    )
    if new := report.changes.get("new_fail", 0):
        out.line("New     ", f"{new} fail that did not before")
    troubled = [one for one in report.not_seen if one.outcome != Outcome.SKIPPED.value]
    if troubled or report.not_read:
        out.head("Could not be seen; what depends on it is unknown")
    _print_not_seen(out, troubled)
    _print_not_read(out, report.not_read)


def _print_not_seen(out: Page, troubled: list[NotSeen]) -> None:
    """Write one paragraph a reason: an account that cannot be entered is one thing to mend, not one a task."""
    grouped: dict[tuple[str, str, str], list[NotSeen]] = {}
    for one in troubled:
        grouped.setdefault((one.source, one.outcome, one.why), []).append(one)
    for (source, outcome, why), several in list(grouped.items())[:_MOST]:
        out.line(f"{source}: {outcome.replace('_', ' ')}: {_kinds(several)} in {_scopes(several)}", indent=2)
        if why:
            out.line(Mark(why, "grey"), indent=6)
        if needs := sorted({need for one in several for need in one.needs.split(", ") if need}):
            out.line(f"needs {', '.join(needs)}", indent=6)
    if len(grouped) > _MOST:
        out.line(f"and {len(grouped) - _MOST} more reasons: annexd status shows them", indent=2)


def _print_not_read(out: Page, parts: Iterable[NotRead]) -> None:
    grouped: dict[tuple[str, str, str], list[NotRead]] = {}
    for one in parts:
        grouped.setdefault((one.source, one.call, one.needs), []).append(one)
    for (source, call, needs), several in list(grouped.items())[:_MOST]:
        kinds = ", ".join(dict.fromkeys(f"{one.collection} in {show_scope(one.scope)}" for one in several))
        count = sum(one.resources for one in several)
        out.line(f"{source}: {call} of {some(count, 'resource')}: {kinds}", indent=2)
        if needs:
            out.line(f"needs {needs}", indent=6)
    if len(grouped) > _MOST:
        out.line(f"and {len(grouped) - _MOST} more calls: annexd status shows them", indent=2)


def _kinds(several: Iterable[NotSeen]) -> str:
    return ", ".join(dict.fromkeys(one.collection for one in several))


def _scopes(several: Iterable[NotSeen]) -> str:
    return ", ".join(dict.fromkeys(show_scope(one.scope) for one in several))


def counts_against(report: ScanReport, fail_on: Iterable[str]) -> int:
    """Return how much of this run counts as found, of what was asked to count.

    What could not be seen or read counts as unknown by itself, also where no check depends on it.
    """
    asked = set(fail_on)
    found = sum(count for status, count in report.verdicts.items() if status in asked)
    if "unknown" in asked:
        found += sum(one.outcome != Outcome.SKIPPED.value for one in report.not_seen) + len(report.not_read)
    return found


def nothing_was_read(report: ScanReport) -> bool:
    """Whether no platform gave anything at all: no sight, not a gap in it."""
    left_out = report.outcomes[Outcome.SKIPPED.value] + report.outcomes[Outcome.NOT_RUN.value]
    return report.tasks > left_out and not report.answered


def _not_seen(seen: Observation) -> NotSeen:
    task = seen.task
    return NotSeen(task.source, task.collection, task.scope, seen.outcome.value, seen.why, seen.needs)


def _not_read(seen: Observation, source: Source) -> Iterator[NotRead]:
    task = seen.task
    parts = {part.name: part for part in source.connector.parts.get(task.collection, [])}
    for name, count in seen.provenance.unread.items():
        part = parts[name]
        yield NotRead(task.source, task.collection, task.scope, name, part.call, ", ".join(part.needs), count)
