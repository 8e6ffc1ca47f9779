"""Checks of IAM of a whole account: root user, password policy."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.iam.resources.account import AccountSummary, PasswordPolicy, VirtualMfaDevice
from connectors.aws.iam.resources.credential_report import CredentialRow


@check(
    "aws_iam_root_mfa_enabled",
    title="The root user has a second factor",
    severity="critical",
    fix="Sign in as the root user and register a security key or another MFA device",
)
def root_mfa_enabled(account: AccountSummary) -> Verdict:
    return passed() if account.summary_map.mfa else _without_mfa(account)


@check(
    "aws_iam_root_hardware_mfa",
    title="The second factor of the root user is a security key or hardware token",
    severity="high",
    fix="Register a security key or hardware token for the root user and remove its virtual MFA device",
)
def root_hardware_mfa(devices: All[VirtualMfaDevice], account: The[AccountSummary]) -> Verdict:
    if not account.summary_map.mfa:
        return _without_mfa(account)
    apps: list[str] = []
    doubts: list[str] = []
    for device in devices:
        try:
            if device.of_root:
                apps.append(device.serial_number)
        except Unread as reason:
            doubts.append(str(reason))
    if apps:
        return failed(f"the root user signs in with a virtual MFA device: {first_few(apps)}")
    if doubts:
        return unknown(first_few(doubts, between="; "))
    return passed("the root user has MFA, and none of the account's virtual devices is assigned to it")


def _without_mfa(account: AccountSummary) -> Verdict:
    """Return the verdict on a root user without MFA device: whether it can sign in, and can have one."""
    root = account.summary_map
    # The root user of GovCloud cannot sign in to the console, and no MFA device can be enabled for it.
    # https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-iam.html
    if account.partition == "aws-us-gov":
        if root.access_keys == 0:
            return not_applicable("the root user of GovCloud has no console, no MFA, and here no access keys either")
        return failed(f"the root user of {account.account_id} has access keys, and GovCloud has no MFA for it")
    if root.access_keys == 0 and root.password == 0:
        return not_applicable("the root user has neither a password nor access keys, so it cannot sign in")
    if root.access_keys == 0 and root.password is None:
        return unknown(
            f"the root user of {account.account_id} has no MFA device; IAM does not say whether it has a password"
            " (AccountPasswordPresent), without which it cannot sign in"
        )
    return failed(f"the root user of {account.account_id} has no MFA device")


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
        return not_applicable("no IAM user has a console password")
    return failed(why)
