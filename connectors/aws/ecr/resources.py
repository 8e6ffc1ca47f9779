"""ECR: private repositories, and the scanning that the registry of a region does.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 1000


class ImageScanning(Struct, frozen=True, kw_only=True, rename="camel"):
    """The setting of one repository, which AWS has replaced by that of the registry."""

    scan_on_push: bool = False  # AWS's own default


class RepositoryFilter(Struct, frozen=True, kw_only=True, rename="camel"):
    """Names of repositories, or tags of images, that a rule is about."""

    pattern: str = field(name="filter")
    filter_type: str  # WILDCARD


@resource("aws.ecr.repository", key="repositoryName")
class Repository(Struct, frozen=True, kw_only=True, rename="camel"):
    """A private repository."""

    repository_name: str
    repository_arn: str = ""  # evidence from before it was read may lack it
    image_tag_mutability: str = ""  # MUTABLE, IMMUTABLE, and either with exclusions; likewise
    exclusions: tuple[RepositoryFilter, ...] = field(name="imageTagMutabilityExclusionFilters", default=())
    policy_text: str | None = ""  # None: it has none; empty: evidence from before it was read
    image_scanning_configuration: ImageScanning = ImageScanning()


class ScanningRule(Struct, frozen=True, kw_only=True, rename="camel"):
    """When the images of some repositories are scanned."""

    scan_frequency: str  # SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL
    repository_filters: tuple[RepositoryFilter, ...]


class Scanning(Struct, frozen=True, kw_only=True, rename="camel"):
    """The scanning of a registry (ecr:GetRegistryScanningConfiguration)."""

    scan_type: str  # BASIC or ENHANCED
    rules: tuple[ScanningRule, ...] = ()  # AWS leaves it out where there are none


@resource("aws.ecr.registry")
class Registry(Struct, frozen=True, kw_only=True, rename="camel"):
    """The private registry that each account has in each region."""

    region: str
    scanning_configuration: Scanning


@aws.collects(Repository, at="region", call="ecr:DescribeRepositories", permissions="ecr:DescribeRepositories")
def repositories(account: Account) -> Iterator[Body]:
    yield from account.pages("ecr", "DescribeRepositories", "repositories", maxResults=_PAGE_SIZE)


@aws.part(
    Repository,
    "policyText",
    call="ecr:GetRepositoryPolicy",
    permissions="ecr:GetRepositoryPolicy",
    absent="RepositoryPolicyNotFoundException",
)
def policy_text(account: Account, repository: Body) -> Any:
    return account.value("ecr", "GetRepositoryPolicy", "policyText", repositoryName=repository["repositoryName"])


@aws.collects(Registry, at="region", call=NO_CALL)
def registry(account: Account) -> Iterator[Body]:
    yield {"accountId": account.id, "region": account.region}


@aws.part(
    Registry,
    "scanningConfiguration",
    call="ecr:GetRegistryScanningConfiguration",
    permissions="ecr:GetRegistryScanningConfiguration",
)
def scanning(account: Account, _registry: Body) -> Any:
    answer = account.call("ecr", "GetRegistryScanningConfiguration", having="scanningConfiguration.scanType")
    return answer["scanningConfiguration"]
