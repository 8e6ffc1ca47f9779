"""`assess` gives each control of a framework its status. Everything that shows a status uses it. No I/O, no clock.

    excluded > failing > unknown > incomplete > evidenced

The first status in this order whose condition holds is given. Taking evidence away never moves a control towards
`evidenced`: a check without counts is unknown, an absent record is missing, and a framework whose controls are decided
in a statement of applicability (SoA) needs one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, assert_never

from msgspec import Struct

from collector.core.control_reasons import (
    could_not_run,
    deviations,
    is_here,
    missing_decision,
    not_established,
    unknown_reasons,
    without_other_tools,
)
from collector.core.controls import Control, Framework, Link, Role, Strength
from collector.core.plain_text import plural
from collector.core.tally import Applicability, Coverage, Evidence, FindingCounts, RecordState, Soa

if TYPE_CHECKING:
    from collections.abc import Mapping

Basis = Literal["observed", "record", "statement"]
"""The kind of evidence: an answer of a platform, a document on file, or a statement of a person without a document."""


RECORDS_ONLY = ", records only"
"""What the label adds where no check tests a control and all its records are valid."""


class ControlStatus(StrEnum):
    """The status of a control as written in JSON; people read `ControlState.label` and `.sentence` instead."""

    EXCLUDED = "excluded"
    FAILING = "failing"
    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    EVIDENCED = "evidenced"


_NO_CONCLUSION = "Not a conclusion on conformity or effectiveness: that is the auditor's."

MEANINGS: Mapping[ControlStatus, str] = {
    ControlStatus.EVIDENCED: "Every direct check ran on every system in scope within its time limit, with no open"
    f" deviation, and every record asked for is on file and valid. {_NO_CONCLUSION}",
    ControlStatus.FAILING: "At least one direct check fails, or all its resources are accepted."
    " Says nothing of seriousness; not an audit nonconformity.",
    ControlStatus.UNKNOWN: "Something needed could not be seen, is too old, or was not run: reasons listed."
    " Neither good nor bad.",
    ControlStatus.INCOMPLETE: "No open deviation seen; records from people are missing, expired, or the SoA says"
    " planned.",
    ControlStatus.EXCLUDED: "The statement of applicability excludes it, with a justification; contradicted where a"
    " risk uses the control as treatment or a linked population is not empty. Its findings stay listed.",
}
"""What each status means, of whatever control."""


class ControlCounts(Struct, frozen=True, kw_only=True):
    """Counts of one control: findings of its direct checks, and missing records. Always printed in full."""

    passes: int
    fails: int
    accepted: int
    not_established: int  # findings, and direct checks that gave none
    nothing: int
    lost: int
    records_missing: int  # asks without a valid record, and decisions that are not made
    elsewhere: int = 0  # findings of its direct checks outside the scope: they decide nothing
    not_run: int = 0  # direct checks that decided nothing, because what they need could not be seen

    def __str__(self) -> str:
        """Return the counts as every page prints them; what is zero is left out."""
        counted = (
            (self.fails, plural(self.fails, "fail")),
            (self.accepted, f"{self.accepted} accepted"),
            (self.not_established, f"{self.not_established} not established"),
            (self.not_run, f"{plural(self.not_run, 'check')} could not run"),
            (self.passes, f"{self.passes} pass"),
            (self.nothing, f"{self.nothing} no resources"),
            (self.records_missing, f"{plural(self.records_missing, 'record')} missing"),
            (self.lost, f"{self.lost} last seen failing"),
            (self.elsewhere, f"elsewhere: {self.elsewhere}"),
        )
        return " / ".join(text for count, text in counted if count) or "no findings, no records missing"


class LinkState(Struct, frozen=True, kw_only=True):
    """One check that is mapped to a control, with the counts of its findings."""

    check: str
    link: Link
    tally: FindingCounts | None  # None: never run


class ControlState(Struct, frozen=True, kw_only=True):
    """The status of one control in one role, with everything that must be printed beside it."""

    control: Control
    role: Role | None
    status: ControlStatus
    label: str
    sentence: str
    counts: ControlCounts
    basis: tuple[Basis, ...]  # the kinds of evidence that there are; empty: none
    coverage: Coverage
    covered: Coverage  # of the systems that its direct checks would look at
    records_only: bool  # no direct check tests it here
    oldest_at: datetime | None  # the oldest finding of a direct check
    reasons: tuple[str, ...]  # what keeps it from a better status, in the order of precedence
    contradictions: tuple[str, ...]  # where the SoA and the evidence disagree
    links: tuple[LinkState, ...]


def assess(framework: Framework, evidence: Evidence, role: Role | None = None) -> tuple[ControlState, ...]:
    """Return the state of every control that addresses this role, in the order of the framework.

    Decided here, where the auditor's rules leave room:

    * A direct check without a subject neither fails nor leaves anything unknown. If no direct check has a subject,
      the control is at best `incomplete`, until its SoA row excludes it or checks exist for the systems where it
      applies: records alone would claim more than was observed.
    * A control that no direct check tests here is decided by its records, and its label says so. A check of which the
      list of systems says that nothing in scope is on its platform is none here.
    * A system is not seen for a control only where one of its direct checks would look at it. A dated review by a
      person may stand for a system without a source.
    * A fail whose evidence cannot be read any more keeps its control failing until the verdict is too old.
    * A statement without a file answers no evidence request: each of the four kinds asks for a document.
    * A control whose deviations are all accepted, with no passing subject, is `failing` even where other subjects are
      unknown: an unknown subject is no pass.
    * Without a list of systems no control is `evidenced`. Where no direct check exists, a missing list counts as a
      missing record, and so does a missing row in the SoA.

    Raises ValueError if the framework addresses roles and none is given: leaving links out would hide fails.
    """
    if role is None and any(control.roles for control in framework.controls):
        raise ValueError(f"{framework.id} addresses roles: assess it once for each")
    return tuple(
        _assess(control, evidence, role, needs_soa=framework.soa)
        for control in framework.controls
        if not control.roles or role in control.roles
    )


def _assess(control: Control, evidence: Evidence, role: Role | None, *, needs_soa: bool) -> ControlState:
    checks = control.linked(Strength.DIRECT, role)
    evidence = without_other_tools(control, evidence, role)
    tallies = [tally for check in checks if (tally := evidence.tallies.get(check)) is not None]
    records = {ask.id: evidence.records.get(ask.id, RecordState.MISSING) for ask in control.asked(role)}
    row = evidence.soa.decisions.get(control.id) if needs_soa and evidence.soa is not None else None

    here = tuple(check for check in checks if is_here(evidence.tallies.get(check), evidence.coverage))
    covered = evidence.covered_by(here)

    open_reasons = [reason for tally in tallies for reason in deviations(tally)]
    unknowns = unknown_reasons(here, covered, evidence)
    missing = [f"{ask.id} {records[ask.id]}: {ask.text}" for ask in control.asked(role) if records[ask.id] != "valid"]
    if not records:
        missing.append("the mapping asks for no record, and checks alone do not carry a control")
    if needs_soa:
        missing.extend(missing_decision(evidence.soa, row))
    if not here and not evidence.coverage.listed:
        missing.extend(evidence.coverage.gaps())
    if here and not open_reasons and not unknowns and not any(tally.passes for tally in tallies):
        missing.append("no direct check has resources: the SoA is to say how the control is met, or why it is excluded")

    links = tuple(
        LinkState(check=check, link=link, tally=evidence.tallies.get(check))
        for check, link in control.checks.items()
        if link.role in (None, role)
    )
    status = _status(row, open_reasons, unknowns, missing)
    open_deviations = sum(tally.fails + tally.lost + (0 if tally.passes else tally.accepted) for tally in tallies)
    contradictions = _contradictions(row, links, open_deviations)
    dates = [tally.oldest_at for tally in tallies if tally.oldest_at is not None]
    return ControlState(
        control=control,
        role=role,
        status=status,
        label=_label(status, open_deviations, len(missing), evidence.soa, records_only=not here),
        sentence=_sentence(status, evidence, covered if here else None, row, contradictions),
        counts=ControlCounts(
            passes=sum(tally.passes for tally in tallies),
            fails=sum(tally.fails for tally in tallies),
            accepted=sum(tally.accepted for tally in tallies),
            not_established=sum(not_established(evidence.tallies.get(check), evidence.coverage) for check in checks),
            nothing=sum(tally.nothing for tally in tallies),
            lost=sum(tally.lost for tally in tallies),
            records_missing=len(missing),
            elsewhere=sum(tally.elsewhere for tally in tallies),
            not_run=sum(could_not_run(evidence.tallies.get(check), evidence.coverage) for check in here),
        ),
        basis=_basis(tallies, records, is_reviewed=bool(here and covered.reviewed)),
        coverage=evidence.coverage,
        covered=covered,
        records_only=not here,
        oldest_at=min(dates, default=None),
        reasons=(*open_reasons, *unknowns, *missing),
        contradictions=contradictions,
        links=links,
    )


def _status(row: Applicability | None, deviations: list[str], unknowns: list[str], missing: list[str]) -> ControlStatus:
    if row is not None and not row.applicable:
        return ControlStatus.EXCLUDED
    if deviations:
        return ControlStatus.FAILING
    if unknowns:
        return ControlStatus.UNKNOWN
    return ControlStatus.INCOMPLETE if missing else ControlStatus.EVIDENCED


def _contradictions(row: Applicability | None, links: tuple[LinkState, ...], open_deviations: int) -> tuple[str, ...]:
    if row is None:
        return ()
    weighted = [
        link.tally for link in links if link.tally is not None and link.link.strength is not Strength.CONTEXTUAL
    ]
    decided = sum(tally.subjects - tally.unknown for tally in weighted)
    if not row.applicable and decided:
        return (*row.contradicted, f"excluded, and its checks have {decided} findings on systems in use")
    if row.applicable and row.implemented == "yes" and open_deviations:
        are_open = plural(open_deviations, "deviation is open", "deviations are open")
        return (*row.contradicted, f"implemented according to the SoA, and {are_open}")
    return row.contradicted


def _basis(tallies: list[FindingCounts], records: Mapping[str, RecordState], *, is_reviewed: bool) -> tuple[Basis, ...]:
    basis: list[Basis] = []
    if any(tally.findings > tally.unknown for tally in tallies):
        basis.append("observed")
    if is_reviewed or not {RecordState.VALID, RecordState.EXPIRED}.isdisjoint(records.values()):
        basis.append("record")
    if RecordState.STATEMENT_ONLY in records.values():
        basis.append("statement")
    return tuple(basis)


def _label(status: ControlStatus, open_deviations: int, missing: int, soa: Soa | None, *, records_only: bool) -> str:
    match status:
        case ControlStatus.EVIDENCED:
            return f"Evidence on file{RECORDS_ONLY if records_only else ''}"
        case ControlStatus.FAILING:
            return f"Open deviations ({open_deviations})"
        case ControlStatus.UNKNOWN:
            return "Not established"
        case ControlStatus.INCOMPLETE:
            return f"Records missing ({missing})"
        case ControlStatus.EXCLUDED:
            return f"Excluded by SoA v{'' if soa is None else soa.version}"
        case _:
            assert_never(status)


_NO_CHECK = " No check here tests this control: it is based on records alone."


def _ran(coverage: Coverage, covered: Coverage) -> str:
    which = "" if len(covered.systems) == len(coverage.systems) and not covered.reviewed else " that it looks at"
    return f"every direct check ran on every system in scope{which} within its time limit, with no open deviation, and "


def _not_by_checks(coverage: Coverage, covered: Coverage) -> str:
    """Return for which systems in scope something else stands than the direct checks, or nothing."""
    reviews = "; ".join(f"{system} ({review})" for system, review in covered.reviewed.items())
    reviewed = f" Reviewed by a person instead, as stated: {reviews}." if reviews else ""
    outside = [system for system in coverage.systems if system not in covered.systems]
    return f"{reviewed} No direct check looks at: {', '.join(outside)}." if outside else reviewed


def _sentence(
    status: ControlStatus,
    evidence: Evidence,
    covered: Coverage | None,
    row: Applicability | None,
    contradictions: tuple[str, ...],
) -> str:
    """Return what a status means; `covered` are the systems that direct checks look at, None where there is none."""
    match status:
        case ControlStatus.EVIDENCED:
            ran = "" if covered is None else _ran(evidence.coverage, covered)
            instead = _NO_CHECK if covered is None else _not_by_checks(evidence.coverage, covered)
            return (
                f"On {evidence.at.date()} {ran}every record asked for is on file and valid.{instead} {_NO_CONCLUSION}"
            )
        case ControlStatus.FAILING | ControlStatus.UNKNOWN | ControlStatus.INCOMPLETE:
            return MEANINGS[status]
        case ControlStatus.EXCLUDED:
            because = "" if row is None else row.because.strip()
            contradicted = f" Contradicted: {'; '.join(contradictions)}." if contradictions else ""
            return f"Justification: {because or 'none is given'}.{contradicted} Its findings stay listed."
        case _:
            assert_never(status)
