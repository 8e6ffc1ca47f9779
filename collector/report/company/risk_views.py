"""The risk register beside the evidence, as machines read it and as the pages for people are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.controls import Strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.controls import Framework
    from collector.core.isms.risks import Matrix, Risk, RiskRegister
    from collector.report.state.assessment import Assessment


class BearingView(Struct, frozen=True, kw_only=True):
    """A check that bears on a risk. `through` is the control that it tests, or None where the risk names it."""

    check: str
    title: str
    severity: str
    through: str | None
    fails: int
    accepted: int
    not_established: int


class RiskView(Struct, frozen=True, kw_only=True):
    """One risk. `above`: what remains is above the criterion of acceptance. `checks` say anything bad."""

    id: str
    title: str
    owner: str
    identified_on: date
    likelihood: str
    consequence: str
    level: str
    treatment: str
    plan: str | None
    plan_due: date | None
    controls: tuple[str, ...]
    residual_likelihood: str | None
    residual_consequence: str | None
    residual_level: str | None
    above: bool
    approved_by: str | None
    approved_on: date | None
    review_by: date
    overdue: bool
    faults: tuple[str, ...]
    checks: list[BearingView]


class RisksView(Struct, frozen=True, kw_only=True, tag="annexd.risks/1", tag_field="schema"):
    """What `annexd risks --json` prints. `unknown_to_register` are named by the SoA only."""

    at: datetime
    as_of: datetime | None
    version: str | None
    approved_by: str | None
    approved_on: date | None
    accept: str | None
    levels: dict[str, int]
    remaining: dict[str, int]
    overdue: int
    faults: int
    unknown_to_register: tuple[str, ...]
    risks: list[RiskView]


def risks_view(assessment: Assessment) -> RisksView:
    """Return the risks that were known, the highest first."""
    reading, register = assessment.reading, assessment.company.risks
    day = reading.at.date()
    if register is None or register.matrix is None:
        return RisksView(
            at=reading.at,
            as_of=reading.as_of,
            version=None,
            approved_by=None,
            approved_on=None,
            accept=None,
            levels={},
            remaining={},
            overdue=0,
            faults=0,
            unknown_to_register=(),
            risks=[],
        )
    matrix, known = register.matrix, register.known(day)
    made = [_risk(assessment, one, matrix, day) for one in known]
    made.sort(key=lambda one: (-matrix.rank(one.residual_level or one.level), -matrix.rank(one.level), one.id))
    by_level = list(reversed(matrix.levels))
    return RisksView(
        at=reading.at,
        as_of=reading.as_of,
        version=register.version,
        approved_by=register.approved_by,
        approved_on=register.approved_on,
        accept=matrix.accept,
        levels={level: sum(one.level == level for one in known) for level in by_level},
        remaining={level: sum(one.remaining == level for one in known) for level in by_level},
        overdue=sum(one.overdue for one in made),
        faults=sum(len(one.faults) for one in made),
        unknown_to_register=tuple(_unknown(assessment, register)),
        risks=made,
    )


def _risk(assessment: Assessment, one: Risk, matrix: Matrix, day: date) -> RiskView:
    rest, approved = one.residual, one.is_approved(day)
    return RiskView(
        id=one.id,
        title=one.title,
        owner=one.owner,
        identified_on=one.identified_on,
        likelihood=one.likelihood,
        consequence=one.consequence,
        level=one.level,
        treatment=one.treatment,
        plan=one.plan,
        plan_due=one.plan_due,
        controls=one.controls,
        residual_likelihood=None if rest is None else rest.likelihood,
        residual_consequence=None if rest is None else rest.consequence,
        residual_level=None if rest is None else rest.level,
        above=not matrix.accepts(one.remaining),
        approved_by=one.approved_by if approved else None,
        approved_on=one.approved_on if approved else None,
        review_by=one.review_by,
        overdue=one.is_overdue(day),
        faults=one.open_faults(matrix, day),
        checks=[made for made in _bearing(assessment, one) if made.fails or made.accepted or made.not_established],
    )


def _bearing(assessment: Assessment, risk: Risk) -> Iterator[BearingView]:
    for check, through in checks_of(risk, [framework for framework, _ in assessment.frameworks]).items():
        tally, known = assessment.evidence.tallies.get(check), assessment.reading.check(check)
        yield BearingView(
            check=check,
            title="" if known is None else known.title,
            severity="unknown" if known is None else known.severity,
            through=through,
            fails=0 if tally is None else tally.fails + tally.lost,
            accepted=0 if tally is None else tally.accepted,
            # A check that never ran is one thing that nobody knows.
            not_established=1 if tally is None else tally.unknown,
        )


def checks_of(risk: Risk, frameworks: Iterable[Framework]) -> Mapping[str, str | None]:
    """Return the checks that bear on a risk: those that it names, and those that test a control that treats it."""
    found: dict[str, str | None] = dict.fromkeys(risk.checks)
    for framework in frameworks:
        for control in framework.controls:
            name = f"{framework.id}/{control.id}"
            if name in risk.controls:
                for check, link in control.checks.items():
                    if link.strength is Strength.DIRECT:
                        found.setdefault(check, name)
    return found


def bearing_on(
    register: RiskRegister | None, frameworks: Iterable[Framework], day: date
) -> Mapping[str, tuple[str, ...]]:
    """Return for each check the risks that it bears on, each with its title."""
    editions = tuple(frameworks)
    found: dict[str, list[str]] = {}
    for risk in () if register is None else register.known(day):
        for check in checks_of(risk, editions):
            found.setdefault(check, []).append(f"{risk.id} {risk.title}")
    return {check: tuple(names) for check, names in found.items()}


def _unknown(assessment: Assessment, register: RiskRegister) -> Iterator[str]:
    soa, ids = assessment.company.soa, {one.id for one in register.risks}
    named = dict.fromkeys(risk for row in (() if soa is None else soa.rows) for risk in row.risks)
    yield from (risk for risk in named if risk not in ids)
