"""People of a top-level group: members, those that GitLab bills with their last activity, and enterprise users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unexpected
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import ADMINISTRATOR, GUEST, OWN_ROLE, OWNER, USER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.people import BY_BOT
from connectors.gitlab._sdk.roles import GUEST as GUEST_LEVEL
from connectors.gitlab._sdk.roles import OWNER as OWNER_LEVEL
from connectors.gitlab._sdk.settings import Settings
from connectors.gitlab.group.settings import Group
from connectors.gitlab.group.tokens import GroupToken
from connectors.gitlab.instance.token import READING
from connectors.gitlab.instance.users import USERS, users_of_instance

_MEMBERS = "GET /api/v4/groups/{group}/members/all"
_BILLABLE = "GET /api/v4/groups/{group}/billable_members"
_ENTERPRISE = "GET /api/v4/groups/{group}/enterprise_users"

_SHOWN = 10
_MAIL = (Redact("email", keep="domain"), Redact("public_email", keep="domain"), Redact("commit_email", keep="domain"))
_SUBJECTS = (Redact("group_saml_identity.extern_uid"),)


@resource(
    "gitlab.group.member",
    key="username",
    redact=(*_MAIL, *_SUBJECTS),
    person=Person(id="id", name="username", mail="email", subject="group_saml_identity.extern_uid"),
)
class Member(Struct, frozen=True, kw_only=True):
    """An account with a role in the group, its own or by a group that was invited; accounts of tokens too."""

    id: int
    username: str
    state: str
    access_level: int
    expires_at: date | None  # None: the role has no end


class SecondFactor(Struct, frozen=True, kw_only=True):
    """Whether an account has a second factor. `enabled` is None where GitLab's list does not have the account."""

    enabled: bool | None
    listed_in: str  # the list that was asked


@resource(
    "gitlab.group.billable_member",
    key="username",
    volatile=("last_activity_on", "last_login_at"),
    redact=_MAIL,
    person=Person(id="id", name="username", mail="email", last_use=("last_activity_on", "last_login_at")),
)
class BillableMember(Struct, frozen=True, kw_only=True):
    """A person with a paid seat anywhere in the group, its subgroups and projects, as GitLab counted them that day."""

    username: str
    state: str
    created_at: datetime
    last_activity_on: date | None  # None: GitLab has seen none
    last_login_at: datetime | None  # None: never
    two_factor: SecondFactor


@resource(
    "gitlab.group.enterprise_user",
    key="username",
    volatile=("last_activity_on", "last_sign_in_at", "current_sign_in_at"),
    redact=(
        *_MAIL,
        Redact("identities.extern_uid"),
        Redact("scim_identities.extern_uid"),
        Redact("current_sign_in_ip"),
        Redact("last_sign_in_ip"),
    ),
    person=Person(
        id="id",
        name="username",
        mail="email",
        subject="identities.extern_uid",
        account=BY_BOT,
        last_use=("last_activity_on", "current_sign_in_at"),
    ),
)
class EnterpriseUser(Struct, frozen=True, kw_only=True):
    """An account of GitLab.com that belongs to the company, by a domain that it has verified (Premium)."""

    username: str
    state: str
    two_factor_enabled: bool


def _on_dotcom(settings: Settings) -> bool:
    return settings.is_dotcom


@gitlab.collects(Member, at="group", call=(_MEMBERS, USER, OWN_ROLE), permissions=GUEST)
def members(client: GitLab) -> Iterator[Body]:
    client.require_role(GUEST_LEVEL, "GitLab does not show all members to those who are none")
    owners = 0
    for member in client.pages(_MEMBERS):
        owners += member["access_level"] == OWNER_LEVEL
        yield member
    if owners == 0:
        raise Unexpected("GitLab lists no Owner, and every top-level group has one")


@gitlab.collects(BillableMember, at="group", call=_BILLABLE, permissions=OWNER)
def billable_members(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_BILLABLE)


@gitlab.part(
    BillableMember,
    "two_factor",
    call=(_ENTERPRISE, USERS, USER),
    permissions=(OWNER, ADMINISTRATOR),
)
def two_factor(client: GitLab, member: Body) -> Any:
    listed_in = "enterprise users" if client.settings.is_dotcom else "users of the instance"
    known: dict[int, bool] = client.results.get("second factors", lambda: _second_factors(client))
    return {"enabled": known.get(member["id"]), "listed_in": listed_in}


def _second_factors(client: GitLab) -> dict[int, bool]:
    accounts = client.paid(client.pages(_ENTERPRISE)) if client.settings.is_dotcom else users_of_instance(client)
    found = {}
    for account in accounts:
        enabled = account.get("two_factor_enabled")
        if not isinstance(enabled, bool):
            raise Unexpected("GitLab lists accounts without two_factor_enabled")
        found[account["id"]] = enabled
    return found


@gitlab.collects(EnterpriseUser, at="group", call=_ENTERPRISE, permissions=OWNER, when=_on_dotcom)
def enterprise_users(client: GitLab) -> Iterator[Body]:
    yield from client.paid(client.pages(_ENTERPRISE))


@check(
    "gitlab_group_members_have_two_factor",
    title="Members have two-factor enabled",
    severity="high",
    fix="Have the person set up a second factor, or remove them from the group",
)
def members_have_two_factor(member: BillableMember) -> Verdict:
    factor = member.two_factor
    if factor.enabled is None:
        return unknown(
            f"whether {member.username} has a second factor is not shown: "
            f"GitLab shows it of {factor.listed_in}, and {member.username} is not among them"
        )
    if factor.enabled:
        return passed(f"{member.username} has a second factor")
    return failed(f"{member.username} has no second factor")


@check(
    "gitlab_group_owner_count_limited",
    title="Group owners are between the limits",
    severity="high",
    fix="Keep two Owners at least, so that one can stand in for the other, and no more than the limit",
)
def owner_count(
    members: All[Member], tokens: All[GroupToken], group: The[Group], *, at_least: int = 2, at_most: int = 5
) -> Verdict:
    found = [member for member in members if member.access_level == OWNER_LEVEL and member.state == "active"]
    if len(found) < at_least and not _invited_owners(group):
        return failed(f"{_owners(found)}; {at_least} to {at_most} are allowed")
    # The account of an access token has its role, and is nobody who can stand in for a person.
    of_tokens = {token.user_id: token for token in tokens}
    people = [member for member in found if member.id not in of_tokens]
    writing = [member for member in found if member.id in of_tokens and not _only_reads(of_tokens[member.id])]
    summary = f"{_owners(people)}; {at_least} to {at_most} are allowed"
    if writing:
        summary = f"{summary}, with {_names(writing)}, the accounts of access tokens that may change something"
    if len(people) + len(writing) > at_most:
        return failed(summary)
    if invited := _invited_owners(group):
        return unknown(
            f"{summary}; Owners of {', '.join(invited)} are Owners too, "
            "and GitLab shows people of another group to those only who may see it"
        )
    return passed(summary) if len(people) >= at_least else failed(summary)


def _invited_owners(group: Group) -> list[str]:
    return sorted(
        share.group_full_path for share in group.shared_with_groups if share.group_access_level >= OWNER_LEVEL
    )


def _owners(members: Sequence[Member]) -> str:
    return f"{len(members)} Owners: {_names(members)}"


def _names(members: Sequence[Member]) -> str:
    names = sorted(member.username for member in members)
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _only_reads(token: GroupToken) -> bool:
    return bool(token.scopes) and READING.issuperset(token.scopes)


@check(
    "gitlab_group_inactive_members_removed",
    title="Inactive members are removed",
    severity="medium",
    fix="Remove the person from the group, its subgroups and projects",
)
def inactive_removed(
    member: BillableMember, *, now: datetime, inactive_after: timedelta = timedelta(days=90)
) -> Verdict:
    used = [moment for moment in (_day(member.last_activity_on, now), member.last_login_at) if moment is not None]
    if not used:
        days = (now - member.created_at).days
        text = f"{member.username} was never active, in {days} days"
        return passed(text) if days <= inactive_after.days else failed(f"{text}; {inactive_after.days} are allowed")
    days = (now - max(used)).days
    text = f"{member.username} was last active {days} days ago"
    return passed(text) if days <= inactive_after.days else failed(f"{text}; {inactive_after.days} are allowed")


def _day(day: date | None, now: datetime) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) if day is not None else None
