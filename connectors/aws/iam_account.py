"""IAM of a whole account: root user, password policy, virtual MFA devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, The, Verdict, check, failed, nothing, passed
from collector.core.resources import Body, resource
from connectors.aws.client import NO_CALL, Account
from connectors.aws.connector import aws
from connectors.aws.iam_credentials import CredentialRow


class SummaryMap(Struct, frozen=True, kw_only=True):
    """AWS's own counts; of the root user it counts 0 or 1."""

    mfa: int = field(name="AccountMFAEnabled")
    access_keys: int = field(name="AccountAccessKeysPresent")
    # None: an answer without it, from before root credentials of member accounts could be taken away.
    password: int | None = field(name="AccountPasswordPresent", default=None)


@resource("aws.iam.account_summary")
class AccountSummary(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What IAM counts in an account."""

    account_id: str
    summary_map: SummaryMap


class Passwords(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a console password must be like."""

    minimum_password_length: int
    password_reuse_prevention: int | None = None  # None: a password may be used again at once


@resource("aws.iam.password_policy")
class PasswordPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The account's own rules for console passwords."""

    account_id: str
    password_policy: Passwords | None  # None: there is none, and AWS's default of 8 characters holds


class MfaUser(Struct, frozen=True, kw_only=True, rename="pascal"):
    """To whom a device belongs."""

    arn: str


@resource("aws.iam.virtual_mfa_device", key="SerialNumber", redact=("Base32StringSeed", "QRCodePNG"))
class VirtualMfaDevice(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An authenticator app; hardware keys and passkeys are not in this list."""

    serial_number: str
    user: MfaUser | None = None  # None: assigned to nobody

    @property
    def of_root(self) -> bool:
        """Whether the root user signs in with it; before 2022 the serial number alone said so."""
        return self.serial_number.endswith(":mfa/root-account-mfa-device") or (
            self.user is not None and self.user.arn.endswith(":root")
        )


@aws.collects(AccountSummary, at="account", call=NO_CALL)
def account_summary(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(AccountSummary, "SummaryMap", call="iam:GetAccountSummary", needs="iam:GetAccountSummary")
def summary_map(account: Account, _body: Body) -> Any:
    return account.ask("iam", "GetAccountSummary")["SummaryMap"]


@aws.collects(PasswordPolicy, at="account", call=NO_CALL)
def password_policy(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    PasswordPolicy,
    "PasswordPolicy",
    call="iam:GetAccountPasswordPolicy",
    needs="iam:GetAccountPasswordPolicy",
    absent="NoSuchEntity",
)
def passwords(account: Account, _body: Body) -> Any:
    return account.ask("iam", "GetAccountPasswordPolicy")["PasswordPolicy"]


@aws.collects(VirtualMfaDevice, at="account", call="iam:ListVirtualMFADevices", needs="iam:ListVirtualMFADevices")
def virtual_mfa_devices(account: Account) -> Iterator[Body]:
    yield from account.pages("iam", "ListVirtualMFADevices", "VirtualMFADevices")


@check(
    "aws_iam_root_mfa_enabled",
    title="The root user has a second factor",
    severity="critical",
    fix="Sign in as the root user and register a security key or another MFA device",
)
def root_mfa_enabled(account: AccountSummary) -> Verdict:
    root = account.summary_map
    if root.mfa:
        return passed()
    if root.password == 0 and root.access_keys == 0:
        return nothing("the root user has neither a password nor access keys, so it cannot sign in")
    return failed(f"the root user of {account.account_id} has no MFA device")


@check(
    "aws_iam_root_hardware_mfa",
    title="The second factor of the root user is a security key or hardware token",
    severity="high",
    fix="Register a security key or hardware token for the root user and remove its virtual MFA device",
)
def root_hardware_mfa(devices: All[VirtualMfaDevice], account: The[AccountSummary]) -> Verdict:
    root = account.summary_map
    if not root.mfa:
        if root.password == 0 and root.access_keys == 0:
            return nothing("the root user has neither a password nor access keys, so it cannot sign in")
        return failed(f"the root user of {account.account_id} has no MFA device")
    apps = [device.serial_number for device in devices if device.of_root]
    if apps:
        return failed(f"the root user signs in with a virtual MFA device: {', '.join(apps)}")
    return passed("the root user has MFA, and none of the account's virtual devices is its own")


@check(
    "aws_iam_root_no_access_keys",
    title="The root user has no access keys",
    severity="critical",
    fix="Move whatever uses the root user's keys to a role, then delete the keys",
)
def root_no_access_keys(account: AccountSummary) -> Verdict:
    if account.summary_map.access_keys == 0:
        return passed()
    return failed(f"the root user of {account.account_id} has access keys")


@check(
    "aws_iam_password_policy_strong",
    title="Console passwords are long enough and may not be used again soon",
    severity="medium",
    fix="Set a password policy for the account with the length and reuse prevention that your standard asks for",
)
def password_policy_strong(
    account: PasswordPolicy, credentials: All[CredentialRow], *, min_length: int = 14, reuse_prevention: int = 24
) -> Verdict:
    policy = account.password_policy
    if policy is None:
        why = "the account has no password policy of its own"
    else:
        reuse = policy.password_reuse_prevention or 0
        if policy.minimum_password_length >= min_length and reuse >= reuse_prevention:
            return passed()
        why = (
            f"passwords need {policy.minimum_password_length} characters and {reuse} others before one is used again;"
            f" {min_length} and {reuse_prevention} are asked for"
        )
    if not any(row.has_password for row in credentials if not row.is_root):
        return nothing("no IAM user has a console password")
    return failed(why)
