"""What each platform tells of annexd's own rights is read in its own words, and held against what is needed."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.connectors import Connector
from collector.report.state.call_permissions import needs_of
from collector.setup.loading import builtin, connector
from connectors.entra.applications.collector import READERS
from connectors.github.permissions import APP_KEYS

TELL = ("entra", "github", "gitlab", "googleworkspace", "okta")
WORKSPACE = "https://www.googleapis.com/auth/admin.directory.user"
READER = min(READERS)
OWNER = "62e90394-69f5-4237-9190-012177145e10"  # Global Administrator


def loaded(name: str) -> Connector[Any, Any]:
    """A connector."""
    return connector(name).connector


def needed(name: str) -> frozenset[str]:
    """The permissions that everything needs which a connector reads."""
    found = loaded(name)
    return frozenset(one for need in needs_of(found, (), also=found.collections) for one in need.permissions)


def app(**permissions: str) -> dict[str, Any]:
    """What GitHub tells of an app."""
    return {"permissions": permissions, "scopes": None}


def token(*scopes: str) -> dict[str, Any]:
    """What GitHub tells of a classic token."""
    return {"permissions": None, "scopes": list(scopes)}


def granted(*scopes: str, status: str = "ACTIVE") -> dict[str, Any]:
    """What Okta tells of an API service app."""
    return {"sign_in": "api_service_app", "grants": [{"scopeId": scope, "status": status} for scope in scopes]}


def claims(*permissions: str, roles: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a token of Entra says."""
    return {"permissions": list(permissions), "directory_roles": list(roles)}


@pytest.mark.parametrize(
    ("name", "bodies", "beyond"),
    [
        ("github", [app(metadata="read", members="read", contents="read")], set()),
        ("github", [app(metadata="read", contents="write")], {"contents: write"}),
        ("github", [app(issues="read")], {"issues: read"}),
        ("github", [token("repo", "admin:org", "read:org")], set()),
        ("github", [token("repo:status", "security_events")], set()),
        ("github", [token("repo", "delete_repo", "gist")], {"delete_repo", "gist"}),
        ("gitlab", [{"scopes": ["read_api"]}], set()),
        ("gitlab", [{"scopes": ["read_api", "admin_mode"]}], set()),
        ("gitlab", [{"scopes": ["api", "read_repository"]}], {"api", "read_repository"}),
        ("okta", [granted("okta.users.read", "okta.apps.read")], set()),
        ("okta", [granted("okta.users.read", "okta.users.manage")], {"okta.users.manage"}),
        ("okta", [granted("okta.users.manage", status="INACTIVE")], set()),
        ("entra", [claims("Policy.Read.All", "openid", roles=(READER,))], set()),
        ("entra", [claims("Policy.Read.All", "Mail.Read")], {"Mail.Read"}),
        ("entra", [claims(roles=(OWNER,))], {"role Global Administrator"}),
        ("entra", [claims(roles=("f00",))], {"role f00"}),
        ("googleworkspace", [{"scope": f"{WORKSPACE}.readonly", "authorized": True}], set()),
        (
            "googleworkspace",
            [{"scope": WORKSPACE, "authorized": False}, {"scope": f"{WORKSPACE}.readonly", "authorized": True}],
            set(),
        ),
        ("googleworkspace", [{"scope": WORKSPACE, "authorized": True}], {WORKSPACE}),
    ],
)
def test_what_nothing_needs_is_beyond(name: str, bodies: list[dict[str, Any]], beyond: set[str]) -> None:
    """Also where it only reads: what is not needed is not to be granted."""
    own = loaded(name).own_rights
    assert own is not None
    found = own.read(bodies, needed(name))

    assert found.held is not None
    assert found.beyond == beyond
    assert found.beyond <= found.held


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("github", {"permissions": None, "scopes": None}),
        ("github", {"permissions": None, "scopes": []}),
        ("googleworkspace", {"scope": WORKSPACE, "authorized": False}),
        ("okta", {"sign_in": "api_token", "grants": []}),
    ],
)
def test_a_credential_of_which_nothing_is_told_is_not_known(name: str, body: dict[str, Any]) -> None:
    """An empty list of scopes is not a credential that may do nothing."""
    own = loaded(name).own_rights
    assert own is not None
    found = own.read([body], needed(name))

    assert found.held is None
    assert found.why != ""


def test_a_role_that_only_reads_is_held_and_can_be_lost() -> None:
    """Much of what annexd reads of a tenant is read by such a role; that which every application has is none."""
    own = loaded("entra").own_rights
    assert own is not None
    found = own.read([claims(roles=(READER, "0997a1d0-0d1d-4acb-b408-d5ca73121e90"))], frozenset())

    assert found.held == frozenset({f"role {READERS[READER]}"})


def test_these_platforms_tell_and_the_others_are_known_not_to() -> None:
    """docs/alerts.md names those of which a finding alone tells."""
    assert tuple(sorted(name for name in builtin() if loaded(name).own_rights is not None)) == TELL


def test_every_permission_of_an_app_has_its_key() -> None:
    """One without would be called more than is needed."""
    asked = {
        one for one in needed("github") if one.startswith(("Repository ", "Organization ")) and one.endswith("read")
    }

    assert asked <= set(APP_KEYS)
    assert len(set(APP_KEYS.values())) == len(APP_KEYS)
