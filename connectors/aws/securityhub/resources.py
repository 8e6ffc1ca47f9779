"""Security Hub CSPM: whether it is on in each region, and with which standards.

AWS called it Security Hub before it gave that name to another service, which is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.errors import NOT_SUBSCRIBED


class Hub(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The hub of a region (securityhub:DescribeHub)."""

    hub_arn: str


class Standard(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A standard that is switched on (securityhub:GetEnabledStandards)."""

    standards_arn: str
    standards_status: str  # PENDING, READY, INCOMPLETE, DELETING or FAILED


@resource("aws.securityhub.region")
class HubRegion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Security Hub CSPM in one region of an account."""

    region: str
    hub: Hub | None  # None: AWS says that the account is not subscribed
    standards: tuple[Standard, ...] | None  # None: likewise


@aws.collects(HubRegion, at="region", call=NO_CALL)
def regions(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(
    HubRegion, "Hub", call="securityhub:DescribeHub", permissions="securityhub:DescribeHub", absent=NOT_SUBSCRIBED
)
def hub(account: Account, _region: Body) -> Any:
    return only(account.call("securityhub", "DescribeHub", having="HubArn"), "HubArn")


@aws.part(
    HubRegion,
    "Standards",
    call="securityhub:GetEnabledStandards",
    permissions="securityhub:GetEnabledStandards",
    absent=NOT_SUBSCRIBED,
)
def standards(account: Account, _region: Body) -> Any:
    listed = account.pages("securityhub", "GetEnabledStandards", "StandardsSubscriptions", MaxResults=100)
    return [only(standard, "StandardsArn", "StandardsStatus") for standard in listed]
