"""`annexd scope`: the systems in scope, how well each was seen, and what is on one list and not on another."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import typer
from msgspec import Struct

from collector.app.reading.asking import AsOf, give, opened, show_moment, some
from collector.core.scopes import show_scope

if TYPE_CHECKING:
    from collector.app.output import Page
    from collector.app.reading.assessment import Assessment


class SystemShape(Struct, frozen=True, kw_only=True):
    """One system in scope; `seen` is complete, partly, never or no source."""

    name: str
    owner: str
    environment: str
    source: str
    scope: list[str]
    since: date
    until: date | None
    seen: str


class ScopeShape(Struct, frozen=True, kw_only=True, tag="annexd.scope/1", tag_field="schema"):
    """What `annexd scope --json` prints. Without a scope file `stated` is false; the lists say what is collected."""

    at: datetime
    as_of: datetime | None
    stated: bool
    version: str | None
    statement: str | None
    approved_by: str | None
    approved_on: date | None
    coverage: str
    systems: list[SystemShape]
    not_collected: tuple[str, ...]
    not_in_scope: tuple[str, ...]
    in_neither: tuple[str, ...]
    unlisted: tuple[str, ...]


def scope(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show the systems in scope, how well each was seen, and what is on no list."""
    from collector.app.reading.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = scope_shape(assessed(reading))
    give(ctx, shape, show_scope_page)


def scope_shape(assessment: Assessment) -> ScopeShape:
    """Return the company's list beside what was seen and what the platforms say there is."""
    reading, isms, coverage = assessment.reading, assessment.company.scope, assessment.evidence.coverage
    lists = (
        ("complete", coverage.complete),
        ("partly", coverage.partly),
        ("never", coverage.never),
        ("no source", coverage.no_source),
    )
    seen = {name: how for how, names in lists for name in names}
    found = assessment.reconciled
    return ScopeShape(
        at=reading.at,
        as_of=reading.as_of,
        stated=coverage.stated,
        version=None if isms is None else isms.version,
        statement=None if isms is None else isms.statement,
        approved_by=None if isms is None else isms.approved_by,
        approved_on=None if isms is None else isms.approved_on,
        coverage=str(coverage),
        systems=[
            SystemShape(
                name=one.name,
                owner=one.owner,
                environment=one.environment,
                source=one.source,
                scope=list(one.scope),
                since=one.in_scope_from,
                until=one.in_scope_until,
                seen=seen[one.name],
            )
            for one in (() if isms is None else isms.required(reading.at.date()))
        ],
        not_collected=found.not_collected,
        not_in_scope=found.not_in_scope,
        in_neither=found.in_neither,
        unlisted=found.unlisted,
    )


def show_scope_page(shape: ScopeShape, out: Page) -> None:
    """Print the page for people."""
    if shape.version is None:
        out.line("No scope is stated: write scope.toml beside the configuration.")
        out.paragraph("Until then nobody can say what was not seen, and no control has evidence on file.", indent=2)
    else:
        out.paragraph(f"Scope {shape.version}, approved by {shape.approved_by} on {shape.approved_on}")
        out.paragraph(shape.statement or "", indent=2)
        if not shape.stated:
            out.paragraph("It was not approved yet at this moment, so coverage is not stated.", indent=2)
    out.line(f"as of {show_moment(shape.at)}, seen completely: {shape.coverage}")
    if shape.systems:
        out.head("Systems in scope")
        heads = ("", "seen", "environment", "owner", "source")
        out.rows(
            (
                (one.name, one.seen, one.environment, one.owner, f"{one.source} {show_scope(tuple(one.scope))}")
                for one in shape.systems
            ),
            heads=heads,
        )
    for title, names in (
        ("In scope, and not collected", shape.not_collected),
        ("Collected, and not in scope", shape.not_in_scope),
        ("There according to the platform, and in neither list", shape.in_neither),
        ("Sources without a complete list of their own: there may be more than is known", shape.unlisted),
    ):
        out.head(f"{title}: {some(len(names), 'entry', 'entries')}")
        out.rows(("-", name) for name in names)
