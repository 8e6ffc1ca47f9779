"""What a sink exports: of which scopes, and whether all audit logs are among it."""

from __future__ import annotations

from msgspec import Struct

from connectors.gcp._log_filters.audited_changes import AUDIT_LOGS, audit_entry
from connectors.gcp._log_filters.matching import Entry, every, takes

_FIRST = frozenset({"_Default", "_Required"})
"""The sinks and the log buckets that each project has from the beginning."""


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

    def takes(self, entry: Entry) -> bool | None:
        """Return whether an entry goes through; None where what is not known of it decides."""
        if self.disabled:
            return False
        left_out = [takes(exclusion.filter, entry) for exclusion in self.exclusions if not exclusion.disabled]
        return every([takes(self.filter, entry), *(None if found is None else not found for found in left_out)])

    def audit_logs(self, project: str) -> dict[str, bool | None]:
        """Return of each audit log of a project, which is given by its id, whether all of it goes through."""
        return {log: self.takes(audit_entry(project, log)) for log in AUDIT_LOGS}

    def takes_all_audit_logs(self, project: str) -> bool | None:
        """Return whether all audit logs go through."""
        return every(self.audit_logs(project).values())


def stays_home(sink: Sink, project: str) -> bool:
    """Whether a sink of a project, which is given by its id, sends to where each project has its logs by itself."""
    place, _, bucket = sink.destination.rpartition("/")
    own = place.startswith(f"logging.googleapis.com/projects/{project}/") or sink.name in _FIRST
    return own and bucket in _FIRST
