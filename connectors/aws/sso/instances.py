"""Where the Identity Center of an organization is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.core.errors import Unexpected
from collector.core.resources import Body
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.settings import Settings

FINDING = ("account:ListRegions", "organizations:DescribeOrganization", "sso-admin:ListInstances")
FINDING_PERMISSIONS = ("account:ListRegions", "organizations:DescribeOrganization", "sso:ListInstances")
"""The calls that find it, and what they need. The regions are asked for only where no setting names any."""

_ENABLED = ("ENABLED", "ENABLED_BY_DEFAULT")


def of_an_organization(settings: Settings) -> bool:
    """Whether a source looks at Identity Center: it assigns access to the accounts of an organization."""
    return settings.accounts == "organization"


def instances(source: Account) -> Iterator[Body]:
    """Yield the instance of the organization, of which there is at most one, with the region that it was found in.

    Instances of single accounts, which give no access to accounts, are left out: they belong to another account than
    the management account. Raises Unexpected where the regions that the settings name have none: another region may.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html
    """
    management = source.value("organizations", "DescribeOrganization", "Organization.MasterAccountId")
    for region in _regions(source):
        for instance in source.pages("sso-admin", "ListInstances", "Instances", region=region):
            if instance.get("OwnerAccountId") == management:
                # One that has more regions shows in each of them, and is administered in the first.
                yield {**instance, "Region": instance.get("PrimaryRegion") or region}
                return
    if _named(source.settings):
        raise Unexpected(
            f"there is no organization instance of IAM Identity Center in {', '.join(_named(source.settings))}",
            mend="set identity_center_region in the source to the region that it is in",
        )


def _named(settings: Settings) -> tuple[str, ...]:
    if settings.identity_center_region is not None:
        return (settings.identity_center_region,)
    return settings.regions if isinstance(settings.regions, tuple) else ()


def _regions(source: Account) -> Iterable[str]:
    if named := _named(source.settings):
        return named
    return (
        region["RegionName"]
        for region in source.pages("account", "ListRegions", "Regions", MaxResults=50)
        if region.get("RegionOptStatus") in _ENABLED
    )
