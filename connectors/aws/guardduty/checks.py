"""Checks of GuardDuty: it is on in every region, and its findings of high severity are handled in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.account.every_region import RegionStates, every_region_verdict
from connectors.aws.account.resources import Region
from connectors.aws.ec2.resources.compute import Instance
from connectors.aws.eks.resources import Cluster
from connectors.aws.guardduty.resources import Finding, GuardDutyRegion
from connectors.aws.lambda_functions.resources import Function
from connectors.aws.rds.resources import DbInstance
from connectors.aws.s3.resources.buckets import Bucket

# Whose sign-ins RDS Protection looks at.
# https://docs.aws.amazon.com/guardduty/latest/ug/rds-pro-supported-db.html
_WATCHED_ENGINES = ("aurora", "postgres", "mysql", "mariadb")


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


@check(
    "aws_guardduty_protection_plans_enabled",
    title="The protection plans of GuardDuty are on for what the region has",
    severity="medium",
    fix="Switch on the plans named, or list in plans_not_needed those that another tool makes up for",
)
def protection_plans_enabled(
    place: GuardDutyRegion,
    buckets: All[Bucket],
    instances: All[Instance],
    databases: All[DbInstance],
    functions: All[Function],
    clusters: All[Cluster],
    *,
    plans_not_needed: tuple[str, ...] = (),
) -> Verdict:
    on = [detector for detector in place.detectors if detector.status == "ENABLED"]
    if not on:
        return not_applicable(f"GuardDuty is not on in {place.region}, which is judged apart")
    features = on[0].features
    if features is None:
        return unknown(f"the protection plans in {place.region} were not read")
    enabled = {feature.name for feature in features if feature.status == "ENABLED"}
    things: dict[str, tuple[str, Iterable[object]]] = {
        "S3_DATA_EVENTS": ("buckets", (one for one in buckets if one.bucket_region in (None, place.region))),
        "EBS_MALWARE_PROTECTION": ("machines", (one for one in instances if not one.is_gone)),
        "RDS_LOGIN_EVENTS": ("databases", (one for one in databases if one.engine.startswith(_WATCHED_ENGINES))),
        "LAMBDA_NETWORK_LOGS": ("functions", functions),
        "EKS_AUDIT_LOGS": ("clusters", clusters),
    }
    lacking: list[str] = []
    doubts: list[str] = []
    for plan, (what, found) in things.items():
        if plan in enabled or plan in plans_not_needed:
            continue
        try:
            if any(True for _ in found):
                lacking.append(f"{plan}, for its {what}")
        except Unread as reason:
            doubts.append(f"{plan} is off, and whether there are {what} is not known: {reason}")
    if lacking:
        return failed(f"{place.region} lacks {first_few(lacking, 5)}")
    if doubts:
        return unknown(f"{place.region}: {first_few(doubts, between='; ')}")
    return passed(f"{place.region} lacks no plan for what it has; on are {first_few(sorted(enabled), 12)}")


def _age_order(finding: Finding) -> tuple[datetime, str]:
    return finding.created_at, finding.id


def _owners(findings: Iterable[Finding]) -> str:
    accounts = sorted({finding.account_id for finding in findings})
    return f" in {first_few(accounts)}"
