"""The forms in which Google Cloud takes the access: what they hold, and that their own languages can be read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.core.roll_out import RollOut
from collector.setup.loading import LoadedConnector
from connectors.gcp._sdk.roll_out import APIS, forms, is_of_organization
from connectors.gcp._sdk.settings import Settings
from tests.connectors.gcp.played import operations
from tests.connectors.gcp.test_permissions import needed

PUBLISHED = {
    line
    for line in Path(__file__).with_name("published_permissions.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
}
ACCOUNT = "annexd@acme-audit.iam.gserviceaccount.com"
OF_ALL = Settings(organization="123456789012", impersonate=ACCOUNT)


def made(loaded: LoadedConnector, settings: Settings | None, *, organization: bool) -> Any:
    """Return the forms with every permission of the connector."""
    wanted = sorted(permission for permission in needed(loaded) if permission)
    return forms(
        RollOut(
            settings=settings, everywhere=tuple(wanted[::2]), at_source=tuple(wanted[1::2]), organization=organization
        )
    )


def blocks(terraform: str) -> dict[str, str]:
    """Return the blocks of a Terraform file by their heads. Raises AssertionError where something is left over."""
    found = re.findall(r'^(resource "\w+" "\w+") \{\n(.*?)^\}\n', terraform, re.MULTILINE | re.DOTALL)
    assert re.sub(r'^resource "\w+" "\w+" \{\n.*?^\}\n', "", terraform, flags=re.MULTILINE | re.DOTALL).strip() == ""
    return dict(found)


def listed(block: str, name: str) -> list[str]:
    """Return a list of texts out of a block."""
    text = re.search(rf"^  {name} = (?:toset\()?\[\n(.*?),?\n  \]", block, re.MULTILINE | re.DOTALL)
    assert text is not None
    found: list[str] = json.loads(f"[{text[1].rstrip(',')}]")
    return found


@pytest.mark.parametrize("organization", [True, False])
def test_each_form_has_the_same_permissions(loaded: LoadedConnector, organization: bool) -> None:
    """All of them for an organization; for a project those that Google takes there."""
    of = made(loaded, OF_ALL, organization=organization)
    wanted = [each for each in sorted(needed(loaded)) if each and (organization or not is_of_organization(each))]
    script = re.search(r"<<'ROLE'\n(.*?)^ROLE$", of["commands"], re.MULTILINE | re.DOTALL)
    kind = "organization" if organization else "project"

    assert yaml.safe_load(of["role"])["includedPermissions"] == wanted
    assert script is not None
    assert script[1] == of["role"]
    assert (
        listed(blocks(of["terraform"])[f'resource "google_{kind}_iam_custom_role" "annexd"'], "permissions") == wanted
    )
    assert organization is any(is_of_organization(each) for each in wanted)


@pytest.mark.parametrize("organization", [True, False])
def test_a_shell_can_read_the_script(loaded: LoadedConnector, organization: bool) -> None:
    """Nothing is run."""
    shell = shutil.which("sh")
    assert shell is not None
    script = made(loaded, OF_ALL, organization=organization)["commands"]

    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_every_permission_is_one_that_google_publishes(loaded: LoadedConnector) -> None:
    """One that does not exist makes gcloud refuse the whole role."""
    assert {each for each in needed(loaded) if each} <= PUBLISHED


def test_every_api_that_is_asked_is_turned_on(loaded: LoadedConnector) -> None:
    """One that is off where calls are charged answers nothing for any project."""
    assert loaded.connector.collections
    asked = {operation.api for operation in operations().values()}
    named = {"sqladmin" if api == "sql" else api for api in asked}

    assert {f"{api}.googleapis.com" for api in named} <= set(APIS)


def test_the_settings_say_where_and_for_whom(loaded: LoadedConnector) -> None:
    """In all forms; calls are charged to the account's own project where no other is named."""
    of = made(loaded, OF_ALL, organization=True)
    found = blocks(of["terraform"])

    assert "gcloud organizations add-iam-policy-binding 123456789012" in of["commands"]
    assert "--role=organizations/123456789012/roles/annexd" in of["commands"]
    assert f"--member=serviceAccount:{ACCOUNT} --condition=None" in of["commands"]
    assert "add-iam-policy-binding acme-audit --role=roles/serviceusage.serviceUsageConsumer" in of["commands"]
    assert 'org_id = "123456789012"' in found['resource "google_organization_iam_member" "annexd"']
    assert f'member = "serviceAccount:{ACCOUNT}"' in found['resource "google_organization_iam_member" "annexd"']
    assert listed(found['resource "google_project_service" "annexd"'], "for_each") == list(APIS)
    charged = made(
        loaded, Settings(organization="1", impersonate=ACCOUNT, quota_project="acme-pays"), organization=True
    )
    assert 'project = "acme-pays"' in charged["terraform"]
    assert "--project=acme-audit" in charged["commands"]


def test_for_one_project(loaded: LoadedConnector) -> None:
    """The role is the project's own."""
    of = made(loaded, Settings(projects=("acme-prod",), impersonate=ACCOUNT), organization=False)

    assert "gcloud projects add-iam-policy-binding acme-prod --role=projects/acme-prod/roles/annexd" in of["commands"]
    assert 'project = "acme-prod"' in blocks(of["terraform"])['resource "google_project_iam_member" "annexd"']


def test_without_a_source_words_in_capitals_stand_for_what_is_not_known(loaded: LoadedConnector) -> None:
    """And an account of a project that belongs to a domain lies in that project."""
    assert "binding ORGANIZATION " in made(loaded, None, organization=True)["commands"]
    assert "annexd@PROJECT.iam.gserviceaccount.com" in made(loaded, None, organization=False)["terraform"]
    domain = Settings(organization="1", impersonate="annexd@audit.acme.example.iam.gserviceaccount.com")
    assert "--project=acme.example:audit" in made(loaded, domain, organization=True)["commands"]
