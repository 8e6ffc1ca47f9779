"""The cover of a bundle: one page of fourteen points, always in the same order, so that bundles can be compared.

A count of zero is written as none, and is left out inside a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.cover_rows import POPULATIONS, CoverRow, cited
from collector.bundle.cover_state import (
    change_rows,
    deviation_rows,
    not_seen_rows,
    observation_rows,
    state_rows,
    system_rows,
)
from collector.bundle.cover_terms import (
    framework_rows,
    left_out_rows,
    organization_rows,
    origin_rows,
    period_rows,
    population_rows,
)

if TYPE_CHECKING:
    from collector.bundle.contents import BundleContents

DISCLAIMER = (
    "This bundle shows observed configuration and filed records. It does not show what happened between observations,"
    " that a platform's API told the truth, or that a control is effective. No conclusion on conformity is drawn."
)

_OF_A_SAMPLE = {1, 2, 3, 10, 11, 12, 13, 14}
"""The points on the cover of a sample bundle: it shows no state of controls, and nothing outside the sample."""


class CoverPoint(Struct, frozen=True):
    """One of the fourteen points."""

    number: int
    title: str
    rows: tuple[CoverRow, ...]


class Cover(Struct, frozen=True):
    """The first page of a bundle."""

    title: str
    subtitle: str
    points: tuple[CoverPoint, ...]


def cover(contents: BundleContents) -> Cover:
    """Return the cover; its numbers are counted from the same contents as those of the pages."""
    first = contents.frameworks[0]
    points = (
        ("Framework versions, roles and confidence", framework_rows(contents)),
        ("Organization, scope and SoA", organization_rows(contents)),
        ("Period and purpose", period_rows(contents)),
        ("Systems in scope", system_rows(contents)),
        ("Check evaluations and collections", observation_rows(contents)),
        ("Controls at the end of the period", state_rows(contents)),
        ("Deviations, exceptions, actions and records", deviation_rows(contents)),
        ("What was not collected", not_seen_rows(contents)),
        ("Changes in the period", change_rows(contents)),
        ("Populations and samples", population_rows(contents)),
        ("Withheld, redacted and erased", left_out_rows(contents)),
        ("Origin and proof", origin_rows(contents)),
        ("What this bundle does not show", [CoverRow("", DISCLAIMER)]),
        (
            "Prepared and reviewed",
            [CoverRow("Prepared by", contents.terms.by), CoverRow("Reviewed by", ""), CoverRow("Auditor", "")],
        ),
    )
    return Cover(
        title=f"Evidence relevant to {cited(first)}",
        subtitle=f"{contents.terms.period.first} to {contents.terms.period.last}, both days included"
        f" ({contents.terms.period.zone})",
        points=tuple(
            CoverPoint(number, title, tuple(rows if contents.terms.sample is None else map(_in_a_sample, rows)))
            for number, (title, rows) in enumerate(points, start=1)
            if contents.terms.sample is None or number in _OF_A_SAMPLE
        ),
    )


def _in_a_sample(row: CoverRow) -> CoverRow:
    """Return a row of a sample bundle, which has no page of what is not in the sample."""
    return row if row.href.startswith(POPULATIONS) else replace(row, links=(), href="")
