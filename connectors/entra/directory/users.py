"""People and guests of the directory, with their last sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import ConnectorError
from collector.core.people import AccountBy, AccountType, Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import REGISTRATION, SIGN_IN_ACTIVITY, USERS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

NOT_IN_REPORT = "not in the report"
"""The code for a user whom the report of registered methods does not have."""

NEVER = "never signed in"
"""The code for a user of whom Graph has no sign-in at all."""

_FIELDS = (
    "id",
    "userPrincipalName",
    "displayName",
    "mail",
    "userType",
    "accountEnabled",
    "creationType",
    "externalUserState",
    "createdDateTime",
    "employeeId",
    "employeeHireDate",
    "onPremisesSyncEnabled",
    "passwordPolicies",
    "lastPasswordChangeDateTime",
    "assignedLicenses",
    "isResourceAccount",
)
_REGISTRATION_FIELDS = ("isMfaCapable", "isMfaRegistered", "isPasswordlessCapable", "isAdmin", "methodsRegistered")
_MOST_USERS_A_PAGE = 999
_MOST_ACTIVITY_A_PAGE = 120  # Graph gives fewer where sign-in activity is selected


class SignInActivity(Struct, frozen=True, kw_only=True, rename="camel"):
    """The latest sign-ins of a user. Each is left out or null where there was none since Microsoft keeps it."""

    last_sign_in_date_time: datetime | None = None  # interactive, failed ones too; left out where there is none
    last_non_interactive_sign_in_date_time: datetime | None = None  # by a client with a token; left out as above
    last_successful_sign_in_date_time: datetime | None = None  # kept since December 2023; left out as above


class Registration(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Microsoft's report says of the methods that somebody has registered."""

    is_mfa_capable: bool  # registered, and allowed by the policy of methods
    is_mfa_registered: bool
    methods_registered: tuple[str, ...]


@resource(
    "entra.directory.user",
    key="id",
    volatile=("signInActivity",),
    redact=(Redact("mail", keep="domain"), "employeeId"),
    person=Person(
        id="id",
        name="userPrincipalName",
        mail="mail",
        account=AccountBy("userType", {"Member": AccountType.PERSON, "Guest": AccountType.GUEST}),
        last_use=(
            "signInActivity.lastSignInDateTime",
            "signInActivity.lastNonInteractiveSignInDateTime",
            "signInActivity.lastSuccessfulSignInDateTime",
        ),
    ),
)
class User(Struct, frozen=True, kw_only=True, rename="camel"):
    """An account of a person, a guest, a room or a shared mailbox: Graph does not tell these apart by a type."""

    id: str
    user_principal_name: str
    user_type: str | None  # Member or Guest; null for accounts made before there were guests, which are members
    account_enabled: bool
    creation_type: str | None  # null: made as a usual account; Invitation: its identity is of another tenant
    external_user_state: str | None  # PendingAcceptance or Accepted for invited users, null for others
    created_date_time: datetime | None  # null for accounts made before June 2018
    on_premises_sync_enabled: bool | None  # null: never synchronized
    is_resource_account: bool | None  # null: no resource account of Teams
    registration: Registration | None  # null: the report does not have the account, such as one that is disabled
    sign_in_activity: SignInActivity | None  # null: Microsoft has no sign-in of this account since April 2020

    @property
    def is_guest(self) -> bool:
        """Whether the account is a guest's."""
        return self.user_type == "Guest"

    @property
    def is_external(self) -> bool:
        """Whether the account's own identity is outside the tenant."""
        return self.creation_type == "Invitation" or self.external_user_state is not None


@entra.collects(User, at="tenant", call=USERS, permissions=permissions(USERS))
def users(client: Graph) -> Iterator[Body]:
    options = {"select": _FIELDS, "top": _MOST_USERS_A_PAGE}
    return client.pages(USERS, lambda graph: graph.users, options)


@entra.part(User, "signInActivity", call=SIGN_IN_ACTIVITY, permissions=permissions(SIGN_IN_ACTIVITY), absent=NEVER)
def sign_in_activity(client: Graph, user: Body) -> Any:
    # In one list for all: a call for each user would be ten thousand, and without a licence each of them a refusal.
    listed: dict[str, Any] = client.once.get("sign-in activity", lambda: _activity(client))
    if user["id"] not in listed:
        return None  # the account is newer than that list
    if listed[user["id"]] is None:
        raise ConnectorError("Graph has no sign-in of this account", code=NEVER)
    return listed[user["id"]]


@entra.part(User, "registration", call=REGISTRATION, permissions=permissions(REGISTRATION), absent=NOT_IN_REPORT)
def registration(client: Graph, user: Body) -> Any:
    listed: dict[str, Any] = client.once.get("registered methods", lambda: _registrations(client))
    if user["id"] not in listed:
        raise ConnectorError("Microsoft's report does not have this account", code=NOT_IN_REPORT)
    return listed[user["id"]]


def _registrations(client: Graph) -> dict[str, Any]:
    found = client.pages(REGISTRATION, lambda graph: graph.reports.authentication_methods.user_registration_details)
    # Without when the report looked at each, which is another time every day.
    return {item["id"]: {name: item[name] for name in _REGISTRATION_FIELDS if name in item} for item in found}


def _activity(client: Graph) -> dict[str, Any]:
    options = {"select": ("id", "signInActivity"), "top": _MOST_ACTIVITY_A_PAGE}
    found = client.pages(SIGN_IN_ACTIVITY, lambda graph: graph.users, options)
    return {item["id"]: item.get("signInActivity") for item in found}


@check(
    "entra_inactive_users_disabled",
    title="Inactive member accounts are disabled",
    severity="high",
    fix="Disable the account, or have its owner sign in; give accounts that are meant to be idle to idle_accounts",
)
def inactive_users_disabled(
    user: User,
    *,
    now: datetime,
    inactive_after: timedelta = timedelta(days=90),
    idle_accounts: tuple[str, ...] = (),
) -> Verdict:
    if user.is_guest:
        return not_applicable(f"{user.user_principal_name} is a guest, and no member")
    return _used_lately(user, now, inactive_after, idle_accounts)


@check(
    "entra_inactive_guests_removed",
    title="Inactive guests are removed",
    severity="medium",
    fix="Remove the guest, or disable the account, and invite the person again when that is needed",
)
def inactive_guests_removed(user: User, *, now: datetime, inactive_after: timedelta = timedelta(days=90)) -> Verdict:
    if not user.is_guest:
        return not_applicable(f"{user.user_principal_name} is no guest")
    return _used_lately(user, now, inactive_after, ())


def _used_lately(user: User, now: datetime, inactive_after: timedelta, idle_accounts: tuple[str, ...]) -> Verdict:
    name = user.user_principal_name
    if not user.account_enabled:
        return passed(f"{name} cannot sign in")
    if {name.lower(), user.id.lower()} & {account.lower() for account in idle_accounts}:
        return passed(f"{name} is listed in idle_accounts")
    created = user.created_date_time
    if created is not None and now - created <= inactive_after:
        return passed(f"{name} was made {(now - created).days} days ago")
    activity = user.sign_in_activity
    used = activity.last_successful_sign_in_date_time if activity is not None else None
    tried = _last_attempt(activity) if activity is not None else None
    if used is None and tried is not None:
        # The other two times count attempts that failed, so that guessing passwords would keep an account alive.
        if now - tried > inactive_after:
            return failed(f"{name} tried to sign in {(now - tried).days} days ago; {inactive_after.days} are allowed")
        return unknown(
            f"{name} tried to sign in {(now - tried).days} days ago, and Microsoft does not show that it succeeded"
        )
    if used is None:
        since = f"was made {(now - created).days} days ago" if created is not None else "was made before June 2018"
        return failed(f"{name} {since}, and no sign-in is on record; {inactive_after.days} days are allowed")
    days = (now - used).days
    if now - used <= inactive_after:
        return passed(f"{name} signed in {days} days ago")
    return failed(f"{name} signed in {days} days ago at last; {inactive_after.days} are allowed")


def _last_attempt(activity: SignInActivity) -> datetime | None:
    times = (activity.last_sign_in_date_time, activity.last_non_interactive_sign_in_date_time)
    return max((time for time in times if time is not None), default=None)
