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
    counts = f"{plural(shape.undecided, 'control')} not decided, {plural(shape.contradictions, 'inconsistency')}"
    out.line(f"as of {show_moment(shape.at)}: {counts}", indent=2)
    undecided = [decision for decision in shape.decisions if decision.applicable is None]
    if undecided:
        out.head("Not decided")
        out.rows((decision.framework, f"{decision.id} {_title(decision)}") for decision in undecided)
    against = [(decision, why) for decision in shape.decisions for why in decision.contradictions]
    if against:
        out.head("Inconsistent with the SoA")
        out.rows((decision.framework, f"{decision.id} {_title(decision)}: {why}") for decision, why in against)


def _title(decision: DecisionView) -> str:
    return decision.title if decision.role is None else f"{decision.title} ({decision.role})"
