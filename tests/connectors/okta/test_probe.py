"""What annexd asks Okta of its own permissions, and what it says to whoever grants them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from collector.core.connectors import Lacking
from collector.core.errors import Unexpected
from collector.setup.loading import LoadedConnector
from connectors.okta._sdk.client import Okta, connect
from connectors.okta._sdk.operations import APP_GRANTS, CLIENT_ROLES, ROLE_PERMISSIONS
from connectors.okta.permissions import ROLE_VIEWER, document
from tests.connectors.aws.wires import CountingWire
from tests.connectors.okta.estate import a_grant, a_role
from tests.connectors.okta.played import PlayedOkta, refused, settings, token_settings

WANTED = ("okta.apps.read", "okta.roles.read", "okta.users.read", ROLE_VIEWER)
VIEWER = a_role("CUSTOM", role="cr0")


def asked(loaded: LoadedConnector, client: Okta) -> dict[str, Lacking]:
    """Return what is lacking of what is wanted."""
    assert loaded.connector.probe is not None
    return {found.permission: found for found in loaded.connector.probe.lacking(client, WANTED)}


@pytest.mark.parametrize(
    ("grants", "roles", "expected"),
    [
        (("okta.apps.read", "okta.roles.read", "okta.users.read"), [VIEWER], {}),
        (("okta.apps.read", "okta.roles.read"), [VIEWER], {"okta.users.read": True}),
        (("okta.apps.read", "okta.roles.read", "okta.users.read"), [a_role()], {}),
        (("okta.apps.read", "okta.roles.read", "okta.users.read"), [a_role("READ_ONLY_ADMIN")], {ROLE_VIEWER: False}),
        (("okta.apps.read", "okta.roles.read", "okta.users.read"), refused(), {ROLE_VIEWER: True}),
        # Without the scope nothing is said of the role: the scope is first.
        (("okta.apps.read", "okta.users.read"), [VIEWER], {"okta.roles.read": True}),
        ((), [VIEWER], {"okta.apps.read": True, "okta.roles.read": True, "okta.users.read": True}),
    ],
)
def test_what_is_lacking(
    grants: tuple[str, ...],
    roles: Any,
    expected: dict[str, bool],
    loaded: LoadedConnector,
    client: Okta,
    played: PlayedOkta,
) -> None:
    """By the app's own grants and roles, without reading anything with them."""
    played.answers[APP_GRANTS] = [a_grant(scope) for scope in grants]
    played.answers[CLIENT_ROLES] = roles

    assert {name: found.certain for name, found in asked(loaded, client).items()} == expected
    assert set(played.asked) <= {APP_GRANTS, CLIENT_ROLES, ROLE_PERMISSIONS, "POST /oauth2/v1/token"}


def test_a_scope_that_was_taken_back_is_lacking(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """Okta keeps the grant, with another status."""
    played.answers[APP_GRANTS] = [{**a_grant("okta.users.read"), "status": "REVOKED"}]

    assert "okta.users.read" in asked(loaded, client)


def test_an_api_token_cannot_be_asked(loaded: LoadedConnector, played: PlayedOkta) -> None:
    """That nothing is lacking would be a guess."""
    with closing(connect(token_settings(), ("acme.okta.com",), CountingWire())) as client, pytest.raises(Unexpected):
        asked(loaded, client)

    assert not played.asked


def test_what_would_mend_it_names_scopes_role_and_app(loaded: LoadedConnector) -> None:
    """For whoever sits before the Admin Console."""
    probe = loaded.connector.probe
    assert probe is not None
    text = probe.mend(settings(), ("acme.okta.com",), ("okta.users.read", ROLE_VIEWER))

    assert {word in text for word in ("0oaclient", "okta.users.read", "okta.iam.read")} == {True}
    assert "okta." not in probe.mend(settings(), ("acme",), ())


def test_the_permissions_to_grant_are_written_with_their_role(loaded: LoadedConnector) -> None:
    """Every scope that is declared, each once, and no other right."""
    declared: dict[str, set[str]] = {}
    for kind, collection in loaded.connector.collections.items():
        parts = [permission for part in loaded.connector.parts.get(kind, []) for permission in part.permissions]
        for permission in (*collection.permissions, *parts):
            declared.setdefault(permission, set()).add(kind)
    text = document(declared)
    scopes = [line.strip() for line in text.splitlines() if line.startswith("  okta.")]

    assert scopes == sorted(name for name in declared if name.startswith("okta."))
    assert len(scopes) == len(set(scopes))
    assert not [scope for scope in scopes if not scope.endswith(".read")]
    assert "Read-only Administrator" in text
    assert "okta.iam.read" in text
