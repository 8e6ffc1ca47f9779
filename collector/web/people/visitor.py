"""Who asks for a page: what handlers and templates are given of somebody who signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.identities import Identity
from collector.setup.web_config import AuditConfig
from collector.web.persons import Person

if TYPE_CHECKING:
    from starlette.requests import Request


class Visitor(Person, frozen=True, kw_only=True):
    """Somebody who signed in; `audit` is what is open to an auditor."""

    identity: Identity
    audit: AuditConfig | None = None


def visitor_of(request: Request) -> Visitor:
    """Return who asks. Raises TypeError where nobody signed in, who gets to no route that calls this."""
    person = getattr(request.state, "person", None)
    if not isinstance(person, Visitor):
        raise TypeError("nobody has signed in")
    return person
