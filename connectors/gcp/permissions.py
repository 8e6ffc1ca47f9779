"""What to grant annexd on Google Cloud: a custom role with the least permissions, by gcloud or by Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ROLE = "annexd"

_ORGANIZATION_ONLY = ("resourcemanager.organizations.", "resourcemanager.folders.", "securitycenter.")
_NOT_IN_PROJECT_ROLES = frozenset({"resourcemanager.projects.list"})

_ABOUT = """\
# A custom role of the organization, with what annexd reads and nothing else. None of these permissions
# writes, and none reads what is stored: objects, rows, secrets, log entries. Google grants to groups and
# service accounts; grant it to the one that annexd runs as, or that it impersonates.
#
# For single projects make the role in each of them, without the permissions that are marked: Google takes
# those in roles of an organization only. What is inherited is then unknown.
"""
_COMMANDS = """
# With gcloud, the lines above in annexd-role.yaml:
#
#   gcloud iam roles create annexd --organization=ORGANIZATION --file=annexd-role.yaml
#   gcloud organizations add-iam-policy-binding ORGANIZATION \\
#     --role=organizations/ORGANIZATION/roles/annexd \\
#     --member=serviceAccount:annexd@PROJECT.iam.gserviceaccount.com --condition=None
#
# The project that calls are charged to needs the APIs that annexd asks, and the identity may use it:
#
#   gcloud services enable {apis} --project=PROJECT
#   gcloud projects add-iam-policy-binding PROJECT --role=roles/serviceusage.serviceUsageConsumer \\
#     --member=serviceAccount:annexd@PROJECT.iam.gserviceaccount.com --condition=None
"""
_APIS = (
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


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the role as YAML with the commands that make it, and as Terraform; each permission with its kinds."""
    names = sorted(permission for permission in kinds_by_permission if permission)
    yaml = [
        _ABOUT,
        "title: annexd",
        "description: Reads configuration as evidence",
        "stage: GA",
        "includedPermissions:",
    ]
    for name in names:
        marked = "  # organization only" if _is_of_organization(name) else ""
        yaml += [f"# {', '.join(sorted(kinds_by_permission[name]))}", f"- {name}{marked}"]
    return "\n".join(
        [*yaml, _COMMANDS.format(apis=" ".join(f"{api}.googleapis.com" for api in _APIS)), _terraform(names)]
    )


def _terraform(names: Iterable[str]) -> str:
    listed = "\n".join(f'#     "{name}",' for name in names)
    return f"""\
# With Terraform:
#
# resource "google_organization_iam_custom_role" "annexd" {{
#   org_id      = var.organization
#   role_id     = "{ROLE}"
#   title       = "annexd"
#   permissions = [
{listed}
#   ]
# }}
#
# resource "google_organization_iam_member" "annexd" {{
#   org_id = var.organization
#   role   = google_organization_iam_custom_role.annexd.id
#   member = "serviceAccount:annexd@${{var.project}}.iam.gserviceaccount.com"
# }}
"""


def _is_of_organization(permission: str) -> bool:
    return permission.startswith(_ORGANIZATION_ONLY) or permission in _NOT_IN_PROJECT_ROLES
