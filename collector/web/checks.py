"""The checks: the list of them, and how one is carried out, with its limits and the controls that it is mapped to."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from collector.core.plain_text import plural
from collector.pages.finding_rows import VERDICTS, verdict_of
from collector.report.findings.check_views import check_view
from collector.web.addresses import list_address
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages


def checks(pages: Pages, request: Request) -> Response:
    """Return the checks of the configured platforms, with how many findings each has."""
    as_of = request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for cell in snapshot.findings.cells.all:
            counts[cell.check][verdict_of(cell)] += cell.total
        rules = snapshot.reading.rules
        known = {id_: rule.check for id_, rule in sorted(rules.items())}
        listing = Listing(
            "/checks",
            "Checks",
            f"{plural(len(known), 'check')} of the configured platforms are enabled. Counts include systems elsewhere.",
            "No check is enabled.",
            (
                ("Check", 44),
                ("Title", 60),
                ("Severity", 10),
                ("Fail", 8),
                ("Accepted", 8),
                ("Unknown", 8),
                ("Pass", 8),
                ("No resources", 8),
            ),
            [
                TableRow(
                    (
                        Cell(id_, list_address(f"/checks/{id_}", as_of)),
                        Cell(check.title),
                        Cell(check.severity),
                        *(
                            Cell(
                                str(counts[id_][verdict] or ""),
                                list_address("/findings", as_of, check=id_, verdict=verdict, group="none")
                                if counts[id_][verdict]
                                else "",
                            )
                            for verdict in VERDICTS
                        ),
                    )
                )
                for id_, check in known.items()
            ],
        )
        return listed(pages, request, snapshot, listing)


def check(pages: Pages, request: Request) -> Response:
    """Return how one check is carried out."""
    id_ = request.path_params["check"]
    with pages.snapshot(request) as snapshot:
        view = check_view(snapshot.reading.app, id_).checks[0]
        counts = Counter[str]()
        for cell in snapshot.findings.cells.all:
            if cell.check == id_:
                counts[verdict_of(cell)] += cell.total
        return pages.answer(
            request, "web/check.html", snapshot=snapshot, check=view, counts=counts, verdict_names=VERDICTS
        )
