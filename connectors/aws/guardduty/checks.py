"""Checks of GuardDuty: it is on in every region, and its findings of high severity are handled in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.account.every_region import RegionStates, every_region_verdict
from connectors.aws.account.resources import Region
from connectors.aws.guardduty.resources import Finding, GuardDutyRegion


@check(
    "aws_guardduty_enabled_all_regions",
    title="GuardDuty is on in every enabled region",
    severity="high",
    fix="Switch GuardDuty on in the regions named, best for all members by the organization's delegated administrator",
    over="account",
)
def enabled_all_regions(
    places: All[GuardDutyRegion], regions: All[Region], *, not_offered_in: tuple[str, ...] = ()
) -> Verdict:
    states = RegionStates()
    for scope, place in places.scoped():
        states.add(scope[1], place, _lacks)
    return every_region_verdict(states, regions, not_offered_in)


def _lacks(place: GuardDutyRegion) -> str | None:
    if any(detector.status == "ENABLED" for detector in place.detectors):
        return None
    return "has a detector that is suspended" if place.detectors else "has no detector"


@check(
    "aws_guardduty_high_findings_handled",
    title="No finding of high severity has been open in GuardDuty for longer than the limit",
    severity="high",
    fix="Look into the findings, act on what is true, and archive each with its outcome in a ticket",
)
def high_findings_handled(
    place: GuardDutyRegion, findings: All[Finding], *, now: datetime, max_open: timedelta = timedelta(days=7)
) -> Verdict:
    if not place.detectors:
        return not_applicable(
            f"{place.region} has no detector, so there is no finding; whether it is on is judged apart"
        )
    every = list(findings)
    open_ones = [finding for finding in every if not finding.service.archived]
    seen = f"{len(every)} of high severity seen in 90 days, {len(every) - len(open_ones)} of them archived"
    late = sorted((finding for finding in open_ones if now - finding.created_at > max_open), key=_age_order)
    if late:
        oldest = [f"{finding.type} since {finding.created_at:%Y-%m-%d}" for finding in late]
        return failed(
            f"{len(late)} open for longer than {show_span(max_open)}{_owners(late)}: {first_few(oldest)}; {seen}"
        )
    if not any(detector.status == "ENABLED" for detector in place.detectors):
        return unknown(f"the detector of {place.region} is suspended, so nothing new is found; {seen}")
    began = min((detector.created_at for detector in place.detectors if detector.created_at), default=None)
    if began is None:
        return unknown(f"since when there is a detector in {place.region} is not said; {seen}")
    if now - began < max_open:
        return unknown(f"the detector of {place.region} is younger than {show_span(max_open)}; {seen}")
    return passed(f"none open for longer than {show_span(max_open)}; {seen}")


def _age_order(finding: Finding) -> tuple[datetime, str]:
    return finding.created_at, finding.id


def _owners(findings: Iterable[Finding]) -> str:
    accounts = sorted({finding.account_id for finding in findings})
    return f" in {first_few(accounts)}"
