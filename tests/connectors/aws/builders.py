"""One builder a resource, so that a test shows only what matters; and what a check is given besides its subject."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.json import encode

from collector.core.checks import Check, Extent, Need, Status, Verdict, unknown
from collector.core.errors import Unread
from collector.core.scopes import Scope
from collector.core.views import decode, unread_view
from connectors.aws.account.resources import Contact
from connectors.aws.iam.resources.account import AccountSummary, PasswordPolicy, VirtualMfaDevice
from connectors.aws.iam.resources.credential_report import CredentialRow
from connectors.aws.iam.resources.principals import Group, ManagedPolicy, Role, User
from connectors.aws.iam.resources.simulation import Simulation
from connectors.aws.organizations.resources import (
    Organization,
    OrganizationAccount,
    ResourceControlPolicy,
    ServiceControlPolicy,
)
from connectors.aws.s3.resources.access_points import AccessPoint, MultiRegionAccessPoint
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket
from tests.connectors.reasons import record

V = TypeVar("V", bound=Struct)

OWN = "111122223333"
COLLEAGUE = "222233334444"
STRANGER = "999988887777"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

PASS, FAIL, UNKNOWN, NOTHING = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE


class _Unread:
    def __repr__(self) -> str:
        return "UNREAD"


UNREAD: Any = _Unread()
"""Stands for a part that could not be read."""


def a(view: type[V], usual: Mapping[str, Any], **but: Any) -> V:
    """Return a view of a usual body in which some keys are otherwise."""
    body = {**usual, **but}
    unread = {name: f"{name} could not be read" for name, value in body.items() if value is UNREAD}
    read_parts = {name: value for name, value in body.items() if value is not UNREAD}
    return decode(view, encode({"body": read_parts}), None, unread)


def verdict(check: Check[...], *subjects: Any, **limits: Any) -> Verdict:
    """Judge as the engine does: what could not be read is unknown. The reason is compared with the golden file.

    What a test does not give is as in a source of one account with nothing else in it: lists of the account are empty,
    and those of the organization are not collected.
    """
    if check.wants_now:
        limits.setdefault("now", NOW)
    given = {need.parameter for need in check.needs[: len(subjects)]} | set(limits)
    others = {need.parameter: _usual(need) for need in check.needs if need.parameter not in given}
    try:
        return record(check, check(*subjects, **others, **limits))
    except Unread as why:
        return record(check, unknown(str(why)))


def _usual(need: Need) -> Any:
    if need.kind.view is Organization:
        return an_organization()
    if need.shape is Extent.THE:
        return unread_view(need.kind.view, f"{need.kind.name} is not given")
    return not_seen() if need.kind.name.startswith("aws.organizations.") else all_of()


class CompleteSet(list[Any]):
    """A complete set."""

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each with the scope it was seen in."""
        return (((OWN,), item) for item in self)

    def scopes(self) -> Iterator[Scope]:
        """Yield the one scope."""
        yield (OWN,)


class RegionalSet:
    """A complete set of several scopes, some of which may hold nothing."""

    def __init__(self, views: Mapping[Scope, Sequence[Any]]) -> None:
        self._views_by_scope = views

    def __iter__(self) -> Iterator[Any]:
        return (item for _, item in self.scoped())

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each with the scope it was seen in."""
        return ((scope, item) for scope, views in self._views_by_scope.items() for item in views)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes that were looked at."""
        return iter(self._views_by_scope)


class UnreadSet:
    """A set that could not be read."""

    def __iter__(self) -> Iterator[Any]:
        raise Unread("the list was refused")

    scoped = scopes = __iter__


def all_of(*members: Any) -> Any:
    """A complete set of these."""
    return CompleteSet(members)


def in_regions(**views: Sequence[Any]) -> Any:
    """A complete set by region, which is written with underscores."""
    return RegionalSet({(OWN, region.replace("_", "-")): views_of_region for region, views_of_region in views.items()})


def not_seen() -> Any:
    """A set that could not be read."""
    return UnreadSet()


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def text(*statements: Mapping[str, Any]) -> str:
    """The same as JSON text, as S3 gives it."""
    return json.dumps(document(*statements))


BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OPEN = dict.fromkeys(BLOCKED, False)
PUBLIC_ACL = {
    "Owner": {"ID": "0"},
    "Grants": [
        {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    ],
}
PRIVATE_ACL = {
    "Owner": {"ID": "0"},
    "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "0"}, "Permission": "READ"}],
}


def a_bucket(**but: Any) -> Bucket:
    """A private bucket as AWS makes them."""
    usual = {
        "Name": "acme-files",
        "PublicAccessBlockConfiguration": BLOCKED,
        "Policy": None,
        "PolicyStatus": None,
        "Acl": PRIVATE_ACL,
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "Versioning": {"Status": "Enabled"},
        "Logging": {},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "TagSet": None,
        "ObjectLockConfiguration": None,
    }
    return a(Bucket, usual, **but)


def public_access(block: Any = None) -> AccountPublicAccess:
    """The account's switches."""
    return a(AccountPublicAccess, {"AccountId": OWN, "PublicAccessBlockConfiguration": block})


def an_access_point(bucket: str = "acme-files", **but: Any) -> AccessPoint:
    """An access point that everybody may use, with everything switched off that could keep the public out."""
    arn = f"arn:aws:s3:eu-central-1:{OWN}:accesspoint/web"
    usual = {
        "Name": "web",
        "AccessPointArn": arn,
        "Bucket": bucket,
        "BucketAccountId": OWN,
        "NetworkOrigin": "Internet",
        "PublicAccessBlockConfiguration": OPEN,
        "Policy": text({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/object/*"]}),
        "PolicyStatus": {"IsPublic": True},
    }
    return a(AccessPoint, usual, **but)


def a_multi_region_access_point(bucket: str = "acme-files", **but: Any) -> MultiRegionAccessPoint:
    """The same for buckets of several regions."""
    usual = {
        "Name": "everywhere",
        "Alias": "m0000000000.mrap",
        "PublicAccessBlock": OPEN,
        "Regions": [{"Bucket": bucket, "Region": "eu-central-1", "BucketAccountId": OWN}],
        "Policies": {"Established": {"Policy": text({"Effect": "Allow", "Principal": "*", "Action": "s3:*"})}},
        "PolicyStatus": {"Established": {"IsPublic": True}},
    }
    return a(MultiRegionAccessPoint, usual, **but)


def an_organization(organization: Any = {"Id": "o-acmeacme00"}) -> Organization:  # noqa: B006  never changed
    """The account in its organization."""
    return a(Organization, {"AccountId": OWN, "Organization": organization})


def the_accounts(*numbers: str) -> Any:
    """The organization's list of accounts."""
    return all_of(*(a(OrganizationAccount, {"Id": number}) for number in numbers or (OWN, COLLEAGUE)))


def a_row(user: str = "alice", **but: Any) -> CredentialRow:
    """A row of the credential report: a user without any credentials."""
    usual = dict.fromkeys(CredentialRow.__struct_fields__, "N/A") | {
        "user": user,
        "user_creation_time": "2024-01-01T00:00:00+00:00",
        "password_enabled": "false",
        "mfa_active": "false",
        "access_key_1_active": "false",
        "access_key_2_active": "false",
    }
    return a(CredentialRow, usual, **but)


def a_summary(mfa: int = 1, access_keys: int = 0, partition: str = "aws", **but: Any) -> AccountSummary:
    """What IAM counts in an account."""
    counts = {"AccountMFAEnabled": mfa, "AccountAccessKeysPresent": access_keys, "Users": 3, **but}
    return a(AccountSummary, {"AccountId": OWN, "Partition": partition, "SummaryMap": counts})


def an_unread_summary() -> AccountSummary:
    """Counts that could not be read."""
    return a(AccountSummary, {"AccountId": OWN, "SummaryMap": UNREAD})


def a_password_policy(policy: Any) -> PasswordPolicy:
    """The account's rules for passwords."""
    return a(PasswordPolicy, {"AccountId": OWN, "PasswordPolicy": policy})


def a_device(serial: str, arn: str | None = None, enabled: str | None = None) -> VirtualMfaDevice:
    """An authenticator app."""
    user = {} if arn is None else {"User": {"Arn": arn}, "EnableDate": "2024-01-01T00:00:00Z"}
    return a(VirtualMfaDevice, {"SerialNumber": serial, **user, **({} if enabled is None else {"EnableDate": enabled})})


def a_user(name: str = "alice", **but: Any) -> User:
    """A user without permissions."""
    return a(User, {"UserName": name, "GroupList": [], "AttachedManagedPolicies": [], "UserPolicyList": []}, **but)


def a_group(name: str = "staff", **but: Any) -> Group:
    """A group without permissions."""
    return a(Group, {"GroupName": name, "AttachedManagedPolicies": [], "GroupPolicyList": []}, **but)


def a_role(*trust: Mapping[str, Any], **but: Any) -> Role:
    """A role that these statements say who may assume."""
    usual = {
        "RoleName": "deploy",
        "Arn": f"arn:aws:iam::{OWN}:role/deploy",
        "Path": "/",
        "CreateDate": "2020-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": document(*trust),
        "RoleLastUsed": {},
    }
    return a(Role, usual, **but)


def a_policy(*statements: Mapping[str, Any], **but: Any) -> ManagedPolicy:
    """A customer managed policy in use."""
    usual = {
        "Arn": f"arn:aws:iam::{OWN}:policy/custom",
        "AttachmentCount": 1,
        "PolicyVersionList": [{"IsDefaultVersion": True, "Document": document(*statements)}],
    }
    return a(ManagedPolicy, usual, **but)


def a_contact(contact: Any) -> Contact:
    """The account's security contact."""
    return a(Contact, {"AccountId": OWN, "AlternateContact": contact})


def a_simulation(results: Any) -> Simulation:
    """The simulator's answers."""
    return a(Simulation, {"AccountId": OWN, "EvaluationResults": results})


def a_guardrail(content: str, targets: Any, **but: Any) -> ServiceControlPolicy:
    """A service control policy."""
    usual = {"Id": "p-00000001", "Name": "guardrail", "Content": content, "Targets": targets}
    return a(ServiceControlPolicy, usual, **but)


ROOT, UNIT, INNER_UNIT = "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"
MANAGEMENT = "444455556666"


def in_organization() -> Organization:
    """The account in an organization that another account manages."""
    return an_organization({"Id": "o-acmeacme00", "MasterAccountId": MANAGEMENT})


def placed(*units: str, number: str = OWN, paths: Any = None) -> Any:
    """The organization's accounts, one of them below these units."""
    place = "/".join(["o-acmeacme00", ROOT, *units, number, ""])
    own = a(OrganizationAccount, {"Id": number, "Paths": [place] if paths is None else paths})
    return all_of(own, a(OrganizationAccount, {"Id": COLLEAGUE, "Paths": [f"o-acmeacme00/{ROOT}/{COLLEAGUE}/"]}))


def a_resource_control(*statements: Mapping[str, Any], at: str = ROOT, **but: Any) -> ResourceControlPolicy:
    """A resource control policy, attached to the root or another place."""
    usual = {"Id": "p-00000002", "Name": "perimeter", "Content": text(*statements), "Targets": [_target(at)]}
    return a(ResourceControlPolicy, usual, **but)


def a_service_control(*statements: Mapping[str, Any], at: str = ROOT, **but: Any) -> ServiceControlPolicy:
    """A service control policy, attached to the root or another place."""
    usual = {"Id": "p-00000003", "Name": "guardrail", "Content": text(*statements), "Targets": [_target(at)]}
    return a(ServiceControlPolicy, usual, **but)


def full_access(*places: str) -> ServiceControlPolicy:
    """AWS's own policy that allows everything, attached to these places."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return a_service_control(statement, Id="p-FullAWSAccess", Name="FullAWSAccess", Targets=[*map(_target, places)])


def _target(place: str) -> dict[str, str]:
    kinds = {"r-": "ROOT", "ou": "ORGANIZATIONAL_UNIT"}
    return {"TargetId": place, "Type": kinds.get(place[:2], "ACCOUNT")}
