"""The page of one stored resource, as it is served, and the files of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.core.errors import UsageError
from collector.pages.evidence_page import evidence_page
from collector.report.findings.judging_trace import stored_resource
from collector.web.addresses import scope_of
from collector.web.evidence_files import ENDINGS, evidence_file, why_no_proof
from collector.web.opened import is_opened
from collector.web.runs import is_run_opened

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.ports import Stored
    from collector.report.state.known import Reading
    from collector.web.pages import Pages


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
        values = evidence_page(snapshot.findings, stored, params.get("check", ""), is_opened)
        observation = values["view"].observation
        return pages.answer(
            request,
            "web/evidence.html",
            snapshot=snapshot,
            has_run=observation is not None and is_run_opened(reading, observation.run),
            where_proven="",
            no_proof=why_no_proof(reading, stored, values["view"].history or ()),
            file_address=lambda ending: (
                f"/evidence/{'/'.join(quote(part, safe='') for part in (source, kind, key))}{ending}"
                f"?{request.url.query}"
            ),
            **values,
        )


def _stored(reading: Reading, source: str, kind: str, key: str, request: Request) -> Stored | None:
    if source not in (*reading.freshness, *reading.not_configured):
        raise UsageError(f"there is no source {source!r}", mend="the coverage has all sources")
    return stored_resource(reading, source, kind, scope_of(request.query_params), key)
