"""Checks of Cloud SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.gcp._network.space import space_of
from connectors.gcp.sql.instances import SqlInstance

_REPLICA = "READ_REPLICA_INSTANCE"
_POSTGRES_FLAGS = ("log_connections", "log_disconnections", "cloudsql.enable_pgaudit")
_OFF = frozenset({"", "off", "false", "no", "0"})
_ON = frozenset({"on", "true", "yes", "1", "all"})  # from PostgreSQL 18 on log_connections names what is logged
_ENCRYPTED = frozenset({"ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"})
_UNENCRYPTED = frozenset({"ALLOW_UNENCRYPTED_AND_ENCRYPTED"})


@check(
    "gcp_sql_instance_no_public_network",
    title="Cloud SQL accepts no traffic from any address",
    severity="critical",
    fix="Turn off the public address, and connect by private IP or the Auth Proxy; at least narrow the networks",
)
def no_public_network(
    instance: SqlInstance, *, max_public_share: float = 0.0001, private_only: bool = False
) -> Verdict:
    ip = instance.settings.ip_configuration
    if not ip.ipv4_enabled:
        return passed(f"{instance.name} has no public address")
    if private_only:
        return failed(f"{instance.name} has a public address, and private_only asks for none")
    ranges = [entry.value for entry in ip.authorized_networks]
    try:
        parts = {version: space_of(version, ranges).public_part for version in (4, 6)}
    except ValueError as error:
        return unknown(f"{instance.name}: {error}")
    widest = max(parts.values())
    if widest > max_public_share:
        return failed(f"{instance.name} lets {widest:.2%} of the internet in, by {len(ranges)} networks")
    return passed(f"{instance.name} has a public address for {len(ranges)} networks only")


@check(
    "gcp_sql_instance_tls_required",
    title="Cloud SQL requires TLS",
    severity="high",
    fix="Set sslMode to ENCRYPTED_ONLY or TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
)
def tls_required(instance: SqlInstance) -> Verdict:
    ip = instance.settings.ip_configuration
    mode = ip.ssl_mode or "SSL_MODE_UNSPECIFIED"
    if mode in _ENCRYPTED or (mode == "SSL_MODE_UNSPECIFIED" and ip.require_ssl):
        return passed()
    if mode in _UNENCRYPTED or mode == "SSL_MODE_UNSPECIFIED":
        return failed(f"{instance.name} takes connections without TLS")
    return unknown(f"what the sslMode {mode} of {instance.name} means is not known")


@check(
    "gcp_sql_instance_backups_enabled",
    title="Cloud SQL has backups with point-in-time recovery, and a recent one",
    severity="high",
    fix="Turn on automated backups and point-in-time recovery",
)
def backups_enabled(instance: SqlInstance, *, now: datetime, max_age: timedelta = timedelta(hours=48)) -> Verdict:
    if instance.instance_type == _REPLICA:
        return not_applicable(f"{instance.name} is a read replica, of which Google makes no backups")
    backup = instance.settings.backup_configuration
    if backup is None or not backup.enabled:
        return failed(f"{instance.name} has no automated backups")
    if not (backup.point_in_time_recovery_enabled or backup.binary_log_enabled):
        return failed(f"{instance.name} has no point-in-time recovery")
    done = [run.end_time for run in instance.backups if run.status == "SUCCESSFUL" and run.end_time is not None]
    if not done and backup.backup_tier != "STANDARD":
        return unknown(f"the backups of {instance.name} are made by Backup and DR, and not listed by Cloud SQL")
    if not done:
        return failed(f"{instance.name} has no backup that succeeded")
    age = now - max(done)
    hours = age.total_seconds() / 3600
    said = f"the latest backup of {instance.name} is {hours:.0f} hours old"
    if age <= max_age:
        return passed(said)
    if instance.settings.activation_policy == "NEVER":
        return unknown(f"{said}; it is stopped, and Google makes no backups of what is stopped")
    return failed(f"{said}; {max_age.total_seconds() / 3600:.0f} are allowed")


@check(
    "gcp_sql_instance_high_availability",
    title="Production Cloud SQL is regional",
    severity="medium",
    fix="Set the availability of the instance to regional",
)
def high_availability(
    instance: SqlInstance, *, label: str = "environment", not_production: tuple[str, ...] = ("dev", "test", "staging")
) -> Verdict:
    if instance.instance_type == _REPLICA:
        return not_applicable(f"{instance.name} is a read replica, and its primary is what fails over")
    environment = instance.settings.user_labels.get(label, "")
    if environment in not_production:
        return passed(f"{instance.name} is labelled {label}={environment}, which is in not_production")
    if instance.settings.availability_type == "REGIONAL":
        return passed()
    return failed(f"{instance.name} is in one zone: {instance.settings.availability_type or 'nothing else is said'}")


@check(
    "gcp_sql_postgres_audit_flags",
    title="PostgreSQL logs connections and audits",
    severity="low",
    fix="Set log_connections, log_disconnections and cloudsql.enable_pgaudit to on, and pgaudit.log to what is audited",
)
def postgres_audit_flags(instance: SqlInstance) -> Verdict:
    if not instance.database_version.startswith("POSTGRES"):
        return not_applicable(f"{instance.name} is {instance.database_version}, which has no such flags")
    flags = {flag.name: flag.value.strip().lower() for flag in instance.settings.database_flags}
    missing = [name for name in _POSTGRES_FLAGS if flags.get(name, "") in _OFF]
    if missing:
        return failed(f"{instance.name} is without {', '.join(missing)}")
    odd = [f"{name}={flags[name]}" for name in _POSTGRES_FLAGS if flags[name] not in _ON]
    if odd:
        return unknown(f"what {', '.join(odd)} logs on {instance.database_version} is for a person to say")
    if flags.get("pgaudit.log", "none") in {"none", ""}:
        # https://cloud.google.com/sql/docs/postgres/pg-audit: nothing is logged until pgaudit.log says what.
        return unknown(
            f"{instance.name} logs nothing by pgaudit, unless pgaudit.log is set in SQL for databases or users"
        )
    return passed(f"{instance.name} audits {flags['pgaudit.log']}")
