"""Which role each route takes, in one table. A route that is not in it is refused to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.identities import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

READERS = frozenset(Role)
"""Everybody who signed in; auditors see what is opened for them."""

COMPANY = frozenset({Role.VIEWER, Role.CONTRIBUTOR, Role.ADMIN})
CONTRIBUTORS = frozenset({Role.CONTRIBUTOR, Role.ADMIN})
AUDITORS = frozenset({Role.AUDITOR})
ACTING = CONTRIBUTORS | AUDITORS
ADMINS = frozenset({Role.ADMIN})

ANYONE: frozenset[Role] = frozenset()
"""Also those who did not sign in. Only what signing in itself takes."""

_READING = (
    "/",
    "/controls/{framework}/{control}",
    "/controls/{framework}/{control}/period",
    "/findings/{check}/{source}",
    "/evidence/{source}/{kind}",
    "/evidence/{source}/{kind}/{key:path}",
    "/runs/{run}",
    "/actions/{action:path}",
    "/exceptions/{exception:path}",
    "/risks/{risk:path}",
    "/checks/{check}",
    "/search",
    "/methods",
)
"""The pages that only read."""

_LISTS = (
    "/actions",
    "/changes",
    "/checks",
    "/collections",
    "/controls",
    "/coverage",
    "/diff",
    "/evidence-requests",
    "/exceptions",
    "/findings",
    "/inconsistent",
    "/risks",
    "/runs",
    "/soa",
)
"""The lists, each of which may be had as a file too, by its ending."""

ROUTES: Mapping[tuple[str, str], frozenset[Role]] = {
    **{("GET", path): READERS for path in _READING},
    **{("GET", f"{path}{ending}"): READERS for path in _LISTS for ending in ("", ".{kind}")},
    ("GET", "/log"): COMPANY,  # it has the acts of other audits, and what was before the period
    ("GET", "/log.{kind}"): COMPANY,
    ("GET", "/login"): ANYONE,
    ("GET", "/login/begin"): ANYONE,
    ("GET", "/login/back"): ANYONE,
    ("GET", "/login/link/{token}"): ANYONE,
    ("POST", "/login/link"): ANYONE,
    ("POST", "/logout"): READERS,
    ("POST", "/logout/others"): READERS,
    ("GET", "/requests"): READERS,
    ("GET", "/requests/{number:number}"): READERS,
    ("POST", "/requests"): AUDITORS,
    ("POST", "/requests/{number:number}"): ACTING,
    ("GET", "/requests/files/{leaf:number}"): READERS,
    ("GET", "/proofs/{leaf:number}"): READERS,
    ("GET", "/proofs/{leaf:number}/entry"): READERS,
    ("GET", "/records"): CONTRIBUTORS,
    ("POST", "/records"): CONTRIBUTORS,
    ("GET", "/records/{leaf:number}"): CONTRIBUTORS,
    ("GET", "/records/{leaf:number}/file"): CONTRIBUTORS,
    ("POST", "/records/{leaf:number}"): CONTRIBUTORS,
    ("GET", "/populations"): READERS,
    ("GET", "/populations/{kind}"): READERS,
    ("POST", "/populations/{kind}"): AUDITORS,
    ("GET", "/samples/{leaf:number}"): READERS,
    ("GET", "/drafts/{which}"): CONTRIBUTORS,
    ("POST", "/drafts/{which}"): CONTRIBUTORS,
    ("GET", "/access"): ADMINS,
    ("GET", "/bundles"): AUDITORS | ADMINS,
    ("POST", "/bundles"): AUDITORS | ADMINS,
    ("GET", "/bundles/{audit}"): AUDITORS | ADMINS,
}
"""By method and path of the route, as it is written in the application."""


def may_open(role: Role | None, method: str, path: str) -> bool | None:
    """Return whether a role may use a route; None where the table does not have it. No role: nobody signed in."""
    allowed = ROUTES.get(("GET" if method == "HEAD" else method, path))
    if allowed is None:
        return None
    return not allowed or role in allowed


def is_open(method: str, path: str) -> bool:
    """Return whether a route is there for those who did not sign in."""
    return ROUTES.get(("GET" if method == "HEAD" else method, path)) == ANYONE


def closed_to(role: Role) -> frozenset[str]:
    """Return the pages that a role does not open, by their address."""
    return frozenset(
        path for (method, path), allowed in ROUTES.items() if method == "GET" and allowed and role not in allowed
    )
