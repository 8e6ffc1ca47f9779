"""What the page of one stored resource shows: the body with the fields that a check read, and where it comes from."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from collector.core.checks import Extent
from collector.core.finding_groups import FindingsWanted
from collector.core.findings import WHOLE
from collector.core.scopes import enclosing
from collector.pages.marked_body import Mark, marked_lines
from collector.report.findings.evidence_views import evidence_view
from collector.report.findings.finding_views import finding_view
from collector.report.findings.judging_trace import judging_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.core.ports import Stored
    from collector.pages.finding_rows import Findings
    from collector.report.findings.judging_trace import JudgingTrace
    from collector.report.state.known import CurrentFinding, Reading

_VERSIONS = 20
_NEAR = 2000
"""Findings of a check that are looked at for one that a resource was read for."""


def evidence_page(
    findings: Findings,
    stored: Stored,
    asked_check: str = "",
    is_shown: Callable[[datetime], bool] = lambda _: True,
) -> dict[str, Any]:
    """Return the values of `web/evidence.html`, without those that say where it leads.

    The fields that `asked_check` read are marked. `is_shown` says of a moment whether what was observed then may be
    shown. Raises StoreError.
    """
    reading = findings.reading
    based = list(_based_on(findings, stored))
    view = evidence_view(reading, stored, [finding_view(reading, current, findings.risks) for current in based])
    others = _read_for_others(reading, stored)
    marks = _marks(findings, based, stored, asked_check) if asked_check else []
    body = {**(view.body or {}), **(view.facts or {})}
    return {
        "view": view,
        "versions": [version for version in view.history or () if is_shown(version.observed_at)][:_VERSIONS],
        "lines": marked_lines(body, marks or ()),
        "marks": marks,
        "checks": sorted({*(found.check for found in view.findings), *others}),
        "others": others,
        "asked_check": asked_check,
        "size": len(stored.blob or b""),
        "findings": view.findings,
        "facts": sorted(view.facts or {}),
    }


def marks_of(trace: JudgingTrace, stored: Stored) -> list[Mark]:
    """Return the fields of a resource that a check read, numbered in the order in which it read them."""
    here = (stored.task.collection, stored.task.scope, stored.key)
    read = [
        (value.pointer, f"{step.field}, by {step.call}")
        for step in trace.steps
        if (step.kind, step.scope, step.key) == here
        for value in step.found
    ]
    return [Mark(pointer, number, why) for number, (pointer, why) in enumerate(read, 1)]


def _based_on(findings: Findings, stored: Stored) -> Iterator[CurrentFinding]:
    """Yield the findings on a resource, and those on the places around it that are based on the list that it is in."""
    task, reading = stored.task, findings.reading
    here = FindingsWanted(source=task.source, scope=task.scope, subject=stored.key)
    for current in findings.cells.named(here):
        if stored.digest in current.state.finding.evidence:
            yield current
    latest = reading.store.observations(source=task.source, collection=task.collection, as_of=reading.as_of)
    inventory = next((seen.inventory for seen in latest if seen.observation.task == task), None)
    if inventory is not None:
        for scope in enclosing(task.scope):
            for current in findings.cells.named(FindingsWanted(source=task.source, scope=scope, subject=WHOLE)):
                if inventory in current.state.finding.evidence:
                    yield current


def _read_for_others(reading: Reading, stored: Stored) -> list[str]:
    """Return the checks that read this resource to judge others, such as the setting of an account for its buckets."""
    return sorted(
        rule.check.id
        for rule in reading.rules.values()
        if any(
            need.kind.name == stored.task.collection and need.shape is Extent.THE and rule.check.subject is not None
            for need in rule.check.needs
        )
    )


def _marks(findings: Findings, based: list[CurrentFinding], stored: Stored, check: str) -> list[Mark] | None:
    """Return the fields of this resource that a check read, of one finding that is based on it.

    None where no such finding was found, or what the check reads cannot be found out any more.
    """
    of_check = [current for current in based if current.id.check == check]
    if not of_check:
        # It was read for others, of which any will do; the first that is found is near by.
        near = findings.cells.named(FindingsWanted(check=check, source=stored.task.source))
        of_check = [current for current in islice(near, _NEAR) if stored.digest in current.state.finding.evidence][:1]
    trace = judging_trace(findings.reading, of_check[0]) if of_check else None
    return None if trace is None or trace.why_none else marks_of(trace, stored)
