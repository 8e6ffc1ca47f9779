"""Checks of where audit logs go, and for how long they are kept."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from connectors.gcp._iam.effective import above
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.logging.resources import LogBucket, ProjectSink
from connectors.gcp.logging.sinks import Sink, stays_home
from connectors.gcp.resourcemanager.resources import Container


@check(
    "gcp_logging_sink_exports_all",
    title="All audit logs are exported",
    severity="high",
    fix="Make an aggregated sink of the organization that includes its children and takes all audit logs",
)
def sink_exports_all(project: ProjectPolicy, own: All[ProjectSink], containers: All[Container]) -> Verdict:
    unclear: list[str] = []
    for sink in own:
        if not stays_home(sink):
            if sink.takes_all_audit_logs:
                return passed(f"the sink {sink.name} sends them to {sink.destination}")
            _doubt(sink, "the project", unclear)
    try:
        for container in above(project, containers):
            for inherited in container.sinks:
                if inherited.include_children:
                    if inherited.takes_all_audit_logs:
                        said = f"the sink {inherited.name} of {container.name} sends them to {inherited.destination}"
                        return passed(said)
                    _doubt(inherited, container.name, unclear)
    except Unread as why:
        return unknown(f"no sink of the project takes them all, and the sinks above are not known: {why}")
    if unclear:
        return unknown(f"whether all audit logs are in what it takes is for a person to say: {'; '.join(unclear)}")
    return failed("no sink of the project, or of what is above it, takes all audit logs")


def _doubt(sink: Sink, where: str, unclear: list[str]) -> None:
    if sink.takes_all_audit_logs is None:
        unclear.append(f"{sink.name} of {where} has a filter or exclusions")


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
    taking = [sink.name for sink in receives if sink.takes_all_audit_logs]
    if taking:
        return failed(f"{kept}, {retention_days} are asked for, and {', '.join(taking)} sends all audit logs there")
    return unknown(f"{kept}, {retention_days} are asked for; whether audit logs are in it depends on filters of sinks")
