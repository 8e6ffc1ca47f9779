"""The check that data warehouses are closed to the internet, encrypted and logged."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.redshift.resources import Cluster

_IN_FORCE = "in-sync"


@check(
    "aws_redshift_cluster_hardened",
    title="The data warehouse has no public address, encrypts at rest and on the way, and logs",
    severity="high",
    fix="Turn off public access, encrypt the cluster, set require_ssl, and switch on audit logging",
)
def cluster_hardened(cluster: Cluster) -> Verdict:
    name = cluster.cluster_identifier
    problems: list[str] = []
    doubts: list[str] = []
    if cluster.publicly_accessible:
        problems.append("is publicly accessible")
    if not cluster.encrypted:
        problems.append("is not encrypted at rest")
    try:
        if not cluster.logging.logging_enabled:
            problems.append("does not log")
        elif cluster.logging.delivery_fails is None:
            doubts.append("whether its logs are delivered was not read")
        elif cluster.logging.delivery_fails:
            problems.append("could not deliver its logs when it last tried")
    except Unread as reason:
        doubts.append(str(reason))
    try:
        values = {each.parameter_value.lower() for each in cluster.parameters}
        if values == {"true"}:
            doubts += [
                f"its parameter group is {state}, so that require_ssl may not be in force"
                for state in _waiting(cluster)
            ]
        elif "false" in values:
            problems.append("takes connections without TLS")
        else:
            doubts.append("AWS does not say whether it asks for TLS")
    except Unread as reason:
        doubts.append(str(reason))
    if problems:
        return failed(f"{name} {first_few(problems, 4, ', ')}")
    if doubts:
        return unknown(f"{name}: {first_few(doubts, between='; ')}")
    return passed(f"{name} has no public address, is encrypted, asks for TLS and logs")


def _waiting(cluster: Cluster) -> list[str]:
    return [group.status or "in no known state" for group in cluster.groups if group.status != _IN_FORCE]
