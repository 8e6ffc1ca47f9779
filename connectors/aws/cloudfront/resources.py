"""CloudFront: the distributions of an account."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

# https://docs.aws.amazon.com/general/latest/gr/cf_region.html
_PARTITIONS = ("aws", "aws-cn")


class Behavior(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a distribution does with requests of a path."""

    path_pattern: str = "default"  # AWS leaves it out of the default behaviour
    viewer_protocol_policy: str  # allow-all, https-only or redirect-to-https


class Behaviors(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The behaviours besides the default one."""

    quantity: int
    items: tuple[Behavior, ...] = ()  # AWS leaves it out where there are none


class ViewerCertificate(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The certificate that viewers see, and the security policy with it."""

    cloud_front_default_certificate: bool = False  # AWS leaves it out where the company's own is used
    minimum_protocol_version: str | None = None  # None: AWS does not say it


@resource("aws.cloudfront.distribution", key="Id", redact=("Origins.Items.CustomHeaders.Items.HeaderValue", "Comment"))
class Distribution(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One distribution (cloudfront:ListDistributions).

    Headers for origins hold shared secrets, by which an origin knows CloudFront, and are redacted.
    """

    id: str
    domain_name: str
    enabled: bool
    default_cache_behavior: Behavior
    cache_behaviors: Behaviors
    viewer_certificate: ViewerCertificate

    @property
    def behaviors(self) -> tuple[Behavior, ...]:
        """Every behaviour, the default one first."""
        return (self.default_cache_behavior, *self.cache_behaviors.items)


@aws.collects(
    Distribution,
    at="account",
    call="cloudfront:ListDistributions",
    permissions="cloudfront:ListDistributions",
    when=lambda settings: settings.partition in _PARTITIONS,
)
def distributions(account: Account) -> Iterator[Body]:
    yield from account.pages(
        "cloudfront", "ListDistributions", "DistributionList.Items", count="DistributionList.Quantity"
    )
