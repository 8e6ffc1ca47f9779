"""`annexd checks`: what annexd can judge, before anything was looked at."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.plain_text import plural
from collector.report.findings.check_views import ChecksView


def show_checks(shape: ChecksView, out: Page) -> None:
    """Print one line a check, service by service."""
    last = ("", "")
    for one in sorted(shape.checks, key=lambda check: (check.connector, check.service, check.id)):
        if (one.connector, one.service) != last:
            last = (one.connector, one.service)
            out.head(" ".join(dict.fromkeys(last)))
        out.line(one.id, Styled(f"({one.severity}{'' if one.enabled else ', disabled'})", "grey"), indent=2)
        out.paragraph(one.title, indent=6)
    out.gap()
    out.line(Styled(plural(len(shape.checks), "check"), "bold"))
    if shape.not_installed:
        out.line(f"not counted, because their SDKs are not installed: {', '.join(shape.not_installed)}")


def show_check_stories(shape: ChecksView, out: Page) -> None:
    """Print everything about each check."""
    for one in shape.checks:
        out.line(Styled(one.id, "bold"))
        out.paragraph(one.condition)
        state = "enabled" if one.enabled else f"disabled: {one.reason}"
        where = "" if one.configured else f"; no source with the connector {one.connector} is configured"
        out.rows(
            [
                ("severity", one.severity),
                ("state", f"{state}{where}"),
                ("judges", ", ".join(one.kinds)),
                ("to mend", one.fix),
            ]
        )
        out.head("Limits")
        out.rows(
            (
                limit.name,
                limit.in_force if limit.in_force == limit.default else f"{limit.in_force} (comes with {limit.default})",
            )
            for limit in one.limits
        )
        if not one.limits:
            out.line("none", indent=2)
        out.head("Permissions that reading it takes")
        out.rows((permission,) for permission in one.permissions)
        out.head("Controls")
        for link in one.controls:
            out.line(Styled(link.strength, "bold"), f"{link.framework} {link.control} {link.title}", indent=2)
            out.paragraph(f"counts because {link.because}", indent=6)
        if not one.controls:
            out.line("none: it speaks about no control of the frameworks in use", indent=2)
