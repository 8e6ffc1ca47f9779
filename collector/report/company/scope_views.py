"""The systems in scope, how well each was seen, and what is on one list and not on another."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.report.state.assessment import Assessment


class SystemView(Struct, frozen=True, kw_only=True):
    """One system in scope; `seen` is complete, partly, never, no source or reviewed; `review` says by whom and when."""

    name: str
    owner: str
    environment: str
    source: str
    scope: list[str]
    since: date
    until: date | None
    seen: str
    review: str | None = None


class ScopeView(Struct, frozen=True, kw_only=True, tag="annexd.scope/1", tag_field="schema"):
    """What `annexd scope --json` prints. Without a scope file `stated` is false; the lists say what is collected."""

    at: datetime
    as_of: datetime | None
    stated: bool
    version: str | None
    statement: str | None
    approved_by: str | None
    approved_on: date | None
    coverage: str
    systems: list[SystemView]
    not_collected: tuple[str, ...]
    not_in_scope: tuple[str, ...]
    in_neither: tuple[str, ...]
    unlisted: tuple[str, ...]


def scope_view(assessment: Assessment) -> ScopeView:
    """Return the company's list beside what was seen and what the platforms say there is."""
    reading, isms, coverage = assessment.reading, assessment.company.scope, assessment.evidence.coverage
    lists = (
        ("complete", coverage.complete),
        ("partly", coverage.partly),
        ("never", coverage.never),
        ("no source", coverage.no_source),
        ("reviewed", tuple(coverage.reviewed)),
    )
    seen = {name: how for how, names in lists for name in names}
    found = assessment.reconciled
    return ScopeView(
        at=reading.at,
        as_of=reading.as_of,
        stated=coverage.stated,
        version=None if isms is None else isms.version,
        statement=None if isms is None else isms.statement,
        approved_by=None if isms is None else isms.approved_by,
        approved_on=None if isms is None else isms.approved_on,
        coverage=str(coverage),
        systems=[
            SystemView(
                name=system.name,
                owner=system.owner,
                environment=system.environment,
                source=system.source,
                scope=list(system.scope),
                since=system.in_scope_from,
                until=system.in_scope_until,
                seen=seen[system.name],
                review=coverage.reviewed.get(system.name),
            )
            for system in (() if isms is None else isms.required(reading.at.date()))
        ],
        not_collected=found.not_collected,
        not_in_scope=found.not_in_scope,
        in_neither=found.in_neither,
        unlisted=found.unlisted,
    )
