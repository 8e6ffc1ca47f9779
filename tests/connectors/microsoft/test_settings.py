"""Settings for signing in: exactly one way, and what belongs to it."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.secrets import Secret
from connectors._microsoft import SignInSettings

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
A_SECRET = Secret("env TEST", lambda: "a secret")


@pytest.mark.parametrize(
    "ways",
    [
        {"client_id": CLIENT, "client_secret": A_SECRET},
        {"client_id": CLIENT, "certificate": A_SECRET, "certificate_password": A_SECRET},
        {"client_id": CLIENT, "federated_token": A_SECRET, "tenant": "acme.onmicrosoft.com"},
        {"managed_identity": True},
        {"managed_identity": True, "client_id": CLIENT},
        {"azure_cli": True},
        {"azure_cli": True, "tenant": "acme.example"},
        {"access_token": A_SECRET},
    ],
)
def test_each_way_to_sign_in(ways: dict[str, Any]) -> None:
    """All that a way needs, and nothing else, is taken."""
    SignInSettings(**{"tenant": TENANT, **ways})


@pytest.mark.parametrize(
    ("ways", "why"),
    [
        ({}, "exactly one"),
        ({"client_id": CLIENT}, "exactly one"),
        ({"client_id": CLIENT, "client_secret": A_SECRET, "azure_cli": True}, "exactly one"),
        ({"client_id": CLIENT, "client_secret": A_SECRET, "certificate": A_SECRET}, "exactly one"),
        ({"client_secret": A_SECRET}, "client_id is missing"),
        ({"client_id": "annexd", "client_secret": A_SECRET}, "is no id"),
        ({"azure_cli": True, "client_id": CLIENT}, "client_id belongs"),
        ({"access_token": A_SECRET, "client_id": CLIENT}, "client_id belongs"),
        ({"azure_cli": True, "certificate_password": A_SECRET}, "belongs to certificate"),
        ({"azure_cli": True, "tenant": "acme"}, "neither the id"),
        ({"azure_cli": True, "tenant": "https://acme.example"}, "neither the id"),
        ({"azure_cli": True, "tenant": f"{TENANT}/x"}, "neither the id"),
        ({"managed_identity": True, "tenant": "acme.example"}, "write its id"),
        ({"access_token": A_SECRET, "tenant": "acme.example"}, "write its id"),
    ],
)
def test_what_does_not_belong_together(ways: dict[str, Any], why: str) -> None:
    """A setting that would not be used is a mistake that someone relies on."""
    with pytest.raises(ValueError, match=why):
        SignInSettings(**{"tenant": TENANT, **ways})


def test_the_name_of_who_signs_in_has_no_secret() -> None:
    """It names the owner of a quota, and is printed."""
    by_secret = SignInSettings(tenant=TENANT, client_id=CLIENT, client_secret=A_SECRET)
    by_token = SignInSettings(tenant=TENANT, access_token=A_SECRET)
    of_the_machine = SignInSettings(tenant=TENANT, managed_identity=True)
    by_cli = SignInSettings(tenant=TENANT, azure_cli=True)

    names = [source.identity for source in (by_secret, by_token, of_the_machine, by_cli)]
    assert len(set(names)) == len(names)
    assert all(TENANT in name and "a secret" not in name for name in names)
    assert CLIENT in names[0]
