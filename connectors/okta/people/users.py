"""Users of every status, and who was deactivated in the window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.people import Person
from collector.core.plain_text import plural
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import USERS, scopes_of

CAN_SIGN_IN = frozenset({"ACTIVE", "LOCKED_OUT", "PASSWORD_EXPIRED", "RECOVERY"})
"""Statuses of accounts whose people sign in, or will again by themselves: after the lock, with a new password."""

NOT_YET = frozenset({"STAGED", "PROVISIONED"})
"""Statuses of accounts that nobody has used yet."""

GONE = frozenset({"SUSPENDED", "DEPROVISIONED"})
"""Statuses in which nobody can sign in until an administrator changes that."""

CANNOT_SIGN_IN = NOT_YET | GONE
"""Statuses of accounts that nobody signs in with now."""

_KEPT = (
    "id",
    "status",
    "created",
    "activated",
    "statusChanged",
    "lastLogin",
    "lastUpdated",
    "passwordChanged",
    "type",
    "realmId",
    "transitioningToStatus",
)
_KEPT_PROFILE = ("login", "email", "userType")


class Profile(Struct, frozen=True, kw_only=True):
    """Who an account is for."""

    login: str


class CredentialProvider(Struct, frozen=True, kw_only=True):
    """Who keeps the password of an account."""

    type: str


class Credentials(Struct, frozen=True, kw_only=True):
    """How an account signs in, as far as it is read."""

    provider: CredentialProvider | None = None  # None: Okta leaves it out for accounts without a password


@resource(
    "okta.user.user",
    key="id",
    volatile=("lastLogin",),
    redact=(Redact("profile.email", keep="domain"),),
    person=Person(
        id="id", name="profile.login", mail="profile.email", subject="profile.login", last_use=("lastLogin",)
    ),
)
class User(Struct, frozen=True, kw_only=True, rename="camel"):
    """An account. Of the profile, login and mail address are kept; `None` is Okta's word for never."""

    id: str
    status: str
    created: datetime
    activated: datetime | None
    status_changed: datetime | None
    last_login: datetime | None
    profile: Profile
    credentials: Credentials | None = None  # None: Okta may leave it out


@okta.collects(User, at="organization", call=USERS, permissions=scopes_of(USERS))
def users(client: Okta) -> Iterator[Body]:
    # The list leaves out those who are deprovisioned, unless a filter asks for them.
    for query in ({}, {"filter": 'status eq "DEPROVISIONED"'}):
        for user in client.pages(USERS, query={"limit": PAGE, **query}):
            yield kept(user)


def kept(user: Body) -> Body:
    """Return what is kept of an account: not who a person is beyond login and address, and no credentials."""
    profile = user.get("profile") or {}
    found = {name: user[name] for name in _KEPT if name in user}
    found["profile"] = {name: profile[name] for name in _KEPT_PROFILE if name in profile}
    credentials = user.get("credentials") or {}
    return {**found, "credentials": {"provider": credentials.get("provider")}}


def last_seen(user: User) -> datetime:
    """Return when an account was last used, or when it could be used for the first time."""
    return max(moment for moment in (user.last_login, user.activated, user.created) if moment is not None)


@check(
    "okta_inactive_users_suspended",
    title="Inactive users are suspended",
    severity="high",
    fix="Suspend or deactivate the account, or list the login of a service account in exempt",
)
def inactive_users_suspended(
    user: User, *, now: datetime, inactive_after: timedelta = timedelta(days=90), exempt: tuple[str, ...] = ()
) -> Verdict:
    login = user.profile.login
    if user.status in GONE:
        return passed(f"{login} is {user.status.lower()}")
    if user.status in NOT_YET:
        return passed(f"{login} is {user.status.lower()}, and nobody has used it yet")
    if user.status not in CAN_SIGN_IN:
        return unknown(f"what the status {user.status} of {login} means is not known")
    days = max((now - last_seen(user)).days, 0)  # Okta's clock may be a little ahead
    how = "last signed in" if user.last_login is not None else "could sign in, and never did, since"
    reason = f"{login} {how} {plural(days, 'day')} ago; {inactive_after.days} are allowed"
    if now - last_seen(user) <= inactive_after:
        return passed(reason)
    return passed(f"{reason}; listed in exempt") if login in exempt else failed(reason)


@check(
    "okta_staged_users_not_stale",
    title="Staged and provisioned accounts do not linger",
    severity="low",
    fix="Delete the account, or have its person activate it",
)
def staged_users_not_stale(user: User, *, now: datetime, max_age: timedelta = timedelta(days=30)) -> Verdict:
    if user.status not in CAN_SIGN_IN | CANNOT_SIGN_IN:
        return unknown(f"what the status {user.status} of {user.profile.login} means is not known")
    if user.status not in {*NOT_YET, "RECOVERY", "PASSWORD_EXPIRED"}:
        return passed(f"{user.profile.login} is {user.status.lower()}")
    since = user.status_changed or user.created
    reason = f"{user.profile.login} is {user.status.lower()} for {(now - since).days} days; {max_age.days} are allowed"
    return passed(reason) if now - since <= max_age else failed(reason)
