"""Checks of where audit logs go, and for how long they are kept."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from connectors.gcp._iam.effective import id_of
from connectors.gcp._log_filters.audited_changes import AUDIT_LOGS
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.logging.exporting import exporting
from connectors.gcp.logging.resources import LogBucket, ProjectSink
from connectors.gcp.resourcemanager.resources import Container


@check(
    "gcp_logging_sink_exports_all",
    title="All audit logs are exported",
    severity="high",
    fix="Make an aggregated sink of the organization that includes its children and takes all audit logs",
)
def sink_exports_all(project: ProjectPolicy, own: All[ProjectSink], containers: All[Container]) -> Verdict:
    """Several sinks may take them together."""
    taken: dict[str, str] = {}
    unclear: dict[str, list[str]] = {}
    unread = ""
    try:
        for where, sink in exporting(project, own, containers):
            for log, is_taken in sink.audit_logs(id_of(project)).items():
                if is_taken:
                    taken.setdefault(log, f"{where} sends to {sink.destination}")
                elif is_taken is None:
                    unclear.setdefault(log, []).append(where)
    except Unread as why:
        unread = f"; the sinks above are not known: {why}"
    missing = [log for log in AUDIT_LOGS if log not in taken]
    if not missing:
        return passed("; ".join(dict.fromkeys(taken.values())))
    doubted = sorted({where for log in missing for where in unclear.get(log, ())})
    said = f"no sink is known to take the audit logs {', '.join(missing)}"
    if unread:
        return unknown(f"{said}{unread}")
    if all(log in unclear for log in missing):
        return unknown(f"{said}; what the filters and exclusions of {', '.join(doubted)} take is for a person to say")
    never = [log for log in missing if log not in unclear]
    return failed(f"no sink of the project, or of what is above it, takes the audit logs {', '.join(never)}")


@check(
    "gcp_logging_bucket_retention",
    title="Log buckets keep audit logs for the required period",
    severity="medium",
    fix="Raise the retention of the log bucket, or send the audit logs to one that keeps them for longer",
)
def bucket_retention(bucket: LogBucket, sinks: All[ProjectSink], *, retention_days: int = 365) -> Verdict:
    if bucket.lifecycle_state == "DELETE_REQUESTED":
        return not_applicable(f"{bucket.name} is being deleted, and takes no logs any more")
    kept = f"{bucket.name} keeps logs for {bucket.retention_days} days"
    if bucket.retention_days >= retention_days:
        return passed(kept)
    receives = [sink for sink in sinks if sink.destination == f"logging.googleapis.com/{bucket.name}"]
    project = bucket.name.split("/")[1]
    taking = [sink.name for sink in receives if any(sink.audit_logs(project).values())]
    if taking:
        return failed(f"{kept}, {retention_days} are asked for, and {', '.join(taking)} sends audit logs there")
    return unknown(f"{kept}, {retention_days} are asked for; whether audit logs are in it depends on filters of sinks")
