"""GuardDuty: the detector of each region, and its findings of high severity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws

HIGH = 7
"""The severity at which a finding is high; from 9 it is critical.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
"""

_BATCH = 50
"""The findings that guardduty:GetFindings takes at once."""


class Feature(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A protection plan, such as S3_DATA_EVENTS."""

    name: str
    status: str  # ENABLED or DISABLED


class Detector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One detector (guardduty:GetDetector); AWS has one for each account and region."""

    detector_id: str
    status: str  # ENABLED, or DISABLED while it is suspended
    created_at: datetime | None = None  # None: AWS documents it as optional
    features: tuple[Feature, ...] | None = None  # None: evidence from before they were read


@resource("aws.guardduty.region")
class GuardDutyRegion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """GuardDuty in one region of an account."""

    region: str
    detectors: tuple[Detector, ...]


class FindingService(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What GuardDuty says of a finding beside its subject."""

    archived: bool


@resource("aws.guardduty.finding", key="Id")
class Finding(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A finding of high severity, archived or not, which AWS keeps for 90 days (guardduty:GetFindings).

    An administrator's account also has the findings of its members. What and who it is about is not kept.
    """

    id: str
    account_id: str
    type: str
    severity: float
    created_at: datetime  # a finding that recurs is counted up and keeps it
    service: FindingService


@aws.collects(GuardDutyRegion, at="region", call=NO_CALL)
def regions(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(
    GuardDutyRegion,
    "Detectors",
    call=("guardduty:ListDetectors", "guardduty:GetDetector"),
    permissions=("guardduty:ListDetectors", "guardduty:GetDetector"),
)
def detectors(account: Account, _region: Body) -> Any:
    listed = []
    for detector in account.pages("guardduty", "ListDetectors", "DetectorIds", MaxResults=50):
        answer = account.call("guardduty", "GetDetector", having="Status", DetectorId=detector)
        features = [only(feature, "Name", "Status") for feature in answer.get("Features", ())]
        listed.append({"DetectorId": detector, **only(answer, "Status", "CreatedAt"), "Features": features})
    return listed


@aws.collects(
    Finding,
    at="region",
    call=("guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"),
    permissions=("guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"),
)
def findings(account: Account) -> Iterator[Body]:
    high = {"Criterion": {"severity": {"GreaterThanOrEqual": HIGH}}}
    for detector in account.pages("guardduty", "ListDetectors", "DetectorIds", MaxResults=50):
        ids = account.pages(
            "guardduty", "ListFindings", "FindingIds", DetectorId=detector, FindingCriteria=high, MaxResults=50
        )
        for batch in in_batches(ids, _BATCH):
            answer = account.value("guardduty", "GetFindings", "Findings", DetectorId=detector, FindingIds=list(batch))
            for finding in answer:
                kept = only(finding, "Id", "AccountId", "Type", "Severity", "CreatedAt")
                yield {**kept, "Service": only(finding.get("Service", {}), "Archived")}
