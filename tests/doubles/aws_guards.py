"""Answers of the services that guard the small company: two of each list, after the models of botocore.

moto answers few of these calls. Texts that nobody should keep are at the places where the services have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_ACCOUNT = "111122223333"
_PLACE = f"eu-central-1:{_ACCOUNT}"
_AT = datetime(2026, 2, 1, 8, tzinfo=UTC)
_IDS = ("guard-one", "guard-two")

UNKEPT: Mapping[str, str] = {
    "address of a computer": "canary-address",
    "name of a computer": "canary-computer",
    "description of a weakness": "canary-weakness",
    "description of a threat": "canary-threat",
    "user in a threat": "canary-user",
    "message of a backup job": "canary-message",
    "tag of an analyzer": "canary-tag",
}


def _scan(status: str) -> dict[str, str]:
    return {"status": status, "errorCode": "INTERNAL_ERROR", "errorMessage": "made up"}


GUARDS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("accessanalyzer", "ListAnalyzers"): {
        "analyzers": [
            {
                "arn": f"arn:aws:access-analyzer:{_PLACE}:analyzer/{id_}",
                "name": id_,
                "type": "ACCOUNT",
                "createdAt": _AT,
                "status": "ACTIVE",
                "tags": {"note": UNKEPT["tag of an analyzer"]},
            }
            for id_ in _IDS
        ]
    },
    ("guardduty", "ListDetectors"): {"DetectorIds": ["12abc34d567e8f90a1b2c3d4e5f60718"]},
    ("guardduty", "GetDetector"): {
        "Status": "ENABLED",
        "CreatedAt": "2025-01-01T00:00:00.000Z",
        "ServiceRole": f"arn:aws:iam::{_ACCOUNT}:role/guard",
    },
    ("guardduty", "ListFindings"): {"FindingIds": list(_IDS)},
    ("guardduty", "GetFindings"): {
        "Findings": [
            {
                "Id": id_,
                "Arn": f"arn:aws:guardduty:{_PLACE}:detector/d1/finding/{id_}",
                "AccountId": _ACCOUNT,
                "Region": "eu-central-1",
                "SchemaVersion": "2.0",
                "Type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
                "Severity": 8.0,
                "CreatedAt": "2026-02-01T08:00:00.000Z",
                "UpdatedAt": "2026-02-01T08:00:00.000Z",
                "Description": UNKEPT["description of a threat"],
                "Resource": {"AccessKeyDetails": {"UserName": UNKEPT["user in a threat"]}},
                "Service": {"Archived": id_ == _IDS[0], "UserFeedback": UNKEPT["description of a threat"]},
            }
            for id_ in _IDS
        ]
    },
    ("securityhub", "DescribeHub"): {"HubArn": f"arn:aws:securityhub:{_PLACE}:hub/default"},
    ("securityhub", "GetEnabledStandards"): {
        "StandardsSubscriptions": [
            {
                "StandardsSubscriptionArn": f"arn:aws:securityhub:{_PLACE}:subscription/{id_}",
                "StandardsArn": f"arn:aws:securityhub:eu-central-1::standards/{id_}",
                "StandardsInput": {},
                "StandardsStatus": "READY",
            }
            for id_ in _IDS
        ]
    },
    ("inspector2", "BatchGetAccountStatus"): {
        "accounts": [
            {
                "accountId": _ACCOUNT,
                "state": _scan("ENABLED"),
                "resourceState": {
                    **{scan: _scan("DISABLED") for scan in ("ec2", "ecr", "lambda")},
                    "lambdaCode": _scan("ENABLED"),
                },
            }
        ]
    },
    ("inspector2", "ListCoverageStatistics"): {"totalCounts": 2},
    ("inspector2", "ListFindings"): {
        "findings": [
            {
                "findingArn": f"arn:aws:inspector2:{_PLACE}:finding/{id_}",
                "awsAccountId": _ACCOUNT,
                "type": "PACKAGE_VULNERABILITY",
                "description": UNKEPT["description of a weakness"],
                "title": f"CVE-2026-000{id_} - openssl",
                "remediation": {"recommendation": {"text": UNKEPT["description of a weakness"]}},
                "severity": "HIGH",
                "firstObservedAt": _AT,
                "lastObservedAt": _AT,
                "status": "ACTIVE",
                "resources": [
                    {"type": "AWS_EC2_INSTANCE", "id": "i-1", "tags": {"owner": UNKEPT["description of a weakness"]}}
                ],
            }
            for id_ in _IDS
        ]
    },
    ("ssm", "DescribeInstanceInformation"): {
        "InstanceInformationList": [
            {
                "InstanceId": f"i-0a1b2c3d4e5f6{len(id_)}{id_[-1]}",
                "PingStatus": "Online",
                "IPAddress": UNKEPT["address of a computer"],
                "ComputerName": UNKEPT["name of a computer"],
            }
            for id_ in _IDS
        ]
    },
    ("ssm", "DescribeInstancePatchStates"): {
        "InstancePatchStates": [
            {
                "InstanceId": f"i-0a1b2c3d4e5f6{len(id_)}{id_[-1]}",
                "PatchGroup": "",
                "BaselineId": "pb-1",
                "OperationStartTime": _AT,
                "OperationEndTime": _AT,
                "Operation": "Scan",
                "MissingCount": 0,
                "FailedCount": 0,
            }
            for id_ in _IDS
        ]
    },
    ("backup", "ListProtectedResources"): {
        "Results": [
            {
                "ResourceArn": f"arn:aws:elasticfilesystem:{_PLACE}:file-system/{id_}",
                "ResourceType": "EFS",
                "LastBackupTime": _AT,
            }
            for id_ in _IDS
        ]
    },
    ("backup", "ListBackupPlans"): {
        "BackupPlansList": [
            {"BackupPlanId": id_, "BackupPlanName": "daily", "CreationDate": _AT, "LastExecutionDate": _AT}
            for id_ in _IDS
        ]
    },
    ("backup", "ListBackupJobs"): {
        "BackupJobs": [
            {
                "BackupJobId": id_,
                "ResourceArn": f"arn:aws:elasticfilesystem:{_PLACE}:file-system/{id_}",
                "CreationDate": _AT,
                "CompletionDate": _AT,
                "State": "COMPLETED",
                "StatusMessage": UNKEPT["message of a backup job"],
            }
            for id_ in _IDS
        ]
    },
    ("backup", "ListRestoreJobs"): {
        "RestoreJobs": [
            {
                "RestoreJobId": id_,
                "Status": "COMPLETED",
                "CreationDate": _AT,
                "CompletionDate": _AT,
                "ValidationStatus": "SUCCESSFUL",
            }
            for id_ in _IDS
        ]
    },
    ("backup", "ListRestoreTestingPlans"): {
        "RestoreTestingPlans": [
            {
                "RestoreTestingPlanArn": f"arn:aws:backup:{_PLACE}:restore-testing-plan:{id_}",
                "RestoreTestingPlanName": id_,
                "CreationTime": _AT,
                "LastExecutionTime": _AT,
                "ScheduleExpression": "cron(0 5 1 * ? *)",
            }
            for id_ in _IDS
        ]
    },
}
