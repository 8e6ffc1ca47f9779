"""Acme's organization, its people, and the roles of its machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import AccessKeyLastUsed
from moto.organizations.models import organizations_backends

from collector.demo.aws.credential_report import RootUser
from collector.demo.aws.seeding import BROKEN, FORMULA, AccountSeed, allow, deny, policy

_READER = "arn:aws:iam::aws:policy/SecurityAudit"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# What a scan reads beyond AWS's SecurityAudit policy.
_BEYOND_SECURITY_AUDIT = (
    "account:GetContactInformation",
    "account:ListRegions",
    "backup:ListBackupJobs",
    "backup:ListRestoreJobs",
    "backup:ListRestoreTestingPlans",
    "eks:DescribeClusterVersions",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroups",
    "identitystore:ListUsers",
    "macie2:GetAutomatedDiscoveryConfiguration",
    "macie2:GetMacieSession",
    "sso:DescribePermissionSet",
    "sso:Get*ForPermissionSet",
    "sso:List*",
)
_STRANGER = "999988887777"
_UNIT = "workloads"


def found_organization(account: AccountSeed, names: Mapping[str, str]) -> str:
    """Create the organization in its management account, and return its id."""
    organizations = account.client("organizations")
    organization: str = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    backend = organizations_backends[account.number]["aws"]
    (first,) = backend.accounts
    first.name, first.email = names[account.number], "aws@example.com"
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.create_organizational_unit(ParentId=root, Name=_UNIT)
    for number, name in names.items():
        if number != account.number:
            join_organization(account, number, name)
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    guard = organizations.create_policy(
        Name="keep-the-logs",
        Description="Nobody turns logging off",
        Type="SERVICE_CONTROL_POLICY",
        Content=policy(
            deny(
                "cloudtrail:StopLogging",
                "cloudtrail:DeleteTrail",
                "config:StopConfigurationRecorder",
                "guardduty:DeleteDetector",
            )
        ),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=guard, TargetId=root)
    account.expect("pass", account.number, "aws_organizations_account_in_organization")
    account.expect("not_applicable", organization, "aws_organizations_scp_protects_security_services")
    account.expect("fail", organization, "aws_organizations_scp_restricts_regions")
    return organization


def join_organization(account: AccountSeed, number: str, name: str) -> None:
    """Add a new account to the organization of a management account."""
    organizations, backend = account.client("organizations"), organizations_backends[account.number]["aws"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    organizations.create_account(AccountName=name, Email=f"aws+{name}@example.com")
    # AWS and moto draw the numbers; these can be told apart by a reader.
    members = organizations_backends.master_accounts
    members[number] = members.pop(backend.accounts[-1].id)
    backend.accounts[-1].id = number
    organizations.move_account(AccountId=number, SourceParentId=root, DestinationParentId=units[0]["Id"])


def management(account: AccountSeed, role: str) -> Mapping[str, str]:
    """Seed the management account: the scan's own user, whose key is returned, and one for emergencies."""
    account.load_managed_policies("SecurityAudit")
    _account(account, RootUser(account.ago(2000), last_used_at=account.ago(400)), contact=True)
    account.expect("pass", account.number, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    account.expect("pass", account.number, "aws_iam_root_not_used_recently", "aws_account_security_contact_set")
    _strong_passwords(account)
    iam = account.client("iam")
    enter = allow("sts:AssumeRole", on=f"arn:aws:iam::*:role/{role}")
    iam.create_user(UserName=role)
    iam.create_group(GroupName="scanners")
    iam.put_group_policy(GroupName="scanners", PolicyName="enter", PolicyDocument=policy(enter))
    iam.add_user_to_group(GroupName="scanners", UserName=role)
    key: Mapping[str, str] = iam.create_access_key(UserName=role)["AccessKey"]
    _scanning_role(account, role, account.arn("root"), enter)
    _user(account, "emergency", created=700, console=True, mfa=True, used=20)
    account.expect("pass", "emergency", "aws_iam_user_console_mfa_enabled", "aws_iam_user_unused_credentials_disabled")
    account.expect("pass", role, "aws_iam_access_key_rotated")
    return key


def production(account: AccountSeed, role: str, home: str) -> None:
    """Seed the production account, which has the people and most of the faults."""
    account.load_managed_policies("SecurityAudit", "AdministratorAccess", "ReadOnlyAccess")
    _account(account, RootUser(account.ago(1500), last_used_at=account.ago(12)), contact=True)
    account.expect("pass", account.number, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    account.expect("fail", account.number, "aws_iam_root_not_used_recently")
    account.expect("pass", account.number, "aws_account_security_contact_set")
    _strong_passwords(account)
    _scanning_role(account, role, f"arn:aws:iam::{home}:root")
    _people(account)
    _policies(account)
    _roles(account, home)


def staging(account: AccountSeed, role: str, home: str) -> None:
    """Seed the staging account, in which the scan's role lacks permissions."""
    account.load_managed_policies("SecurityAudit")
    root = RootUser(account.ago(900), mfa=False, key_created_at=account.ago(850))
    _account(account, root, contact=False)
    account.used(3, lambda at: setattr(account.extras, "root", replace(root, last_used_at=at)))
    account.expect("fail", account.number, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    account.expect("fail", account.number, "aws_iam_root_not_used_recently", "aws_account_security_contact_set")
    account.expect("fail", account.number, "aws_iam_password_policy_strong")  # there is none
    # One refusal is for a whole list, the other for a part of each bucket.
    _scanning_role(
        account,
        role,
        f"arn:aws:iam::{home}:root",
        deny("config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus"),
        deny("s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"),
    )
    _user(account, "tester", created=300, console=True, used=2)
    account.expect("fail", "tester", "aws_iam_user_console_mfa_enabled")


def sandbox(account: AccountSeed, role: str) -> None:
    """Seed an account that the scan cannot enter: its role trusts nobody of this organization."""
    trust = _trust({"AWS": f"arn:aws:iam::{_STRANGER}:root"})
    account.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)


def _account(account: AccountSeed, root: RootUser, *, contact: bool) -> None:
    account.extras.root = root
    account.extras.contact = {
        "FullName": "Acme",
        "AddressLine1": "1 Example Street",
        "City": "Exampleton",
        "PostalCode": "00000",
        "CountryCode": "DE",
        "PhoneNumber": "+00000000000",
    }
    if contact:
        account.client("account").put_alternate_contact(
            AlternateContactType="SECURITY",
            EmailAddress="security@example.com",
            Name="Security",
            Title="Security",
            PhoneNumber="+00000000000",
        )


def _strong_passwords(account: AccountSeed) -> None:
    account.client("iam").update_account_password_policy(
        MinimumPasswordLength=16,
        PasswordReusePrevention=24,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
    )
    account.expect("pass", account.number, "aws_iam_password_policy_strong")


def _scanning_role(account: AccountSeed, role: str, trusted: str, *statements: Mapping[str, Any]) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=_trust({"AWS": trusted}))
    iam.attach_role_policy(RoleName=role, PolicyArn=_READER)
    beyond = policy(allow(*_BEYOND_SECURITY_AUDIT), *statements)
    iam.put_role_policy(RoleName=role, PolicyName="beyond-security-audit", PolicyDocument=beyond)
    account.expect("pass", role, "aws_iam_role_trust_not_public", "aws_iam_role_unused_removed")
    account.expect("pass", account.number, "aws_collector_read_only")


def _trust(principal: Mapping[str, str] | str, **condition: str) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": condition["external_id"]}}
    return policy(statement)


def _user(
    account: AccountSeed,
    name: str,
    *,
    created: float,
    console: bool = False,
    mfa: bool = False,
    used: float | None = None,
) -> None:
    """Create a user with these ages in days; `used` is the last sign-in, None for never."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    if console:
        iam.create_login_profile(UserName=name, Password="correct horse battery staple 1")  # noqa: S106  nobody signs in
    if mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="234567"
        )
    user = account.iam.users[name]
    user.create_date = _plain(account.ago(created))
    if used is not None:
        account.used(used, lambda at: setattr(user, "password_last_used", _plain(at)))


def access_key(account: AccountSeed, user: str, *, created: float, used: float | None) -> None:
    """Create an access key with these ages in days; `used` is the last use, None for never."""
    made = account.client("iam").create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    key = next(key for key in account.iam.users[user].access_keys if key.access_key_id == made)
    key.create_date = _plain(account.ago(created))
    if used is not None:
        account.used(
            used,
            lambda at: setattr(
                key, "last_used", AccessKeyLastUsed(timestamp=_plain(at), service="s3", region="eu-central-1")
            ),
        )


def _plain(moment: datetime) -> datetime:
    """Return a moment as moto keeps its own: naive, and in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _people(account: AccountSeed) -> None:
    iam = account.client("iam")
    iam.create_group(GroupName="administrators")
    iam.attach_group_policy(GroupName="administrators", PolicyArn=_ADMINISTRATOR)
    _user(account, "alice", created=800, console=True, mfa=True, used=1)
    iam.add_user_to_group(GroupName="administrators", UserName="alice")
    account.expect("pass", "alice", "aws_iam_user_console_mfa_enabled", "aws_iam_user_unused_credentials_disabled")
    account.expect("pass", "alice", "aws_iam_user_no_direct_policies")
    _user(account, "bob", created=400, console=True, used=5)
    account.expect("fail", "bob", "aws_iam_user_console_mfa_enabled")
    account.expect("pass", "bob", "aws_iam_user_unused_credentials_disabled")
    _user(account, "carol", created=700, console=True, mfa=True, used=210)
    account.expect("pass", "carol", "aws_iam_user_console_mfa_enabled")
    account.expect("fail", "carol", "aws_iam_user_unused_credentials_disabled")
    _user(account, "dave", created=500, console=True, mfa=True)  # never signed in at all
    account.expect("fail", "dave", "aws_iam_user_unused_credentials_disabled")
    _user(account, "build", created=200)
    access_key(account, "build", created=30, used=1)
    account.expect("pass", "build", "aws_iam_access_key_rotated", "aws_iam_user_single_active_access_key")
    account.expect("pass", "build", "aws_iam_user_unused_credentials_disabled")
    _user(account, "old-deploy", created=900)
    access_key(account, "old-deploy", created=400, used=2)
    access_key(account, "old-deploy", created=350, used=None)
    iam.attach_user_policy(UserName="old-deploy", PolicyArn=_ADMINISTRATOR)
    iam.put_user_policy(UserName="old-deploy", PolicyName="inline", PolicyDocument=policy(allow("s3:GetObject")))
    account.expect("fail", "old-deploy", "aws_iam_access_key_rotated", "aws_iam_user_single_active_access_key")
    account.expect("fail", "old-deploy", "aws_iam_user_no_direct_policies", "aws_iam_user_unused_credentials_disabled")


def _policies(account: AccountSeed) -> None:
    iam = account.client("iam")
    reading = policy(allow("logs:Get*", "logs:Describe*"))
    reader = iam.create_policy(PolicyName="read-logs", PolicyDocument=reading)["Policy"]["Arn"]
    everything = iam.create_policy(PolicyName="everything", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="administrators", PolicyArn=everything)
    iam.create_group(GroupName="developers")
    iam.attach_group_policy(GroupName="developers", PolicyArn=reader)
    iam.add_user_to_group(GroupName="developers", UserName="bob")
    account.expect("fail", everything, "aws_iam_policy_no_full_admin")
    account.expect("pass", reader, "aws_iam_policy_no_full_admin")


def _roles(account: AccountSeed, home: str) -> None:
    inside = {"AWS": f"arn:aws:iam::{home}:root"}
    outside = {"AWS": f"arn:aws:iam::{_STRANGER}:root"}
    _role(account, "OrganizationAccountAccessRole", _trust(inside), used=40)
    _role(account, "app", _trust({"Service": "ec2.amazonaws.com"}), used=1)
    _role(account, "monitoring-vendor", _trust(outside, external_id="acme-7f3a"), used=1)
    _role(account, "former-vendor", _trust(outside), used=30, description=FORMULA)
    _role(account, "anyone", _trust("*"), used=2, description=BROKEN)
    _role(account, "forgotten", _trust({"Service": "lambda.amazonaws.com"}), used=None)
    account.client("iam").attach_role_policy(RoleName="OrganizationAccountAccessRole", PolicyArn=_ADMINISTRATOR)
    account.expect("fail", "anyone", "aws_iam_role_trust_not_public")
    account.expect("fail", "forgotten", "aws_iam_role_unused_removed")
    account.expect("fail", "former-vendor", "aws_iam_role_external_trust_has_external_id")
    for role in ("app", "monitoring-vendor", "OrganizationAccountAccessRole"):
        account.expect("pass", role, "aws_iam_role_trust_not_public", "aws_iam_role_unused_removed")
    account.expect("pass", "monitoring-vendor", "aws_iam_role_external_trust_has_external_id")


def _role(account: AccountSeed, name: str, trust: str, *, used: float | None, description: str = "") -> None:
    """Create an old role; `used` is its last use in days ago, None for never."""
    account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, Description=description)
    role = next(role for role in account.iam.roles.values() if role.name == name)
    role.create_date = _plain(account.ago(600))
    if used is not None:
        account.used(used, lambda at: setattr(role, "last_used", _plain(at)))
        role.last_used_region = "eu-central-1"  # type: ignore[assignment]  # moto says None only
