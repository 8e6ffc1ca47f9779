"""`annexd controls --gaps`: what the mappings leave open, on both sides."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.plain_text import plural
from collector.report.controls.mapping_gap_views import GapsView


def show_gaps(shape: GapsView, out: Page) -> None:
    """Print what the mappings leave open."""
    for number, one in enumerate(shape.frameworks):
        if number:
            out.gap()
        out.line(Styled(one.id, "bold"))
        out.head(f"{plural(len(one.controls), 'control')} that no check speaks about: records of people carry them")
        out.rows(one.controls.items())
        out.head(f"{plural(len(one.checks), 'check')} that speak about no control")
        out.rows(one.checks.items())
        if not one.checks:
            out.line("none", indent=2)
