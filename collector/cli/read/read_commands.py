"""The commands that only read: what each may be asked. What they do is imported when they are given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, moment_of, one_of, opened
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.controls.status_view import StatusView
    from collector.report.findings.finding_filter import FindingQuery

Several = list[str] | None

_SCREENFUL = 40
"""Findings that people are given unless they ask for more."""

_SEVERITIES = ("critical", "high", "medium", "low")
_STATUSES = ("pass", "fail", "unknown", "not_applicable", "all")
_STATES = ("failing", "unknown", "incomplete", "evidenced", "excluded")


def status(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show the state of everything on one page.

    Sources, verdicts, controls by state, what could not be read and what to do next.
    """
    from collector.cli.read.next_command import show_next_line
    from collector.cli.read.next_steps import next_view
    from collector.cli.read.status_page import show_status
    from collector.report.controls.status_view import status_view
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        assessment = assessed(reading)
        shape = status_view(assessment)
        steps = next_view(reading.app, None if shape.run is None else assessment)

    def show(shape: StatusView, out: Page) -> None:
        show_status(shape, out)
        if as_of is None:
            show_next_line(steps, out)

    give(ctx, shape, show)
    if shape.verification is not None and shape.verification.wrong is not None:
        from collector.core.errors import VerificationError

        raise VerificationError(
            f"the store did not hold when annexd serve verified it: {shape.verification.wrong}",
            so="what the store shows cannot be relied on",
            mend="keep this copy as it is, run annexd verify --rebuild, and find out who or what changed it",
        )


def findings(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    source: Annotated[Several, typer.Option("--source", "-s", help="Only this source; may be repeated.")] = None,
    service: Annotated[Several, typer.Option(help="Only of this service, such as iam.")] = None,
    check: Annotated[Several, typer.Option(help="Only of this check.")] = None,
    control: Annotated[Several, typer.Option(help="Only of checks mapped to this control, such as 8.5.")] = None,
    severity: Annotated[Several, typer.Option(help="critical, high, medium or low.")] = None,
    status: Annotated[
        Several, typer.Option(help="fail, unknown, pass, not_applicable or all; fail and unknown where left out.")
    ] = None,
    tag: Annotated[Several, typer.Option(help="Only on resources with this tag: NAME or NAME=VALUE.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only on resources whose tag owner has this value.")] = None,
    assigned_to: Annotated[
        str | None, typer.Option("--assigned-to", metavar="NAME", help="Only of systems in scope.toml of this owner.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="What changed since then, and why: evidence, limit or rule.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help=f"So many at most; {_SCREENFUL} where left out.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_of: AsOf = None,
) -> None:
    """Show what the checks found, the most severe first."""
    asked = _asked(source, service, check, control, severity, status, tag, owner, assigned_to)
    # A person is given a screenful, a machine everything that it did not ask to leave out.
    most = None if every else limit or (None if session(ctx).json else _SCREENFUL)
    with opened(ctx, as_of) as reading:
        if since is not None:
            from collector.cli.read.changes_page import show_changes
            from collector.report.findings.changes_since import changes_view

            changes = changes_view(reading, asked, moment_of(since, reading.at, "--since"), most)
            give(ctx, changes, show_changes)
            return
        from collector.cli.read.findings_page import show_findings
        from collector.cli.terminal.page import page, print_json_list
        from collector.report.findings.matching_findings import findings_stream, findings_view

        if session(ctx).json:
            view, found = findings_stream(reading, asked, most)
            print_json_list(view, "findings", found)
        else:
            show_findings(findings_view(reading, asked, most), page())


def _asked(  # noqa: PLR0913, PLR0917  as the command has them
    source: Several,
    service: Several,
    check: Several,
    control: Several,
    severity: Several,
    status: Several,
    tag: Several,
    owner: str | None,
    assigned_to: str | None,
) -> FindingQuery:
    from collector.core.checks import Status
    from collector.report.findings.finding_filter import FindingQuery

    statuses = one_of(status, _STATUSES, "--status")
    tags = [(name, value if found else None) for name, found, value in (word.partition("=") for word in tag or ())]
    return FindingQuery(
        sources=tuple(source or ()),
        services=tuple(service or ()),
        checks=tuple(check or ()),
        controls=tuple(control or ()),
        severities=one_of(severity, _SEVERITIES, "--severity"),
        statuses=tuple(Status) if "all" in statuses else tuple(Status(word) for word in statuses),
        tags=(*tags, *([("owner", owner)] if owner is not None else [])),
        owners=() if assigned_to is None else (assigned_to,),
    )


controls = typer.Typer(add_completion=False, invoke_without_command=True)


@controls.callback()
def every_control(
    ctx: typer.Context,
    framework: Annotated[Several, typer.Option(help="Only this framework version, such as iso27001:2022.")] = None,
    state: Annotated[Several, typer.Option(help="failing, unknown, incomplete, evidenced or excluded.")] = None,
    attribute: Annotated[
        Several, typer.Option(help="An attribute of ISO/IEC 27002:2022, such as Preventive; may be repeated.")
    ] = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", hidden=True, help="An older form of annexd gap-analysis --mappings.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Show the state of each control, and why."""
    if ctx.invoked_subcommand is not None:
        return
    if gaps:
        from collector.cli.terminal.mapping_gaps_page import show_gaps
        from collector.report.controls.mapping_gap_views import gaps_view

        give(ctx, gaps_view(session(ctx).open_app()), show_gaps)
        return
    from collector.cli.read.controls_page import show_controls
    from collector.report.controls.control_views import controls_view
    from collector.report.state.assessment import assessed

    states = one_of(state, _STATES, "--state")
    with opened(ctx, as_of) as reading:
        shape = controls_view(assessed(reading), frameworks=framework or (), states=states, attributes=attribute or ())
    give(ctx, shape, show_controls)


@controls.command("show")
def one_control(
    ctx: typer.Context,
    control: Annotated[str, typer.Argument(help="Such as 8.5, or iso27001:2022/8.5.")],
    as_of: AsOf = None,
) -> None:
    """Show everything about one control."""
    from collector.cli.read.controls_page import show_stories
    from collector.report.controls.control_views import controls_view
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = controls_view(assessed(reading), named=control)
    give(ctx, shape, show_stories)


def evidence(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A source of the configuration.")],
    kind: Annotated[str, typer.Argument(help="A kind of resource, such as aws.s3.bucket.")],
    key: Annotated[str, typer.Argument(help="What the platform calls it, or a part of that; left out: list all.")] = "",
    scope: Annotated[
        str | None, typer.Option(help="Only in this account, region or repository, such as 111122223333/eu-west-1.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the stored bytes and nothing else: their SHA-256 is the digest.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Show one resource as stored, and its provenance.

    With its history and the findings based on it. A part of the key is enough where it means one resource.
    """
    from collector.cli.read.evidence_page import show_evidence, show_matches, write_raw
    from collector.report.findings.evidence_views import MatchesView, evidence_view, find

    if raw and sys.stdout.isatty():
        raise typer.BadParameter("these bytes are for a pipe or a file, not for a terminal", param_hint="--raw")
    with opened(ctx, as_of) as reading:
        found = find(reading, source, kind, key, scope)
        if isinstance(found, MatchesView):
            give(ctx, found, show_matches)
            # Where one thing was asked for a list is no answer.
            raise typer.Exit(2 if key else 0)
        if raw:
            write_raw(found)
            return
        shape = evidence_view(reading, found)
    give(ctx, shape, show_evidence)


checks = typer.Typer(add_completion=False, invoke_without_command=True)


@checks.callback()
def every_check(
    ctx: typer.Context,
    connector: Annotated[Several, typer.Option(help="Only of this platform.")] = None,
    service: Annotated[Several, typer.Option(help="Only of this service, such as iam.")] = None,
    severity: Annotated[Several, typer.Option(help="critical, high, medium or low.")] = None,
    control: Annotated[Several, typer.Option(help="Only those mapped to this control, such as 8.5.")] = None,
) -> None:
    """List the checks; `show` has everything about one."""
    if ctx.invoked_subcommand is not None:
        return
    from collector.cli.read.checks_page import show_checks
    from collector.cli.terminal.browsing import browsed
    from collector.report.findings.check_views import checks_view

    shape = checks_view(
        browsed(session(ctx)),
        connectors=connector or (),
        services=service or (),
        severities=one_of(severity, _SEVERITIES, "--severity"),
        controls=control or (),
    )
    give(ctx, shape, show_checks)


@checks.command("show")
def one_check(ctx: typer.Context, check: Annotated[str, typer.Argument(help="The id of a check.")]) -> None:
    """Show everything about one check."""
    from collector.cli.read.checks_page import show_check_stories
    from collector.cli.terminal.browsing import browsed
    from collector.report.findings.check_views import check_view

    give(ctx, check_view(browsed(session(ctx)), check), show_check_stories)
