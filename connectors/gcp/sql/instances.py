"""Instances of Cloud SQL, and their backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud, of_kind
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.unused import off

INSTANCES = Operation("sqladmin", "v1", "sql.instances.list")
BACKUPS = Operation("sqladmin", "v1", "sql.backupRuns.list")


class AclEntry(Struct, frozen=True, kw_only=True, rename="camel"):
    """A range that may connect."""

    value: str


class IpConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who may connect, and how. Google leaves out what is empty."""

    ipv4_enabled: bool
    authorized_networks: tuple[AclEntry, ...] = ()
    ssl_mode: str | None = None  # left out, or unspecified, where only the older setting was made
    require_ssl: bool = False  # the older setting


class BackupConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether backups are made. Google leaves out what the database does not have."""

    enabled: bool
    point_in_time_recovery_enabled: bool = False
    binary_log_enabled: bool = False
    backup_tier: str = "STANDARD"  # ENHANCED: Backup and DR makes the backups, which this API does not list


class Flag(Struct, frozen=True, kw_only=True, rename="camel"):
    """A flag of the database."""

    name: str
    value: str


class SqlSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of an instance."""

    ip_configuration: IpConfiguration
    backup_configuration: BackupConfiguration | None = None  # left out for replicas
    availability_type: str = ""  # left out for replicas
    database_flags: tuple[Flag, ...] = ()
    user_labels: dict[str, str] = {}
    activation_policy: str = "ALWAYS"


class BackupRun(Struct, frozen=True, kw_only=True, rename="camel"):
    """A backup. Its end is left out while it runs."""

    status: str
    end_time: datetime | None = None


@resource(
    "gcp.sql.instance",
    key="name",
    volatile=("etag", "currentDiskSize", "backups"),
    redact=("rootPassword", "serverCaCert.cert", "replicaConfiguration.mysqlReplicaConfiguration.*"),
)
class SqlInstance(Struct, frozen=True, kw_only=True, rename="camel"):
    """An instance with its latest backups."""

    name: str
    instance_type: str
    database_version: str
    settings: SqlSettings
    backups: tuple[BackupRun, ...]


@gcp.collects(
    SqlInstance,
    at="project",
    call=INSTANCES.id,
    permissions="cloudsql.instances.list",
    unused=off("sqladmin.googleapis.com"),
)
def sql_instances(client: GoogleCloud) -> Iterator[Body]:
    yield from client.google.pages(INSTANCES, key=of_kind(), project=client.project, maxResults=500)


@gcp.part(SqlInstance, "backups", call=BACKUPS.id, permissions="cloudsql.backupRuns.list")
def backups(client: GoogleCloud, instance: Body) -> Any:
    query = {"project": client.project, "instance": instance["name"], "maxResults": 100}
    wanted = ("id", "status", "startTime", "endTime", "type")
    return [
        {key: run[key] for key in wanted if key in run} for run in client.google.pages(BACKUPS, key=of_kind(), **query)
    ]
