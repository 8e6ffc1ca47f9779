"""Who signed in: a subject of an issuer, with the role that they act in. A name is shown, and never compared alone."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from collector.core.likely_same import likely_same


class Role(StrEnum):
    """What somebody may do; an auditor reads what is opened for them and acts on evidence requests of their audit."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Identity(Struct, frozen=True, kw_only=True):
    """Somebody who signed in. `issuer` and `subject` together are who it is; `audit` is the one that is open to them.

    `name` is what the issuer calls them today.
    """

    issuer: str
    subject: str
    name: str
    role: Role
    audit: str = ""

    def is_same_subject(self, other: Identity) -> bool:
        """Return whether both are one subject of one issuer, whatever they are called."""
        return (self.issuer, self.subject) == (other.issuer, other.subject)

    def may_be(self, other: Identity) -> bool:
        """Return whether both are one subject, or likely one person who signed in by two ways."""
        return self.is_same_subject(other) or likely_same(self.name, other.name)

    def __str__(self) -> str:
        return f"{self.name} ({self.subject} at {self.issuer})"
