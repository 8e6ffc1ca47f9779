"""The checks of users, credentials, roles and policies, at their edges and where something could not be read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.iam.checks.account import (
    password_policy_strong,
    root_hardware_mfa,
    root_mfa_enabled,
    root_no_access_keys,
)
from connectors.aws.iam.checks.credential_report import (
    access_key_rotated,
    console_mfa_enabled,
    federated_access_only,
    root_not_used_recently,
    single_active_access_key,
    unused_credentials_disabled,
)
from connectors.aws.iam.checks.principals import (
    admin_principals_within_limit,
    no_direct_policies,
    no_full_admin,
    unused_role_removed,
)
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.iam.checks.simulation import read_only
from connectors.aws.iam.resources.simulation import SAMPLED_ACTIONS
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    NOW,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_device,
    a_group,
    a_password_policy,
    a_policy,
    a_role,
    a_row,
    a_simulation,
    a_summary,
    a_user,
    all_of,
    an_organization,
    an_unread_summary,
    document,
    not_seen,
    the_accounts,
    verdict,
)

ROOT = "<root_account>"
LEFT_OVER = f"arn:aws:iam::{OWN}:mfa/root-account-mfa-device"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ADMIN = [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]


TWO_KEYS = {"access_key_1_active": "true", "access_key_2_active": "true"}


def ago(days: float) -> str:
    """A moment before now, as the credential report writes it."""
    return (NOW - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("summary", "status"),
    [
        (a_summary(mfa=1), PASS),
        (a_summary(mfa=0), UNKNOWN),
        (a_summary(mfa=0, access_keys=1), FAIL),
        (a_summary(mfa=0, AccountPasswordPresent=1), FAIL),
        (a_summary(mfa=0, AccountPasswordPresent=0), NOTHING),
        (a_summary(mfa=0, AccountPasswordPresent=0, access_keys=1), FAIL),
        (an_unread_summary(), UNKNOWN),
    ],
)
def test_root_mfa(summary: Any, status: Status) -> None:
    """A root user that cannot sign in at all needs no second factor; one that may, does."""
    assert verdict(root_mfa_enabled, summary).status is status


@pytest.mark.parametrize(
    ("summary", "devices", "status"),
    [
        (a_summary(), all_of(), PASS),
        (a_summary(), all_of(a_device(f"arn:aws:iam::{OWN}:mfa/alice", f"arn:aws:iam::{OWN}:user/alice")), PASS),
        (a_summary(), all_of(a_device(f"arn:aws:iam::{OWN}:mfa/root-account-mfa-device")), PASS),
        (a_summary(), all_of(a_device(LEFT_OVER, enabled="2021-01-01T00:00:00Z")), UNKNOWN),
        (a_summary(), all_of(a_device(LEFT_OVER, f"arn:aws:iam::{OWN}:user/alice")), PASS),
        (a_summary(), all_of(a_device(LEFT_OVER), a_device("arn:aws-cn:x", f"arn:aws-cn:iam::{OWN}:root")), FAIL),
        (a_summary(), all_of(a_device(f"arn:aws:iam::{OWN}:mfa/phone", f"arn:aws:iam::{OWN}:root")), FAIL),
        (a_summary(mfa=0, AccountPasswordPresent=1), all_of(), FAIL),
        (a_summary(mfa=0), all_of(), UNKNOWN),
        (a_summary(mfa=0, AccountPasswordPresent=0), all_of(), NOTHING),
        (a_summary(), not_seen(), UNKNOWN),
        (an_unread_summary(), all_of(), UNKNOWN),
    ],
)
def test_root_hardware_mfa(summary: Any, devices: Any, status: Status) -> None:
    """Hardware shows only by what is absent, so the list of apps must be whole."""
    assert verdict(root_hardware_mfa, devices, summary).status is status


@pytest.mark.parametrize(("keys", "status"), [(0, NOTHING), (1, FAIL)])
def test_the_root_user_of_govcloud(keys: int, status: Status) -> None:
    """It cannot have MFA: only its keys can be deleted, so that nothing is asked that nobody can do."""
    summary = a_summary(mfa=0, access_keys=keys, partition="aws-us-gov", AccountPasswordPresent=1)

    assert verdict(root_mfa_enabled, summary).status is status
    assert verdict(root_hardware_mfa, all_of(), summary).status is status


@pytest.mark.parametrize(
    ("summary", "status"), [(a_summary(), PASS), (a_summary(access_keys=1), FAIL), (an_unread_summary(), UNKNOWN)]
)
def test_root_keys(summary: Any, status: Status) -> None:
    """Keys of the root user cannot be limited by any policy."""
    assert verdict(root_no_access_keys, summary).status is status


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"password_last_used": ago(89.99)}, FAIL),
        ({"password_last_used": ago(90)}, PASS),
        ({"access_key_2_last_used_date": ago(1)}, FAIL),
        ({}, PASS),
        ({"password_last_used": "no_information"}, PASS),
        ({"password_last_used": "no_information", "user_creation_time": "2010-01-01T00:00:00+00:00"}, UNKNOWN),
        ({"password_last_used": "yesterday"}, UNKNOWN),
        ({"password_last_used": "2026-11-22T00:00:00"}, UNKNOWN),
    ],
)
def test_root_use(row: dict[str, str], status: Status) -> None:
    """A report that does not know is not a report that it was not used."""
    assert verdict(root_not_used_recently, all_of(a_row("alice"), a_row(ROOT, **row))).status is status


def test_root_use_needs_the_root_row() -> None:
    """A report without the root user, or none at all, says nothing of it."""
    assert verdict(root_not_used_recently, all_of(a_row("alice"))).status is UNKNOWN
    assert verdict(root_not_used_recently, not_seen()).status is UNKNOWN


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (a_row(password_enabled="true", mfa_active="true"), PASS),
        (a_row(password_enabled="true", mfa_active="false"), FAIL),
        (a_row(password_enabled="TRUE", mfa_active="FALSE"), FAIL),
        (a_row(password_enabled="false", mfa_active="false"), NOTHING),
        (a_row(ROOT, password_enabled="true"), NOTHING),
        (a_row(password_enabled="perhaps"), UNKNOWN),
        (a_row(password_enabled="true", mfa_active=""), UNKNOWN),
    ],
)
def test_console_mfa(row: Any, status: Status) -> None:
    """A word that the report never used before is no `false`."""
    assert verdict(console_mfa_enabled, row).status is status


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({}, NOTHING),
        ({"password_enabled": "true", "password_last_used": ago(45), "password_last_changed": ago(400)}, PASS),
        ({"password_enabled": "true", "password_last_used": ago(45.01), "password_last_changed": ago(400)}, FAIL),
        ({"password_enabled": "true", "password_last_used": "no_information", "password_last_changed": ago(45)}, PASS),
        ({"password_enabled": "true", "password_last_used": "no_information", "password_last_changed": ago(46)}, FAIL),
        ({"password_enabled": "true", "password_last_used": "no_information", "password_last_changed": "N/A"}, UNKNOWN),
        (
            {
                "password_enabled": "true",
                "password_last_used": "no_information",
                "password_last_changed": "2012-01-01T00:00:00+00:00",
            },
            UNKNOWN,
        ),
        ({"access_key_1_active": "true", "access_key_1_last_rotated": ago(45)}, PASS),
        ({"access_key_1_active": "true", "access_key_1_last_rotated": ago(46)}, FAIL),
        (
            {
                "access_key_2_active": "true",
                "access_key_2_last_rotated": ago(400),
                "access_key_2_last_used_date": ago(46),
            },
            FAIL,
        ),
        ({"access_key_1_active": "true"}, UNKNOWN),
        ({"access_key_1_active": "maybe"}, UNKNOWN),
        # A password that was reset is not one that was used.
        ({"password_enabled": "true", "password_last_used": ago(730), "password_last_changed": ago(0.04)}, FAIL),
        ({"password_enabled": "true", "password_last_used": ago(46), "password_last_changed": ago(45)}, FAIL),
        ({"password_enabled": "true", "password_last_used": "N/A", "password_last_changed": ago(0.04)}, PASS),
        (
            {"password_enabled": "true", "password_last_used": "no_information", "password_last_changed": ago(0.04)},
            PASS,
        ),
        # A key that was switched off and on again, by its last use.
        (
            {
                "access_key_1_active": "true",
                "access_key_1_last_rotated": ago(1),
                "access_key_1_last_used_date": ago(300),
            },
            FAIL,
        ),
    ],
)
def test_unused_credentials(row: dict[str, str], status: Status) -> None:
    """Never used counts from when it was made; what AWS did not record yet is not known."""
    assert verdict(unused_credentials_disabled, a_row(**row)).status is status


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({}, PASS),
        ({"access_key_1_active": "true"}, PASS),
        ({"access_key_2_active": "true"}, PASS),
        ({"access_key_1_active": "true", "access_key_2_active": "true"}, FAIL),
        ({"access_key_1_active": "true", "access_key_2_active": "maybe"}, UNKNOWN),
        ({"access_key_1_active": UNREAD}, UNKNOWN),
    ],
)
def test_one_access_key_at_a_time(row: dict[str, Any], status: Status) -> None:
    """A spare key is one that nobody would miss, and nobody watches."""
    assert verdict(single_active_access_key, a_row(**row)).status is status


def test_one_used_credential_does_not_excuse_another() -> None:
    """The password in daily use hides the key from three years ago."""
    row = a_row(
        password_enabled="true",
        password_last_used=ago(1),
        password_last_changed=ago(1),
        access_key_1_active="true",
        access_key_1_last_rotated=ago(1000),
    )

    result = verdict(unused_credentials_disabled, row)

    assert result.status is FAIL
    assert re.findall(r"alice|\d+", result.reason) == ["1", "alice", "1000", "45"]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({}, NOTHING),
        ({"access_key_1_active": "true", "access_key_1_last_rotated": ago(90)}, PASS),
        ({"access_key_1_active": "true", "access_key_1_last_rotated": ago(90.01)}, FAIL),
        ({"access_key_2_active": "true", "access_key_2_last_rotated": ago(91)}, FAIL),
        ({"access_key_1_active": "false", "access_key_1_last_rotated": ago(900)}, NOTHING),
        ({"access_key_1_active": "true"}, UNKNOWN),
        ({**TWO_KEYS, "access_key_1_last_rotated": "N/A", "access_key_2_last_rotated": ago(91)}, FAIL),
        ({**TWO_KEYS, "access_key_1_last_rotated": "some day", "access_key_2_last_rotated": ago(91)}, FAIL),
        ({**TWO_KEYS, "access_key_1_last_rotated": "some day", "access_key_2_last_rotated": ago(90)}, UNKNOWN),
        ({**TWO_KEYS, "access_key_1_last_rotated": ago(90), "access_key_2_last_rotated": "N/A"}, UNKNOWN),
    ],
)
def test_key_age(row: dict[str, str], status: Status) -> None:
    """Only a key that works can be stolen."""
    assert verdict(access_key_rotated, a_row(**row)).status is status


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (a_row(), PASS),
        (a_row(password_enabled="true"), FAIL),
        (a_row("emergency", password_enabled="true"), PASS),
        (a_row(ROOT, password_enabled="true"), NOTHING),
        (a_row(password_enabled="?"), UNKNOWN),
    ],
)
def test_console_passwords(row: Any, status: Status) -> None:
    """The named emergency users pass by the limit, which the reason says."""
    result = verdict(federated_access_only, row, allowed_console_users=("emergency",))

    assert result.status is status
    assert ("allowed_console_users" in result.reason) is (row.user == "emergency")


STRONG = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}


@pytest.mark.parametrize(
    ("policy", "rows", "status"),
    [
        (STRONG, not_seen(), PASS),
        ({**STRONG, "MinimumPasswordLength": 13}, all_of(a_row(password_enabled="true")), FAIL),
        ({**STRONG, "PasswordReusePrevention": 23}, all_of(a_row(password_enabled="true")), FAIL),
        ({"MinimumPasswordLength": 14}, all_of(a_row(password_enabled="true")), FAIL),
        (None, all_of(a_row(password_enabled="true")), FAIL),
        (None, all_of(a_row(), a_row(ROOT, password_enabled="true")), NOTHING),
        (None, not_seen(), UNKNOWN),
        (UNREAD, all_of(a_row(password_enabled="true")), UNKNOWN),
    ],
)
def test_password_policy(policy: Any, rows: Any, status: Status) -> None:
    """Only users with a console password need one, and whether there are any must be known."""
    assert verdict(password_policy_strong, a_password_policy(policy), rows).status is status


def test_direct_policies() -> None:
    """Attached and inline policies are both the user's own."""
    inline = [{"PolicyName": "p", "PolicyDocument": document()}]

    assert verdict(no_direct_policies, a_user(GroupList=["staff"])).status is PASS
    assert verdict(no_direct_policies, a_user(AttachedManagedPolicies=ADMIN)).status is FAIL
    assert verdict(no_direct_policies, a_user(UserPolicyList=inline)).status is FAIL
    assert verdict(no_direct_policies, a_user(UserPolicyList=UNREAD)).status is UNKNOWN


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        (a_policy(ALLOW_ALL), FAIL),
        (a_policy({**ALLOW_ALL, "Action": ["s3:Get*", "*:*"]}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": ["arn:aws:s3:::x", "*"]}), FAIL),
        (a_policy({**ALLOW_ALL, "Action": "s3:*"}), PASS),
        (a_policy({**ALLOW_ALL, "Resource": "arn:aws:s3:::x"}), PASS),
        (a_policy({**ALLOW_ALL, "Effect": "Deny"}), PASS),
        (a_policy({**ALLOW_ALL, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}), UNKNOWN),
        (a_policy({**ALLOW_ALL, "Resource": "arn:aws:*"}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": "arn:*:*:*:*:*"}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": "arn:aws:s3:*"}), PASS),
        (a_policy({**ALLOW_ALL, "Resource": "arn:aws"}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": f"arn:aws:*:*:{OWN}:*"}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": "arn:aws:*:*:*:*/*"}), FAIL),
        (a_policy({**ALLOW_ALL, "Resource": f"arn:aws:*:*:{COLLEAGUE}:*"}), PASS),
        (a_policy({**ALLOW_ALL, "Resource": f"arn:aws:iam::{OWN}:user/*"}), PASS),
        (a_policy(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny", "Action": "iam:*"}), UNKNOWN),
        (a_policy(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny", "Action": "cloudtrail:StopLogging"}), FAIL),
        (a_policy(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny"}), PASS),
        (a_policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), FAIL),
        (a_policy({"Effect": "Allow", "NotAction": ["s3:*", "*"], "Resource": "*"}), PASS),
        (a_policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}), FAIL),
        (a_policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*"}), UNKNOWN),
        (a_policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::x"}), PASS),
        (a_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), UNKNOWN),
        (a_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::x"}), PASS),
        (a_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Condition": {"Bool": {}}}), UNKNOWN),
        (
            a_policy(
                {"Effect": "Allow", "NotAction": "x:*", "Resource": "*", "Condition": {"Bool": {"aws:x": "true"}}}
            ),
            UNKNOWN,
        ),
        (a_policy({"Effect": "Allow"}), UNKNOWN),
        (a_policy({"Effect": "Allow"}, ALLOW_ALL), FAIL),
        (a_policy(ALLOW_ALL, AttachmentCount=0), PASS),
        (a_policy(ALLOW_ALL, Arn="arn:aws:iam::aws:policy/AdministratorAccess"), NOTHING),
        (a_policy(PolicyVersionList=[]), UNKNOWN),
        (a_policy(PolicyVersionList=[{"IsDefaultVersion": False, "Document": document(ALLOW_ALL)}]), UNKNOWN),
    ],
)
def test_full_admin(policy: Any, status: Status) -> None:
    """Only the version in force counts, and everything but a few actions is not nothing."""
    assert verdict(no_full_admin, policy).status is status


def admins(count: int) -> list[Any]:
    """So many users with AWS's own administrator policy."""
    return [a_user(f"admin{number}", AttachedManagedPolicies=ADMIN) for number in range(count)]


@pytest.mark.parametrize(("count", "status"), [(0, PASS), (5, PASS), (6, FAIL)])
def test_administrators_are_counted(count: int, status: Status) -> None:
    """The limit itself is allowed."""
    result = verdict(admin_principals_within_limit, all_of(*admins(count)), all_of(), all_of(), all_of())

    assert result.status is status
    assert re.findall(r"\b\d+\b", result.reason)[:2] == [str(count), "5"]


def test_administrators_are_found_wherever_the_right_comes_from() -> None:
    """By a group, by an inline policy, by a policy of one's own with another name."""
    own = a_policy(ALLOW_ALL)
    users = all_of(
        a_user("by-group", GroupList=["admins"]),
        a_user("inline", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document(ALLOW_ALL)}]),
        a_user("by-own", AttachedManagedPolicies=[{"PolicyName": "x", "PolicyArn": own.arn}]),
        a_user("nobody", GroupList=["staff"]),
    )
    groups = all_of(a_group("admins", AttachedManagedPolicies=ADMIN), a_group("staff"))
    roles = all_of(
        a_role(RoleName="deploy", AttachedManagedPolicies=ADMIN),
        a_role(RoleName="service", Path="/aws-service-role/x/", AttachedManagedPolicies=ADMIN),
    )

    result = verdict(admin_principals_within_limit, users, groups, roles, all_of(own), max_admin_principals=0)

    assert result.status is FAIL
    assert re.findall(r"(?:user|role) [a-z-]+", result.reason.partition(":")[2]) == [
        "role deploy",
        "user by-group",
        "user by-own",
        "user inline",
    ]


def test_a_policy_that_cannot_be_read_leaves_the_count_open() -> None:
    """At most five, and perhaps one more, is not at most five."""
    unreadable = a_user("odd", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": {"Statement": "x"}}])

    result = verdict(admin_principals_within_limit, all_of(unreadable), all_of(), all_of(), all_of())
    over = verdict(admin_principals_within_limit, all_of(unreadable, *admins(6)), all_of(), all_of(), all_of())

    assert result.status is UNKNOWN
    assert "odd" in result.reason
    assert over.status is FAIL


def test_a_policy_or_a_group_that_is_not_listed_leaves_the_count_open() -> None:
    """It was made after the list was; that nobody has read it does not make it harmless."""
    fresh = [{"PolicyName": "fresh", "PolicyArn": f"arn:aws:iam::{OWN}:policy/fresh"}]
    of_aws = [{"PolicyName": "ViewOnly", "PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}]

    def result(user: Any, *policies: Any) -> Any:
        return verdict(admin_principals_within_limit, all_of(user), all_of(), all_of(), all_of(*policies))

    assert result(a_user("new", AttachedManagedPolicies=fresh)).status is UNKNOWN
    assert result(a_user("new", AttachedManagedPolicies=fresh), a_policy(Arn=fresh[0]["PolicyArn"])).status is PASS
    assert result(a_user("old", AttachedManagedPolicies=of_aws)).status is PASS
    assert result(a_user("new", GroupList=["fresh"])).status is UNKNOWN
    assert re.search(r"\bnew\b", result(a_user("new", GroupList=["fresh"])).reason)


@pytest.mark.parametrize("unseen", range(4))
def test_administrators_need_every_list(unseen: int) -> None:
    """Each list may hold the sixth one."""
    sets = [all_of(), all_of(), all_of(), all_of()]
    sets[unseen] = not_seen()

    assert verdict(admin_principals_within_limit, *sets).status is UNKNOWN


def trusts(principal: Any, **more: Any) -> dict[str, Any]:
    """A statement that lets somebody assume a role."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


IN_ORG = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}}
IN_OTHER_ORG = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-otherother"}}}
WITH_ID = {"Condition": {"StringEquals": {"sts:ExternalId": "word"}}}
GITHUB = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"}
OF_REPOSITORY = {"Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"}}}


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (trusts({"Service": "ec2.amazonaws.com"}), PASS),
        (trusts({"AWS": f"arn:aws:iam::{STRANGER}:root"}), PASS),
        (trusts("*"), FAIL),
        (trusts({"AWS": "*"}), FAIL),
        (trusts({"AWS": [OWN, "*"]}), FAIL),
        (trusts("*", Effect="Deny"), PASS),
        (trusts("*", **IN_ORG), PASS),
        (trusts("*", **WITH_ID), UNKNOWN),
        (trusts("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), FAIL),
        (trusts("*", Condition={"StringEquals": {"aws:SomethingNew": "x"}}), UNKNOWN),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}, FAIL),
        (trusts(GITHUB, Action="sts:AssumeRoleWithWebIdentity"), FAIL),
        (trusts(GITHUB, Action="sts:AssumeRoleWithWebIdentity", **OF_REPOSITORY), PASS),
        ({"Effect": "Allow", "Principal": {"Robot": "x"}, "Action": "*"}, UNKNOWN),
    ],
)
def test_public_trust(trust: dict[str, Any], status: Status) -> None:
    """Everyone is everyone, unless a condition names whose; an external id names nobody."""
    assert verdict(trust_not_public, a_role(trust)).status is status


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (trusts({"Service": "ec2.amazonaws.com"}), PASS),
        (trusts({"AWS": OWN}), PASS),
        (trusts({"AWS": f"arn:aws:iam::{COLLEAGUE}:role/x"}), PASS),
        (trusts({"AWS": f"arn:aws:iam::{STRANGER}:root"}), FAIL),
        (trusts({"AWS": f"arn:aws:iam::{STRANGER}:root"}, **WITH_ID), PASS),
        (trusts({"AWS": STRANGER}, Condition={"StringLike": {"sts:ExternalId": "*"}}), FAIL),
        (trusts({"AWS": STRANGER}, **IN_ORG), PASS),
        (trusts({"AWS": STRANGER}, **IN_OTHER_ORG), FAIL),
        (trusts("*"), FAIL),
        (trusts({"AWS": "AROAEXAMPLEEXAMPLE00"}), UNKNOWN),
        ({"Effect": "Allow", "Principal": {"Robot": "x"}, "Action": "*"}, UNKNOWN),
    ],
)
def test_external_trust(trust: dict[str, Any], status: Status) -> None:
    """An account of another company needs the external id; one's own organization does not."""
    assert verdict(external_trust_has_external_id, a_role(trust), an_organization(), the_accounts()).status is status


def test_external_trust_asks_for_the_organization_only_where_it_must() -> None:
    """A role that trusts a service is not unknown for want of a list that it does not need."""
    service = a_role(trusts({"Service": "ec2.amazonaws.com"}))
    other = a_role(trusts({"AWS": COLLEAGUE}))
    unread = an_organization(UNREAD)

    assert verdict(external_trust_has_external_id, service, unread, not_seen()).status is PASS
    assert verdict(external_trust_has_external_id, other, an_organization(), not_seen()).status is UNKNOWN
    assert verdict(external_trust_has_external_id, other, unread, the_accounts()).status is UNKNOWN
    assert verdict(external_trust_has_external_id, other, an_organization(None), not_seen()).status is FAIL
    trusted = {"trusted_accounts": (COLLEAGUE,)}
    assert verdict(external_trust_has_external_id, other, unread, not_seen(), **trusted).status is PASS


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({"RoleLastUsed": {"LastUsedDate": ago(180)}}, PASS),
        ({"RoleLastUsed": {"LastUsedDate": ago(180.01)}}, FAIL),
        ({"RoleLastUsed": {}}, FAIL),
        ({"RoleLastUsed": {}, "CreateDate": ago(180)}, PASS),
        ({"RoleLastUsed": None}, UNKNOWN),
        ({"RoleLastUsed": UNREAD}, UNKNOWN),
        ({"RoleLastUsed": {}, "Path": "/aws-service-role/config.amazonaws.com/"}, NOTHING),
    ],
)
def test_unused_role(but: dict[str, Any], status: Status) -> None:
    """An empty object is AWS's word for never; nothing at all is no word."""
    assert verdict(unused_role_removed, a_role(**but)).status is status


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/aws-reserved/sso.amazonaws.com/eu-central-1/", True),
        ("/aws-reserved/sso.amazonaws.com/", True),
        ("/", False),
        ("/aws-reserved-by-us/", False),
    ],
)
def test_an_unused_role_that_its_account_cannot_delete(path: str, named: bool) -> None:
    """The path is AWS's own, and the name is anybody's."""
    name = "AWSReservedSSO_Operators_0123456789abcdef"

    never = verdict(unused_role_removed, a_role(RoleName=name, Path=path))
    long_ago = verdict(unused_role_removed, a_role(RoleName=name, Path=path, RoleLastUsed={"LastUsedDate": ago(200)}))

    for result in (never, long_ago):
        assert result.status is FAIL
        assert ("IAM Identity Center" in result.reason) is named


def answers(**decisions: str) -> list[dict[str, Any]]:
    """The simulator's answers: denied, but for some."""
    keywords = dict.fromkeys(SAMPLED_ACTIONS, "implicitDeny") | decisions
    return [{"EvalActionName": action, "EvalDecision": decision} for action, decision in keywords.items()]


@pytest.mark.parametrize(
    ("results", "status"),
    [
        (answers(), PASS),
        (answers(**{"s3:GetObject": "explicitDeny"}), PASS),
        (answers(**{"s3:GetObject": "allowed"}), FAIL),
        (answers(**{"s3:GetObject": "perhaps"}), UNKNOWN),
        (answers()[1:], UNKNOWN),
        ([*answers()[1:], {**answers()[0], "MissingContextValues": ["aws:SourceIp"]}], UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_read_only(results: Any, status: Status) -> None:
    """An action that the simulator was not asked about was not denied."""
    assert verdict(read_only, a_simulation(results)).status is status
