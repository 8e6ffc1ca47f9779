"""The statement of applicability beside the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.report.company.soa_views import decided
from collector.setup.toml_file import would_do
from collector.web.addresses import control_address, list_address
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages

_SHOWS = ("excluded", "undecided", "inconsistent")
"""Parts of the statement that can be shown alone."""


def soa(pages: Pages, request: Request) -> Response:
    """Return the statement of applicability beside the evidence; `show` leaves out what is not meant."""
    show, as_of = request.query_params.get("show", ""), request.query_params.get("as_of", "")
    if show and show not in _SHOWS:
        raise UsageError(f"show: there is no {show!r}", mend=would_do(show, _SHOWS, "there are"))
    with pages.snapshot(request) as snapshot:
        view = snapshot.company.soa
        meant = {
            "": view.decisions,
            "excluded": [row for row in view.decisions if row.applicable is False],
            "undecided": [row for row in view.decisions if row.applicable is None],
            "inconsistent": [row for row in view.decisions if row.contradictions],
        }
        approved = f" approved by {view.approved_by} on {view.approved_on}," if view.approved_by else ""
        force = "in force" if view.in_force else "not in force"
        own = view.own if not show else []
        listing = Listing(
            "/soa",
            "Statement of applicability",
            f"SoA {view.version},{approved} effective from {view.effective_from}, {force}. {len(meant[show])} of"
            f" {len(view.decisions)} controls, and {len(own)} of the company's own."
            if view.version
            else "There is no SoA on file: no control is decided.",
            "No control is so.",
            (
                ("Control", 44),
                ("Framework version", 18),
                ("Role", 10),
                ("Decision", 30),
                ("Because", 60),
                ("Grounds", 24),
                ("Owner", 20),
                ("Risks", 20),
                ("State", 26),
                ("Inconsistent", 50),
            ),
            [
                *(
                    TableRow(
                        (
                            Cell(f"{row.id} {row.title}", control_address(row.framework, row.id, as_of)),
                            Cell(row.framework),
                            Cell(row.role or ""),
                            Cell(decided(row)),
                            Cell(row.because),
                            Cell(", ".join(row.grounds)),
                            Cell(row.owner or ""),
                            Cell(", ".join(row.risks)),
                            Cell(row.label),
                            Cell("; ".join(row.contradictions)),
                        )
                    )
                    for row in meant[show]
                ),
                *(
                    TableRow(
                        (
                            Cell(f"{row.id} {row.title}"),
                            Cell(row.source),
                            Cell(""),
                            Cell(f"applies, implemented: {row.implemented}"),
                            Cell(row.because),
                            Cell(""),
                            Cell(row.owner or ""),
                            Cell(""),
                            Cell("not evaluated"),
                            Cell(""),
                        )
                    )
                    for row in own
                ),
            ],
            chips=[
                ("All", list_address("/soa", as_of), not show),
                *(
                    (f"{name.capitalize()} {len(meant[name])}", list_address("/soa", as_of, show=name), show == name)
                    for name in _SHOWS
                ),
            ],
        )
        return listed(pages, request, snapshot, listing)
