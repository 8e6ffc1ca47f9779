"""The list of risks, and the page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.pages.finding_rows import verdict_of
from collector.pages.page_words import VERDICT_WORDS
from collector.web.addresses import list_address, named_address
from collector.web.details import Detail, Section, controls_of, detailed, fact, of_name
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.report.company.risk_views import CheckOfRisk
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_BAD = ("fail", "accepted", "unknown")
"""What a check shows that a risk is affected by."""


def risks(pages: Pages, request: Request) -> Response:
    """Return the risks, those first of which most remains; `above=yes` are those above what is accepted."""
    only_above, as_of = request.query_params.get("above") == "yes", request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        view = snapshot.company.risks
        shown = [risk for risk in view.risks if risk.above or not only_above]
        approved = f", approved by {view.approved_by} on {view.approved_on}" if view.approved_by else ""
        level = view.accept or "that is not stated"
        listing = Listing(
            "/risks",
            "Risks",
            f"{len(shown)} of {len(view.risks)}. Register {view.version or 'without a version'}{approved}; accepted up"
            f" to the level {level}.",
            "There is no risk register on file." if view.accept is None else "No risk is so.",
            (
                ("Risk", 12),
                ("Title", 50),
                ("Owner", 20),
                ("Level", 12),
                ("Treatment", 14),
                ("Remains", 12),
                ("Accepted", 12),
                ("Review by", 12),
                ("Checks that show something", 12),
                ("Faults of the entry", 50),
            ),
            [
                TableRow(
                    (
                        Cell(risk.id, named_address("/risks", risk.id, as_of)),
                        Cell(risk.title),
                        Cell(risk.owner),
                        Cell(risk.level),
                        Cell(risk.treatment),
                        Cell(risk.residual_level or "not estimated"),
                        Cell("above what is accepted" if risk.above else "accepted"),
                        Cell(f"{risk.review_by}{', overdue' if risk.overdue else ''}"),
                        Cell(str(len(risk.checks) or "")),
                        Cell("; ".join(risk.faults)),
                    )
                )
                for risk in shown
            ],
            chips=(
                ("All", list_address("/risks", as_of), not only_above),
                ("Above what is accepted", list_address("/risks", as_of, above="yes"), only_above),
            ),
        )
        return listed(pages, request, snapshot, listing)


def risk(pages: Pages, request: Request) -> Response:
    """Return one risk with the checks that show something of it."""
    id_, as_of = request.path_params["risk"], request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        known = {view.id: view for view in snapshot.company.risks.risks}
        view = of_name("risk", id_, known)
        rest = (
            f"{view.residual_level}: {view.residual_likelihood}, {view.residual_consequence}"
            if view.residual_level
            else "not estimated"
        )
        detail = Detail(
            "Risks",
            list_address("/risks", as_of),
            f"Risk {view.id}",
            view.title,
            (
                fact("Owner", view.owner),
                fact("Identified", view.identified_on),
                fact("Level", f"{view.level}: {view.likelihood}, {view.consequence}"),
                fact("Treatment", view.treatment, view.plan, f"due {view.plan_due}" if view.plan_due else ""),
                fact("Controls", *controls_of(view.controls, as_of)),
                fact("Remains", rest, "above what is accepted" if view.above else "accepted"),
                fact("Approved", f"by {view.approved_by} on {view.approved_on}" if view.approved_by else "no"),
                fact("Review by", view.review_by, "overdue" if view.overdue else ""),
                fact("Faults of the entry", *view.faults),
            ),
            (
                Section(
                    "Checks that show something of it",
                    ("Check", "Through", *(VERDICT_WORDS[verdict] for verdict in _BAD)),
                    list(_checks_of_risk(snapshot, view.checks, as_of)),
                    "No check that affects it fails or is unknown.",
                    "Counts are of systems in scope. A check affects a risk that names it, or whose control it tests"
                    " directly.",
                ),
            ),
        )
        return detailed(pages, request, snapshot, detail)


def _checks_of_risk(snapshot: Snapshot, checks: Sequence[CheckOfRisk], as_of: str) -> Iterator[TableRow]:
    for shown in checks:
        counts = dict.fromkeys(_BAD, 0)
        for cell in snapshot.findings.cells.all:
            decides = snapshot.reading.decides(cell.place.source, cell.place.scope)
            if cell.check == shown.check and decides and verdict_of(cell) in counts:
                counts[verdict_of(cell)] += cell.total
        yield TableRow(
            (
                Cell(shown.title or shown.check, list_address(f"/checks/{shown.check}", as_of)),
                Cell(shown.through or "named by the risk"),
                *(
                    Cell(
                        str(count or ""),
                        list_address("/findings", as_of, check=shown.check, verdict=verdict, scope="in", group="none")
                        if count
                        else "",
                    )
                    for verdict, count in counts.items()
                ),
            )
        )
