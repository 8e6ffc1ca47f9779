"""The routes of what people do; `collector.web.people.roles` says whose each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.web.acts import access, bundles, drafts, populations, proofs, records, requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from collector.setup.web_config import AuditConfig
    from collector.web.pages import Pages
    from collector.web.people.access_log import AccessLog
    from collector.web.people.origins import Origins


def act_routes(
    pages: Pages, origins: Origins, access_log: AccessLog, audits: Sequence[AuditConfig]
) -> Sequence[BaseRoute]:
    """Return the routes, and put what everybody may open into the menu."""
    pages.navigation += [
        ("/requests", "Requests"),
        ("/populations", "Populations"),
        ("/records", "Records"),
        ("/bundles", "Bundles"),
    ]
    return [
        *requests.routes(pages, origins),
        *records.routes(pages, origins),
        *drafts.routes(pages, origins),
        *populations.routes(pages, origins),
        *proofs.routes(pages),
        *bundles.routes(pages, origins, audits),
        *access.routes(pages, access_log),
    ]
