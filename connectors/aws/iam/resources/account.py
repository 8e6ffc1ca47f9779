"""IAM of a whole account: root user, password policy, virtual MFA devices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.errors import Unread
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws


class SummaryMap(Struct, frozen=True, kw_only=True):
    """Counts of iam:GetAccountSummary; those of the root user are 0 or 1."""

    mfa: int = field(name="AccountMFAEnabled")
    access_keys: int = field(name="AccountAccessKeysPresent")
    # None: an answer without it, as of another partition, or from before root credentials could be taken away.
    password: int | None = field(name="AccountPasswordPresent", default=None)


@resource("aws.iam.account_summary")
class AccountSummary(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The summary that IAM gives of an account."""

    account_id: str
    summary_map: SummaryMap
    partition: str | None = None  # None: seen before annexd kept it


class PasswordRules(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The rules of a password policy (iam:GetAccountPasswordPolicy)."""

    minimum_password_length: int
    password_reuse_prevention: int | None = None  # None: a password may be used again at once


@resource("aws.iam.password_policy")
class PasswordPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The password policy of an account for console passwords."""

    account_id: str
    password_policy: PasswordRules | None  # None: there is none, and AWS's default of 8 characters holds


class MfaUser(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The user that a device is assigned to."""

    arn: str


@resource("aws.iam.virtual_mfa_device", key="SerialNumber", redact=("Base32StringSeed", "QRCodePNG"))
class VirtualMfaDevice(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A virtual MFA device (iam:ListVirtualMFADevices); hardware keys and passkeys are not in this list."""

    serial_number: str
    user: MfaUser | None = None  # None: assigned to nobody, unless it is enabled
    enable_date: datetime | None = None  # None: assigned to nobody

    @property
    def of_root(self) -> bool:
        """Whether the device is assigned to the root user. A name proves nothing: it stays when the device is not.

        Raises Unread for a device that is in use and of which IAM does not say by whom.
        """
        if self.user is not None:
            return self.user.arn.endswith(":root")
        if self.enable_date is not None:
            raise Unread(f"IAM does not say whose the virtual MFA device {self.serial_number} is, which is in use")
        return False


@aws.collects(AccountSummary, at="account", call=NO_CALL)
def account_summary(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Partition": account.settings.partition}


@aws.part(AccountSummary, "SummaryMap", call="iam:GetAccountSummary", permissions="iam:GetAccountSummary")
def summary_map(account: Account, _body: Body) -> Any:
    return account.value("iam", "GetAccountSummary", "SummaryMap")


@aws.collects(PasswordPolicy, at="account", call=NO_CALL)
def password_policy(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    PasswordPolicy,
    "PasswordPolicy",
    call="iam:GetAccountPasswordPolicy",
    permissions="iam:GetAccountPasswordPolicy",
    absent="NoSuchEntity",
)
def passwords(account: Account, _body: Body) -> Any:
    return account.value("iam", "GetAccountPasswordPolicy", "PasswordPolicy")


@aws.collects(VirtualMfaDevice, at="account", call="iam:ListVirtualMFADevices", permissions="iam:ListVirtualMFADevices")
def virtual_mfa_devices(account: Account) -> Iterator[Body]:
    yield from account.pages("iam", "ListVirtualMFADevices", "VirtualMFADevices")
