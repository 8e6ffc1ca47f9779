"""`annexd findings`: what the checks said, the worst first."""

from __future__ import annotations

from collector.cli.terminal.page import Cell, Page, Styled
from collector.core.checks import Status
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.findings.finding_filter import show_subject
from collector.report.findings.finding_views import _RANK, FindingsView, FindingView
from collector.report.state.known import WORDS


def show_findings(shape: FindingsView, out: Page) -> None:
    """Print the findings check by check."""
    last = ""
    for one in shape.findings:
        if one.check != last:
            if last:
                out.gap()
            out.line(
                Styled(one.severity, "bold" if one.severity in {"critical", "high"} else ""), Styled(one.check, "bold")
            )
            out.line(one.title or "this check is not part of this installation", indent=2)
            # Fails come first, and every fail of a check bears on the same risks.
            if one.risks:
                out.paragraph(f"bears on {'; '.join(one.risks)}", indent=2)
            last = one.check
        show_finding(one, out)
    if shape.findings:
        out.gap()
    counts = " / ".join(f"{shape.counts[status.value]} {word}" for status, word in _BY_WEIGHT)
    out.line(Styled(counts, "bold"), f"as of {show_moment(shape.at)}")
    not_shown = shape.matched - shape.shown
    if not_shown:
        out.line(f"{not_shown} of {shape.matched} are not shown: --all shows them, a filter chooses")
    hidden = [word for status, word in _BY_WEIGHT if status.value not in shape.statuses and shape.counts[status.value]]
    if hidden:
        out.line(f"not listed: {' and '.join(hidden)}; --status all lists them")
    if shape.without_tags:
        out.line(f"{plural(shape.without_tags, 'finding')} left out because no tags are known of them")


_BY_WEIGHT = tuple((status, WORDS[status]) for status in _RANK)


def show_finding(one: FindingView, out: Page, indent: int = 2) -> None:
    """Print one finding: where, since when, and why."""
    where = f"{one.source}:{show_scope(one.scope)}"
    status = Status(one.status)
    word: Cell = Styled(WORDS[status], {Status.FAIL: "red", Status.UNKNOWN: "grey"}.get(status, ""))
    since = f"in {where}, since {one.since.date().isoformat()}"
    out.line(word, Styled(show_subject(one.subject), "bold"), since, indent=indent)
    if one.reason != one.title:
        out.paragraph(one.reason, indent=indent + 4)
