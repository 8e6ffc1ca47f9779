"""Users: 2-step verification, administrators, suspended and archived accounts, last sign-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.connectors import Listed
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import resource
from collector.core.spans import show_span
from connectors.googleworkspace._policy.people import units_of
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import USERS
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.identity.sso import SsoAssignment, sign_in_elsewhere

LIST = "directory.users.list"

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""What Google writes as the last sign-in of somebody who never signed in."""

_FIELDS = (
    "kind,nextPageToken,users(id,primaryEmail,aliases,orgUnitPath,customerId,suspended,suspensionReason,archived,isAdmin,"
    "isDelegatedAdmin,isEnrolledIn2Sv,isEnforcedIn2Sv,isMailboxSetup,isGuestUser,agreedToTerms,creationTime,lastLoginTime,"
    "changePasswordAtNextLogin)"
)
"""What is asked for of a user: no name, no phone and no address but those that are the account's own."""


@resource(
    "googleworkspace.directory.user",
    key="primaryEmail",
    volatile=("lastLoginTime",),
    redact=(
        Redact("mail", keep="domain"),
        Redact("aliases", keep="domain"),
        Redact("emails", keep="domain"),
        Redact("recoveryEmail", keep="domain"),
        "recoveryPhone",
        "phones",
        "addresses",
        "relations",
        "notes",
    ),
    person=Person(id="id", name="primaryEmail", mail="mail", last_use=("lastLoginTime",)),
)
class User(Struct, frozen=True, kw_only=True, rename="camel"):
    """A user. The primary address is what the platform calls the account; `mail` is the same, redacted."""

    id: str
    primary_email: str
    org_unit_path: str
    suspended: bool
    archived: bool
    is_admin: bool  # a super administrator
    is_delegated_admin: bool
    is_enrolled: bool = field(name="isEnrolledIn2Sv")
    is_enforced: bool = field(name="isEnforcedIn2Sv")
    is_mailbox_setup: bool = False  # left out where the user has no licence of Gmail
    agreed_to_terms: bool = False  # "true if the user has completed an initial login": left out where it is not
    creation_time: datetime
    last_login_time: datetime

    @property
    def is_active(self) -> bool:
        """Whether the user can sign in."""
        return not self.suspended and not self.archived

    @property
    def state(self) -> str:
        """What the account is, in a word."""
        return "suspended" if self.suspended else "archived" if self.archived else "active"


@googleworkspace.collects(User, at="customer", call=LIST, permissions=USERS)
def users(client: Workspace) -> Listed:
    listed = client.pages(
        LIST,
        key="users",
        never_empty=True,
        customer=client.customer,
        maxResults=500,
        projection="full",
        viewType="admin_view",
        fields=_FIELDS,
    )
    for body in listed:
        yield {**body, "mail": body["primaryEmail"]}


@check(
    "googleworkspace_directory_2sv_enrolled",
    title="Active users are enrolled in 2-step verification",
    severity="critical",
    fix="Have the users listed set up 2-step verification, and enforce it for their organizational unit",
)
def enrolled(
    user: User,
    assignments: All[SsoAssignment],
    units: All[OrgUnit],
    *,
    now: datetime,
    new_user_grace: timedelta = timedelta(days=7),
) -> Verdict:
    if not user.is_active:
        return not_applicable(f"{user.primary_email} is {user.state} and cannot sign in")
    if user.is_enrolled:
        return passed()
    age = now - user.creation_time
    if age <= new_user_grace:
        return passed(f"{user.primary_email} was created {show_span(age)} ago; {show_span(new_user_grace)} are allowed")
    if user.is_admin:
        # Super administrators can always sign in with Google's password, whatever single sign-on is set up.
        return failed(f"{user.primary_email}, a super administrator, is not enrolled in 2-step verification")
    elsewhere = sign_in_elsewhere(list(assignments), lambda: units_of(units), user.org_unit_path)
    if elsewhere is not None:
        return unknown(
            f"{user.primary_email} is not enrolled at Google and {elsewhere};"
            " evidence of the second factor there is needed"
        )
    return failed(f"{user.primary_email}, created {show_span(age)} ago, is not enrolled in 2-step verification")


@check(
    "googleworkspace_directory_inactive_users_suspended",
    title="Inactive users are suspended",
    severity="high",
    fix="Suspend or delete the accounts listed; of service accounts, record what they are for as an exception",
)
def inactive_suspended(user: User, *, now: datetime, max_inactive: timedelta = timedelta(days=90)) -> Verdict:
    if not user.is_active:
        return passed(f"{user.primary_email} is {user.state}")
    never = user.last_login_time <= _NEVER
    idle = now - (user.creation_time if never else max(user.last_login_time, user.creation_time))
    if idle <= max_inactive:
        return passed()
    if never and user.agreed_to_terms:
        return unknown(
            f"Google lists no sign-in of {user.primary_email}, but says that the first one was completed;"
            " the list of users is known to lose times"
        )
    what = (
        f"never signed in since it was created {idle.days} days ago"
        if never
        else f"last signed in {idle.days} days ago"
    )
    return failed(
        f"{user.primary_email} {what}; {show_span(max_inactive)} are allowed."
        " Google counts sign-ins, not the use of tokens"
    )
