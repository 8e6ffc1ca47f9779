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


class CheckOfRisk(Struct, frozen=True, kw_only=True):
    """A check that affects a risk. `through` is the control that it tests, or None where the risk names it."""

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
    checks: list[CheckOfRisk]


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
    made = [_risk(assessment, risk, matrix, day) for risk in known]
    made.sort(key=lambda view: (-matrix.rank(view.residual_level or view.level), -matrix.rank(view.level), view.id))
    by_level = list(reversed(matrix.levels))
    return RisksView(
        at=reading.at,
        as_of=reading.as_of,
        version=register.version,
        approved_by=register.approved_by,
        approved_on=register.approved_on,
        accept=matrix.accept,
        levels={level: sum(risk.level == level for risk in known) for level in by_level},
        remaining={level: sum(risk.remaining == level for risk in known) for level in by_level},
        overdue=sum(view.overdue for view in made),
        faults=sum(len(view.faults) for view in made),
        unknown_to_register=tuple(_unknown(assessment, register)),
        risks=made,
    )


def _risk(assessment: Assessment, risk: Risk, matrix: Matrix, day: date) -> RiskView:
    rest, approved = risk.residual, risk.is_approved(day)
    return RiskView(
        id=risk.id,
        title=risk.title,
        owner=risk.owner,
        identified_on=risk.identified_on,
        likelihood=risk.likelihood,
        consequence=risk.consequence,
        level=risk.level,
        treatment=risk.treatment,
        plan=risk.plan,
        plan_due=risk.plan_due,
        controls=risk.controls,
        residual_likelihood=None if rest is None else rest.likelihood,
        residual_consequence=None if rest is None else rest.consequence,
        residual_level=None if rest is None else rest.level,
        above=not matrix.accepts(risk.remaining),
        approved_by=risk.approved_by if approved else None,
        approved_on=risk.approved_on if approved else None,
        review_by=risk.review_by,
        overdue=risk.is_overdue(day),
        faults=risk.open_faults(matrix, day),
        checks=[
            made for made in _checks_of_risk(assessment, risk) if made.fails or made.accepted or made.not_established
        ],
    )


def _checks_of_risk(assessment: Assessment, risk: Risk) -> Iterator[CheckOfRisk]:
    for check, through in checks_of(risk, [framework for framework, _ in assessment.frameworks]).items():
        tally, known = assessment.evidence.tallies.get(check), assessment.reading.check(check)
        yield CheckOfRisk(
            check=check,
            title="" if known is None else known.title,
            severity="unknown" if known is None else known.severity,
            through=through,
            fails=0 if tally is None else tally.fails + tally.lost,
            accepted=0 if tally is None else tally.accepted,
            # A check that never ran counts as one unknown.
            not_established=1 if tally is None else tally.unknown,
        )


def checks_of(risk: Risk, frameworks: Iterable[Framework]) -> Mapping[str, str | None]:
    """Return the checks that affect a risk: those that it names, and those that test a control that treats it."""
    found: dict[str, str | None] = dict.fromkeys(risk.checks)
    for framework in frameworks:
        for control in framework.controls:
            name = f"{framework.id}/{control.id}"
            if name in risk.controls:
                for check, link in control.checks.items():
                    if link.strength is Strength.DIRECT:
                        found.setdefault(check, name)
    return found


def affected_risks(
    register: RiskRegister | None, frameworks: Iterable[Framework], day: date
) -> Mapping[str, tuple[str, ...]]:
    """Return for each check the risks that it affects, each with its title."""
    editions = tuple(frameworks)
    found: dict[str, list[str]] = {}
    for risk in () if register is None else register.known(day):
        for check in checks_of(risk, editions):
            found.setdefault(check, []).append(f"{risk.id} {risk.title}")
    return {check: tuple(names) for check, names in found.items()}


def _unknown(assessment: Assessment, register: RiskRegister) -> Iterator[str]:
    soa, ids = assessment.company.soa, {risk.id for risk in register.risks}
    named = dict.fromkeys(risk for row in (() if soa is None else soa.rows) for risk in row.risks)
    yield from (risk for risk in named if risk not in ids)
