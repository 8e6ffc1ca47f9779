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
_BEYOND_SECURITY_AUDIT = ("account:GetContactInformation", "account:ListRegions")
_STRANGER = "999988887777"
_UNIT = "workloads"


def found(place: AccountSeed, names: Mapping[str, str]) -> str:
    """Found the organization in its management account, and give its id."""
    organizations = place.client("organizations")
    organization: str = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    backend = organizations_backends[place.account]["aws"]
    (first,) = backend.accounts
    first.name, first.email = names[place.account], "aws@example.com"
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.create_organizational_unit(ParentId=root, Name=_UNIT)
    for number, name in names.items():
        if number != place.account:
            join(place, number, name)
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
    place.expect("pass", place.account, "aws_organizations_account_in_organization")
    place.expect("pass", organization, "aws_organizations_scp_protects_security_services")
    place.expect("fail", organization, "aws_organizations_scp_restricts_regions")
    return organization


def join(place: AccountSeed, number: str, name: str) -> None:
    """Let a new account belong to the organization of a management account."""
    organizations, backend = place.client("organizations"), organizations_backends[place.account]["aws"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    organizations.create_account(AccountName=name, Email=f"aws+{name}@example.com")
    # AWS and moto draw the numbers; these can be told apart by a reader.
    members = organizations_backends.master_accounts
    members[number] = members.pop(backend.accounts[-1].id)
    backend.accounts[-1].id = number
    organizations.move_account(AccountId=number, SourceParentId=root, DestinationParentId=units[0]["Id"])


def management(place: AccountSeed, role: str) -> Mapping[str, str]:
    """An account with nobody in it but the scan's own user, whose key this gives, and one for emergencies."""
    place.load_managed_policies("SecurityAudit")
    _account(place, RootUser(place.ago(2000), last_used_at=place.ago(400)), contact=True)
    place.expect("pass", place.account, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    place.expect("pass", place.account, "aws_iam_root_not_used_recently", "aws_account_security_contact_set")
    _strong_passwords(place)
    iam = place.client("iam")
    enter = allow("sts:AssumeRole", on=f"arn:aws:iam::*:role/{role}")
    iam.create_user(UserName=role)
    iam.create_group(GroupName="scanners")
    iam.put_group_policy(GroupName="scanners", PolicyName="enter", PolicyDocument=policy(enter))
    iam.add_user_to_group(GroupName="scanners", UserName=role)
    key: Mapping[str, str] = iam.create_access_key(UserName=role)["AccessKey"]
    _scanning_role(place, role, place.arn("root"), enter)
    _user(place, "emergency", created=700, console=True, mfa=True, used=20)
    place.expect("pass", "emergency", "aws_iam_user_console_mfa_enabled", "aws_iam_user_unused_credentials_disabled")
    place.expect("pass", role, "aws_iam_access_key_rotated")
    return key


def production(place: AccountSeed, role: str, home: str) -> None:
    """The account with people in it, and with most of the mistakes."""
    place.load_managed_policies("SecurityAudit", "AdministratorAccess", "ReadOnlyAccess")
    _account(place, RootUser(place.ago(1500), last_used_at=place.ago(12)), contact=True)
    place.expect("pass", place.account, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    place.expect("fail", place.account, "aws_iam_root_not_used_recently")
    place.expect("pass", place.account, "aws_account_security_contact_set")
    _strong_passwords(place)
    _scanning_role(place, role, f"arn:aws:iam::{home}:root")
    _people(place)
    _policies(place)
    _roles(place, home)


def staging(place: AccountSeed, role: str, home: str) -> None:
    """A neglected account, in which the scan's role may not see everything."""
    place.load_managed_policies("SecurityAudit")
    root = RootUser(place.ago(900), mfa=False, key_created_at=place.ago(850))
    _account(place, root, contact=False)
    place.used(3, lambda at: setattr(place.extras, "root", replace(root, last_used_at=at)))
    place.expect("fail", place.account, "aws_iam_root_mfa_enabled", "aws_iam_root_no_access_keys")
    place.expect("fail", place.account, "aws_iam_root_not_used_recently", "aws_account_security_contact_set")
    place.expect("fail", place.account, "aws_iam_password_policy_strong")  # there is none
    # One refusal for a whole list, one for a part of each bucket: both are common where somebody tidied up a role.
    _scanning_role(
        place,
        role,
        f"arn:aws:iam::{home}:root",
        deny("config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus"),
        deny("s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"),
    )
    _user(place, "tester", created=300, console=True, used=2)
    place.expect("fail", "tester", "aws_iam_user_console_mfa_enabled")


def sandbox(place: AccountSeed, role: str) -> None:
    """An account that the scan cannot enter: its role trusts nobody of this organization."""
    trust = _trust({"AWS": f"arn:aws:iam::{_STRANGER}:root"})
    place.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)


def _account(place: AccountSeed, root: RootUser, *, contact: bool) -> None:
    place.extras.root = root
    place.extras.contact = {
        "FullName": "Acme",
        "AddressLine1": "1 Example Street",
        "City": "Exampleton",
        "PostalCode": "00000",
        "CountryCode": "DE",
        "PhoneNumber": "+00000000000",
    }
    if contact:
        place.client("account").put_alternate_contact(
            AlternateContactType="SECURITY",
            EmailAddress="security@example.com",
            Name="Security",
            Title="Security",
            PhoneNumber="+00000000000",
        )


def _strong_passwords(place: AccountSeed) -> None:
    place.client("iam").update_account_password_policy(
        MinimumPasswordLength=16,
        PasswordReusePrevention=24,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
    )
    place.expect("pass", place.account, "aws_iam_password_policy_strong")


def _scanning_role(place: AccountSeed, role: str, trusted: str, *statements: Mapping[str, Any]) -> None:
    iam = place.client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=_trust({"AWS": trusted}))
    iam.attach_role_policy(RoleName=role, PolicyArn=_READER)
    beyond = policy(allow(*_BEYOND_SECURITY_AUDIT), *statements)
    iam.put_role_policy(RoleName=role, PolicyName="beyond-security-audit", PolicyDocument=beyond)
    place.expect("pass", role, "aws_iam_role_trust_not_public", "aws_iam_role_unused_removed")
    place.expect("pass", place.account, "aws_collector_read_only")


def _trust(principal: Mapping[str, str] | str, **condition: str) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": condition["external_id"]}}
    return policy(statement)


def _user(
    place: AccountSeed,
    name: str,
    *,
    created: float,
    console: bool = False,
    mfa: bool = False,
    used: float | None = None,
) -> None:
    """A user made so many days ago, who last signed in so many days ago (None: never)."""
    iam = place.client("iam")
    iam.create_user(UserName=name)
    if console:
        iam.create_login_profile(UserName=name, Password="correct horse battery staple 1")  # noqa: S106  nobody signs in
    if mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="234567"
        )
    user = place.iam.users[name]
    user.create_date = _plain(place.ago(created))
    if used is not None:
        place.used(used, lambda at: setattr(user, "password_last_used", _plain(at)))


def access_key(place: AccountSeed, user: str, *, created: float, used: float | None) -> None:
    """An access key made so many days ago, last used so many days ago (None: never)."""
    made = place.client("iam").create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    key = next(key for key in place.iam.users[user].access_keys if key.access_key_id == made)
    key.create_date = _plain(place.ago(created))
    if used is not None:
        place.used(
            used,
            lambda at: setattr(
                key, "last_used", AccessKeyLastUsed(timestamp=_plain(at), service="s3", region="eu-central-1")
            ),
        )


def _plain(moment: datetime) -> datetime:
    """As moto keeps its own times: UTC, and not saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _people(place: AccountSeed) -> None:
    iam = place.client("iam")
    iam.create_group(GroupName="administrators")
    iam.attach_group_policy(GroupName="administrators", PolicyArn=_ADMINISTRATOR)
    _user(place, "alice", created=800, console=True, mfa=True, used=1)
    iam.add_user_to_group(GroupName="administrators", UserName="alice")
    place.expect("pass", "alice", "aws_iam_user_console_mfa_enabled", "aws_iam_user_unused_credentials_disabled")
    place.expect("pass", "alice", "aws_iam_user_no_direct_policies")
    _user(place, "bob", created=400, console=True, used=5)
    place.expect("fail", "bob", "aws_iam_user_console_mfa_enabled")
    place.expect("pass", "bob", "aws_iam_user_unused_credentials_disabled")
    _user(place, "carol", created=700, console=True, mfa=True, used=210)
    place.expect("pass", "carol", "aws_iam_user_console_mfa_enabled")
    place.expect("fail", "carol", "aws_iam_user_unused_credentials_disabled")
    _user(place, "dave", created=500, console=True, mfa=True)  # never signed in at all
    place.expect("fail", "dave", "aws_iam_user_unused_credentials_disabled")
    _user(place, "build", created=200)
    access_key(place, "build", created=30, used=1)
    place.expect("pass", "build", "aws_iam_access_key_rotated", "aws_iam_user_single_active_access_key")
    place.expect("pass", "build", "aws_iam_user_unused_credentials_disabled")
    _user(place, "old-deploy", created=900)
    access_key(place, "old-deploy", created=400, used=2)
    access_key(place, "old-deploy", created=350, used=None)
    iam.attach_user_policy(UserName="old-deploy", PolicyArn=_ADMINISTRATOR)
    iam.put_user_policy(UserName="old-deploy", PolicyName="inline", PolicyDocument=policy(allow("s3:GetObject")))
    place.expect("fail", "old-deploy", "aws_iam_access_key_rotated", "aws_iam_user_single_active_access_key")
    place.expect("fail", "old-deploy", "aws_iam_user_no_direct_policies", "aws_iam_user_unused_credentials_disabled")


def _policies(place: AccountSeed) -> None:
    iam = place.client("iam")
    reading = policy(allow("logs:Get*", "logs:Describe*"))
    reader = iam.create_policy(PolicyName="read-logs", PolicyDocument=reading)["Policy"]["Arn"]
    everything = iam.create_policy(PolicyName="everything", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="administrators", PolicyArn=everything)
    iam.create_group(GroupName="developers")
    iam.attach_group_policy(GroupName="developers", PolicyArn=reader)
    iam.add_user_to_group(GroupName="developers", UserName="bob")
    place.expect("fail", everything, "aws_iam_policy_no_full_admin")
    place.expect("pass", reader, "aws_iam_policy_no_full_admin")


def _roles(place: AccountSeed, home: str) -> None:
    inside = {"AWS": f"arn:aws:iam::{home}:root"}
    outside = {"AWS": f"arn:aws:iam::{_STRANGER}:root"}
    _role(place, "OrganizationAccountAccessRole", _trust(inside), used=40)
    _role(place, "app", _trust({"Service": "ec2.amazonaws.com"}), used=1)
    _role(place, "monitoring-vendor", _trust(outside, external_id="acme-7f3a"), used=1)
    _role(place, "former-vendor", _trust(outside), used=30, description=FORMULA)
    _role(place, "anyone", _trust("*"), used=2, description=BROKEN)
    _role(place, "forgotten", _trust({"Service": "lambda.amazonaws.com"}), used=None)
    place.client("iam").attach_role_policy(RoleName="OrganizationAccountAccessRole", PolicyArn=_ADMINISTRATOR)
    place.expect("fail", "anyone", "aws_iam_role_trust_not_public")
    place.expect("fail", "forgotten", "aws_iam_role_unused_removed")
    place.expect("fail", "former-vendor", "aws_iam_role_external_trust_has_external_id")
    for role in ("app", "monitoring-vendor", "OrganizationAccountAccessRole"):
        place.expect("pass", role, "aws_iam_role_trust_not_public", "aws_iam_role_unused_removed")
    place.expect("pass", "monitoring-vendor", "aws_iam_role_external_trust_has_external_id")


def _role(place: AccountSeed, name: str, trust: str, *, used: float | None, description: str = "") -> None:
    """A role made long ago, last used so many days ago (None: never)."""
    place.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, Description=description)
    role = next(role for role in place.iam.roles.values() if role.name == name)
    role.create_date = _plain(place.ago(600))
    if used is not None:
        place.used(used, lambda at: setattr(role, "last_used", _plain(at)))
        role.last_used_region = "eu-central-1"  # type: ignore[assignment]  # moto says None only
