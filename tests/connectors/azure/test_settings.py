"""Settings of a source, the scopes that they name, quotas, and what is printed to be granted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from collector.core.connectors import Lacking
from collector.core.errors import Unexpected
from collector.core.roll_out import RollOut
from collector.core.secrets import Secret
from collector.core.wire import Call
from collector.setup.loading import LoadedConnector
from connectors.azure._sdk.client import connect
from connectors.azure._sdk.operations import operation, places_of, versions
from connectors.azure._sdk.roll_out import ROLE, beyond_reader, forms, mend
from connectors.azure._sdk.settings import quota, roots
from connectors.azure._sdk.versions_of_tls import tls_version
from connectors.azure.authorization.checks import READ_ACTIONS
from connectors.azure.authorization.probe import lacking
from connectors.azure.permissions import document
from tests.connectors.aws.wires import CountingWire
from tests.connectors.azure.double import OWN_OBJECT, TENANT, AzureDouble, a_token, settings
from tests.connectors.azure.estate import FIRST, OWNER, READER, SECOND, an_assignment


@pytest.mark.parametrize(
    "but",
    [
        {"subscriptions": ()},
        {"subscriptions": ("production",)},
        {"expected": (FIRST.upper().replace("1", "A"),)},
        {"exclude": ("x",)},
        {"quota_share": 0},
        {"quota_share": 1.1},
        {"job_window": timedelta(0)},
        {"restore_window": timedelta(days=366)},
        {"graph_access_token": Secret("a test", str), "access_token": None, "azure_cli": True},
        {"azure_cli": True},
        {"access_token": None},
    ],
)
def test_settings_that_make_no_sense_are_refused(but: dict[str, Any]) -> None:
    """When they are read, not in the middle of a scan."""
    with pytest.raises(ValueError, match=r".+"):
        settings(**({"graph_access_token": None} if "access_token" in but or "azure_cli" in but else {}) | but)


def test_scopes_that_are_known_without_a_request() -> None:
    """The tenant is the source; subscriptions are those that the settings name."""
    named = settings(subscriptions=(SECOND,), expected=(FIRST,), exclude=(SECOND,))

    assert roots(settings()) == [()]
    assert roots(named) == [(), (FIRST,)]
    assert named.wants(FIRST)
    assert not named.wants(SECOND)


def test_calls_count_where_azure_counts_them() -> None:
    """By principal and subscription, by principal and tenant; Graph and tokens apart."""
    given = settings(quota_share=0.25)

    def of(operation_: str, *scope: str) -> tuple[str, str]:
        bucket = quota(given, scope, Call(operation_))
        assert bucket.share == 0.25 or bucket.name == "tokens"
        return bucket.name, bucket.owner.rpartition(" ")[2]

    assert of("GET /subscriptions/{subscription}/x", FIRST) == ("subscription reads", FIRST)
    assert of("GET /{+resource}/x", FIRST) == ("subscription reads", FIRST)
    assert of("GET /subscriptions") == ("tenant reads", TENANT)
    assert of("GET /v1.0/users/{id}", FIRST)[0] == "graph"
    assert of("POST login.microsoftonline.com/x/token", FIRST)[0] == "tokens"


def test_an_operation_has_one_version() -> None:
    """Two would be two answers under one name."""
    call = next(iter(versions()))

    assert operation(call, versions()[call]) == call
    with pytest.raises(TypeError, match="two versions"):
        operation(call, "1999-01-01")


def test_every_call_of_resource_manager_has_a_version(loaded: LoadedConnector) -> None:
    """Without one Azure refuses the request."""
    of_arm = {call for call in loaded.connector.calls() if "/v1.0/" not in call}

    assert of_arm <= versions().keys()


def test_places_of_an_id() -> None:
    """Names of what is in what, whatever case the words between them are written in."""
    id_ = "/subscriptions/s/RESOURCEGROUPS/g/providers/Microsoft.Sql/servers/a/databases/b"

    assert places_of(id_, "server", "database") == {"group": "g", "server": "a", "database": "b"}
    with pytest.raises(Unexpected):
        places_of(id_, "server")


@pytest.mark.parametrize(
    ("text", "version"),
    [("TLS1_2", (1, 2)), ("1.3", (1, 3)), ("TLSv1.1", (1, 1)), ("TLSv1", (1, 0)), ("Tls12", (1, 2)), ("SSL3", None),
     ("", None), ("1.2 or so", None)],
)  # fmt: skip
def test_versions_of_tls(text: str, version: tuple[int, int] | None) -> None:
    """Each service writes them in its own way."""
    assert tls_version(text) == version


PERMISSIONS = {
    "Microsoft.Storage/storageAccounts/read": ["azure.storage.account"],
    "Microsoft.PolicyInsights/policyStates/summarize/action": ["azure.policy.state"],
    "Microsoft Graph Directory.Read.All": ["azure.authorization.principal"],
}


def test_reader_lacks_what_does_not_read() -> None:
    """The custom role has nothing else, and the check of the source allows just that."""
    assert beyond_reader(PERMISSIONS) == ["Microsoft.PolicyInsights/policyStates/summarize/action"]
    assert list(READ_ACTIONS) == beyond_reader(PERMISSIONS)


def test_the_connector_asks_for_nothing_more_than_it_says(loaded: LoadedConnector) -> None:
    """A new operation that Reader lacks has to be approved by the check of the source, too."""
    declared = {
        permission
        for kind, collection in loaded.connector.collections.items()
        for needs in (collection.permissions, *(part.permissions for part in loaded.connector.parts.get(kind, ())))
        for permission in needs
    }

    assert beyond_reader(declared) == list(READ_ACTIONS)
    assert "Microsoft Graph Directory.Read.All" in declared


@pytest.mark.parametrize("organization", [True, False])
def test_what_makes_the_access(organization: bool) -> None:
    """For the management group at the root, or for one subscription; as JSON, commands and Terraform."""
    given = settings(access_token=None, graph_access_token=None, managed_identity=True, expected=(FIRST,))
    made = forms(RollOut(settings=given, everywhere=tuple(PERMISSIONS), at_source=(), organization=organization))
    scope = f"/providers/Microsoft.Management/managementGroups/{TENANT}" if organization else f"/subscriptions/{FIRST}"
    role = json.loads(made["role"])

    assert role["Actions"] == ["Microsoft.PolicyInsights/policyStates/summarize/action"]
    assert role["DataActions"] == []
    assert role["AssignableScopes"] == [scope]
    assert f'SCOPE="{scope}"' in made["commands"]
    assert "give Reader" in made["commands"]
    assert f'give "{ROLE}"' in made["commands"]
    assert "7ab1d382-f21e-4acd-a863-ba3e13f7da61" in made["commands"]
    assert made["terraform"].count("azurerm_role_assignment") == 2
    assert f'scope = "{scope}"' in made["terraform"]


def test_what_makes_the_access_without_a_source() -> None:
    """Words in capitals stand for what is not known."""
    made = forms(RollOut(settings=None, everywhere=(), at_source=(), organization=True))

    assert 'SCOPE="/providers/Microsoft.Management/managementGroups/MANAGEMENT-GROUP"' in made["commands"]
    assert 'CLIENT_ID="CLIENT-ID"' in made["commands"]
    assert "role definition create" not in made["commands"]


def test_a_domain_is_no_management_group() -> None:
    """The group at the root has the id of the tenant."""
    named = settings(access_token=None, graph_access_token=None, azure_cli=True, tenant="acme.example")
    made = forms(RollOut(settings=named, everywhere=(), at_source=(), organization=True))

    assert 'managementGroups/MANAGEMENT-GROUP"' in made["commands"]


def test_the_document_says_what_each_permission_is_for() -> None:
    """So that whoever grants it can judge it."""
    text = document(PERMISSIONS)

    assert all(permission.removeprefix("Microsoft Graph ") in text for permission in PERMISSIONS)
    assert "azure.storage.account" in text
    assert (
        "Graph"
        not in document({"Microsoft.Storage/storageAccounts/read": ["azure.storage.account"]}).partition(
            "Every operation"
        )[0]
    )


def _lacking(wire: CountingWire, *permissions: str, **but: Any) -> list[Lacking]:
    return list(lacking(connect(settings(**but), (FIRST,), wire), permissions))


@pytest.mark.usefixtures("double")
def test_the_probe_names_what_no_role_allows(wire: CountingWire) -> None:
    """By the roles that Azure says the source has, over the whole subscription."""
    found = _lacking(wire, *PERMISSIONS)

    assert {each.permission: each.certain for each in found} == {
        "Microsoft.PolicyInsights/policyStates/summarize/action": True,
        "Microsoft Graph Directory.Read.All": True,
    }


def test_a_role_on_a_group_of_resources_is_not_enough(double: AzureDouble, wire: CountingWire) -> None:
    """The rest of the subscription could not be read."""
    path = f"/subscriptions/{FIRST}/providers/microsoft.authorization/roleassignments?own"
    group = f"/subscriptions/{FIRST}/resourceGroups/rg"
    given = enumerate((READER, OWNER))
    double.answers[path] = [an_assignment(number, role, OWN_OBJECT, group) for number, role in given]

    assert [each.permission for each in _lacking(wire, "Microsoft.Storage/storageAccounts/read")] == [
        "Microsoft.Storage/storageAccounts/read"
    ]


@pytest.mark.usefixtures("double")
def test_the_probe_believes_the_token_of_graph(wire: CountingWire) -> None:
    """Its roles are the permissions; one that cannot be read says nothing for sure."""
    graph = "Microsoft Graph Directory.Read.All"

    def token(text: str) -> dict[str, Any]:
        return {"graph_access_token": Secret("a test", lambda: text)}

    assert _lacking(wire, graph, **token(a_token("x", roles=["Directory.Read.All"]))) == []
    assert [each.certain for each in _lacking(wire, graph, **token("opaque"))] == [False]


def test_what_mends_it() -> None:
    """Commands for few subscriptions, the group above for many, and consent for Graph."""
    given = settings()
    many = tuple(f"{number:08}-0000-0000-0000-000000000000" for number in range(4))

    assert FIRST in mend(given, [FIRST], ["Microsoft.Storage/storageAccounts/read"])
    assert "management group" in mend(given, many, [])
    assert "consent" in mend(given, [FIRST], ["Microsoft Graph Directory.Read.All"])


def test_the_source_says_who_it_is(double: AzureDouble, wire: CountingWire) -> None:
    """By its token, without a request."""
    client = connect(settings(), (FIRST,), wire)

    assert OWN_OBJECT in client.identity()
    assert double.count == 0
    with pytest.raises(Unexpected):
        connect(settings(access_token=Secret("a test", lambda: "opaque")), (FIRST,), wire).identity()
