"""What a scan came to, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.actions.scan_report import NotRead, NotSeen, ScanReport, nothing_was_read
from collector.cli.terminal.page import Styled, page
from collector.core.plain_text import plural
from collector.core.scopes import show_scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.cli.terminal.page import Page

_WORDS = {Outcome.NOT_RUN: "not run", Outcome.SKIPPED: "not used, by the platform's word"}

_MOST = 12
"""Reasons why something could not be seen; the rest is counted, and `annexd status` has them all."""


def print_report(report: ScanReport, config: str) -> None:
    """Write the report for a person, and where to look next."""
    out = page()
    print_counts(report, out)
    out.head("Where to look next")
    if report.outcomes[Outcome.NOT_RUN.value]:
        out.verbatim([f"annexd{config} scan --resume        go on with what was not run"], indent=2)
    out.verbatim(
        [
            f"annexd{config} status               the state of everything on one page",
            f"annexd{config} findings             what fails, the most severe first",
            f"annexd{config} controls             what it means for each control",
            f"annexd{config} next                 what to do next",
        ],
        indent=2,
    )


def print_counts(report: ScanReport, out: Page) -> None:
    """Write what a run came to, and what it could not see."""
    if report.stopped is not None:
        out.line(f"The run was ended early by {report.stopped}; what was finished is kept.")
    said = {_WORDS.get(entry, entry.value): report.outcomes[entry.value] for entry in Outcome}
    rows = [
        ("Collections", ", ".join(f"{count} {word}" for word, count in said.items() if count) or "none"),
        ("Requests", str(report.requests)),
        ("Verdicts", _verdicts(report)),
    ]
    if new := report.changes.get("new_fail", 0):
        rows.append(("New", f"{new} fail that did not before"))
    out.rows(rows, indent=0)
    troubled = [entry for entry in report.not_seen if entry.outcome != Outcome.SKIPPED.value]
    if troubled or report.not_read:
        out.head("Could not be seen; what depends on it is unknown")
    _print_not_seen(out, troubled)
    _print_not_read(out, report.not_read)


def _verdicts(report: ScanReport) -> str:
    """Return the verdicts of this run; where nothing was read, how many are those of earlier evidence."""
    verdicts = report.verdicts
    if nothing_was_read(report):
        stand = sum(verdicts[status] for status in ("fail", "pass", "not_applicable"))
        said = plural(stand, "verdict stands", "verdicts stand")
        return f"0 looked at; {said} from earlier evidence, {verdicts['unknown']} unknown"
    return (
        f"{verdicts['fail']} fail, {verdicts['pass']} pass, {verdicts['unknown']} unknown,"
        f" {verdicts['not_applicable']} no resources"
    )


def _print_not_seen(out: Page, troubled: list[NotSeen]) -> None:
    """Write one paragraph a reason: an account that cannot be entered is one thing to fix, not forty."""
    grouped: dict[tuple[str, str, str], list[NotSeen]] = {}
    for entry in troubled:
        grouped.setdefault((entry.source, entry.outcome, entry.why), []).append(entry)
    for (source, outcome, why), entries in list(grouped.items())[:_MOST]:
        out.line(f"{source}: {outcome.replace('_', ' ')}: {_kinds(entries)} in {_scopes(entries)}", indent=2)
        if why:
            out.line(Styled(why, "grey"), indent=6)
        if needs := sorted({need for entry in entries for need in entry.needs.split(", ") if need}):
            out.line(f"needs {', '.join(needs)}", indent=6)
    if len(grouped) > _MOST:
        out.line(f"and {len(grouped) - _MOST} more reasons: annexd status shows them", indent=2)


def _print_not_read(out: Page, parts: Iterable[NotRead]) -> None:
    grouped: dict[tuple[str, str, str], list[NotRead]] = {}
    for entry in parts:
        grouped.setdefault((entry.source, entry.call, entry.needs), []).append(entry)
    for (source, call, needs), entries in list(grouped.items())[:_MOST]:
        kinds = ", ".join(dict.fromkeys(f"{entry.collection} in {show_scope(entry.scope)}" for entry in entries))
        count = sum(entry.resources for entry in entries)
        out.line(f"{source}: {call} of {plural(count, 'resource')}: {kinds}", indent=2)
        if needs:
            out.line(f"needs {needs}", indent=6)
    if len(grouped) > _MOST:
        out.line(f"and {len(grouped) - _MOST} more calls: annexd status shows them", indent=2)


def _kinds(entries: Iterable[NotSeen]) -> str:
    return ", ".join(dict.fromkeys(entry.collection for entry in entries))


def _scopes(entries: Iterable[NotSeen]) -> str:
    return ", ".join(dict.fromkeys(show_scope(entry.scope) for entry in entries))
