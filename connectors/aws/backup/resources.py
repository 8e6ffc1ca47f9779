"""AWS Backup: protected resources, plans, jobs of the last thirty days, restores and plans of restore tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

JOBS_KEPT = timedelta(days=30)
"""How far back backup:ListBackupJobs goes.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html
"""


@resource("aws.backup.protected_resource", key="ResourceArn", volatile=("LastBackupTime",))
class ProtectedResource(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A resource that AWS Backup has a recovery point of, whatever its state (backup:ListProtectedResources)."""

    resource_arn: str
    resource_type: str = ""  # AWS documents it as optional
    last_backup_time: datetime | None = None  # None: AWS did not say it


@resource("aws.backup.plan", key="BackupPlanId", volatile=("LastExecutionDate",))
class Plan(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A backup plan (backup:ListBackupPlans)."""

    backup_plan_id: str
    backup_plan_name: str = ""  # AWS documents it as optional


@resource("aws.backup.job", key="BackupJobId", volatile=("State", "CompletionDate"))
class BackupJob(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One backup job (backup:ListBackupJobs)."""

    backup_job_id: str
    resource_arn: str
    creation_date: datetime
    state: str
    parent_job_id: str | None = None  # None: it is not part of another job


@resource("aws.backup.restore_job", key="RestoreJobId", volatile=("Status", "ValidationStatus", "CompletionDate"))
class RestoreJob(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One restore, by hand or by a restore test (backup:ListRestoreJobs)."""

    restore_job_id: str
    status: str
    creation_date: datetime
    completion_date: datetime | None = None  # None: it is not over
    resource_type: str = ""  # AWS documents it as optional
    validation_status: str | None = None  # None: nobody validates what was restored
    parent_job_id: str | None = None  # None: it is not part of another job


@resource("aws.backup.restore_testing_plan", key="RestoreTestingPlanArn", volatile=("LastExecutionTime",))
class RestoreTestingPlan(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A plan by which restores are tested (backup:ListRestoreTestingPlans)."""

    restore_testing_plan_arn: str
    restore_testing_plan_name: str
    last_execution_time: datetime | None = None  # None: it was never run


@resource("aws.backup.vault", key="BackupVaultArn", volatile=("NumberOfRecoveryPoints",))
class Vault(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A vault (backup:ListBackupVaults)."""

    backup_vault_arn: str
    backup_vault_name: str
    encryption_key_arn: str = ""  # AWS documents it as optional
    locked: bool | None = None  # None: AWS documents it as optional
    lock_date: datetime | None = None  # when the lock becomes one that nobody can take away; None: never
    number_of_recovery_points: int | None = None  # None: AWS documents it as optional


@aws.collects(Vault, at="region", call="backup:ListBackupVaults", permissions="backup:ListBackupVaults")
def vaults(account: Account) -> Iterator[Body]:
    kept = ("BackupVaultArn", "BackupVaultName", "VaultType", "EncryptionKeyArn", "Locked", "LockDate")
    for vault in account.pages("backup", "ListBackupVaults", "BackupVaultList", MaxResults=1000):
        yield only(vault, *kept, "MinRetentionDays", "MaxRetentionDays", "NumberOfRecoveryPoints")


@aws.collects(
    ProtectedResource,
    at="region",
    call="backup:ListProtectedResources",
    permissions="backup:ListProtectedResources",
)
def protected_resources(account: Account) -> Iterator[Body]:
    for found in account.pages("backup", "ListProtectedResources", "Results", MaxResults=1000):
        yield only(found, "ResourceArn", "ResourceType", "LastBackupTime", "LastBackupVaultArn")


@aws.collects(Plan, at="region", call="backup:ListBackupPlans", permissions="backup:ListBackupPlans")
def plans(account: Account) -> Iterator[Body]:
    for plan in account.pages("backup", "ListBackupPlans", "BackupPlansList", MaxResults=1000):
        yield only(plan, "BackupPlanId", "BackupPlanArn", "BackupPlanName", "CreationDate", "LastExecutionDate")


@aws.collects(BackupJob, at="region", call="backup:ListBackupJobs", permissions="backup:ListBackupJobs")
def backup_jobs(account: Account) -> Iterator[Body]:
    for job in account.pages("backup", "ListBackupJobs", "BackupJobs", MaxResults=1000):
        kept = only(job, "BackupJobId", "ResourceArn", "ResourceType", "CreationDate", "CompletionDate", "State")
        yield {**kept, **only(job, "ParentJobId", "MessageCategory")}


@aws.collects(RestoreJob, at="region", call="backup:ListRestoreJobs", permissions="backup:ListRestoreJobs")
def restore_jobs(account: Account) -> Iterator[Body]:
    for job in account.pages("backup", "ListRestoreJobs", "RestoreJobs", MaxResults=1000):
        kept = only(job, "RestoreJobId", "Status", "CreationDate", "CompletionDate", "ResourceType", "ParentJobId")
        yield {**kept, **only(job, "ValidationStatus", "SourceResourceArn", "RecoveryPointCreationDate", "CreatedBy")}


@aws.collects(
    RestoreTestingPlan,
    at="region",
    call="backup:ListRestoreTestingPlans",
    permissions="backup:ListRestoreTestingPlans",
)
def restore_testing_plans(account: Account) -> Iterator[Body]:
    for plan in account.pages("backup", "ListRestoreTestingPlans", "RestoreTestingPlans", MaxResults=1000):
        yield only(plan, "RestoreTestingPlanArn", "RestoreTestingPlanName", "ScheduleExpression", "LastExecutionTime")
