"""Acme's Azure: one subscription, where an old partner's machine and an account of files were forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from collector.demo.azure import documents as azure
from collector.demo.json_answers import NOT_FOUND, Json, JsonAnswers, Refusal
from collector.demo.platforms import PlayedPlatform

TENANT = "5a1e0000-0000-4000-8000-00000000ac3e"
SUBSCRIPTION = "5a1e0000-0000-4000-8000-0000000a2e00"
_ARM, _GRAPH = "https://management.azure.com", "https://graph.microsoft.com"
_VARIABLES = {"ACME_AZURE_TOKEN": _ARM, "ACME_GRAPH_TOKEN": _GRAPH}

_ANN, _PARTNER, _ANNEXD = (f"5a1e0000-0000-4000-8000-00000000000{number}" for number in range(3))
_OWNER, _READER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "acdd72a7-3385-48ef-bd42-f606fba81ae7"

_TABLE = f"""\
[sources.azure]
connector          = "azure"
tenant             = "{TENANT}"
access_token       = {{ env = "ACME_AZURE_TOKEN" }}
graph_access_token = {{ env = "ACME_GRAPH_TOKEN" }}
every              = "30d"
serves             = ["acme-shop"]
"""

_SYSTEM = f"""\
[[system]]
name          = "Azure subscription of the shop's search"
owner         = "Bob Lind"
environment   = "production"
source        = "azure"
scope         = ["{SUBSCRIPTION}"]
in_scope_from = {{{{-300d}}}}
"""

_ROOT = f"/subscriptions/{SUBSCRIPTION}"
_GROUP = f"{_ROOT}/resourceGroups/search"


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's Azure as of the demo's last day; what changes with the days is asked of `now`."""
    answers = JsonAnswers(now, _missing, {"x-ms-ratelimit-remaining-subscription-reads": "249"})
    answers.documents.update(_listed({f"{_ROOT}/providers/{kind}": [] for kind in azure.EMPTY}))
    answers.documents.update(_tenant())
    answers.documents.update(_people())
    answers.documents.update(_resources(last))
    return PlayedPlatform(
        about="one subscription at Azure",
        table=_TABLE,
        system=_SYSTEM,
        bases=(_ARM, _GRAPH),
        answer=answers,
        variables={name: azure.token(TENANT, _ANNEXD, audience) for name, audience in _VARIABLES.items()},
    )


def _missing(request: httpx.Request) -> Refusal:
    message = f"The resource {request.url.path} was not found."
    return Refusal(NOT_FOUND, {"error": {"code": "ResourceNotFound", "message": message}})


def _listed(lists: dict[str, list[Any]]) -> dict[str, Any]:
    return {path: {"value": items} for path, items in lists.items()}


def _tenant() -> dict[str, Any]:
    group = "/providers/Microsoft.Management/managementGroups"
    subscription = {
        "id": _ROOT, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "displayName": "Acme Search",
        "state": "Enabled",
    }  # fmt: skip
    root = {"id": f"{group}/{TENANT}", "name": TENANT, "properties": {"tenantId": TENANT, "displayName": "Acme"}}
    return {
        **_listed({"/subscriptions": [subscription], group: [root], f"{group}/{TENANT}/subscriptions": []}),
        f"{group}/{TENANT}": root,
        f"{_ROOT}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize": {
            "value": [{"results": {"resourceDetails": []}, "policyAssignments": []}]
        },
    }


def _people() -> dict[str, Any]:
    """Return who has roles: Ann, a guest of a partner who built the search, and annexd."""
    given = [
        azure.assignment("1", _OWNER, _ANN, "User", _ROOT),
        azure.assignment("2", _OWNER, _PARTNER, "User", _ROOT),
        azure.assignment("3", _READER, _ANNEXD, "ServicePrincipal", _ROOT),
    ]
    at = f"{_ROOT}/providers/Microsoft.Authorization"

    def assignments(request: httpx.Request) -> Json:
        own = "assignedTo" in request.url.params.get("$filter", "")
        return {"value": given[-1:] if own else given}

    kinds = {_ANN: "user", _PARTNER: "user", _ANNEXD: "servicePrincipal"}
    directory = [{"id": id_, "@odata.type": f"#microsoft.graph.{kind}"} for id_, kind in kinds.items()]
    return {
        f"{at}/roleAssignments": assignments,
        **_listed(
            {f"{at}/roleDefinitions": [azure.role(_OWNER, "Owner", ["*"]), azure.role(_READER, "Reader", ["*/read"])]}
        ),
        "/v1.0/directoryObjects/getByIds": {"value": directory},
        f"/v1.0/users/{_ANN}": {"id": _ANN, "userType": "Member", "accountEnabled": True},
        f"/v1.0/users/{_PARTNER}": {"id": _PARTNER, "userType": "Guest", "accountEnabled": True},
    }


def _resources(last: datetime) -> dict[str, Any]:
    made = f"{last - timedelta(days=700):%Y-%m-%dT%H:%M:%SZ}"
    files = azure.account(
        _GROUP, "acmesearchold", made, allowBlobPublicAccess=True, publicNetworkAccess="Enabled",
        networkAcls={"defaultAction": "Allow", "ipRules": []},
    )  # fmt: skip
    index = azure.account(_GROUP, "acmesearchindex", made)
    closed = azure.security_group(_GROUP, "search", "8.8.8.8")
    opened = azure.security_group(_GROUP, "partner", "Internet")
    network = azure.resource(_GROUP, "Microsoft.Network/virtualNetworks", "search", {"subnets": []})
    disk = azure.resource(_GROUP, "Microsoft.Compute/disks", "search", {
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
    })  # fmt: skip
    machine = azure.resource(_GROUP, "Microsoft.Compute/virtualMachines", "search", {
        "storageProfile": {"osDisk": {"osType": "Linux"}},
        "osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": True}},
    })  # fmt: skip
    interface = azure.resource(_GROUP, "Microsoft.Network/networkInterfaces", "search", {
        "networkSecurityGroup": {"id": opened["id"]},
        "ipConfigurations": [{"properties": {"publicIPAddress": {"id": f"{_GROUP}/ip"}}}],
    })  # fmt: skip
    vault = azure.resource(_GROUP, "Microsoft.KeyVault/vaults", "acme-search", {
        "enableSoftDelete": True, "enablePurgeProtection": True, "enableRbacAuthorization": True,
        "publicNetworkAccess": "Disabled",
    })  # fmt: skip
    secret = azure.resource(_GROUP, "Microsoft.KeyVault/vaults/acme-search/secrets", "index-key", {
        "attributes": {"enabled": True},
    })  # fmt: skip
    kept = {"enabled": True, "days": 14}
    service = {"properties": {"deleteRetentionPolicy": kept, "containerDeleteRetentionPolicy": kept}}
    there = [files, index, closed, opened, network, disk, machine, interface, vault]
    by_kind: dict[str, list[Any]] = {}
    for resource in there:
        by_kind.setdefault(f"{_ROOT}/providers/{resource['type']}", []).append(resource)
    return {
        **_listed(by_kind),
        **_listed(
            {
                f"{_ROOT}/resources": there,
                f"{vault['id']}/keys": [],
                f"{vault['id']}/secrets": [{**secret, "id": f"{vault['id']}/secrets/index-key"}],
                f"{vault['id']}/providers/Microsoft.Insights/diagnosticSettings": [],
                f"{_ROOT}/providers/Microsoft.Security/pricings": azure.plans(SUBSCRIPTION, ("Arm", "KeyVaults")),
            }
        ),
        **{f"{account['id']}/blobServices/default": service for account in (files, index)},
    }
