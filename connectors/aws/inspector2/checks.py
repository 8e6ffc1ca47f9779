"""Checks of Inspector: it scans what is in use, and its findings are fixed in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.inspector2.resources import Finding, InspectorAccount, Reached, Scan


class _Kind(NamedTuple):
    """A kind of resources that Inspector scans."""

    name: str
    scan: Scan | None
    first: Callable[[], Sequence[str] | None]


def _kinds(place: InspectorAccount) -> tuple[_Kind, ...]:
    return (
        _Kind("instances", place.scans.ec2, lambda: place.instances),
        _Kind("images", place.scans.ecr, lambda: place.repositories),
        _Kind("functions", place.scans.functions, lambda: place.functions),
    )


@dataclass
class _Scanned:
    """What is scanned, what is there and not scanned, and what could not be read."""

    on: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def _scanned(place: InspectorAccount) -> _Scanned:
    result = _Scanned()
    for kind in _kinds(place):
        status = "" if kind.scan is None else kind.scan.status
        if status == "ENABLED":
            result.on.append(kind.name)
            continue
        try:
            first = kind.first() or ()
        except Unread as reason:
            result.doubts.append(f"whether there are {kind.name}: {reason}")
            continue
        if first and status in ("", "ENABLING"):
            why = "is being switched on" if status else "is not mentioned by AWS"
            result.doubts.append(f"the scan of {kind.name} {why}")
        elif first:
            result.lacking.append(f"{kind.name} ({first[0]} is one) are not scanned: {status}")
    return result


@check(
    "aws_inspector2_enabled",
    title="Inspector scans the instances, images and functions that are there",
    severity="medium",
    fix="Switch on the scans that are missing, best for all members by the organization's delegated administrator",
)
def enabled(place: InspectorAccount) -> Verdict:
    scanned = _scanned(place)
    if scanned.lacking:
        return failed("; ".join(scanned.lacking))
    if scanned.doubts:
        return unknown("; ".join(scanned.doubts))
    if not scanned.on:
        return not_applicable("no running instance, no repository of images and no function is here to be scanned")
    return passed(f"scanned are {', '.join(scanned.on)}")


@check(
    "aws_inspector2_findings_within_sla",
    title="No finding of Inspector has been open for longer than its severity allows",
    severity="high",
    fix="Patch, rebuild or replace what the findings name; where a risk is taken, record who took it until when",
)
def findings_within_sla(
    place: InspectorAccount,
    findings: All[Finding],
    *,
    now: datetime,
    critical: timedelta = timedelta(days=7),
    high: timedelta = timedelta(days=30),
    medium: timedelta = timedelta(days=90),
) -> Verdict:
    limits = {"CRITICAL": critical, "HIGH": high, "MEDIUM": medium}
    scanned = _scanned(place)
    if not scanned.on:
        if why := [*scanned.lacking, *scanned.doubts]:
            return unknown(f"Inspector is off, and what it would find is not known: {'; '.join(why)}")
        return not_applicable("Inspector is off, and nothing is here that it would scan")
    every = list(findings)
    open_ones = [finding for finding in every if finding.status == "ACTIVE"]
    seen = _seen(every, len(every) - len(open_ones))
    if unclear := sorted({finding.severity for finding in open_ones} - limits.keys()):
        return unknown(f"annexd does not know the severity {first_few(unclear)}")
    late = sorted(
        (finding for finding in open_ones if now - finding.first_observed_at > limits[finding.severity]),
        key=lambda finding: (finding.first_observed_at, finding.finding_arn),
    )
    if late:
        return failed(f"{_by_severity(late, limits)}{_oldest(late)}; {seen}")
    if missing := [*scanned.lacking, *scanned.doubts, *_not_reached(place.coverage)]:
        return unknown(f"none is open for too long, and not everything is looked at: {'; '.join(missing)}; {seen}")
    if place.coverage is None or place.coverage.known == 0:
        return not_applicable(f"Inspector is on for {', '.join(scanned.on)}, and there is nothing that it scans")
    return passed(f"none is open for too long on {place.coverage.known} resources that Inspector knows; {seen}")


def _not_reached(coverage: Reached | None) -> list[str]:
    blind = 0 if coverage is None else coverage.not_scanned - coverage.not_in_use
    return (
        [f"Inspector does not scan {blind} of {coverage.known} resources that it knows"] if coverage and blind else []
    )


def _seen(every: Sequence[Finding], suppressed: int) -> str:
    if not every:
        return "no finding of these severities seen"
    since = min(finding.first_observed_at for finding in every)
    return f"{len(every)} seen, the oldest of {since:%Y-%m-%d}, {suppressed} of them suppressed"


def _by_severity(late: Iterable[Finding], limits: Mapping[str, timedelta]) -> str:
    counts = Counter(finding.severity for finding in late)
    return ", ".join(
        f"{counts[severity]} {severity.lower()} open for longer than {show_span(limit)}"
        for severity, limit in limits.items()
        if counts[severity]
    )


def _oldest(late: Sequence[Finding]) -> str:
    accounts = sorted({finding.account_id for finding in late})
    first = late[0]
    name, day = first.title or first.finding_arn, first.first_observed_at
    return f", in {first_few(accounts)}; the oldest, {name}, since {day:%Y-%m-%d}"
