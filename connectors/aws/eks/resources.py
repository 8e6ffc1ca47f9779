"""EKS: clusters, who reaches their API, and the tokens that each of them issues.

https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
"""

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


class TokenIssuer(Struct, frozen=True, kw_only=True):
    """The OpenID Connect issuer of a cluster."""

    issuer: str  # with https:// before the host


class Identity(Struct, frozen=True, kw_only=True):
    """Who makes tokens for a cluster's service accounts."""

    oidc: TokenIssuer | None = None  # None: the cluster has no issuer


class Described(Struct, frozen=True, kw_only=True, rename="camel"):
    """What eks:DescribeCluster says of a cluster."""

    vpc_config: VpcConfig = field(name="resourcesVpcConfig")
    identity: Identity = Identity()  # AWS may leave it out while the cluster is being made


@resource("aws.eks.cluster", key="name")
class Cluster(Struct, frozen=True, kw_only=True):
    """One cluster that EKS runs; those that are only registered with EKS are not listed."""

    name: str
    described: Described = field(name="cluster")

    @property
    def token_issuer(self) -> str | None:
        """The host and path of its issuer in lower case, as `issuer_of` gives them; None where it has none."""
        oidc = self.described.identity.oidc
        return None if oidc is None else oidc.issuer.removeprefix("https://").lower()


@aws.collects(Cluster, at="region", call="eks:ListClusters", permissions="eks:ListClusters")
def clusters(account: Account) -> Iterator[Body]:
    yield from ({"name": name} for name in account.pages("eks", "ListClusters", "clusters", maxResults=100))


@aws.part(Cluster, "cluster", call="eks:DescribeCluster", permissions="eks:DescribeCluster")
def described(account: Account, cluster: Body) -> Any:
    return account.value("eks", "DescribeCluster", "cluster", name=cluster["name"])
