"""The statement of applicability as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.page import Styled
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
from collector.report.company.soa_views import DecisionView, SoaView


def show_soa(shape: SoaView, out: Page) -> None:
    """Print what is open."""
    if shape.version is None:
        out.line("There is no statement of applicability: annexd soa init prints a draft.")
    else:
        force = "in force" if shape.in_force else f"not in force before {shape.effective_from}"
        out.line(
            Styled(f"Statement of applicability, version {shape.version}", "bold"),
            f"approved by {shape.approved_by} on {shape.approved_on}, {force}",
        )
    counts = f"{plural(shape.undecided, 'control')} not decided, {plural(shape.contradictions, 'contradiction')}"
    out.line(f"as of {show_moment(shape.at)}: {counts}", indent=2)
    out.head("Not decided")
    out.rows((one.framework, f"{one.id} {_title(one)}") for one in shape.decisions if one.applicable is None)
    out.head("Where the statement and the evidence disagree")
    out.rows((one.framework, f"{one.id} {_title(one)}: {why}") for one in shape.decisions for why in one.contradictions)


def _title(one: DecisionView) -> str:
    return one.title if one.role is None else f"{one.title} ({one.role})"
