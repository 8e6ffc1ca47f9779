"""`annexd gap-analysis --mappings`: what the mappings leave open, on both sides."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.plain_text import plural
from collector.report.controls.mapping_gap_views import GapsView


def show_gaps(shape: GapsView, out: Page) -> None:
    """Print what the mappings leave open."""
    for number, framework in enumerate(shape.frameworks):
        if number:
            out.gap()
        out.line(Styled(framework.id, "bold"))
        out.head(
            f"{plural(len(framework.controls), 'control')} that no check is mapped to: only records answer for them"
        )
        out.rows(framework.controls.items())
        out.head(f"{plural(len(framework.checks), 'check')} mapped to no control")
        out.rows(framework.checks.items())
        if not framework.checks:
            out.line("none", indent=2)
