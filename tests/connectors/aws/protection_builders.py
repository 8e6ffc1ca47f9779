"""Builders of what protects an account: detectors, hubs, scans, patches, backups, as the collections yield them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.aws.accessanalyzer.resources import AnalyzerRegion
from connectors.aws.backup.resources import BackupJob, Plan, ProtectedResource, RestoreJob, RestoreTestingPlan
from connectors.aws.dynamodb.resources import Table
from connectors.aws.ec2.resources.storage import Volume
from connectors.aws.efs.resources import FileSystem
from connectors.aws.guardduty.resources import Finding as GuardDutyFinding
from connectors.aws.guardduty.resources import GuardDutyRegion
from connectors.aws.inspector2.resources import Finding as InspectorFinding
from connectors.aws.inspector2.resources import InspectorAccount
from connectors.aws.rds.resources import DbCluster, DbInstance
from connectors.aws.securityhub.resources import HubRegion
from connectors.aws.ssm.resources import ManagedInstance
from tests.connectors.aws.builders import NOW, OWN, a
from tests.connectors.aws.service_builders import a_database as an_rds_instance
from tests.connectors.aws.service_builders import a_db_cluster

HERE = "eu-central-1"
PLACE = f"{HERE}:{OWN}"


def ago(**span: float) -> str:
    """A moment before the tests' now, as the store keeps it."""
    return (NOW - timedelta(**span)).isoformat()


def an_analyzer(type_: str = "ACCOUNT", status: str = "ACTIVE") -> dict[str, str]:
    """An analyzer."""
    return {"arn": f"arn:aws:access-analyzer:{PLACE}:analyzer/one", "name": "one", "type": type_, "status": status}


def analyzers(*listed: Any, region: str = HERE, **but: Any) -> AnalyzerRegion:
    """A region with these analyzers."""
    return a(AnalyzerRegion, {"AccountId": OWN, "Region": region, "Analyzers": list(listed)}, **but)


def a_detector(status: str = "ENABLED", *, since: str | None = ago(days=400)) -> dict[str, Any]:
    """A detector of GuardDuty."""
    return {"DetectorId": "d1", "Status": status, **({} if since is None else {"CreatedAt": since})}


def detecting(*detectors: Any, region: str = HERE, **but: Any) -> GuardDutyRegion:
    """A region with these detectors."""
    return a(GuardDutyRegion, {"AccountId": OWN, "Region": region, "Detectors": list(detectors)}, **but)


def a_threat(*, days: float, archived: bool = False, account: str = OWN) -> GuardDutyFinding:
    """A finding of GuardDuty."""
    usual = {
        "Id": f"f-{days}-{archived}",
        "AccountId": account,
        "Type": "UnauthorizedAccess:EC2/TorClient",
        "Severity": 8.0,
        "CreatedAt": ago(days=days),
        "Service": {"Archived": archived},
    }
    return a(GuardDutyFinding, usual)


def a_standard(status: str = "READY") -> dict[str, str]:
    """A standard of Security Hub."""
    return {"StandardsArn": "arn:aws:securityhub:eu-central-1::standards/cis/v/3.0.0", "StandardsStatus": status}


def a_hub(*standards: Any, region: str = HERE, **but: Any) -> HubRegion:
    """A region in which Security Hub has these standards."""
    hub = {"HubArn": f"arn:aws:securityhub:{PLACE}:hub/default"}
    return a(HubRegion, {"AccountId": OWN, "Region": region, "Hub": hub, "Standards": list(standards)}, **but)


def inspecting(*on: str, missing: tuple[int, int, int] = (0, 0, 0), **but: Any) -> InspectorAccount:
    """A region with these scans on, which know ten resources; `missing` are instances, repositories, functions."""
    scans = {scan: {"status": "ENABLED" if scan in on else "DISABLED"} for scan in ("ec2", "ecr", "lambda")}
    names = {"Instances": "ec2", "Repositories": "ecr", "Functions": "lambda"}
    first = {
        part: None if scan in on else [f"{scan}-1"][:number]
        for (part, scan), number in zip(names.items(), missing, strict=True)
    }
    coverage = {"Known": 10, "NotScanned": 0, "NotInUse": 0} if on else None
    return a(InspectorAccount, {"accountId": OWN, "resourceState": scans, "Coverage": coverage, **first}, **but)


def a_weakness(
    severity: str, *, days: float, status: str = "ACTIVE", account: str = OWN, title: str = "CVE-2026-0001 - openssl"
) -> InspectorFinding:
    """A finding of Inspector."""
    usual = {
        "findingArn": f"arn:aws:inspector2:{PLACE}:finding/{severity}-{days}-{status}",
        "awsAccountId": account,
        "severity": severity,
        "status": status,
        "firstObservedAt": ago(days=days),
        "title": title,
    }
    return a(InspectorFinding, usual)


def patched(*, days: float = 1, ping: str = "Online", **numbers: Any) -> ManagedInstance:
    """An instance scanned so many days ago, with these numbers of patches."""
    state = {
        "Operation": "Scan",
        "OperationEndTime": ago(days=days),
        "BaselineId": "pb-1",
        "MissingCount": 0,
        "FailedCount": 0,
        **numbers,
    }
    return a(ManagedInstance, {"InstanceId": "i-1", "PingStatus": ping, "PatchState": state})


def an_instance(**but: Any) -> ManagedInstance:
    """An instance of which no operation of Patch Manager is on record."""
    return a(ManagedInstance, {"InstanceId": "i-1", "PingStatus": "Online", "PatchState": None}, **but)


def a_database(name: str = "orders", *, hours: float | None = 1, days: int = 7, **but: Any) -> DbInstance:
    """A database that keeps its own backups for so many days, and can be restored to so many hours ago."""
    arn = f"arn:aws:rds:{PLACE}:db:{name}"
    restorable = {} if hours is None else {"LatestRestorableTime": ago(hours=hours)}
    return an_rds_instance(DBInstanceArn=arn, BackupRetentionPeriod=days, **restorable, **but)


def a_cluster(*, hours: float | None = 1, days: int = 7, **but: Any) -> DbCluster:
    """A cluster, likewise."""
    restorable = {} if hours is None else {"LatestRestorableTime": ago(hours=hours)}
    return a_db_cluster(DBClusterArn=CLUSTER, BackupRetentionPeriod=days, **restorable, **but)


def a_table(*, status: str = "DISABLED", hours: float = 1, **but: Any) -> Table:
    """A table, with point-in-time recovery in this state."""
    usual = {
        "TableName": "carts",
        "ContinuousBackups": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}},
        "RestorableTimes": {"LatestRestorableDateTime": ago(hours=hours)} if status == "ENABLED" else {},
    }
    return a(Table, usual, **but)


CLUSTER = f"arn:aws:rds:{PLACE}:cluster:orders"
FILES = f"arn:aws:elasticfilesystem:{PLACE}:file-system/fs-1"


def a_file_system(**tags: str) -> FileSystem:
    """A file system, made long ago."""
    usual = {"FileSystemId": "fs-1", "Encrypted": True, "CreationTime": ago(days=400)}
    return a(FileSystem, {**usual, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def a_tagged_volume(**tags: str) -> Volume:
    """A disk of the instance i-1."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    usual = {"VolumeId": "vol-1", "Encrypted": True, "Tags": listed, "Attachments": [{"InstanceId": "i-1"}]}
    return a(Volume, usual)


def backed_up(arn: str, *, hours: float | None) -> ProtectedResource:
    """Something that AWS Backup backed up so many hours ago."""
    return a(ProtectedResource, {"ResourceArn": arn, **({} if hours is None else {"LastBackupTime": ago(hours=hours)})})


def a_plan() -> Plan:
    """A backup plan."""
    return a(Plan, {"BackupPlanId": "p-1", "BackupPlanName": "daily"})


def a_job(state: str, *, days: float, of: str = FILES, **but: Any) -> BackupJob:
    """A backup job of so many days ago."""
    usual = {"BackupJobId": f"{of}-{days}", "ResourceArn": of, "CreationDate": ago(days=days), "State": state}
    return a(BackupJob, usual, **but)


def a_restore(status: str = "COMPLETED", *, days: float, **but: Any) -> RestoreJob:
    """A restore of so many days ago."""
    usual = {"RestoreJobId": f"r-{days}", "Status": status, "CreationDate": ago(days=days), "ResourceType": "EFS"}
    return a(RestoreJob, usual, **but)


def a_testing_plan(*, days: float | None) -> RestoreTestingPlan:
    """A plan of restore tests that ran so many days ago."""
    usual = {"RestoreTestingPlanArn": "arn:aws:backup:x", "RestoreTestingPlanName": "quarterly"}
    return a(RestoreTestingPlan, {**usual, **({} if days is None else {"LastExecutionTime": ago(days=days)})})
