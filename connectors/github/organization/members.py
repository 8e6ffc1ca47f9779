"""People: members with role and last activity, people without a second factor, outside collaborators, invitations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.people import AccountType, Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub, hidden_list
from connectors.github._sdk.connector import github
from connectors.github._sdk.people import BY_TYPE

_MEMBERS = "Organization Members: read"
_LOG = "GET /orgs/{org}/audit-log"


class AuditLogEntry(Struct, frozen=True, kw_only=True):
    """The time and action of an entry of the audit log."""

    at: int = field(name="@timestamp")  # milliseconds since 1970
    action: str | None = None  # None: GitHub leaves out what an entry does not have


@resource(
    "github.org.member",
    key="login",
    volatile=("last_events",),
    person=Person(id="id", name="login", account=BY_TYPE, last_use=("last_events.@timestamp",)),
)
class Member(Struct, frozen=True, kw_only=True):
    """A member of the organization. `role` is the filter of the list (`admin` or `member`) that contains the person."""

    login: str
    role: str  # admin is an owner
    last_events: tuple[AuditLogEntry, ...]  # the latest entry by this person; empty where the audit log has none


@resource("github.org.member_2fa_disabled", key="login")
class WithoutSecondFactor(Struct, frozen=True, kw_only=True):
    """A member or an outside collaborator who has no second factor."""

    login: str
    affiliation: str


@resource(
    "github.org.outside_collaborator",
    key="login",
    person=Person(id="id", name="login", account=AccountType.GUEST),
)
class OutsideCollaborator(Struct, frozen=True, kw_only=True):
    """A person with access to a repository who is no member of the organization."""

    login: str


@resource(
    "github.org.invitation",
    key="id",
    redact=(Redact("email", keep="domain"),),
    person=Person(name="login", mail="email"),
)
class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation to the organization, open or failed."""

    id: int
    login: str | None  # None: the person was invited by mail
    created_at: datetime
    failed_at: datetime | None = None  # None or left out: it stands


@github.collects(Member, at="organization", call="GET /orgs/{org}/members", permissions=_MEMBERS)
def members(client: GitHub) -> Iterator[Body]:
    owners = 0
    for role in ("admin", "member"):
        for body in client.pages("GET /orgs/{org}/members", query={"role": role}):
            owners += role == "admin"
            yield {**body, "role": role}
        if owners == 0:
            # Every organization has an owner; without the permission GitHub lists public members only, or nobody.
            raise hidden_list("GitHub lists no owner, and every organization has one")


@github.part(Member, "last_events", call=_LOG, permissions="Organization Administration: read")
def last_events(client: GitHub, member: Body) -> Any:
    # Requested once for all members: on a plan without the log every one of these requests would fail.
    client.results.get("audit log", lambda: client.request(_LOG, query={"per_page": 1}))
    query = {"phrase": f"actor:{member['login']}", "include": "all", "per_page": 1}
    events = client.items(_LOG, query=query)
    return [{name: event[name] for name in ("@timestamp", "action") if name in event} for event in events[:1]]


@github.collects(
    WithoutSecondFactor,
    at="organization",
    call=("GET /orgs/{org}/members", "GET /orgs/{org}/outside_collaborators"),
    permissions=(_MEMBERS, "owner of the organization"),
)
def without_second_factor(client: GitHub) -> Iterator[Body]:
    for call, affiliation in (
        ("GET /orgs/{org}/members", "member"),
        ("GET /orgs/{org}/outside_collaborators", "outside collaborator"),
    ):
        for body in client.pages(call, query={"filter": "2fa_disabled"}):
            yield {**body, "affiliation": affiliation}


@github.collects(
    OutsideCollaborator, at="organization", call="GET /orgs/{org}/outside_collaborators", permissions=_MEMBERS
)
def outside_collaborators(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/outside_collaborators")


@github.collects(
    Invitation,
    at="organization",
    call=("GET /orgs/{org}/invitations", "GET /orgs/{org}/failed_invitations"),
    permissions=_MEMBERS,
)
def invitations(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/invitations")
    yield from client.pages("GET /orgs/{org}/failed_invitations")


@check(
    "github_org_members_have_two_factor",
    title="Every member and outside collaborator has a second factor",
    severity="critical",
    fix="Have the people listed set up a second factor, or remove them; then require it for the organization",
)
def everyone_has_two_factor(missing: All[WithoutSecondFactor]) -> Verdict:
    names: list[str] = []
    managed: list[str] = []
    for person in missing:
        (managed if is_managed(person.login) else names).append(f"{person.login} ({person.affiliation})")
    if names:
        return failed(f"{len(names)} without a second factor: {_shortened_list(names)}")
    if managed:
        return not_applicable(
            f"the {len(managed)} that GitHub lists are accounts managed by the enterprise, whose second factor is the "
            f"identity provider's to demand; evidence of it is needed: {_shortened_list(managed)}"
        )
    return passed("GitHub lists nobody without a second factor")


@check(
    "github_org_owner_count_limited",
    title="The organization has neither too few nor too many owners",
    severity="high",
    fix="Keep two owners at least, so that one can stand in for the other, and no more than the limit",
)
def owner_count(members: All[Member], *, at_least: int = 2, at_most: int = 5) -> Verdict:
    owners = [member.login for member in members if member.role == "admin"]
    summary = f"{len(owners)} owners: {_shortened_list(owners)}; {at_least} to {at_most} are allowed"
    return passed(summary) if at_least <= len(owners) <= at_most else failed(summary)


@check(
    "github_org_members_active",
    title="Every member was active lately",
    severity="medium",
    fix="Remove members who do not need the organization any more",
)
def members_active(member: Member, *, now: datetime, inactive_after: timedelta = timedelta(days=180)) -> Verdict:
    if not member.last_events:
        # GitHub keeps the log for six months, and git events for a week: no entry does not prove that there was none.
        return unknown(f"the audit log has no entry by {member.login}; what is older than GitHub keeps cannot be seen")
    days = (now.timestamp() - member.last_events[0].at / 1000) / 86_400
    if days <= inactive_after.days:
        return passed(f"{member.login} was last active {days:.0f} days ago")
    return failed(f"{member.login} was last active {days:.0f} days ago; {inactive_after.days} are allowed")


@check(
    "github_org_outside_collaborators_reviewed",
    title="Every outside collaborator is on the approved list",
    severity="medium",
    fix="Remove the person from the repositories, or approve the access and add the login to approved_collaborators",
)
def collaborators_reviewed(person: OutsideCollaborator, *, approved_collaborators: tuple[str, ...] = ()) -> Verdict:
    if person.login.lower() in {login.lower() for login in approved_collaborators}:
        return passed(f"{person.login} is listed in approved_collaborators")
    return failed(f"{person.login} is not listed in approved_collaborators")


@check(
    "github_org_invitations_not_stale",
    title="No invitation has been open for too long",
    severity="low",
    fix="Cancel the invitation, and send a new one if the person still needs it",
)
def invitations_not_stale(offer: Invitation, *, now: datetime, max_age: timedelta = timedelta(days=14)) -> Verdict:
    if offer.failed_at is not None:
        return not_applicable(f"the invitation of {offer.login or offer.id} has ended")
    age = now - offer.created_at
    if age <= max_age:
        return passed()
    return failed(f"the invitation of {offer.login or offer.id} is {age.days} days old; {max_age.days} are allowed")


def is_managed(login: str) -> bool:
    """Whether an account is one that an enterprise manages: its people sign in at the identity provider only.

    GitHub ends the logins of these, and of no others, with an underscore and the enterprise's short code.
    https://docs.github.com/en/enterprise-cloud@latest/admin/concepts/identity-and-access-management/enterprise-managed-users
    """
    return "_" in login


def _shortened_list(names: list[str], limit: int = 10) -> str:
    rest = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(sorted(names)[:limit]) + rest
