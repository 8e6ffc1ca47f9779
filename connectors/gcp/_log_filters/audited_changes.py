"""Changes as Google writes them into the log of admin activity: what of their entries is the same each time.

https://cloud.google.com/logging/docs/audit/understanding-audit-logs, and the page of each service about its audit logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.gcp._log_filters.matching import Entry, named

AUDIT_LOGS = ("activity", "data_access", "system_event", "policy")
_TYPE = "type.googleapis.com/google.cloud.audit.AuditLog"
_ROLE = "protoPayload.serviceData.policyDelta.bindingDeltas"
_AUDIT = "protoPayload.serviceData.policyDelta.auditConfigDeltas"

_ENGINE_VERSIONS = ("v1", "beta")
"""Both versions of Compute Engine's API are open to everybody, and the name of a method begins with its version."""


def audit_entry(project: str, log: str) -> dict[str, tuple[str, ...]]:
    """Return what is known of every entry of an audit log of a project, which is given by its id."""
    return {
        "logname": (f"projects/{project}/logs/cloudaudit.googleapis.com%2F{log}",),
        "protopayload.@type": (_TYPE,),
    }


_SAID = (".methodName", ".action", ".role")

Fields = Mapping[str, str | None]
"""Fields by Google's names; None: the field is not there."""


def _entry(service: str, resource: str, method: str, **more: str | None) -> Fields:
    return {
        "protoPayload.serviceName": f"{service}.googleapis.com",
        "protoPayload.methodName": method,
        "resource.type": resource,
        "severity": "NOTICE",
        **more,
    }


def _policy(**more: str | None) -> Fields:
    return _entry("cloudresourcemanager", "project", "SetIamPolicy", **more)


def _engine(resource: str, collection: str, *verbs: str) -> tuple[Fields, ...]:
    return tuple(
        _entry("compute", resource, f"{version}.compute.{collection}.{verb}")
        for version in _ENGINE_VERSIONS
        for verb in verbs
    )


CHANGES: Mapping[str, tuple[Fields, ...]] = {
    "project_ownership": tuple(
        _policy(**{f"{_ROLE}.action": action, f"{_ROLE}.role": "roles/owner", _AUDIT: None})
        for action in ("ADD", "REMOVE")
    ),
    "audit_config": tuple(_policy(**{f"{_AUDIT}.action": action, _ROLE: None}) for action in ("ADD", "REMOVE")),
    "custom_role": tuple(
        _entry("iam", "iam_role", f"google.iam.admin.v1.{verb}Role") for verb in ("Create", "Update", "Delete")
    ),
    "firewall": _engine("gce_firewall_rule", "firewalls", "insert", "patch", "delete"),
    "route": _engine("gce_route", "routes", "insert", "delete"),
    "network": _engine("gce_network", "networks", "insert", "patch", "delete", "addPeering", "removePeering"),
    "bucket_iam": (_entry("storage", "gcs_bucket", "storage.setIamPermissions"),),
    "sql_config": (_entry("cloudsql", "cloudsql_database", "cloudsql.instances.update"),),
}
"""Classes of changes, each with the entries that have to be heard of."""


def entries(project: str, change: str) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of a class of changes in a project, each with a name for people."""
    for fields in CHANGES[change]:
        known = {named(field): () if value is None else (value,) for field, value in fields.items()}
        label = {named("resource.labels.project_id"): (project,)}
        said = " ".join(value for name, value in fields.items() if value and name.endswith(_SAID))
        yield said, audit_entry(project, "activity") | label | known
