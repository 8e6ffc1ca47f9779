"""Checks of RDS: versions that AWS mends, protection from deletion, storage that grows, and TLS for connections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.rds.resources import DbCluster, DbInstance
from connectors.aws.rds.versions import EngineVersion, MajorVersion, ParameterGroup

# The setting is in answers, and has no effect. https://docs.aws.amazon.com/documentdb/latest/developerguide/API_DBInstance.html
_DOCUMENT_DB = "docdb"
# What AWS adds at least, in GiB, and as a part of what there is; a maximum that it would reach keeps it from adding.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
_SMALLEST_STEP, _STEP_SHARE = 10, 10
_STANDARD = "open-source-rds-standard-support"
# The parameter that asks for TLS, and whether it is one of the instance or of its cluster; of an instance in a cluster
# it is the one of the cluster, as in Multi-AZ clusters of PostgreSQL and MySQL.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
_TLS_BY_ENGINE = {
    "postgres": ("instance", "rds.force_ssl"),
    "mysql": ("instance", "require_secure_transport"),
    "mariadb": ("instance", "require_secure_transport"),
    "aurora-postgresql": ("cluster", "rds.force_ssl"),
    "aurora-mysql": ("cluster", "require_secure_transport"),
    "docdb": ("cluster", "tls"),
}
_SQL_SERVER = ("instance", "rds.force_ssl")
_IN_FORCE = "in-sync"
_ON = frozenset({"1", "on", "true", "enabled", "fips-140-3", "tls1.2+", "tls1.3+"})
_OFF = frozenset({"0", "off", "false", "disabled"})


@check(
    "aws_rds_instance_auto_minor_upgrade",
    title="The database gets minor versions of its engine by itself",
    severity="medium",
    fix="Turn on automatic minor version upgrades of the instance",
)
def instance_auto_minor_upgrade(instance: DbInstance, instances: All[DbInstance], clusters: All[DbCluster]) -> Verdict:
    name, on = instance.identifier, instance.auto_minor_version_upgrade
    if instance.engine == _DOCUMENT_DB:
        return unknown(f"{name} runs DocumentDB, which does not go by the setting; its versions are upgraded by hand")
    if on is None:
        return unknown(f"AWS does not say whether {name} is upgraded by itself")
    if not on:
        return failed(f"{name} is not upgraded by itself")
    if instance.cluster is not None:
        # AWS upgrades a cluster only where the cluster and each of its instances have the setting.
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Updates.AMVU.html
        states = {each.identifier: each.auto_minor_version_upgrade for each in clusters if _is_of(each, instance)}
        if not states:
            return unknown(f"the cluster {instance.cluster} of {name} is not among those that could be read")
        states |= {
            each.identifier: each.auto_minor_version_upgrade for each in instances if each.cluster == instance.cluster
        }
        if off := sorted(place for place, state in states.items() if state is False):
            return failed(f"{name} is not upgraded by itself, because {first_few(off)} of its cluster is not")
        if untold := sorted(place for place, state in states.items() if state is None):
            return unknown(
                f"AWS does not say whether {first_few(untold)} of the cluster of {name} is upgraded by itself"
            )
    return passed(f"{name} is upgraded by itself")


@check(
    "aws_rds_instance_supported_engine",
    title="AWS supports the version of the database's engine",
    severity="high",
    fix="Upgrade the database to a version in standard support",
)
def instance_supported_engine(
    instance: DbInstance, versions: All[EngineVersion], majors: All[MajorVersion], *, now: datetime
) -> Verdict:
    name, engine, version = instance.identifier, instance.engine, instance.engine_version
    found = next((each for each in versions if (each.engine, each.engine_version) == (engine, version)), None)
    said = f"{name} runs {engine} {version}"
    if found is None or not found.status:
        return unknown(f"AWS does not say whether it supports the version of {name}: {engine} {version}")
    if found.status != "available":
        return failed(f"{said}, which is {found.status}")
    major = next((each for each in majors if each.engine == engine and each.covers(version)), None)
    if major is None:
        return unknown(f"{said}, which is available; until when AWS supports that engine is in none of its answers")
    ends = [
        each.lifecycle_support_end_date
        for each in major.supported_engine_lifecycles
        if each.lifecycle_support_name == _STANDARD
    ]
    if not ends:
        return unknown(f"{said}; AWS does not say until when {major.major_engine_version} is in standard support")
    end = max(ends)
    until = f"{said}; standard support of {major.major_engine_version} ends on {end:%Y-%m-%d}"
    return (
        passed(until)
        if now < end
        else failed(f"{said}; standard support of {major.major_engine_version} ended on {end:%Y-%m-%d}")
    )


@check(
    "aws_rds_instance_deletion_protected",
    title="The database cannot be deleted by one mistake",
    severity="low",
    fix="Turn on deletion protection of the instance",
)
def instance_deletion_protected(instance: DbInstance, *, deletable_databases: tuple[str, ...] = ()) -> Verdict:
    if instance.cluster is not None:
        return not_applicable(f"{instance.identifier} is protected with its cluster {instance.cluster}")
    return _protected(instance.identifier, instance.deletion_protection, deletable_databases)


@check(
    "aws_rds_cluster_deletion_protected",
    title="The database cluster cannot be deleted by one mistake",
    severity="low",
    fix="Turn on deletion protection of the cluster",
)
def cluster_deletion_protected(cluster: DbCluster, *, deletable_databases: tuple[str, ...] = ()) -> Verdict:
    return _protected(cluster.identifier, cluster.deletion_protection, deletable_databases)


def _protected(name: str, on: bool | None, deletable: Iterable[str]) -> Verdict:  # noqa: FBT001  what AWS says
    if on is None:
        return unknown(f"AWS does not say whether {name} is protected from deletion")
    if on:
        return passed(f"{name} is protected from deletion")
    if name in deletable:
        return not_applicable(f"{name} is listed in deletable_databases")
    return failed(f"{name} is not protected from deletion")


@check(
    "aws_rds_instance_storage_autoscaling",
    title="The storage of the database grows by itself",
    severity="low",
    fix="Set a maximum for the storage above what the database has",
)
def instance_storage_autoscaling(instance: DbInstance) -> Verdict:
    name, has, most = instance.identifier, instance.allocated_storage, instance.max_allocated_storage
    if instance.cluster is not None:
        return not_applicable(f"{name} has the storage of its cluster {instance.cluster}")
    if has is None:
        return unknown(f"AWS does not say how much storage {name} has")
    if most is None:
        return failed(f"the {has} GiB of {name} do not grow by themselves")
    said = f"{name} has {has} GiB, and may grow to {most}"
    step = max(_SMALLEST_STEP, has / _STEP_SHARE)
    if most > has + step:
        return passed(said)
    return failed(f"{said}; AWS adds {step:g} GiB at least, and does not where that reaches the maximum")


@check(
    "aws_rds_instance_tls_enforced",
    title="The database takes connections with TLS only",
    severity="high",
    fix="Set rds.force_ssl or require_secure_transport in the parameter group of the database",
)
def instance_tls_enforced(instance: DbInstance, clusters: All[DbCluster], groups: All[ParameterGroup]) -> Verdict:
    name, engine = instance.identifier, instance.engine
    level, parameter = _SQL_SERVER if engine.startswith("sqlserver") else _TLS_BY_ENGINE.get(engine, ("", ""))
    if not parameter:
        return unknown(f"annexd does not know what makes {engine or 'the engine'} of {name} ask for TLS")
    if level == "cluster" or instance.cluster is not None:
        level = "cluster"
        own = [each for each in clusters if _is_of(each, instance)]
        states = {member.identifier: member.status for each in own for member in each.members}
        used = [(each.parameter_group, states.get(name, "")) for each in own]
    else:
        used = [(each.name, each.status) for each in instance.parameter_groups]
    found = [group for group in groups if group.level == level and group.name in {name for name, _ in used}]
    values = [group.value(parameter) for group in found]
    if len(values) != 1 or values[0] is None:
        return unknown(f"{parameter} is in none of the parameter groups of {name} that could be read")
    said = f"{parameter} of {name} is {values[0] or 'left to the engine'}"
    if waiting := [status or "in no known state" for _, status in used if status != _IN_FORCE]:
        return unknown(f"{said}; its parameter group is {first_few(waiting)}, so that this may not be in force")
    if values[0].lower() in _ON:
        return passed(said)
    return failed(said) if values[0].lower() in _OFF else unknown(f"{said}, and what that means is not known")


def _is_of(cluster: DbCluster, instance: DbInstance) -> bool:
    return cluster.identifier == instance.cluster
