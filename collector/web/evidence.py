"""One stored resource: the body with the fields that a check reads marked, where it comes from, and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from collector.core.errors import UsageError
from collector.core.findings import WHOLE
from collector.report.findings.evidence_views import evidence_view
from collector.report.findings.judging_trace import judging_trace, stored_resource
from collector.web.addresses import scope_of
from collector.web.marked_body import Mark, marked_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from collector.core.ports import Stored
    from collector.report.state.known import Reading
    from collector.web.pages import Pages

_RAW = ".raw"


def evidence(pages: Pages, request: Request) -> Response:
    """Return the page, or the stored bytes as a file where the address ends with `.raw`."""
    path, params = request.path_params, request.query_params
    source, kind, key = path["source"], path["kind"], path.get("key", params.get("key", ""))
    with pages.snapshot(request) as snapshot:
        reading = snapshot.reading
        stored = _stored(reading, source, kind, key, request)
        is_raw = stored is None and key.endswith(_RAW)
        if is_raw:
            stored = _stored(reading, source, kind, key.removesuffix(_RAW), request)
        if stored is None:
            raise UsageError(f"{source} has no {kind} {key!r} there", mend="it may be gone: choose an earlier moment")
        if is_raw:
            return _raw(stored)
        view = evidence_view(reading, stored)
        judged = [found for found in view.findings if found.subject != WHOLE or found.status != "not_applicable"]
        asked = params.get("check", "")
        marks = list(_marks(reading, stored, asked)) if asked else []
        body = {**(view.body or {}), **(view.facts or {})}
        return pages.answer(
            request,
            "web/evidence.html",
            snapshot=snapshot,
            view=view,
            lines=marked_lines(body, marks),
            marks=marks,
            checks=sorted({found.check for found in judged}),
            asked_check=asked,
            size=len(stored.blob or b""),
            findings=judged,
            raw_address=f"/evidence/{'/'.join(quote(part, safe='') for part in (source, kind, key))}{_RAW}"
            f"?{request.url.query}",
            facts=sorted(view.facts or {}),
        )


def _stored(reading: Reading, source: str, kind: str, key: str, request: Request) -> Stored | None:
    if source not in (*reading.freshness, *reading.not_configured):
        raise UsageError(f"there is no source {source!r}", mend="the coverage has all sources")
    return stored_resource(reading, source, kind, scope_of(request.query_params), key)


def _raw(stored: Stored) -> Response:
    if stored.blob is None:
        raise UsageError("the body of this resource was erased", mend="its digest is still in the log")
    name = f"{stored.digest.removeprefix('sha256:')}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(stored.blob, media_type="application/octet-stream", headers=headers)


def _marks(reading: Reading, stored: Stored, check: str) -> Iterator[Mark]:
    """Yield the fields of this resource that a check read, of the findings that are based on it."""
    for found in reading.findings(check=check, source=stored.task.source):
        if stored.digest not in found.state.finding.evidence:
            continue
        trace = judging_trace(reading, found)
        if trace is None:
            continue
        number = 0
        for step in trace.steps:
            if (step.kind, step.scope, step.key) == (stored.task.collection, stored.task.scope, stored.key):
                for value in step.found:
                    number += 1
                    yield Mark(value.pointer, number, f"{step.field}, by {step.call}")
        return
