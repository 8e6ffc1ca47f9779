"""The forms in which Azure takes the access that annexd needs: a role as JSON, an az script, and Terraform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from collector.core.roll_out import RollOut
from connectors._microsoft.settings import is_tenant_id
from connectors.azure._sdk.settings import Settings

GRAPH_PREFIX = "Microsoft Graph "
"""How a permission of Graph begins; every other one is an operation of Resource Manager."""

ROLE = "annexd evidence reader"

_GRAPH_APP = "00000003-0000-0000-c000-000000000000"
# Ids of Graph's application permissions: https://learn.microsoft.com/graph/permissions-reference
_GRAPH_ROLES = {"Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61"}

_CLIENT = "CLIENT-ID"
_GROUP = "MANAGEMENT-GROUP"
_SUBSCRIPTION = "SUBSCRIPTION-ID"


def beyond_reader(permissions: Iterable[str]) -> list[str]:
    """Return the operations that Reader lacks: it has */read and no other."""
    return sorted(
        each for each in permissions if not each.startswith(GRAPH_PREFIX) and not each.lower().endswith("/read")
    )


def role_json(actions: Sequence[str], scope: str) -> str:
    """Return the custom role, as `az role definition create` takes it."""
    return json.dumps(
        {
            "Name": ROLE,
            "IsCustom": True,
            "Description": "What annexd asks for besides Reader: operations that are sent by POST and change nothing.",
            "Actions": list(actions),
            "NotActions": [],
            "DataActions": [],
            "NotDataActions": [],
            "AssignableScopes": [scope],
        },
        indent=2,
    )


def forms(wanted: RollOut) -> Mapping[str, str]:
    """Return the role, the az script and the Terraform file, by name, for the management group or one subscription."""
    settings = wanted.settings if isinstance(wanted.settings, Settings) else None
    permissions = (*wanted.everywhere, *wanted.at_source)
    actions = beyond_reader(permissions)
    graph = sorted(each.removeprefix(GRAPH_PREFIX) for each in permissions if each.startswith(GRAPH_PREFIX))
    scope = _scope(settings, organization=wanted.organization)
    client = settings.client_id if settings is not None and settings.client_id is not None else _CLIENT
    return {
        "role": role_json(actions, scope),
        "commands": _commands(actions, graph, scope, client),
        "terraform": _terraform(actions, graph, scope, client),
    }


def mend(settings: Settings, subscriptions: Sequence[str], permissions: Sequence[str]) -> str:
    """Return what to run where subscriptions cannot be read, or these permissions are lacking in them."""
    graph = [each for each in permissions if each.startswith(GRAPH_PREFIX)]
    if graph and len(graph) == len(permissions):
        return "grant it with an administrator's consent: annexd permissions azure --form commands"
    where = f"on {', '.join(subscriptions[:3])}" if len(subscriptions) <= 3 else "on the management group above"  # noqa: PLR2004  more are not typed
    who = settings.client_id or _CLIENT
    return f'give Reader and "{ROLE}" to {who} {where}: annexd permissions azure --organization prints the commands'


def _scope(settings: Settings | None, *, organization: bool) -> str:
    if organization:
        # The group at the root has the id of the tenant, which a domain does not tell.
        tenant = settings.tenant if settings is not None and is_tenant_id(settings.tenant) else _GROUP
        return f"/providers/Microsoft.Management/managementGroups/{tenant}"
    named = sorted(settings.named) if settings is not None else []
    return f"/subscriptions/{named[0] if named else _SUBSCRIPTION}"


def _commands(actions: Sequence[str], graph: Sequence[str], scope: str, client: str) -> str:
    lines = [
        "set -eu",
        f'SCOPE="{scope}"',
        f'CLIENT_ID="{client}"  # of the application or managed identity that annexd signs in as',
        'OBJECT_ID="$(az ad sp show --id "$CLIENT_ID" --query id --output tsv)"',
        "give() {",
        '  az role assignment create --assignee-object-id "$OBJECT_ID" --assignee-principal-type ServicePrincipal \\',
        '    --role "$1" --scope "$SCOPE"',
        "}",
        "give Reader",
    ]
    if actions:
        lines += [
            "az role definition create --role-definition @- <<'ROLE'",
            role_json(actions, scope),
            "ROLE",
            f'give "{ROLE}"',
        ]
    for permission in graph:
        id_ = _GRAPH_ROLES[permission]
        lines += [
            f"# {permission} of Microsoft Graph: who is behind the object ids, and who is in which group",
            'GRAPH_ID="$(az ad sp show --id ' + _GRAPH_APP + ' --query id --output tsv)"',
            (
                "az rest --method POST --url "
                '"https://graph.microsoft.com/v1.0/servicePrincipals/$OBJECT_ID/appRoleAssignments" \\'
            ),
            (
                '  --body "{\\"principalId\\": \\"$OBJECT_ID\\", \\"resourceId\\": \\"$GRAPH_ID\\", '
                f'\\"appRoleId\\": \\"{id_}\\"}}"'
            ),
        ]
    return "\n".join([*lines, ""])


def _terraform(actions: Sequence[str], graph: Sequence[str], scope: str, client: str) -> str:
    blocks = [
        _block('data "azuread_service_principal" "annexd"', {"client_id": client}),
        _block(
            'resource "azurerm_role_assignment" "annexd_reader"',
            {"scope": scope, "role_definition_name": "Reader"},
            "principal_id = data.azuread_service_principal.annexd.object_id",
        ),
    ]
    if actions:
        blocks += [
            _block(
                'resource "azurerm_role_definition" "annexd"',
                {"name": ROLE, "scope": scope},
                f"permissions {{\n    actions = {json.dumps(list(actions))}\n  }}",
                f"assignable_scopes = {json.dumps([scope])}",
            ),
            _block(
                'resource "azurerm_role_assignment" "annexd"',
                {"scope": scope},
                "role_definition_id = azurerm_role_definition.annexd.role_definition_resource_id",
                "principal_id = data.azuread_service_principal.annexd.object_id",
            ),
        ]
    if graph:
        blocks.append(_block('data "azuread_service_principal" "graph"', {"client_id": _GRAPH_APP}))
    for permission in graph:
        name = permission.lower().replace(".", "_")
        blocks.append(
            _block(
                f'resource "azuread_app_role_assignment" "{name}"',
                {"app_role_id": _GRAPH_ROLES[permission]},
                "principal_object_id = data.azuread_service_principal.annexd.object_id",
                "resource_object_id = data.azuread_service_principal.graph.object_id",
            )
        )
    return "\n\n".join(blocks) + "\n"


def _block(head: str, values: Mapping[str, str], *lines: str) -> str:
    inner = [f'{name} = "{value}"' for name, value in values.items()]
    return "\n".join([f"{head} {{", *(f"  {line}" for line in (*inner, *lines)), "}"])
