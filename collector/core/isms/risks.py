"""The risk register, in the terms of ISO/IEC 27005: the company's own matrix, treatment, and residual risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from collector.core.controls import NonEmptyStr
from collector.core.isms.soa import Statement

Treatment = Literal["avoid", "modify", "share", "retain"]
"""How a risk is treated."""


class Matrix(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The company's criteria. Each scale goes from the least to the most; `cells` has a row for each likelihood.

    `accept` is the highest level that may be retained without a further decision.
    """

    likelihood: tuple[NonEmptyStr, ...]
    consequence: tuple[NonEmptyStr, ...]
    levels: tuple[NonEmptyStr, ...]
    accept: NonEmptyStr
    cells: Mapping[str, tuple[NonEmptyStr, ...]]

    def level(self, likelihood: str, consequence: str) -> str:
        """Return the level of a cell."""
        return self.cells[likelihood][self.consequence.index(consequence)]

    def rank(self, level: str) -> int:
        """Return the position of a level, 0 for the lowest."""
        return self.levels.index(level)

    def accepts(self, level: str) -> bool:
        """Return whether a level is within the acceptance criterion."""
        return self.rank(level) <= self.rank(self.accept)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        for name in ("likelihood", "consequence", "levels"):
            scale: tuple[str, ...] = getattr(self, name)
            if not scale or len(set(scale)) != len(scale):
                yield name, "a scale has at least one word, and each of them once"
        if self.accept not in self.levels:
            yield "accept", f"{self.accept!r} is no level; the levels are: {', '.join(self.levels)}"
        if set(self.cells) != set(self.likelihood):
            yield "cells", f"it has one row for each likelihood: {', '.join(self.likelihood)}"
        for row, cells in self.cells.items():
            if len(cells) != len(self.consequence):
                yield "cells", f"{row} has {len(cells)} cells, and there are {len(self.consequence)} consequences"
            for cell in cells:
                if cell not in self.levels:
                    yield "cells", f"{row}: {cell!r} is no level; the levels are: {', '.join(self.levels)}"


class Estimate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Likelihood, consequence, and the level that the matrix gives for them."""

    likelihood: NonEmptyStr
    consequence: NonEmptyStr
    level: NonEmptyStr


class Risk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One risk. The first estimate is without the treatment, `residual` with it.

    `controls` treat it; `checks` affect it besides those that test these controls. `approved_by` is the owner of the
    risk, who approves the treatment and accepts the residual risk.
    """

    id: NonEmptyStr
    title: NonEmptyStr
    owner: NonEmptyStr
    identified_on: date
    likelihood: NonEmptyStr
    consequence: NonEmptyStr
    level: NonEmptyStr
    treatment: Treatment
    plan: NonEmptyStr | None = None
    plan_due: date | None = None
    controls: tuple[NonEmptyStr, ...] = ()
    checks: tuple[NonEmptyStr, ...] = ()
    residual: Estimate | None = None
    approved_by: NonEmptyStr | None = None
    approved_on: date | None = None
    review_by: date

    def known(self, day: date) -> bool:
        """Return whether it had been identified by a day."""
        return self.identified_on <= day

    @property
    def remaining(self) -> str:
        """The level of the residual risk where it was estimated, else the level without treatment."""
        return self.level if self.residual is None else self.residual.level

    def is_approved(self, day: date) -> bool:
        """Return whether its owner had accepted the residual risk by a day."""
        return self.approved_on is not None and self.approved_on <= day

    def is_overdue(self, day: date) -> bool:
        """Return whether the day of its next review has passed."""
        return self.review_by < day

    def open_faults(self, matrix: Matrix, day: date) -> tuple[str, ...]:
        """Return what the owner of the risk still has to decide, as sentences; these do not make the file invalid."""
        decisions = []
        if not matrix.accepts(self.remaining) and not self.is_approved(day):
            how = "retained" if self.treatment == "retain" else "remains"
            decisions.append(f"{how} at {self.remaining}, above {matrix.accept}, and its owner has not approved that")
        if self.treatment in {"modify", "share"} and self.residual is None:
            decisions.append("treated, and nobody has estimated what remains")
        if self.plan_due is not None and self.plan_due < day and self.residual is None:
            decisions.append(f"the treatment was planned for {self.plan_due}, which has passed")
        return tuple(decisions)

    def faults(self, matrix: Matrix) -> Iterator[tuple[str, str]]:
        """Yield each error as (key, reason). Likelihood and consequence must be on the scales of the matrix."""
        level = matrix.level(self.likelihood, self.consequence)
        if self.level != level:
            yield (
                "level",
                f"{self.level!r} is not what the matrix says of {self.likelihood}, {self.consequence}: {level}",
            )
        if self.residual is not None:
            residual = self.residual
            level = matrix.level(residual.likelihood, residual.consequence)
            if residual.level != level:
                estimate = f"{residual.likelihood}, {residual.consequence}"
                yield "residual", f"{residual.level!r} is not what the matrix says of {estimate}: {level}"
            elif matrix.rank(residual.level) > matrix.rank(self.level):
                yield "residual", f"more remains ({residual.level}) than there was before the treatment ({self.level})"
        if self.treatment == "modify" and not self.controls:
            yield "controls", "it is modified, and no control is named that does so"
        if (self.approved_on is None) != (self.approved_by is None):
            yield "approved_by", "an approval has a day and a person: approved_on and approved_by"
        if self.approved_by is not None and self.approved_by.strip().casefold() != self.owner.strip().casefold():
            yield "approved_by", f"what remains is accepted by the owner of the risk, {self.owner}"
        if self.approved_on is not None and self.approved_on < self.identified_on:
            yield "approved_on", "it was approved before it was identified"
        if self.review_by < self.identified_on:
            yield "review_by", "its review is before it was identified"


class RiskRegister(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the register, with who approved the criteria."""

    version: NonEmptyStr
    approved_by: NonEmptyStr
    approved_on: date
    matrix: Matrix | None = None
    risks: tuple[Risk, ...] = ()

    def known(self, day: date) -> tuple[Risk, ...]:
        """Return the risks that had been identified by a day."""
        return tuple(risk for risk in self.risks if risk.known(day))


def used_as_treatment(soa: Statement, risks: Iterable[Risk]) -> Statement:
    """Return the SoA with the risks that the register treats with each control added to its rows."""
    treats: dict[str, list[str]] = {}
    for risk in risks:
        for control in risk.controls:
            treats.setdefault(control, []).append(risk.id)
    rows = tuple(
        replace(row, risks=tuple(dict.fromkeys((*row.risks, *treats[row.id])))) if row.id in treats else row
        for row in soa.rows
    )
    return replace(soa, rows=rows)
