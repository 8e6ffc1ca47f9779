"""Lists and parts on a played organization: pages, every status, who has roles by what way, what is kept of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from collector.core.change_summary import ChangeSummary
from collector.core.errors import ConnectorError, Denied
from collector.core.resources import Body, Kind
from collector.setup.loading import LoadedConnector
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.operations import (
    ACCESS_POLICIES,
    GROUP_ROLES,
    GROUP_USERS,
    GROUPS,
    LOGS,
    ME,
    ROLE_ASSIGNEES,
    SCOPES,
    USER_FACTORS,
    USERS,
)
from connectors.okta.organization.log_events import DEACTIVATED
from connectors.okta.people.administrators import may_have_roles
from tests.connectors.okta.estate import CANARIES, a_group, a_user, an_event, furnish
from tests.connectors.okta.played import PlayedOkta, refused


def listed(loaded: LoadedConnector, client: Okta, kind: str) -> list[Body]:
    """Return what a collection lists."""
    items: Iterator[Any] = loaded.connector.collections[kind].list(client)
    return [item for item in items if isinstance(item, dict)]


def filled(loaded: LoadedConnector, client: Okta, kind: str) -> list[Body]:
    """Return what a collection lists, with its parts."""
    bodies = listed(loaded, client, kind)
    parts = loaded.connector.parts.get(kind, [])
    return [{**body, **{part.name: part.read(client, body) for part in parts}} for body in bodies]


def test_each_kind_is_read_through_its_view(loaded: LoadedConnector, client: Okta) -> None:
    """As Okta describes it."""
    for name, collection in loaded.connector.collections.items():
        bodies = filled(loaded, client, name)
        kind: Kind = collection.kind
        assert bodies, name
        assert len({kind.key_of(body) for body in bodies}) == len(bodies), name
        for body in bodies:
            msgspec.convert(json.loads(json.dumps(body)), kind.view)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_lists_are_read_to_their_end(size: int, loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """In pages of any size: by the header Link, and below /iam by the body."""
    furnish(played, 5)
    played.page = size

    assert [user["id"] for user in listed(loaded, client, "okta.user.user")] == [
        *(f"00u{n}" for n in range(1, 6)),
        *(f"00x{n}" for n in range(1, 6)),
    ]
    assert len(listed(loaded, client, "okta.role.assignment")) == 5 + 5 + 1
    assert len(filled(loaded, client, "okta.policy.sign_on")[0]["rules"]) == 5


def test_users_of_every_status_are_listed(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """Okta leaves those out who are deprovisioned, unless it is asked for them."""
    found = {user["status"] for user in listed(loaded, client, "okta.user.user")}

    assert found == {"ACTIVE", "DEPROVISIONED"}
    assert [query.get("filter") for name, query in played.queries if name == USERS] == [
        None,
        'status eq "DEPROVISIONED"',
    ]


def test_leavers_that_may_not_be_listed_are_no_end_of_the_list(
    loaded: LoadedConnector, client: Okta, played: PlayedOkta
) -> None:
    """Half of the people is not all of them."""
    played.answers[USERS] = lambda query: refused() if "filter" in query else [a_user()]

    with pytest.raises(Denied):
        listed(loaded, client, "okta.user.user")


def test_little_is_kept_of_people(loaded: LoadedConnector, client: Okta) -> None:
    """Login, address and who keeps the password; names, phone numbers, questions and addresses of the log are not."""
    text = json.dumps(
        [filled(loaded, client, kind) for kind in ("okta.user.user", "okta.user.factor", "okta.log.event")]
    )

    for name in ("a first name", "a phone number", "a factor's phone number", "a question", "an address of the log"):
        assert CANARIES[name] not in text, name
    assert "00u1@acme.example" in text
    user = listed(loaded, client, "okta.user.user")[0]
    assert user["profile"].keys() == {"login", "email"}
    assert user["credentials"] == {"provider": {"type": "OKTA", "name": "OKTA"}}


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        ({}, True),
        ({"_embedded": {}}, True),
        ({"_embedded": {"stats": {"usersCount": 3}}}, True),
        ({"_embedded": {"stats": {"hasAdminPrivlege": True}}}, True),
        ({"_embedded": {"stats": {"hasAdminPrivlege": False}}}, False),
        ({"_embedded": {"stats": {"hasAdminPrivilege": False}}}, False),
        ({"_embedded": {"stats": {"hasAdminPrivilege": None}}}, True),
    ],
)
def test_a_group_is_asked_for_its_roles_unless_okta_says_that_it_has_none(
    stats: dict[str, Any], expected: bool
) -> None:
    """The description of the API spells the key in its own way."""
    assert may_have_roles(a_group(**stats)) is expected


def test_administrators_by_user_group_and_app(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """A group without a role is no administrator, and nobody's factors are asked for twice."""
    played.answers[GROUPS] = [
        a_group("00g1", "Everyone", _embedded={"stats": {"hasAdminPrivlege": False}}),
        a_group("00g2", "Team"),
        a_group("00g3", "Admins"),
    ]
    played.answers["GET /api/v1/groups/00g2/roles"] = []
    played.answers["GET /api/v1/groups/00g3/users"] = [a_user("00u2"), a_user("00u7")]

    found = {(item["principal"], item["id"]): item for item in filled(loaded, client, "okta.role.assignment")}
    factors = [item["id"] for item in listed(loaded, client, "okta.user.factor")]

    assert sorted(found) == [("client", "0oaclient"), ("group", "00g3"), ("user", "00u1"), ("user", "00u2")]
    assert found["group", "00g3"]["members"] == ["00u2", "00u7"]
    assert [role["type"] for role in found["group", "00g3"]["roles"]] == ["APP_ADMIN", "READ_ONLY_ADMIN"]
    assert factors == ["00u1", "00u2", "00u7"]
    assert not played.asked[USER_FACTORS]
    assert played.asked[GROUP_ROLES] == 2, "each group is asked once, for both kinds"
    assert played.asked[GROUP_USERS] == 1


@pytest.mark.parametrize("refused_call", [ROLE_ASSIGNEES, GROUPS, GROUP_ROLES, GROUP_USERS])
def test_administrators_are_all_or_not_known(
    refused_call: str, loaded: LoadedConnector, client: Okta, played: PlayedOkta
) -> None:
    """Some of them would make a small number of them look good."""
    played.answers[refused_call] = refused()

    for kind in ("okta.role.assignment", "okta.user.factor"):
        with pytest.raises(ConnectorError):
            listed(loaded, client, kind)


def test_the_log_is_read_between_two_moments(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """Without an end Okta always names a next page."""
    played.answers[LOGS] = lambda query: [an_event(f"e{len(query)}")] if "until" in query else []

    assert len(listed(loaded, client, "okta.log.event")) == 1
    assert len(listed(loaded, client, "okta.log.deactivation")) == 1
    queries = [query for name, query in played.queries if name == LOGS]
    assert {query["sortOrder"] for query in queries} == {"ASCENDING"}
    assert queries[1]["filter"] == f'eventType eq "{DEACTIVATED}"'
    assert all(query["since"] < query["until"] for query in queries)
    assert len({(query["since"], query["until"]) for query in queries}) == 1


def test_policies_that_the_engine_does_not_have(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """Classic Engine has no app sign-in policies: an error is no empty list."""
    played.answers[ACCESS_POLICIES] = refused(400, "E0000001", "Api validation failed: type")

    with pytest.raises(ConnectorError):
        listed(loaded, client, "okta.policy.access")


def test_every_declared_call_has_its_scope(loaded: LoadedConnector) -> None:
    """A call with another scope than it declares would be unknown for the wrong reason."""
    for name, collection in loaded.connector.collections.items():
        parts = [(part.calls, part.permissions) for part in loaded.connector.parts.get(name, [])]
        for calls, permissions in [(collection.calls, collection.permissions), *parts]:
            wanted = {SCOPES[call] for call in calls if call in SCOPES and call != ME}
            granted = {permission for permission in permissions if permission.startswith("okta.")}
            assert wanted == granted, (name, wanted, granted)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ChangeSummary(title="Changed: 00u2@acme.example", author="00u1@acme.example")),
        (
            {"target": None, "actor": {"id": "00u1"}, "outcome": {"result": "FAILURE"}},
            ChangeSummary(title="Changed", author="00u1", notes=("Okta says of it: FAILURE",)),
        ),
        (
            {"target": [{"id": "00p1", "alternateId": None}], "displayMessage": None, "outcome": None},
            ChangeSummary(title="policy.rule.update: 00p1", author="00u1@acme.example"),
        ),
    ],
)
def test_a_sampling_sheet_says_what_was_changed_and_by_whom(
    changed: Body, expected: ChangeSummary, loaded: LoadedConnector
) -> None:
    """Also of an event that Okta tells little of."""
    summary = loaded.connector.collections["okta.log.event"].kind.summary
    assert summary is not None
    assert summary({**an_event("e1", "policy.rule.update"), **changed}) == expected
