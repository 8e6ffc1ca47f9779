"""Who has administrative rights in an account, and the last use of each: a list made by the evaluator of policies.

Users and roles by their policies, those of their groups, those of AWS among them, and permissions boundaries; and the
root user. Policies of the organization, which take rights away, are not looked at: whoever is listed here may be kept
from using what it has.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.errors import NotThere, Unexpected
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.statements import Policy, UnreadStatement, read_policy
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws.iam.full_administration import ADMINISTRATOR_ACCESS, administration, boundary_of, over_principals
from connectors.aws.iam.resources.credential_report import report_rows
from connectors.aws.iam.resources.principals import (
    AttachedPolicy,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Role,
    User,
)

ROOT = "<root_account>"
"""The name of the root user in the credential report."""

EVERYTHING, OVER_PRINCIPALS, NOT_ESTABLISHED = "everything", "users and roles", "not established"
_CALL = "iam:GetAccountAuthorizationDetails"
_REPORT = ("iam:GenerateCredentialReport", "iam:GetCredentialReport")
_PAGE_SIZE = 1000
_TIMES = ("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date")
_NEVER = frozenset({"N/A", "no_information", "not_supported"})
_OF_A_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
_ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"


class LastUse(Struct, frozen=True, kw_only=True, rename="pascal"):
    """When a principal was last used: a role by itself, others by password or access key."""

    at: datetime | None  # None: no use is on record


@resource("aws.iam.administrator", key="Arn", volatile=("LastUse", "RoleLastUsed"))
class Administrator(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A user or role with administrative rights, or of which that is not established; or the root user.

    `rights`: everything; users and roles, where it may give itself everything; or not established, and `question` says
    what would establish it. `by` names the policies that give them.
    """

    arn: str
    name: str
    principal_type: str  # root, user or role
    rights: str
    by: str
    question: str
    permission_set: str | None  # None: it is no role of IAM Identity Center
    create_date: datetime | None  # None: the root user
    last_use: LastUse


_Named = tuple[str, Policy]
"""A policy with the name under which people find it."""


@dataclass
class _Policies:
    """The managed policies of an account by ARN, and the policies of its groups by name."""

    documents: dict[str, Policy] = field(default_factory=dict)
    by_group: dict[str, list[_Named]] = field(default_factory=dict)

    def held(self, attached: Iterable[AttachedPolicy], inline: Iterable[InlinePolicy], of: str = "") -> list[_Named]:
        """Return policies by attachment and inside, of somebody; one that was not listed may allow anything."""
        managed = [(f"{of}{entry.policy_arn}", self._document(entry.policy_arn)) for entry in attached]
        return [*managed, *((f"{of}{entry.policy_name}", read_policy(entry.policy_document)) for entry in inline)]

    def of_groups(self, names: Iterable[str]) -> list[_Named]:
        """Return the policies that members of groups have."""
        lacking = {name: [(name, _unread(f"the group {name}"))] for name in names if name not in self.by_group}
        return [named for name in names for named in {**lacking, **self.by_group}[name]]

    def _document(self, arn: str) -> Policy:
        if arn.endswith(_ADMINISTRATOR):
            return ADMINISTRATOR_ACCESS
        return self.documents.get(arn, _unread(arn))


def _unread(what: str) -> Policy:
    return Policy((), (UnreadStatement(f"{what} was not read"),))


@aws.collects(Administrator, at="account", call=_CALL, permissions=_CALL)
def administrators(account: Account) -> Iterator[Body]:
    """List each user and role that its policies make an administrator, or may make one; and the root user."""
    policies, groups = _Policies(), []
    for page in _pages(account, ("Group", "LocalManagedPolicy", "AWSManagedPolicy"), ("GroupDetailList", "Policies")):
        listed = (msgspec.convert(body, ManagedPolicy) for body in page["Policies"])
        policies.documents |= {policy.arn: policy.read() for policy in listed}
        groups += [msgspec.convert(body, Group) for body in page["GroupDetailList"]]
    policies.by_group = {
        group.group_name: policies.held(
            group.attached_managed_policies, group.group_policy_list, f"group {group.group_name}: "
        )
        for group in groups
    }
    for page in _pages(account, ("User", "Role"), ("UserDetailList", "RoleDetailList")):
        for body in page["UserDetailList"]:
            user = msgspec.convert(body, User)
            held = policies.held(user.attached_managed_policies, user.user_policy_list)
            held += policies.of_groups(user.group_list)
            yield from _judged(body, user.user_name, "user", held, boundary_of(user.boundary_arn, policies.documents))
        for body in page["RoleDetailList"]:
            role = msgspec.convert(body, Role)
            if not role.of_a_service:
                held = policies.held(role.attached_managed_policies, role.role_policy_list)
                limits = boundary_of(role.boundary_arn, policies.documents)
                yield from _judged(body, role.role_name, "role", held, limits, _permission_set(role))
    root = f"arn:{account.settings.partition}:iam::{account.id}:root"
    yield _body(root, ROOT, "root", EVERYTHING, "it is the root user")


def _judged(
    body: Body,
    name: str,
    kind: str,
    held: list[_Named],
    limits: list[list[Policy]],
    permission_set: str | None = None,
) -> Iterator[Body]:
    """Yield what is listed of a user or role; nothing for one without such rights."""
    arn = body["Arn"]

    def everything(policies: Sequence[Policy]) -> Effect:
        return administration(policies, arn, limits, with_mfa=True, principal=arn)

    def over(policies: Sequence[Policy]) -> Effect:
        return over_principals(policies, arn, limits, with_mfa=True)

    every = [policy for _, policy in held]
    undecided: list[Effect] = []
    rights, by, question = NOT_ESTABLISHED, "", ""
    for named, ask in ((EVERYTHING, everything), (OVER_PRINCIPALS, over)):
        found = ask(every)
        if found.outcome is Outcome.ALLOWS:
            alone = [of for of, policy in held if ask([policy]).outcome is Outcome.ALLOWS]
            rights, by = named, first_few(alone) if alone else "several policies together"
            break
        undecided += [found] if found.outcome is Outcome.UNDECIDED else []
    else:
        if not undecided:
            return
        question = undecided[0].question
    made = _body(arn, name, kind, rights, by, question)
    yield {**made, "PermissionSet": permission_set, "CreateDate": body["CreateDate"], **only(body, "RoleLastUsed")}


def _body(arn: str, name: str, kind: str, rights: str, by: str, question: str = "") -> Body:
    return {
        "Arn": arn,
        "Name": name,
        "PrincipalType": kind,
        "Rights": rights,
        "By": by,
        "Question": question,
        "PermissionSet": None,
        "CreateDate": None,
    }


def _permission_set(role: Role) -> str | None:
    """Return the permission set that IAM Identity Center made a role for: its name, with a number that AWS adds.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    """
    match = _OF_A_SET.fullmatch(role.role_name)
    return match[1] if role.of_identity_center and match is not None else None


def _pages(account: Account, filters: tuple[str, ...], keys: tuple[str, ...]) -> Iterator[Body]:
    """Yield pages that have several lists. Raises Unexpected where one of them is missing."""
    for page in account.answers("iam", "GetAccountAuthorizationDetails", Filter=list(filters), MaxItems=_PAGE_SIZE):
        for key in keys:
            if page.get(key) is None:
                raise Unexpected(f"{_CALL} was answered without {key}")
        yield page


@aws.part(Administrator, "LastUse", call=_REPORT, permissions=_REPORT)
def last_use(account: Account, administrator: Body) -> Any:
    """Read the last use of a user from the credential report, which is asked for once; that of a role is there."""
    if administrator["PrincipalType"] == "role":
        if "RoleLastUsed" not in administrator:
            return None  # AWS did not say it; an unused role has an empty object
        return {"At": administrator["RoleLastUsed"].get("LastUsedDate")}
    rows = account.once("credential report", lambda: _rows(account))
    row = rows.get(administrator["Name"])
    if row is None:
        raise NotThere(f"the credential report is older than {administrator['Name']}, and has no row of it")
    return {"At": max(filter(None, map(_moment, (row[name] for name in _TIMES))), default=None)}


def _rows(account: Account) -> dict[str, Body]:
    return {row["user"]: row for row in report_rows(account)}


def _moment(text: str) -> datetime | None:
    """Return a time of the report; None for the words that it has where there is none. Raises Unexpected otherwise."""
    if text in _NEVER:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Unexpected(f"the credential report says {text!r} for a time") from error
