"""The forms in which Google Cloud takes the access that annexd needs: a custom role, a gcloud script, and Terraform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from collector.core.roll_out import RollOut
from connectors.gcp._sdk.settings import Settings

ROLE = "annexd"

_ORGANIZATION, _PROJECT = "ORGANIZATION", "PROJECT"
_CONSUMER = "roles/serviceusage.serviceUsageConsumer"
_ENABLED_AT_ONCE = 20  # what Service Usage takes in one request

# Google takes these in roles of an organization only:
# https://cloud.google.com/iam/docs/creating-custom-roles, and the table of permissions beside it.
_ORGANIZATION_ONLY = ("resourcemanager.organizations.", "resourcemanager.folders.", "securitycenter.")
_NOT_IN_PROJECT_ROLES = frozenset({"resourcemanager.projects.list"})

APIS = tuple(
    f"{api}.googleapis.com"
    for api in (
        "accessapproval",
        "apikeys",
        "artifactregistry",
        "backupdr",
        "bigquery",
        "binaryauthorization",
        "cloudasset",
        "cloudfunctions",
        "cloudkms",
        "cloudresourcemanager",
        "compute",
        "container",
        "dns",
        "essentialcontacts",
        "iam",
        "iamcredentials",
        "logging",
        "monitoring",
        "orgpolicy",
        "osconfig",
        "policyanalyzer",
        "run",
        "secretmanager",
        "securitycenter",
        "serviceusage",
        "sqladmin",
        "storage",
    )
)
"""What has to be on in the project that calls are charged to, and for the sign-in by impersonation."""


def is_of_organization(permission: str) -> bool:
    """Whether Google takes a permission in roles of an organization only."""
    return permission.startswith(_ORGANIZATION_ONLY) or permission in _NOT_IN_PROJECT_ROLES


def role_yaml(permissions: Iterable[str], comments: Mapping[str, str] | None = None) -> str:
    """Return the custom role, as `gcloud iam roles create --file` takes it; a comment stands before a permission."""
    lines = ["title: annexd", "description: Reads configuration as evidence", "stage: GA", "includedPermissions:"]
    for permission in permissions:
        if comments is not None:
            lines.append(f"# {comments[permission]}")
        lines.append(f"- {permission}")
    return "\n".join([*lines, ""])


def forms(wanted: RollOut) -> Mapping[str, str]:
    """Return the role, the gcloud script and the Terraform file, by name, for an organization or for one project."""
    settings = wanted.settings if isinstance(wanted.settings, Settings) else None
    needed = sorted({*wanted.everywhere, *wanted.at_source})
    if not wanted.organization:
        needed = [permission for permission in needed if not is_of_organization(permission)]
    place = _RoleHome(settings, organization=wanted.organization)
    return {"role": role_yaml(needed), "commands": _commands(needed, place), "terraform": _terraform(needed, place)}


class _RoleHome:
    """Where the role is made, and for which account; words in capitals stand for what the settings do not say."""

    def __init__(self, settings: Settings | None, *, organization: bool) -> None:
        self.is_organization = organization
        named = settings.projects[0] if settings is not None and settings.projects else _PROJECT
        number = settings.organization if settings is not None else None
        self.id = (number or _ORGANIZATION) if organization else named
        account = settings.impersonate if settings is not None else None
        self.account = account or f"annexd@{_PROJECT}.iam.gserviceaccount.com"
        name, _, domain = self.account.rpartition("@")[2].removesuffix(".iam.gserviceaccount.com").partition(".")
        self.home = f"{domain}:{name}" if domain else name
        self.charged = (settings.quota_project if settings is not None else None) or self.home

    @property
    def flag(self) -> str:
        """How gcloud is told where the role is."""
        return f"--{'organization' if self.is_organization else 'project'}={self.id}"

    @property
    def role(self) -> str:
        """The full name of the role."""
        return f"{'organizations' if self.is_organization else 'projects'}/{self.id}/roles/{ROLE}"


def _commands(permissions: Sequence[str], place: _RoleHome) -> str:
    binding = "organizations" if place.is_organization else "projects"
    member = f"--member=serviceAccount:{place.account} --condition=None"
    lines = [
        "set -eu",
        "# The account that annexd runs as, or that it impersonates, where it is not there yet",
        f"gcloud iam service-accounts describe {place.account} --project={place.home} > /dev/null 2>&1 ||",
        f"  gcloud iam service-accounts create {place.account.partition('@')[0]} --project={place.home}",
        "# The project that calls are charged to: an API that is off here answers nothing for any project",
        *(
            f"gcloud services enable {' '.join(some)} --project={place.charged}"
            for some in (APIS[:_ENABLED_AT_ONCE], APIS[_ENABLED_AT_ONCE:])
        ),
        f"gcloud projects add-iam-policy-binding {place.charged} --role={_CONSUMER} {member}",
        'ROLE_FILE="$(mktemp)"',
        "trap 'rm -f \"$ROLE_FILE\"' EXIT",
        "cat > \"$ROLE_FILE\" <<'ROLE'",
        f"{role_yaml(permissions)}ROLE",
        f"if gcloud iam roles describe {ROLE} {place.flag} > /dev/null 2>&1; then",
        f'  gcloud iam roles update {ROLE} {place.flag} --file="$ROLE_FILE" --quiet',
        "else",
        f'  gcloud iam roles create {ROLE} {place.flag} --file="$ROLE_FILE"',
        "fi",
        f"gcloud {binding} add-iam-policy-binding {place.id} --role={place.role} {member}",
    ]
    return "\n".join([*lines, ""])


def _terraform(permissions: Sequence[str], place: _RoleHome) -> str:
    kind = "organization" if place.is_organization else "project"
    where = {"org_id" if place.is_organization else "project": place.id}
    account = f"serviceAccount:{place.account}"
    listed = ",\n    ".join(json.dumps(each) for each in permissions)
    apis = ",\n    ".join(json.dumps(each) for each in APIS)
    return "\n".join(
        [
            _block(
                f'resource "google_{kind}_iam_custom_role" "annexd"',
                {**where, "role_id": ROLE, "title": ROLE, "description": "Reads configuration as evidence"},
                f"permissions = [\n    {listed},\n  ]",
            ),
            _block(
                f'resource "google_{kind}_iam_member" "annexd"',
                {**where, "member": account},
                f"role = google_{kind}_iam_custom_role.annexd.id",
            ),
            _block(
                'resource "google_project_service" "annexd"',
                {"project": place.charged},
                f"for_each = toset([\n    {apis},\n  ])",
                "service = each.value",
                "disable_on_destroy = false",
            ),
            _block(
                'resource "google_project_iam_member" "annexd_calls"',
                {"project": place.charged, "role": _CONSUMER, "member": account},
            ),
        ]
    )


def _block(head: str, texts: Mapping[str, str], *others: str) -> str:
    lines = [f"  {name} = {json.dumps(value)}" for name, value in texts.items()]
    return "\n".join([f"{head} {{", *lines, *(f"  {other}" for other in others), "}", ""])
