"""The SoA as a workbook with empty columns for the auditor. Every cell is text; none is a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter

from collector.core.plain_text import show_moment
from collector.report.company.soa_views import decided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from collector.report.company.soa_views import SoaView

_HEADS = (
    ("Framework version", 18),
    ("Control", 12),
    ("Title", 40),
    ("Role", 10),
    ("Decision", 28),
    ("Grounds", 18),
    ("Justification", 50),
    ("Owner", 20),
    ("Risks", 14),
    ("State", 24),
    ("Counts", 50),
    ("Inconsistent with the SoA", 40),
    ("Auditor's conclusion", 30),
    ("Auditor's reference", 20),
)


def write_sheet(shape: SoaView, path: Path) -> None:
    """Write the workbook."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        about = book.add_worksheet("About")
        for number, (name, value) in enumerate(_about(shape)):
            about.write_string(number, 0, name, bold)
            about.write_string(number, 1, value)
        about.set_column(0, 0, 24)
        sheet = book.add_worksheet("SoA")
        for column, (head, width) in enumerate(_HEADS):
            sheet.write_string(0, column, head, bold)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 2)
        for number, cells in enumerate(_rows(shape), start=1):
            for column, text in enumerate(cells):
                sheet.write_string(number, column, text, wrap)


def _about(shape: SoaView) -> Iterator[tuple[str, str]]:
    yield "SoA", shape.version or "none on file"
    yield "Approved by", shape.approved_by or ""
    yield "Approved on", str(shape.approved_on or "")
    yield "Effective from", str(shape.effective_from or "")
    yield "In force", "yes" if shape.in_force else "no"
    yield "As of", show_moment(shape.at)
    yield "Systems in scope seen", shape.coverage
    yield "Note", "No conclusion on conformity is drawn."


def _rows(shape: SoaView) -> Iterator[Sequence[str]]:
    for decision in shape.decisions:
        yield (
            decision.framework,
            decision.id,
            decision.title,
            decision.role or "",
            decided(decision),
            ", ".join(decision.grounds),
            decision.because,
            decision.owner or "",
            ", ".join(decision.risks),
            decision.label,
            decision.counts_text,
            "; ".join(decision.contradictions),
        )
    for own in shape.own:
        planned = "" if own.planned_for is None else f" for {own.planned_for}"
        implemented = f"implemented: {own.implemented}{planned}"
        yield (
            own.source,
            own.id,
            own.title,
            "",
            implemented,
            "",
            own.because,
            own.owner or "",
            "",
            "not collected by annexd",
        )
