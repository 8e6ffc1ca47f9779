"""The page of one finding, as it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.core.findings import FindingId
from collector.pages.finding_page import finding_page
from collector.web.addresses import scope_of
from collector.web.opened import is_opened
from collector.web.runs import is_run_opened

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.pages.finding_rows import Findings
    from collector.report.state.known import CurrentFinding
    from collector.web.pages import Pages


def finding(pages: Pages, request: Request) -> Response:
    """Return the page."""
    path, params = request.path_params, request.query_params
    id_ = FindingId(path["check"], path["source"], scope_of(params), params.get("resource", ""))
    with pages.snapshot(request) as snapshot:
        values = finding_page(snapshot.findings, _current(snapshot.findings, id_), is_opened)
        has_run = is_run_opened(snapshot.reading, values["view"].run)
        return pages.answer(
            request,
            "web/finding.html",
            snapshot=snapshot,
            has_run=has_run,
            risk_in=snapshot.company.risk_in,
            **values,
        )


def _current(findings: Findings, id_: FindingId) -> CurrentFinding:
    current = findings.finding(id_)
    if current is None:
        raise UsageError(
            f"there is no finding of {id_}", mend="it may have ended: the list of findings has what there is"
        )
    return current
