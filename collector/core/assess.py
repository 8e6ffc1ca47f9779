"""The one function that gives a control its status, used by everything that shows one. Pure: no I/O, no clock.

    excluded > failing > unknown > incomplete > evidenced

Taking evidence away never moves a control towards `evidenced`. That is why an absent tally is unknown, an absent
record is missing, and a framework that is decided in a statement of applicability (SoA) needs one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, assert_never

from msgspec import Struct

from collector.core.controls import Control, Framework, Link, Role, Shows, Strength
from collector.core.tally import Applicability, Coverage, Evidence, FindingCounts, RecordState, Soa

if TYPE_CHECKING:
    from collections.abc import Mapping

Basis = Literal["observed", "record", "statement"]
"""Where evidence comes from: a platform's answer, a document on file, somebody's word."""


class ControlStatus(StrEnum):
    """The machine's words; people read label and sentence."""

    EXCLUDED = "excluded"
    FAILING = "failing"
    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    EVIDENCED = "evidenced"


class ControlCounts(Struct, frozen=True, kw_only=True):
    """Findings of the direct checks and records of people; printed whole, whatever the status."""

    passes: int
    fails: int
    accepted: int
    not_established: int  # findings, and direct checks that gave none
    nothing: int
    lost: int
    records_missing: int  # asks without a valid record, and decisions that are not made

    def __str__(self) -> str:
        """The words of every page; the zeros belong to them."""
        lost = f" / {self.lost} last seen failing" if self.lost else ""
        return (
            f"{self.fails} fails / {self.accepted} accepted / {self.not_established} not established"
            f" / {self.nothing} nothing to check / {self.records_missing} records missing{lost}"
        )


class LinkState(Struct, frozen=True, kw_only=True):
    """A check as it speaks about one control."""

    check: str
    link: Link
    tally: FindingCounts | None  # None: never run


class ControlState(Struct, frozen=True, kw_only=True):
    """Where a control stands, with everything that must be printed beside it."""

    control: Control
    role: Role | None
    status: ControlStatus
    label: str
    sentence: str
    counts: ControlCounts
    basis: tuple[Basis, ...]  # what it rests on; empty: nothing
    coverage: Coverage
    oldest_at: datetime | None  # the oldest finding of a direct check
    reasons: tuple[str, ...]  # what keeps it from a better status, in the order of precedence
    contradictions: tuple[str, ...]  # where the SoA and the evidence disagree
    links: tuple[LinkState, ...]


def assess(framework: Framework, evidence: Evidence, role: Role | None = None) -> tuple[ControlState, ...]:
    """Give every control that addresses this role its status, in the order of the framework.

    Decided here, where the auditor's rules leave room:

    * Direct checks that found nothing to check neither fail nor leave anything open. If no direct check has a
      subject, though, nothing was shown: the control is at best `incomplete`, until its SoA row excludes it or checks
      exist for the systems where it applies. Records alone would say more than anyone has seen.
    * A control of which technical evidence could show something, and that no direct check tests, is `unknown`. Only
      where `shows` is none do records carry a control alone.
    * A statement answers no ask: each of the four kinds names a document.
    * Nothing but accepted deviations is `failing` also beside unknown subjects: not knowing is no pass.
    * Without a list of systems no control is `evidenced`; where no direct check exists, that list is one more record
      that people owe. The same goes for a row in the SoA.

    Raises ValueError if the framework speaks to roles and none is given: leaving links out would hide fails.
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
    tallies = [tally for check in checks if (tally := evidence.tallies.get(check)) is not None]
    records = {ask.id: evidence.records.get(ask.id, RecordState.MISSING) for ask in control.asked(role)}
    row = evidence.soa.decisions.get(control.id) if needs_soa and evidence.soa is not None else None

    deviations = [reason for tally in tallies for reason in _deviations(tally)]
    doubts = _doubts(control, checks, evidence)
    owed = [f"{ask.id} {records[ask.id]}: {ask.text}" for ask in control.asked(role) if records[ask.id] != "valid"]
    if not records:
        owed.append("the mapping asks for no record, and checks alone do not carry a control")
    if needs_soa:
        owed.extend(_undecided(evidence.soa, row))
    if not checks and not evidence.coverage.listed:
        owed.extend(evidence.coverage.gaps())
    if checks and not deviations and not doubts and not any(tally.passes for tally in tallies):
        owed.append("no direct check has a subject: the SoA is to say how the control is met, or why it is excluded")

    links = tuple(
        LinkState(check=check, link=link, tally=evidence.tallies.get(check))
        for check, link in control.checks.items()
        if link.role in (None, role)
    )
    status = _status(row, deviations, doubts, owed)
    opened = sum(tally.fails + tally.lost + (0 if tally.passes else tally.accepted) for tally in tallies)
    contradictions = _contradictions(row, links, opened)
    dates = [tally.oldest_at for tally in tallies if tally.oldest_at is not None]
    return ControlState(
        control=control,
        role=role,
        status=status,
        label=_label(status, opened, len(owed), evidence.soa),
        sentence=_sentence(status, evidence.at, checks, row, contradictions),
        counts=ControlCounts(
            passes=sum(tally.passes for tally in tallies),
            fails=sum(tally.fails for tally in tallies),
            accepted=sum(tally.accepted for tally in tallies),
            not_established=sum(_not_established(evidence.tallies.get(check), evidence.coverage) for check in checks),
            nothing=sum(tally.nothing for tally in tallies),
            lost=sum(tally.lost for tally in tallies),
            records_missing=len(owed),
        ),
        basis=_basis(tallies, records),
        coverage=evidence.coverage,
        oldest_at=min(dates, default=None),
        reasons=(*deviations, *doubts, *owed),
        contradictions=contradictions,
        links=links,
    )


def _status(row: Applicability | None, deviations: list[str], doubts: list[str], owed: list[str]) -> ControlStatus:
    if row is not None and not row.applicable:
        return ControlStatus.EXCLUDED
    if deviations:
        return ControlStatus.FAILING
    if doubts:
        return ControlStatus.UNKNOWN
    return ControlStatus.INCOMPLETE if owed else ControlStatus.EVIDENCED


def _deviations(tally: FindingCounts) -> list[str]:
    if tally.fails:
        return [_line(tally, f"{tally.fails} of {tally.subjects} fail, {tally.accepted} accepted", without=_DOUBT)]
    if tally.accepted and not tally.passes:
        return [_line(tally, f"all {tally.accepted} deviations are accepted and no subject passes")]
    return []


def _doubts(control: Control, checks: tuple[str, ...], evidence: Evidence) -> list[str]:
    if not checks:
        return [] if control.shows is Shows.NONE else ["no direct check of this control exists here"]
    doubts = [*evidence.coverage.gaps()]
    for check in checks:
        tally = evidence.tallies.get(check)
        if tally is None:
            doubts.append(f"{check}: was not run")
            continue
        if _gave_nothing(tally, evidence.coverage):
            state = "is disabled" if tally.disabled else "gave no finding" if tally.ran else "was not run"
            doubts.append(f"{check}: {state}")
        if tally.unknown:
            doubts.append(_line(tally, f"{tally.unknown} of {tally.subjects} not established", only=_DOUBT))
        if tally.lost:
            since = "" if tally.lost_since is None else f" since {tally.lost_since}"
            doubts.append(f"{check}: {tally.lost} last seen failing{since}, not seen any more and still open")
    return doubts


def _not_established(tally: FindingCounts | None, coverage: Coverage) -> int:
    return 1 if tally is None else tally.unknown + _gave_nothing(tally, coverage)


def _gave_nothing(tally: FindingCounts, coverage: Coverage) -> bool:
    # A check of a platform that is not in scope may be silent, but only a list of the systems in scope can say so.
    if not tally.in_scope and coverage.listed and not tally.findings:
        return False
    return tally.disabled or not tally.ran or not tally.findings


def _undecided(soa: Soa | None, row: Applicability | None) -> list[str]:
    if soa is None:
        return ["no statement of applicability is on file"]
    if row is None:
        return [f"SoA {soa.version} has no row for this control"]
    if not row.applicable or row.implemented == "yes":
        return []
    day = "" if row.planned_for is None else f" for {row.planned_for}"
    return [f"SoA {soa.version} says implemented: {row.implemented}{day}"]


def _contradictions(row: Applicability | None, links: tuple[LinkState, ...], opened: int) -> tuple[str, ...]:
    if row is None:
        return ()
    speaking = [
        link.tally for link in links if link.tally is not None and link.link.strength is not Strength.CONTEXTUAL
    ]
    judged = sum(tally.subjects - tally.unknown for tally in speaking)
    if not row.applicable and judged:
        return (*row.contradicted, f"excluded, and its checks have {judged} findings on systems in use")
    if row.applicable and row.implemented == "yes" and opened:
        return (*row.contradicted, f"implemented according to the SoA, and {opened} deviations are open")
    return row.contradicted


def _basis(tallies: list[FindingCounts], records: Mapping[str, RecordState]) -> tuple[Basis, ...]:
    basis: list[Basis] = []
    if any(tally.findings > tally.unknown for tally in tallies):
        basis.append("observed")
    if not {RecordState.VALID, RecordState.EXPIRED}.isdisjoint(records.values()):
        basis.append("record")
    if RecordState.STATEMENT_ONLY in records.values():
        basis.append("statement")
    return tuple(basis)


_DOUBT = "unknown: "  # how a reason begins that is about what could not be seen, where others stand beside it


def _line(tally: FindingCounts, what: str, *, only: str = "", without: str = "") -> str:
    """Put a count together with its own reasons: what fails is not told again where it is said what is unknown."""
    told = tally.reasons
    if any(reason.startswith(_DOUBT) for reason in told):
        told = tuple(one for one in told if one.startswith(only) and not (without and one.startswith(without)))
    return ": ".join((tally.check, what, *(["; ".join(told)] if told else [])))


def _label(status: ControlStatus, opened: int, owed: int, soa: Soa | None) -> str:
    match status:
        case ControlStatus.EVIDENCED:
            return "Evidence on file"
        case ControlStatus.FAILING:
            return f"Open deviations ({opened})"
        case ControlStatus.UNKNOWN:
            return "Not established"
        case ControlStatus.INCOMPLETE:
            return f"Records missing ({owed})"
        case ControlStatus.EXCLUDED:
            return f"Excluded by SoA v{'' if soa is None else soa.version}"
        case _:
            assert_never(status)


def _sentence(
    status: ControlStatus, at: datetime, checks: tuple[str, ...], row: Applicability | None, against: tuple[str, ...]
) -> str:
    match status:
        case ControlStatus.EVIDENCED:
            ran = "every direct check ran on every system in scope within its time limit, with no open deviation, and "
            return (
                f"On {at.date()} {ran if checks else ''}every record asked for is on file and valid."
                f"{'' if checks else ' No check of configuration tests this control.'}"
                " Not a conclusion on conformity or effectiveness: that is the auditor's."
            )
        case ControlStatus.FAILING:
            return (
                "At least one direct check fails, or all its subjects are accepted."
                " Says nothing of seriousness; not an audit nonconformity."
            )
        case ControlStatus.UNKNOWN:
            return (
                "Something needed could not be seen, is too old, or was not run: reasons listed. Neither good nor bad."
            )
        case ControlStatus.INCOMPLETE:
            return "No open deviation seen; records from people are missing, expired, or the SoA says planned."
        case ControlStatus.EXCLUDED:
            because = "" if row is None else row.because.strip()
            contradicted = f" Contradicted: {'; '.join(against)}." if against else ""
            return f"Justification: {because or 'none is given'}.{contradicted} Its findings stay listed."
        case _:
            assert_never(status)
