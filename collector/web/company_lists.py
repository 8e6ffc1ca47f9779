"""Lists of what people owe and decided: records, corrective actions, exceptions, and where the SoA is contradicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.web.addresses import control_address, list_address, named_address
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages


def records(pages: Pages, request: Request) -> Response:
    """Return the records that controls ask for, each once; `open=yes` leaves those that are valid out."""
    only_open, as_of = request.query_params.get("open") == "yes", request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        view = snapshot.company.records
        lines = [line for line in view.requests if not only_open or line.state != "valid"]
        about = f"{len(lines)} of {len(view.requests)}: what controls ask people for, each once, those due first."
        listing = Listing(
            "/evidence-requests",
            "Records missing or expired" if only_open else "Records",
            about,
            "No record is asked for." if not view.requests else "None is missing, and none has expired.",
            (
                ("Record", 14),
                ("State", 14),
                ("Kind", 14),
                ("Due", 12),
                ("What is asked for", 60),
                ("Owner", 20),
                ("Controls", 40),
            ),
            [
                TableRow(
                    (
                        Cell(line.request),
                        Cell(line.state, state="evidenced" if line.state == "valid" else "incomplete"),
                        Cell(line.kind),
                        Cell("at once" if line.due is None else line.due.isoformat()),
                        Cell(line.text),
                        Cell(line.owner or ""),
                        Cell(", ".join(line.controls)),
                    )
                )
                for line in lines
            ],
            chips=(
                ("All", list_address("/evidence-requests", as_of), not only_open),
                ("Missing or expired", list_address("/evidence-requests", as_of, open="yes"), only_open),
            ),
        )
        return listed(pages, request, snapshot, listing)


def actions(pages: Pages, request: Request) -> Response:
    """Return the corrective actions; `late=yes` leaves those out whose day has not passed."""
    only_late, as_of = request.query_params.get("late") == "yes", request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        view = snapshot.company.actions
        shown = [action for action in view.actions if not only_late or action.late]
        listing = Listing(
            "/actions",
            "Corrective actions",
            f"{len(shown)} of {len(view.actions)}, those that need somebody first.",
            "No action is late." if view.stated else "There is no register of corrective actions on file.",
            (
                ("Action", 10),
                ("State", 14),
                ("Deviation", 60),
                ("Due", 12),
                ("Owner", 20),
                ("Seen by annexd since", 30),
            ),
            [
                TableRow(
                    (
                        Cell(action.id, named_address("/actions", action.id, as_of)),
                        Cell(f"{action.state}{', late' if action.late and action.state != 'overdue' else ''}"),
                        Cell(action.deviation),
                        Cell(action.due.isoformat()),
                        Cell(action.owner),
                        Cell("" if action.follow_up is None else action.follow_up.outcome),
                    ),
                    f"action-{action.id}",
                )
                for action in shown
            ],
            chips=(
                ("All", list_address("/actions", as_of), not only_late),
                ("Late", list_address("/actions", as_of, late="yes"), only_late),
            ),
        )
        return listed(pages, request, snapshot, listing)


def exceptions(pages: Pages, request: Request) -> Response:
    """Return the exceptions, the next to expire first."""
    as_of = request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        view = snapshot.company.exceptions
        listing = Listing(
            "/exceptions",
            "Exceptions",
            "Deviations accepted for a time. An exception changes no verdict, and never covers an unknown one.",
            "There is no exception on file.",
            (
                ("Exception", 12),
                ("State", 16),
                ("Reason", 60),
                ("Check", 40),
                ("Covers", 8),
                ("Approver", 20),
                ("Expires", 12),
            ),
            [
                TableRow(
                    (
                        Cell(exception.id, named_address("/exceptions", exception.id, as_of)),
                        Cell(exception.state),
                        Cell(exception.reason),
                        Cell(exception.check),
                        Cell(str(exception.covers)),
                        Cell(f"{exception.approver} ({exception.approval_ref}; approval stated, not verified)"),
                        Cell(exception.expires.isoformat()),
                    )
                )
                for exception in view.exceptions
            ],
        )
        return listed(pages, request, snapshot, listing)


def inconsistent(pages: Pages, request: Request) -> Response:
    """Return the controls whose state is inconsistent with the SoA, of all framework versions."""
    as_of = request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        rows = [
            TableRow(
                (
                    Cell(f"{control.id} {control.title}", control_address(framework.id, control.id, as_of)),
                    Cell(framework.id),
                    Cell(control.role or ""),
                    Cell(control.label, state=control.status),
                    Cell("; ".join(control.contradictions)),
                )
            )
            for framework in snapshot.frameworks
            for control in framework.controls
            if control.contradictions
        ]
        listing = Listing(
            "/inconsistent",
            "Inconsistent with the SoA",
            f"{len(rows)} controls whose state is not what the statement of applicability says.",
            "No control is inconsistent with the SoA." if snapshot.basis.soa else "There is no SoA on file.",
            (("Control", 50), ("Framework version", 18), ("Role", 10), ("State", 24), ("What is inconsistent", 60)),
            rows,
        )
        return listed(pages, request, snapshot, listing)
