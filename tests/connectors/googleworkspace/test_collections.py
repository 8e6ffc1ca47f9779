"""Each list against the double: pages, a page that fails, refusals that name the scope, and answers that are none."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest

from collector.core.errors import Denied, Unavailable, Unexpected
from collector.setup.loading import LoadedConnector
from connectors.googleworkspace._sdk.client import LOOKUP, TOKEN, Workspace, connect
from connectors.googleworkspace._sdk.scopes import CALLS, POLICIES, READ_ONLY, USERS, WRITING
from connectors.googleworkspace.directory import domains, users
from connectors.googleworkspace.policy import policies
from tests.connectors.aws.wires import CountingWire
from tests.connectors.googleworkspace.double import ADMIN, CUSTOMER, PAGED, Double, not_an_admin, settings
from tests.connectors.googleworkspace.estate import furnish

LISTS = {call for call in CALLS if call in PAGED}


def listed(loaded: LoadedConnector, kind: str, client: Workspace) -> list[dict[str, Any]]:
    """Return what a collection lists."""
    return [body for body in loaded.connector.collections[kind].list(client) if isinstance(body, dict)]


def kinds_of(loaded: LoadedConnector, calls: set[str]) -> list[tuple[str, str]]:
    """Return the kinds with their first call that are among some calls."""
    return [
        (kind, collection.calls[0])
        for kind, collection in loaded.connector.collections.items()
        if collection.calls[0] in calls
    ]


def test_every_list_is_read_page_by_page(google: Double, client: Workspace, loaded: LoadedConnector) -> None:
    """The same with one resource a page as with all in one; and each body fits its view, as Google describes it."""
    furnish(google)
    whole = {kind: listed(loaded, kind, client) for kind in loaded.connector.collections}
    google.page_size = 1

    for kind, collection in loaded.connector.collections.items():
        assert listed(loaded, kind, client) == whole[kind], kind
        assert whole[kind], kind
        for body in whole[kind]:
            parts = {part.name: part.read(client, body) for part in loaded.connector.parts.get(kind, [])}
            msgspec.convert(body | parts, collection.kind.view)


def test_a_second_page_that_fails_is_not_the_end_of_a_list(
    google: Double, client: Workspace, loaded: LoadedConnector
) -> None:
    """What came before it is kept, and the list ends with the error."""
    furnish(google)
    google.page_size = 1
    for kind, call in kinds_of(loaded, LISTS):
        google.wrong[call] = lambda request: httpx.Response(400, json={}) if "pageToken" in request.url.params else None

        pages = iter(loaded.connector.collections[kind].list(client))
        assert next(pages), kind
        with pytest.raises(Unexpected):
            list(pages)


def test_a_refusal_names_the_scope_and_what_to_do(google: Double, wire: CountingWire, loaded: LoadedConnector) -> None:
    """A scope that is not authorized fails its own calls only."""
    furnish(google)
    google.scopes = set(READ_ONLY) - {USERS}
    client = connect(settings(), (CUSTOMER,), wire)

    with pytest.raises(Denied) as refused:
        listed(loaded, "googleworkspace.directory.user", client)

    assert USERS in refused.value.mend
    assert listed(loaded, "googleworkspace.directory.group", client)


def test_each_token_is_for_one_scope(google: Double, client: Workspace, loaded: LoadedConnector) -> None:
    """Google refuses a token for all where one of them is not authorized."""
    furnish(google)
    for kind in loaded.connector.collections:
        listed(loaded, kind, client)

    assert {scope for _, scope in CALLS.values()} <= set(google.granted)
    assert [scopes for scopes in google.granted if " " in scopes] == []


def test_an_administrator_who_may_not_read_is_told_so(google: Double, client: Workspace) -> None:
    """Of the settings it takes a super administrator, of anything else a role."""
    furnish(google)
    google.wrong |= {users.LIST: not_an_admin, policies.LIST: not_an_admin}

    with pytest.raises(Denied) as of_users:
        list(users.users(client))
    with pytest.raises(Denied) as of_policies:
        list(policies.policies(client))

    assert "role" in of_users.value.mend
    assert ADMIN in of_users.value.mend
    assert "super administrators only" in of_policies.value.mend


@pytest.mark.parametrize(
    "call",
    [
        "directory.users.list",
        "directory.roles.list",
        "directory.roleAssignments.list",
        "directory.orgunits.list",
        "directory.domains.list",
        "cloudidentity.policies.list",
    ],
)
def test_a_list_that_cannot_be_empty_is_not(
    call: str, google: Double, client: Workspace, loaded: LoadedConnector
) -> None:
    """Every customer has an administrator, a unit, a domain and settings."""
    furnish(google)
    google.answers[call] = []
    kind = kinds_of(loaded, {call})[0][0]

    with pytest.raises(Unexpected):
        listed(loaded, kind, client)


def test_a_list_may_be_empty(google: Double, client: Workspace, loaded: LoadedConnector) -> None:
    """Nobody has to have groups or single sign-on."""
    google.answers.clear()

    for kind in ("directory.group", "identity.sso_profile", "identity.sso_assignment"):
        assert listed(loaded, f"googleworkspace.{kind}", client) == []


def test_pages_of_settings_may_be_blank(google: Double, client: Workspace) -> None:
    """Google sends pages of policies without any, and goes on."""
    furnish(google)
    every = google.answers["cloudidentity.policies.list"]
    pages = iter([{"nextPageToken": "1"}, {"policies": every, "nextPageToken": "2"}, {"nextPageToken": "3"}, {}])
    google.wrong[policies.LIST] = lambda _request: httpx.Response(200, json=next(pages))

    assert list(policies.policies(client)) == every


def test_policies_of_another_customer_are_none(google: Double, wire: CountingWire) -> None:
    """The id in the settings is wrong, or the administrator is somebody else's."""
    furnish(google)

    with pytest.raises(Unexpected, match=CUSTOMER):
        list(policies.policies(connect(settings(customer="C0other"), ("C0other",), wire)))


def test_of_a_user_only_what_is_judged_is_asked_for(google: Double, client: Workspace) -> None:
    """No name, no address, no photo."""
    furnish(google)
    list(users.users(client))

    asked = next(request for request in google.requests if request.url.path.endswith("/users"))
    assert asked.url.params["viewType"] == "admin_view"
    assert "phones" not in asked.url.params["fields"]
    assert "name" not in asked.url.params["fields"]


@pytest.mark.parametrize("status", [2, 5])
def test_a_resolver_without_an_answer_says_nothing(status: int, google: Double, client: Workspace) -> None:
    """SERVFAIL is not "no such name"."""
    google.wrong[LOOKUP] = lambda _request: httpx.Response(200, json={"Status": status, "TC": False})

    with pytest.raises(Unexpected):
        client.lookup("acme.example")


def test_records_of_mail_are_looked_up(google: Double, client: Workspace) -> None:
    """SPF through its redirections, DMARC up to the domain above, and nothing else that the name has."""
    google.dns |= {
        "x.acme.example": ["v=spf1 redirect=_spf.acme.example", "a proof of ownership"],
        "_spf.acme.example": ['"v=spf1 " "-all"'],
        "_dmarc.acme.example": ["v=DMARC1; p=reject"],
    }
    domain = {"domainName": "x.acme.example"}

    assert domains.spf_records(client, domain) == [
        {"name": "x.acme.example", "texts": ["v=spf1 redirect=_spf.acme.example"]},
        {"name": "_spf.acme.example", "texts": ["v=spf1 -all"]},
    ]
    assert domains.dmarc_records(client, domain) == [
        {"name": "_dmarc.x.acme.example", "texts": []},
        {"name": "_dmarc.acme.example", "texts": ["v=DMARC1; p=reject"]},
    ]
    assert domains.dkim_records(client, domain) == [{"name": "google._domainkey.x.acme.example", "texts": []}]


def test_a_redirection_in_circles_ends(google: Double, client: Workspace) -> None:
    """A name is looked up once."""
    google.dns |= {"a.example": ["v=spf1 redirect=b.example"], "b.example": ["v=spf1 redirect=a.example"]}

    found = domains.spf_records(client, {"domainName": "a.example"})

    assert [records["name"] for records in found] == ["a.example", "b.example"]


def test_scopes_of_annexd_are_found_by_asking_for_tokens(google: Double, client: Workspace) -> None:
    """No API lists them. What is no refusal for lack of the scope says nothing."""
    google.scopes = {USERS, WRITING[0]}

    assert client.may_act_by(USERS)
    assert client.may_act_by(WRITING[0])
    assert not client.may_act_by(POLICIES)
    google.wrong[TOKEN] = lambda _request: httpx.Response(400, json={"error": "invalid_grant"})
    with pytest.raises(Denied):
        client.may_act_by(POLICIES)


def test_an_api_that_is_away_is_no_refusal(google: Double, client: Workspace) -> None:
    """It names no permission."""
    google.wrong[users.LIST] = lambda _request: httpx.Response(500, json={})

    with pytest.raises(Unavailable):
        list(users.users(client))


def test_the_identity_is_the_administrator_through_the_account(client: Workspace) -> None:
    """Both are in what is recorded."""
    assert client.identity() == f"{ADMIN} through annexd@acme-tools.iam.gserviceaccount.com"


def test_the_estate_is_json(google: Double) -> None:
    """What a test plays can be sent."""
    furnish(google)

    assert json.loads(json.dumps(google.answers))
