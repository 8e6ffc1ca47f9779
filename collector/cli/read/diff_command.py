"""`annexd diff`: what is different between two moments, and who saw it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.cli.terminal.options import moment_of
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.core.differences import Difference
    from collector.report.periods.diff_views import DiffView, FlipView, ResourceChange
    from collector.report.periods.period_cuts import FileChange

_SCREENFUL = 40
_FIELDS = 8
_LONGEST = 160


def diff(
    ctx: typer.Context,
    first: Annotated[
        str, typer.Argument(metavar="FROM", help="A day (its end, UTC), or a moment with its zone; or a bundle.")
    ],
    second: Annotated[str, typer.Argument(metavar="TO", help="The same; today is now. Or the bundle to compare with.")],
    key: Annotated[
        str | None, typer.Option("--key", help="Of two bundles: the verifier key to verify both with, or its file.")
    ] = None,
) -> None:
    """Show what changed between two days or two bundles.

    Company files, resources, findings and controls, each with the run that saw it. Two bundles are compared without a
    store and a configuration.
    """
    there = [Path(given).exists() for given in (first, second)]
    if all(there):
        _diff_bundles(ctx, Path(first), Path(second), key)
        return
    if any(there) or key is not None:
        raise typer.BadParameter("give two days of a store, or two bundles that are there", param_hint="FROM, TO")
    from collector.engine.clock import SystemClock
    from collector.report.periods.diff_views import diff_view

    now = SystemClock().now()
    since, at = moment_of(first, now, "FROM"), moment_of(second, now, "TO")
    if at <= since:
        raise typer.BadParameter(f"{second} is not after {first}", param_hint="TO")
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        shape = diff_view(app, store, store.history, since, at, now, None if session(ctx).json else _SCREENFUL)
    if session(ctx).json:
        from collector.cli.terminal.page import print_json_lists

        print_json_lists(shape, {"resources": shape.resources, "findings": shape.findings})
    else:
        from collector.cli.terminal.page import page

        show_diff(shape, page())


def _diff_bundles(ctx: typer.Context, first: Path, second: Path, key: str | None) -> None:
    from collector.bundle.comparing.compared_bundles import compare_bundles
    from collector.cli.read.bundle_diff_page import show_bundle_diff
    from collector.cli.terminal.options import give
    from collector.cli.terminal.verifier_keys import verifier_key

    trusted = None if key is None else verifier_key(key)
    give(ctx, compare_bundles(first, second, key=trusted), show_bundle_diff)


def show_diff(shape: DiffView, out: Page) -> None:
    """Print a comparison for people."""
    from collector.cli.terminal.page import Styled

    out.line(Styled(f"{show_moment(shape.since)} to {show_moment(shape.at)}", "bold"), plural(len(shape.runs), "run"))
    out.head(f"Company files: {plural(len(shape.company), 'change')}")
    for when, notes in (("then", shape.company_files_then), ("now", shape.company_files_now)):
        for note in notes:
            out.paragraph(f"{when}: {note}", indent=2)
    for file in shape.company:
        _show_file(file, out)
    out.head(f"Resources: {_counts(shape.resource_counts)}")
    for item in shape.resources:
        _show_resource(item, out)
    _more(sum(shape.resource_counts.values()), out)
    out.head(f"Findings: {_counts(shape.finding_counts)}")
    for flip in shape.findings:
        _show_flip(flip, out)
    _more(sum(shape.finding_counts.values()), out)
    out.head(f"Controls with another state: {len(shape.controls)}")
    for control in shape.controls[:_SCREENFUL]:
        out.line(Styled(f"{control.framework}/{control.id}", "bold"), control.title, indent=2)
        out.line(f"{control.label_then} -> {control.label_now}", indent=6)
        for reason in control.reasons_now[:1]:
            out.paragraph(reason, indent=6)
    _more(len(shape.controls), out)


def _show_file(change: FileChange, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.company.file_changes import named_changes

    out.line(
        Styled(change.file_name, "bold"),
        f"{show_moment(change.logged_at)} by {change.by}, log entry {change.leaf}",
        indent=2,
    )
    out.line(f"{change.was or 'not in the log'} -> {change.now or 'gone'}", indent=6)
    out.rows(named_changes(change), indent=6)


def _counts(counts: dict[str, int]) -> str:
    return " / ".join(f"{count} {how}" for how, count in counts.items()) or "none"


def _more(count: int, out: Page) -> None:
    if count > _SCREENFUL:
        out.line(f"and {count - _SCREENFUL} more: annexd diff --json has them all", indent=2)


def _show_resource(change: ResourceChange, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.core.scopes import show_scope

    out.line(
        change.how, change.kind, Styled(change.key, "bold"), f"in {change.source}:{show_scope(change.scope)}", indent=2
    )
    for field in change.fields[:_FIELDS]:
        out.paragraph(_field(field), indent=6)
    left = len(change.fields) + change.more_fields - min(len(change.fields), _FIELDS)
    if left:
        out.line(f"and {plural(left, 'field')} more", indent=6)
    if change.erased:
        out.line("a body was erased: its fields cannot be compared", indent=6)
    if set(change.unread_then) != set(change.unread_now):
        lost, read = set(change.unread_now) - set(change.unread_then), set(change.unread_then) - set(change.unread_now)
        out.rows((("not read any more", name) for name in sorted(lost)), indent=6)
        out.rows((("read again", name) for name in sorted(read)), indent=6)
    by = change.identity or "an identity that the platform did not name"
    out.line(f"seen {show_moment(change.seen_at)} by {by}, run {change.run}, log entry {change.leaf}", indent=6)


def _field(change: Difference) -> str:
    if change.appeared:
        return f"{change.path}: {_value(change.now)} is new"
    if change.gone:
        return f"{change.path}: {_value(change.was)} is gone"
    return f"{change.path}: {_value(change.was)} -> {_value(change.now)}"


def _value(value: Any) -> str:  # noqa: ANN401  any JSON value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _show_flip(change: FlipView, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.cli.terminal.resource_names import resource_name
    from collector.core.checks import Status
    from collector.core.scopes import show_scope
    from collector.report.state.known import WORDS

    was, now = ("none" if word is None else WORDS[Status(word)] for word in (change.was, change.now))
    style = "red" if change.now == Status.FAIL.value else ""
    resource = resource_name(change.check, change.scope, change.subject)
    out.line(Styled(change.check, "bold"), Styled(resource, "bold"), indent=2)
    out.line(
        Styled(f"{was} -> {now}", style), f"in {change.source}:{show_scope(change.scope)}, {_why(change)}", indent=6
    )
    if change.reason:
        out.paragraph(change.reason, indent=6)
    if change.run is not None:
        out.line(f"seen by run {change.run}", indent=6)


def _why(change: FlipView) -> str:
    if change.why == "rule or time":
        # The code of the check tells the two apart.
        same = change.code_then is not None and change.code_then == change.code_now
        return "because time passed" if same else "because the code of the check changed"
    if change.why in {"limit", "evidence and limit"}:
        return f"because of {change.why}: {_limits(change.limits_then)} became {_limits(change.limits_now)}"
    return {
        "first seen": "first seen",
        "evidence": "because of the evidence",
        "age": "because of its age",
        "ended": "its resource, its account or its check is gone, which is not the same as fixed",
        "and back": "it was another one in between",
    }[change.why]


def _limits(limits: dict[str, str] | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (limits or {}).items()) or "none"
