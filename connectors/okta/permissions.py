"""What to grant annexd on Okta: scopes of an API service app, and the administrator roles that they work with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ROLE_VIEWER = "role permission okta.iam.read"
"""What an administrator role needs so that Okta shows roles and who holds them."""

_ABOUT = """An API service app reads with a scope only what its administrator role may see as well:

  Read-only Administrator                               for everything but who is an administrator
  a custom role with okta.iam.read, on All IAM resources  for roles and who holds them

Grant no scope that ends in .manage, and no other role: okta_collector_read_only fails then. An API token
has no scopes: it can do whatever its owner can.
"""


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the scopes to grant, as text; each with the kinds of resources that are read with it."""
    scopes = sorted(permission for permission in kinds_by_permission if permission.startswith("okta."))
    lines = ["OAuth scopes of the API service app (tab Okta API Scopes):", ""]
    for scope in scopes:
        lines += [f"  {scope}", *(f"      {kind}" for kind in sorted(kinds_by_permission[scope]))]
    return "\n".join([*lines, "", _ABOUT])
