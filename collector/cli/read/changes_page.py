"""What differs between two moments, finding by finding, and why: the evidence, a limit, or the rule."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.cli.terminal.resource_names import resource_name
from collector.core.checks import Status
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.findings.changes_since import ChangesView
from collector.report.state.known import WORDS

_TEXT = {
    "first seen": "first seen",
    "evidence": "because of the evidence",
    "limit": "because of a limit",
    "evidence and limit": "because of the evidence and a limit",
    "rule or time": "because of the rule, or of time that passed",
    "age": "because of its age",
    "ended": "its resource, its account or its check is gone; that is not the same as fixed",
    "and back": "it changed, and changed back",
}


def show_changes(shape: ChangesView, out: Page) -> None:
    """Print what changed, check by check."""
    last = ""
    for change in shape.changes:
        if change.check != last:
            if last:
                out.gap()
            out.line(Styled(change.check, "bold"))
            last = change.check
        resource = resource_name(change.check, change.scope, change.subject)
        steps = f"{_word(change.was)} -> {_word(change.now)}"
        style = "red" if change.now == Status.FAIL.value else ""
        out.line(
            Styled(steps, style), Styled(resource, "bold"), f"in {change.source}:{show_scope(change.scope)}", indent=2
        )
        day = "" if change.changed_at is None else f"{change.changed_at.date().isoformat()}: "
        out.paragraph(f"{day}{_TEXT[change.why]}{': ' if change.reason else ''}{change.reason}", indent=6)
        if change.limits_then is not None and change.limits_now is not None and change.limits_then != change.limits_now:
            out.paragraph(f"limits {_limits(change.limits_then)} became {_limits(change.limits_now)}", indent=6)
    if shape.changes:
        out.gap()
    out.line(
        Styled(plural(shape.matched, "finding changed", "findings changed"), "bold"),
        f"between {show_moment(shape.since)} and {show_moment(shape.at)}; {shape.same} have the status they had",
    )
    if shape.touched:
        out.line(f"of these, {shape.touched} are based on new evidence or limits")
    if shape.matched > shape.shown:
        out.line(f"{shape.matched - shape.shown} of {shape.matched} are not shown: --all shows them, a filter chooses")
    if shape.without_tags:
        out.line(f"{plural(shape.without_tags, 'finding')} left out: their tags are not known")


def _word(status: str | None) -> str:
    return "none" if status is None else WORDS[Status(status)]


def _limits(limits: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in limits.items()) or "none"
