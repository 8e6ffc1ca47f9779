"""Redshift: provisioned clusters, their logs, and whether they ask for TLS. Serverless workgroups are not listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_KEPT = (
    "ClusterIdentifier",
    "ClusterNamespaceArn",
    "ClusterStatus",
    "PubliclyAccessible",
    "Encrypted",
    "ClusterParameterGroups",
    "VpcId",
    "Tags",
)
_TLS = "require_ssl"


class ParameterGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A parameter group of a cluster."""

    name: str = field(name="ParameterGroupName")
    status: str = field(name="ParameterApplyStatus", default="")  # only in-sync: what the group says is in force


class LoggingStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether connections and statements are logged (redshift:DescribeLoggingStatus)."""

    logging_enabled: bool
    delivery_fails: bool | None = None  # whether the last delivery failed; None: evidence from before it was read


class Parameter(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A parameter."""

    parameter_name: str
    parameter_value: str = ""


@resource("aws.redshift.cluster", key="ClusterIdentifier", volatile=("ClusterStatus",))
class Cluster(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A cluster."""

    cluster_identifier: str
    publicly_accessible: bool
    encrypted: bool
    groups: tuple[ParameterGroup, ...] = field(name="ClusterParameterGroups", default=())
    logging: LoggingStatus
    parameters: tuple[Parameter, ...]  # the one that asks for TLS


@aws.collects(Cluster, at="region", call="redshift:DescribeClusters", permissions="redshift:DescribeClusters")
def clusters(account: Account) -> Iterator[Body]:
    for cluster in account.pages("redshift", "DescribeClusters", "Clusters", MaxRecords=100):
        yield only(cluster, *_KEPT)


@aws.part(Cluster, "Logging", call="redshift:DescribeLoggingStatus", permissions="redshift:DescribeLoggingStatus")
def logging(account: Account, cluster: Body) -> Any:
    answer = account.call(
        "redshift",
        "DescribeLoggingStatus",
        having="LoggingEnabled",
        ClusterIdentifier=cluster["ClusterIdentifier"],
    )
    return {**only(answer, "LoggingEnabled", "LogDestinationType", "BucketName"), "DeliveryFails": _fails(answer)}


def _fails(answer: Body) -> bool:
    """Whether the last delivery failed. When it was is not kept: it changes by the hour."""
    failed, delivered = answer.get("LastFailureTime"), answer.get("LastSuccessfulDeliveryTime")
    return failed is not None and (delivered is None or failed > delivered)


@aws.part(
    Cluster,
    "Parameters",
    call="redshift:DescribeClusterParameters",
    permissions="redshift:DescribeClusterParameters",
)
def parameters(account: Account, cluster: Body) -> Any:
    return [
        only(each, "ParameterName", "ParameterValue")
        for group in cluster.get("ClusterParameterGroups", ())
        for each in account.pages(
            "redshift",
            "DescribeClusterParameters",
            "Parameters",
            ParameterGroupName=group["ParameterGroupName"],
            MaxRecords=100,
        )
        if each["ParameterName"] == _TLS
    ]
