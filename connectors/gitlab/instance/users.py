"""The accounts of the instance, as its administrators see them: GitLab Self-Managed and Dedicated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import Unexpected
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import ADMINISTRATOR, USER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.people import BY_BOT
from connectors.gitlab.instance.settings import has_instance

USERS = "GET /api/v4/users"

_PERSONAL = (
    Redact("email", keep="domain"),
    Redact("public_email", keep="domain"),
    Redact("commit_email", keep="domain"),
    Redact("current_sign_in_ip"),
    Redact("last_sign_in_ip"),
    Redact("identities.extern_uid"),
    Redact("scim_identities.extern_uid"),
    Redact("note"),
)
_VOLATILE = ("last_activity_on", "last_sign_in_at", "current_sign_in_at", "current_sign_in_ip", "last_sign_in_ip")


@resource(
    "gitlab.user.user",
    key="username",
    volatile=_VOLATILE,
    redact=_PERSONAL,
    person=Person(
        id="id",
        name="username",
        mail="email",
        subject="identities.extern_uid",
        account=BY_BOT,
        last_use=("last_activity_on", "current_sign_in_at"),
    ),
)
class User(Struct, frozen=True, kw_only=True):
    """An account of the instance. Accounts of tokens are left out."""

    username: str
    state: str
    is_admin: bool
    two_factor_enabled: bool


def users_of_instance(client: GitLab) -> Iterator[Any]:
    """Yield all accounts with what only administrators are shown. Raises Denied where the token's user is none.

    GitLab answers whoever is none with the same status, without the second factor.
    """
    client.require_administrator("GitLab then lists users without their second factor")
    for user in client.keyset(USERS, {"without_project_bots": True}):
        if "two_factor_enabled" not in user:
            raise Unexpected(f"{USERS} lists users without two_factor_enabled")
        yield user


@gitlab.collects(User, at="source", call=(USERS, USER), permissions=ADMINISTRATOR, when=has_instance)
def users(source: GitLab) -> Iterator[Body]:
    yield from users_of_instance(source)
