"""Who asks for a page: what handlers and templates are given of somebody who signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.identities import Identity, Role
from collector.setup.web_config import AuditConfig

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


class Visitor(Struct, frozen=True, kw_only=True):
    """Somebody who signed in. `csrf` belongs into every form; `audit` is what is open to an auditor."""

    identity: Identity
    csrf: str
    audit: AuditConfig | None = None

    @property
    def role(self) -> Role:
        """The role that they act in."""
        return self.identity.role

    @property
    def frameworks(self) -> tuple[str, ...] | None:
        """The framework versions that are open to them; None: all."""
        return None if self.audit is None else self.audit.frameworks


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who asks. Raises TypeError where nobody signed in, which the gate lets through on public routes only."""
    found = request.scope.get("annexd.visitor")
    if not isinstance(found, Visitor):
        raise TypeError("nobody has signed in")
    return found
