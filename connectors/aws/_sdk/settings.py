"""Settings of a source with `connector = "aws"`, and the accounts and regions that they name."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Literal

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"arn:(aws(?:-[a-z]+)*):iam::([0-9]{12}):role/(?:.*/)?([\w+=,.@-]{1,64})")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")

# All partitions of botocore's data. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
Partition = Literal[
    "aws", "aws-us-gov", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"
]  # fmt: skip

# The region in which the global services of a partition are called.
HOME_REGION: dict[Partition, str] = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}

ASSUME_ROLE = "sts:AssumeRole"

_EVENT_NAME = re.compile(r"[A-Za-z0-9]{1,128}")
_EVENTS_KEPT = timedelta(days=90)
_LOOKUP = "cloudtrail:LookupEvents"
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_LOOKUPS = Bucket("lookups", concurrency=1, per_second=2)

# Services with one quota for all regions of an account.
_GLOBAL = frozenset({"account", "iam", "organizations", "sts"})


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "aws"`.

    `role` is assumed first, with the credentials that boto3 finds (environment, profile, instance). From that role, the
    role `role_name` of each other account is assumed; without `role_name`, the one of the same name as `role`.
    `security_events`: whether events of CloudTrail are read, and names beside the usual ones; of the days of
    `security_events_window`.
    """

    role: str | None = None
    role_name: str | None = None
    external_id: Secret | None = None
    profile: str | None = None
    accounts: Literal["organization"] | tuple[str, ...] | None = None
    regions: Literal["enabled"] | tuple[str, ...] = "enabled"
    partition: Partition = "aws"
    endpoint_url: str | None = None
    session_name: str = "annexd"
    identity_center_region: str | None = None
    security_events: Literal["usual"] | tuple[str, ...] | None = None
    security_events_window: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        if self.role is not None:
            self._validate_role(self.role)
        if self.role_name is not None and _ROLE_NAME.fullmatch(self.role_name) is None:
            raise ValueError(f"role_name = {self.role_name!r} is not the name of a role; write it without path or ARN")
        if _SESSION_NAME.fullmatch(self.session_name) is None:
            raise ValueError(f"session_name = {self.session_name!r}: AWS takes 2 to 64 letters, digits and +=,.@-_")
        if isinstance(self.accounts, tuple):
            self._validate_accounts(self.accounts)
        if self.accounts is not None and self.member_role is None and not self._is_single_account():
            raise ValueError("accounts needs role or role_name: how the other accounts are entered")
        if isinstance(self.regions, tuple):
            self._validate_regions("regions", self.regions)
        for name in self.security_events if isinstance(self.security_events, tuple) else ():
            if _EVENT_NAME.fullmatch(name) is None:
                raise ValueError(f"security_events: {name!r} is no name of an event, such as StopLogging")
        if not timedelta(0) < self.security_events_window <= _EVENTS_KEPT:
            raise ValueError(f"security_events_window: AWS keeps events for {_EVENTS_KEPT.days} days")
        if self.identity_center_region is not None:
            self._validate_regions("identity_center_region", (self.identity_center_region,))

    @property
    def hub(self) -> str | None:
        """The account id of `role`; None without a role."""
        match = None if self.role is None else _ROLE.fullmatch(self.role)
        return None if match is None else match[2]

    @property
    def member_role(self) -> str | None:
        """The name of the role to assume in every other account; None without `role_name` and `role`."""
        if self.role_name is not None or self.role is None:
            return self.role_name
        match = _ROLE.fullmatch(self.role)
        return None if match is None else match[3]

    def collects(self, region: str | None) -> bool:
        """Whether the settings select a region."""
        return self.regions == "enabled" or region in self.regions

    def role_in(self, account: str) -> str | None:
        """Return the ARN of the role to assume in an account; None where the settings name no role."""
        return None if self.member_role is None else f"arn:{self.partition}:iam::{account}:role/{self.member_role}"

    def _validate_role(self, role: str) -> None:
        match = _ROLE.fullmatch(role)
        if match is None:
            raise ValueError(f"role = {role!r} is not the ARN of a role, such as arn:aws:iam::111122223333:role/annexd")
        if match[1] != self.partition:
            raise ValueError(f"role is in the partition {match[1]!r}; partition says {self.partition!r}")

    def _validate_accounts(self, accounts: tuple[str, ...]) -> None:
        if not accounts:
            raise ValueError('accounts is empty; name accounts, say "organization", or leave it out for your own')
        for account in accounts:
            if _ACCOUNT.fullmatch(account) is None:
                raise ValueError(f"accounts: {account!r} is not an account id; it has 12 digits, in quotes")

    def _is_single_account(self) -> bool:
        return isinstance(self.accounts, tuple) and len(self.accounts) == 1

    def _validate_regions(self, setting: str, regions: tuple[str, ...]) -> None:
        if not regions:
            raise ValueError('regions is empty; name regions, or say "enabled" for all that an account has')
        sdk_regions = _regions_of(self.partition)
        for region in regions:
            if sdk_regions and region not in sdk_regions:
                nearest = difflib.get_close_matches(region, sdk_regions, n=1)
                hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(sdk_regions)}"
                raise ValueError(f"{setting}: {region!r} is not a region of {self.partition}; {hint}")


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source itself, then the accounts and regions in the settings."""
    accounts = settings.accounts if isinstance(settings.accounts, tuple) else ()
    if settings.accounts is None and settings.hub is not None:
        accounts = (settings.hub,)
    regions = settings.regions if isinstance(settings.regions, tuple) else ()
    return [
        (),
        *((account,) for account in accounts),
        *((account, region) for account in accounts for region in regions),
    ]


def named_below(settings: Settings, scope: Scope) -> tuple[str, ...]:
    """Return the regions that the settings name, in an account of which AWS did not say which regions it has."""
    return settings.regions if len(scope) == 1 and isinstance(settings.regions, tuple) else ()


def quota(settings: Settings, scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: AWS limits calls by account, region and service.

    A role is assumed at the expense of who assumes it, the account of `role` or the credentials of this process.
    """
    service, _, _ = call.operation.partition(":")
    account = scope[0] if scope and call.operation != ASSUME_ROLE else settings.hub or "source"
    if call.operation == _LOOKUP:
        return replace(_LOOKUPS, name=f"{account}/{scope[1]}/{call.operation}")
    region = "global" if service in _GLOBAL else scope[1] if len(scope) > 1 else HOME_REGION[settings.partition]
    return Bucket(f"{account}/{region}/{service}")


def account_of(_settings: Settings, scope: Scope) -> str | None:
    """Return the account of a scope: all its regions are signed in to as the same identity."""
    return scope[0] if scope else None


def _regions_of(partition: Partition) -> tuple[str, ...]:
    """Return the regions of a partition by the data of botocore; empty without it, which `connect` reports."""
    try:
        return _sdk_regions(partition)
    except ImportError:
        return ()


@cache  # botocore reads a third of a second's worth of files for it
def _sdk_regions(partition: Partition) -> tuple[str, ...]:
    import botocore.session  # noqa: PLC0415  imported only when an AWS source is configured

    return tuple(botocore.session.Session().get_available_regions("ec2", partition))
