"""How GitLab is asked what the token's user may see: the scope of the token is refused, the role is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.core.connectors import Lacking
from connectors.gitlab._sdk import roles
from connectors.gitlab._sdk.calls import (
    ADMINISTRATOR,
    DEVELOPER,
    GUEST,
    MAINTAINER,
    OWN_ROLE,
    OWNER,
    READ_API,
    REPORTER,
    USER,
)
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.settings import Settings

_IN_GROUP = {GUEST: roles.GUEST, OWNER: roles.OWNER}
# A role in the group is one in its projects; in one project the user may have a higher one.
_IN_PROJECT = {REPORTER: roles.REPORTER, DEVELOPER: roles.DEVELOPER, MAINTAINER: roles.MAINTAINER}


def mend(settings: Settings, scopes: Sequence[str], permissions: Sequence[str]) -> str:
    """Return what mends it for groups: with `permissions` the role, without any a token that may enter them."""
    at = ", ".join(f"{settings.url}/groups/{group}/-/group_members" for group in scopes)
    if ADMINISTRATOR in permissions:
        return f"use a personal access token of an administrator of {settings.url}, or leave what only they see unknown"
    if permissions:
        return f"give the token's user the role Owner: {at}"
    return f"make an access token of the group with the role Owner and the scope {READ_API}: {at}"


@gitlab.probes(at="group", call=(USER, OWN_ROLE), permissions=READ_API, mend=mend)
def lacking(client: GitLab, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield what the role of the token's user in the group does not open."""
    level = client.role()
    why = f"{client.identity()} has the role {roles.role_name(level)} in {client.scope[0]}"
    for permission in permissions:
        if permission == ADMINISTRATOR:
            if level < roles.ADMINISTRATOR and not client.settings.is_dotcom:
                yield Lacking(permission, f"{client.identity()} does not administer {client.settings.url}")
        elif level < _IN_GROUP.get(permission, roles.NO_ACCESS):
            yield Lacking(permission, why)
        elif level < _IN_PROJECT.get(permission, roles.NO_ACCESS):
            yield Lacking(permission, why, certain=False)
