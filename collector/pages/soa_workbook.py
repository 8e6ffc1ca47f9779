"""The statement of applicability as a workbook, with room for the auditor. Every cell is text: none is a formula."""

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
    ("Edition", 18),
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
    ("Contradictions", 40),
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
        sheet = book.add_worksheet("Statement")
        for column, (head, width) in enumerate(_HEADS):
            sheet.write_string(0, column, head, bold)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 2)
        for number, cells in enumerate(_rows(shape), start=1):
            for column, text in enumerate(cells):
                sheet.write_string(number, column, text, wrap)


def _about(shape: SoaView) -> Iterator[tuple[str, str]]:
    yield "Statement", shape.version or "none on file"
    yield "Approved by", shape.approved_by or ""
    yield "Approved on", str(shape.approved_on or "")
    yield "Effective from", str(shape.effective_from or "")
    yield "In force", "yes" if shape.in_force else "no"
    yield "As of", show_moment(shape.at)
    yield "Systems in scope seen", shape.coverage
    yield "Note", "No conclusion on conformity is drawn."


def _rows(shape: SoaView) -> Iterator[Sequence[str]]:
    for one in shape.decisions:
        yield (
            one.framework,
            one.id,
            one.title,
            one.role or "",
            decided(one),
            ", ".join(one.grounds),
            one.because,
            one.owner or "",
            ", ".join(one.risks),
            one.label,
            one.counts_text,
            "; ".join(one.contradictions),
        )
    for own in shape.own:
        planned = "" if own.planned_for is None else f" for {own.planned_for}"
        decision = f"implemented: {own.implemented}{planned}"
        yield (
            own.source,
            own.id,
            own.title,
            "",
            decision,
            "",
            own.because,
            own.owner or "",
            "",
            "not looked at by annexd",
        )
