"""What annexd asks to be granted, and what it finds lacking."""

from __future__ import annotations

import json
import re

import msgspec
import yaml

from collector.setup.loading import LoadedConnector
from connectors.gcp._iam.powers import (
    ACTS_AS,
    DECRYPTS,
    MANAGES_ACCOUNTS,
    MANAGES_KEYS,
    READ_ENTRIES,
    WRITING,
    takes_more,
)
from connectors.gcp._sdk.client import connect
from connectors.gcp.permissions import document
from connectors.gcp.resourcemanager.probe import lacking, mend
from tests.connectors.aws.wires import CountingWire
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import PlayedGoogle

# What cloud providers call reading, by the last word of a permission; query and search read, too.
_READING = {"get", "list", "getIamPolicy", "query", "searchAllResources", "getEffectiveFirewalls"}


def needed(loaded: LoadedConnector) -> dict[str, list[str]]:
    """Return every declared permission with its kinds."""
    found: dict[str, list[str]] = {}
    for kind, collection in loaded.connector.collections.items():
        parts = loaded.connector.parts.get(kind, [])
        for permission in {*collection.permissions, *(each for part in parts for each in part.permissions)}:
            found.setdefault(permission, []).append(kind)
    return found


def test_no_right_to_write_or_to_read_content_is_asked_for(loaded: LoadedConnector) -> None:
    """And none of those that annexd looks for in its own hands."""
    asked = set(needed(loaded))

    assert {permission.rpartition(".")[2] for permission in asked} <= _READING
    assert asked & set(WRITING) == {READ_ENTRIES}  # of the populations alone, which are off until somebody wants them
    assert not any(takes_more(permission) for permission in asked)


def test_the_role_has_every_permission(loaded: LoadedConnector) -> None:
    """As YAML that gcloud reads, each with what it is for."""
    text = document(needed(loaded))
    role = yaml.safe_load(text)

    assert role["includedPermissions"] == sorted(needed(loaded))
    assert role["stage"] == "GA"
    kinds = "gcp.resourcemanager.container, gcp.resourcemanager.project"
    assert f"# {kinds} (organization only)\n- resourcemanager.folders.list\n" in text
    assert "does read log entries" in text
    assert "does read log entries" not in document({"storage.buckets.list": ["gcp.storage.bucket"]})


def test_what_is_lacking_is_said_by_google(loaded: LoadedConnector) -> None:
    """For what a project can say; the rest is the organization's."""
    google = PlayedGoogle()
    estate.seed(google)
    google.answers["cloudresourcemanager.projects.testIamPermissions"] = lambda params: {
        "permissions": [each for each in json.loads(params["body"])["permissions"] if not each.startswith("compute.")]
    }
    asked = sorted(needed(loaded))

    with google.answering():
        found = list(lacking(connect(estate.settings(), ("acme-prod",), CountingWire()), asked))

    assert {each.permission for each in found} == {each for each in asked if each.startswith("compute.")}
    tests = [json.loads(request.content) for request in google.requests if ":testIam" in request.url.path]
    assert max(len(test["permissions"]) for test in tests) <= 100


def test_what_mends_it_is_a_command() -> None:
    """For the organization or for the project, and for the account that is impersonated."""
    account = "annexd@acme-audit.iam.gserviceaccount.com"
    of_all = estate.settings(impersonate=account)
    alone = msgspec.structs.replace(of_all, organization=None)

    assert mend(of_all, ["acme-prod"], ["a.b.get"]).endswith("--organization=1 --add-permissions=a.b.get")
    assert f"--member=serviceAccount:{account}" in mend(of_all, ["acme-prod"], [])
    assert "--project=acme-prod --add-permissions=a.b.get,c.d.get" in mend(alone, ["acme-prod"], ["a.b.get", "c.d.get"])
    assert "gcloud projects add-iam-policy-binding PROJECT" in mend(alone, ["a", "b"], [])


def test_permissions_are_written_as_google_writes_them() -> None:
    """One that is misspelt is never found, and what it would show passes."""
    known = {*WRITING, *ACTS_AS, *MANAGES_ACCOUNTS, *MANAGES_KEYS, *DECRYPTS}

    assert [each for each in known if re.fullmatch(r"[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+", each) is None] == []
    assert takes_more("iam.serviceAccounts.actAs")
    assert takes_more("storage.buckets.setIamPolicy")
    assert not takes_more("storage.buckets.getIamPolicy")
