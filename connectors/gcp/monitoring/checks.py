"""The check that somebody is told when what matters is changed."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.gcp._iam.effective import id_of
from connectors.gcp._log_filters.audited_changes import CHANGES, entries
from connectors.gcp._log_filters.matching import Entry
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.logging.exporting import exporting
from connectors.gcp.logging.resources import LogMetric, ProjectSink
from connectors.gcp.monitoring.alerting import counted, heard, raises
from connectors.gcp.monitoring.resources import AlertPolicy, MetricsScope, NotificationChannel
from connectors.gcp.resourcemanager.resources import Container


@check(
    "gcp_logging_alerts_for_key_changes",
    title="Alerts exist for the listed configuration changes",
    severity="medium",
    fix="Make a log-based metric for these changes, and an alert policy on it with a notification channel",
)
def alerts_for_key_changes(  # noqa: PLR0913  each list is a set of its own, whole or not
    project: ProjectPolicy,
    metrics: All[LogMetric],
    policies: All[AlertPolicy],
    channels: All[NotificationChannel],
    scopes: All[MetricsScope],
    own: All[ProjectSink],
    containers: All[Container],
    *,
    event_classes: tuple[str, ...] = tuple(CHANGES),
) -> Verdict:
    """Of each class every entry has to raise an alert in the project, or may be heard of where the log is sent to."""
    strange = sorted(set(event_classes) - CHANGES.keys())
    if strange:
        return unknown(f"annexd knows no {', '.join(strange)}; it knows {', '.join(CHANGES)}")
    told, counting = list(heard(list(policies), list(channels))), list(metrics)
    is_watched = len(list(scopes)) > 1  # its own scope is always one of them
    silent: dict[str, Entry] = {}
    unclear: list[str] = []
    for change in event_classes:
        for said, entry in entries(id_of(project), change):
            found = [raises(policy, counting, entry) for policy in told]
            if True in found:
                continue
            if None in found:
                unclear.append(f"{change} ({said}): more than that decides whether an alert is raised")
            elif is_watched and any(counted(metric, entry) is not False for metric in counting):
                unclear.append(f"{change} ({said}): another project watches the metrics of this one")
            else:
                silent[f"{change} ({said})"] = entry
    if silent:
        return _of_silent(silent, project, own, containers)
    return unknown(first_few(unclear, between="; ")) if unclear else passed()


def _of_silent(
    silent: dict[str, Entry], project: ProjectPolicy, own: All[ProjectSink], containers: All[Container]
) -> Verdict:
    """Judge what no alert of the project is for: it may be heard of where sinks send it."""
    unheard = f"no alert of the project is for {first_few(sorted(silent))}"
    sent: dict[str, list[str]] = {name: [] for name in silent}
    try:
        for where, sink in exporting(project, own, containers):
            for name, entry in silent.items():
                if sink.takes(entry) is not False:
                    sent[name].append(where)
    except Unread as why:
        return unknown(f"{unheard}; where the log is sent to is not known: {why}")
    if all(sent.values()):
        places = sorted({where for each in sent.values() for where in each})
        return unknown(f"{unheard}; whether somebody is told where {first_few(places)} sends the log is not read")
    return failed(f"nobody is told of {first_few(sorted(name for name, places in sent.items() if not places))}")
