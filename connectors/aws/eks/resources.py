"""EKS: clusters, who reaches their API, what they log and encrypt, the tokens that they issue; and versions.

https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
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


class LogSetup(Struct, frozen=True, kw_only=True):
    """Logs of the control plane that are on or off."""

    types: tuple[str, ...] = ()
    enabled: bool = False  # AWS's own default


class Logging(Struct, frozen=True, kw_only=True, rename="camel"):
    """The logs of the control plane."""

    cluster_logging: tuple[LogSetup, ...] = ()


class Provider(Struct, frozen=True, kw_only=True, rename="camel"):
    """The key of KMS that encrypts."""

    key_arn: str = ""


class EncryptionConfig(Struct, frozen=True, kw_only=True):
    """What a key of the company's own encrypts in the store of the cluster."""

    resources: tuple[str, ...] = ()
    provider: Provider = Provider()


class Described(Struct, frozen=True, kw_only=True, rename="camel"):
    """What eks:DescribeCluster says of a cluster."""

    vpc_config: VpcConfig = field(name="resourcesVpcConfig")
    version: str = ""  # AWS documents it as optional
    logging: Logging = Logging()  # AWS may leave it out while the cluster is being made
    encryption_config: tuple[EncryptionConfig, ...] = ()  # AWS leaves it out where there is none
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


@resource("aws.eks.version", key="clusterVersion")
class Version(Struct, frozen=True, kw_only=True, rename="camel"):
    """A version of Kubernetes that EKS runs, or ran (eks:DescribeClusterVersions)."""

    cluster_version: str
    version_status: str = ""  # STANDARD_SUPPORT, EXTENDED_SUPPORT or UNSUPPORTED
    end_of_standard_support_date: datetime | None = None  # None: AWS documents it as optional


@aws.collects(Version, at="region", call="eks:DescribeClusterVersions", permissions="eks:DescribeClusterVersions")
def versions(account: Account) -> Iterator[Body]:
    kept = ("clusterVersion", "versionStatus", "endOfStandardSupportDate", "endOfExtendedSupportDate")
    listed = account.pages("eks", "DescribeClusterVersions", "clusterVersions", includeAll=True, maxResults=100)
    yield from (only(version, *kept) for version in listed)


@aws.collects(Cluster, at="region", call="eks:ListClusters", permissions="eks:ListClusters")
def clusters(account: Account) -> Iterator[Body]:
    yield from ({"name": name} for name in account.pages("eks", "ListClusters", "clusters", maxResults=100))


@aws.part(Cluster, "cluster", call="eks:DescribeCluster", permissions="eks:DescribeCluster")
def described(account: Account, cluster: Body) -> Any:
    return account.value("eks", "DescribeCluster", "cluster", name=cluster["name"])
