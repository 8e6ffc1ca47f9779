"""EKS: clusters and who reaches their API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class VpcConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """How the API of a cluster is reached."""

    endpoint_public_access: bool
    # AWS lets in everybody where none is named.
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html
    public_access_cidrs: tuple[str, ...] = ()


class Described(Struct, frozen=True, kw_only=True, rename="camel"):
    """What eks:DescribeCluster says of a cluster."""

    vpc_config: VpcConfig = field(name="resourcesVpcConfig")


@resource("aws.eks.cluster", key="name")
class Cluster(Struct, frozen=True, kw_only=True):
    """One cluster that EKS runs; those that are only registered with EKS are not listed."""

    name: str
    described: Described = field(name="cluster")


@aws.collects(Cluster, at="region", call="eks:ListClusters", permissions="eks:ListClusters")
def clusters(account: Account) -> Iterator[Body]:
    yield from ({"name": name} for name in account.pages("eks", "ListClusters", "clusters", maxResults=100))


@aws.part(Cluster, "cluster", call="eks:DescribeCluster", permissions="eks:DescribeCluster")
def described(account: Account, cluster: Body) -> Any:
    return account.value("eks", "DescribeCluster", "cluster", name=cluster["name"])
