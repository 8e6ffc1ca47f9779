"""The statement of applicability (SoA): which controls apply and why, and how far each is implemented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from collector.core.controls import Framework, NonEmptyStr, Role
from collector.core.tally import Applicability, Soa

InclusionBasis = Literal["risk", "law", "contract", "baseline"]
"""Why a control is included."""

Implemented = Literal["yes", "partly", "planned", "no"]
"""How far a control is implemented; independent of whether it applies."""


class SoaRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision on one control. `role` is set only where the roles differ; `risks` are those that it treats."""

    id: NonEmptyStr
    role: Role | None = None
    applicable: bool
    because: str
    grounds: tuple[InclusionBasis, ...] = ()
    implemented: Implemented | None = None
    planned_for: date | None = None
    owner: NonEmptyStr | None = None
    risks: tuple[NonEmptyStr, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        if not self.because.strip():
            yield "because", "a decision without its reason convinces nobody"
        if self.applicable and not self.grounds:
            yield "grounds", "it applies, and nothing says on what grounds"
        if self.applicable and self.implemented is None:
            yield "implemented", "it applies, and nothing says whether it is implemented"
        if self.implemented == "planned" and self.planned_for is None:
            yield "planned_for", "it is planned, and nothing says for when"
        if self.planned_for is not None and self.implemented not in {"planned", "partly"}:
            yield "planned_for", "there is a date for what is not planned"
        if not self.applicable and self.implemented is not None:
            yield "implemented", "it does not apply, so it cannot be implemented here"


class OwnRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A control of the company's own, or of a framework that annexd does not contain."""

    id: NonEmptyStr
    title: NonEmptyStr
    source: NonEmptyStr
    because: NonEmptyStr
    implemented: Implemented
    planned_for: date | None = None
    owner: NonEmptyStr | None = None


class Statement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the statement of applicability, with its approval and the day from which it is effective."""

    version: NonEmptyStr
    approved_by: NonEmptyStr
    approved_on: date
    effective_from: date
    rows: tuple[SoaRow, ...] = ()
    own: tuple[OwnRow, ...] = ()

    def in_force(self, day: date) -> bool:
        """Return whether it is approved and effective on a day."""
        return max(self.approved_on, self.effective_from) <= day

    def decisions(self, framework: Framework, role: Role | None, day: date) -> Soa | None:
        """Return the decisions on a framework in a role; None where it is not in force on the day."""
        if not self.in_force(day):
            return None
        rows = {
            row.id.removeprefix(f"{framework.id}/"): _decision(row, day)
            # A row for one role comes after the row for both, and wins.
            for row in sorted(self.rows, key=lambda row: row.role is not None)
            if row.id.startswith(f"{framework.id}/") and row.role in {None, role}
        }
        return Soa(version=self.version, decisions=rows)


def _decision(row: SoaRow, day: date) -> Applicability:
    made = Applicability(
        applicable=row.applicable,
        because=row.because,
        implemented=row.implemented or "no",
        planned_for=row.planned_for,
    )
    return replace(made, contradicted=tuple(_contradictions(row, day)))


def _contradictions(row: SoaRow, day: date) -> Iterator[str]:
    if not row.applicable and row.risks:
        yield f"excluded, and to treat {', '.join(row.risks)}"
    if row.planned_for is not None and row.planned_for < day:
        yield f"planned for {row.planned_for}, which has passed"
