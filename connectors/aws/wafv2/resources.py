"""WAF: the web ACLs of a region, and what logs their decisions; those of CloudFront are listed in us-east-1.

Rules, and what they look for, are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100
_HOME_OF_CLOUDFRONT = "us-east-1"


@resource("aws.wafv2.web_acl", key="ARN")
class WebAcl(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A web ACL."""

    arn: str = field(name="ARN")
    name: str


@resource("aws.wafv2.logging", key="ResourceArn")
class Logging(Struct, frozen=True, kw_only=True, rename="pascal"):
    """That a web ACL logs, and where to."""

    resource_arn: str
    log_destination_configs: tuple[str, ...] = ()
    drops: bool | None = None  # whether a filter drops some of the log; None: evidence from before it was read


def _scopes(account: Account) -> tuple[str, ...]:
    return ("REGIONAL", "CLOUDFRONT") if account.region == _HOME_OF_CLOUDFRONT else ("REGIONAL",)


@aws.collects(WebAcl, at="region", call="wafv2:ListWebACLs", permissions="wafv2:ListWebACLs")
def web_acls(account: Account) -> Iterator[Body]:
    for scope in _scopes(account):
        for web_acl in account.pages("wafv2", "ListWebACLs", "WebACLs", Scope=scope, Limit=_PAGE_SIZE):
            yield {**only(web_acl, "Name", "Id", "ARN"), "Scope": scope}


@aws.collects(
    Logging, at="region", call="wafv2:ListLoggingConfigurations", permissions="wafv2:ListLoggingConfigurations"
)
def logging(account: Account) -> Iterator[Body]:
    for scope in _scopes(account):
        listed = account.pages(
            "wafv2", "ListLoggingConfigurations", "LoggingConfigurations", Scope=scope, Limit=_PAGE_SIZE
        )
        for each in listed:
            yield {**only(each, "ResourceArn", "LogDestinationConfigs"), "Drops": _drops(each.get("LoggingFilter"))}


def _drops(chosen: Body | None) -> bool:
    """Whether a filter drops some of the log. What it goes by is not kept."""
    if chosen is None:
        return False
    return "DROP" in (chosen.get("DefaultBehavior"), *(each.get("Behavior") for each in chosen.get("Filters", ())))
