"""Populations: changes of access and new keys, out of the log of admin activity."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from collector.core.errors import Unexpected
from collector.core.wire import Call
from connectors.gcp._iam.powers import READ_ENTRIES
from connectors.gcp._log_filters.matching import takes
from connectors.gcp._sdk.client import GoogleCloud, connect
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.settings import LOG_ENTRIES, Settings, quota
from connectors.gcp.iam.resources import held
from connectors.gcp.logging import changes
from tests.connectors.aws.wires import CountingWire
from tests.connectors.gcp import bodies, estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.connectors.github.judging import bodies as listed


@pytest.fixture
def google() -> Iterator[PlayedGoogle]:
    """Return the organization."""
    played = PlayedGoogle()
    estate.seed(played)
    with played.answering():
        yield played


def client(*scope: str, **but: Any) -> GoogleCloud:
    """Return a client of a scope."""
    return connect(estate.settings(**but), scope, CountingWire())


def sent(google: PlayedGoogle) -> list[dict[str, Any]]:
    """Return the bodies of the requests for entries."""
    return [json.loads(each.content) for each in google.requests if each.url.path == "/v2/entries:list"]


def test_an_entry_is_kept_without_requests_and_addresses(google: PlayedGoogle) -> None:
    """Who did what to what, and how a policy changed by it."""
    google.page_size = 1
    found = list(listed(changes.access_changes(client("acme-prod"))))

    assert [each["insertId"] for each in found] == ["e0", "e1"]
    assert [body.get("pageToken") for body in sent(google)] == [None, "1"]
    assert found[0]["protoPayload"] == {
        "serviceName": "cloudresourcemanager.googleapis.com",
        "methodName": "SetIamPolicy",
        "resourceName": "projects/acme-prod",
        "authenticationInfo": {"principalEmail": "ada@acme.example"},
        "serviceData": {
            "policyDelta": {
                "bindingDeltas": [{"action": "ADD", "role": "roles/owner", "member": "user:bo@acme.example"}]
            }
        },
    }
    assert changes.change_summary(found[0]).title == "SetIamPolicy on projects/acme-prod"
    assert changes.change_summary(found[0]).author == "ada@acme.example"


def test_what_google_refused_is_said() -> None:
    """An attempt is in the log as well as what was done."""
    entry = bodies.log_entry(status={"code": 7, "message": "denied"})

    assert changes.change_summary(entry).notes == ("Google refused it: code 7",)


def test_the_window_is_of_the_settings(google: PlayedGoogle) -> None:
    """Counted from Google's own time; the organization has a log of its own."""
    dated = {"date": "Sun, 01 Mar 2026 06:00:00 GMT"}
    google.wrong["cloudresourcemanager.organizations.get"] = lambda _, own: httpx.Response(
        200, json=own.json(), headers=dated
    )
    source = client(changes_window=timedelta(days=7))

    found = list(listed(changes.inherited_access_changes(source)))

    (body,) = sent(google)
    assert [each["insertId"] for each in found] == ["e0", "e1"]
    assert body["resourceNames"] == ["organizations/1"]
    assert 'timestamp>="2026-02-22T06:00:00Z" AND timestamp<"2026-03-01T06:00:00Z"' in body["filter"]


def test_an_answer_without_a_date_begins_no_window(google: PlayedGoogle) -> None:
    """A window that is guessed leaves out what it does not reach."""
    google.wrong["cloudresourcemanager.projects.get"] = lambda _, own: httpx.Response(200, json=own.json())

    with pytest.raises(Unexpected, match="date"):
        list(changes.key_creations(client("acme-prod")))


def test_a_log_that_is_longer_than_the_budget_is_half_a_list(
    google: PlayedGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read counts, and it is said that there is more; likewise where pages go round in circles."""
    monkeypatch.setattr(changes, "MOST_PAGES", 1)
    google.page_size = 1
    found: list[Any] = []

    with pytest.raises(Unexpected, match="cut after 1 pages"):
        found.extend(listed(changes.access_changes(client("acme-prod"))))
    assert len(found) == 1

    monkeypatch.setattr(changes, "MOST_PAGES", 9)
    google.answers["logging.entries.list"] = {"nextPageToken": "again"}
    with pytest.raises(Unexpected, match="twice"):
        list(changes.access_changes(client("acme-prod")))


@pytest.mark.parametrize(
    ("service", "method", "of_access", "of_keys"),
    [
        ("cloudresourcemanager", "SetIamPolicy", True, False),
        ("storage", "storage.setIamPermissions", True, False),
        ("run", "google.cloud.run.v1.Services.SetIamPolicy", True, False),
        ("iam", "google.iam.admin.v1.CreateServiceAccountKey", True, True),
        ("iam", "google.iam.admin.v1.UploadServiceAccountKey", True, True),
        ("iam", "google.iam.admin.v1.DeleteServiceAccountKey", True, False),
        ("iam", "google.iam.admin.v1.UpdateRole", True, False),
        ("orgpolicy", "google.cloud.orgpolicy.v2.OrgPolicy.UpdatePolicy", True, False),
        ("compute", "v1.compute.instances.insert", False, False),
    ],
)
def test_what_is_asked_for(service: str, method: str, of_access: bool, of_keys: bool) -> None:
    """By annexd's own reading of the filters that it sends."""
    entry = {"protopayload.servicename": (f"{service}.googleapis.com",), "protopayload.methodname": (method,)}

    assert takes(changes.OF_ACCESS, entry) is of_access
    assert takes(changes.OF_KEYS, entry) is of_keys


def test_nothing_of_a_log_is_read_by_default() -> None:
    """Neither in a project nor in the organization; and each population by itself."""
    wanted = {
        kind: [changes_of for changes_of in ((), ("access",), ("keys",)) if _is_on(kind, changes=changes_of)]
        for kind in ("gcp.logging.access_change", "gcp.logging.inherited_access_change", "gcp.logging.key_creation")
    }

    assert wanted == {
        "gcp.logging.access_change": [("access",)],
        "gcp.logging.inherited_access_change": [("access",)],
        "gcp.logging.key_creation": [("keys",)],
    }
    assert Settings(organization="1").changes == ()


def _is_on(kind: str, **but: Any) -> bool:
    when = gcp.collections[kind].when
    assert when is not None
    return bool(when(estate.settings(**but)))


def test_the_right_to_read_entries_is_one_too_many_where_nobody_wants_them(google: PlayedGoogle) -> None:
    """It reads every log of the project; with the populations it is what the company has chosen."""
    google.answers["cloudresourcemanager.projects.testIamPermissions"] = lambda params: {
        "permissions": json.loads(params["body"])["permissions"]
    }

    assert READ_ENTRIES in held(client("acme-prod", changes=()), {})
    assert READ_ENTRIES not in held(client("acme-prod", changes=("keys",)), {})


def test_entries_have_a_quota_of_their_own() -> None:
    """Sixty reads a minute, of which lists of sinks take nothing."""
    settings = estate.settings(changes=("keys",), quota_share=0.25)

    assert quota(settings, ("acme-prod",), Call(LOG_ENTRIES)).per_second == 0.25
    assert quota(settings, ("acme-prod",), Call("logging.projects.sinks.list")).per_second is None


@pytest.mark.parametrize("window", [timedelta(0), timedelta(days=401)])
def test_a_window_that_google_does_not_keep_is_refused(window: timedelta) -> None:
    """Before anybody is asked."""
    with pytest.raises(ValueError, match="changes_window"):
        Settings(organization="1", changes_window=window)
