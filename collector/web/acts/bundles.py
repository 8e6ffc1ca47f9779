"""`/bundles`: the bundle of exactly one audit, asked for by its auditors or an admin, and downloaded later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route

from collector.core.errors import UsageError
from collector.web.acts.bundle_jobs import BundleJobs
from collector.web.acts.refusals import told
from collector.web.acts.writing import looking
from collector.web.people.forms import FormRoute, field
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.setup.web_config import AuditConfig
    from collector.web.pages import Pages
    from collector.web.people.origins import Origins


def routes(pages: Pages, origins: Origins, audits: Sequence[AuditConfig]) -> Sequence[BaseRoute]:
    """Return the routes."""
    bundles = _Bundles(pages, audits)
    return [
        Route("/bundles", bundles.show),
        FormRoute("/bundles", told(pages, bundles.ask), origins),
        Route("/bundles/{audit}", bundles.give),
    ]


class _Bundles:
    def __init__(self, pages: Pages, audits: Sequence[AuditConfig]) -> None:
        self._pages = pages
        self._audits = audits
        self._jobs = BundleJobs(pages.site)

    def show(self, request: Request) -> Response:
        """Show the bundles of the audits that whoever asks may have, and how far the one that is made has come."""
        with looking(self._pages.site) as store:
            key = store.checkpoints.key()
        rows = [(audit, self._jobs.last(audit.id), self._jobs.made(audit.id)) for audit in self._of(request)]
        return self._pages.answer(
            request,
            "acts/bundles.html",
            rows=rows,
            is_making=any(last is not None and not last.ended.is_set() for _, last, _ in rows),
            fingerprint=key.fingerprint,
            visitor=visitor_of(request),
        )

    def ask(self, _pages: Pages, request: Request) -> Response:
        """Begin a bundle."""
        audit = self._audit(request, field(request, "audit"))
        self._jobs.ask(audit, visitor_of(request).identity).ended.wait(self._pages.site.patience)
        return RedirectResponse("/bundles", 303)

    def give(self, request: Request) -> Response:
        """Give the newest bundle of an audit, as a file to keep."""
        audit = self._audit(request, request.path_params["audit"])
        job = self._jobs.made(audit.id)
        if job is None:
            raise UsageError(f"there is no bundle of {audit.id} yet", mend="ask for it on the page of the bundles")
        name = f"annexd-{audit.id}-{job.asked_at:%Y%m%dT%H%M%SZ}.zip"
        return FileResponse(job.path, media_type="application/zip", filename=name)

    def _of(self, request: Request) -> Sequence[AuditConfig]:
        """Return the audits whose bundles somebody may have: auditors that of their own."""
        own = visitor_of(request).audit
        return self._audits if own is None else (own,)

    def _audit(self, request: Request, id_: str) -> AuditConfig:
        audit = next((audit for audit in self._of(request) if audit.id == id_), None)
        if audit is None:
            raise UsageError(f"there is no audit {id_[:60]!r} whose bundle you may have", so="nothing was exported")
        return audit
