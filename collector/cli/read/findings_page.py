"""`annexd findings`: what the checks found, the most severe first."""

from __future__ import annotations

from collector.cli.terminal.page import Cell, Page, Styled
from collector.cli.terminal.resource_names import resource_name
from collector.core.checks import Status
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.findings.finding_list import RANK
from collector.report.findings.finding_views import FindingView
from collector.report.findings.matching_findings import FindingsView
from collector.report.state.known import WORDS


def show_findings(shape: FindingsView, out: Page) -> None:
    """Print the findings check by check."""
    last = ""
    for item in shape.findings:
        if item.check != last:
            if last:
                out.gap()
            out.line(
                Styled(item.severity, "bold" if item.severity in {"critical", "high"} else ""),
                Styled(item.check, "bold"),
            )
            out.line(item.title or "this check is not installed here", indent=2)
            # Fails come first, and every fail of a check affects the same risks.
            if item.risks:
                out.paragraph(f"affects {'; '.join(item.risks)}", indent=2)
            last = item.check
        show_finding(item, out)
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
        out.line(f"{plural(shape.without_tags, 'finding')} left out: their tags are not known")


_BY_WEIGHT = tuple((status, WORDS[status]) for status in RANK)


def show_finding(item: FindingView, out: Page, indent: int = 2) -> None:
    """Print one finding: where, since when, and why."""
    where = f"{item.source}:{show_scope(item.scope)}"
    status = Status(item.status)
    word: Cell = Styled(WORDS[status], {Status.FAIL: "red", Status.UNKNOWN: "grey"}.get(status, ""))
    apart = ", not in scope" if item.elsewhere else ""
    whose = f", owner {item.owner}" if item.owner and status in {Status.FAIL, Status.UNKNOWN} else ""
    due = "" if item.due is None else f", to be mended until {item.due}"
    since = f"in {where}, since {item.since.date().isoformat()}{apart}{whose}{due}"
    out.line(word, Styled(resource_name(item.check, item.scope, item.subject), "bold"), since, indent=indent)
    if item.reason != item.title:
        out.paragraph(item.reason, indent=indent + 4)
