"""What collections ask and list: pages, refusals, what lies in what, expected subscriptions, the directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from collector.core.errors import ConnectorError, Denied, NotThere, Unavailable, Unexpected
from collector.setup.loading import LoadedConnector
from connectors.azure._sdk.client import Azure, connect
from connectors.azure.arm.subscriptions import SUBSCRIPTIONS, subscriptions
from connectors.azure.authorization.resources import (
    ASSIGNMENTS,
    MEMBERS,
    PRINCIPALS,
    definitions,
    own_assignments,
    people,
    principals,
)
from connectors.azure.keyvault.resources import keys
from connectors.azure.monitor.access_changes import access_changes, change_summary
from connectors.azure.policy.resources import SUMMARY, summary
from connectors.azure.recovery.resources import JOBS, jobs, restores
from connectors.azure.sql.resources import DATABASES, databases
from connectors.azure.storage.resources import ACCOUNTS, accounts, blob_service
from connectors.azure.web.resources import CONFIG, SLOT_CONFIG, config, sites
from tests.connectors.aws.wires import CountingWire
from tests.connectors.azure.double import OWN_OBJECT, AzureDouble, error, refused, settings
from tests.connectors.azure.estate import ANN, BOB, CREW, FIRST, OWNER, READER, SECOND, id_of
from tests.connectors.github.judging import bodies


@pytest.fixture
def here(double: AzureDouble, wire: CountingWire) -> Azure:
    """A client of the first subscription."""
    assert double.count == 0
    return connect(settings(), (FIRST,), wire)


def listed(things: Any) -> tuple[list[Any], ConnectorError | None]:
    """What a list yields, and what it then raises."""
    found: list[Any] = []
    try:
        found.extend(things)
    except ConnectorError as raised:
        return found, raised
    return found, None


def test_a_list_goes_on_to_its_last_page(double: AzureDouble, here: Azure) -> None:
    """Each page names the next with its own token."""
    double.page_size = 1

    assert [account["name"] for account in bodies(accounts(here))] == ["good", "bad"]
    assert double.served(ACCOUNTS) == 2


def test_a_second_page_that_fails_is_not_the_end_of_the_list(double: AzureDouble, here: Azure) -> None:
    """Half a list is half a list."""
    double.page_size = 1
    double.wrong[ACCOUNTS] = lambda request, data: (
        error(500, "InternalServerError") if "$skiptoken" in request.url.params else double.paged(request, data)
    )

    found, raised = listed(accounts(here))

    assert [account["name"] for account in found] == ["good"]
    assert isinstance(raised, Unavailable)


def test_a_page_elsewhere_is_not_asked_for(double: AzureDouble, here: Azure) -> None:
    """It would be given the token."""
    double.wrong[ACCOUNTS] = lambda _request, data: httpx.Response(
        200, json={"value": data, "nextLink": "https://management.azure.com.example.org/page"}
    )

    found, raised = listed(accounts(here))

    assert len(found) == 2
    assert isinstance(raised, Unexpected)
    assert double.count == 1


@pytest.mark.parametrize("body", [{}, {"value": None}, {"items": []}, {"value": ["x"]}, {"value": {}}])
def test_an_answer_without_its_list_is_not_an_empty_one(body: Any, double: AzureDouble, here: Azure) -> None:
    """An empty list is one that is there."""
    double.wrong[ACCOUNTS] = lambda _request, _data: httpx.Response(200, json=body)

    assert isinstance(listed(accounts(here))[1], Unexpected)


def test_an_empty_list_is_empty(double: AzureDouble, here: Azure) -> None:
    """And complete."""
    double.wrong[ACCOUNTS] = lambda _request, _data: httpx.Response(200, json={"value": []})

    assert listed(accounts(here)) == ([], None)


def test_a_refusal_names_the_operation(double: AzureDouble, here: Azure) -> None:
    """In Azure's own words, so that somebody can grant it."""
    double.wrong[ACCOUNTS] = lambda _request, _data: refused("Microsoft.Storage/storageAccounts/read")

    raised = listed(accounts(here))[1]

    assert isinstance(raised, Denied)
    assert "Microsoft.Storage/storageAccounts/read" in raised.what
    assert raised.code == "AuthorizationFailed"


def test_what_lies_in_a_refused_server_is_missing_and_said_so(double: AzureDouble, here: Azure) -> None:
    """The databases of the others are listed first."""
    double.wrong[DATABASES] = lambda request, data: (
        refused("Microsoft.Sql/servers/databases/read") if "/sql1/" in request.url.path else double.paged(request, data)
    )

    found, raised = listed(databases(here))

    assert [database["id"].split("/")[8] for database in found] == ["sql2", "sql2"]
    assert isinstance(raised, Denied)
    assert "sql1" in raised.what


def test_a_server_that_is_gone_leaves_the_list_partial(double: AzureDouble, here: Azure) -> None:
    """Nobody knows whether its databases are gone, too."""
    double.wrong[DATABASES] = lambda request, data: (
        error(404, "ParentResourceNotFound") if "/sql2/" in request.url.path else double.paged(request, data)
    )

    found, raised = listed(databases(here))

    assert len(found) == 2
    assert isinstance(raised, NotThere)


def test_an_outage_ends_the_list_at_once(double: AzureDouble, here: Azure) -> None:
    """It concerns all servers."""
    double.wrong[DATABASES] = lambda _request, _data: error(500, "InternalServerError")

    assert isinstance(listed(databases(here))[1], Unavailable)
    assert double.served(DATABASES) == 1


@pytest.mark.parametrize(
    ("but", "missing"),
    [
        ({}, None),
        ({"expected": (FIRST,)}, None),
        ({"expected": ("33333333-3333-3333-3333-333333333333",)}, "33333333"),
        ({"subscriptions": (FIRST, "33333333-3333-3333-3333-333333333333")}, "33333333"),
        ({"subscriptions": (FIRST,), "exclude": (FIRST,)}, None),
    ],
)
@pytest.mark.usefixtures("double")
def test_a_subscription_that_is_not_shown_is_reported(
    but: dict[str, Any], missing: str | None, wire: CountingWire
) -> None:
    """Azure leaves out what the source may not see, without a word."""
    found, raised = listed(subscriptions(connect(settings(**but), (), wire)))

    assert [body["subscriptionId"] for body in found] == [FIRST, SECOND]
    assert (raised is None) is (missing is None)
    assert (missing or "") in (raised.what if raised is not None else "")


def test_no_subscription_at_all_is_no_empty_tenant(double: AzureDouble, wire: CountingWire) -> None:
    """Whoever has no role anywhere gets the same answer."""
    double.wrong[SUBSCRIPTIONS] = lambda _request, _data: httpx.Response(200, json={"value": []})

    assert isinstance(listed(subscriptions(connect(settings(), (), wire)))[1], Denied)


@pytest.mark.parametrize(
    ("state", "but", "scopes"),
    [
        ("Enabled", {}, [FIRST, SECOND]),
        ("Disabled", {}, [FIRST, SECOND]),
        ("Warned", {}, [FIRST, SECOND]),
        ("Deleted", {}, [SECOND]),
        ("Enabled", {"exclude": (SECOND,)}, [FIRST]),
        ("Enabled", {"subscriptions": (SECOND,)}, [SECOND]),
    ],
)
def test_which_subscriptions_are_looked_at(
    state: str, but: dict[str, Any], scopes: list[str], double: AzureDouble, wire: CountingWire, loaded: LoadedConnector
) -> None:
    """A disabled one keeps what it holds, and can be read."""
    double.answers["/subscriptions"][0]["state"] = state
    given = settings(**but)
    (discovery,) = loaded.connector.discoveries["subscription"]

    found = [discovery.below(given, body) for body in listed(subscriptions(connect(given, (), wire)))[0]]

    assert [scope for scope in found if scope is not None] == scopes


def test_own_roles_are_asked_for_by_the_object_of_the_token(double: AzureDouble, here: Azure) -> None:
    """Directly, and by groups."""
    found = list(own_assignments(here))

    assert len(found) == 2
    assert any(f"assignedTo('{OWN_OBJECT}')" in request.replace("%27", "'") for request in double.requests)


def test_built_in_roles_that_nobody_has_are_left_out(here: Azure) -> None:
    """Azure has hundreds, the same in each subscription; custom ones are all there."""
    assert {role["name"] for role in bodies(definitions(here))} == {OWNER, READER}


def test_principals_are_those_whom_the_directory_has(double: AzureDouble, here: Azure) -> None:
    """Whoever is gone is left out by Graph."""
    del double.directory[ANN]

    found = {body["id"]: body["@odata.type"] for body in bodies(principals(here))}

    assert found == {CREW: "#microsoft.graph.group", OWN_OBJECT: "#microsoft.graph.servicePrincipal"}


def test_ids_are_asked_for_in_thousands(double: AzureDouble, here: Azure) -> None:
    """Graph takes no more at once."""
    many = [
        {"id": f"/a/{number}", "properties": {"principalId": f"{number:04}", "roleDefinitionId": "/r"}}
        for number in range(1001)
    ]
    double.wrong[ASSIGNMENTS] = lambda _request, _data: httpx.Response(200, json={"value": many})
    double.directory = {f"{number:04}": "#microsoft.graph.user" for number in range(1001)}

    assert len(list(principals(here))) == 1001
    assert double.served(PRINCIPALS) == 2


def test_half_an_answer_of_the_directory_is_none(double: AzureDouble, here: Azure) -> None:
    """It would make existing people look gone."""
    double.wrong[PRINCIPALS] = lambda _request, data: httpx.Response(200, json={**data, "@odata.nextLink": "x"})

    assert isinstance(listed(principals(here))[1], Unexpected)


def test_people_behind_a_principal(double: AzureDouble, here: Azure) -> None:
    """A user is one person, a group its members by all pages, an application nobody."""
    double.page_size = 1

    def of(id_: str, kind: str) -> list[str]:
        return [person["id"] for person in people(here, {"id": id_, "@odata.type": f"#microsoft.graph.{kind}"})]

    assert of(ANN, "user") == [ANN]
    assert of(CREW, "group") == [ANN, BOB]
    assert of(OWN_OBJECT, "servicePrincipal") == []
    assert double.served(MEMBERS) == 2


def test_each_slot_is_an_app_with_a_configuration_of_its_own(double: AzureDouble, here: Azure) -> None:
    """Its address is as open as that of the app."""
    found = list(bodies(sites(here)))

    assert [body["name"] for body in found] == ["shop", "api", "stage", "test", "stage", "test"]
    assert [config(here, body)["name"] for body in found[1:3]] == ["api", "stage"]
    assert (double.served(CONFIG), double.served(SLOT_CONFIG)) == (1, 1)


def _filters(double: AzureDouble) -> Iterator[str]:
    for request in double.requests:
        url = httpx.URL(request.partition(" ")[2])
        if "$filter" in url.params:
            yield url.params["$filter"]


def test_jobs_are_asked_for_by_the_clock_of_azure(double: AzureDouble, here: Azure) -> None:
    """The window ends when Azure answered, whatever this machine's clock says."""
    found = list(jobs(here))

    assert len(found) == 4
    assert set(_filters(double)) == {"startTime eq '2026-01-30 06:00:00 AM' and endTime eq '2026-03-01 06:00:00 AM'"}


def test_restores_are_asked_for_over_a_longer_window(double: AzureDouble, here: Azure) -> None:
    """They are tried a few times a year."""
    list(restores(here))

    assert set(_filters(double)) == {
        "startTime eq '2025-08-13 06:00:00 AM' and endTime eq '2026-03-01 06:00:00 AM' and operation eq 'Restore'"
    }
    assert double.served(JOBS) == 2


def test_changes_of_access_are_those_that_azure_keeps(double: AzureDouble, here: Azure) -> None:
    """The rest of what the provider logs, such as policies, is no change of access."""
    found = list(bodies(access_changes(here)))

    assert [body["operationName"]["value"].rpartition("/")[2] for body in found] == ["write", "delete"]
    (asked,) = _filters(double)
    assert asked.startswith("eventTimestamp ge '2025-12-02T06:00:00Z' and eventTimestamp le '2026-03-01T06:00:00Z' ")
    assert asked.endswith("and resourceProvider eq 'Microsoft.Authorization'")
    summary_ = change_summary({**found[0], "caller": "[redacted]@example.org"})
    assert "roleAssignments/write (Succeeded)" in summary_.title
    assert summary_.author.endswith("@example.org")
    assert change_summary({}).author == ""


def test_a_summary_is_one_without_addresses_of_the_moment(here: Azure) -> None:
    """They would make a new version of it each day."""
    (found,) = summary(here)

    assert isinstance(found, dict)
    assert [each["count"] for each in found["results"]["resourceDetails"]] == [95, 5]
    assert "queryResultsUri" not in found["results"]


@pytest.mark.parametrize("value", [[], [{}], [{"results": {}}, {"results": {}}], None])
def test_no_summary_is_no_good_summary(value: Any, double: AzureDouble, here: Azure) -> None:
    """Nothing that is not compliant would be read out of it."""
    double.wrong[SUMMARY] = lambda _request, _data: httpx.Response(200, json={"value": value})

    assert isinstance(listed(summary(here))[1], Unexpected)


def test_a_part_asks_for_the_resource_by_its_group(here: Azure) -> None:
    """Whatever case its id is written in."""
    id_ = id_of(FIRST, "Microsoft.Storage/storageAccounts", "good").replace("resourceGroups", "resourcegroups")

    assert blob_service(here, {"id": id_})["name"] == "default"


@pytest.mark.parametrize(
    "id_", ["", "/subscriptions/x", "/subscriptions/x/resourceGroups/rg/providers/P/a/b/c/d", "a/b"]
)
def test_an_id_of_another_form_is_not_asked_for(id_: str, double: AzureDouble, here: Azure) -> None:
    """Its words would end up in other places."""
    with pytest.raises(Unexpected):
        blob_service(here, {"id": id_})
    assert double.count == 0


def test_keys_are_listed_by_the_control_plane(double: AzureDouble, here: Azure) -> None:
    """The data plane of a vault has an address of its own, which is never asked."""
    assert len(list(keys(here))) == 4
    assert {httpx.URL(request.partition(" ")[2]).host for request in double.requests} == {"management.azure.com"}


def test_no_operation_asks_for_secrets(loaded: LoadedConnector) -> None:
    """Keys, connection strings, settings of apps and user data are operations of their own."""
    asked = [call for call in loaded.connector.calls() if not call.startswith("GET ")]

    assert asked == [PRINCIPALS, SUMMARY] or asked == sorted([PRINCIPALS, SUMMARY])
    assert not [call for call in loaded.connector.calls() if "list" in call.rpartition("/")[2].lower()]
    assert not [call for call in loaded.connector.calls() if "userData" in call]
