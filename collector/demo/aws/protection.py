"""Answers of services that moto does not have, or not without more packages: of threats, weaknesses, backups, APIs.

Without more everything is off and empty, as in an account that never used them. The answers of a company are in AWS's
shapes, by service, operation and region, each as a function of the moment at which it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from collector.demo.aws.wire import Call, Reply, refusal

Prepared = Mapping[tuple[str, str, str], Callable[[datetime], Mapping[str, Any]]]
"""Answers by service, operation and region."""

_EMPTY: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("accessanalyzer", "ListAnalyzers"): {"analyzers": []},
    ("apigateway", "GetRestApis"): {"items": []},
    ("apigateway", "GetStages"): {"item": []},
    ("apigateway", "GetDeployment"): {},
    ("apigatewayv2", "GetApis"): {"Items": []},
    ("apigatewayv2", "GetRoutes"): {"Items": []},
    ("apigatewayv2", "GetStages"): {"Items": []},
    ("backup", "ListBackupJobs"): {"BackupJobs": []},
    ("backup", "ListBackupPlans"): {"BackupPlansList": []},
    ("backup", "ListProtectedResources"): {"Results": []},
    ("backup", "ListRestoreJobs"): {"RestoreJobs": []},
    ("backup", "ListRestoreTestingPlans"): {"RestoreTestingPlans": []},
    ("cloudtrail", "LookupEvents"): {"Events": []},
    ("guardduty", "GetDetector"): {},
    ("guardduty", "GetFindings"): {"Findings": []},
    ("guardduty", "ListDetectors"): {"DetectorIds": []},
    ("guardduty", "ListFindings"): {"FindingIds": []},
    ("inspector2", "BatchGetAccountStatus"): {},
    ("inspector2", "ListCoverageStatistics"): {"totalCounts": 0},
    ("inspector2", "ListFindings"): {"findings": []},
    ("securityhub", "DescribeHub"): {},
    ("securityhub", "GetEnabledStandards"): {},
    ("ssm", "DescribeInstanceInformation"): {"InstanceInformationList": []},
    ("ssm", "DescribeInstancePatchStates"): {"InstancePatchStates": []},
}


def is_answered(call: Call) -> bool:
    """Whether a call is answered here."""
    return (call.service, call.operation) in _EMPTY


def protection_answer(prepared: Prepared, account: str, call: Call, now: datetime) -> Mapping[str, Any] | Reply:
    """Return the prepared answer to a call, or that of an account in which the service is off."""
    answer = prepared.get((call.service, call.operation, call.region))
    if answer is not None:
        return answer(now)
    if call.service == "securityhub":
        message = f"Account {account} is not subscribed to AWS Security Hub"
        return refusal("securityhub", "InvalidAccessException", message, status=401)
    if call.operation == "BatchGetAccountStatus":
        return inspector_status(account)
    return _EMPTY[call.service, call.operation]


def inspector_status(account: str, *on: str) -> dict[str, Any]:
    """Return the state of Inspector with these scans on: ec2, ecr, lambda."""
    states = {scan: {"status": "ENABLED" if scan in on else "DISABLED"} for scan in ("ec2", "ecr", "lambda")}
    overall = {"status": "ENABLED" if on else "DISABLED"}
    return {"accounts": [{"accountId": account, "state": overall, "resourceState": states}]}
