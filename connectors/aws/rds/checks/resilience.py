"""Checks of RDS: encryption, backups, and more than one zone."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.aws.rds.resources import DbCluster, DbInstance, Tag

_ENCRYPT = "Copy a snapshot with encryption, and restore the database from the copy"
_PRODUCTION = ("environment=production", "environment=prod")


@check(
    "aws_rds_instance_encrypted",
    title="The storage of the database instance is encrypted",
    severity="high",
    fix=_ENCRYPT,
)
def instance_encrypted(instance: DbInstance) -> Verdict:
    return _encrypted(instance.identifier, encrypted=instance.storage_encrypted)


@check(
    "aws_rds_cluster_encrypted",
    title="The storage of the database cluster is encrypted",
    severity="high",
    fix=_ENCRYPT,
)
def cluster_encrypted(cluster: DbCluster) -> Verdict:
    return _encrypted(cluster.identifier, encrypted=cluster.storage_encrypted)


def _encrypted(name: str, *, encrypted: bool) -> Verdict:
    return passed() if encrypted else failed(f"the storage of {name} is not encrypted")


@check(
    "aws_rds_instance_backup_retention",
    title="Automated backups of the database instance are kept long enough",
    severity="high",
    fix="Raise the retention period of automated backups",
)
def instance_backup_retention(instance: DbInstance, *, retention_days: int = 7) -> Verdict:
    if instance.cluster is not None:
        return not_applicable(f"{instance.identifier} is backed up with its cluster {instance.cluster}")
    source = instance.source_instance or instance.source_cluster
    if source is not None:
        return not_applicable(f"{instance.identifier} is a read replica of {source}, whose backups count")
    return _kept(instance.identifier, instance.backup_retention_period, retention_days)


@check(
    "aws_rds_cluster_backup_retention",
    title="Automated backups of the database cluster are kept long enough",
    severity="high",
    fix="Raise the retention period of automated backups",
)
def cluster_backup_retention(cluster: DbCluster, *, retention_days: int = 7) -> Verdict:
    return _kept(cluster.identifier, cluster.backup_retention_period, retention_days)


def _kept(name: str, days: int, wanted: int) -> Verdict:
    if days >= wanted:
        return passed(f"{name} keeps automated backups for {plural(days, 'day')}")
    if days == 0:
        return failed(f"{name} has no automated backups; those of AWS Backup are not looked at")
    return failed(f"{name} keeps automated backups for {plural(days, 'day')}, {wanted} are asked for")


@check(
    "aws_rds_instance_multi_az",
    title="A database instance of production stands in more than one zone",
    severity="medium",
    fix="Turn on Multi-AZ for the instance, and tag what is production",
)
def instance_multi_az(instance: DbInstance, *, production_tags: tuple[str, ...] = _PRODUCTION) -> Verdict:
    if instance.cluster is not None:
        return not_applicable(f"{instance.identifier} is judged with its cluster {instance.cluster}")
    return _zones(instance.identifier, instance.tags, production_tags, several=instance.multi_az)


@check(
    "aws_rds_cluster_multi_az",
    title="A database cluster of production stands in more than one zone",
    severity="medium",
    fix="Add an instance in another zone to the cluster, and tag what is production",
)
def cluster_multi_az(cluster: DbCluster, *, production_tags: tuple[str, ...] = _PRODUCTION) -> Verdict:
    return _zones(cluster.identifier, cluster.tags, production_tags, several=cluster.multi_az)


def _zones(name: str, tags: tuple[Tag, ...], production: tuple[str, ...], *, several: bool) -> Verdict:
    """Return whether something stands in several zones; untold where it stands in one and no tag says what it is."""
    if several:
        return passed(f"{name} stands in more than one zone")
    wanted = {tag.casefold() for tag in production}
    keys = {tag.partition("=")[0] for tag in wanted}
    saying = [f"{tag.key}={tag.value}" for tag in tags if tag.key.casefold() in keys]
    named = first_few(saying)
    if any(tag.casefold() in wanted for tag in saying):
        return failed(f"{name} is tagged {named}, and stands in one zone")
    if saying:
        return not_applicable(f"{name} stands in one zone and is not production: it is tagged {named}")
    return unknown(f"{name} stands in one zone, and no tag {first_few(sorted(keys))} says whether it is production")
