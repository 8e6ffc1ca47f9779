"""What to grant annexd in a tenant: application permissions of Microsoft Graph, with admin consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the application permissions to grant, each with the kinds of resources that are read with it."""
    lines = ["Application permissions of Microsoft Graph:", ""]
    for permission in sorted(kinds_by_permission):
        lines += [f"  {permission}", *(f"      {kind}" for kind in sorted(kinds_by_permission[permission]))]
    return "\n".join([*lines, ""])
