"""`annexd checks`: what annexd can judge, before anything was looked at."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.checks import Status
from collector.core.plain_text import plural
from collector.report.findings.check_views import ChecksView, LimitView
from collector.report.findings.method_statement import MethodStatement, source_of_fields
from collector.report.state.known import WORDS
from collector.setup.company_limits import NOT_STATED


def show_checks(shape: ChecksView, out: Page) -> None:
    """Print one line a check, service by service."""
    last = ("", "")
    for item in sorted(shape.checks, key=lambda check: (check.connector, check.service, check.id)):
        if (item.connector, item.service) != last:
            last = (item.connector, item.service)
            out.head(" ".join(dict.fromkeys(last)))
        out.line(item.id, Styled(f"({item.severity}{'' if item.enabled else ', disabled'})", "grey"), indent=2)
        out.paragraph(item.title, indent=6)
    out.gap()
    out.line(Styled(plural(len(shape.checks), "check"), "bold"))
    if shape.not_installed:
        out.line(f"not counted, because their SDKs are not installed: {', '.join(shape.not_installed)}")


def show_check_stories(shape: ChecksView, out: Page) -> None:
    """Print everything about each check."""
    for item in shape.checks:
        out.line(Styled(item.id, "bold"))
        out.paragraph(item.condition)
        state = "enabled" if item.enabled else f"disabled: {item.reason}"
        where = "" if item.configured else f"; no source with the connector {item.connector} is configured"
        out.rows(
            [
                ("severity", item.severity),
                ("state", f"{state}{where}"),
                ("judges", ", ".join(item.kinds)),
                ("remediation", item.fix),
            ]
        )
        out.head("Limits")
        out.rows((limit.name, _limit(limit)) for limit in item.limits)
        if not item.limits:
            out.line("none", indent=2)
        out.head("Permissions that it needs")
        out.rows((permission,) for permission in item.permissions)
        out.head("Controls that it is mapped to")
        for link in item.controls:
            out.line(Styled(link.strength, "bold"), f"{link.framework} {link.control} {link.title}", indent=2)
            out.paragraph(f"because {link.because}", indent=6)
        if not item.controls:
            out.line("none: it is mapped to no control of the frameworks in use", indent=2)
        if item.method is not None:
            _show_method(item.method, out)


def _show_method(method: MethodStatement, out: Page) -> None:
    """Print how the check is carried out, a sentence a line."""
    out.head("Method: what is judged")
    _sentences(method.population, out)
    out.head("Method: by which condition, read from where")
    out.paragraph(method.condition, indent=2)
    for read in method.reads:
        out.paragraph(source_of_fields(read), indent=2)
    out.head("Method: what it can say")
    words = ", ".join(WORDS[Status(verdict)] for verdict in method.verdicts)
    _sentences([f"Its verdicts are {words}.", *method.verdict_notes], out)
    out.head("Method: unknown where")
    _sentences(method.unknown_when, out)
    out.head("Method: limits, and whose they are")
    _sentences(method.limits, out)
    out.head("Method: what it does not show")
    _sentences(method.cannot_show, out)


def _sentences(texts: list[str], out: Page) -> None:
    for text in texts:
        out.paragraph(text, indent=2)


def _limit(limit: LimitView) -> str:
    if not limit.company_rule:
        return f"{limit.in_force} ({NOT_STATED})"
    return limit.in_force if limit.in_force == limit.default else f"{limit.in_force} (default {limit.default})"
