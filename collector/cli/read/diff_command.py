"""`annexd diff`: what is different between two moments, and who saw it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.cli.terminal.options import give, moment_of
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
    first: Annotated[str, typer.Argument(metavar="FROM", help="A day (its end, UTC), or a moment with its zone.")],
    second: Annotated[str, typer.Argument(metavar="TO", help="The same; today is now.")],
) -> None:
    """Show what changed between two days.

    Company files, resources, findings and controls, each with the run that saw it.
    """
    from collector.engine.clock import SystemClock
    from collector.report.periods.diff_views import diff_view

    now = SystemClock().now()
    since, at = moment_of(first, now, "FROM"), moment_of(second, now, "TO")
    if at <= since:
        raise typer.BadParameter(f"{second} is not after {first}", param_hint="TO")
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        shape = diff_view(app, store, store.history, since, at, now)
    give(ctx, shape, show_diff)


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
    for one in shape.resources[:_SCREENFUL]:
        _show_resource(one, out)
    _more(len(shape.resources), out)
    out.head(f"Findings: {_counts(shape.finding_counts)}")
    for flip in shape.findings[:_SCREENFUL]:
        _show_flip(flip, out)
    _more(len(shape.findings), out)
    out.head(f"Controls that stand otherwise: {len(shape.controls)}")
    for control in shape.controls[:_SCREENFUL]:
        out.line(Styled(f"{control.framework}/{control.id}", "bold"), control.title, indent=2)
        out.line(f"{control.label_then} -> {control.label_now}", indent=6)
        for reason in control.reasons_now[:1]:
            out.paragraph(reason, indent=6)
    _more(len(shape.controls), out)


def _show_file(one: FileChange, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.company.file_changes import told

    out.line(Styled(one.file_name, "bold"), f"{show_moment(one.logged_at)} by {one.by}, leaf {one.leaf}", indent=2)
    out.line(f"{one.was or 'not in the log'} -> {one.now or 'gone'}", indent=6)
    out.rows(told(one), indent=6)


def _counts(counts: dict[str, int]) -> str:
    return " / ".join(f"{count} {how}" for how, count in counts.items()) or "none"


def _more(count: int, out: Page) -> None:
    if count > _SCREENFUL:
        out.line(f"and {count - _SCREENFUL} more: annexd diff --json has them all", indent=2)


def _show_resource(one: ResourceChange, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.core.scopes import show_scope

    out.line(one.how, one.kind, Styled(one.key, "bold"), f"in {one.source}:{show_scope(one.scope)}", indent=2)
    for field in one.fields[:_FIELDS]:
        out.paragraph(_field(field), indent=6)
    left = len(one.fields) + one.more_fields - min(len(one.fields), _FIELDS)
    if left:
        out.line(f"and {plural(left, 'field')} more", indent=6)
    if one.erased:
        out.line("a body was erased: its fields cannot be compared", indent=6)
    if set(one.unread_then) != set(one.unread_now):
        lost, read = set(one.unread_now) - set(one.unread_then), set(one.unread_then) - set(one.unread_now)
        out.rows((("not read any more", name) for name in sorted(lost)), indent=6)
        out.rows((("read again", name) for name in sorted(read)), indent=6)
    by = one.identity or "an identity that the platform did not name"
    out.line(f"seen {show_moment(one.seen_at)} by {by}, run {one.run}, leaf {one.leaf}", indent=6)


def _field(one: Difference) -> str:
    if one.appeared:
        return f"{one.path}: {_value(one.now)} is new"
    if one.gone:
        return f"{one.path}: {_value(one.was)} is gone"
    return f"{one.path}: {_value(one.was)} -> {_value(one.now)}"


def _value(value: Any) -> str:  # noqa: ANN401  any JSON value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _show_flip(one: FlipView, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.core.checks import Status
    from collector.core.scopes import show_scope
    from collector.report.findings.finding_filter import show_subject
    from collector.report.state.known import WORDS

    was, now = ("none" if word is None else WORDS[Status(word)] for word in (one.was, one.now))
    style = "red" if one.now == Status.FAIL.value else ""
    out.line(Styled(one.check, "bold"), Styled(show_subject(one.subject), "bold"), indent=2)
    out.line(Styled(f"{was} -> {now}", style), f"in {one.source}:{show_scope(one.scope)}, {_why(one)}", indent=6)
    if one.reason:
        out.paragraph(one.reason, indent=6)
    if one.run is not None:
        out.line(f"seen by run {one.run}", indent=6)


def _why(one: FlipView) -> str:
    if one.why == "rule or time":
        # The code of the check tells the two apart.
        same = one.code_then is not None and one.code_then == one.code_now
        return "because time passed" if same else "because the code of the check changed"
    if one.why in {"limit", "evidence and limit"}:
        return f"because of {one.why}: {_limits(one.limits_then)} became {_limits(one.limits_now)}"
    return {
        "first seen": "first seen",
        "evidence": "because of the evidence",
        "age": "because of its age",
        "ended": "its subject, its scope or its check is gone, which is not the same as fixed",
        "and back": "it was another one in between",
    }[one.why]


def _limits(limits: dict[str, str] | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (limits or {}).items()) or "none"
