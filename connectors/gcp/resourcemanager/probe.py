"""Which of its permissions annexd lacks in a project, by Google's own word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.core.connectors import Lacking
from connectors.gcp._sdk.client import TEST_PERMISSIONS, GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.roll_out import ROLE
from connectors.gcp._sdk.settings import Settings

_ELSEWHERE = ("resourcemanager.organizations.", "resourcemanager.folders.", "securitycenter.", "iam.googleapis.com/")
"""Permissions of which a project says nothing: they are the organization's, or of a form that Google does not test."""

_NOT_TESTED = frozenset({"resourcemanager.projects.list"})


def mend(settings: Settings, projects: Sequence[str], permissions: Sequence[str]) -> str:
    """Return the command that grants what is lacking."""
    member = f"serviceAccount:{settings.impersonate}" if settings.impersonate else "MEMBER"
    if settings.organization is not None:
        role = f"organizations/{settings.organization}/roles/{ROLE}"
        if permissions:
            added = ",".join(permissions)
            return f"gcloud iam roles update {ROLE} --organization={settings.organization} --add-permissions={added}"
        return (
            f"gcloud organizations add-iam-policy-binding {settings.organization} --role={role} --member={member} "
            "--condition=None"
        )
    project = projects[0] if len(projects) == 1 else "PROJECT"
    if permissions:
        return f"gcloud iam roles update {ROLE} --project={project} --add-permissions={','.join(permissions)}"
    role = f"projects/{project}/roles/{ROLE}"
    return f"gcloud projects add-iam-policy-binding {project} --role={role} --member={member} --condition=None"


@gcp.probes(at="project", call=TEST_PERMISSIONS.id, permissions="resourcemanager.projects.get", mend=mend)
def lacking(client: GoogleCloud, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield what annexd's own identity may not do in the project; Google tests without doing it."""
    tested = [each for each in permissions if each and not each.startswith(_ELSEWHERE) and each not in _NOT_TESTED]
    held = client.held(tested)
    for permission in tested:
        if permission not in held:
            yield Lacking(permission, "no role grants it here, or a deny policy takes it away")
