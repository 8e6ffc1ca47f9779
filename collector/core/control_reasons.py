"""Why a control has the status that it has: deviations, what could not be seen, and decisions that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.tally import RecordState

if TYPE_CHECKING:
    from collector.core.controls import Control, Role
    from collector.core.tally import Applicability, Coverage, Evidence, FindingCounts, Soa


_UNKNOWN = "unknown: "  # prefix of the reasons about what could not be seen, where there are other reasons too


def _line(tally: FindingCounts, what: str, *, only: str = "", without: str = "") -> str:
    """Return `check: count: reasons`, of the reasons only those with the prefix `only`, or those without `without`."""
    reasons = tally.reasons
    if any(reason.startswith(_UNKNOWN) for reason in reasons):
        reasons = tuple(
            reason for reason in reasons if reason.startswith(only) and not (without and reason.startswith(without))
        )
    return ": ".join((tally.check, what, *(["; ".join(reasons)] if reasons else [])))


def without_other_tools(control: Control, evidence: Evidence, role: Role | None) -> Evidence:
    """Return the evidence with the fails of those checks unknown whose work another tool does, by a valid record.

    What that tool found annexd cannot see; without the record the fail of a check stays what it is.
    """
    tallies = dict(evidence.tallies)
    for ask in control.other_tools(role):
        if evidence.records.get(ask.id) is not RecordState.VALID:
            continue
        for check in ask.instead_of:
            tally = tallies.get(check)
            if tally is not None and (tally.fails or tally.standing):
                why = f"another tool does it, by the record for {ask.id}: what that one found cannot be seen here"
                unknown = tally.unknown + tally.fails
                tallies[check] = replace(tally, fails=0, standing=0, lost=0, unknown=unknown, reasons=(why,))
    return replace(evidence, tallies=tallies) if tallies != evidence.tallies else evidence


def deviations(tally: FindingCounts) -> list[str]:
    """Return the open deviations that a check shows, as one sentence; empty where it shows none."""
    if tally.fails:
        return [_line(tally, f"{tally.fails} of {tally.subjects} fail, {tally.accepted} accepted", without=_UNKNOWN)]
    if tally.accepted and not tally.passes:
        return [_line(tally, f"all {tally.accepted} deviations are accepted and no resource passes")]
    if tally.standing:
        since = "" if tally.lost_since is None else f" since {tally.lost_since}"
        seen = f"{tally.standing} last seen failing{since}, and what shows it cannot be read now"
        return [_line(tally, f"{seen}: still a deviation", only=_UNKNOWN)]
    return []


def is_here(tally: FindingCounts | None, coverage: Coverage) -> bool:
    """Return whether a check has anything in scope to look at, or may have."""
    # Only a list of the systems in scope can say that none of them is one for this check.
    return tally is None or tally.in_scope or not coverage.listed or bool(tally.findings)


def unknown_reasons(checks: tuple[str, ...], covered: Coverage, evidence: Evidence) -> list[str]:
    """Return what these checks could not see; `covered` are the systems that they would look at."""
    if not checks:
        return []
    unknowns = [*(covered.not_seen() if evidence.coverage.listed else evidence.coverage.gaps())]
    for check in checks:
        tally = evidence.tallies.get(check)
        if tally is None:
            unknowns.append(f"{check}: was not run")
            continue
        if _has_no_finding(tally, evidence.coverage):
            state = "is disabled" if tally.disabled else "gave no finding" if tally.ran else "was not run"
            unknowns.append(f"{check}: {state}")
        if tally.unknown:
            unknowns.append(_line(tally, f"{tally.unknown} of {tally.subjects} not established", only=_UNKNOWN))
        if tally.lost > tally.standing:
            since = "" if tally.lost_since is None else f" since {tally.lost_since}"
            unknowns.append(
                f"{check}: {tally.lost - tally.standing} last seen failing{since}, not seen any more and still open"
            )
    return unknowns


def could_not_run(tally: FindingCounts | None, coverage: Coverage) -> bool:
    """Return whether a check decided nothing, because what it needs could not be seen."""
    if tally is None or _has_no_finding(tally, coverage):
        return True
    return tally.findings == tally.unknown


def not_established(tally: FindingCounts | None, coverage: Coverage) -> int:
    """Count what a check should have decided and did not."""
    return 1 if tally is None else tally.unknown + _has_no_finding(tally, coverage)


def _has_no_finding(tally: FindingCounts, coverage: Coverage) -> bool:
    if not is_here(tally, coverage):
        return False
    return tally.disabled or not tally.ran or not tally.findings


def missing_decision(soa: Soa | None, row: Applicability | None) -> list[str]:
    """Return what the statement of applicability does not say, or says is not done yet."""
    if soa is None:
        return ["no statement of applicability is on file"]
    if row is None:
        return [f"SoA {soa.version} has no row for this control"]
    if not row.applicable or row.implemented == "yes":
        return []
    day = "" if row.planned_for is None else f" for {row.planned_for}"
    return [f"SoA {soa.version} says implemented: {row.implemented}{day}"]
