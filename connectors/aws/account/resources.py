"""The account: its regions and its security contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings

NOT_ENABLED_STATES = ("ENABLING", "DISABLING", "DISABLED")
"""States in which nobody can set up anything in a region, or not any more."""


@resource("aws.account.region", key="RegionName")
class Region(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One region and whether it is enabled for the account (account:ListRegions)."""

    region_name: str
    region_opt_status: str  # ENABLED, ENABLING, DISABLING, DISABLED or ENABLED_BY_DEFAULT


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
    return name if settings.collects(name) and body.get("RegionOptStatus") != "DISABLED" else None


@aws.discovers(Region, level="region", below=_region_to_collect)
@aws.collects(Region, at="account", call="account:ListRegions", permissions="account:ListRegions")
def regions(account: Account) -> Iterator[Body]:
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
    return account.call("account", "GetAlternateContact", AlternateContactType="SECURITY")["AlternateContact"]
