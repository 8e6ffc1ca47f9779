"""What to grant annexd in a tenant: application permissions of Microsoft Graph, with admin consent.

Permissions are resolved to their ids in the tenant itself, by name: a wrong id would grant something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from connectors._microsoft.clouds import CLOUDS

if TYPE_CHECKING:
    from collector.core.roll_out import RollOut

GRAPH = "00000003-0000-0000-c000-000000000000"
"""The id of Microsoft Graph's own application, which is the same in every tenant."""

DELEGATED_ONLY = ("Agreement.Read.All", "OnPremDirectorySynchronization.Read.All", "RecordsManagement.Read.All")
"""Permissions of calls that Microsoft documents for people only: an application is refused them."""

_CLIENT = "APPLICATION_ID"


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the permissions to grant, each with the kinds of resources that are read with it."""
    granted = _of_graph(kinds_by_permission)
    lines = ["Application permissions of Microsoft Graph, with admin consent:", ""]
    for permission in granted:
        lines += [f"  {permission}", *(f"      {kind}" for kind in sorted(kinds_by_permission[permission]))]
    azure = sorted(permission for permission in kinds_by_permission if "/" in permission)
    if azure:
        lines += ["", "In Azure, at the root scope /, and as the directory role Security Reader:", ""]
        lines += [f"  {name}: {', '.join(sorted(kinds_by_permission[name]))}" for name in azure]
    people = [name for name in DELEGATED_ONLY if name in kinds_by_permission]
    if people:
        lines += [
            "",
            "Not asked for, because Microsoft documents them for people only; what needs them is unknown:",
            "",
        ]
        lines += [f"  {name}: {', '.join(sorted(kinds_by_permission[name]))}" for name in people]
    return "\n".join([*lines, "", "Each of them reads, and changes nothing.", ""])


def forms(roll_out: RollOut) -> Mapping[str, str]:
    """Return what makes the application and its rights: for the Azure CLI, for Terraform, and where to consent."""
    names = _of_graph((*roll_out.everywhere, *roll_out.at_source))
    settings = roll_out.settings
    cloud = CLOUDS["public" if settings is None else settings.cloud]
    tenant = "TENANT_ID" if settings is None else settings.tenant
    client = _CLIENT if settings is None or settings.client_id is None else settings.client_id
    return {
        "az": _script(names, tenant, cloud.authority),
        "terraform": _terraform(names),
        "manifest": _manifest(names),
        "consent": f"{cloud.authority}/{tenant}/adminconsent?client_id={client}\n",
    }


def _of_graph(permissions: Iterable[str]) -> list[str]:
    return sorted(name for name in set(permissions) if "/" not in name and name not in DELEGATED_ONLY)


def _script(names: list[str], tenant: str, authority: str) -> str:
    listed = " \\\n  ".join(names)
    return f"""#!/bin/sh
# Registers annexd's application, asks for its permissions, and consents to them. Run it as a Privileged Role
# Administrator who has signed in: az login --tenant {tenant}
set -eu
graph={GRAPH}
app=$(az ad app create --display-name annexd --sign-in-audience AzureADMyOrg --query appId --output tsv)
az ad sp create --id "$app" --output none
for permission in \\
  {listed}
do
  id=$(az ad sp show --id "$graph" --query "appRoles[?value=='$permission'].id | [0]" --output tsv)
  if [ -z "$id" ]; then
    echo "this cloud does not have $permission; what needs it stays unknown" >&2
    continue
  fi
  az ad app permission add --id "$app" --api "$graph" --api-permissions "$id=Role" --output none
done
az ad app permission admin-consent --id "$app"
echo "client_id = \\"$app\\""
echo "or consent in a browser: {authority}/{tenant}/adminconsent?client_id=$app"
"""


def _terraform(names: list[str]) -> str:
    listed = "\n".join(f'    "{name}",' for name in names)
    return f"""terraform {{
  required_providers {{
    azuread = {{ source = "hashicorp/azuread" }}
  }}
}}

locals {{
  permissions = toset([
{listed}
  ])
}}

data "azuread_service_principal" "graph" {{
  client_id = "{GRAPH}"
}}

resource "azuread_application" "annexd" {{
  display_name = "annexd"

  required_resource_access {{
    resource_app_id = data.azuread_service_principal.graph.client_id

    dynamic "resource_access" {{
      for_each = local.permissions
      content {{
        id   = data.azuread_service_principal.graph.app_role_ids[resource_access.value]
        type = "Role"
      }}
    }}
  }}
}}

resource "azuread_service_principal" "annexd" {{
  client_id = azuread_application.annexd.client_id
}}

# The consent of an administrator.
resource "azuread_app_role_assignment" "annexd" {{
  for_each            = local.permissions
  app_role_id         = data.azuread_service_principal.graph.app_role_ids[each.value]
  principal_object_id = azuread_service_principal.annexd.object_id
  resource_object_id  = data.azuread_service_principal.graph.object_id
}}

output "client_id" {{
  value = azuread_application.annexd.client_id
}}
"""


def _manifest(names: list[str]) -> str:
    """Return the part of the application's manifest; each id is that of a permission, which the az form looks up."""
    access = [{"id": f"<id of {name}>", "type": "Role"} for name in names]
    fragment = {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}]}
    return json.dumps(fragment, indent=2) + "\n"
