"""What guards Acme's accounts: detectors, scans, patches and backups, with their findings of the first day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from collector.demo.aws.protection import inspector_status
from collector.demo.aws.seeding import HOME, AccountSeed


def management(account: AccountSeed) -> None:
    """Seed detectors and hubs in every region, and an analyzer for the whole organization."""
    for region in account.regions:
        _detector(account, region)
        _hub(account, region)
        _analyzer(account, region, "ORGANIZATION")
    _weaknesses(account, ("CRITICAL", 12, "ACTIVE"), ("HIGH", 9, "ACTIVE"), ("MEDIUM", 150, "SUPPRESSED"))
    account.expect("fail", account.number, "aws_inspector2_findings_within_sla", region=HOME)
    account.expect("pass", account.number, "aws_guardduty_enabled_all_regions", "aws_securityhub_enabled")


def production(account: AccountSeed) -> None:
    """Seed a detector and scans in one region, with findings that were left open, and backups that fail."""
    _detector(account, HOME)
    _hub(account, HOME, "INCOMPLETE")
    account.expect("fail", account.number, "aws_guardduty_enabled_all_regions", "aws_securityhub_enabled")
    _threats(account)
    _weaknesses(account, ("HIGH", 9, "ACTIVE"))
    account.expect("pass", account.number, "aws_inspector2_findings_within_sla", region=HOME)
    _patches(account)
    _backups(account)


def _prepare(account: AccountSeed, region: str, service: str, **answers: Mapping[str, Any]) -> None:
    """Set the answers to operations, the same at any time."""
    for operation, answer in answers.items():
        account.extras.protection[service, operation, region] = partial(_always, answer)


def _always(answer: Mapping[str, Any], _now: datetime) -> Mapping[str, Any]:
    return answer


def _prepare_list(
    account: AccountSeed, service: str, operation: str, name: str, items: Mapping[datetime, Any], days: int = 10_000
) -> None:
    """Set a list of the home region, of which an answer has what was there by then, and not longer ago than `days`."""

    def answer(now: datetime) -> Mapping[str, Any]:
        return {name: [item for at, item in items.items() if now - timedelta(days=days) <= at <= now]}

    account.extras.protection[service, operation, HOME] = answer


def _detector(account: AccountSeed, region: str) -> None:
    created = f"{account.ago(400):%Y-%m-%dT%H:%M:%S.000Z}"
    role = account.arn("role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty")
    detector = {"Status": "ENABLED", "CreatedAt": created, "ServiceRole": role}
    _prepare(account, region, "guardduty", ListDetectors={"DetectorIds": ["12abc34d567e8f"]}, GetDetector=detector)


def _hub(account: AccountSeed, region: str, state: str = "READY") -> None:
    arn = f"arn:aws:securityhub:{region}"
    standard = "standards/aws-foundational-security-best-practices/v/1.0.0"
    subscription = {
        "StandardsSubscriptionArn": f"{arn}:{account.number}:subscription/{standard.partition('/')[2]}",
        "StandardsArn": f"{arn}::{standard}",
        "StandardsInput": {},
        "StandardsStatus": state,
    }
    hub = {"HubArn": f"{arn}:{account.number}:hub/default", "SubscribedAt": f"{account.ago(400):%Y-%m-%dT%H:%M:%SZ}"}
    _prepare(
        account, region, "securityhub", DescribeHub=hub, GetEnabledStandards={"StandardsSubscriptions": [subscription]}
    )


def _analyzer(account: AccountSeed, region: str, type_: str) -> None:
    analyzer = {
        "arn": f"arn:aws:access-analyzer:{region}:{account.number}:analyzer/acme",
        "name": "acme",
        "type": type_,
        "createdAt": account.ago(400),
        "status": "ACTIVE",
    }
    _prepare(account, region, "accessanalyzer", ListAnalyzers={"analyzers": [analyzer]})


def _threats(account: AccountSeed) -> None:
    threats = [("a1", 60, 8.0, True), ("b2", 35, 8.0, False)]
    findings = {
        account.ago(days): {
            "Id": f"{id_}b2c3d4e5f60718293a4b5c6d7e8f90",
            "Arn": f"arn:aws:guardduty:{HOME}:{account.number}:detector/12abc34d567e8f/finding/{id_}",
            "AccountId": account.number,
            "Region": HOME,
            "Type": "UnauthorizedAccess:EC2/TorClient",
            "Severity": severity,
            "CreatedAt": f"{account.ago(days):%Y-%m-%dT%H:%M:%S.000Z}",
            "UpdatedAt": f"{account.ago(days):%Y-%m-%dT%H:%M:%S.000Z}",
            "SchemaVersion": "2.0",
            "Resource": {"ResourceType": "Instance"},
            "Service": {"Archived": archived, "Count": 3},
        }
        for id_, days, severity, archived in threats
    }
    ids = {at: finding["Id"] for at, finding in findings.items()}
    _prepare_list(account, "guardduty", "ListFindings", "FindingIds", ids, days=90)
    _prepare_list(account, "guardduty", "GetFindings", "Findings", findings, days=90)
    account.expect("fail", "-", "aws_guardduty_high_findings_handled", region=HOME)


def _weaknesses(account: AccountSeed, *found: tuple[str, int, str]) -> None:
    """Seed findings of Inspector by severity, age in days and state; all that it can scan is scanned."""
    findings = {
        account.ago(days): {
            "findingArn": f"arn:aws:inspector2:{HOME}:{account.number}:finding/{number:032x}",
            "awsAccountId": account.number,
            "type": "PACKAGE_VULNERABILITY",
            "description": "made up",
            "title": f"CVE-2026-{1000 + number} - openssl",
            "remediation": {"recommendation": {"text": "None Provided"}},
            "severity": severity,
            "firstObservedAt": account.ago(days),
            "lastObservedAt": account.ago(days),
            "status": status,
            "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-0a1b2c3d4e5f60718"}],
        }
        for number, (severity, days, status) in enumerate(found, start=1)
    }
    _prepare(
        account,
        HOME,
        "inspector2",
        BatchGetAccountStatus=inspector_status(account.number, "ec2", "ecr", "lambda"),
        ListCoverageStatistics={"totalCounts": 2},
    )
    _prepare_list(account, "inspector2", "ListFindings", "findings", findings)
    account.expect("pass", account.number, "aws_inspector2_enabled", region=HOME)


def _patches(account: AccountSeed) -> None:
    numbers = {"i-0a1b2c3d4e5f60718": 0, "i-0f9e8d7c6b5a40312": 4}
    instances = [
        {
            "InstanceId": instance,
            "PingStatus": "Online",
            "PlatformType": "Linux",
            "ResourceType": "EC2Instance",
            "IPAddress": "10.0.0.12",
            "ComputerName": "ip-10-0-0-12.eu-central-1.compute.internal",
        }
        for instance in numbers
    ]

    def states(now: datetime) -> Mapping[str, Any]:
        state = {
            "PatchGroup": "",
            "BaselineId": "pb-0123456789abcdef0",
            "OperationStartTime": now,
            "OperationEndTime": now,
            "Operation": "Scan",
            "FailedCount": 0,
        }
        listed = [{"InstanceId": name, "MissingCount": missing, **state} for name, missing in numbers.items()]
        return {"InstancePatchStates": listed}

    _prepare(account, HOME, "ssm", DescribeInstanceInformation={"InstanceInformationList": instances})
    account.extras.protection["ssm", "DescribeInstancePatchStates", HOME] = states
    for instance, missing in numbers.items():
        account.expect("fail" if missing else "pass", instance, "aws_ssm_instance_patch_compliant", region=HOME)


def _backups(account: AccountSeed) -> None:
    account.client("dynamodb").create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = account.client("efs").create_file_system(CreationToken="uploads")["FileSystemArn"]
    plan = {"BackupPlanId": "daily-1", "BackupPlanName": "daily", "CreationDate": account.ago(300)}
    jobs = {
        account.ago(day): {
            "BackupJobId": f"job-{day}",
            "ResourceArn": arn,
            "ResourceType": "EFS",
            "CreationDate": account.ago(day),
            "CompletionDate": account.ago(day),
            "State": "FAILED" if day in (4, 5) else "COMPLETED",
        }
        for day in range(1, 130)
    }

    def protected(now: datetime) -> Mapping[str, Any]:
        return {"Results": [{"ResourceArn": arn, "ResourceType": "EFS", "LastBackupTime": now}]}

    _prepare(account, HOME, "backup", ListBackupPlans={"BackupPlansList": [plan]})
    account.extras.protection["backup", "ListProtectedResources", HOME] = protected
    _prepare_list(account, "backup", "ListBackupJobs", "BackupJobs", jobs, days=30)
    account.expect("fail", HOME, "aws_backup_jobs_succeed", region=HOME)
    account.expect("fail", account.number, "aws_backup_restore_tested")
    account.expect("fail", HOME, "aws_backup_plan_covers_resources", region=HOME)
