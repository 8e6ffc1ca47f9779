"""What users granted to apps of third parties. Off by default: Google has no scope that only reads it."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct, field

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import USER_SECURITY, USERS
from connectors.googleworkspace.directory.users import LIST as USERS_LIST

LIST = "directory.tokens.list"

_AUTH = "https://www.googleapis.com/auth/"
# A scope reaches all mail, all files or the administration by what it begins with, read-only ones too.
_FAR = (
    "https://mail.google.com/",
    *(
        f"{_AUTH}{family}"
        for family in (
            "admin",
            "apps.",
            "cloud-identity",
            "cloud-platform",
            "documents",
            "drive",
            "gmail",
            "presentations",
            "spreadsheets",
        )
    ),
)
# What reaches only what the app itself has made or was given, or says who somebody is.
_NEAR = frozenset(
    {
        "email",
        "openid",
        "profile",
        f"{_AUTH}plus.me",
        f"{_AUTH}userinfo.email",
        f"{_AUTH}userinfo.profile",
        *(f"{_AUTH}drive.{part}" for part in ("appdata", "appfolder", "apps.readonly", "file", "install")),
    }
)
# Calendars, addresses and tasks of the one who granted it: neither all mail nor all files.
_PERSONAL = tuple(f"{_AUTH}{family}" for family in ("calendar", "contacts", "tasks", "user."))


@resource("googleworkspace.directory.token", key=("user", "clientId"), volatile=("etag",))
class Token(Struct, frozen=True, kw_only=True, rename="camel"):
    """A grant of a user to an app."""

    user: str
    client_id: str
    display_text: str = field(default="")  # left out where the app has no name
    scopes: tuple[str, ...]


@googleworkspace.collects(
    Token,
    at="customer",
    call=(USERS_LIST, LIST),
    permissions=(USERS, USER_SECURITY),
    every=timedelta(days=7),
)
def tokens(client: Workspace) -> Listed:
    client.require_wanted(USER_SECURITY)
    people = client.pages(
        USERS_LIST,
        key="users",
        never_empty=True,
        customer=client.customer,
        maxResults=500,
        fields="kind,nextPageToken,users(id,primaryEmail,suspended,archived)",
    )
    for person in people:
        for token in client.one_page(LIST, key="items", userKey=person["id"]):
            yield {**token, "user": person["primaryEmail"]}


@check(
    "googleworkspace_directory_third_party_tokens_reviewed",
    title="High-risk third-party grants are approved",
    severity="medium",
    fix="Revoke the grant and block the app, or add its client id to approved_client_ids after a review",
)
def token_reviewed(token: Token, *, approved_client_ids: tuple[str, ...] = ()) -> Verdict:
    if not token.scopes:
        return unknown(f"Google names no scope that {token.user} granted to {token.client_id}")
    far = [scope for scope in token.scopes if scope.startswith(_FAR) and scope not in _NEAR]
    unrated = [scope for scope in token.scopes if not (scope.startswith((*_FAR, *_PERSONAL)) or scope in _NEAR)]
    if not far and not unrated:
        return passed()
    if token.client_id in approved_client_ids:
        return passed(f"{token.client_id} is approved")
    app = f"{token.display_text} ({token.client_id})" if token.display_text else token.client_id
    if far:
        return failed(f"{token.user} granted {app} {', '.join(sorted(far))}")
    return unknown(f"{token.user} granted {app} {', '.join(sorted(unrated))}, whose reach annexd does not rate")
