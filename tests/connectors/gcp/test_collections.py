"""Lists as Google gives them: whole, in part, refused, off, and of containers that nest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from collector.core.errors import Denied, NotThere, NotUsed, Unavailable, Unexpected
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.gcp._sdk.client import GoogleCloud, connect
from connectors.gcp._sdk.settings import Settings, quota, roots
from connectors.gcp._sdk.unused import off
from connectors.gcp.apikeys.keys import api_keys
from connectors.gcp.bigquery.datasets import datasets
from connectors.gcp.compute.instances import instances
from connectors.gcp.iam.resources import project_policy
from connectors.gcp.resourcemanager.resources import all_containers, all_projects
from connectors.gcp.sql.instances import sql_instances
from tests.connectors.aws.wires import CountingWire
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.connectors.github.judging import bodies
from tests.connectors.google.refusals import by_error_info


@pytest.fixture
def google() -> Iterator[PlayedGoogle]:
    """Return the organization."""
    played = PlayedGoogle()
    estate.seed(played)
    with played.answering():
        yield played


def client(*scope: str, facts: dict[str, Any] | None = None) -> GoogleCloud:
    """Return a client of a scope."""
    return connect(estate.settings(), scope, CountingWire(scope_facts=facts or {}))


PROD = {"number": "111"}


@pytest.mark.usefixtures("google")
def test_folders_are_walked_with_their_path() -> None:
    """From the organization down; the one that the settings name besides is a root of its own."""
    found = {each["name"]: each["path"] for each in bodies(all_containers(client()))}

    assert found["organizations/1"] == ["organizations/1"]
    assert found["folders/10"] == ["organizations/1", "folders/10"]
    assert found["folders/99"] == ["folders/99"]


@pytest.mark.usefixtures("google")
def test_projects_that_are_being_deleted_are_recorded() -> None:
    """And one that the settings name is read by its name."""
    found = {each["projectId"]: (each["state"], each["path"]) for each in bodies(all_projects(client()))}

    assert found == {
        "acme-prod": ("ACTIVE", ["organizations/1", "folders/10"]),
        "acme-gone": ("DELETE_REQUESTED", ["organizations/1", "folders/10"]),
        "acme-dev": ("ACTIVE", []),
    }


def test_a_folder_that_is_refused_hides_no_other(google: PlayedGoogle) -> None:
    """What can be read is listed, and then it is said that there is more."""
    google.wrong["cloudresourcemanager.folders.list"] = lambda request, own: (
        by_error_info(403, "IAM_PERMISSION_DENIED") if "folders%2F10" in str(request.url) else own
    )
    found: list[str] = []

    with pytest.raises(Denied, match="folders/10"):
        found.extend(each["name"] for each in bodies(all_containers(client())))

    assert found == ["organizations/1", "folders/99", "folders/10", "folders/11"]


def disabled(consumer: str) -> Any:
    """Return the refusal of an API that is off in a project."""
    return lambda _request, _own: by_error_info(403, "SERVICE_DISABLED", consumer=consumer, service="x.googleapis.com")


@pytest.mark.parametrize(
    ("consumer", "error"), [("projects/111", NotUsed), ("projects/acme-prod", NotUsed), ("projects/9", NotThere)]
)
def test_an_api_is_off_here_or_where_calls_are_charged(
    google: PlayedGoogle, consumer: str, error: type[Exception]
) -> None:
    """Only the first says that there is nothing."""
    google.wrong["sql.instances.list"] = disabled(consumer)

    with pytest.raises(error) as found:
        list(sql_instances(client("acme-prod", facts=PROD)))
    assert type(found.value) is error


def test_what_exists_without_its_api_is_not_unused(google: PlayedGoogle) -> None:
    """Keys work whether the API that lists them is on or not."""
    google.wrong["apikeys.projects.locations.keys.list"] = disabled("projects/111")

    with pytest.raises(NotThere) as found:
        list(api_keys(client("acme-prod", facts=PROD)))
    assert type(found.value) is NotThere


def test_a_zone_that_is_away_makes_half_a_list(google: PlayedGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the others hold is listed."""
    page = google.page

    def partly(*args: Any) -> Any:
        body = page(*args)
        body["unreachables"] = ["zones/europe-west3-b"]
        return body

    monkeypatch.setattr(google, "page", partly)
    found: list[str] = []

    with pytest.raises(Unavailable, match="europe-west3-b"):
        found.extend(each["name"] for each in bodies(instances(client("acme-prod"))))
    assert "web-1" in found


def test_datasets_that_one_may_not_see_are_not_left_out_in_silence(google: PlayedGoogle) -> None:
    """Google lists the others only, with the status of a success."""
    google.answers["cloudresourcemanager.projects.testIamPermissions"] = {
        "permissions": ["resourcemanager.projects.get"]
    }

    with pytest.raises(Denied, match="does not say so"):
        list(datasets(client("acme-prod")))


def test_an_answer_to_something_else_is_no_policy(google: PlayedGoogle) -> None:
    """It would grant nothing, and pass."""
    google.answers["cloudresourcemanager.projects.getIamPolicy"] = {"version": 1}

    with pytest.raises(Unexpected, match="etag"):
        list(project_policy(client("acme-prod")))


@pytest.mark.parametrize(
    "but",
    [
        {},
        {"organization": "acme"},
        {"organization": "organizations/1"},
        {"folders": ("platform",)},
        {"projects": ("Acme",)},
        {"projects": ("x",)},
        {"organization": "1", "impersonate": "annexd"},
        {"organization": "1", "delegates": ("ada@acme.example",)},
        {"organization": "1", "quota_share": 0},
        {"organization": "1", "quota_share": 1.1},
    ],
)
def test_settings_that_cannot_be_right_are_refused(but: dict[str, Any]) -> None:
    """Before anybody is asked."""
    with pytest.raises(ValueError, match=r"."):
        Settings(**but)


def test_what_settings_name_is_known_without_asking() -> None:
    """The source, and projects by their id; patterns leave out."""
    settings = Settings(projects=("acme-prod", "example.com:acme-old"), exclude=("sys-*",))

    assert roots(settings) == [(), ("acme-prod",), ("example.com:acme-old",)]
    assert settings.wants({"projectId": "acme-prod", "state": "ACTIVE"})
    assert not settings.wants({"projectId": "acme-prod", "state": "DELETE_REQUESTED"})
    assert not settings.wants({"projectId": "sys-123", "state": "ACTIVE"})


def test_compute_engine_charges_the_project_that_is_asked_about() -> None:
    """The other APIs charge the credential's, so that all projects share one quota of each."""
    settings = Settings(organization="1", credentials=Secret("a file", str), quota_share=0.25)
    buckets = {
        scope: [
            quota(settings, (scope,), Call("compute.instances.aggregatedList")),
            quota(settings, (scope,), Call("orgpolicy.projects.policies.getEffectivePolicy")),
            quota(settings, (scope,), Call("POST oauth2.googleapis.com/token", aside=True)),
        ]
        for scope in ("acme-prod", "acme-dev")
    }

    assert [bucket.owner for bucket in buckets["acme-prod"]] == ["acme-prod", "a file", "a file"]
    assert [bucket.owner for bucket in buckets["acme-dev"]] == ["acme-dev", "a file", "a file"]
    assert [bucket.name for bucket in buckets["acme-dev"]] == ["compute", "orgpolicy", "tokens"]
    assert {bucket.share for bucket in buckets["acme-dev"]} == {0.25}
    assert [bucket.per_second for bucket in buckets["acme-dev"]] == [None, 2.5, None]  # a quarter of ten
    charged = msgspec.structs.replace(settings, quota_project="acme-audit")
    assert quota(charged, ("acme-prod",), Call("iam.roles.list")).owner == "acme-audit"


def test_an_api_is_off_by_the_projects_own_list() -> None:
    """Without the list nothing is said."""
    reason = off("run.googleapis.com")

    assert reason({"services": ["compute.googleapis.com"]}) == "run.googleapis.com is not enabled in this project"
    assert reason({"services": ["run.googleapis.com"]}) is None
    assert reason({"number": "111"}) is None
