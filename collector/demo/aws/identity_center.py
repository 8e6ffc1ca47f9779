"""Acme's IAM Identity Center: two permission sets, and who has them in the management account.

moto provisions a set in the account that asks only, so that the other accounts have no assignments here.
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random
from moto.ssoadmin.models import ssoadmin_backends

from collector.demo.aws.seeding import HOME, AccountSeed, allow, policy

_SEED = 27002
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def management(account: AccountSeed, organization: str) -> None:
    """Create users, a group and sets; administrators stay signed in for a whole working day."""
    backend = ssoadmin_backends[account.number][HOME]
    # moto draws these when it first needs them, which is not at the same moment in every seeding.
    backend.instances[0].instance_arn = "arn:aws:sso:::instance/ssoins-6684a1b2c3d4e5f6"
    backend.instances[0].identity_store_id = "d-9967a1b2c3"
    mock_random.seed(_SEED)
    center, store = account.client("sso-admin"), account.client("identitystore")
    instance = center.list_instances()["Instances"][0]
    group = store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="platform")["GroupId"]
    for name in ("alice", "bob"):
        user = _user(store, instance, name)
        store.create_group_membership(
            IdentityStoreId=instance["IdentityStoreId"], GroupId=group, MemberId={"UserId": user}
        )
    administrators = _set(account, center, instance, "Administrators", "PT8H")
    center.attach_managed_policy_to_permission_set(**administrators, ManagedPolicyArn=_ADMINISTRATOR)
    auditors = _set(account, center, instance, "Auditors", "PT8H")
    center.put_inline_policy_to_permission_set(
        **auditors, InlinePolicy=policy(allow("iam:Get*", "iam:List*", "cloudtrail:Describe*"))
    )
    _assign(account, center, administrators, "GROUP", group)
    _assign(account, center, auditors, "USER", _user(store, instance, "carol"))
    for made in backend.permission_sets:
        made.created_date = account.ago(400).timestamp()
    account.expect("pass", organization, "aws_sso_admin_assignments_within_limit")
    account.expect("fail", administrators["PermissionSetArn"], "aws_sso_admin_permission_set_session_limited")
    account.expect("pass", auditors["PermissionSetArn"], "aws_sso_admin_permission_set_session_limited")


def _user(store: Any, instance: Any, name: str) -> str:  # noqa: ANN401  boto3 makes its classes late
    user: str = store.create_user(
        IdentityStoreId=instance["IdentityStoreId"],
        UserName=name,
        DisplayName=name.title(),
        Name={"GivenName": name.title(), "FamilyName": "Example"},
    )["UserId"]
    return user


def _set(account: AccountSeed, center: Any, instance: Any, name: str, session: str) -> dict[str, str]:  # noqa: ANN401  boto3 makes its classes late
    made = center.create_permission_set(
        InstanceArn=instance["InstanceArn"], Name=name, Description=f"{name} of Acme", SessionDuration=session
    )["PermissionSet"]["PermissionSetArn"]
    named = {"InstanceArn": instance["InstanceArn"], "PermissionSetArn": made}
    center.provision_permission_set(**named, TargetType="AWS_ACCOUNT", TargetId=account.number)
    return named


def _assign(account: AccountSeed, center: Any, named: dict[str, str], kind: str, principal: str) -> None:  # noqa: ANN401  boto3 makes its classes late
    center.create_account_assignment(
        **named, TargetId=account.number, TargetType="AWS_ACCOUNT", PrincipalType=kind, PrincipalId=principal
    )
