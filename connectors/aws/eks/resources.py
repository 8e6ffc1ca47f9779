"""EKS: clusters, each of which issues tokens of its own.

https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class TokenIssuer(Struct, frozen=True, kw_only=True):
    """The OpenID Connect issuer of a cluster."""

    issuer: str  # with https:// before the host


class Identity(Struct, frozen=True, kw_only=True):
    """Who makes tokens for a cluster's service accounts."""

    oidc: TokenIssuer | None = None  # None: the cluster has no issuer


@resource("aws.eks.cluster", key="name")
class Cluster(Struct, frozen=True, kw_only=True):
    """A cluster of Kubernetes."""

    name: str
    identity: Identity

    @property
    def token_issuer(self) -> str | None:
        """The host and path of its issuer in lower case, as `issuer_of` gives them; None where it has none."""
        return None if self.identity.oidc is None else self.identity.oidc.issuer.removeprefix("https://").lower()


@aws.collects(Cluster, at="region", call="eks:ListClusters", permissions="eks:ListClusters")
def clusters(account: Account) -> Iterator[Body]:
    for name in account.pages("eks", "ListClusters", "clusters", maxResults=100):
        yield {"name": name}


@aws.part(Cluster, "identity", call="eks:DescribeCluster", permissions="eks:DescribeCluster")
def identity(account: Account, cluster: Body) -> Any:
    return account.value("eks", "DescribeCluster", "cluster.identity", name=cluster["name"])
