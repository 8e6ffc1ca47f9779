"""The pages of one exception and of one corrective action."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.pages.finding_rows import verdict_of
from collector.pages.page_words import resource_name
from collector.web.addresses import finding_address, list_address
from collector.web.details import Detail, Section, controls_of, detailed, fact, of_name
from collector.web.tables import Cell, TableRow

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages

_MOST = 200
"""Findings that a page of one exception lists; the list of findings has all."""


def exception(pages: Pages, request: Request) -> Response:
    """Return one exception with the findings that it covers."""
    id_, as_of = request.path_params["exception"], request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        known = {view.id: view for view in snapshot.company.exceptions.exceptions}
        view = of_name("exception", id_, known)
        findings = snapshot.findings
        accepted = [cell for cell in findings.cells.all if cell.check == view.check and verdict_of(cell) == "accepted"]
        covered = (row for row in findings.rows(accepted) if row.accepted_by == view.id)
        rows = [
            TableRow(
                (
                    Cell(
                        resource_name(row.subject),
                        finding_address(row.check, row.source, row.scope, row.subject, as_of),
                    ),
                    Cell(f"{row.source}: {show_scope(row.scope)}"),
                    Cell(row.why),
                    Cell("elsewhere" if row.elsewhere else "in scope"),
                )
            )
            for row in islice(covered, _MOST)
        ]
        detail = Detail(
            "Exceptions",
            list_address("/exceptions", as_of),
            f"Exception {view.id}",
            "A deviation accepted for a time. It changes no verdict, and never covers an unknown one.",
            (
                fact("State", view.state),
                fact("Kind", view.kind.replace("_", " ")),
                fact("Reason", view.reason),
                fact("Check", Cell(view.check, list_address(f"/checks/{view.check}", as_of))),
                fact("Source", view.source),
                fact("In", show_scope(tuple(view.scope)) if view.scope else ""),
                fact("Resource", view.subject),
                fact("Covers at most", view.max_subjects),
                fact("Matches", f"{view.matches} that fail now"),
                fact("Owner of the risk", view.owner),
                fact("Approved by", f"{view.approver}, {view.approved_on} ({view.approval_ref}; stated, not verified)"),
                fact("Expires", view.expires),
                fact("Renewed", f"{view.renewals} times" if view.renewals else ""),
                fact("In the log since", "" if view.logged_at is None else show_moment(view.logged_at)),
                fact("Late", "it came into the log after its approval" if view.late else ""),
            ),
            (
                Section(
                    "Findings that it covers now",
                    ("Resource", "In", "Why it fails", "Systems"),
                    rows,
                    "It covers no finding now.",
                    f"{len(rows)} of {view.covers}" if view.covers != len(rows) else "",
                ),
            ),
        )
        return detailed(pages, request, snapshot, detail)


def action(pages: Pages, request: Request) -> Response:
    """Return one corrective action with what annexd saw since."""
    id_, as_of = request.path_params["action"], request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        known = {view.id: view for view in snapshot.company.actions.actions}
        view = of_name("corrective action", id_, known)
        seen = view.follow_up
        about = [Cell(view.check, list_address(f"/checks/{view.check}", as_of))] if view.check is not None else []
        where = f"{view.source or 'any source'}: {show_scope(view.scope) if view.scope else 'all of it'}"
        detail = Detail(
            "Corrective actions",
            list_address("/actions", as_of),
            f"Corrective action {view.id}",
            view.deviation,
            (
                fact("State", view.state, "late" if view.late else ""),
                fact("Check", *about),
                fact("Where", where if about else "", view.subject),
                fact("Found", f"{view.found_on}, {view.origin}"),
                fact("Correction", view.correction),
                fact("The same elsewhere", view.extent),
                fact("Cause", view.cause),
                fact("Action", view.action),
                fact("Owner", view.owner),
                fact("Due", view.due),
                fact("Done", view.done_on),
                fact("Review due", view.review_on),
                fact("Reviewed", f"{view.reviewed_on} by {view.reviewed_by}" if view.reviewed_on else "", view.result),
                fact("Closed", f"{view.closed_on} by {view.closed_by}" if view.closed_on else ""),
                fact("Controls", *controls_of(view.controls, as_of)),
                fact(
                    "Seen by annexd since",
                    *([] if seen is None else [seen.outcome, seen.since and show_moment(seen.since)]),
                ),
                fact("Inconsistent", *view.contradictions),
            ),
            ()
            if seen is None
            else (
                Section(
                    "What became of the findings that it is about",
                    ("Outcome", "Findings"),
                    [
                        TableRow((Cell(str(outcome)), Cell(str(count))))
                        for outcome, count in seen.counts.items()
                        if count
                    ],
                    "annexd has seen none of them.",
                ),
            ),
        )
        return detailed(pages, request, snapshot, detail)
