"""What a sink exports: of which scopes, and whether all audit logs are among it."""

from __future__ import annotations

import re

from msgspec import Struct

_AUDIT = "cloudaudit.googleapis.com"
# The comparisons that people write for audit logs, each of which takes them all; anything else is not decided here.
_ALL_AUDIT = re.compile(
    rf'\(?\s*(?:logName\s*:\s*"?{re.escape(_AUDIT)}"?|protoPayload\.@type\s*=\s*"type\.googleapis\.com/'
    r'google\.cloud\.audit\.AuditLog")\s*\)?'
)


class Exclusion(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sink leaves out. Google leaves out what is false."""

    filter: str
    disabled: bool = False


class Sink(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where logs are sent. Google leaves out what is false or empty."""

    name: str
    destination: str
    filter: str = ""
    exclusions: tuple[Exclusion, ...] = ()
    disabled: bool = False
    include_children: bool = False

    @property
    def takes_all_audit_logs(self) -> bool | None:
        """Whether all audit logs go through; None where the filter or an exclusion would have to be evaluated."""
        if self.disabled:
            return False
        if any(not exclusion.disabled for exclusion in self.exclusions):
            return None
        text = self.filter.strip()
        return True if not text or _ALL_AUDIT.fullmatch(text) else None


def stays_home(sink: Sink) -> bool:
    """Whether a sink is one of the two that each project has from the beginning, which export nothing."""
    return sink.name in {"_Default", "_Required"} and sink.destination.rpartition("/")[2] in {"_Default", "_Required"}
