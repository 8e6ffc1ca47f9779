"""The account: its regions and its security contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import Unread
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings

NOT_ENABLED_STATES = ("ENABLING", "DISABLING", "DISABLED")
"""States in which nobody can set up anything in a region, or not any more."""


# The state in the words of account:ListRegions, by what EC2 says of a region.
_STATES = {"opt-in-not-required": "ENABLED_BY_DEFAULT", "opted-in": "ENABLED", "not-opted-in": "DISABLED"}

# Partitions in which the account service has an endpoint; EC2 lists the regions of the others.
# https://docs.aws.amazon.com/general/latest/gr/accounts.html
_WITH_ACCOUNT_SERVICE = ("aws", "aws-cn")


@resource("aws.account.region", key="RegionName")
class Region(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One region and whether it is enabled for the account (account:ListRegions, or ec2:DescribeRegions)."""

    region_name: str
    region_opt_status: str | None = (
        None  # ENABLED, ENABLING, DISABLING, DISABLED, ENABLED_BY_DEFAULT; None: EC2 said it
    )
    opt_in_status: str | None = None  # opt-in-not-required, opted-in or not-opted-in; None: the account service said it

    @property
    def state(self) -> str:
        """The state in the words of account:ListRegions. Raises Unread for a region of which AWS does not say it."""
        state = self.region_opt_status or _STATES.get(self.opt_in_status or "")
        if state is None:
            raise Unread(f"AWS does not say whether the region {self.region_name} is enabled")
        return state


class AlternateContact(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A person or mailbox that AWS writes to (account:GetAlternateContact)."""

    email_address: str


@resource(
    "aws.account.contact",
    redact=(
        "AlternateContact.Name",
        "AlternateContact.PhoneNumber",
        Redact("AlternateContact.EmailAddress", keep="domain"),
    ),
)
class Contact(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The security contact of an account. The owner's addresses are not read, because no check needs them."""

    account_id: str
    alternate_contact: AlternateContact | None  # None: no security contact is registered


def _region_to_collect(settings: Settings, body: Body) -> str | None:
    name: str = body["RegionName"]
    # A region that is being enabled or disabled may hold resources, and so may one without a stated status.
    is_off = body.get("RegionOptStatus") == "DISABLED" or body.get("OptInStatus") == "not-opted-in"
    return name if settings.collects(name) and not is_off else None


@aws.discovers(Region, level="region", below=_region_to_collect)
@aws.collects(
    Region,
    at="account",
    call=("account:ListRegions", "ec2:DescribeRegions"),
    permissions=("account:ListRegions", "ec2:DescribeRegions"),
)
def regions(account: Account) -> Iterator[Body]:
    if account.settings.partition not in _WITH_ACCOUNT_SERVICE:
        yield from account.value("ec2", "DescribeRegions", "Regions", AllRegions=True)
        return
    yield from account.pages("account", "ListRegions", "Regions", MaxResults=50)


@aws.collects(Contact, at="account", call=NO_CALL)
def contact(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    Contact,
    "AlternateContact",
    call="account:GetAlternateContact",
    permissions="account:GetAlternateContact",
    absent="ResourceNotFoundException",
)
def security_contact(account: Account, _body: Body) -> Any:
    return account.value("account", "GetAlternateContact", "AlternateContact", AlternateContactType="SECURITY")
