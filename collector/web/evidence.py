"""One stored resource: the body with the fields that a check reads marked, where it comes from, and its versions."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.core.checks import Extent
from collector.core.errors import UsageError
from collector.core.finding_groups import FindingsWanted
from collector.core.findings import WHOLE
from collector.core.scopes import enclosing
from collector.report.findings.evidence_views import evidence_view
from collector.report.findings.finding_views import finding_view
from collector.report.findings.judging_trace import judging_trace, stored_resource
from collector.web.addresses import scope_of
from collector.web.evidence_files import ENDINGS, evidence_file, why_no_proof
from collector.web.marked_body import Mark, marked_lines
from collector.web.opened import is_opened
from collector.web.runs import is_run_opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.ports import Stored
    from collector.report.state.known import CurrentFinding, Reading
    from collector.web.finding_rows import Findings
    from collector.web.pages import Pages

_VERSIONS = 20
_NEAR = 2000
"""Findings of a check that are looked at for one that a resource was read for."""


def evidence(pages: Pages, request: Request) -> Response:
    """Return the page, or a file where the address ends with one of ENDINGS."""
    path, params = request.path_params, request.query_params
    source, kind, key = path["source"], path["kind"], path.get("key", params.get("key", ""))
    with pages.snapshot(request) as snapshot:
        reading = snapshot.reading
        stored = _stored(reading, source, kind, key, request)
        ending = next((known for known in ENDINGS if key.endswith(known)), "")
        if stored is None and ending:
            of_file = _stored(reading, source, kind, key.removesuffix(ending), request)
            if of_file is not None:
                return evidence_file(reading, of_file, ending)
        if stored is None:
            raise UsageError(f"{source} has no {kind} {key!r} there", mend="it may be gone: choose an earlier moment")
        based = list(_based_on(snapshot.findings, stored))
        risks = snapshot.findings.risks
        view = evidence_view(reading, stored, [finding_view(reading, current, risks) for current in based])
        others = _read_for_others(reading, stored)
        asked = params.get("check", "")
        marks = _marks(snapshot.findings, based, stored, asked) if asked else []
        body = {**(view.body or {}), **(view.facts or {})}
        return pages.answer(
            request,
            "web/evidence.html",
            snapshot=snapshot,
            view=view,
            has_run=view.observation is not None and is_run_opened(reading, view.observation.run),
            versions=[version for version in view.history or () if is_opened(version.observed_at)][:_VERSIONS],
            no_proof=why_no_proof(reading, stored, view.history or ()),
            lines=marked_lines(body, marks or ()),
            marks=marks,
            checks=sorted({*(found.check for found in view.findings), *others}),
            others=others,
            asked_check=asked,
            size=len(stored.blob or b""),
            findings=view.findings,
            file_address=lambda ending: (
                f"/evidence/{'/'.join(quote(part, safe='') for part in (source, kind, key))}{ending}"
                f"?{request.url.query}"
            ),
            facts=sorted(view.facts or {}),
        )


def _stored(reading: Reading, source: str, kind: str, key: str, request: Request) -> Stored | None:
    if source not in (*reading.freshness, *reading.not_configured):
        raise UsageError(f"there is no source {source!r}", mend="the coverage has all sources")
    return stored_resource(reading, source, kind, scope_of(request.query_params), key)


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
    if trace is None or trace.why_none:
        return None
    here = (stored.task.collection, stored.task.scope, stored.key)
    read = [
        (value.pointer, f"{step.field}, by {step.call}")
        for step in trace.steps
        if (step.kind, step.scope, step.key) == here
        for value in step.found
    ]
    return [Mark(pointer, number, why) for number, (pointer, why) in enumerate(read, 1)]
