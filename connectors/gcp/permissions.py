"""What to grant annexd on Google Cloud: a custom role with the least permissions, each with what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.gcp._iam.powers import READ_ENTRIES
from connectors.gcp._sdk.roll_out import is_of_organization, role_yaml

_ABOUT = """\
# A custom role of the organization, with what annexd reads and nothing else. None of these permissions
# writes, and none reads what is stored: {content}.
# Grant it to the service account that annexd runs as, or that it impersonates.
#
# As a gcloud script, as the role alone or for Terraform: annexd permissions gcp --organization (for the organization),
# or annexd permissions gcp --form commands|role|terraform (for one project). Permissions that are marked are
# in roles of an organization only; without them what is inherited is unknown.
"""
_CONTENT = "objects, rows, secrets, log entries"
_CONTENT_BUT_LOGS = f"objects, rows, secrets. {READ_ENTRIES} does read log entries: all of them"


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the role as YAML; before each permission the kinds that are read with it."""
    names = sorted(permission for permission in kinds_by_permission if permission)
    content = _CONTENT_BUT_LOGS if READ_ENTRIES in names else _CONTENT
    comments = {
        name: ", ".join(sorted(kinds_by_permission[name]))
        + (" (organization only)" if is_of_organization(name) else "")
        for name in names
    }
    return "\n".join([_ABOUT.format(content=content), role_yaml(names, comments)])
