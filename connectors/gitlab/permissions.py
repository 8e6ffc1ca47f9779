"""What to grant annexd on GitLab: a scope of the token, and a role of its user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.gitlab._sdk.calls import ADMINISTRATOR

_HOW = """One token with the scope read_api, of a user (or of the group itself: an access token of the top-level group)
that has the role Owner in each top-level group. read_api reads everything that the user may see and changes
nothing; the role Owner may change everything, so let nobody sign in as that user.

  gitlab.com, Dedicated and one's own: the group, Settings, Access tokens: role Owner, scope read_api

A lesser role sees less, and what it does not see is unknown:
"""

_ADMIN = """
On a GitLab of your own, or a Dedicated one, the settings of the instance and its users are shown to
administrators only. A personal access token of an administrator with read_api shows them; where Admin
Mode is on it needs the scope admin_mode too. Leave it out, and what is below stays unknown:
"""


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return what to grant, as text; each scope and role with the kinds of resources that are read with it."""
    lines = [_HOW]
    for permission in sorted(kinds_by_permission):
        if permission != ADMINISTRATOR:
            lines += [f"  {permission}", *(f"      {kind}" for kind in sorted(kinds_by_permission[permission])), ""]
    if ADMINISTRATOR in kinds_by_permission:
        lines += [_ADMIN, f"  {ADMINISTRATOR}"]
        lines += [f"      {kind}" for kind in sorted(kinds_by_permission[ADMINISTRATOR])]
    return "\n".join(lines)
