"""What a rule of an application asks for, by the weakest way that it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.okta._policy.verification import asked
from tests.connectors.okta.estate import RESISTANT, assurance

_PASSWORD = {"knowledge": {"types": ["password"], "required": True}}
_POSSESSION = {"possession": {"deviceBound": "REQUIRED"}}


def a_step(key: str, **but: Any) -> dict[str, Any]:
    """A method of a chain."""
    return {"key": key, "method": key, **but}


def a_chain(*steps: list[dict[str, Any]]) -> dict[str, Any]:
    """A chain of which each step is one of some methods."""
    first, *rest = steps
    return {"authenticationMethods": first, **({"next": [a_chain(*rest)]} if rest else {})}


def chains(*ways: dict[str, Any]) -> dict[str, Any]:
    """A verification by chains."""
    return {"type": "AUTH_METHOD_CHAIN", "chains": list(ways)}


@pytest.mark.parametrize(
    ("method", "two", "possession", "resistant"),
    [
        (assurance("1FA"), False, False, False),
        (assurance("2FA"), True, True, False),
        (assurance("1FA", _PASSWORD), False, False, False),
        (assurance("1FA", _POSSESSION), False, True, False),
        (assurance("1FA", {"possession": {"phishingResistant": "REQUIRED"}}), False, True, True),
        (assurance("2FA", RESISTANT), True, True, True),
        # One of several is enough: the weakest counts.
        (assurance("1FA", _POSSESSION, _PASSWORD), False, False, False),
        (assurance("2FA", RESISTANT, _PASSWORD), True, True, False),
        (assurance("2FA", RESISTANT, {"possession": {"phishingResistant": "OPTIONAL"}}), True, True, False),
        # Not demanded: by its own word, or because it only leaves something out.
        (assurance("1FA", {"possession": {"required": False, "phishingResistant": "REQUIRED"}}), False, False, False),
        (assurance("1FA", {"possession": {"excludedAuthenticationMethods": [a_step("phone_number")]}}),
         False, False, False),
        (assurance("1FA", {"possession": {"required": True,
                                          "excludedAuthenticationMethods": [a_step("phone_number")]}}),
         False, True, False),
        # Authenticators that cannot be relayed, whatever else is said; FastPass only where it is demanded.
        (assurance("2FA", {"possession": {"authenticationMethods": [a_step("webauthn")]}}), True, True, True),
        (assurance("2FA", {"possession": {"authenticationMethods": [a_step("webauthn"), a_step("okta_verify")]}}),
         True, True, False),
        (assurance("2FA", {"possession": {"authenticationMethods": [a_step("okta_verify", method="signed_nonce")]}}),
         True, True, False),
        # Words that are not known.
        (assurance("3FA"), None, None, False),
        (assurance("3FA", _POSSESSION), None, True, False),
        ({"type": "ID_PROOFING"}, None, None, None),
        ({"type": "SOMETHING_NEW"}, None, None, None),
        (None, None, None, None),
        ({}, None, None, None),
    ],
)  # fmt: skip
def test_assurance(method: Any, two: bool | None, possession: bool | None, resistant: bool | None) -> None:
    """Constraints are alternatives, and what is in one of them is asked for together."""
    found = asked(method)

    assert (found.two_factors, found.possession, found.phishing_resistant) == (two, possession, resistant)


@pytest.mark.parametrize(
    ("method", "two", "possession", "resistant"),
    [
        (chains(a_chain([a_step("okta_password")])), False, False, False),
        (chains(a_chain([a_step("okta_password")], [a_step("okta_verify")])), True, True, False),
        (chains(a_chain([a_step("okta_password")], [a_step("security_question")])), False, False, False),
        (chains(a_chain([a_step("phone_number")], [a_step("okta_email")])), False, True, False),
        (chains(a_chain([a_step("webauthn")])), False, True, True),
        (chains(a_chain([a_step("webauthn", userVerification="REQUIRED")])), True, True, True),
        (chains(a_chain([a_step("okta_verify", userVerification="REQUIRED", phishingResistant="REQUIRED")])),
         True, True, True),
        # The weakest of several methods and chains.
        (chains(a_chain([a_step("okta_password")], [a_step("webauthn"), a_step("phone_number")])), True, True, False),
        (chains(a_chain([a_step("okta_password")], [a_step("okta_verify")]), a_chain([a_step("okta_password")])),
         False, False, False),
        (chains(a_chain([a_step("okta_password"), a_step("webauthn")], [a_step("okta_email")])), False, True, False),
        # An authenticator of which the kind is not documented.
        (chains(a_chain([a_step("external_idp")])), None, None, False),
        (chains(a_chain([a_step("okta_password")], [a_step("external_idp")])), None, None, False),
        (chains(a_chain([a_step("okta_password")], [a_step("external_idp")], [a_step("webauthn")])), True, True, True),
        (chains(), None, None, None),
    ],
)  # fmt: skip
def test_chains(method: Any, two: bool | None, possession: bool | None, resistant: bool | None) -> None:
    """Somebody takes one method of every step of one chain."""
    found = asked(method)

    assert (found.two_factors, found.possession, found.phishing_resistant) == (two, possession, resistant)
